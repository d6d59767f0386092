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
    /// Whether the clock was compared with the last heartbeat of any node.
    pub(super) looked: Mutex<bool>,
    /// Since when other nodes hold another catalogue.
    pub(super) differs: Mutex<Option<Timestamp>>,
    pub(super) hand: Hand,
    pub(super) breaker: Mutex<Breaker>,
    /// When the store last renewed what is in hand.
    renewed: Mutex<Timestamp>,
    /// The artifact that was sent last: the deliveries of a run come one after the other.
    pub(super) latest: Mutex<Option<(String, Arc<Artifact>)>>,
}

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
            looked: Mutex::default(),
            differs: Mutex::default(),
            hand: Hand::default(),
            breaker: Mutex::default(),
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
        match kept.await {
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

    /// Tells the administrator, once for each `key`: as a mail of its own when the installation names one, and in the log.
    ///
    /// # Errors
    /// The store did not take it.
    pub async fn tell(&self, key: &str, about: &Name, event: Event) -> Result<(), StoreError> {
        let Some((letter, to)) = self.world.letter(event) else { return Ok(()) };
        let now = self.world.now();
        self.store.alert(key, about, &letter, &to, now + ALERT_HOURS.hours(), now).await?;
        Ok(())
    }
}

/// What these locks guard is whole at every moment, also when its holder panicked.
pub(super) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
