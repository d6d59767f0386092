//! The daemon as a process: mail throughput, a burst at eight o'clock, planning after a month of downtime, punctuality, reloads.
//!
//! Each question is asked with the store on SQLite and, where `KPID_TEST_POSTGRES` names a server, on PostgreSQL. Times are those that the
//! daemon itself noted in its store: when runs were planned, begun and rendered, and when each mail was taken.

mod burst;
mod daemon;
mod mail;
mod planner;
mod punctual;
mod reload;

use crate::figures::Table;
use daemon::Place;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

pub async fn mail() -> anyhow::Result<Table> {
    mail::table(&Place::all()).await
}

pub async fn burst() -> anyhow::Result<Table> {
    burst::table(&Place::all()).await
}

pub async fn planning() -> anyhow::Result<Table> {
    planner::table(&Place::all()).await
}

/// `minutes` of waiting for punctual reports.
pub async fn punctual(minutes: u32) -> anyhow::Result<Table> {
    punctual::table(&Place::all(), minutes).await
}

pub async fn reload() -> anyhow::Result<Table> {
    reload::table().await
}

fn left_out(places: &[Place]) -> Vec<String> {
    match places.len() {
        1 => vec!["the store on PostgreSQL (KPID_TEST_POSTGRES is not set)".to_owned()],
        _ => Vec::new(),
    }
}

/// The value that a share `p` of `values` does not exceed.
fn percentile(values: &mut [f64], p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * p).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// The next full minute that is at least `ahead` away.
fn next_minute(ahead: Duration) -> Timestamp {
    let at = Timestamp::now() + SignedDuration::try_from(ahead).expect("a few seconds");
    Timestamp::from_second((at.as_second() / 60 + 1) * 60).expect("this century")
}
