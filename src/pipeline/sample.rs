//! Editions of a report without a database: one in which everything has a value, one in which nothing has.
//!
//! They are what a template is tried on before Monday. Values are made up: for every period and two segments of each dimension a number
//! that moves from one to the next, so that there are changes, drivers, breakdowns and pictures to lay out.

use super::{Failure, Outcome, Stale, edition, made, model};
use crate::calendar::Cadence;
use crate::catalog::Catalog;
use crate::query::{Column, Need, Readings, Source, Stretch, Table};
use crate::report::{History, Report, ReportSpec};
use crate::text::Name;
use jiff::{SignedDuration, Timestamp};

const SEGMENTS: [Option<&str>; 2] = [Some("A & <B>"), None];

/// The two editions of `spec` about the last complete period before `now`.
pub fn samples(catalog: &Catalog, spec: &ReportSpec, now: Timestamp) -> [Report; 2] {
    let calendar = &spec.calendar;
    let step = match spec.period {
        Cadence::Day => 1,
        Cadence::Week => 7,
        // At least one in each month.
        _ => 28,
    };
    let period = calendar.last_complete(spec.period, now);
    // Files beside the mail say the same, and take longer.
    let spec = &ReportSpec { attach: Vec::new(), ..spec.clone() };
    let request = spec.request(spec.kpis().filter_map(|id| catalog.kpi(id).cloned()).collect(), period);
    let model = model(catalog);
    let needs = request.needs(&model, calendar);
    let sources = || needs.iter().map(|need| &need.source.name).collect::<std::collections::BTreeSet<_>>();
    let build = |readings: &Readings, failures, stale| {
        let measured = request.measure(&model, calendar, readings);
        edition(catalog, spec, Outcome { measured, failures, stale }, History::default(), made(catalog, period, now))
    };
    let why: Name = "no answer".into();
    let failures = sources()
        .into_iter()
        .map(|source| Failure { source: source.clone(), why: why.clone(), may_pass: false })
        .collect();
    let stale =
        sources().into_iter().map(|source| Stale { source: source.clone(), newest: Some(now), hold: None }).collect();
    [
        build(&readings(&needs, |need| Ok(table(need, step))), Vec::new(), stale),
        build(&readings(&needs, |_| Err(why.clone())), failures, Vec::new()),
    ]
}

fn readings(needs: &[Need], answer: impl Fn(&Need) -> Result<Table, Name>) -> Readings {
    let mut readings = Readings::default();
    for need in needs {
        readings.insert(need.source.name.clone(), Stretch { window: need.window, result: answer(need) });
    }
    readings
}

/// A row every so many days, for each segment.
fn table(need: &Need, step: i64) -> Table {
    let source: &Source = &need.source;
    let step = SignedDuration::from_hours(24 * step);
    let days = std::iter::successors(Some(need.window.start), |at| at.checked_add(step).ok());
    let days: Vec<Timestamp> = days.take_while(|at| *at < need.window.end).collect();
    let days = if source.time.is_some() { days } else { vec![need.window.start] };
    let segments = if source.dimensions.is_empty() { &SEGMENTS[..1] } else { &SEGMENTS };
    let rows: Vec<(i128, Option<&str>)> =
        days.iter().flat_map(|at| segments.iter().map(|segment| (at.as_nanosecond(), *segment))).collect();
    let number = |measure: usize, row: usize| (100 + measure * 7 + (row * 13) % 17) as f64;
    let column =
        |measure| Column { numbers: (0..rows.len()).map(|row| number(measure, row)).collect(), missing: Vec::new() };
    let dimension: Vec<Option<Name>> = rows.iter().map(|(_, segment)| segment.map(Name::from)).collect();
    Table {
        times: if source.time.is_some() { rows.iter().map(|(at, _)| *at).collect() } else { Vec::new() },
        dimensions: vec![dimension; source.dimensions.len()],
        measures: (0..source.measures.len()).map(column).collect(),
        rows: rows.len(),
    }
}
