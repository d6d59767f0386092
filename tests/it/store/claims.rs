//! Who holds a claim writes; nobody else does, and no claim is held for ever.

use super::place::Place;
use super::{claimed_run, edition, mails, name, now, on_each_store, sent};
use jiff::SignedDuration;
use kpid::outbox::{RunState, Trouble};
use kpid::store::{Settled, Store};
use std::slice::from_ref;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// What a node writes about a run whose claim it believes to hold.
async fn writes(store: &Store, claim: &kpid::outbox::Claim) -> [bool; 4] {
    [
        store.finish_run(claim, &edition(&["ana@example.com"]), now()).await.unwrap(),
        store.postpone_run(claim, now(), true, "busy", now()).await.unwrap(),
        store.end_run(claim, RunState::Failed, "broken", now()).await.unwrap(),
        store.keep_runs(from_ref(claim), now()).await.unwrap().is_empty(),
    ]
}

on_each_store! {
    /// HA-2, A8: a node that was stopped for longer than its lease wakes up and writes nothing.
    async fn run_belongs_to_whoever_claimed_it_last(place: Place) {
        let store = place.open().await;
        let old = claimed_run(&store, "sales", "n").await;
        place.run("UPDATE run SET lease_until = 1").await;
        let (run, new) = store.claim_run("m", now()).await.unwrap().unwrap();
        assert_eq!((run.id == old.id, run.crashes, run.attempt), (true, 1, 0));
        assert_eq!(writes(&store, &old).await, [false; 4]);
        assert_eq!(place.ask("SELECT owner AS answer FROM run WHERE state = 'running' AND attempt = 0").await, "m");
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM delivery").await, "0");
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM measurement").await, "0");
        assert!(store.keep_runs(from_ref(&new), now()).await.unwrap().is_empty());
        assert!(store.finish_run(&new, &edition(&["ana@example.com"]), now()).await.unwrap());
        // As after an answer that was lost: it is told that it is finished, and nothing is written again.
        assert!(store.finish_run(&new, &edition(&["tom@example.com"]), now()).await.unwrap());
        assert_eq!(place.ask("SELECT recipient AS answer FROM delivery").await, "ana@example.com");
    }

    /// HA-2, A8
    async fn delivery_belongs_to_whoever_claimed_it_last(place: Place) {
        let store = place.open().await;
        let (_, old) = mails(&store, "sales", &["ana@example.com"]).await.remove(0);
        place.run("UPDATE delivery SET lease_until = 1").await;
        let (_, new, dot) = store.claim_dead_deliveries("m", now()).await.unwrap().remove(0);
        assert!(!dot);
        let again = Settled::Again { at: now(), charged: true, class: Trouble::Later, reply: "451".to_owned() };
        assert!(!store.last_look(&old, true, now()).await.unwrap());
        assert!(!store.settle(&old, &again, now()).await.unwrap());
        assert_eq!(store.keep_deliveries(&[old, new.clone()], now()).await.unwrap().len(), 1);
        assert_eq!(place.ask("SELECT owner AS answer FROM delivery WHERE state = 'sending' AND dot = 0").await, "m");
        assert!(store.last_look(&new, true, now()).await.unwrap());
        assert!(store.settle(&new, &again, now()).await.unwrap());
        assert_eq!(place.ask("SELECT attempt AS answer FROM delivery WHERE state = 'queued' AND dot = 1").await, "1");
        assert!(!store.last_look(&new, false, now()).await.unwrap());
    }

    /// CR-3, CR-6: nothing is held for ever by a worker that died, and every death is counted.
    async fn dead_worker_is_noticed_when_its_lease_ends(place: Place) {
        let store = place.open().await;
        let claim = claimed_run(&store, "sales", "n").await;
        assert_eq!(store.claim_run("m", now()).await.unwrap(), None);
        let mut claim = claim;
        for crashes in 1..=3 {
            place.run("UPDATE run SET lease_until = 1").await;
            let (run, next) = store.claim_run("m", now()).await.unwrap().unwrap();
            assert_eq!(run.crashes, crashes);
            claim = next;
        }
        assert!(store.end_run(&claim, RunState::Poisoned, "it took kpid down 3 times", now()).await.unwrap());
        assert_eq!(store.claim_run("m", now()).await.unwrap(), None);
        assert_eq!(place.ask("SELECT reason AS answer FROM run WHERE state = 'poisoned'").await, "it took kpid down 3 times");
        let told = "SELECT detail AS answer FROM event WHERE what = 'begun' ORDER BY event";
        let begun = [1, 2, 3].map(|crashes| format!("attempt 1, crashes so far: {crashes}")).join(",");
        assert_eq!(place.ask(told).await, format!("attempt 1,{begun}"));
    }

    /// CK-8: the clock that decides is the one that all nodes share: of the server; on a file the daemon's own.
    async fn leases_go_by_the_clock_that_nodes_share(place: Place) {
        let store = place.open().await;
        let begun = now();
        let claim = mails(&store, "sales", &["ana@example.com"]).await.remove(0).1;
        let (fast, slow) = (begun + SECOND * 3600, begun - SECOND * 3600);
        if place.is_file() {
            assert!(store.claim_dead_deliveries("m", begun + SECOND * 59).await.unwrap().is_empty());
            assert!(store.last_look(&claim, false, begun + SECOND * 39).await.unwrap());
            assert!(!store.last_look(&claim, false, begun + SECOND * 42).await.unwrap());
            assert_eq!(store.claim_dead_deliveries("m", begun + SECOND * 62).await.unwrap().len(), 1);
            return;
        }
        assert!(store.claim_dead_deliveries("m", fast).await.unwrap().is_empty());
        assert!(store.last_look(&claim, true, fast).await.unwrap());
        assert_eq!(store.keep_deliveries(from_ref(&claim), slow).await.unwrap(), []);
        assert!(store.claim_dead_deliveries("m", now()).await.unwrap().is_empty());
        assert!(store.last_look(&claim, false, now()).await.unwrap());
        place.run("UPDATE delivery SET lease_until = lease_until - 41000").await;
        assert!(!store.last_look(&claim, false, slow).await.unwrap());
    }

    /// A11: however many nodes look for work at once, a report runs once at a time, and all reports run.
    async fn report_never_overlaps_itself(place: Place) {
        let nodes = place.nodes(8).await;
        for n in 0..40 {
            nodes[0].order(&name(&format!("report-{}", n % 5)), &n.to_string(), now()).await.unwrap();
        }
        for left in (0..8).rev() {
            let looks = (0..8).map(|n| {
                let node = nodes[n].clone();
                tokio::spawn(async move { node.claim_run(&format!("node-{n}"), now()).await.unwrap() })
            });
            let mut claims = Vec::new();
            for look in looks.collect::<Vec<_>>() {
                claims.extend(look.await.unwrap());
            }
            while let Some(claim) = nodes[0].claim_run("last", now()).await.unwrap() {
                claims.push(claim);
            }
            let mut reports: Vec<_> = claims.iter().map(|(run, _)| run.report.to_string()).collect();
            reports.sort();
            assert_eq!(reports, ["report-0", "report-1", "report-2", "report-3", "report-4"]);
            for (_, claim) in claims {
                assert!(nodes[0].end_run(&claim, RunState::Failed, "done", now()).await.unwrap());
            }
            assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM run WHERE state = 'due'").await, (left * 5).to_string());
        }
    }

    async fn oldest_slot_whose_time_has_come_is_first(place: Place) {
        let store = place.open().await;
        for report in ["a", "b", "c"] {
            store.order(&name(report), "1", now()).await.unwrap();
        }
        place.run("UPDATE run SET slot_ms = 1 WHERE report = 'b'").await;
        place.run("UPDATE run SET slot_ms = 0, not_before = 32503680000000 WHERE report = 'c'").await;
        let (run, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
        assert_eq!((&*run.report, run.started.is_some()), ("b", true));
        let later = now() + SECOND * 60;
        assert!(store.postpone_run(&claim, later, true, "the source is down", now()).await.unwrap());
        assert_eq!(&*store.claim_run("n", now()).await.unwrap().unwrap().0.report, "a");
        assert_eq!(store.claim_run("n", now()).await.unwrap(), None);
        place.run("UPDATE run SET not_before = 0 WHERE report = 'b'").await;
        let (run, _) = store.claim_run("n", now()).await.unwrap().unwrap();
        assert_eq!((run.attempt, run.crashes, run.reason.as_deref()), (1, 0, Some("the source is down")));
    }

    /// A18: what a node holds when it is stopped is another's at once, and costs no attempt.
    async fn node_that_stops_hands_back_what_it_holds(place: Place) {
        let store = place.open().await;
        let mut mails = mails(&store, "sales", &["ana@example.com", "tom@example.com"]).await;
        let (_, dotted) = mails.pop().unwrap();
        assert!(store.last_look(&dotted, true, now()).await.unwrap());
        let run = claimed_run(&store, "costs", "n").await;
        store.release("n", now()).await.unwrap();
        assert_eq!(store.keep_deliveries(from_ref(&mails[0].1), now()).await.unwrap().len(), 1);
        assert_eq!(store.keep_runs(from_ref(&run), now()).await.unwrap(), [run]);
        let (run, _) = store.claim_run("m", now()).await.unwrap().unwrap();
        assert_eq!((run.attempt, run.crashes), (0, 0));
        let claimed = store.claim_deliveries("m", 9, now()).await.unwrap();
        assert_eq!(claimed.iter().map(|(mail, _)| (&mail.id, mail.attempt)).collect::<Vec<_>>(), [(&mails[0].0.id, 0)]);
        place.run("UPDATE delivery SET lease_until = 1 WHERE dot = 1").await;
        let dead = store.claim_dead_deliveries("m", now()).await.unwrap();
        assert_eq!(dead.iter().map(|(mail, _, dot)| (&mail.id, *dot)).collect::<Vec<_>>(), [(&dotted.id, true)]);
    }

    /// HA-8: three nodes, thousands of mails: each goes to one, and a small report is not behind a large one.
    async fn mails_are_shared_out_fairly_over_reports(place: Place) {
        let nodes = place.nodes(3).await;
        for (report, count) in [("large", 2000), ("small", 3)] {
            let claim = claimed_run(&nodes[0], report, "n").await;
            let emails: Vec<String> = (0..count).map(|n| format!("{report}-{n}@example.com")).collect();
            let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
            assert!(nodes[0].finish_run(&claim, &edition(&emails), now()).await.unwrap());
        }
        let first = nodes[0].claim_deliveries("n", 6, now()).await.unwrap();
        assert_eq!(first.iter().filter(|(mail, _)| &*mail.report == "small").count(), 3);
        let claimers = nodes.into_iter().enumerate().map(|(n, node)| {
            tokio::spawn(async move {
                let mut ids = Vec::new();
                loop {
                    let claimed = node.claim_deliveries(&n.to_string(), 50, now()).await.unwrap();
                    assert!(claimed.len() <= 50);
                    if claimed.is_empty() {
                        break ids;
                    }
                    ids.extend(claimed.into_iter().map(|(mail, _)| mail.id));
                }
            })
        });
        let mut ids: Vec<String> = first.into_iter().map(|(mail, _)| mail.id).collect();
        for claimer in claimers.collect::<Vec<_>>() {
            ids.extend(claimer.await.unwrap());
        }
        assert_eq!(ids.len(), 2003);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 2003);
        assert_eq!(place.ask("SELECT MAX(epoch) AS answer FROM delivery").await, "1");
    }

    /// A3: the result of a mail that went out is kept, even by a node that lost its claim.
    async fn mail_sent_under_a_lost_claim_is_known_as_sent(place: Place) {
        let store = place.open().await;
        let (_, old) = mails(&store, "sales", &["ana@example.com"]).await.remove(0);
        place.run("UPDATE delivery SET lease_until = 1").await;
        let (_, new, _) = store.claim_dead_deliveries("m", now()).await.unwrap().remove(0);
        assert!(!store.settle(&old, &sent(), now()).await.unwrap());
        assert_eq!(place.ask("SELECT state AS answer FROM run").await, "delivered");
        assert!(!store.last_look(&new, false, now()).await.unwrap());
        assert!(!store.settle(&new, &sent(), now()).await.unwrap());
        let late = "the server took it after the claim was lost: ";
        let told = format!("{late}it is not sent again,{late}it had been sent by another as well");
        assert_eq!(place.ask("SELECT detail AS answer FROM event WHERE what = 'late_commit' ORDER BY event").await, told);
    }

    /// DS-1: the answer to a commit may be lost; the result that comes again is the same one.
    async fn result_that_comes_again_is_no_second_mail(place: Place) {
        let store = place.open().await;
        let (_, claim) = mails(&store, "sales", &["ana@example.com"]).await.remove(0);
        assert!(store.settle(&claim, &sent(), now()).await.unwrap());
        assert!(store.settle(&claim, &sent(), now()).await.unwrap());
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM event WHERE delivery IS NOT NULL").await, "1");
    }
}
