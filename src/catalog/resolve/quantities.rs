//! Whether formulas make sense in what their inputs count in. Says nothing of what isn't known.

use super::sections::Sections;
use super::structure::{child, formulas};
use crate::catalog::context::{Context, Problem};
use crate::catalog::node::Node;
use crate::catalog::warnings::{self, Rule};
use crate::catalog::{Catalog, embedded};
use crate::formula::{Binary, Expr, Formula, Function, Input, Leaf, Reference};
use crate::measure::{Clash, ClashKind, Filter, Inferred, Kpi, Quantity, Side, Unit, infer};
use crate::text::Name;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// Looks at every formula of a catalogue without errors.
pub(super) fn check(cx: &Context, sections: &Sections, catalog: &Catalog) {
    let units = Units { cx, catalog, known: RefCell::default() };
    for kpi in &catalog.kpis {
        let Some(declared) = sections.kpis.get(&kpi.id) else { continue };
        Checked { units: &units, kpi, node: &declared.node }.check();
    }
}

struct Units<'a> {
    cx: &'a Context<'a>,
    catalog: &'a Catalog,
    known: RefCell<HashMap<Name, Quantity>>,
}

impl Units<'_> {
    fn of_unit(&self, unit: &Unit) -> Quantity {
        Quantity::of_unit(unit, &self.catalog.settings.currency)
    }

    fn infer(&self, formula: &Formula) -> Inferred {
        infer(formula, |reference| self.of(reference))
    }

    fn of(&self, reference: &Reference) -> Quantity {
        match reference {
            Reference::Measure { source, measure } => {
                let unit = self.catalog.sources.get(source).and_then(|source| source.units.get(measure));
                unit.map_or(Quantity::Unknown, |unit| self.of_unit(unit))
            }
            Reference::Kpi(name) => self.catalog.kpi(name).map_or(Quantity::Unknown, |kpi| self.of_kpi(kpi)),
        }
    }

    /// By its unit; by its formula where it has none. KPIs stand at most 64 deep on one another.
    fn of_kpi(&self, kpi: &Kpi) -> Quantity {
        if kpi.unit != Unit::Number {
            return self.of_unit(&kpi.unit);
        }
        if let Some(known) = self.known.borrow().get(&kpi.id) {
            return known.clone();
        }
        let inferred = self.infer(&kpi.formula).quantity;
        self.known.borrow_mut().insert(kpi.id.clone(), inferred.clone());
        inferred
    }

    /// How it is known what the names of a formula's leaves count in.
    fn origins(&self, formula: &Formula, leaves: Range<usize>) -> String {
        let mut said: Vec<String> = Vec::new();
        for leaf in &formula.leaves()[leaves] {
            let reference = &leaf.reference;
            let by = match reference {
                Reference::Measure { source, .. } => format!("by `units` of source `{source}`"),
                Reference::Kpi(name) => match self.catalog.kpi(name).is_some_and(|kpi| kpi.unit != Unit::Number) {
                    true => "by its `unit`".to_owned(),
                    false => "by its formula".to_owned(),
                },
            };
            let origin = format!("`{reference}` is {} {by}", self.of(reference));
            if self.of(reference) != Quantity::Unknown && !said.contains(&origin) {
                said.push(origin);
            }
        }
        said.join(", ")
    }
}

/// One KPI.
struct Checked<'a> {
    units: &'a Units<'a>,
    kpi: &'a Kpi,
    node: &'a Node,
}

impl Checked<'_> {
    fn check(&self) {
        for (formula, path) in formulas(self.kpi) {
            let Some(node) = path.iter().try_fold(self.node, |node, key| child(node, key)) else { continue };
            let inferred = self.units.infer(formula);
            inferred.clashes.iter().for_each(|clash| self.clash(formula, node, clash));
            if !inferred.clashes.is_empty() {
                continue;
            }
            let found = match *path {
                ["formula"] => self.own(&inferred.quantity),
                ["at_least", ..] => self.sample(&inferred.quantity),
                _ => self.target(&inferred.quantity),
            };
            let Some((rule, message, help)) = found else { continue };
            let origins = self.units.origins(formula, 0..formula.leaves().len());
            let help = if origins.is_empty() { help } else { format!("{help}; {origins}") };
            self.units.cx.report(Problem::warning(rule, node.place, message).help(help));
        }
    }

    fn clash(&self, formula: &Formula, node: &Node, clash: &Clash) {
        if clash.kind == ClashKind::Rates && self.are_parts(formula, clash) {
            return;
        }
        let rule = match clash.kind {
            ClashKind::Currencies => &warnings::MIXED_CURRENCIES,
            ClashKind::Times => &warnings::MIXED_TIMES,
            ClashKind::Kinds => &warnings::MIXED_KINDS,
            ClashKind::Rates => &warnings::RATES_ADDED,
        };
        let named = |side: &Side| format!("`{}` ({})", written(formula, &side.leaves), side.quantity);
        let message = format!("{} and {} are {}", named(&clash.left), named(&clash.right), clash.done);
        let both = clash.left.leaves.start..clash.right.leaves.end;
        let place = embedded::place(self.units.cx, node, span(formula, &both));
        self.units.cx.report(Problem::warning(rule, place, message).help(self.units.origins(formula, both)));
    }

    /// Whether rates that are added are parts of one whole: each a different KPI, all divided by the same.
    fn are_parts(&self, formula: &Formula, clash: &Clash) -> bool {
        let leaves = &formula.leaves()[clash.left.leaves.start..clash.right.leaves.end];
        let wholes: Vec<_> = leaves.iter().map(|leaf| (leaf.shift, self.whole(&leaf.reference))).collect();
        let distinct =
            leaves.iter().enumerate().all(|(at, leaf)| leaves[..at].iter().all(|l| l.reference != leaf.reference));
        distinct && wholes.windows(2).all(|pair| pair[0].1.is_some() && pair[0] == pair[1])
    }

    /// What a KPI's formula is divided by, and which segments of it.
    fn whole(&self, reference: &Reference) -> Option<(String, Filter)> {
        let Reference::Kpi(name) = reference else { return None };
        let kpi = self.units.catalog.kpi(name)?;
        let Expr::Binary(Binary::Div { by }, ..) = kpi.formula.root() else { return None };
        match by.strip_prefix("total(").and_then(|by| by.strip_suffix(')')) {
            Some(by) => Some((by.to_owned(), Filter::new())),
            None => Some((by.to_string(), kpi.filter.clone())),
        }
    }

    /// What is wrong with the KPI's own formula, and what to do.
    fn own(&self, quantity: &Quantity) -> Option<(&'static Rule, String, String)> {
        let kpi = self.kpi;
        if kpi.unit == Unit::Percent && has_factor_100(kpi.formula.root()) {
            let message = "the formula multiplies by 100, and so does `percent`".to_owned();
            return Some((&warnings::TIMES_100, message, "remove the 100: 0.25 reads 25 %".to_owned()));
        }
        if quantity.has_uncancelled_money() {
            let message = format!("the formula gives {quantity}: the money in it doesn't cancel");
            let help = "divide money by money of the same currency; convert in SQL, by the rate of the day".to_owned();
            return Some((&warnings::UNCANCELLED, message, help));
        }
        if !quantity.is_simple() {
            return None;
        }
        let is_amount = matches!(quantity, Quantity::Of(_));
        if child(self.node, "unit").is_none() && is_amount {
            let message = format!("the formula gives {quantity}, and the KPI has no `unit`: readers see a bare number");
            return Some((&warnings::UNSAID_UNIT, message, "add `unit` to the KPI".to_owned()));
        }
        let is_time = matches!(kpi.unit, Unit::Minutes | Unit::Hours | Unit::Days);
        let declared = self.units.of_unit(&kpi.unit);
        // Stock divided by what is sold is a number of days.
        let may_be = is_time && matches!(quantity, Quantity::Share | Quantity::Cancelled | Quantity::Rate);
        (declared.clash(quantity).is_some() && !may_be).then(|| {
            let declared = match kpi.unit {
                Unit::Percent => "percent".to_owned(),
                Unit::Ratio => "ratio".to_owned(),
                _ => declared.to_string(),
            };
            let message = format!("the KPI's `unit` is {declared}, the formula gives {quantity}");
            (&warnings::OTHER_UNIT, message, "mend the formula or the unit".to_owned())
        })
    }

    fn sample(&self, quantity: &Quantity) -> Option<(&'static Rule, String, String)> {
        (quantity.is_simple() && Quantity::Count.clash(quantity).is_some()).then(|| {
            let message = format!("the sample of `at_least` is {quantity}, not a count");
            (&warnings::SAMPLE, message, "name what is counted: visits, leads, customers".to_owned())
        })
    }

    fn target(&self, quantity: &Quantity) -> Option<(&'static Rule, String, String)> {
        let own = self.units.of_kpi(self.kpi);
        let clash = quantity.is_simple() && own.is_simple() && own.clash(quantity).is_some();
        clash.then(|| {
            let message = format!("the target is {quantity}, `{}` is {own}", self.kpi.id);
            (&warnings::TARGET_UNIT, message, "compare like with like".to_owned())
        })
    }
}

/// The text from the first leaf to the last.
fn span(formula: &Formula, leaves: &Range<usize>) -> Range<usize> {
    let leaves = &formula.leaves()[leaves.clone()];
    match (leaves.first(), leaves.last()) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => 0..formula.text.len(),
    }
}

/// A side as the formula writes it; only its names where that would tear brackets apart.
fn written(formula: &Formula, leaves: &Range<usize>) -> String {
    let text = &formula.text[span(formula, leaves)];
    let leaves = &formula.leaves()[leaves.clone()];
    if leaves.len() > 1 && text.matches('(').count() == text.matches(')').count() {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let name = |leaf: &Leaf| Input { reference: leaf.reference.clone(), shift: leaf.shift }.to_string();
    leaves.iter().map(name).collect::<Vec<_>>().join("`, `")
}

/// `100 * a / b`, `a / b * 100`, rounded or not; another 100 below the line cancels it.
fn has_factor_100(expr: &Expr) -> bool {
    match expr {
        Expr::Number(number) => *number == 100.0,
        Expr::Binary(Binary::Mul, left, right) => has_factor_100(left) || has_factor_100(right),
        Expr::Binary(Binary::Div { .. }, left, right) => {
            !matches!(**left, Expr::Number(_)) && has_factor_100(left) && !has_factor_100(right)
        }
        Expr::Call(Function::Round | Function::Floor | Function::Ceil, arguments) => {
            arguments.iter().any(has_factor_100)
        }
        _ => false,
    }
}
