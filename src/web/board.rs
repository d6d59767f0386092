//! The board: the daemon writes on it how it fares, [`serve`](super::serve) reads it aloud.

use super::health::Health;
use super::metrics::{Labels, Metrics};
use crate::outbox::{DeliveryState, RunState};
use crate::text::Name;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Cheap to clone; all clones are one board. No method waits for anything but another's few writes to memory.
#[derive(Debug, Clone)]
pub struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metrics: Metrics,
    health: Mutex<Health>,
}

/// What the store holds, of all nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many mails are in each state; a state that is absent counts none.
    pub deliveries: BTreeMap<DeliveryState, u64>,
    /// Since when the mail that has waited longest is queued.
    pub oldest_queued: Option<Timestamp>,
    /// When an edition last reached everyone, of the reports that the catalogue has; those that never did are absent.
    pub last_success: BTreeMap<Name, Timestamp>,
}

impl Board {
    /// Of a program that starts now: alive, and not ready before it has a configuration and a store.
    pub fn new(started: Timestamp) -> Board {
        let metrics = Metrics::new();
        for state in DeliveryState::ALL.into_iter().filter(|state| state.is_final()) {
            drop(metrics.deliveries_finished.get_or_create(&of_state(state)));
        }
        Board(Arc::new(Inner { metrics, health: Mutex::new(Health::new(started)) }))
    }

    /// The planner has looked for what is due.
    pub fn planner_ran(&self, at: Timestamp) {
        self.health().planner_ran = at;
        self.metrics().planner_ran.set(epoch_seconds(at));
    }

    /// Why nothing new is planned, in words that anybody may read; `None`: planning goes on.
    pub fn planning_held(&self, why: Option<&str>) {
        self.health().held = why.map(str::to_owned);
        self.metrics().planning_held.set(why.is_some().into());
    }

    /// Whether the store took a write, the heartbeat's at least. A node that says nothing for 20 s counts as cut off.
    pub fn store_wrote(&self, ok: bool, at: Timestamp) {
        let mut health = self.health();
        health.store_works = ok;
        if ok {
            health.written = Some(at);
        }
        self.metrics().store_up.set(ok.into());
    }

    /// By how much this node's clock is ahead of the store's; negative when it is behind.
    pub fn clock_skew(&self, ahead: SignedDuration) {
        self.health().skew = ahead;
        self.metrics().clock_skew.set(ahead.as_secs_f64());
    }

    /// How many nodes were heard of lately, this one included, and whether they use different catalogues.
    pub fn nodes(&self, seen: usize, mismatch: bool) {
        self.metrics().nodes.set(i64::try_from(seen).unwrap_or(i64::MAX));
        self.metrics().config_mismatch.set(mismatch.into());
    }

    /// The catalogue was read: the version of the new one, now in use; `None` when it was refused and the old one stays.
    pub fn reloaded(&self, version: Option<&str>, at: Timestamp) {
        let metrics = self.metrics();
        metrics.config_reloaded.set(version.is_some().into());
        if let Some(version) = version {
            self.health().configured = true;
            metrics.config_reloaded_at.set(epoch_seconds(at));
            let _whole = metrics.whole();
            metrics.config_info.clear();
            metrics.config_info.get_or_create(&[("version", version.to_owned())]).set(1);
        }
    }

    /// The reports there are and when each is next due; `None` of those that are made by hand only. What was said of the times of
    /// others is gone. What may be counted of these starts at 0: of a series that begins at 1, Prometheus sees no increase.
    pub fn schedule<'n>(&self, next: impl IntoIterator<Item = (&'n Name, Option<Timestamp>)>) {
        let metrics = self.metrics();
        let _whole = metrics.whole();
        metrics.next_due.clear();
        for (report, at) in next {
            let label = of_report(report);
            if let Some(at) = at {
                metrics.next_due.get_or_create(&label).set(epoch_seconds(at));
            }
            drop(metrics.skipped.get_or_create(&label));
            for state in RunState::ALL.into_iter().filter(|state| state.is_final()) {
                drop(metrics.runs.get_or_create(&of_run(report, state)));
            }
        }
    }

    /// Scheduled times that got no run.
    pub fn slots_skipped(&self, report: &Name, count: usize) {
        self.metrics().skipped.get_or_create(&of_report(report)).inc_by(count as u64);
    }

    /// A run reached a final state, `late` after its slot.
    pub fn run_finished(&self, report: &Name, state: RunState, late: SignedDuration) {
        self.metrics().lateness.get_or_create(&of_report(report)).set(late.as_secs_f64());
        self.metrics().runs.get_or_create(&of_run(report, state)).inc();
    }

    /// A delivery reached a final state.
    pub fn delivery_finished(&self, state: DeliveryState) {
        self.metrics().deliveries_finished.get_or_create(&of_state(state)).inc();
    }

    /// A source was read for one window.
    pub fn source_read(&self, source: &Name, took: Duration, ok: bool) {
        let labels = [("source", source.to_string())];
        self.metrics().source_reads.get_or_create(&labels).observe(took.as_secs_f64());
        self.metrics().source_failures.get_or_create(&labels).inc_by((!ok).into());
    }

    /// Whether sending is paused because the mail server can't be used.
    pub fn relay_held(&self, held: bool) {
        self.metrics().relay_held.set(held.into());
    }

    /// What the store holds now. To be told every few seconds; until then what it held before is shown.
    pub fn store_says(&self, stats: &Stats, now: Timestamp) {
        let metrics = self.metrics();
        let waited = stats.oldest_queued.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0));
        let _whole = metrics.whole();
        metrics.oldest_queued.set(waited);
        for state in DeliveryState::ALL {
            let count = stats.deliveries.get(&state).copied().unwrap_or(0);
            metrics.deliveries.get_or_create(&of_state(state)).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        metrics.last_success.clear();
        for (report, at) in &stats.last_success {
            metrics.last_success.get_or_create(&of_report(report)).set(epoch_seconds(*at));
        }
    }

    /// Why a restart would help; nothing when it would not.
    pub fn stuck(&self, now: Timestamp) -> Vec<String> {
        self.health().stuck(now)
    }

    /// Why this node can't do its work; nothing when it can.
    pub(super) fn hindered(&self, now: Timestamp) -> Vec<String> {
        self.health().hindered(now)
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.0.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_report(report: &Name) -> Labels<1> {
    [("report", report.to_string())]
}

fn of_run(report: &Name, state: RunState) -> Labels<2> {
    [("report", report.to_string()), ("state", state.as_str().to_owned())]
}

fn of_state(state: DeliveryState) -> Labels<1> {
    [("state", state.as_str().to_owned())]
}

/// Seconds since 1970, to the millisecond.
fn epoch_seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
