//! The loops of the service: each repeats one step of the node when a tick, news, or its own last success says that there is something to do.

use super::courier::InHand;
use super::installation::{Installation, LoadError};
use super::node::Node;
use super::outside::Outside;
use super::relay::Pace;
use super::reload::{Outcome, Refusal, Reloads};
use super::tick::Ticks;
use super::world::World;
use crate::catalog::{Catalog, Problems};
use crate::render::Event;
use crate::store::StoreError;
use crate::text::Name;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::sync::{Mutex, Notify, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What the loops share.
#[derive(Clone)]
pub struct Shop {
    pub node: Arc<Node<Outside>>,
    pub ticks: Ticks,
    pub stop: watch::Receiver<bool>,
    /// Runs were planned.
    pub runs: Arc<Notify>,
    /// Mails were queued.
    pub mails: Arc<Notify>,
}

/// The store is asked that often, in ticks, whether another node or a person left work there.
const LOOK: u32 = 5;
/// The schedules are looked at that often when nothing is due.
const PLAN_EVERY: SignedDuration = SignedDuration::from_secs(20);
/// Heartbeat, in ticks.
const BEAT: u32 = 15;
/// A beat comes after that at the latest.
const LATE_BEAT: Duration = Duration::from_secs(20);
/// Retention.
const PRUNE: Duration = Duration::from_secs(3600);
/// How many runs are made at the same time.
const RUNS: usize = 4;
/// How many deliveries a claim takes.
const BATCH: usize = 50;
/// A connection to the mail server that was idle for so long is ended.
const IDLE: Duration = Duration::from_secs(30);

/// How the folder stands.
struct Reading {
    /// Since when the snapshot in use is in use.
    taken: Timestamp,
    /// Since when what is there is refused.
    refused: Option<Timestamp>,
}

impl Shop {
    async fn stopped(&mut self) {
        // The sender lives as long as the service.
        _ = self.stop.wait_for(|stop| *stop).await;
    }

    /// Plans what comes due, and takes new snapshots of the installation: what lies before an edit is planned as it was declared then.
    pub async fn planner(
        mut self,
        installed: watch::Sender<Arc<Installation>>,
        mut reloads: Reloads,
        mut hangup: Signal,
    ) {
        let mut stop = self.clone();
        let (mut next, mut looked) = (None, Timestamp::MIN);
        let mut state = Reading { taken: self.node.started, refused: None };
        loop {
            let news = tokio::select! {
                () = self.ticks.next() => None,
                outcome = reloads.next() => Some(outcome),
                _ = hangup.recv() => {
                    tracing::info!("reload asked for");
                    super::service::notify_reloading();
                    reloads.force();
                    continue;
                }
                () = stop.stopped() => return,
            };
            let now = self.node.world.now();
            let due = next.is_some_and(|next| next <= now) || now.duration_since(looked).abs() > PLAN_EVERY;
            if due || news.is_some() {
                let installation = Arc::clone(&installed.borrow());
                let planned = self.plan(&installation).await;
                self.node.board.store_wrote(planned.is_ok(), now);
                match planned {
                    Ok(found) => {
                        super::service::notify_status(found);
                        (next, looked) = (found, now);
                    }
                    Err(error) => tracing::error!(%error, "can't plan"),
                }
            }
            self.node.board.planner_ran(now);
            super::service::notify_alive(&self.node.board, now);
            if let Some(outcome) = news {
                self.reloaded(outcome, &installed, (now, &mut state)).await;
                // The new schedules are known from now on.
                looked = Timestamp::MIN;
            }
        }
    }

    async fn plan(&self, installation: &Installation) -> Result<Option<Timestamp>, StoreError> {
        let held = self.node.may_plan().await?;
        self.node.board.planning_held(held.as_deref());
        if held.is_some() {
            return Ok(None);
        }
        let reports = &installation.catalog.reports;
        let next = self.node.plan(reports).await?;
        let now = self.node.world.now();
        let due = |spec: &crate::report::ReportSpec| spec.schedule.as_ref()?.next(&spec.calendar.zone, now);
        self.node.board.schedule(reports.iter().map(|(id, spec)| (id, due(spec))));
        self.runs.notify_one();
        Ok(next)
    }

    async fn reloaded(
        &self,
        outcome: Outcome,
        installed: &watch::Sender<Arc<Installation>>,
        (now, state): (Timestamp, &mut Reading),
    ) {
        match outcome {
            Outcome::Taken { installation, warnings, gone } => {
                let old = installed.send_replace(Arc::clone(&installation));
                let version = &installation.catalog.version;
                tracing::info!(%version, "the catalogue was read anew");
                warn_of(&warnings);
                for setting in old.fixed(&installation) {
                    tracing::warn!(setting, "takes effect at the next start");
                }
                for report in gone {
                    tracing::warn!(%report, "the report is no longer declared");
                }
                self.node.board.reloaded(Some(version), now);
                let way = |catalog: &Catalog| {
                    let mail = catalog.settings.mail.as_ref();
                    mail.map(|mail| (mail.server.expose().to_owned(), mail.auth))
                };
                if way(&old.catalog) != way(&installation.catalog) {
                    self.node.forgive_relay().await;
                    self.mails.notify_one();
                }
                *state = Reading { taken: now, refused: None };
            }
            Outcome::Unchanged => {
                let version = installed.borrow().catalog.version.clone();
                tracing::info!(%version, "the catalogue is unchanged");
                state.refused = None;
                self.node.board.reloaded(Some(&version), now);
            }
            Outcome::Refused(refusal) => {
                tracing::error!(why = refusal.in_a_line(), "the edited catalogue is refused; the old one stays");
                self.node.board.reloaded(None, now);
                let problems = match &refusal {
                    Refusal::Wrong(LoadError::Catalog(problems)) => {
                        problems.iter().map(|one| one.in_a_line()).collect()
                    }
                    other => vec![other.in_a_line()],
                };
                // Somebody who saves five wrong versions is told once, until it is right again.
                let key = format!("refused|{}|{}", self.node.id, state.refused.get_or_insert(now));
                let event = Event::Refused { since: state.taken, problems };
                let told = self.node.tell(&key, &Name::from(""), event).await;
                log(told);
            }
        }
        super::service::notify_ready();
    }

    /// Makes due runs, some at the same time.
    pub async fn producers(mut self) {
        let places = Arc::new(Semaphore::new(RUNS));
        let mut stop = self.clone();
        // Dropped with the loop: what is being made then is given up, and handed back.
        let mut making = JoinSet::new();
        loop {
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place.expect("it is never closed"),
                () = stop.stopped() => return,
            };
            while let Some(ended) = making.try_join_next() {
                log_panic(ended);
            }
            match self.node.begin().await {
                Ok(Some((run, held))) => {
                    let shop = self.clone();
                    making.spawn(async move {
                        log(shop.node.produce(run, held).await);
                        shop.mails.notify_one();
                        shop.runs.notify_one();
                        drop(place);
                    });
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "can't look for due runs"),
            }
            drop(place);
            tokio::select! {
                () = self.ticks.after(LOOK) => {}
                () = self.runs.notified() => {}
                () = stop.stopped() => return,
            }
        }
    }

    /// Takes what is due to be sent and gives it to the sessions.
    pub async fn dispatcher(mut self, queue: mpsc::Sender<InHand>) {
        let mut stop = self.clone();
        loop {
            let most = u32::try_from(queue.capacity().min(BATCH)).unwrap_or(1);
            let taken = match self.node.take(most).await {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::error!(%error, "can't look for due mails");
                    Vec::new()
                }
            };
            // While the mail server has yet to show that it works, one at a time.
            let idle = taken.is_empty() || self.node.is_probing();
            for item in taken {
                // It has room: that much was taken.
                if queue.send(item).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                () = self.ticks.after(LOOK), if idle => {}
                () = self.mails.notified(), if idle => {}
                // Half a batch at least, so that a claim is worth its commit.
                () = room(&queue), if !idle => {}
                () = stop.stopped() => return,
            }
        }
    }

    /// One connection to the mail server.
    pub async fn session(self, queue: Arc<Mutex<mpsc::Receiver<InHand>>>, pace: Arc<Mutex<Option<Pace>>>) {
        let mut post = self.node.world.session();
        let mut stop = self.clone();
        loop {
            let item = tokio::select! {
                item = async { queue.lock().await.recv().await } => item,
                () = tokio::time::sleep(IDLE) => {
                    post.rest().await;
                    continue;
                }
                () = stop.stopped() => None,
            };
            let Some(item) = item else { return post.rest().await };
            let turn = pace.lock().await.as_mut().map(|pace| pace.turn(Instant::now()));
            if let Some(turn) = turn {
                tokio::select! {
                    () = tokio::time::sleep_until(turn) => {}
                    () = stop.stopped() => return post.rest().await,
                }
            }
            log(self.node.deliver(&mut post, item).await);
            self.mails.notify_one();
        }
    }

    /// Removes what is older than it is kept, now and then.
    pub async fn retention(self, installed: watch::Receiver<Arc<Installation>>) {
        let mut stop = self.clone();
        loop {
            tokio::select! {
                () = tokio::time::sleep(PRUNE) => {}
                () = stop.stopped() => return,
            }
            let within = installed.borrow().catalog.reports.values().filter_map(|spec| spec.missed.within).max();
            log(self.node.prune(within.unwrap_or_default()).await);
        }
    }

    /// Renews leases, tells the board and systemd how things are, takes over what died.
    pub async fn heart(mut self, installed: watch::Receiver<Arc<Installation>>) {
        let mut stop = self.clone();
        loop {
            let version = installed.borrow().catalog.version.clone();
            let reports: BTreeSet<Name> = installed.borrow().catalog.reports.keys().cloned().collect();
            let beaten = self.node.pulse(&version, &reports).await;
            self.node.board.store_wrote(beaten.is_ok(), self.node.world.now());
            log(beaten);
            tokio::select! {
                () = self.ticks.after(BEAT) => {}
                // Ticks go by the wall clock: while it is set back they are slow, and leases must not run out.
                () = tokio::time::sleep(LATE_BEAT) => {}
                () = stop.stopped() => return,
            }
        }
    }
}

/// What is worth saying about a catalogue, a line each.
pub fn warn_of(warnings: &Problems) {
    for warning in warnings.iter() {
        tracing::warn!("{}", warning.in_a_line());
    }
}

/// Until half of the queue is free.
async fn room(queue: &mpsc::Sender<InHand>) {
    // The permits are given back at once: they were only waited for.
    drop(queue.reserve_many(queue.max_capacity() / 2).await);
}

fn log(done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::error!(%error, "the store did not answer");
    }
}

fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a run broke");
    }
}
