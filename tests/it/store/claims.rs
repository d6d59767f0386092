//! Who holds a claim writes; nobody else does.

use super::place::Place;
use super::{edition, name, now, on_each_store};
use kpid::outbox::{Claim, Delivery, RunState};
use kpid::store::{Settled, Store};

/// Mails of one run of `report`, claimed by node `n`.
async fn mails(store: &Store, report: &str, emails: &[&str]) -> Vec<(Delivery, Claim)> {
    store.order(&name(report), report, now()).await.unwrap();
    let (_, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
    assert!(store.finish_run(&claim, &edition(emails), now()).await.unwrap());
    store.claim_deliveries("n", 50, now()).await.unwrap()
}

fn sent() -> Settled {
    Settled::Sent { reply: "250 2.0.0 taken".to_owned() }
}

on_each_store! {
    async fn run_goes_from_due_to_delivered(place: Place) {
        let store = place.open().await;
        let mails = mails(&store, "sales", &["Ana@example.com", "tom@example.com", "ana@EXAMPLE.com "]).await;
        assert_eq!(mails.len(), 2);
        for (_, claim) in &mails {
            assert!(store.last_look(claim, false, now()).await.unwrap());
            assert_eq!(place.ask("SELECT state AS answer FROM run").await, "rendered");
            assert!(store.settle(claim, &sent(), now()).await.unwrap());
        }
        assert_eq!(place.ask("SELECT state AS answer FROM run WHERE done_ms > 0").await, "delivered");
        let told = store.history(&name("sales"), now(), 5, now()).await.unwrap();
        assert_eq!(told[0].values[&name("sales")], 7.25);
    }

    async fn poisoned_run_is_not_begun_again(place: Place) {
        let store = place.open().await;
        store.order(&name("sales"), "1", now()).await.unwrap();
        for crashes in 0..3 {
            let (run, claim) = store.claim_run("n", now()).await.unwrap().unwrap();
            assert_eq!(run.crashes, crashes);
            place.run("UPDATE run SET lease_until = 1").await;
            if crashes == 2 {
                assert!(store.end_run(&claim, RunState::Poisoned, "it crashed", now()).await.unwrap());
            }
        }
        assert_eq!(store.claim_run("n", now()).await.unwrap(), None);
    }

    async fn node_that_stops_hands_back_what_it_holds(place: Place) {
        let store = place.open().await;
        let mails = mails(&store, "sales", &["ana@example.com"]).await;
        store.order(&name("costs"), "1", now()).await.unwrap();
        let (_, run) = store.claim_run("n", now()).await.unwrap().unwrap();
        store.release("n", now()).await.unwrap();
        assert_eq!(store.keep_deliveries(std::slice::from_ref(&mails[0].1), now()).await.unwrap().len(), 1);
        assert_eq!(store.keep_runs(std::slice::from_ref(&run), now()).await.unwrap(), [run]);
        assert!(store.claim_run("m", now()).await.unwrap().is_some());
        assert_eq!(store.claim_deliveries("m", 9, now()).await.unwrap().len(), 1);
    }
}
