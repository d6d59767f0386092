//! A small model and its readings, for the tests of this module; its KPI serves the tests of reports, too.
//!
//! `sales` is dated with dimensions channel and device; `base` answers once per period. Weeks are those of 2026-W46 and before, in UTC.

use super::kpi::{Filter, Good, Kpi, Unit};
use super::measurement::{Comparison, Measured, Request};
use super::model::Model;
use crate::calendar::{Calendar, Period};
use crate::formula::{Formula, Reason, Value};
use crate::query::sql::Statement;
use crate::query::{Aggregate, Column, Engine, Measure, Readings, Source, Stretch, Table};
use crate::text::{Name, Text};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::sync::Arc;

pub fn calendar() -> Calendar {
    Calendar { zone: TimeZone::UTC, week_starts: Weekday::Monday, fiscal_year_starts: 1 }
}

pub fn week(label: &str) -> Period {
    calendar().parse(label).expect("a period")
}

pub fn formula(text: &str) -> Formula {
    Formula::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub fn kpi(id: &str, text: &str) -> Kpi {
    Kpi {
        id: id.into(),
        name: Text::from(id),
        description: None,
        formula: formula(text),
        unit: Unit::Number,
        decimals: None,
        good: Some(Good::Up),
        target: None,
        filter: Filter::new(),
        breakdown: None,
        over: None,
        at_least: None,
        owner: None,
        tags: Vec::new(),
    }
}

pub fn filter(dimension: &str, values: &[&str]) -> Filter {
    Filter::from([(dimension.into(), values.iter().map(|value| Some(Name::from(*value))).collect())])
}

pub fn source(name: &str, time: bool, dimensions: &[&str], measures: &[(&str, Aggregate)]) -> Source {
    Source {
        name: name.into(),
        database: "db".into(),
        description: None,
        statement: Statement::parse("SELECT 1", Engine::Sqlite).expect("a statement"),
        time: time.then(|| "day".into()),
        dimensions: dimensions.iter().map(|d| Name::from(*d)).collect(),
        measures: measures
            .iter()
            .map(|(name, aggregate)| Measure { name: Name::from(*name), aggregate: *aggregate, declared: false })
            .collect(),
        labels: Default::default(),
        units: Default::default(),
        fresh: None,
    }
}

/// `sales`: one row a (day, channel, device, visits, leads, stock); a NaN is NULL.
pub type Row<'a> = (&'a str, &'a str, &'a str, f64, f64, f64);

pub fn sales() -> Source {
    let measures = [("visits", Aggregate::Sum), ("leads", Aggregate::Sum), ("stock", Aggregate::Last)];
    let extremes = [("least", Aggregate::Min), ("most", Aggregate::Max), ("opening", Aggregate::First)];
    source("sales", true, &["channel", "device"], &[&measures[..], &extremes[..]].concat())
}

pub fn table(rows: &[Row]) -> Table {
    let column = |pick: &dyn Fn(&Row) -> f64, what: &str| {
        let mut column = Column::default();
        for (i, row) in rows.iter().enumerate() {
            let number = pick(row);
            column.numbers.push(if number.is_nan() { 0.0 } else { number });
            if number.is_nan() {
                column.missing.push((i, Reason::Null { what: what.into() }));
            }
        }
        column
    };
    let day = |text: &str| -> i128 {
        let date: Date = text.parse().expect("a date");
        date.to_zoned(TimeZone::UTC).expect("a day").timestamp().as_nanosecond()
    };
    Table {
        times: rows.iter().map(|row| day(row.0)).collect(),
        dimensions: vec![
            rows.iter().map(|row| Some(row.1.into())).collect(),
            rows.iter().map(|row| Some(row.2.into())).collect(),
        ],
        measures: vec![
            column(&|row| row.3, "sales.visits"),
            column(&|row| row.4, "sales.leads"),
            column(&|row| row.5, "sales.stock"),
            column(&|row| row.3, "sales.least"),
            column(&|row| row.3, "sales.most"),
            column(&|row| row.5, "sales.opening"),
        ],
        rows: rows.len(),
    }
}

/// A world of `sales` rows, `base` answers (period label, customers) and KPIs.
pub struct World {
    pub model: Model,
    pub kpis: Vec<Arc<Kpi>>,
    pub readings: Readings,
}

pub fn world(rows: &[Row], base: &[(&str, Option<f64>)], kpis: Vec<Kpi>) -> World {
    let kpis: Vec<Arc<Kpi>> = kpis.into_iter().map(Arc::new).collect();
    let base_source = source("base", false, &[], &[("customers", Aggregate::Sum)]);
    let model = Model::new(kpis.clone(), [Arc::new(sales()), Arc::new(base_source)]);
    let mut readings = Readings::default();
    let all = calendar().parse("2025").expect("a year").window.start;
    let until = calendar().parse("2026").expect("a year").window.end;
    let window = crate::calendar::Window { start: all, end: until };
    readings.insert("sales".into(), Stretch { window, result: Ok(table(rows)) });
    for (label, customers) in base {
        let numbers: Vec<f64> = customers.iter().copied().collect();
        let rows = numbers.len();
        let table = Table { measures: vec![Column { numbers, missing: Vec::new() }], rows, ..Table::default() };
        readings.insert("base".into(), Stretch { window: week(label).window, result: Ok(table) });
    }
    World { model, kpis, readings }
}

impl World {
    /// The first KPI, measured in `label` beside the week and the year before.
    pub fn measure(&self, label: &str) -> Measured {
        let compare = vec![Comparison::Previous, Comparison::YearAgo];
        let request = Request { kpis: self.kpis.clone(), period: week(label), compare, trend: 4, top: 2 };
        request.measure(&self.model, &calendar(), &self.readings).swap_remove(0)
    }

    pub fn value(&self, label: &str) -> Value {
        self.measure(label).whole.value
    }
}
