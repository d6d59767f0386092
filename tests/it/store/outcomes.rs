//! What deliveries end with, and what their run is called then.

use super::place::Place;
use super::{claimed_run, edition, kept, letter, mails, name, now, on_each_store, recipients, sent};
use jiff::SignedDuration;
use kpid::outbox::{DeliveryState, RunState, Trouble};
use kpid::store::{Edition, Settled};

fn refused() -> Settled {
    let reply = "550 5.1.1 <ana@example.com>: no such user\0".to_owned();
    Settled::Final { state: DeliveryState::Bounced, class: Trouble::Never, reply }
}

/// Settles the mails of a run in turn and gives the run's state after each.
async fn states(place: &Place, results: &[Settled]) -> Vec<String> {
    let store = place.open().await;
    let emails: Vec<String> = (0..results.len()).map(|n| format!("reader-{n}@example.com")).collect();
    let mails = mails(&store, "sales", &emails.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(mails.len(), results.len());
    let mut states = Vec::new();
    for ((_, claim), result) in mails.iter().zip(results) {
        assert!(store.settle(claim, result, now()).await.unwrap());
        states.push(place.ask("SELECT state AS answer FROM run").await);
    }
    states
}

on_each_store! {
    async fn run_that_everybody_got_is_delivered(place: Place) {
        assert_eq!(states(&place, &[sent(), sent(), sent()]).await, ["rendered", "rendered", "delivered"]);
        assert_eq!(place.ask("SELECT reason AS answer FROM run WHERE done_ms > 0").await, "sent to 3 of 3 recipients");
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM delivery WHERE sent_ms > 0 AND owner IS NULL").await, "3");
    }

    async fn run_that_nobody_got_has_failed(place: Place) {
        assert_eq!(states(&place, &[refused(), refused()]).await, ["rendered", "failed"]);
    }

    /// SM-13: 5 sent, 3 bounced, 2 to be tried again: the run is open until those are final, and then partly delivered.
    async fn run_is_open_until_its_last_delivery_is_final(place: Place) {
        let later = Settled::Again { at: now(), charged: true, class: Trouble::Later, reply: "451 4.7.1 later".to_owned() };
        let results = [vec![sent(); 5], vec![refused(); 3], vec![later.clone(), later]].concat();
        assert_eq!(states(&place, &results).await, ["rendered"; 10]);
        let store = place.open().await;
        let open = store.claim_deliveries("n", 9, now()).await.unwrap();
        assert_eq!(open.iter().map(|(mail, _)| mail.attempt).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(open[0].0.class.as_deref(), Some("later"));
        assert!(store.settle(&open[0].1, &sent(), now()).await.unwrap());
        assert_eq!(place.ask("SELECT state AS answer FROM run").await, "rendered");
        let held = Settled::Final { state: DeliveryState::Held, class: Trouble::Unknown, reply: String::new() };
        assert!(store.settle(&open[1].1, &held, now()).await.unwrap());
        assert_eq!(place.ask("SELECT state AS answer FROM run WHERE done_ms > 0").await, "partly");
        let counts = "SELECT what || COUNT(*) AS answer FROM event WHERE delivery IS NOT NULL GROUP BY what ORDER BY what";
        assert_eq!(place.ask(counts).await, "bounced3,held1,retry2,sent6");
    }

    /// A6, SM-13: workers that settle the last deliveries of a run at once don't leave its end to each other.
    async fn run_ends_whoever_settles_its_last_delivery(place: Place) {
        let nodes = place.nodes(4).await;
        for round in 0..10 {
            let mails = mails(&nodes[0], &format!("report-{round}"), &["a@x.org", "b@x.org", "c@x.org", "d@x.org"]).await;
            let settling = mails.into_iter().zip(nodes.clone()).map(|((_, claim), node)| {
                tokio::spawn(async move { assert!(node.settle(&claim, &sent(), now()).await.unwrap()) })
            });
            for settled in settling.collect::<Vec<_>>() {
                settled.await.unwrap();
            }
            assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM run WHERE state = 'delivered'").await, (round + 1).to_string());
        }
    }

    /// SM-7: at once, and known to be too large.
    async fn mail_too_large_for_the_server_is_queued_again_without_attachments(place: Place) {
        let store = place.open().await;
        let (mail, claim) = mails(&store, "sales", &["ana@example.com"]).await.remove(0);
        assert!(!mail.light);
        assert!(store.settle(&claim, &Settled::Lighter { reply: "552 too big".to_owned() }, now()).await.unwrap());
        let (mail, _) = store.claim_deliveries("n", 9, now()).await.unwrap().remove(0);
        assert_eq!((mail.light, mail.attempt, mail.reply.as_deref()), (true, 0, Some("552 too big")));
    }

    /// SM-4, SM-12: trouble with the relay is nobody's fault.
    async fn relay_trouble_costs_no_attempt(place: Place) {
        let store = place.open().await;
        let (_, claim) = mails(&store, "sales", &["ana@example.com"]).await.remove(0);
        let at = now() + SignedDuration::from_secs(600);
        let again = Settled::Again { at, charged: false, class: Trouble::Relay, reply: "421 busy".to_owned() };
        assert!(store.settle(&claim, &again, now()).await.unwrap());
        assert!(store.claim_deliveries("n", 9, now()).await.unwrap().is_empty());
        assert_eq!(place.ask("SELECT attempt AS answer FROM delivery WHERE state = 'queued'").await, "0");
        assert_eq!(place.ask("SELECT next_ms AS answer FROM delivery").await, at.as_millisecond().to_string());
    }

    /// E-17: the log of events may outlive what is forgotten.
    async fn events_hold_no_address(place: Place) {
        states(&place, &[sent(), refused()]).await;
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM event WHERE detail LIKE '%@%'").await, "0");
        let told = "SELECT detail AS answer FROM event WHERE what = 'bounced'";
        assert_eq!(place.ask(told).await, "after trouble `never`, reply 550");
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM delivery WHERE reply LIKE '550%no such user%'").await, "1");
        let order = "SELECT event AS answer FROM event ORDER BY event";
        let ids = place.ask(order).await;
        assert_eq!(place.ask("SELECT event AS answer FROM event ORDER BY at_ms, event").await, ids);
    }

    async fn who_unsubscribed_gets_a_cancelled_delivery_and_no_mail(place: Place) {
        let store = place.open().await;
        place.run(
            "INSERT INTO suppression VALUES ('ana@example.com', 'sales', 1, 'link'), ('tom@example.com', '', 1, 'link'), \
             ('eva@example.com', 'costs', 1, 'link')",
        )
        .await;
        let mails = mails(&store, "sales", &["Ana@Example.com", "tom@example.com", "eva@example.com"]).await;
        assert_eq!(mails.iter().map(|(mail, _)| mail.recipient.email.as_str()).collect::<Vec<_>>(), ["eva@example.com"]);
        let unwanted = "SELECT recipient AS answer FROM delivery WHERE state = 'cancelled' AND class = 'unsubscribed' ORDER BY 1";
        assert_eq!(place.ask(unwanted).await, "ana@example.com,tom@example.com");
        assert!(store.settle(&mails[0].1, &sent(), now()).await.unwrap());
        assert_eq!(place.ask("SELECT state AS answer FROM run").await, "delivered");
        let why = "sent to 1 of 3 recipients, 2 unsubscribed";
        assert_eq!(place.ask("SELECT reason AS answer FROM run").await, why);
    }

    async fn run_for_nobody_is_skipped_and_says_why(place: Place) {
        let store = place.open().await;
        place.run("INSERT INTO suppression VALUES ('ana@example.com', '', 1, 'link')").await;
        let quiet = Edition { quiet: Some("`send: when attention` and nothing needs any".to_owned()), ..edition(&["tom@example.com"]) };
        for (report, edition) in [("quiet", quiet), ("none", edition(&[])), ("unwanted", edition(&["ana@example.com"]))] {
            let claim = claimed_run(&store, report, "n").await;
            assert!(store.finish_run(&claim, &edition, now()).await.unwrap());
        }
        assert!(store.claim_deliveries("n", 9, now()).await.unwrap().is_empty());
        let reasons = "SELECT reason AS answer FROM run WHERE state = 'skipped' AND done_ms > 0 ORDER BY report DESC";
        let [a, b, c] = ["sent to 0 of 1 recipients, 1 unsubscribed", "`send: when attention` and nothing needs any", "it has no recipients"];
        assert_eq!(place.ask(reasons).await, [a, b, c].join(","));
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM measurement WHERE kpi = 'sales' AND segment = ''").await, "3");
    }

    /// CR-5: what was rendered is sent, byte for byte.
    async fn letter_comes_out_as_it_went_in(place: Place) {
        let store = place.open().await;
        let mut frozen = edition(&["ana@example.com"]);
        frozen.artifacts[0].body = (0..=255).collect();
        frozen.artifacts[0].light = Some(vec![0, 1, 2]);
        let claim = claimed_run(&store, "sales", "n").await;
        assert!(store.finish_run(&claim, &frozen, now()).await.unwrap());
        assert_eq!(store.artifact(&claim.id, "es|es-ES", now()).await.unwrap(), Some(frozen.artifacts[0].clone()));
        assert_eq!(store.artifact(&claim.id, "en|en-GB", now()).await.unwrap(), None);
        let (mail, _) = store.claim_deliveries("n", 1, now()).await.unwrap().remove(0);
        assert_eq!(mail.id, store.install().message_id("sales|manual|sales", "ana@example.com", 0));
        assert_eq!((mail.recipient, mail.expires), (frozen.recipients[0].clone(), frozen.expires));
        assert_eq!(mail.run, store.install().run_id("sales|manual|sales"));
    }

    async fn history_is_what_the_last_editions_told(place: Place) {
        let store = place.open().await;
        for value in 1..=5 {
            store.order(&name("sales"), &value.to_string(), now()).await.unwrap();
            place.run(&format!("UPDATE run SET slot_ms = {value} WHERE state = 'due'")).await;
            let (_, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
            if value == 3 {
                assert!(store.end_run(&claim, RunState::Failed, "broken", now()).await.unwrap());
                continue;
            }
            let kept = vec![kept("sales", "", Ok(value.into())), kept("sales", "r=n", Ok(9.0)), kept("costs", "", Err("none".into()))];
            assert!(store.finish_run(&claim, &Edition { kept, ..edition(&["ana@example.com"]) }, now()).await.unwrap());
        }
        let (about, to) = (name("sales"), recipients(&["admin@example.com"]));
        assert!(store.alert("sales|failed", &about, &letter(), &to, now(), now()).await.unwrap());
        let before = jiff::Timestamp::from_millisecond(5).unwrap();
        let told = store.history((&name("sales"), None), before, 2, now()).await.unwrap();
        assert_eq!(told.iter().map(|told| told.values[&name("sales")]).collect::<Vec<_>>(), [2.0, 4.0]);
        assert_eq!((&told[0].values.get(&name("costs")), told[0].verdicts[&name("costs")].as_str()), (&None, "met"));
        assert_eq!((told[1].slot.as_millisecond(), told[1].period.as_str(), told[1].window), (4, "2026-11-15", edition(&[]).window));
        assert!(store.history((&name("costs"), None), now(), 9, now()).await.unwrap().is_empty());
    }
}
