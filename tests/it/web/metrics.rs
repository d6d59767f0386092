//! What `/metrics` tells.

use super::client::get;
use super::{NOW, Web, openmetrics};
use jiff::SignedDuration;
use kpid::outbox::{DeliveryState, RunState};
use kpid::text::Name;
use kpid::web::{Board, Stats};
use std::collections::BTreeMap;
use std::time::Duration;

async fn scraped(web: &Web) -> BTreeMap<String, f64> {
    let answer = get(&web.at, "/metrics").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
    openmetrics::read(&answer.body).unwrap_or_else(|why| panic!("{why}\n{}", answer.body))
}

fn fill(board: &Board) {
    let [weekly, daily, crm]: [Name; 3] = ["weekly".into(), "da\"i\\ly\n".into(), "crm".into()];
    let ago = |seconds| NOW - SignedDuration::from_secs(seconds);
    board.reloaded(Some("3f9a"), ago(100));
    board.reloaded(None, ago(50));
    board.planner_ran(ago(3));
    board.store_wrote(true, ago(2));
    board.clock_skew(SignedDuration::from_millis(-1500));
    board.nodes(3, true);
    board.planning_held(Some("why"));
    board.relay_held(true);
    let by_hand = Name::from("by_hand");
    let later = NOW + SignedDuration::from_millis(500);
    board.schedule([(&weekly, Some(NOW)), (&daily, Some(later)), (&by_hand, None)]);
    board.slots_skipped(&weekly, 2);
    board.slots_skipped(&weekly, 3);
    board.run_finished(&weekly, RunState::Delivered, SignedDuration::from_millis(2500));
    board.run_finished(&daily, RunState::Failed, SignedDuration::from_secs(900));
    board.delivery_finished(DeliveryState::Sent);
    board.delivery_finished(DeliveryState::Sent);
    board.delivery_finished(DeliveryState::Bounced);
    board.source_read(&crm, Duration::from_millis(20), true);
    board.source_read(&crm, Duration::from_secs(400), false);
    let stats = Stats {
        deliveries: BTreeMap::from([(DeliveryState::Queued, 4), (DeliveryState::Sent, 90)]),
        oldest_queued: Some(ago(75)),
        last_success: BTreeMap::from([(weekly, ago(3600))]),
    };
    board.store_says(&stats, NOW);
}

/// A20
#[tokio::test]
async fn metrics_are_openmetrics_before_and_after_anything_happened() {
    let web = Web::start().await;
    let empty = scraped(&web).await;
    assert_eq!(empty["kpid_config_last_reload_successful"], 0.0);
    assert_eq!(empty["kpid_store_up"], 0.0);
    assert_eq!(empty[&format!("kpid_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))], 1.0);
    fill(&web.board);
    let samples = scraped(&web).await;
    let now = NOW.as_second() as f64;
    for (series, value) in [
        ("kpid_catalogue_info{version=\"3f9a\"}", 1.0),
        ("kpid_config_last_reload_successful", 0.0),
        ("kpid_config_last_reload_timestamp_seconds", now - 100.0),
        ("kpid_config_mismatch", 1.0),
        ("kpid_report_next_due_timestamp_seconds{report=\"weekly\"}", now),
        ("kpid_report_next_due_timestamp_seconds{report=\"da\\\"i\\\\ly\\n\"}", now + 0.5),
        ("kpid_report_last_success_timestamp_seconds{report=\"weekly\"}", now - 3600.0),
        ("kpid_report_last_lateness_seconds{report=\"weekly\"}", 2.5),
        ("kpid_runs_total{report=\"weekly\",state=\"delivered\"}", 1.0),
        ("kpid_runs_total{report=\"weekly\",state=\"failed\"}", 0.0),
        ("kpid_runs_total{report=\"by_hand\",state=\"poisoned\"}", 0.0),
        ("kpid_slots_skipped_total{report=\"weekly\"}", 5.0),
        ("kpid_slots_skipped_total{report=\"by_hand\"}", 0.0),
        ("kpid_source_read_seconds_bucket{le=\"0.03\",source=\"crm\"}", 1.0),
        ("kpid_source_read_seconds_bucket{le=\"300.0\",source=\"crm\"}", 1.0),
        ("kpid_source_read_seconds_count{source=\"crm\"}", 2.0),
        ("kpid_source_read_seconds_sum{source=\"crm\"}", 400.02),
        ("kpid_source_failures_total{source=\"crm\"}", 1.0),
        ("kpid_deliveries{state=\"queued\"}", 4.0),
        ("kpid_deliveries{state=\"sent\"}", 90.0),
        ("kpid_deliveries{state=\"held\"}", 0.0),
        ("kpid_deliveries_finished_total{state=\"sent\"}", 2.0),
        ("kpid_deliveries_finished_total{state=\"bounced\"}", 1.0),
        ("kpid_deliveries_finished_total{state=\"expired\"}", 0.0),
        ("kpid_outbox_oldest_queued_seconds", 75.0),
        ("kpid_smtp_relay_held", 1.0),
        ("kpid_planner_last_run_timestamp_seconds", now - 3.0),
        ("kpid_planning_held", 1.0),
        ("kpid_store_up", 1.0),
        ("kpid_nodes_seen", 3.0),
        ("kpid_clock_skew_seconds", -1.5),
    ] {
        assert_eq!(samples.get(series), Some(&value), "{series} in {samples:#?}");
    }
    assert!(samples.keys().all(|name| name.starts_with("kpid_") || name.starts_with("process_")), "{samples:#?}");
}

#[tokio::test]
async fn reports_that_are_gone_leave_no_times_behind() {
    let web = Web::start().await;
    fill(&web.board);
    let new = Name::from("new");
    web.board.schedule([(&new, Some(NOW))]);
    web.board.store_says(&Stats::default(), NOW);
    web.board.reloaded(Some("4a00"), NOW);
    let samples = scraped(&web).await;
    let of = |family: &str| samples.keys().filter(|name| name.starts_with(family)).cloned().collect::<Vec<_>>();
    assert_eq!(of("kpid_report_next_due"), ["kpid_report_next_due_timestamp_seconds{report=\"new\"}"]);
    assert_eq!(of("kpid_report_last_success"), [""; 0]);
    assert_eq!(of("kpid_catalogue_info"), ["kpid_catalogue_info{version=\"4a00\"}"]);
    assert_eq!((samples["kpid_outbox_oldest_queued_seconds"], samples["kpid_deliveries{state=\"sent\"}"]), (0.0, 0.0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn process_tells_its_memory_and_files() {
    let web = Web::start().await;
    let before = scraped(&web).await;
    assert!(before["process_resident_memory_bytes"] > 1e6, "{before:?}");
    let held: Vec<_> = (0..300).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    let opened = scraped(&web).await["process_open_fds"];
    // The other tests open and close some meanwhile.
    assert!(opened >= held.len() as f64, "{opened}");
}
