//! Whether targets lie within what the KPIs of reports reached in the last year, in the periods of those reports. A target that is
//! sometimes near is a goal; one that always is surpassed a little is a standard to keep; neither is worth a word.

use crate::calendar::Cadence;
use crate::catalog::warnings::OUT_OF_REACH;
use crate::catalog::{Catalog, Diagnostic, Kind};
use crate::cli::progress::Line;
use crate::formula::Value;
use crate::measure::{Goal, Good, Kpi, Level, Measured, Point, Request, Verdict, Why};
use crate::pipeline;
use crate::render::Format;
use crate::report::ReportSpec;
use crate::source::Sources;
use crate::text::Name;
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;

/// Fewer values than this say nothing.
const ENOUGH: usize = 4;

/// How many periods are looked at, and what they are called together. Of days a quarter's: a year of them would be a query a day
/// for sources that answer once per period.
fn year(cadence: Cadence) -> (u16, &'static str) {
    match cadence {
        Cadence::Day => (90, "90 days"),
        Cadence::Week => (52, "52 weeks"),
        Cadence::Month => (12, "12 months"),
        Cadence::Quarter => (4, "4 quarters"),
        Cadence::Year => (1, "year"),
    }
}

/// Measures every KPI of a report that has a number or a band for a target, once for each length of period.
pub async fn problems(
    catalog: &Catalog,
    sources: &Sources,
    now: Timestamp,
    line: &Line,
) -> anyhow::Result<Vec<Diagnostic>> {
    let format = Format::new(&catalog.settings.locale, &catalog.settings.currency)?;
    let mut seen: HashSet<(Name, Cadence)> = HashSet::new();
    let mut found = Vec::new();
    for report in catalog.reports.values() {
        let fresh = report.kpis().filter(|name| seen.insert(((*name).clone(), report.period)));
        let kpis: Vec<Arc<Kpi>> =
            fresh.filter_map(|name| catalog.kpi(name)).filter(|kpi| is_fixed(kpi)).cloned().collect();
        for measured in measured(catalog, sources, report, kpis, now, line).await {
            let problem = out_of_reach(&measured, report, &format);
            found.extend(problem.and_then(|(message, help)| {
                catalog.definitions.warning(&OUT_OF_REACH, (Kind::Kpi, &measured.kpi.id), message, Some(help))
            }));
        }
    }
    Ok(found)
}

/// Whether the target is written as numbers; one that is computed moves with the data.
fn is_fixed(kpi: &Kpi) -> bool {
    kpi.target.as_ref().is_some_and(|target| !matches!(target.goal, Goal::Formula(_)))
}

async fn measured(
    catalog: &Catalog,
    sources: &Sources,
    report: &ReportSpec,
    kpis: Vec<Arc<Kpi>>,
    now: Timestamp,
    line: &Line,
) -> Vec<Measured> {
    let (trend, _) = year(report.period);
    if kpis.is_empty() || usize::from(trend) < ENOUGH {
        return Vec::new();
    }
    let period = report.calendar.last_complete(report.period, now);
    let request = Request { kpis, period, compare: Vec::new(), trend, top: 0 };
    let update = |progress| line.update(&progress);
    pipeline::measure(catalog, sources, &request, &report.calendar, now, update).await.measured
}

/// The value, unless its sample is too small to judge it by.
fn judged(point: &Point) -> Option<f64> {
    match (&point.value, &point.verdict) {
        (_, Verdict::NotJudged(Why::SmallSample { .. } | Why::SampleMissing(_))) => None,
        (Value::Number(number), _) => Some(*number),
        (Value::Missing(_), _) => None,
    }
}

/// What is said about a target that no value was near, or that every value was ten times better than.
fn out_of_reach(measured: &Measured, report: &ReportSpec, format: &Format) -> Option<(String, String)> {
    let kpi = &measured.kpi;
    let values: Vec<f64> = measured.trend.iter().filter_map(judged).collect();
    let target = measured.whole.target.as_ref()?;
    let (least, most) = (values.iter().copied().reduce(f64::min)?, values.iter().copied().reduce(f64::max)?);
    let good = kpi.good.unwrap_or(Good::Neutral);
    let never = values.iter().all(|value| target.judge(*value, good) == Verdict::Missed);
    let how = match (never, target.level, good) {
        _ if values.len() < ENOUGH => return None,
        (true, ..) => "was never even near",
        (_, Level::Value(value), Good::Up) if value > 0.0 && least > 10.0 * value => "was met tenfold every time",
        (_, Level::Value(value), Good::Down) if most > 0.0 && value > 10.0 * most => "was met tenfold every time",
        _ => return None,
    };
    let shown = |number: f64| format.number(number, &kpi.unit, kpi.decimals);
    let level = format.target(target.level, kpi.good, &kpi.unit, kpi.decimals);
    let (_, time) = year(report.period);
    let (least, most) = (shown(least), shown(most));
    let message = format!("the target of `{}`, {level}, {how}: the last {time} gave {least} to {most}", kpi.id);
    Some((message, "is it in the right unit, and for the right length of time (`per`)?".to_owned()))
}
