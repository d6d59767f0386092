//! A KPI's own tests: `tests:` beside its formula.

use super::model::Model;
use crate::formula::{Formula, Input, Reference, Shift, Value};
use crate::text::Name;

/// With the `given` inputs the KPI's formula should give `expect`.
#[derive(Debug, Clone)]
pub struct KpiTest {
    pub kpi: Name,
    /// Input (a name, or one inside `previous()`, `year_ago()`, `total()`) → its value; `None` is missing.
    pub given: Vec<((Reference, Shift), Option<f64>)>,
    /// `None` expects missing.
    pub expect: Option<f64>,
    /// `file:line` of the test, for its failure.
    pub place: String,
}

/// What a test found instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TestFailure {
    #[error("the formula needs {needs}, which `given` does not give")]
    NotGiven { needs: String },
    #[error("expected {}, got {}", shown(*expected), got.reason().map_or_else(|| shown(got.number()), |why| format!("missing ({why})")))]
    Differs { expected: Option<f64>, got: Value },
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "missing".to_owned(), |number| number.to_string())
}

/// Authors write 0.333333 for a third.
const CLOSE: f64 = 1e-6;

impl KpiTest {
    /// Computes the KPI from what is given. A KPI in the formula that is not given itself is computed from what is given.
    ///
    /// # Errors
    /// What the test found instead of what it expects.
    pub fn run(&self, model: &Model) -> Result<(), TestFailure> {
        let mut needs = None;
        let got = self.value(model, &model.kpi(&self.kpi).formula, Shift::default(), &mut needs);
        if let Some(needs) = needs {
            return Err(TestFailure::NotGiven { needs });
        }
        let same = match (self.expect, got.number()) {
            (Some(expected), Some(got)) => (expected - got).abs() <= CLOSE * expected.abs().max(got.abs()),
            (None, None) => true,
            _ => false,
        };
        if same { Ok(()) } else { Err(TestFailure::Differs { expected: self.expect, got }) }
    }

    fn value(&self, model: &Model, formula: &Formula, moved: Shift, needs: &mut Option<String>) -> Value {
        formula.eval(|i| {
            let input = &formula.inputs()[i];
            let shift = Shift {
                previous: moved.previous + input.shift.previous,
                year_ago: moved.year_ago + input.shift.year_ago,
                total: moved.total || input.shift.total,
            };
            let key = (input.reference.clone(), shift);
            match (self.given.iter().find(|(given, _)| *given == key), &input.reference) {
                (Some((_, Some(number))), _) => Value::Number(*number),
                (Some((_, None)), reference) => {
                    Value::Missing(crate::formula::Reason::Null { what: reference.to_string().into() })
                }
                (None, Reference::Kpi(name)) => self.value(model, &model.kpi(name).formula, shift, needs),
                (None, Reference::Measure { .. }) => {
                    needs.get_or_insert(Input { reference: key.0, shift }.to_string());
                    Value::Number(f64::NAN)
                }
            }
        })
    }
}
