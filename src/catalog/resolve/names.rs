//! Formulas of the YAML: parsed, and every name in them looked up.

use super::super::context::{Context, Place, Problem};
use super::super::embedded;
use super::super::fields::wrong_type;
use super::super::yaml::{Node, Value};
use super::sections::Section;
use super::sources::Shapes;
use crate::formula::{Formula, Leaf, Reference};

/// What a formula may name.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub shapes: &'a Shapes,
    pub kpis: &'a Section,
}

/// A formula with the scalar it was read from.
pub(super) struct Written<'a> {
    pub formula: Formula,
    pub node: &'a Node,
}

impl Written<'_> {
    pub fn place(&self, cx: &Context, leaf: &Leaf) -> Place {
        embedded::place(cx, self.node, leaf.span.clone())
    }
}

/// Reads a formula; unknown names in it are reported, and it is given all the same.
pub(super) fn formula<'a>(cx: &Context, node: &'a Node, scope: Scope) -> Option<Written<'a>> {
    let Value::Scalar { text, .. } = &node.value else {
        return wrong_type(cx, node, "a formula such as `spend.total / leads.created`");
    };
    match Formula::parse(text) {
        Ok(formula) => {
            let written = Written { formula, node };
            written.formula.leaves().iter().for_each(|leaf| check(cx, &written, leaf, scope));
            Some(written)
        }
        Err(error) => {
            let place = embedded::place(cx, node, error.span);
            cx.refuse(Problem::error("formula", place, error.message).maybe_help(error.help))
        }
    }
}

fn check(cx: &Context, written: &Written, leaf: &Leaf, scope: Scope) {
    match &leaf.reference {
        Reference::Kpi(name) => {
            if scope.kpis.get(name).is_none() {
                let help = scope.shapes.contains_key(name).then(|| {
                    format!("`{name}` is a source: write `{name}.` and one of its measures")
                });
                cx.unknown("KPI", name, written.place(cx, leaf), scope.kpis.names(), help);
            }
        }
        Reference::Measure { source, measure } => {
            let place = written.place(cx, leaf);
            let Some(shape) = scope.shapes.get(source) else {
                let help = scope.kpis.get(source).map(|_| format!("`{source}` is a KPI: write its name alone"));
                return cx.unknown("source", source, place, scope.shapes.keys().map(|name| &**name), help);
            };
            let Some(measures) = &shape.measures else { return };
            if !measures.contains(measure) {
                let is_dimension = shape.dimensions.as_ref().is_some_and(|list| list.contains(measure));
                let help = match is_dimension {
                    true => format!("`{measure}` is a dimension of `{source}`: use it in `where` or `breakdown`"),
                    false => format!("`{source}` has {}", super::super::fields::list(measures.iter().map(|m| &**m))),
                };
                let what = format!("measure of `{source}`");
                cx.unknown(&what, measure, place, measures.iter().map(|m| &**m), Some(help));
            }
        }
    }
}
