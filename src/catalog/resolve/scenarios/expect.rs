//! `expect:` of a test: what KPIs and their segments should be.

use super::Reader;
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::fields::{Fields, Table, items, map};
use crate::catalog::form::{Choice, Form, Named, key, words};
use crate::catalog::node::{Entry, Node, Value};
use crate::catalog::resolve::targets::quantity;
use crate::catalog::scalar::choice;
use crate::measure::{Expectation, Expected, Judged, Kpi, Level, Segment, Wanted};
use crate::text::{Name, harmless};
use std::sync::Arc;

pub(super) static FORM: Form = Form::OneOf(&[Form::Amount, MISSING, Form::Table(&EXPECTED)]);

const MISSING: Form = Form::Words(&[("missing", "not 0, but no value at all")]);

static EXPECTED: Table = Table {
    what: "an expectation",
    keys: &[
        key("value", "number, or `missing`", Form::OneOf(&[Form::Amount, MISSING])),
        key("within", "how far off the value may be: `0.01`; one part in a million by default", Form::Amount)
            .examples(&["0.01"]),
        key("verdict", "`met`, `near`, `missed` or `not_judged`", Form::Words(&words(&VERDICTS))),
        key(
            "target",
            "the target it is held against: number, or band `[20, 30]`",
            Form::OneOf(&[Form::Amount, Form::Band(&Form::Amount)]),
        ),
        key(
            "by",
            "the same for segments of the breakdown: dimension → segment → number",
            Form::Map(&Form::Name(Named::Dimension), &Form::Map(&Form::Text, &FORM)),
        )
        .examples(&["{ channel: { paid: 12 } }"]),
    ],
};

const VERDICTS: [Choice<Judged>; 4] = [
    ("met", Judged::Met, "the target is reached"),
    ("near", Judged::Near, "missed by no more than the target's `near`"),
    ("missed", Judged::Missed, ""),
    ("not_judged", Judged::NotJudged, "without a target, a value or a large enough sample"),
];

pub(super) fn read(reader: &Reader, node: &Node) -> Option<Vec<Expectation>> {
    let entries = map(reader.cx, node, "`expect`: KPI → value")?;
    if entries.is_empty() {
        let problem = Problem::error("empty-list", node.place, "the test expects nothing");
        return reader.cx.refuse(problem.help("name a KPI and its value: `expect: { cac: 250 }`"));
    }
    Some(entries.iter().filter_map(|entry| expectation(reader, entry)).collect())
}

fn expectation(reader: &Reader, entry: &Entry) -> Option<Expectation> {
    let (cx, section) = (reader.cx, &reader.sections.kpis);
    if section.get(&entry.key).is_none() {
        let unknown = Unknown { what: "KPI", name: &entry.key, of: None, place: entry.at, help: None };
        cx.unknown(unknown, section.names());
        return None;
    }
    // A KPI that can't be read has been reported.
    let kpi = reader.known.kpis.iter().find(|kpi| *kpi.id == *entry.key)?;
    let (whole, segments) = Held { cx, kpi }.read(&entry.node, entry.at, true)?;
    Some(Expectation { kpi: kpi.id.clone(), place: cx.test_place(entry.at), whole, segments })
}

/// What stands behind the name of a KPI or of one of its segments.
struct Held<'a> {
    cx: &'a Context<'a>,
    kpi: &'a Arc<Kpi>,
}

type Read = (Expected, Vec<(Segment, Expected)>);

impl Held<'_> {
    fn read(&self, node: &Node, at: Place, whole: bool) -> Option<Read> {
        let Value::Map(entries) = &node.value else {
            let value = Some(self.value(node)?);
            return Some((Expected { value, ..Expected::default() }, Vec::new()));
        };
        let fields = Fields::read(self.cx, node, at, &EXPECTED)?;
        if entries.is_empty() {
            let problem = Problem::error("empty-list", node.place, "nothing is expected here");
            return self.cx.refuse(problem.help("write a number, `missing`, or `{ verdict: met }`"));
        }
        let value = fields.optional("value", |_, node| self.value(node));
        let within = fields.optional("within", |_, node| self.within(node));
        if fields.has("within") && (!fields.has("value") || value == Some(Wanted::Missing)) {
            let problem = Problem::error("pointless", fields.key_place("within"), "`within` is about a number");
            self.cx.report(problem.help("add `value: …`, or remove `within`"));
        }
        let verdict = fields.optional("verdict", |cx, node| choice(cx, node, &VERDICTS));
        let target = fields.optional("target", |_, node| self.level(node));
        let segments = match fields.has("by") && !whole {
            true => self.cx.refuse(Problem::error("bad-test", fields.key_place("by"), "a segment has no segments")),
            false => fields.optional("by", |_, node| self.by(node)),
        };
        Some((Expected { value, within, verdict, target }, segments.unwrap_or_default()))
    }

    fn value(&self, node: &Node) -> Option<Wanted> {
        if node.plain() == Some("missing") { Some(Wanted::Missing) } else { self.number(node).map(Wanted::Number) }
    }

    fn number(&self, node: &Node) -> Option<f64> {
        quantity(self.cx, node, Some(&self.kpi.unit))
    }

    fn within(&self, node: &Node) -> Option<f64> {
        let within = self.number(node)?;
        if within >= 0.0 {
            return Some(within);
        }
        self.cx.refuse(Problem::error("out-of-range", node.place, "`within` is 0 or more"))
    }

    fn level(&self, node: &Node) -> Option<Level> {
        if !matches!(node.value, Value::List(_)) {
            return self.number(node).map(Level::Value);
        }
        let [low, high] = items(self.cx, node, "two numbers")? else {
            return self.cx.refuse(Problem::error("bad-test", node.place, "a band has two ends: `[20, 30]`"));
        };
        Some(Level::Between(self.number(low)?, self.number(high)?))
    }

    /// `{ channel: { paid: 12 } }`
    fn by(&self, node: &Node) -> Option<Vec<(Segment, Expected)>> {
        let mut segments = Vec::new();
        for entry in map(self.cx, node, "`by`: dimension → segment → value")? {
            let breakdown = self.kpi.breakdown.as_deref();
            if breakdown != Some(&*entry.key) {
                let message = format!("`{}` is not broken down by `{}`", self.kpi.id, entry.key);
                let help = match breakdown {
                    Some(breakdown) => format!("its breakdown is `{breakdown}`"),
                    None => format!("add `breakdown: {}` to the KPI", entry.key),
                };
                self.cx.report(Problem::error("bad-test", entry.at, message).help(help));
                continue;
            }
            for segment in map(self.cx, &entry.node, "segment → value").unwrap_or_default() {
                // As the segments of rows are read.
                let name = || Name::from(harmless((&*segment.key).into()));
                let name = (!segment.key_node().is_null()).then(name);
                segments.extend(self.read(&segment.node, segment.at, false).map(|(expected, _)| (name, expected)));
            }
        }
        Some(segments)
    }
}
