//! The rows that a source answers in a test, each column of each row checked as a database's answer is.

use super::Reader;
use crate::calendar::Period;
use crate::catalog::context::{Place, Problem};
use crate::catalog::fields::{describe, items, list, map, wrong_type};
use crate::catalog::node::{Entry, Node, Value};
use crate::catalog::scalar::{number, parsed};
use crate::measure::{Answers, GivenRow};
use crate::query::{Cell, Source, cell};
use crate::text::Name;
use std::sync::Arc;

pub(super) struct Read {
    pub source: Name,
    pub answers: Answers,
    pub places: Vec<RowPlace>,
}

/// Where a row stands, and which of the source's columns it has.
pub(super) struct RowPlace {
    pub at: Place,
    pub has: Vec<bool>,
}

/// What says about which period and window a row without a time column answers.
const ABOUT: [&str; 2] = ["period", "over"];

pub(super) fn read(reader: &Reader, source: &Arc<Source>, node: &Node, period: Period) -> Option<Read> {
    let database = reader.known.engines[&source.database].database.as_ref()?;
    let zone = database.zone(&reader.calendar.zone).clone();
    let columns: Vec<&Name> = source.columns().collect();
    let row = Row { reader, source, columns, period };
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for item in items(reader.cx, node, "rows")? {
        if let Some((given, has)) = row.read(item, &zone) {
            rows.push(given);
            places.push(RowPlace { at: item.place, has });
        }
    }
    row.check_alike(&places);
    Some(Read { source: source.name.clone(), answers: Answers { zone, rows }, places })
}

/// A row being read.
struct Row<'a> {
    reader: &'a Reader<'a>,
    source: &'a Source,
    columns: Vec<&'a Name>,
    /// Of the test.
    period: Period,
}

impl Row<'_> {
    fn read(&self, node: &Node, zone: &jiff::tz::TimeZone) -> Option<(GivenRow, Vec<bool>)> {
        let entries = map(self.reader.cx, node, "a row: column → value")?;
        let mut cells = vec![Cell::Null; self.columns.len()];
        let mut has = vec![false; cells.len()];
        let mut readable = true;
        let mut row = GivenRow { period: self.period, over: None, cells: Vec::new() };
        for entry in entries {
            let known = match self.columns.iter().position(|column| ***column == *entry.key) {
                Some(at) => {
                    has[at] = true;
                    self.cell(entry, zone).map(|cell| cells[at] = cell)
                }
                None => self.about(entry, &mut row),
            };
            readable &= known.is_some();
        }
        if let Some(time) = self.source.time.as_ref().filter(|_| !has[0]) {
            let message = format!("a row of `{}` needs `{time}`", self.source.name);
            let problem = Problem::error("missing-column", node.place, message);
            return self
                .reader
                .cx
                .refuse(problem.help(format!("`{time}` dates the row: `{time}: {}`", self.period.first)));
        }
        readable.then_some((GivenRow { cells, ..row }, has))
    }

    fn cell(&self, entry: &Entry, zone: &jiff::tz::TimeZone) -> Option<Cell> {
        let (cx, node) = (self.reader.cx, &entry.node);
        let Value::Scalar { text, .. } = &node.value else {
            return wrong_type(cx, node, "one value");
        };
        if self.source.time.as_deref() == Some(&*entry.key) {
            let unix = node.plain().and_then(|text| text.parse().ok()).map(Cell::Integer);
            let cell = unix.unwrap_or_else(|| cell::text(text.as_bytes()));
            if !node.is_null() && cell.instant(&self.reader.calendar.zone, zone).is_some() {
                return Some(cell);
            }
            let message = format!("expected a day or a time, found {}", describe(cx, node));
            let problem = Problem::error("bad-date", node.place, message);
            return cx.refuse(problem.help("write 2026-11-16, 2026-11-16T08:30 or 2026-11-16T08:30:00Z"));
        }
        if node.is_null() {
            return Some(Cell::Null);
        }
        match self.source.measure(&entry.key) {
            Some(_) if text == "missing" => {
                let problem = Problem::error("wrong-type", node.place, "expected a number, found `missing`");
                cx.refuse(problem.help("write `null` for a value that the database doesn't have"))
            }
            Some(_) => number(cx, node).map(Cell::Float),
            None => Some(cell::text(text.as_bytes())),
        }
    }

    /// What a row says beside its columns; only where no column dates it.
    fn about(&self, entry: &Entry, row: &mut GivenRow) -> Option<()> {
        match &*entry.key {
            "period" if self.source.time.is_none() => row.period = self.period_of(&entry.node)?,
            "over" if self.source.time.is_none() => row.over = Some(parsed(self.reader.cx, &entry.node)?),
            _ => self.unknown(entry),
        }
        Some(())
    }

    fn period_of(&self, node: &Node) -> Option<Period> {
        let period = self.reader.period(node)?;
        if period.cadence == self.period.cadence {
            return Some(period);
        }
        let (label, wanted) = (period.label(self.reader.calendar), self.period.cadence);
        let message = format!("`{label}` is a {}, and the test is about a {wanted}", period.cadence);
        let near = self.reader.calendar.previous(self.period).label(self.reader.calendar);
        self.reader.cx.refuse(Problem::error("wrong-value", node.place, message).help(format!("write it as `{near}`")))
    }

    fn unknown(&self, entry: &Entry) {
        let (cx, source) = (self.reader.cx, &self.source.name);
        let about = ABOUT.iter().copied().filter(|_| self.source.time.is_none());
        let known: Vec<&str> = self.columns.iter().map(|column| &***column).chain(about).collect();
        let help = match &self.source.time {
            Some(time) if ABOUT.contains(&&*entry.key) => format!("`{time}` dates the rows of `{source}`"),
            _ => format!("a row of `{source}` has {}", list(known.iter().copied())),
        };
        let problem = Problem::error("unknown-name", entry.at, format!("unknown column `{}` of `{source}`", entry.key));
        cx.report(problem.did_you_mean(cx.near(&entry.key, known.iter().copied())).help(help));
    }

    /// The rows of an answer have the same columns.
    fn check_alike(&self, places: &[RowPlace]) {
        for (at, column) in self.columns.iter().enumerate() {
            let Some(other) = places.iter().find(|place| place.has[at]) else { continue };
            for place in places.iter().filter(|place| !place.has[at]) {
                let problem = Problem::error("missing-column", place.at, format!("the row lacks `{column}`"));
                let help = format!("write `{column}: null` if the database has none there");
                self.reader.cx.report(problem.also(other.at, "another row has it").help(help));
            }
        }
    }
}
