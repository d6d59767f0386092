//! Stores with one protection missing: what proves a promise must fail on them (tests only).

use super::Store;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Each plan of a slot is a run of its own, and planners don't compare cursors.
    NoUniqueKey,
    /// Whoever writes need not hold the claim.
    NoFence,
    /// A mail may go out however old its claim is.
    NoLastLook,
    /// The cursor is committed before the runs it stands for.
    CursorApart,
}

impl Store {
    /// The same store for which a protection is missing.
    pub(crate) fn mutant(mut self, mutant: Mutant) -> Store {
        self.db.mutant = Some(mutant);
        self
    }

    pub(super) fn lacks(&self, mutant: Mutant) -> bool {
        self.db.mutant == Some(mutant)
    }
}

/// The statement as the mutant has it.
pub(super) fn edited(mutant: Option<Mutant>, sql: &str) -> Cow<'_, str> {
    match mutant {
        Some(Mutant::NoFence) => sql.replace(super::FENCE, "TRUE").into(),
        Some(Mutant::NoUniqueKey) => sql.replace(super::plan::COMPARED, "TRUE").into(),
        _ => sql.into(),
    }
}

mod tests {
    use super::*;
    use crate::outbox::{Claim, Cursor, Planned, RunState};
    use crate::text::Name;
    use jiff::{SignedDuration, Timestamp};
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::task::Poll;

    const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn planned(runs: &[Timestamp]) -> Planned {
        let cursor =
            Cursor { known_since: START, planned_until: *runs.last().unwrap_or(&START), schedule: "x".to_owned() };
        Planned { runs: runs.to_vec(), skipped: None, cursor }
    }

    async fn store(mutant: Option<Mutant>) -> Store {
        let store = Store::in_memory(START).await;
        let store = mutant.map_or(store.clone(), |mutant| store.mutant(mutant));
        store.plan(&Name::from("sales"), None, &planned(&[]), START).await.unwrap();
        store
    }

    /// How many runs a slot has after two planners that both saw the cursor before it.
    async fn planned_twice(mutant: Option<Mutant>) -> usize {
        let (store, report) = (store(mutant).await, Name::from("sales"));
        let slot = START + SignedDuration::from_secs(60);
        for _ in 0..2 {
            store.plan(&report, Some(&planned(&[]).cursor), &planned(&[slot]), slot).await.unwrap();
        }
        let mut runs = 0;
        while let Some((_, claim)) = store.claim_run("n", slot).await.unwrap() {
            store.end_run(&claim, RunState::Failed, "", slot).await.unwrap();
            runs += 1;
        }
        runs
    }

    #[tokio::test]
    async fn without_its_key_a_slot_is_two_runs() {
        assert_eq!(planned_twice(None).await, 1);
        assert_eq!(planned_twice(Some(Mutant::NoUniqueKey)).await, 2);
    }

    /// Whether a claim that another has taken over still writes.
    async fn stale_write(mutant: Option<Mutant>) -> bool {
        let store = store(mutant).await;
        store.order(&Name::from("costs"), "1", START).await.unwrap();
        let (_, old) = store.claim_run("n", START).await.unwrap().unwrap();
        let late = START + SignedDuration::from_secs(61);
        store.claim_run("m", late).await.unwrap().unwrap();
        store.end_run(&old, RunState::Failed, "", late).await.unwrap()
    }

    #[tokio::test]
    async fn without_the_fence_a_lost_claim_writes() {
        assert!(!stale_write(None).await);
        assert!(stale_write(Some(Mutant::NoFence)).await);
    }

    #[tokio::test]
    async fn without_the_last_look_anything_may_go_out() {
        let claim = Claim { id: "none".to_owned(), owner: "n".to_owned(), epoch: 1 };
        assert!(!store(None).await.last_look(&claim, false, START).await.unwrap());
        assert!(store(Some(Mutant::NoLastLook)).await.last_look(&claim, false, START).await.unwrap());
    }

    /// What `future` gives if it is not given up at its `polls`th turn.
    async fn given_up<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
        let (mut future, mut left) = (pin!(future), polls);
        poll_fn(move |context| match left.checked_sub(1) {
            None => Poll::Ready(None),
            Some(next) => {
                left = next;
                future.as_mut().poll(context).map(Some)
            }
        })
        .await
    }

    /// Whether some crash while planning leaves the cursor behind a slot without a run.
    async fn loses_a_slot(mutant: Option<Mutant>) -> bool {
        for polls in 1.. {
            let (store, report) = (store(mutant).await, Name::from("sales"));
            let slot = START + SignedDuration::from_secs(60);
            let before = planned(&[]);
            let done = given_up(store.plan(&report, Some(&before.cursor), &planned(&[slot]), slot), polls).await;
            let moved = store.cursors(slot).await.unwrap()[&report].planned_until == slot;
            let made = store.claim_run("n", slot).await.unwrap().is_some();
            if moved != made {
                return true;
            }
            if done.is_some() {
                return false;
            }
        }
        unreachable!("it ends")
    }

    /// CR-1
    #[tokio::test]
    async fn without_one_transaction_a_crash_loses_a_slot() {
        assert!(!loses_a_slot(None).await);
        assert!(loses_a_slot(Some(Mutant::CursorApart)).await);
    }
}
