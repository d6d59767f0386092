//! A KPI's own tests: `tests:` beside its formula.

use super::model::Model;
use crate::formula::{Formula, Input, Reason, Reference, Shift, Value, tidy};
use crate::text::Name;
use std::collections::HashMap;
use std::fmt;

/// With the `given` inputs the KPI's formula should give `expect`.
#[derive(Debug, Clone)]
pub struct KpiTest {
    pub kpi: Name,
    /// Input (a name, or one inside `previous()`, `year_ago()`, `total()`) → its value; `None` is missing.
    pub given: Vec<((Reference, Shift), Option<f64>)>,
    /// `None` expects missing.
    pub expect: Option<f64>,
    /// Of the test, for its failure.
    pub place: Place,
}

/// Where a test stands: the file as it is named in the output, and the 1-based line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    pub file: String,
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a test found instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TestFailure {
    #[error("the formula needs {needs}, which `given` does not give")]
    NotGiven { needs: String },
    #[error("expected {}, got {got}", shown(*expected))]
    Differs { expected: Option<f64>, got: Value },
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "missing".to_owned(), |number| tidy(number).to_string())
}

/// Equal to one part in a million: authors write 0.333333 for a third.
pub(super) fn close(expected: f64, got: f64) -> bool {
    (expected - got).abs() <= 1e-6 * expected.abs().max(got.abs())
}

impl KpiTest {
    /// Computes the KPI from what is given. A KPI in the formula that is not given itself is computed from what is given.
    ///
    /// # Errors
    /// What the test found instead of what it expects.
    pub fn run(&self, model: &Model) -> Result<(), TestFailure> {
        let got = self.value(model)?;
        let same = match (self.expect, got.number()) {
            (Some(expected), Some(got)) => close(expected, got),
            (None, None) => true,
            _ => false,
        };
        if same { Ok(()) } else { Err(TestFailure::Differs { expected: self.expect, got }) }
    }

    /// Each KPI once a shift, those it names before it: recursion would take exponential time and a large stack.
    fn value(&self, model: &Model) -> Result<Value, TestFailure> {
        let own = Input { reference: Reference::Kpi(self.kpi.clone()), shift: Shift::default() };
        let mut known: HashMap<Input, Result<Value, TestFailure>> =
            self.given().filter(|(input, _)| *input != own).map(|(input, value)| (input, Ok(value))).collect();
        let mut waiting = vec![own.clone()];
        while let Some(input) = waiting.last() {
            let formula = match &input.reference {
                Reference::Kpi(name) if !known.contains_key(input) => &model.kpi(name).formula,
                _ => {
                    let needs = input.to_string();
                    known.entry(input.clone()).or_insert(Err(TestFailure::NotGiven { needs }));
                    waiting.pop();
                    continue;
                }
            };
            let named: Vec<Input> = formula.inputs().iter().map(|named| moved(named, input.shift)).collect();
            let before = waiting.len();
            waiting.extend(named.iter().filter(|named| !known.contains_key(named)).cloned());
            if waiting.len() == before {
                let value = lazily(formula, &named, &known);
                known.extend(waiting.pop().map(|input| (input, value)));
            }
        }
        known.remove(&own).expect("it was waited for")
    }

    fn given(&self) -> impl Iterator<Item = (Input, Value)> {
        self.given.iter().map(|((reference, shift), number)| {
            let missing = || Value::Missing(Reason::Null { what: reference.to_string().into() });
            let input = Input { reference: reference.clone(), shift: *shift };
            (input, number.map_or_else(missing, Value::Number))
        })
    }
}

/// The value of `formula`, or why an input that it asks for is not known; one that it doesn't ask for need not be.
fn lazily(
    formula: &Formula,
    named: &[Input],
    known: &HashMap<Input, Result<Value, TestFailure>>,
) -> Result<Value, TestFailure> {
    let mut lacks = None;
    let value = formula.eval(|i| match &known[&named[i]] {
        Ok(value) => value.clone(),
        Err(failure) => {
            lacks.get_or_insert(failure.clone());
            Value::Number(0.0)
        }
    });
    lacks.map_or(Ok(value), Err)
}

/// What `input` of a formula is when the formula stands inside `shift`.
fn moved(input: &Input, shift: Shift) -> Input {
    let own = input.shift;
    let shift = Shift {
        previous: shift.previous.saturating_add(own.previous),
        year_ago: shift.year_ago.saturating_add(own.year_ago),
        total: shift.total || own.total,
    };
    Input { reference: input.reference.clone(), shift }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{formula, kpi, world};
    use crate::measure::kpi::Kpi;

    fn run(kpis: Vec<Kpi>, given: &[(&str, f64)], expect: f64) -> Result<(), String> {
        let input = |text: &str| {
            let formula = formula(text);
            (formula.inputs()[0].reference.clone(), formula.inputs()[0].shift)
        };
        let given = given.iter().map(|(text, number)| (input(text), Some(*number))).collect();
        let test = KpiTest { kpi: kpis[0].id.clone(), given, expect: Some(expect), place: Place::default() };
        test.run(&world(&[], &[], kpis).model).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_a_formula_does_not_ask_for_need_not_be_given() {
        let lazy = || vec![kpi("k", "if(sales.leads > 0, sales.leads, other)"), kpi("other", "sales.visits")];
        assert_eq!(run(lazy(), &[("sales.leads", 3.0)], 3.0), Ok(()));
        let needs = "the formula needs sales.visits, which `given` does not give";
        assert_eq!(run(lazy(), &[("sales.leads", 0.0)], 3.0), Err(needs.to_owned()));
    }

    #[test]
    fn a_ladder_of_kpis_takes_no_exponential_time() {
        let rung = |i: usize| match i {
            0 => kpi("k0", "sales.leads - previous(sales.leads)"),
            _ => kpi(&format!("k{i}"), &format!("k{0} - k{0} * k{0}{1}", i - 1, " + 0".repeat(490))),
        };
        let given = [("sales.leads", 4.0), ("previous(sales.leads)", 4.0)];
        assert_eq!(run((0..64).rev().map(rung).collect(), &given, 0.0), Ok(()));
    }
}
