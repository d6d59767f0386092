//! Formulas of the YAML: parsed, and every name in them looked up.

use super::sections::Section;
use super::sources::Shapes;
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::embedded;
use crate::catalog::fields::{list, wrong_type};
use crate::catalog::node::{Node, Value};
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
        return wrong_type(cx, node, "a formula such as `spend.cost / leads.created`");
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
                let help = scope
                    .shapes
                    .contains_key(name)
                    .then(|| format!("`{name}` is a source: write `{name}.` and one of its measures"));
                let place = written.place(cx, leaf);
                cx.unknown(Unknown { what: "KPI", name, of: None, place, help }, scope.kpis.names());
            }
        }
        Reference::Measure { source, measure } => {
            // Only for a problem: finding it means walking the text.
            let place = || written.place(cx, leaf);
            let Some(shape) = scope.shapes.get(source) else {
                let help = scope.kpis.get(source).map(|_| format!("`{source}` is a KPI: write its name alone"));
                let unknown = Unknown { what: "source", name: source, of: None, place: place(), help };
                return cx.unknown(unknown, scope.shapes.keys().map(|name| &**name));
            };
            let Some(measures) = &shape.measures else { return };
            if !measures.contains(measure) {
                let is_dimension = shape.dimensions.as_ref().is_some_and(|list| list.contains(measure));
                let help = match is_dimension {
                    true => format!("`{measure}` is a dimension of `{source}`: use it in `where` or `breakdown`"),
                    false => format!("`{source}` has {}", list(measures.iter().map(|m| &**m))),
                };
                let place = place();
                let unknown = Unknown { what: "measure", name: measure, of: Some(source), place, help: Some(help) };
                cx.unknown(unknown, measures.iter().map(|m| &**m));
            }
        }
    }
}
