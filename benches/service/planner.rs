//! F-6: 1,000 reports after 30 days of downtime, and what an idle daemon costs.

use super::daemon::{Home, Place, Running};
use super::{left_out, seconds};
use crate::figures::Table;
use anyhow::{Context, ensure};
use jiff::{Timestamp, ToSpan};
use kpid::catalog::Catalog;
use kpid::outbox::plan;
use kpid::secret::Secret;
use kpid::store::{Role, RunFilter, Store};
use serde_json::json;
use std::fmt::Write;
use std::time::{Duration, Instant};

const REPORTS: usize = 1_000;
/// How long the idle daemon is watched.
const WATCH: Duration = Duration::from_secs(60);

pub async fn table(places: &[Place]) -> anyhow::Result<Table> {
    let mut rows = Vec::new();
    for place in places {
        rows.push(planned(place).await?);
    }
    let title = "Planning (F-6): 1,000 daily reports after 30 days of downtime; then an idle minute";
    let aim = "planned <= 2 s after the start; idle <= 0.2 % CPU and <= 3 wake-ups a second";
    Ok(Table { title, aim, rows, left_out: left_out(places) })
}

async fn planned(place: &Place) -> anyhow::Result<serde_json::Value> {
    let mail = "mail: { from: kpis@example.com, server: \"smtp://127.0.0.1:9\" }";
    let home = Home::new(place, "planner", mail, &yaml()).await?;
    let then = Timestamp::now() - 720.hours();
    // As the daemon that ran then; it makes the store.
    let store = Store::open(&Secret::new(home.store.clone()), Role::Daemon, 4, then).await?;
    let loaded = Catalog::load(&home.kpis(), &|_| None).map_err(|problems| anyhow::anyhow!("{problems}"))?;
    for spec in loaded.catalog.reports.values() {
        let planned = plan(spec, None, then).context("a schedule")?;
        ensure!(store.plan(&spec.id, None, &planned, then).await?, "somebody else plans");
    }
    drop(store);
    let started = Timestamp::now();
    let daemon = Running::kpid(&home)?;
    daemon.says("serving", 1).await?;
    let store = home.store().await?;
    let until = Instant::now() + Duration::from_secs(60);
    let runs = loop {
        let runs = store.runs(&RunFilter::default(), Timestamp::now()).await?;
        if runs.len() == REPORTS {
            break runs;
        }
        ensure!(Instant::now() < until, "only {} runs were planned", runs.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let last = runs.iter().map(|run| run.run.created).max().context("a run")?;
    // The runs fail by themselves: their reports measure a source that is no database. Then nothing is left to do.
    drop(daemon);
    let idle = idle(place).await?;
    home.remove().await?;
    Ok(crate::figures::joined(json!({ "store": place.name(), "planned_s": seconds(started, last) }), idle))
}

async fn idle(place: &Place) -> anyhow::Result<serde_json::Value> {
    let mail = "mail: { from: kpis@example.com, server: \"smtp://127.0.0.1:9\" }";
    let home = Home::new(place, "idle", mail, &yaml()).await?;
    let daemon = Running::kpid(&home)?;
    daemon.says("serving", 1).await?;
    // What a start costs is not idle.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = (daemon.cpu()?, daemon.wakeups()?);
    tokio::time::sleep(WATCH).await;
    let cpu = (daemon.cpu()? - before.0).as_secs_f64() / WATCH.as_secs_f64();
    let wakeups = (daemon.wakeups()? - before.1) as f64 / WATCH.as_secs_f64();
    drop(daemon);
    home.remove().await?;
    Ok(json!({ "idle_CPU_percent": cpu * 100.0, "wakeups_per_s": wakeups }))
}

/// Daily at an hour that is twelve hours away, so that nothing comes due while the daemon is watched.
fn yaml() -> String {
    let at = (Timestamp::now() - 12.hours()).to_zoned(jiff::tz::TimeZone::UTC).strftime("%-M %-H * * *").to_string();
    let mut yaml = "databases: { d: { url: \"sqlite://none.db\" } }\n\
        sources: { s: { database: d, sql: SELECT 1 AS n, measures: [n] } }\n\
        kpis: { k: { formula: s.n, unit: count, good: up, target: 10 } }\nreports:\n"
        .to_owned();
    for report in 0..REPORTS {
        // Writing to a String can't fail.
        _ = writeln!(
            yaml,
            "  r{report}: {{ title: Report {report}, schedule: \"{at}\", period: day, to: [a@example.com], sections: [{{ title: All, kpis: [k] }}] }}"
        );
    }
    yaml
}
