//! The sample company's weekly report: period, previous, year ago and a trend of twelve weeks, on real databases.
//!
//! kpid and the floor run in turns, so that what else the machine does falls on both. kpid's own CPU is the difference of
//! the process's CPU times: SQLite works inside the process, in both alike.

use crate::figures::{Table, cpus, joined, median, milliseconds, walls};
use crate::floor::Floor;
use crate::home::{Home, TODAY};
use crate::process::{Case, Spent, Stopwatch, apart, peak_mib};
use jiff::Timestamp;
use kpid::calendar::Calendar;
use kpid::catalog::Catalog;
use kpid::measure::Request;
use kpid::pipeline;
use kpid::source::Sources;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Measured turns, after one that warms caches up: at least so many, and more until so much time has passed.
const TURNS: usize = 9;
const TIME: Duration = Duration::from_secs(20);

pub async fn table(sessions: &[u32]) -> anyhow::Result<Table> {
    let mut rows = Vec::new();
    let mut left_out = Vec::new();
    let server = std::env::var("KPID_TEST_POSTGRES");
    for sessions in sessions {
        rows.push(row("SQLite", *sessions, Home::sqlite(*sessions).await?).await?);
        match &server {
            Ok(server) => rows.push(row("PostgreSQL", *sessions, Home::postgres(server, *sessions).await?).await?),
            Err(_) => left_out.push(format!("PostgreSQL at {sessions} sessions (KPID_TEST_POSTGRES is not set)")),
        }
    }
    let title = "Weekly report of the sample company, against its queries on bare drivers";
    Ok(Table { title, aim: "ratio at most 1.15, own CPU at most 30 ms", rows, left_out })
}

async fn row(engine: &str, sessions: u32, home: Home) -> anyhow::Result<Value> {
    let env = home.env();
    let figures = apart(Case::Week, 0, &env)?;
    let peaks = json!({
        "kpid_peak_MiB": apart(Case::WeekKpid, 0, &env)?["peak"],
        "floor_peak_MiB": apart(Case::WeekFloor, 0, &env)?["peak"],
    });
    home.remove().await?;
    Ok(joined(joined(json!({ "engine": engine, "sessions": sessions }), figures), peaks))
}

/// The report as the shipped catalogue declares it, over the databases that the environment names.
struct Week {
    catalog: Catalog,
    sources: Sources,
    request: Request,
    calendar: Calendar,
    now: Timestamp,
}

impl Week {
    fn load() -> anyhow::Result<Week> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kpis");
        let loaded = Catalog::load(&folder, &|name| std::env::var(name).ok());
        let catalog = loaded.map_err(|problems| anyhow::anyhow!("{problems}"))?.catalog;
        let spec = catalog.reports.get("weekly_b2b").ok_or_else(|| anyhow::anyhow!("the weekly report is gone"))?;
        let calendar = spec.calendar.clone();
        let now = TODAY.at(8, 0, 0, 0).to_zoned(calendar.zone.clone())?.timestamp();
        let request = Request {
            kpis: spec.kpis().filter_map(|id| catalog.kpi(id).cloned()).collect(),
            period: calendar.last_complete(spec.period, now),
            compare: spec.compare.clone(),
            trend: spec.trend,
            top: kpid::report::TOP,
        };
        let sources = Sources::new(catalog.databases.values().cloned());
        Ok(Week { catalog, sources, request, calendar, now })
    }

    async fn floor(&self) -> anyhow::Result<Floor> {
        let needs = self.request.needs(&pipeline::model(&self.catalog), &self.calendar);
        Floor::new(&self.catalog, &needs, self.request.period.window, &self.calendar).await
    }

    async fn kpid(&self) -> anyhow::Result<Spent> {
        let watch = Stopwatch::start();
        let Week { catalog, sources, request, calendar, now } = self;
        let outcome = pipeline::measure(catalog, sources, request, calendar, *now, |_| {}).await;
        let spent = watch.stop();
        anyhow::ensure!(outcome.is_complete(), "kpid could not measure: {:?}", outcome.failures);
        Ok(spent)
    }

    /// How many rows kpid takes in, its freshness queries' included.
    async fn rows(&self) -> anyhow::Result<usize> {
        let needs = self.request.needs(&pipeline::model(&self.catalog), &self.calendar);
        let names: std::collections::BTreeMap<_, _> =
            needs.iter().map(|need| (need.source.name.clone(), need.source.fresh.is_some())).collect();
        let readings = self.sources.read(needs, &self.calendar.zone, |_| {}).await;
        let stretches = names.keys().flat_map(|name| readings.stretches(name));
        let tables = stretches.map(|stretch| stretch.result.as_ref().map_or(0, |table| table.rows));
        Ok(tables.sum::<usize>() + names.values().filter(|fresh| **fresh).count())
    }
}

async fn floor(floor: &Floor) -> anyhow::Result<Spent> {
    let watch = Stopwatch::start();
    floor.run().await?;
    Ok(watch.stop())
}

/// kpid and the floor in turns.
pub async fn compare() -> anyhow::Result<Value> {
    let week = Week::load()?;
    let bare = week.floor().await?;
    let (rows, expected) = (bare.run().await?, week.rows().await?);
    anyhow::ensure!(rows == expected, "the floor reads {rows} rows, kpid {expected}: they don't ask the same");
    week.kpid().await?;
    let (mut kpid, mut under) = (Vec::new(), Vec::new());
    let started = Instant::now();
    while kpid.len() < TURNS || started.elapsed() < TIME {
        kpid.push(week.kpid().await?);
        under.push(floor(&bare).await?);
    }
    let [kpid_median, floor_median] = [&kpid, &under].map(|runs| milliseconds(median(walls(runs))));
    let [kpid_best, floor_best] = [&kpid, &under].map(|runs| milliseconds(walls(runs).min().unwrap_or_default()));
    let [kpid_cpu, floor_cpu] = [&kpid, &under].map(|runs| milliseconds(median(cpus(runs))));
    Ok(json!({
        "queries": bare.queries(),
        "rows": rows,
        "turns": kpid.len(),
        "kpid_ms": kpid_median,
        "floor_ms": floor_median,
        "ratio": kpid_median / floor_median,
        "ratio_of_best": kpid_best / floor_best,
        "kpid_CPU_ms": kpid_cpu,
        "own_CPU_ms": kpid_cpu - floor_cpu,
    }))
}

/// A process that measures the report once: its peak memory.
pub async fn kpid_once() -> anyhow::Result<Value> {
    Week::load()?.kpid().await?;
    Ok(json!({ "peak": peak_mib()? }))
}

/// A process that runs the report's queries once: its peak memory.
pub async fn floor_once() -> anyhow::Result<Value> {
    Week::load()?.floor().await?.run().await?;
    Ok(json!({ "peak": peak_mib()? }))
}
