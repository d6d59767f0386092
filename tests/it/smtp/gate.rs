//! Holds an answer back until the test has seen what it wanted to see.

use std::time::Duration;
use tokio::sync::watch;

/// Longer than any test should wait: then it fails instead of hanging.
const LIMIT: Duration = Duration::from_secs(300);

#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<State>);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    open: bool,
    came: usize,
}

impl Gate {
    pub fn closed() -> Gate {
        Gate(watch::Sender::new(State::default()))
    }

    pub fn open(&self) {
        self.0.send_modify(|state| state.open = true);
    }

    /// Waits until `count` answers have come to the gate, whether they were let through or not.
    pub async fn reached_by(&self, count: usize) {
        let came = self.0.subscribe();
        wait(came, |state| state.came >= count, "nobody came to the gate").await;
    }

    /// [`Gate::reached_by`] for a test that blocks, async or not.
    pub fn block_until_reached_by(&self, count: usize) {
        let wait = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(self.reached_by(count));
        };
        std::thread::scope(|scope| scope.spawn(wait).join()).expect("somebody comes to the gate");
    }

    /// The server's side.
    pub(super) async fn pass(&self) {
        self.0.send_modify(|state| state.came += 1);
        let mut opened = self.0.subscribe();
        // A server that is dropped doesn't wait.
        opened.wait_for(|state| state.open).await.unwrap();
    }
}

async fn wait(mut state: watch::Receiver<State>, enough: impl FnMut(&State) -> bool, otherwise: &str) {
    tokio::time::timeout(LIMIT, state.wait_for(enough)).await.expect(otherwise).unwrap();
}
