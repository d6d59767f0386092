//! One daemon among those that share a store: its name, its hands, and how it tells the administrator.

use super::hand::{Hand, Work};
use super::relay::Breaker;
use super::world::World;
use crate::outbox::{Artifact, LAST_LOOK, LEASE};
use crate::render::Event;
use crate::store::{Store, StoreError};
use crate::text::Name;
use crate::web::Board;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A daemon at work.
pub struct Node<W> {
    /// A new random name each time the program starts: host names and process ids come back, in clones of a machine for instance.
    pub id: String,
    /// What people call the machine.
    pub host: String,
    pub store: Store,
    pub world: W,
    pub board: Board,
    pub started: Timestamp,
    /// Since when other nodes hold another catalogue.
    pub(super) differs: Mutex<Option<Timestamp>>,
    pub(super) hand: Hand,
    pub(super) breaker: Mutex<Breaker>,
    letters: Mutex<Letters>,
    /// When the store last renewed what is in hand.
    renewed: Mutex<Timestamp>,
    /// The artifact that was sent last: the deliveries of a run come one after the other.
    pub(super) latest: Mutex<Option<(String, Arc<Artifact>)>>,
}

/// How many letters the administrator gets from one node within an hour: more say no more.
const LETTERS: u32 = 30;

/// Letters to the administrator in the hour that began then.
#[derive(Debug, Default)]
pub(super) struct Letters {
    hour: Timestamp,
    count: u32,
}

impl Letters {
    fn may_go(&mut self, now: Timestamp) -> bool {
        if now.duration_since(self.hour).abs() >= SignedDuration::from_hours(1) {
            (self.hour, self.count) = (now, 0);
        }
        self.count += 1;
        self.count <= LETTERS
    }

    /// It had been told before.
    fn take_back(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}

/// A store that is silent for longer is out of reach.
const BEAT_WITHIN: Duration = Duration::from_secs(15);

/// How long an alert is worth sending.
const ALERT_HOURS: i64 = 48;

impl<W: World> Node<W> {
    pub fn new((id, host): (String, String), store: Store, world: W, board: Board) -> Node<W> {
        let started = world.now();
        let renewed = Mutex::new(started);
        Node {
            id,
            host,
            store,
            world,
            board,
            started,
            differs: Mutex::default(),
            hand: Hand::default(),
            breaker: Mutex::default(),
            letters: Mutex::default(),
            renewed,
            latest: Mutex::default(),
        }
    }

    /// The heartbeat: renews the lease of everything in hand. Who works on a claim that was lost is told; all of them are when the
    /// store has not answered for so long that others may take the work over.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn beat(&self) -> Result<(), StoreError> {
        // What a slow store renews holds from when it was asked.
        let now = self.world.now();
        let kept = async {
            let mut lost = self.store.keep_runs(&self.hand.claims(Work::Run), now).await?;
            lost.extend(self.store.keep_deliveries(&self.hand.claims(Work::Delivery), now).await?);
            Ok(lost)
        };
        let kept = tokio::time::timeout(BEAT_WITHIN, kept).await;
        match kept.unwrap_or_else(|_| Err(StoreError::Database(format!("no answer within {BEAT_WITHIN:?}")))) {
            Ok(lost) => {
                self.hand.lose(&lost);
                *guard(&self.renewed) = now;
                Ok(())
            }
            Err(error) => {
                // A clock that went back says nothing of how long it was.
                let silent = self.world.now().duration_since(*guard(&self.renewed)).abs();
                if silent > SignedDuration::try_from(LEASE - LAST_LOOK).unwrap_or(SignedDuration::MAX) {
                    self.hand.lose_all();
                }
                Err(error)
            }
        }
    }

    /// The same where nothing may wait for it.
    pub async fn tell_or_log(&self, key: &str, about: &Name, event: Event) {
        if let Err(error) = self.tell(key, about, event).await {
            tracing::error!(%error, key, "the administrator can't be told");
        }
    }

    /// Tells the administrator, once for each `key`: as a mail of its own when the installation names one, and in the log.
    ///
    /// # Errors
    /// The store did not take it.
    pub async fn tell(&self, key: &str, about: &Name, event: Event) -> Result<(), StoreError> {
        let Some((letter, to)) = self.world.letter(event) else { return Ok(()) };
        let now = self.world.now();
        if !guard(&self.letters).may_go(now) {
            tracing::error!(key, "the administrator got {LETTERS} letters within the hour and is not told of this one");
            return Ok(());
        }
        if !self.store.alert(key, about, &letter, &to, now + ALERT_HOURS.hours(), now).await? {
            guard(&self.letters).take_back();
        }
        Ok(())
    }
}

/// What these locks guard is whole at every moment, also when its holder panicked.
pub(super) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
