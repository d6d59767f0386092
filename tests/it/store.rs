//! The store on SQLite, on PostgreSQL, and on PostgreSQL behind PgBouncer: the same promises on each.

mod claims;
mod desk;
mod disk;
mod opening;
mod outcomes;
pub mod place;
mod planning;

use jiff::Timestamp;
use kpid::outbox::{Artifact, Claim, Delivery, Recipient, Sender};
use kpid::store::{Edition, Kept, Settled, Store};
use kpid::text::Name;

/// Tests that hold wherever the store is: each is a module with one test a place.
macro_rules! on_each_store {
    ($($(#[$about:meta])* async fn $test:ident($place:ident: Place) $body:block)*) => {$(
        $(#[$about])*
        mod $test {
            use super::*;

            async fn holds($place: Place) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                holds(Place::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(place) = Place::postgres() else { return };
                holds(place).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn through_pgbouncer() {
                let Some(place) = Place::pgbouncer() else { return };
                holds(place).await;
            }
        }
    )*};
}
use on_each_store;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// PostgreSQL goes by its own clock: tests that compare with it take the present for `now`.
fn now() -> Timestamp {
    Timestamp::now()
}

fn name(text: &str) -> Name {
    text.into()
}

fn recipients(emails: &[&str]) -> Vec<Recipient> {
    let recipient =
        |email: &&str| Recipient { name: None, email: (*email).to_owned(), audience: "es|es-ES".to_owned() };
    emails.iter().map(recipient).collect()
}

fn letter() -> Artifact {
    Artifact {
        audience: "es|es-ES".to_owned(),
        subject: "Ventas".to_owned(),
        body: b"Content-Type: text/plain\r\n\r\n7\0\xff".to_vec(),
        light: None,
        rendered: at("2026-11-16T07:00:03Z"),
        sender: Sender { from: "kpis@example.com".into(), reply_to: None, public_url: None },
    }
}

fn edition(emails: &[&str]) -> Edition {
    Edition {
        period: "2026-11-15".to_owned(),
        window: kpid::calendar::Window { start: at("2026-11-15T00:00:00Z"), end: at("2026-11-16T00:00:00Z") },
        config: name("abc"),
        artifacts: vec![letter()],
        recipients: recipients(emails),
        kept: vec![
            kept("sales", "", Ok(7.25)),
            kept("sales", "region=norte", Ok(1.0)),
            kept("costs", "", Err("no rows".to_owned())),
        ],
        expires: at("2999-01-01T00:00:00Z"),
        quiet: None,
    }
}

fn kept(kpi: &str, segment: &str, value: Result<f64, String>) -> Kept {
    Kept {
        kpi: name(kpi),
        segment: segment.to_owned(),
        value,
        verdict: "met".to_owned(),
        target: None,
        inputs: "{}".to_owned(),
        definition: "0123456789ab".to_owned(),
    }
}

/// A run of `report` by hand, claimed by `node`.
async fn claimed_run(store: &Store, report: &str, node: &str) -> Claim {
    let run = store.order(&name(report), report, now()).await.unwrap();
    let (claimed, claim) = store.claim_run(node, now()).await.unwrap().unwrap();
    assert_eq!(claimed.id, run);
    claim
}

/// The mails of one run of `report`, claimed by node `n`.
async fn mails(store: &Store, report: &str, emails: &[&str]) -> Vec<(Delivery, Claim)> {
    let claim = claimed_run(store, report, "n").await;
    assert!(store.finish_run(&claim, &edition(emails), now()).await.unwrap());
    store.claim_deliveries("n", 50, now()).await.unwrap()
}

fn sent() -> Settled {
    Settled::Sent { reply: "250 2.0.0 taken".to_owned() }
}
