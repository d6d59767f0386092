//! Loading a folder of YAML: parsing, resolving, checking.

use crate::figures::{Table, joined, median, milliseconds, walls};
use crate::home::folder;
use crate::process::{Case, Stopwatch, apart, peak_mib};
use crate::synthetic::{self, Mix};
use serde_json::{Value, json};

const TURNS: usize = 5;

pub fn table() -> anyhow::Result<Table> {
    let row = |count: usize| {
        let figures = apart(Case::Check, count, &[])?;
        Ok(joined(json!({ "KPIs": count, "files": count / 10 + 1 }), figures))
    };
    let rows = [1_000, 3_000, 10_000].into_iter().map(row).collect::<anyhow::Result<_>>()?;
    let title = "Checking a catalogue";
    Ok(Table { title, aim: "10,000 KPIs in 1,000 files within 1 s, linear", rows, left_out: Vec::new() })
}

/// Loads `count` KPIs.
pub fn load(count: usize) -> anyhow::Result<Value> {
    let folder = folder("check")?;
    synthetic::write(&folder, count, Mix::Whole)?;
    let mut runs = Vec::new();
    for _ in 0..TURNS {
        let watch = Stopwatch::start();
        let catalog = synthetic::load(&folder)?;
        runs.push(watch.stop());
        anyhow::ensure!(catalog.kpis.len() == count, "{} KPIs of {count} were loaded", catalog.kpis.len());
    }
    std::fs::remove_dir_all(&folder)?;
    let load = milliseconds(median(walls(&runs)));
    Ok(json!({ "load_ms": load, "µs_a_KPI": load * 1e3 / count as f64, "peak_MiB": peak_mib()? }))
}
