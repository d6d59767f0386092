//! `tests:` of a KPI → [`KpiTest`].

use super::names::{self, Scope};
use super::targets::quantity;
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::fields::{COMMA, Fields, Table, is_cut_off, items, map};
use crate::catalog::form::{Form, Named, required};
use crate::catalog::node::{Entry, Node};
use crate::catalog::scalar::number;
use crate::formula::{Reference, Shift};
use crate::measure::{KpiTest, Unit};
use crate::text::Name;

pub(super) static TEST: Table = Table {
    what: "a test",
    keys: &[
        required("given", "input → number or `missing`", Form::Map(&Form::Name(Named::Input), &NUMBER_OR_MISSING))
            .examples(&["{ spend.cost: 900, leads.created: 4 }"]),
        required("expect", "number or `missing`; of a KPI in percent `25%` as well", AMOUNT_OR_MISSING)
            .examples(&["225", "25%"]),
    ],
};

const MISSING: Form = Form::Words(&[("missing", "not 0, but no value at all")]);
const NUMBER_OR_MISSING: Form = Form::OneOf(&[Form::Number, MISSING]);
const AMOUNT_OR_MISSING: Form = Form::OneOf(&[Form::Amount, MISSING]);

/// The KPI that is tested.
pub(super) struct Tested<'a> {
    pub name: &'a Name,
    /// None: it is wrong, and numbers of any unit are taken.
    pub unit: Option<&'a Unit>,
    pub scope: Scope<'a>,
}

pub(super) fn read(cx: &Context, kpi: &Fields, tested: &Tested) -> Vec<KpiTest> {
    let Some(list) = kpi.optional("tests", |cx, node| items(cx, node, "tests")) else { return Vec::new() };
    list.iter().filter_map(|item| read_test(cx, item, item.place, tested)).collect()
}

fn read_test(cx: &Context, node: &Node, at: Place, tested: &Tested) -> Option<KpiTest> {
    let fields = Fields::read(cx, node, at, &TEST)?;
    let expect = fields.required("expect", |cx, node| match is_missing(node) {
        true => Some(None),
        false => quantity(cx, node, tested.unit).map(Some),
    });
    let given = fields.required("given", |cx, node| {
        let entries = map(cx, node, "`given`: input → value")?;
        Some(
            entries
                .iter()
                .filter_map(|entry| Some((input(cx, entry, tested.scope)?, number_or_missing(cx, &entry.node)?)))
                .collect(),
        )
    });
    Some(KpiTest { kpi: tested.name.clone(), given: given?, expect: expect?, place: cx.test_place(at) })
}

/// `missing`, or a number.
#[expect(clippy::option_option, reason = "outer: could it be read; inner: missing")]
fn number_or_missing(cx: &Context, node: &Node) -> Option<Option<f64>> {
    if is_missing(node) { Some(None) } else { number(cx, node).map(Some) }
}

fn is_missing(node: &Node) -> bool {
    node.plain() == Some("missing")
}

/// A key of `given`: `source.measure`, a KPI, or one of these inside `previous()`, `year_ago()`, `total()`.
fn input(cx: &Context, entry: &Entry, scope: Scope) -> Option<(Reference, Shift)> {
    if is_cut_off(&entry.key) {
        let problem = Problem::error("bad-test", entry.at, format!("`{}` is not an input", entry.key));
        return cx.refuse(problem.help(COMMA));
    }
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
