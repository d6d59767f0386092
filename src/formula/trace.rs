//! A formula's evaluation, part by part: what each gave, and which were not needed.
//!
//! The evaluator is that of [`eval`](super::eval), looked on at. What it had no need of because another operand was missing is
//! computed all the same, for people to see; what a branch left out is not: there a formula guards itself, as against division by 0.

use super::eval::{Computed, Witness, value};
use super::expr::Expr;
use super::value::Value;
use super::{Formula, print};
use std::collections::HashMap;
use std::ops::Range;

/// What every part of a formula gave. The first part is the whole formula; a part stands before its own parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The formula in normal form.
    pub text: String,
    pub parts: Vec<Part>,
}

/// One part of a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Bytes of the trace's text.
    pub span: Range<usize>,
    pub what: What,
    /// Whether it is true (1) or false (0), and no number.
    pub condition: bool,
    /// None of what was not evaluated.
    pub value: Option<Value>,
    /// Positions of what it is computed from; those of a chain like `a + b + c` stand side by side.
    pub parts: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Number,
    /// By position in [`Formula::inputs`].
    Input(usize),
    /// An operator or function as formulas write it: `+`, `if`.
    Operation(&'static str),
}

/// Notes what each part gave.
struct Notes<F> {
    input: F,
    /// By the part's place in memory: equal parts of a formula are two parts.
    values: HashMap<*const Expr, Value>,
}

impl<F: FnMut(usize) -> Value> Witness for Notes<F> {
    fn input(&mut self, index: usize) -> Value {
        (self.input)(index)
    }

    fn computed(&mut self, part: &Expr, computed: &Computed) {
        self.values.insert(part, value(computed.clone()));
    }
}

pub(super) fn trace(formula: &Formula, input: impl FnMut(usize) -> Value) -> Trace {
    let mut notes = Notes { input, values: HashMap::new() };
    formula.root.eval(&mut notes);
    let written = print::spanned(&formula.root, &formula.inputs);
    let spans: HashMap<*const Expr, Range<usize>> =
        written.spans.into_iter().map(|(expr, span)| (std::ptr::from_ref(expr), span)).collect();
    let mut parts: Vec<Part> = Vec::new();
    // The part that waits, the position of the whole it belongs to, and whether that is sure to want it.
    let mut waiting: Vec<(&Expr, Option<usize>, bool)> = vec![(&formula.root, None, true)];
    while let Some((expr, whole, wanted)) = waiting.pop() {
        let place = std::ptr::from_ref(expr);
        if wanted && !notes.values.contains_key(&place) {
            expr.eval(&mut notes);
        }
        let value = notes.values.get(&place).cloned();
        let here = parts.len();
        let wants = value.is_some() && !expr.is_lazy();
        waiting.extend(expr.parts().into_iter().rev().map(|part| (part, Some(here), wants)));
        parts.push(Part {
            span: spans[&place].clone(),
            what: what(expr),
            condition: expr.is_condition(),
            value,
            parts: Vec::new(),
        });
        if let Some(whole) = whole {
            parts[whole].parts.push(here);
        }
    }
    Trace { text: written.text, parts }
}

fn what(expr: &Expr) -> What {
    match (expr, expr.operation()) {
        (_, Some(operation)) => What::Operation(operation),
        (Expr::Input(index), None) => What::Input(*index),
        (_, None) => What::Number,
    }
}

impl Trace {
    /// A part as the normal form writes it.
    pub fn text(&self, part: &Part) -> &str {
        &self.text[part.span.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Input, Reason, parse};
    use proptest::prelude::*;

    /// `a.x` = 7, `b.y` = 2, `kpi` = 0.5, moved ones are 0, and `none` is missing.
    fn input(input: &Input) -> Value {
        match input.to_string().as_str() {
            "a.x" => Value::Number(7.0),
            "b.y" => Value::Number(2.0),
            "kpi" => Value::Number(0.5),
            "none" => Value::Missing(Reason::Null { what: "none".into() }),
            _ => Value::Number(0.0),
        }
    }

    fn traced(text: &str) -> Trace {
        let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        formula.trace(|i| input(&formula.inputs()[i]))
    }

    /// Each part on a line, indented by depth: its text, and its value, reason or `not evaluated`.
    fn shown(trace: &Trace, at: usize, depth: usize, lines: &mut Vec<String>) {
        let part = &trace.parts[at];
        let value = match &part.value {
            None => "not evaluated".to_owned(),
            Some(Value::Missing(reason)) => format!("missing: {reason}"),
            Some(Value::Number(number)) if part.condition => format!("{}", *number != 0.0),
            Some(Value::Number(number)) => number.to_string(),
        };
        lines.push(format!("{}{} → {value}", "  ".repeat(depth), trace.text(part)));
        part.parts.iter().for_each(|part| shown(trace, *part, depth + 1, lines));
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut lines = Vec::new();
        shown(&traced(text), 0, 0, &mut lines);
        assert_eq!(lines, expected, "{text}");
    }

    #[test]
    fn every_operator_shows_what_it_was_given() {
        check("a.x-b.y", &["a.x - b.y → 5", "  a.x → 7", "  b.y → 2"]);
        check("a.x / b.y", &["a.x / b.y → 3.5", "  a.x → 7", "  b.y → 2"]);
        check("a.x % b.y", &["a.x % b.y → 1", "  a.x → 7", "  b.y → 2"]);
        check("a.x ^ b.y", &["a.x ^ b.y → 49", "  a.x → 7", "  b.y → 2"]);
        check("-(a.x)", &["-a.x → -7", "  a.x → 7"]);
        check("1_000", &["1000 → 1000"]);
        check("min(a.x, b.y, 3)", &["min(a.x, b.y, 3) → 2", "  a.x → 7", "  b.y → 2", "  3 → 3"]);
        check("sqrt(kpi * 8)", &["sqrt(kpi * 8) → 2", "  kpi * 8 → 4", "    kpi → 0.5", "    8 → 8"]);
    }

    #[test]
    fn brackets_belong_to_the_whole_and_chains_are_flat() {
        check("2 * (a.x + b.y)", &["2 * (a.x + b.y) → 18", "  2 → 2", "  a.x + b.y → 9", "    a.x → 7", "    b.y → 2"]);
        check("a.x + b.y + 1", &["a.x + b.y + 1 → 10", "  a.x → 7", "  b.y → 2", "  1 → 1"]);
        check("8 - 2 - 1", &["8 - 2 - 1 → 5", "  8 - 2 → 6", "    8 → 8", "    2 → 2", "  1 → 1"]);
    }

    #[test]
    fn branches_not_taken_are_not_evaluated() {
        check(
            "if(a.x > b.y, a.x, 1 / 0)",
            &[
                "if(a.x > b.y, a.x, 1 / 0) → 7",
                "  a.x > b.y → true",
                "    a.x → 7",
                "    b.y → 2",
                "  a.x → 7",
                "  1 / 0 → not evaluated",
                "    1 → not evaluated",
                "    0 → not evaluated",
            ],
        );
        check("coalesce(a.x, none)", &["coalesce(a.x, none) → 7", "  a.x → 7", "  none → not evaluated"]);
        check("coalesce(none, 0)", &["coalesce(none, 0) → 0", "  none → missing: none is NULL", "  0 → 0"]);
        let condition = |text: &str| {
            let trace = traced(&format!("if({text}, 1, 0)"));
            let condition = &trace.parts[trace.parts[0].parts[0]];
            let of = |at: &usize| trace.parts[*at].value.as_ref().map(|value| value.number() == Some(1.0));
            (trace.text(condition).to_owned(), condition.parts.iter().map(of).collect::<Vec<_>>())
        };
        let chain = "a.x < 1 && b.y > 1 && kpi > 1";
        assert_eq!(condition(chain), (chain.to_owned(), vec![Some(false), None, None]));
        let chain = "a.x < 1 || b.y > 1 || kpi > 1";
        assert_eq!(condition(chain), (chain.to_owned(), vec![Some(false), Some(true), None]));
        assert_eq!(condition("!(a.x < 1)"), ("!(a.x < 1)".to_owned(), vec![Some(false)]));
    }

    #[test]
    fn missing_spreads_and_what_stands_beside_it_is_shown() {
        let why = "missing: none is NULL";
        check("none + a.x", &[&format!("none + a.x → {why}"), &format!("  none → {why}"), "  a.x → 7"]);
        check("max(none, a.x)", &[&format!("max(none, a.x) → {why}"), &format!("  none → {why}"), "  a.x → 7"]);
        check(
            "a.x / (b.y - 2)",
            &["a.x / (b.y - 2) → missing: b.y - 2 = 0", "  a.x → 7", "  b.y - 2 → 0", "    b.y → 2", "    2 → 2"],
        );
        check(
            "if(none > 1, a.x, 0)",
            &[
                &format!("if(none > 1, a.x, 0) → {why}"),
                &format!("  none > 1 → {why}"),
                &format!("    none → {why}"),
                "    1 → 1",
                "  a.x → not evaluated",
                "  0 → not evaluated",
            ],
        );
    }

    #[test]
    fn the_longest_formula_fits_a_small_stack() {
        let trace = traced(&format!("a.x{}", " - 1".repeat(490)));
        assert_eq!((trace.parts.len(), trace.parts[0].value.clone()), (981, Some(Value::Number(7.0 - 490.0))));
    }

    proptest! {
        #[test]
        fn the_first_part_is_what_the_formula_gives(text in parse::tests::formula()) {
            let Ok(formula) = Formula::parse(&text) else { return Ok(()) };
            let trace = formula.trace(|i| input(&formula.inputs()[i]));
            let value = formula.eval(|i| input(&formula.inputs()[i]));
            prop_assert_eq!(trace.parts[0].value.as_ref(), Some(&value));
            prop_assert_eq!(trace.text(&trace.parts[0]), formula.to_string());
        }

        /// So the text of a part, its place and its value belong together.
        #[test]
        fn every_part_taken_by_itself_gives_its_value(text in parse::tests::formula()) {
            let Ok(formula) = Formula::parse(&text) else { return Ok(()) };
            let trace = formula.trace(|i| input(&formula.inputs()[i]));
            for part in trace.parts.iter().filter(|part| part.value.is_some()) {
                let text = trace.text(part);
                let alone = if part.condition { format!("if({text}, 1, 0)") } else { text.to_owned() };
                let alone = Formula::parse(&alone).map_err(|e| TestCaseError::fail(format!("{alone}: {e}")))?;
                prop_assert_eq!(part.value.clone(), Some(alone.eval(|i| input(&alone.inputs()[i]))), "{}", text);
            }
        }
    }
}
