//! All tests that are wanted, run: each case is about one KPI.

use super::Wanted;
use crate::catalog::Catalog;
use crate::measure::{Mismatch, Place, TestFailure};
use crate::pipeline;
use crate::text::Name;
use std::collections::HashMap;
use std::sync::Arc;

pub struct Case<'a> {
    pub kpi: &'a Name,
    /// Of `tests:`; the KPI's own tests have none.
    pub test: Option<&'a Name>,
    /// What tells it from the other cases of the KPI.
    pub name: String,
    pub place: &'a Place,
    pub failure: Option<Failure>,
}

pub enum Failure {
    /// Of a KPI's own test, and the KPI's formula.
    Given(TestFailure, Arc<str>),
    Rows(Box<Mismatch>),
}

/// The KPIs' own tests first, then those of `tests:`, in the order of the YAML.
pub fn run<'a>(catalog: &'a Catalog, wanted: &Wanted) -> Vec<Case<'a>> {
    let model = pipeline::model(catalog);
    let mut count: HashMap<&Name, usize> = HashMap::new();
    let mut cases = Vec::new();
    for test in &catalog.tests {
        let number = count.entry(&test.kpi).or_default();
        *number += 1;
        if wanted.kpi(&test.kpi) {
            let formula = || catalog.kpi(&test.kpi).map(|kpi| kpi.formula.text.clone()).unwrap_or_default();
            let failure = test.run(&model).err().map(|failure| Failure::Given(failure, formula()));
            cases.push(Case {
                kpi: &test.kpi,
                test: None,
                name: format!("test {number}"),
                place: &test.place,
                failure,
            });
        }
    }
    for test in &catalog.scenarios {
        if !test.expect.iter().any(|expected| wanted.expectation(&test.name, &expected.kpi)) {
            continue;
        }
        for (expected, mismatch) in test.run(&model, &catalog.settings.calendar) {
            if wanted.expectation(&test.name, &expected.kpi) {
                let failure = mismatch.map(|mismatch| Failure::Rows(Box::new(mismatch)));
                let (name, place) = (test.name.to_string(), &expected.place);
                cases.push(Case { kpi: &expected.kpi, test: Some(&test.name), name, place, failure });
            }
        }
    }
    cases
}
