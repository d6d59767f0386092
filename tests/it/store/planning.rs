//! Slots become runs once, whoever plans them.

use super::place::Place;
use super::{at, letter, name, now, on_each_store, recipients};
use jiff::{SignedDuration, Timestamp};
use kpid::outbox::{Cursor, Planned, Skipped};

fn cursor(planned_until: Timestamp) -> Cursor {
    Cursor { known_since: at("2026-11-01T00:00:00Z"), planned_until, schedule: "daily at 08:00 UTC".to_owned() }
}

fn planned(runs: &[Timestamp], until: Timestamp) -> Planned {
    Planned { runs: runs.to_vec(), skipped: None, cursor: cursor(until) }
}

on_each_store! {
    /// A2: eight planners that all believe what they read a while ago.
    async fn a_thousand_slots_planned_by_eight_are_a_thousand_runs(place: Place) {
        let nodes = place.nodes(8).await;
        let report = name("sales");
        let slots: Vec<Timestamp> = (0..1000).map(|n| at("2026-11-01T00:00:00Z") + SignedDuration::from_mins(n)).collect();
        assert!(nodes[0].plan(&report, None, &planned(&[], slots[0] - SignedDuration::from_mins(1)), now()).await.unwrap());
        let planners = nodes.into_iter().map(|node| {
            let (report, slots) = (report.clone(), slots.clone());
            tokio::spawn(async move {
                let mut won = 0;
                while let Some(before) = node.cursors(now()).await.unwrap().remove(&report) {
                    let next: Vec<_> = slots.iter().copied().filter(|slot| *slot > before.planned_until).take(10).collect();
                    let Some(until) = next.last() else { break };
                    won += usize::from(node.plan(&report, Some(&before), &planned(&next, *until), now()).await.unwrap());
                }
                won
            })
        });
        let mut won = 0;
        for planner in planners.collect::<Vec<_>>() {
            won += planner.await.unwrap();
        }
        assert_eq!(won, 100);
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM run").await, "1000");
        assert_eq!(place.ask("SELECT COUNT(DISTINCT slot_ms) AS answer FROM run").await, "1000");
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM event WHERE what = 'planned'").await, "1000");
    }

    /// A2, A24: a cursor that came back from a backup plans slots again; their runs are there.
    async fn slot_planned_before_the_backup_was_restored_is_the_same_run(place: Place) {
        let store = place.open().await;
        let (report, slot) = (name("sales"), at("2026-11-02T08:00:00Z"));
        let start = cursor(slot - SignedDuration::from_hours(1));
        assert!(store.plan(&report, None, &Planned { runs: vec![], skipped: None, cursor: start.clone() }, now()).await.unwrap());
        assert!(store.plan(&report, Some(&start), &planned(&[slot], slot), now()).await.unwrap());
        let run = place.ask("SELECT run AS answer FROM run").await;
        place.run(&format!("UPDATE report_cursor SET planned_until = {}", start.planned_until.as_millisecond())).await;
        assert!(store.plan(&report, Some(&start), &planned(&[slot], slot), now()).await.unwrap());
        assert_eq!(place.ask("SELECT run AS answer FROM run").await, run);
    }

    /// A1: the cursor goes on with the rows or not at all, and what gets no run gets a row that says why.
    async fn cursor_rows_and_skipped_range_are_kept_together(place: Place) {
        let store = place.open().await;
        let report = name("sales");
        let first = cursor(at("2026-11-01T12:00:00Z"));
        assert!(store.plan(&report, None, &Planned { runs: vec![], skipped: None, cursor: first.clone() }, now()).await.unwrap());
        let skipped = Skipped { from: at("2026-11-02T08:00:00Z"), to: at("2026-11-03T08:00:00Z"), count: 2, why: "too old" };
        let runs = vec![at("2026-11-04T08:00:00Z")];
        let late = Planned { runs, skipped: Some(skipped), cursor: cursor(at("2026-11-04T10:00:00Z")) };
        assert!(store.plan(&report, Some(&first), &late, now()).await.unwrap());
        assert!(!store.plan(&report, Some(&first), &planned(&[at("2026-11-05T08:00:00Z")], now()), now()).await.unwrap());
        assert!(!store.plan(&report, None, &planned(&[], now()), now()).await.unwrap());
        assert_eq!(store.cursors(now()).await.unwrap()[&report], late.cursor);
        assert_eq!(place.ask("SELECT slot_ms AS answer FROM run").await, "1793779200000");
        let told = "SELECT detail AS answer FROM event WHERE what = 'skipped'";
        assert_eq!(place.ask(told).await, "2 from 2026-11-02T08:00:00Z to 2026-11-03T08:00:00Z: too old");
        assert_eq!(place.ask("SELECT count AS answer FROM skip WHERE reason = 'too old'").await, "2");
    }

    async fn same_request_by_hand_is_one_run(place: Place) {
        let store = place.open().await;
        let one = store.order(&name("sales"), "request-1", now()).await.unwrap();
        assert_eq!(store.order(&name("sales"), "request-1", now()).await.unwrap(), one);
        assert_ne!(store.order(&name("sales"), "request-2", now()).await.unwrap(), one);
        assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM run WHERE kind = 'manual' AND state = 'due'").await, "2");
    }

    async fn admin_is_told_once_under_a_key(place: Place) {
        let store = place.open().await;
        let (about, to) = (name("sales"), recipients(&["admin@example.com"]));
        let expires = now() + SignedDuration::from_hours(24);
        assert!(store.alert("sales|failed|1", &about, &letter(), &to, expires, now()).await.unwrap());
        assert!(!store.alert("sales|failed|1", &about, &letter(), &to, expires, now()).await.unwrap());
        assert!(store.alert("sales|failed|2", &about, &letter(), &to, expires, now()).await.unwrap());
        let claimed = store.claim_deliveries("n", 9, now()).await.unwrap();
        assert_eq!(claimed.len(), 2);
        assert_eq!((claimed[0].0.kind, &*claimed[0].0.report), (kpid::outbox::Kind::Alert, "sales"));
        assert_eq!(store.artifact(&claimed[0].0.run, "es|es-ES", now()).await.unwrap(), Some(letter()));
    }
}
