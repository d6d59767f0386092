//! What a person asks of the store and does to it.

use super::place::{Folder, Place};
use super::{edition, letter, name, now, on_each_store, recipients};
use jiff::{SignedDuration, Timestamp, ToSpan};
use kpid::outbox::{
    Artifact, Claim, Cursor, Delivery, DeliveryState, Kind, Planned, Recipient, RunState, Skipped, Trouble,
};
use kpid::store::{
    DeliveryFilter, EventFilter, Keep, ListedDelivery, ListedRun, Resend, Role, RunFilter, Settled, Store, StoreError,
};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const ANA: &str = "ana@example.com";
const TOM: &str = "tom@example.com";

/// A run of `report` with a mail to each, and its id.
async fn rendered(store: &Store, report: &str, emails: &[&str]) -> String {
    let id = store.order(&name(report), &format!("{report} {}", now()), now()).await.unwrap();
    let (run, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
    assert_eq!(run.id, id);
    assert!(store.finish_run(&claim, &edition(emails), now()).await.unwrap());
    id
}

async fn claimed(store: &Store, email: &str) -> (Delivery, Claim) {
    let all = store.claim_deliveries("n", 50, now()).await.unwrap();
    let (found, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(mail, _)| mail.recipient.email == email);
    for (_, claim) in others {
        let again = Settled::Again { at: now(), charged: false, class: Trouble::Relay, reply: String::new() };
        assert!(store.settle(&claim, &again, now()).await.unwrap());
    }
    found.into_iter().next().unwrap()
}

/// Ends the mail to `email` so.
async fn settled(store: &Store, email: &str, result: Settled) -> Delivery {
    let (mail, claim) = claimed(store, email).await;
    assert!(store.settle(&claim, &result, now()).await.unwrap());
    mail
}

fn sent() -> Settled {
    Settled::Sent { reply: "250 taken".to_owned() }
}

fn bounced(email: &str) -> Settled {
    let reply = format!("550 5.1.1 <{}>: no such user", email.to_uppercase());
    Settled::Final { state: DeliveryState::Bounced, class: Trouble::Never, reply }
}

fn held() -> Settled {
    Settled::Final { state: DeliveryState::Held, class: Trouble::Unknown, reply: "connection lost".to_owned() }
}

fn tomorrow() -> Timestamp {
    now() + 24.hours()
}

async fn run(store: &Store, id: &str) -> ListedRun {
    let filter = RunFilter { id: Some(id), ..RunFilter::default() };
    store.runs(&filter, now()).await.unwrap().pop().unwrap()
}

async fn mails_of(store: &Store, run: &str) -> Vec<ListedDelivery> {
    let filter = DeliveryFilter { run: Some(run), ..DeliveryFilter::default() };
    store.deliveries(&filter, now()).await.unwrap()
}

async fn mail_to(store: &Store, run: &str, email: &str) -> Delivery {
    let filter = DeliveryFilter { run: Some(run), recipient: Some(email), ..DeliveryFilter::default() };
    store.deliveries(&filter, now()).await.unwrap().remove(0).delivery
}

async fn events(store: &Store, run: &str) -> Vec<String> {
    let filter = EventFilter { run: Some(run), ..EventFilter::default() };
    let events = store.events(&filter, now()).await.unwrap();
    events.into_iter().map(|event| format!("{}: {}", event.what, event.detail)).collect()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(done: Result<T, StoreError>, expected: &str) {
    match done {
        Err(StoreError::Refused(text)) => assert_eq!(text, expected),
        other => panic!("{other:?}"),
    }
}

on_each_store! {
    async fn listings_give_what_was_asked_for_newest_first(place: Place) {
        let store = place.open().await;
        let sales = rendered(&store, "sales", &[ANA, TOM]).await;
        let costs = rendered(&store, "costs", &[ANA]).await;
        settled(&store, TOM, sent()).await;
        let all = store.runs(&RunFilter::default(), now()).await.unwrap();
        assert_eq!(all.iter().map(|run| &run.run.id).collect::<Vec<_>>(), [&costs, &sales]);
        assert_eq!(all[1].mails.iter().map(|(s, n)| (s.as_str(), *n)).collect::<Vec<_>>(), [("queued", 1), ("sent", 1)]);
        assert_eq!((all[1].run.kind, all[1].period.as_deref()), (Kind::Manual, Some("2026-11-15")));
        let count = async |filter: RunFilter<'_>| store.runs(&filter, now()).await.unwrap().len();
        assert_eq!(count(RunFilter { report: Some("sales"), ..RunFilter::default() }).await, 1);
        assert_eq!(count(RunFilter { state: Some(RunState::Failed), ..RunFilter::default() }).await, 0);
        assert_eq!(count(RunFilter { limit: Some(1), ..RunFilter::default() }).await, 1);
        assert_eq!(count(RunFilter { id: Some(&costs[..6]), ..RunFilter::default() }).await, 1);
        assert_eq!(count(RunFilter { id: Some("%"), ..RunFilter::default() }).await, 0);
        assert_eq!(count(RunFilter { since: Some(tomorrow()), ..RunFilter::default() }).await, 0);
        assert_eq!(count(RunFilter { before: Some(tomorrow()), kind: Some(Kind::Manual), ..RunFilter::default() }).await, 2);
        let count = async |filter: DeliveryFilter<'_>| store.deliveries(&filter, now()).await.unwrap().len();
        assert_eq!(count(DeliveryFilter { recipient: Some(" ANA@example.com"), ..DeliveryFilter::default() }).await, 2);
        assert_eq!(count(DeliveryFilter { state: Some(DeliveryState::Sent), ..DeliveryFilter::default() }).await, 1);
        assert_eq!(count(DeliveryFilter { report: Some("costs"), ..DeliveryFilter::default() }).await, 1);
        assert_eq!(count(DeliveryFilter { limit: Some(2), ..DeliveryFilter::default() }).await, 2);
    }

    async fn run_that_failed_or_was_poisoned_is_due_again(place: Place) {
        let store = place.open().await;
        for state in [RunState::Failed, RunState::Poisoned] {
            let id = store.order(&name("sales"), state.as_str(), now()).await.unwrap();
            let (_, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
            refused(store.retry_run(&id, tomorrow(), now()).await, &format!("run {id} is running: it is under way"));
            assert!(store.end_run(&claim, state, "no database", now()).await.unwrap());
            assert_eq!(store.retry_run(&id, tomorrow(), now()).await.unwrap(), 0);
            let (again, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
            assert_eq!((again.id, again.attempt, again.crashes, again.reason), (id.clone(), 0, 0, None));
            assert!(events(&store, &id).await.contains(&"retried: by hand: measured anew".to_owned()));
            assert!(store.end_run(&claim, RunState::Skipped, "quiet", now()).await.unwrap());
            let text = format!("run {id} is skipped: `kpid run-now sales` makes an edition all the same");
            refused(store.retry_run(&id, tomorrow(), now()).await, &text);
        }
        refused(store.retry_run("x", tomorrow(), now()).await, "there is no run x");
    }

    async fn bounced_and_held_mails_are_tried_again_as_they_were(place: Place) {
        let store = place.open().await;
        let id = rendered(&store, "sales", &[ANA, TOM]).await;
        let first = settled(&store, ANA, bounced(ANA)).await;
        let other = settled(&store, TOM, held()).await;
        assert_eq!(run(&store, &id).await.run.state, RunState::Failed);
        let expires = tomorrow();
        store.retry_delivery(&first.id, expires, now()).await.unwrap();
        assert_eq!(run(&store, &id).await.run.state, RunState::Rendered);
        // One that waits already is due at once.
        store.retry_delivery(&first.id, expires, now()).await.unwrap();
        let again = settled(&store, ANA, sent()).await;
        assert_eq!((&again.id, again.attempt), (&first.id, 0));
        assert_eq!(again.expires.as_millisecond(), expires.as_millisecond());
        assert_eq!(run(&store, &id).await.run.state, RunState::Partly);
        assert_eq!(store.retry_run(&id, expires, now()).await.unwrap(), 1, "what was sent is not sent again");
        assert_eq!(settled(&store, TOM, sent()).await.id, other.id);
        assert_eq!(run(&store, &id).await.run.state, RunState::Delivered);
        let text = format!("run {id} is delivered: nothing is left to try again; `kpid outbox resend {id} --to ADDRESS` sends its mail once more");
        refused(store.retry_run(&id, expires, now()).await, &text);
        let text = format!("mail {} is sent: `kpid outbox resend {id} --to ADDRESS` sends it as a new mail", first.id);
        refused(store.retry_delivery(&first.id, expires, now()).await, &text);
        assert!(events(&store, &id).await.contains(&"retried: by hand: it was bounced".to_owned()));
    }

    async fn what_is_cancelled_is_not_sent_whoever_works_on_it(place: Place) {
        let store = place.open().await;
        let id = rendered(&store, "sales", &[ANA, TOM]).await;
        let (ana, claim) = claimed(&store, ANA).await;
        store.cancel_delivery(&ana.id, now()).await.unwrap();
        assert!(!store.last_look(&claim, false, now()).await.unwrap());
        let text = format!("mail {} is cancelled: it can't be stopped", ana.id);
        refused(store.cancel_delivery(&ana.id, now()).await, &text);
        assert_eq!(run(&store, &id).await.run.state, RunState::Rendered, "Tom's mail is still under way");
        settled(&store, TOM, sent()).await;
        assert_eq!(run(&store, &id).await.run.state, RunState::Partly);
        refused(store.cancel_run(&id, now()).await, &format!("run {id} is partly: nothing of it can be stopped"));
        // The server had it when it was cancelled: that is not forgotten.
        assert!(!store.settle(&claim, &sent(), now()).await.unwrap());
        assert_eq!(run(&store, &id).await.run.state, RunState::Delivered);
    }

    async fn run_that_is_cancelled_makes_and_sends_nothing_more(place: Place) {
        let store = place.open().await;
        let id = store.order(&name("sales"), "1", now()).await.unwrap();
        let (_, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
        assert_eq!(store.cancel_run(&id, now()).await.unwrap(), 0);
        assert!(!store.finish_run(&claim, &edition(&[ANA]), now()).await.unwrap());
        let cancelled = run(&store, &id).await.run;
        assert_eq!((cancelled.state, cancelled.reason.as_deref()), (RunState::Skipped, Some("cancelled by hand")));
        assert!(cancelled.done.is_some());
        let id = rendered(&store, "sales", &[ANA, TOM]).await;
        assert_eq!(store.cancel_run(&id, now()).await.unwrap(), 2);
        let cancelled = run(&store, &id).await.run;
        assert_eq!((cancelled.state, cancelled.reason.as_deref()), (RunState::Skipped, Some("cancelled by hand")));
        assert_eq!(store.claim_deliveries("n", 9, now()).await.unwrap().len(), 0);
    }

    async fn what_is_sent_again_is_a_new_mail_of_the_frozen_bytes(place: Place) {
        let store = place.open().await;
        let id = rendered(&store, "sales", &[ANA, TOM]).await;
        let first = settled(&store, ANA, bounced(ANA)).await;
        let under_way = mail_to(&store, &id, TOM).await.id;
        let text = format!("mail {under_way} to {TOM} is still under way: `kpid outbox cancel {under_way}` stops it");
        refused(store.resend(&id, Resend::To(&recipients(&[TOM])), tomorrow(), now()).await, &text);
        settled(&store, TOM, sent()).await;
        let ids = store.resend(&id, Resend::Failed, tomorrow(), now()).await.unwrap();
        let (again, claim) = claimed(&store, ANA).await;
        assert_eq!((ids, again.revision), (vec![again.id.clone()], 1));
        assert_ne!(again.id, first.id, "a Message-ID of its own");
        assert_eq!(store.artifact(&id, &again.recipient.audience, now()).await.unwrap(), Some(letter()));
        assert!(store.settle(&claim, &sent(), now()).await.unwrap());
        assert_eq!(run(&store, &id).await.run.state, RunState::Delivered);
        let text = format!("no mail of run {id} failed: name who gets it with `--to ADDRESS`");
        refused(store.resend(&id, Resend::Failed, tomorrow(), now()).await, &text);
        let eva = recipients(&["eva@example.com", "EVA@example.com", TOM]);
        assert_eq!(store.resend(&id, Resend::To(&eva), tomorrow(), now()).await.unwrap().len(), 2);
        assert_eq!(mail_to(&store, &id, "eva@example.com").await.revision, 0);
        assert_eq!(mail_to(&store, &id, TOM).await.revision, 1);
        let english = Recipient { audience: "en|en-GB".to_owned(), email: "joe@example.com".to_owned(), name: None };
        let Err(StoreError::Refused(text)) = store.resend(&id, Resend::To(&[english]), tomorrow(), now()).await else { panic!() };
        assert!(text.starts_with(&format!("run {id} has no mail in en|en-GB (any more: mails are kept 90 days): ")), "{text}");
        assert!(events(&store, &id).await.contains(&"resent: by hand: 2 new mails".to_owned()));
    }

    async fn held_mail_that_is_sent_anew_is_no_longer_held(place: Place) {
        let store = place.open().await;
        let id = rendered(&store, "sales", &[ANA]).await;
        let first = settled(&store, ANA, held()).await;
        store.resend(&id, Resend::Failed, tomorrow(), now()).await.unwrap();
        let states: Vec<_> = mails_of(&store, &id).await.into_iter().map(|mail| (mail.delivery.id == first.id, mail.delivery.state)).collect();
        assert_eq!(states, [(false, DeliveryState::Queued), (true, DeliveryState::Cancelled)]);
    }

    async fn mail_whose_content_is_gone_is_not_tried_again(place: Place) {
        let store = place.open().await;
        let id = rendered(&store, "sales", &[ANA]).await;
        let mail = settled(&store, ANA, bounced(ANA)).await;
        place.run("DELETE FROM artifact").await;
        let slot = run(&store, &id).await.run.slot;
        let text = format!(
            "run {id} has no mail in es|es-ES (any more: mails are kept 90 days): \
             `kpid send sales --to ADDRESS --as-of {slot}` makes it anew"
        );
        refused(store.retry_delivery(&mail.id, tomorrow(), now()).await, &text);
        refused(store.retry_run(&id, tomorrow(), now()).await, &text);
        refused(store.resend(&id, Resend::Failed, tomorrow(), now()).await, &text);
        assert_eq!(run(&store, &id).await.run.state, RunState::Failed, "nothing was changed");
    }

    async fn who_wants_no_mail_gets_none_until_that_is_taken_back(place: Place) {
        let store = place.open().await;
        let sales = name("sales");
        let id = rendered(&store, "sales", &[ANA, TOM]).await;
        let costs = rendered(&store, "costs", &[ANA]).await;
        settled(&store, TOM, sent()).await;
        assert_eq!(store.suppress(" Ana@Example.com", Some(&sales), "by link", now()).await.unwrap(), 1);
        assert_eq!(run(&store, &id).await.run.state, RunState::Delivered, "to all who want it");
        assert_eq!(run(&store, &costs).await.run.state, RunState::Rendered, "the other report still comes");
        let next = rendered(&store, "sales", &[ANA]).await;
        assert_eq!(run(&store, &next).await.run.state, RunState::Skipped);
        let text = "ana@example.com wants no mail (by link): `kpid outbox allow ana@example.com --report sales` when that has changed";
        refused(store.resend(&next, Resend::To(&recipients(&[ANA])), tomorrow(), now()).await, text);
        let found = store.suppressed(Some(ANA), Some("sales"), now()).await.unwrap();
        assert_eq!((found.len(), found[0].report.clone(), &*found[0].why), (1, Some(sales.clone()), "by link"));
        assert_eq!(store.suppressed(None, Some("costs"), now()).await.unwrap(), []);
        assert!(store.unsuppress(ANA, Some(&sales), now()).await.unwrap());
        assert!(!store.unsuppress(ANA, Some(&sales), now()).await.unwrap());
        assert_eq!(store.suppress(ANA, None, "by hand", now()).await.unwrap(), 1, "everything, costs as well");
        assert_eq!(store.suppressed(None, Some("costs"), now()).await.unwrap()[0].report, None);
        let told = store.events(&EventFilter::default(), now()).await.unwrap();
        assert!(told.iter().any(|event| event.detail == "a recipient gets no mail of sales: by link"));
        assert!(told.iter().all(|event| !event.detail.contains('@')));
    }

    /// E-17
    async fn forgotten_address_is_in_no_row_and_gets_nothing_more(place: Place) {
        let store = place.open().await;
        let old = rendered(&store, "sales", &[ANA, TOM]).await;
        settled(&store, ANA, bounced(ANA)).await;
        settled(&store, TOM, sent()).await;
        let again = store.resend(&old, Resend::Failed, tomorrow(), now()).await.unwrap();
        let (_, sending) = claimed(&store, ANA).await;
        let queued = rendered(&store, "costs", &[ANA, TOM]).await;
        place.run("INSERT INTO event VALUES ('e', 1, NULL, NULL, NULL, 'x', 'to Ana@example.com')").await;
        let alert = Artifact { subject: format!("{ANA} bounced"), ..letter() };
        let to = recipients(&["admin@example.com"]);
        assert!(store.alert(&format!("bounce|{ANA}"), &name("sales"), &alert, &to, tomorrow(), now()).await.unwrap());
        let forgotten = store.forget(" ANA@example.com ", now()).await.unwrap();
        assert_eq!((forgotten.mails, forgotten.stopped, forgotten.letters), (3, 2, 1));
        assert!(!store.last_look(&sending, false, now()).await.unwrap(), "{again:?} is being sent no more");
        let to_tom = store.claim_deliveries("n", 9, now()).await.unwrap();
        assert!(to_tom.iter().all(|(mail, _)| mail.recipient.email != ANA), "{to_tom:?}");
        assert_eq!(run(&store, &old).await.run.state, RunState::Delivered, "to all who are left");
        assert_eq!(run(&store, &queued).await.run.state, RunState::Rendered);
        for (_, claim) in &to_tom {
            assert!(store.settle(claim, &sent(), now()).await.unwrap());
        }
        assert_eq!(store.forget(ANA, now()).await.unwrap().letters, 0, "the letter that named it is delivered");
        let nowhere = [
            "SELECT count(*) AS answer FROM delivery WHERE lower(recipient || email || coalesce(name, '') || coalesce(reply, '')) LIKE '%ana@%'",
            "SELECT count(*) AS answer FROM suppression WHERE recipient LIKE '%ana@%'",
            "SELECT count(*) AS answer FROM event WHERE lower(detail) LIKE '%ana@%'",
            "SELECT count(*) AS answer FROM run WHERE lower(slot_key || coalesce(reason, '')) LIKE '%ana@%'",
            "SELECT count(*) AS answer FROM artifact WHERE lower(subject) LIKE '%ana@%'",
        ];
        for sql in nowhere {
            assert_eq!(place.ask(sql).await, "0", "{sql}");
        }
        assert_eq!(mails_of(&store, &old).await.len(), 3, "what happened stays a fact");
    }

    async fn prune_keeps_what_was_measured_and_what_is_not_done(place: Place) {
        let store = place.open().await;
        let sales = name("sales");
        let cursor = Cursor { known_since: now(), planned_until: now(), schedule: "daily".to_owned() };
        let skipped = Skipped { from: now() - 48.hours(), to: now() - 24.hours(), count: 2, why: "late" };
        let planned = Planned { runs: vec![], skipped: Some(skipped), cursor };
        assert!(store.plan(&sales, None, &planned, now()).await.unwrap());
        let old = rendered(&store, "sales", &[ANA]).await;
        settled(&store, ANA, sent()).await;
        let failed = store.order(&sales, "failed", now()).await.unwrap();
        let (_, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
        store.end_run(&claim, RunState::Failed, "no database", now()).await.unwrap();
        let held_run = rendered(&store, "sales", &[TOM]).await;
        settled(&store, TOM, held()).await;
        let open = rendered(&store, "sales", &[ANA]).await;
        let keep = Keep::covering(Duration::from_secs(3600));
        assert_eq!(store.prune(keep, now()).await.unwrap(), kpid::store::Pruned::default());
        let age = |days: i64| format!(
            "UPDATE run SET done_ms = done_ms - {ms}; UPDATE delivery SET created_ms = created_ms - {ms};
             UPDATE event SET at_ms = at_ms - {ms}; UPDATE skip SET from_ms = from_ms - {ms}, to_ms = to_ms - {ms}",
            ms = days * 24 * 3_600_000
        );
        place.run(&age(91)).await;
        let pruned = store.prune(keep, now()).await.unwrap();
        assert_eq!((pruned.mails, pruned.runs, pruned.deliveries, pruned.skips, pruned.events), (1, 0, 0, 0, 0));
        assert!(store.artifact(&held_run, "es|es-ES", now()).await.unwrap().is_some(), "it may still be sent");
        place.run(&age(310)).await;
        let pruned = store.prune(keep, now()).await.unwrap();
        assert_eq!((pruned.mails, pruned.runs, pruned.deliveries, pruned.skips), (0, 1, 1, 1));
        assert!(pruned.events > 5);
        let kept: Vec<_> = store.runs(&RunFilter::default(), now()).await.unwrap().into_iter().map(|run| run.run.id).collect();
        assert!(kept.contains(&old) && kept.contains(&open) && kept.contains(&held_run) && !kept.contains(&failed));
        let told = store.history((&sales, None), now() + 1.hours(), 9, now()).await.unwrap();
        assert_eq!(told[0].values[&sales], 7.25, "what was measured stays for ever");
        assert_eq!(store.cursors(now()).await.unwrap().len(), 1);
    }

    async fn nodes_come_and_go_and_planning_is_held_until_somebody_resumes_it(place: Place) {
        let store = place.open().await;
        assert_eq!(store.heartbeat(now()).await.unwrap(), None);
        store.beat("n1", "alfa", "0.1.0", "abc", now()).await.unwrap();
        store.beat("n2", "beta", "0.1.0", "abd", now()).await.unwrap();
        place.run("UPDATE node SET seen_ms = seen_ms - 61000 WHERE node = 'n1'").await;
        let nodes = store.nodes(now()).await.unwrap();
        let seen: Vec<_> = nodes.iter().map(|node| (&*node.node, &*node.host, node.is_alive())).collect();
        assert_eq!(seen, [("n2", "beta", true), ("n1", "alfa", false)]);
        place.run("UPDATE node SET seen_ms = seen_ms - 90000000 WHERE node = 'n1'").await;
        store.beat("n2", "beta", "0.2.0", "abd", now()).await.unwrap();
        let nodes = store.nodes(now()).await.unwrap();
        assert_eq!((nodes.len(), &*nodes[0].version), (1, "0.2.0"));
        let beat = store.heartbeat(now()).await.unwrap().unwrap();
        assert!(now().duration_since(beat).abs() < SignedDuration::from_secs(30));
        assert_eq!(store.planning_held(now()).await.unwrap(), None);
        assert!(!store.resume_planning(now()).await.unwrap());
        store.hold_planning("the clock jumped by 40 days", now()).await.unwrap();
        store.hold_planning("another", now()).await.unwrap();
        let held = store.planning_held(now()).await.unwrap().unwrap();
        assert_eq!(held.why, "the clock jumped by 40 days");
        assert!(now().duration_since(held.since).abs() < SignedDuration::from_secs(30));
        assert!(store.resume_planning(now()).await.unwrap());
        assert_eq!(store.planning_held(now()).await.unwrap(), None);
    }

    async fn figures_say_how_reports_fared_and_what_waits(place: Place) {
        let store = place.open().await;
        let sales = name("sales");
        let start = now() - 2.hours();
        let slot = now() - 1.hours();
        let cursor = |until| Cursor { known_since: start, planned_until: until, schedule: "daily".to_owned() };
        let first = Planned { runs: vec![], skipped: None, cursor: cursor(start) };
        assert!(store.plan(&sales, None, &first, now()).await.unwrap());
        let empty = store.stats(now()).await.unwrap();
        assert_eq!((empty.reports[0].success, empty.reports[0].late), (None, None));
        let before = store.cursors(now()).await.unwrap().remove(&sales);
        let planned = Planned { runs: vec![slot], skipped: None, cursor: cursor(now()) };
        assert!(store.plan(&sales, before.as_ref(), &planned, now()).await.unwrap());
        let (_, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
        assert!(store.finish_run(&claim, &edition(&[ANA]), now()).await.unwrap());
        settled(&store, ANA, sent()).await;
        rendered(&store, "costs", &[ANA, TOM]).await;
        let stats = store.stats(now()).await.unwrap();
        let runs: Vec<_> = stats.runs.iter().map(|(state, count)| (state.as_str(), *count)).collect();
        assert_eq!(runs, [("rendered", 1), ("delivered", 1)]);
        let mails: Vec<_> = stats.deliveries.iter().map(|(state, count)| (state.as_str(), *count)).collect();
        assert_eq!(mails, [("queued", 2), ("sent", 1)]);
        assert!(now().duration_since(stats.oldest_queued.unwrap()).abs() < SignedDuration::from_secs(30));
        assert_eq!(stats.reports.len(), 1, "a report by hand only has no schedule to be late for");
        let late = stats.reports[0].late.unwrap();
        assert!((late - SignedDuration::from_hours(1)).abs() < SignedDuration::from_secs(30), "{late:?}");
        assert!(stats.reports[0].success.is_some());
        let last = store.last_runs(now()).await.unwrap().remove(0);
        assert_eq!((last.report, last.run.unwrap().run.state, last.skip), (sales, RunState::Delivered, None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backup_is_a_store_that_only_its_owner_reads_and_overwrites_nothing() {
    let place = Place::sqlite();
    let store = place.open().await;
    let id = rendered(&store, "sales", &[ANA]).await;
    let folder = Folder::new();
    let file = folder.0.join("copy.db");
    store.backup(&file).await.unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = format!("{} can't be written: File exists (os error 17)", file.display());
    refused(store.backup(&file).await, &text);
    let url = kpid::secret::Secret::new(format!("sqlite://{}", file.display()));
    let copy = Store::open(&url, Role::Daemon, 1, now()).await.unwrap();
    assert_eq!(run(&copy, &id).await.run.state, RunState::Rendered);
    assert_eq!(copy.install(), store.install(), "mails made from it have the same names");
    let nowhere = folder.0.join("no/copy.db");
    let text = format!("{} can't be written: No such file or directory (os error 2)", nowhere.display());
    refused(store.backup(&nowhere).await, &text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backup_of_postgres_is_left_to_postgres() {
    let Some(place) = Place::postgres() else { return };
    let store = place.open().await;
    let text = "the store is on PostgreSQL, which copies it itself: pg_dump --format=custom --file=FILE DATABASE";
    refused(store.backup(std::path::Path::new("/tmp/never")).await, text);
}

/// E-17: also not in pages that were freed, split or moved, nor in the write-ahead log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgotten_and_pruned_addresses_leave_no_trace_in_the_file() {
    let place = Place::sqlite();
    let store = place.open().await;
    let crowd: Vec<String> = (0..300).map(|n| format!("reader{n:03}.{}@example.com", "x".repeat(n % 40))).collect();
    let to: Vec<&str> = crowd.iter().map(String::as_str).chain(["traceless@example.com", TOM]).collect();
    for report in ["a", "b", "c", "d"] {
        rendered(&store, report, &to).await;
        loop {
            let claims = store.claim_deliveries("n", 50, now()).await.unwrap();
            if claims.is_empty() {
                break;
            }
            for (n, (mail, claim)) in claims.iter().enumerate() {
                let result = if n % 3 == 0 { bounced(&mail.recipient.email) } else { sent() };
                assert!(store.settle(claim, &result, now()).await.unwrap());
            }
        }
    }
    store.suppress("traceless@example.com", None, "by hand", now()).await.unwrap();
    assert!(place.traces("traceless@") > 0, "the test looks where it is");
    store.forget("traceless@example.com", now()).await.unwrap();
    assert_eq!(place.traces("traceless@"), 0);
    assert!(place.traces("reader299.") > 0, "the others are still there");
    place.run("UPDATE delivery SET created_ms = 1; UPDATE run SET done_ms = 1").await;
    store.prune(Keep::covering(Duration::ZERO), now()).await.unwrap();
    store.forget("somebody@example.com", now()).await.unwrap();
    assert_eq!(place.traces("@example.com"), 0);
}
