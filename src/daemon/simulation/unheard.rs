//! A commit that happened and of which nobody heard: what depends on it is done all the same.

use super::dice::Dice;
use super::fault;
use super::world::Fake;
use crate::daemon::node::Node;
use crate::store::Store;
use crate::store::rig::Wanted;
use crate::web::Board;
use jiff::SignedDuration;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// Goes through every gate at once.
async fn straight<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(done),
        Poll::Pending => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

/// A13
#[tokio::test]
async fn gap_is_told_of_though_the_answer_to_the_commit_of_its_edition_was_lost() {
    let mut outside = fault::outside(&mut Dice::new(0));
    outside.wild = false;
    let now = outside.now;
    let report = outside.papers.keys().next().expect("there are some").clone();
    outside.gaps.insert(report.clone());
    let (store, trouble) = Store::in_memory(now).await.troubled();
    store.order(&report, "by hand", now).await.unwrap();
    store.keep_journal().await;
    let world = Fake { outside: Arc::new(Mutex::new(outside)), skew: SignedDuration::ZERO };
    let node = Node::new(("node".to_owned(), "host".to_owned()), store.clone(), world, Board::new(now));
    let (run, held) = straight(node.begin()).await.unwrap().expect("it was ordered");
    // The first commit is that of its history.
    trouble.set(Some(Wanted::Unheard(1)));
    straight(node.produce(run, held)).await.unwrap();
    assert!(!trouble.is_armed());
    let (changes, _) = store.journal(0).await;
    let letters: Vec<_> = changes.iter().filter(|change| change.table == "run" && change.word == "alert").collect();
    assert!(letters.iter().any(|letter| letter.of == *report), "{changes:#?}");
}
