//! A test of KPIs over rows: what sources answer, and what the KPIs should be then.
//!
//! The rows become [`Readings`] by the code that reads a database's answer, and the KPIs are measured like a report's. What an
//! [`Expectation`] finds instead is a [`Mismatch`], with all that was [`Read`]. Deliberately absent: freshness, trends, comparisons.

mod check;
mod read;

pub use check::{Difference, Expected, Judged, Mismatch, Wanted};
pub use read::{Asked, Read};

use super::measurement::{Measured, Request};
use super::model::Model;
use super::test::Place;
use crate::calendar::{Calendar, Over, Period};
use crate::query::{Cell, Collector, Need, Readings, Source, Stretch, Table, Zones};
use crate::text::Name;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows in, KPIs out.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub name: Name,
    pub place: Place,
    /// A running one when the test says as of when.
    pub period: Period,
    /// By source; one that is not here could not be read.
    pub answers: BTreeMap<Name, Answers>,
    pub expect: Vec<Expectation>,
}

/// All that a source answers in a test.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The zone of timestamps without zone: the database's.
    pub zone: TimeZone,
    pub rows: Vec<GivenRow>,
}

/// One row that a source answers.
#[derive(Debug, Clone)]
pub struct GivenRow {
    /// Of a source without `time`: the period that the answer is about.
    pub period: Period,
    /// Of a source without `time`: the window in which it is asked, where the row is for that one only.
    pub over: Option<Over>,
    /// In the order of [`Source::columns`].
    pub cells: Vec<Cell>,
}

/// What one KPI should be.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub kpi: Name,
    pub place: Place,
    pub whole: Expected,
    /// Of the breakdown.
    pub segments: Vec<(Segment, Expected)>,
}

/// A value of a KPI's breakdown; `None` is NULL.
pub type Segment = Option<Name>;

impl Scenario {
    /// Every expectation with what was found instead, `None` where it holds.
    pub fn run(&self, model: &Model, calendar: &Calendar) -> Vec<(&Expectation, Option<Mismatch>)> {
        let request = self.request(model);
        let readings = self.readings(&request, model, calendar);
        let measured = request.measure(model, calendar, &readings);
        let check = |(expected, measured): (_, &Measured)| {
            (expected, check::mismatch(expected, measured, || self.read(expected, model, calendar, &readings)))
        };
        self.expect.iter().zip(&measured).map(check).collect()
    }

    fn request(&self, model: &Model) -> Request {
        let kpis = self.expect.iter().map(|expected| model.kpi(&expected.kpi).clone()).collect();
        Request { kpis, period: self.period, compare: Vec::new(), trend: 0, top: usize::MAX }
    }

    /// What the sources answer to all that the KPIs ask.
    fn readings(&self, request: &Request, model: &Model, calendar: &Calendar) -> Readings {
        let asked = self.asked(model, calendar);
        let mut readings = Readings::default();
        for need in request.needs(model, calendar) {
            let result = self.answer(&need, &asked, calendar);
            readings.insert(need.source.name.clone(), Stretch { window: need.window, result });
        }
        readings
    }

    fn answer(&self, need: &Need, asked: &[Asked], calendar: &Calendar) -> Result<Table, Name> {
        let source = &need.source;
        let Some(answers) = self.answers.get(&source.name) else {
            return Err("the test gives no rows of it".into());
        };
        let scopes: Vec<&Asked> = asked
            .iter()
            .filter(|asked| asked.source.name == source.name && asked.window(calendar) == need.window)
            .collect();
        let about = |row: &&GivenRow| source.time.is_some() || scopes.iter().any(|asked| row.answers(asked));
        collect(source, need, answers, answers.rows.iter().filter(about), calendar)
    }
}

fn collect<'a>(
    source: &Arc<Source>,
    need: &Need,
    answers: &Answers,
    rows: impl Iterator<Item = &'a GivenRow>,
    calendar: &Calendar,
) -> Result<Table, Name> {
    let columns: Vec<String> = source.columns().map(|name| name.to_string()).collect();
    let zones = Zones { report: &calendar.zone, database: &answers.zone };
    let shown = |bad: crate::query::BadAnswer| -> Name { bad.to_string().into() };
    let mut collector = Collector::new(zones, source, need.window, &columns).map_err(shown)?;
    for row in rows {
        collector.push(&row.cells).map_err(shown)?;
    }
    Ok(collector.finish())
}
