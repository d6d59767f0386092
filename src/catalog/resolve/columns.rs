//! The columns of a source: `time`, `dimensions`, `measures`, each column in one part only.

use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::fields::{Fields, items, map};
use crate::catalog::form::{Choice, Form, words};
use crate::catalog::node::{Node, Value};
use crate::catalog::scalar::{choice, name, name_flaw};
use crate::query::{Aggregate, Measure};
use crate::text::Name;
use std::collections::HashMap;

/// A list of sums, or column → aggregate.
pub(super) const MEASURES: Form =
    Form::OneOf(&[Form::List(&Form::NewName), Form::Map(&Form::NewName, &Form::Words(&words(&AGGREGATES)))]);

const AGGREGATES: [Choice<Aggregate>; 5] = [
    ("sum", Aggregate::Sum, "added up over time, the default"),
    ("min", Aggregate::Min, "the smallest"),
    ("max", Aggregate::Max, "the largest"),
    ("first", Aggregate::First, "the first row of each combination of dimensions, then added up"),
    ("last", Aggregate::Last, "the last row of each combination of dimensions, then added up: stocks, balances"),
];

/// `None` where a part could not be read.
pub(super) struct Columns {
    pub time: Option<Name>,
    pub dimensions: Option<Vec<Name>>,
    pub measures: Option<Vec<Measure>>,
}

impl Columns {
    pub fn read(cx: &Context, fields: &Fields) -> Columns {
        let mut once = Once { cx, seen: HashMap::new() };
        let time = fields.optional("time", |cx, node| {
            let column = name(cx, node)?;
            once.is_first(&column, node.place, "`time`");
            Some(column)
        });
        let dimensions = match fields.has("dimensions") {
            true => fields.optional("dimensions", |_, node| once.list(node, "a dimension")),
            false => Some(Vec::new()),
        };
        let measures = fields.required("measures", |cx, node| {
            let empty = match &node.value {
                Value::List(items) => items.is_empty(),
                Value::Map(entries) => entries.is_empty(),
                Value::Scalar { .. } | Value::Unknown => false,
            };
            if empty {
                let problem = Problem::error("empty-list", node.place, "a source without measures gives nothing");
                return cx.refuse(problem.help("list the numeric columns of the query"));
            }
            match &node.value {
                Value::Map(_) => once.aggregates(node),
                _ => once.list(node, "a measure").map(|names| names.into_iter().map(summed).collect()),
            }
        });
        Columns { time, dimensions, measures }
    }
}

fn summed(name: Name) -> Measure {
    Measure { name, aggregate: Aggregate::Sum, declared: false }
}

/// The columns named so far: where, and as what.
struct Once<'a> {
    cx: &'a Context<'a>,
    seen: HashMap<Name, (Place, &'static str)>,
}

impl Once<'_> {
    fn is_first(&mut self, column: &Name, place: Place, part: &'static str) -> bool {
        let Some((first, other)) = self.seen.get(column) else {
            self.seen.insert(column.clone(), (place, part));
            return true;
        };
        let message = match *other == part {
            true => format!("column `{column}` is listed twice"),
            false => format!("column `{column}` can't be {other} and {part}"),
        };
        self.cx.report(Problem::error("duplicate-column", place, message).also(*first, "first named here"));
        false
    }

    fn list(&mut self, node: &Node, part: &'static str) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        for item in items(self.cx, node, "columns")? {
            if let Some(column) = name(self.cx, item)
                && self.is_first(&column, item.place, part)
            {
                names.push(column);
            }
        }
        Some(names)
    }

    /// `{ created: sum, pipeline_open: last }`
    fn aggregates(&mut self, node: &Node) -> Option<Vec<Measure>> {
        let mut measures = Vec::new();
        for entry in map(self.cx, node, "measures")? {
            let name = Name::from(&*entry.key);
            if let Some(flaw) = name_flaw(&name) {
                self.cx.report(Problem::error("bad-name", entry.at, format!("the name `{name}` {flaw}")));
            } else if self.is_first(&name, entry.at, "a measure") {
                // A measure with an unknown aggregate is a measure: formulas that name it aren't reported as well.
                let aggregate = choice(self.cx, &entry.node, &AGGREGATES).unwrap_or_default();
                measures.push(Measure { name, aggregate, declared: true });
            }
        }
        Some(measures)
    }
}
