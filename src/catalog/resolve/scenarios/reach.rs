//! Rows that no KPI of a test asks for, and columns that one asks for and no row has.

use super::{Draft, Known, RowPlace};
use crate::calendar::{Calendar, Window};
use crate::catalog::context::{Context, Place, Problem};
use crate::measure::{Asked, GivenRow, Model};
use crate::query::Source;
use crate::text::Name;
use jiff::ToSpan;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The folder is right so far.
pub(super) fn check(cx: &Context, drafts: &[Draft], known: &Known, calendar: &Calendar) {
    let model = Model::new(known.kpis.iter().cloned(), known.sources.values().cloned());
    for draft in drafts {
        let asked = draft.scenario.asked(&model, calendar);
        for (source, (at, places)) in &draft.rows {
            let asked: Vec<&Asked> = asked.iter().filter(|asked| asked.source.name == *source).collect();
            let rows = &draft.scenario.answers[source];
            let of = OfSource { cx, calendar, source: &known.sources[source], zone: &rows.zone, asked };
            of.check(*at, &rows.rows, places);
        }
    }
}

/// The rows of one source of one test, beside what is asked of it there.
struct OfSource<'a> {
    cx: &'a Context<'a>,
    calendar: &'a Calendar,
    source: &'a Arc<Source>,
    zone: &'a jiff::tz::TimeZone,
    asked: Vec<&'a Asked>,
}

impl OfSource<'_> {
    fn check(&self, at: Place, rows: &[GivenRow], places: &[RowPlace]) {
        if self.asked.is_empty() {
            let message = format!("no KPI of this test reads `{}`", self.source.name);
            self.cx
                .report(Problem::warning("never-read", at, message).help("remove its rows, or expect a KPI that does"));
            return;
        }
        if let Some(first) = places.first() {
            self.check_columns(first);
        }
        let unread = rows.iter().zip(places).filter(|(row, _)| !self.is_read(row));
        for (_, place) in unread {
            let problem =
                Problem::warning("never-read", place.at, "the row is never read: it lies in no period asked for");
            self.cx.report(problem.help(format!("`{}` is asked for {}", self.source.name, self.stretches())));
        }
    }

    /// `first`, the first of rows that all have the same columns, must have those that are read.
    fn check_columns(&self, first: &RowPlace) {
        let lacks = |name: &Name| {
            let at = self.source.columns().position(|column| column == name);
            at.is_some_and(|at| !first.has[at])
        };
        let mut told = BTreeSet::new();
        for asked in &self.asked {
            let read = std::iter::once(&asked.measure).chain(asked.dimensions());
            for column in read.filter(|column| lacks(column)) {
                if told.insert(column.clone()) {
                    let message = format!("the row lacks `{column}`, which `{}` reads", asked.kpi.id);
                    let problem = Problem::error("missing-column", first.at, message);
                    let help = format!("write `{column}: null` if the database has none there");
                    self.cx.report(problem.help(help));
                }
            }
        }
    }

    fn is_read(&self, row: &GivenRow) -> bool {
        if self.source.time.is_none() {
            return self.asked.iter().any(|asked| row.answers(asked));
        }
        let at =
            row.cells[0].instant(&self.calendar.zone, self.zone).expect("rows that are dated by nothing were refused");
        self.windows().any(|window| window.start <= at && at < window.end)
    }

    fn windows(&self) -> impl Iterator<Item = Window> {
        self.asked.iter().map(|asked| asked.window(self.calendar))
    }

    /// `2026-11-02 to 2026-11-08 and 2026-11-09 to 2026-11-15`
    fn stretches(&self) -> String {
        let windows: BTreeSet<Window> = self.windows().collect();
        let day = |at: jiff::Timestamp| at.to_zoned(self.calendar.zone.clone()).date();
        let shown = windows.into_iter().map(|window| {
            let last = day(window.end.saturating_sub(1.nanosecond()).unwrap_or(window.end));
            format!("{} to {last}", day(window.start))
        });
        shown.collect::<Vec<_>>().join(" and ")
    }
}
