//! `tests:` of a KPI → [`KpiTest`].

use super::names::{self, Scope};
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::fields::{Fields, Table, items, map};
use crate::catalog::form::{Form, Named, required};
use crate::catalog::node::{Entry, Node};
use crate::catalog::scalar::number;
use crate::formula::{Reference, Shift};
use crate::measure::KpiTest;
use crate::text::Name;

pub(super) static TEST: Table = Table {
    what: "a test",
    keys: &[
        required("given", "input → number or `missing`", Form::Map(&Form::Name(Named::Input), &NUMBER_OR_MISSING))
            .examples(&["{ spend.cost: 900, leads.created: 4 }"]),
        required("expect", "number or `missing`", NUMBER_OR_MISSING),
    ],
};

const NUMBER_OR_MISSING: Form = Form::OneOf(&[Form::Number, Form::Words(&[("missing", "not 0, but no value at all")])]);

pub(super) fn read(cx: &Context, kpi: &Fields, name: &Name, scope: Scope) -> Vec<KpiTest> {
    let Some(list) = kpi.optional("tests", |cx, node| items(cx, node, "tests")) else { return Vec::new() };
    list.iter().filter_map(|item| read_test(cx, item, item.place, name, scope)).collect()
}

fn read_test(cx: &Context, node: &Node, at: Place, kpi: &Name, scope: Scope) -> Option<KpiTest> {
    let fields = Fields::read(cx, node, at, &TEST)?;
    let expect = fields.required("expect", number_or_missing);
    let given = fields.required("given", |cx, node| {
        let entries = map(cx, node, "`given`: input → value")?;
        Some(
            entries
                .iter()
                .filter_map(|entry| Some((input(cx, entry, scope)?, number_or_missing(cx, &entry.node)?)))
                .collect(),
        )
    });
    Some(KpiTest { kpi: kpi.clone(), given: given?, expect: expect?, place: cx.test_place(at) })
}

/// `missing`, or a number.
#[expect(clippy::option_option, reason = "outer: could it be read; inner: missing")]
fn number_or_missing(cx: &Context, node: &Node) -> Option<Option<f64>> {
    if node.plain() == Some("missing") { Some(None) } else { number(cx, node).map(Some) }
}

/// A key of `given`: `source.measure`, a KPI, or one of these inside `previous()`, `year_ago()`, `total()`.
fn input(cx: &Context, entry: &Entry, scope: Scope) -> Option<(Reference, Shift)> {
    let key = entry.key_node();
    let written = names::formula(cx, &key, scope)?;
    match written.formula.leaves() {
        [leaf] if written.formula.is_leaf() => Some((leaf.reference.clone(), leaf.shift)),
        _ => {
            let problem = Problem::error("bad-test", entry.at, format!("`{}` is not an input", entry.key));
            cx.refuse(
                problem.help(
                    "write `source.measure`, a KPI, or one of them inside `previous()`, `year_ago()` or `total()`",
                ),
            )
        }
    }
}
