//! What a node holds in its hands: claims that its heartbeat renews while somebody works on them.

use crate::outbox::Claim;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What a claim is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Run,
    Delivery,
}

#[derive(Debug, Default)]
pub struct Hand(Arc<Mutex<Vec<Entry>>>);

#[derive(Debug)]
struct Entry {
    work: Work,
    claim: Claim,
    lost: watch::Sender<bool>,
}

/// A claim in work; put down when dropped, and then no longer renewed.
#[derive(Debug)]
pub struct Held {
    pub claim: Claim,
    lost: watch::Receiver<bool>,
    hand: Arc<Mutex<Vec<Entry>>>,
}

impl Hand {
    pub fn hold(&self, work: Work, claim: Claim) -> Held {
        let (sender, lost) = watch::channel(false);
        locked(&self.0).push(Entry { work, claim: claim.clone(), lost: sender });
        Held { claim, lost, hand: Arc::clone(&self.0) }
    }

    pub fn claims(&self, work: Work) -> Vec<Claim> {
        locked(&self.0).iter().filter(|entry| entry.work == work).map(|entry| entry.claim.clone()).collect()
    }

    /// Tells those who work on `claims` that they are theirs no more.
    pub fn lose(&self, claims: &[Claim]) {
        for entry in locked(&self.0).iter().filter(|entry| claims.contains(&entry.claim)) {
            entry.lost.send_replace(true);
        }
    }

    /// The same for all.
    pub fn lose_all(&self) {
        for entry in locked(&self.0).iter() {
            entry.lost.send_replace(true);
        }
    }
}

impl Held {
    /// Ends when the claim was lost; never otherwise.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut lost = self.lost.clone();
        async move {
            if lost.wait_for(|lost| *lost).await.is_err() {
                // Put down: nobody is left who could lose it.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        locked(&self.hand).retain(|entry| entry.claim != self.claim);
    }
}

/// A list of claims is whole at every moment, also when its holder panicked.
fn locked(entries: &Mutex<Vec<Entry>>) -> MutexGuard<'_, Vec<Entry>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(id: &str) -> Claim {
        Claim { id: id.to_owned(), owner: "node".to_owned(), epoch: 1 }
    }

    #[tokio::test]
    async fn only_the_claims_that_were_lost_end_their_work() {
        let hand = Hand::default();
        let (one, other) = (hand.hold(Work::Run, claim("1")), hand.hold(Work::Run, claim("2")));
        hand.lose(&[claim("1")]);
        one.lost().await;
        assert!(futures_util::FutureExt::now_or_never(other.lost()).is_none());
    }

    #[test]
    fn what_was_put_down_is_not_renewed() {
        let hand = Hand::default();
        let held = hand.hold(Work::Delivery, claim("1"));
        assert_eq!(hand.claims(Work::Delivery), [claim("1")]);
        assert_eq!(hand.claims(Work::Run), []);
        drop(held);
        assert_eq!(hand.claims(Work::Delivery), []);
    }
}
