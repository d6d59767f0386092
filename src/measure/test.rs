//! A KPI's own tests: `tests:` beside its formula.

use crate::formula::{Reference, Shift};
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
