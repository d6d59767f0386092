//! `tests:` of the folder → [`Scenario`]: rows in, KPIs out.
//!
//! `rows` reads what sources answer, `expect` what KPIs should be. What no single row tells is told by `reach`, once all is read:
//! rows that no KPI asks for, and columns that one asks for and no row has.

mod expect;
mod reach;
mod rows;

use super::databases;
use super::sections::{Declared, Sections};
use super::sources::Shapes;
use crate::calendar::{Calendar, Period};
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::fields::{Fields, Table, map};
use crate::catalog::form::{Form, Named, Snippet, key, required};
use crate::catalog::node::Node;
use crate::catalog::scalar::line;
use crate::measure::{Kpi, Scenario};
use crate::query::Source;
use crate::text::Name;
use rows::RowPlace;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) static SCENARIO: Table = Table {
    what: "a test",
    keys: &[
        required(
            "period",
            "what the KPIs are measured in: `2026-W46`, `2026-11`, `2026-Q4`, `2026`, `2026-11-16`",
            Form::Text,
        )
        .examples(&["2026-W46", "2026-11"]),
        key("as_of", "as if it were then, while the period still runs: `2026-11-11T12:00`", Form::Text)
            .examples(&["2026-11-11T12:00"]),
        required(
            "rows",
            "source → list of rows that it answers, each column → value",
            Form::Map(&Form::Name(Named::Source), &Form::List(&Form::Map(&Form::Name(Named::Column), &Form::Segment))),
        )
        .examples(&["{ leads: [{ day: 2026-11-09, created: 4 }] }"]),
        required(
            "expect",
            "KPI → number, `missing`, or `{ value: 0.04, verdict: met }`",
            Form::Map(&Form::Name(Named::Kpi), &expect::FORM),
        )
        .examples(&["{ new_leads: 4 }"]),
    ],
};

pub(super) static NEW: Snippet = Snippet {
    what: "a new test",
    body: r#"
"${1:a_week_of_leads}":
  period: "${2:2026-W46}"
  rows:
    "${3:leads}":
      - { "${4:day}": "${5:2026-11-09}", "${6:created}": "${7:4}" }
  expect:
    "${8:new_leads}": "${9:4}"
"#,
};

/// What has been read of the folder.
pub(super) struct Known<'a> {
    pub kpis: &'a [Arc<Kpi>],
    pub sources: &'a BTreeMap<Name, Arc<Source>>,
    pub engines: &'a HashMap<Name, databases::Known>,
    pub shapes: &'a Shapes,
}

/// A test, and where its rows stand.
struct Draft {
    scenario: Scenario,
    /// By source: its name, and its rows.
    rows: BTreeMap<Name, (Place, Vec<RowPlace>)>,
}

pub(super) fn read(cx: &Context, sections: &Sections, known: &Known, calendar: &Calendar) -> Vec<Scenario> {
    let reader = Reader { cx, sections, known, calendar };
    let drafts: Vec<Draft> = sections.tests.list.iter().filter_map(|declared| reader.test(declared)).collect();
    // With errors in the folder it isn't known what KPIs read.
    if !cx.has_errors() {
        reach::check(cx, &drafts, known, calendar);
    }
    drafts.into_iter().map(|draft| draft.scenario).collect()
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    cx: &'a Context<'a>,
    sections: &'a Sections,
    known: &'a Known<'a>,
    calendar: &'a Calendar,
}

impl<'a> Reader<'a> {
    fn test(&self, declared: &'a Declared) -> Option<Draft> {
        let fields = Fields::read(self.cx, &declared.node, declared.at, &SCENARIO)?;
        let whole = fields.required("period", |_, node| self.period(node));
        let period = whole.and_then(|period| match fields.has("as_of") {
            true => fields.optional("as_of", |_, node| self.running(node, period)),
            false => Some(period),
        });
        let expect = fields.required("expect", |_, node| expect::read(self, node));
        let read = |node| self.rows(node, whole);
        let (answers, rows) = fields.required("rows", |_, node| read(node))?.into_iter().fold(
            (BTreeMap::new(), BTreeMap::new()),
            |(mut answers, mut rows), (at, read)| {
                rows.insert(read.source.clone(), (at, read.places));
                answers.insert(read.source, read.answers);
                (answers, rows)
            },
        );
        let place = self.cx.test_place(declared.at);
        let scenario = Scenario { name: declared.name.clone(), place, period: period?, answers, expect: expect? };
        Some(Draft { scenario, rows })
    }

    fn period(&self, node: &Node) -> Option<Period> {
        let text = line(self.cx, node)?;
        let wrong = |error: crate::calendar::PeriodError| {
            self.cx.refuse(Problem::error("wrong-value", node.place, error.to_string()))
        };
        self.calendar.parse(&text).map_or_else(wrong, Some)
    }

    /// `whole` as far as it has come at the instant of `as_of`.
    fn running(&self, node: &Node, whole: Period) -> Option<Period> {
        let text = line(self.cx, node)?;
        let at = match self.calendar.moment(&text) {
            Ok(at) => at,
            Err(error) => return self.cx.refuse(Problem::error("wrong-value", node.place, error.to_string())),
        };
        if whole.window.start < at && at < whole.window.end {
            return Some(self.calendar.running(whole.cadence, at));
        }
        let label = whole.label(self.calendar);
        let problem = Problem::error("out-of-range", node.place, format!("`{text}` does not lie within {label}"));
        self.cx.refuse(problem.help("write an instant at which the period runs, or leave `as_of` out: it is over then"))
    }

    fn rows(&self, node: &'a Node, period: Option<Period>) -> Option<Vec<(Place, rows::Read)>> {
        let entries = map(self.cx, node, "`rows`: source → list of rows")?.iter();
        let read = |entry: &'a crate::catalog::node::Entry| {
            if !self.known.shapes.contains_key(&*entry.key) {
                let help = self.sections.kpis.get(&entry.key);
                let help =
                    help.map(|_| format!("`{}` is a KPI: give the rows of the sources that it reads", entry.key));
                let unknown = Unknown { what: "source", name: &entry.key, of: None, place: entry.at, help };
                self.cx.unknown(unknown, self.known.shapes.keys().map(|name| &**name));
                return None;
            }
            // One that is known but can't be read has been reported.
            let source = self.known.sources.get(&*entry.key)?;
            Some((entry.at, rows::read(self, source, &entry.node, period?)?))
        };
        Some(entries.filter_map(read).collect())
    }
}
