//! What the KPIs of a scenario ask of sources, and what they got: for the checks before it runs and for the words after it failed.

use super::{Expectation, GivenRow, Scenario};
use crate::calendar::{Calendar, Over, Period, Window};
use crate::formula::{Input, Reference, Shift, Value};
use crate::measure::evaluate::Evaluator;
use crate::measure::kpi::{Filter, Kpi};
use crate::measure::model::{Model, Scope, Walk};
use crate::query::{Readings, Source};
use crate::text::Name;
use std::sync::Arc;

/// A measure that a KPI of a test asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The KPI of the expectation, which may read it through others.
    pub kpi: Arc<Kpi>,
    pub source: Arc<Source>,
    pub measure: Name,
    scope: Scope,
    /// Whether segments of the KPI are expected.
    by_segment: bool,
}

/// A measure that was read, and what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// `source.measure`
    pub input: String,
    pub period: Period,
    pub over: Option<Over>,
    pub filter: Filter,
    pub value: Value,
}

impl Asked {
    /// The stretch of time it is asked for.
    pub fn window(&self, calendar: &Calendar) -> Window {
        self.scope.window(calendar)
    }

    /// The dimensions of the source that its rows are filtered by, or told apart by where segments are expected.
    pub fn dimensions(&self) -> impl Iterator<Item = &Name> {
        let all = self.scope.filter.keys().chain(self.kpi.breakdown.iter().filter(|_| self.by_segment));
        all.filter(|dimension| self.source.dimension(dimension).is_some())
    }
}

impl GivenRow {
    /// Whether the row, of a source without `time`, answers what is asked.
    pub fn answers(&self, asked: &Asked) -> bool {
        // A running period and the whole one are the same one.
        let same = (self.period.cadence, self.period.first) == (asked.scope.period.cadence, asked.scope.period.first);
        same && self.over.is_none_or(|over| Some(over) == asked.scope.over)
    }
}

impl Scenario {
    /// Everything that the KPIs of the test read, for their values, targets and samples.
    pub fn asked(&self, model: &Model, calendar: &Calendar) -> Vec<Asked> {
        let of = |expected: &Expectation| asked(expected, self.period, model, calendar);
        self.expect.iter().flat_map(of).collect()
    }

    /// What one of the KPIs read, as a whole.
    pub(super) fn read(
        &self,
        expected: &Expectation,
        model: &Model,
        calendar: &Calendar,
        readings: &Readings,
    ) -> Vec<Read> {
        let evaluator = Evaluator::new(model, calendar, readings);
        let mut reads: Vec<Read> = Vec::new();
        for Asked { source, measure, scope, .. } in asked(expected, self.period, model, calendar) {
            let reference = Reference::Measure { source: source.name.clone(), measure: measure.clone() };
            let value = evaluator.input(&Input { reference, shift: Shift::default() }, &scope);
            let filter = (*scope.filter).clone();
            let input = format!("{}.{measure}", source.name);
            let read = Read { input, period: scope.period, over: scope.over, filter, value };
            if !reads.contains(&read) {
                reads.push(read);
            }
        }
        reads
    }
}

/// What the KPI of `expected` reads for its value and its verdict when it is measured in `period`.
fn asked(expected: &Expectation, period: Period, model: &Model, calendar: &Calendar) -> Vec<Asked> {
    let kpi = model.kpi(&expected.kpi);
    let by_segment = !expected.segments.is_empty();
    let scope = Scope::of(period).enter(kpi, None);
    let mut walk = Walk::new(model, calendar);
    let mut all = Vec::new();
    for formula in kpi.formulas() {
        walk.formula(formula, &scope, &mut |source, measure, scope| {
            let (kpi, source, measure) = (kpi.clone(), source.clone(), measure.clone());
            all.push(Asked { kpi, source, measure, scope: scope.clone(), by_segment });
        });
    }
    all
}
