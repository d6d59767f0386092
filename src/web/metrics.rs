//! The families of metrics and their names, in OpenMetrics text.
//!
//! All begin with `kpid_`, but for the two of the process, whose names every exporter shares. Counters and histograms are of this
//! process; what lives in the store is told anew now and then ([`Board::store_says`](super::Board::store_says)), so that being asked
//! costs no query. Deliberately absent: recipients, addresses and anything else that is not a name from the catalogue.

use super::process::Process;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) type Labels<const N: usize> = [(&'static str, String); N];
pub(super) type Number = Gauge<f64, AtomicU64>;

/// One or more of each thing that is counted or measured.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Mutex<Registry>,
    pub(super) config_info: Family<Labels<1>, Gauge>,
    pub(super) config_reloaded: Gauge,
    pub(super) config_reloaded_at: Number,
    pub(super) config_mismatch: Gauge,
    pub(super) next_due: Family<Labels<1>, Number>,
    pub(super) last_success: Family<Labels<1>, Number>,
    pub(super) lateness: Family<Labels<1>, Number>,
    pub(super) runs: Family<Labels<2>, Counter>,
    pub(super) skipped: Family<Labels<1>, Counter>,
    pub(super) deliveries: Family<Labels<1>, Gauge>,
    pub(super) deliveries_finished: Family<Labels<1>, Counter>,
    pub(super) oldest_queued: Number,
    pub(super) source_reads: Family<Labels<1>, Histogram, fn() -> Histogram>,
    pub(super) source_failures: Family<Labels<1>, Counter>,
    pub(super) relay_held: Gauge,
    pub(super) planner_ran: Number,
    pub(super) planning_held: Gauge,
    pub(super) store_up: Gauge,
    pub(super) nodes: Gauge,
    pub(super) clock_skew: Number,
}

/// Upper bounds in seconds: from a lookup by key to the longest that a query may take.
const READ_BUCKETS: [f64; 10] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 300.0];

impl Metrics {
    pub(super) fn new() -> Metrics {
        let metrics = Metrics {
            registry: Mutex::default(),
            config_info: Family::default(),
            config_reloaded: Gauge::default(),
            config_reloaded_at: Gauge::default(),
            config_mismatch: Gauge::default(),
            next_due: Family::default(),
            last_success: Family::default(),
            lateness: Family::default(),
            runs: Family::default(),
            skipped: Family::default(),
            deliveries: Family::default(),
            deliveries_finished: Family::default(),
            oldest_queued: Gauge::default(),
            source_reads: Family::new_with_constructor(|| Histogram::new(READ_BUCKETS)),
            source_failures: Family::default(),
            relay_held: Gauge::default(),
            planner_ran: Gauge::default(),
            planning_held: Gauge::default(),
            store_up: Gauge::default(),
            nodes: Gauge::default(),
            clock_skew: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.whole();
        registry.register_collector(Box::new(Process));
        let ours = registry.sub_registry_with_prefix("kpid");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "The version of the program", version);
        self.register_catalogue(ours);
        self.register_reports(ours);
        self.register_mail(ours);
        self.register_node(ours);
    }

    fn register_catalogue(&self, to: &mut Registry) {
        to.register("catalogue_info", "The version of the catalogue in use", self.config_info.clone());
        let help = "Whether the catalogue as it was last found is in use; 0 while an older one is";
        to.register("config_last_reload_successful", help, self.config_reloaded.clone());
        let help = "When the catalogue in use was loaded";
        seconds(to, "config_last_reload_timestamp", help, self.config_reloaded_at.clone());
        let help = "Whether nodes of this store use different catalogues";
        to.register("config_mismatch", help, self.config_mismatch.clone());
    }

    fn register_reports(&self, to: &mut Registry) {
        let help = "When the report is next due by its schedule";
        seconds(to, "report_next_due_timestamp", help, self.next_due.clone());
        let help = "When an edition of the report last reached everyone";
        seconds(to, "report_last_success_timestamp", help, self.last_success.clone());
        let help = "How long after its scheduled time the last run that this node finished was done";
        seconds(to, "report_last_lateness", help, self.lateness.clone());
        to.register("runs", "Runs that this node finished, by how", self.runs.clone());
        let help = "Scheduled times that got no run, as `missed` and `within` of the report say";
        to.register("slots_skipped", help, self.skipped.clone());
        let help = "How long reading a source for one window took";
        seconds(to, "source_read", help, self.source_reads.clone());
        to.register("source_failures", "Readings of a source that failed", self.source_failures.clone());
    }

    fn register_mail(&self, to: &mut Registry) {
        to.register("deliveries", "Mails in the store, by state", self.deliveries.clone());
        let help = "Mails that this node finished with, by how";
        to.register("deliveries_finished", help, self.deliveries_finished.clone());
        let help = "How long the mail that has waited longest has been queued; 0 when none is";
        seconds(to, "outbox_oldest_queued", help, self.oldest_queued.clone());
        let help = "Whether sending is paused because the mail server can't be used";
        to.register("smtp_relay_held", help, self.relay_held.clone());
    }

    fn register_node(&self, to: &mut Registry) {
        let help = "When this node last looked for what is due";
        seconds(to, "planner_last_run_timestamp", help, self.planner_ran.clone());
        let help = "Whether nothing new is planned until somebody resumes";
        to.register("planning_held", help, self.planning_held.clone());
        to.register("store_up", "Whether the store took this node's last write", self.store_up.clone());
        to.register("nodes_seen", "Nodes that share the store and were heard of lately", self.nodes.clone());
        let help = "By how much this node's clock is ahead of the store's";
        seconds(to, "clock_skew", help, self.clock_skew.clone());
    }

    /// Held while series are replaced, so that no answer shows the half of them.
    pub(super) fn whole(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In `application/openmetrics-text; version=1.0.0`.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.whole()).expect("writing to memory succeeds");
        text
    }
}

/// A family whose unit ends its name.
fn seconds(to: &mut Registry, name: &str, help: &str, metric: impl prometheus_client::registry::Metric) {
    to.register_with_unit(name, help, Unit::Seconds, metric);
}
