//! Many KPIs over the same readings: what formulas, comparisons, drivers, trends and verdicts cost.

use crate::figures::{Table, joined, median, milliseconds, walls};
use crate::home::folder;
use crate::process::{Case, Spent, Stopwatch, apart, peak_mib};
use crate::synthetic::{self, Mix};
use kpid::measure::{Comparison, Request};
use kpid::pipeline;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TURNS: usize = 7;

pub fn table() -> anyhow::Result<Table> {
    let whole = [10, 100, 1_000, 10_000].map(|count| (Case::Kpis, count, "whole"));
    let broken_down = [(Case::KpisBrokenDown, 1_000, "and by 4 channels")];
    let row = |(case, count, mix)| Ok(joined(json!({ "KPIs": count, "measured": mix }), apart(case, count, &[])?));
    let rows = whole.into_iter().chain(broken_down).map(row).collect::<anyhow::Result<_>>()?;
    let title = "KPIs over the same readings: a week, two comparisons, a trend of twelve weeks";
    Ok(Table { title, aim: "at most 20 µs a KPI and period, linear", rows, left_out: Vec::new() })
}

/// `count` KPIs, their readings prepared once; alone is `Request::measure`, whole is all that a run does but reading.
pub fn measure(count: usize, mix: Mix) -> anyhow::Result<Value> {
    let folder = folder("kpis")?;
    synthetic::write(&folder, count, mix)?;
    let catalog = synthetic::load(&folder)?;
    std::fs::remove_dir_all(&folder)?;
    let calendar = catalog.settings.calendar.clone();
    let period = calendar.parse("2026-W46")?;
    let compare = vec![Comparison::Previous, Comparison::YearAgo];
    let request = Request { kpis: catalog.kpis.clone(), period, compare, trend: 12, top: kpid::report::TOP };
    let compared = request.compare.iter().map(|comparison| comparison.of(period, &calendar).first);
    let periods: BTreeSet<_> = compared.chain(calendar.trend(period, 12).iter().map(|period| period.first)).collect();

    let model = pipeline::model(&catalog);
    let readings = synthetic::readings(request.needs(&model, &calendar), &calendar);
    let alone = || {
        let watch = Stopwatch::start();
        let measured = request.measure(&model, &calendar, &readings);
        (watch.stop(), measured.len())
    };
    let whole = || {
        let watch = Stopwatch::start();
        let model = pipeline::model(&catalog);
        let needs = request.needs(&model, &calendar);
        let measured = request.measure(&model, &calendar, &readings).len();
        (watch.stop(), needs.len() + measured)
    };
    let [alone, whole] = [turns(alone), turns(whole)].map(|runs| milliseconds(median(walls(&runs))));
    let each = |time: f64| time * 1e3 / (count * periods.len()) as f64;
    Ok(json!({
        "periods": periods.len(),
        "measure_ms": alone,
        "measure_µs_each": each(alone),
        "whole_ms": whole,
        "whole_µs_each": each(whole),
        "peak_MiB": peak_mib()?,
    }))
}

/// One that warms up, then the rest. What a run gives is used, so that no compiler leaves it out.
fn turns(run: impl Fn() -> (Spent, usize)) -> Vec<Spent> {
    std::hint::black_box(run());
    (0..TURNS).map(|_| std::hint::black_box(run()).0).collect()
}
