//! Everything a report says about one KPI in one period.

use super::drivers::{Drivers, decompose};
use super::evaluate::Evaluator;
use super::kpi::{Good, Kpi};
use super::model::{Model, Scope, Walk, segment};
use super::plan::Plan;
use super::proportion::{Contrast, Proportion};
use super::segments::{SegmentChange, changes, size};
use super::target::{InForce, Verdict, Why};
use crate::calendar::{Calendar, Period};
use crate::formula::{Input, Reason, Value};
use crate::query::{Need, Readings};
use crate::text::Name;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is asked: these KPIs in this period, beside these others.
#[derive(Debug, Clone)]
pub struct Request {
    pub kpis: Vec<Arc<Kpi>>,
    pub period: Period,
    pub compare: Vec<Comparison>,
    /// How many periods the trend shows, this one included; 0 is none.
    pub trend: u16,
    /// How many segments of a breakdown are named one by one; the rest is measured together as well.
    pub top: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Previous,
    YearAgo,
}

impl Comparison {
    pub fn of(self, period: Period, calendar: &Calendar) -> Period {
        match self {
            Comparison::Previous => calendar.previous(period),
            Comparison::YearAgo => calendar.year_ago(period),
        }
    }
}

/// One KPI, measured: the whole, its segments, what changed and the trend.
#[derive(Debug, Clone)]
pub struct Measured {
    pub kpi: Arc<Kpi>,
    pub whole: Measurement,
    /// All of the breakdown, largest first.
    pub segments: Vec<Measurement>,
    /// Those beyond the ones named together; never one alone.
    pub others: Option<Others>,
    pub changes: Vec<Change>,
    /// Oldest first, this period last.
    pub trend: Vec<Point>,
    /// What the value is read from, directly or through other KPIs: a stale source concerns these KPIs.
    pub sources: BTreeSet<Name>,
    /// Of a test of two variants: how much they differ, and how surely.
    pub contrast: Option<Contrast>,
}

/// One period of a trend, judged as it would have been then.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub period: Period,
    pub value: Value,
    pub target: Option<InForce>,
    pub verdict: Verdict,
}

/// The segments that are not named one by one, as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Others {
    /// How many they are, at least 2.
    pub count: usize,
    /// The KPI over all of their rows: a ratio of sums. It has no segment of its own and no target.
    pub now: Measurement,
    /// What was not named then, one for each of the changes, in their order.
    pub before: Vec<Value>,
}

/// One value with all that led to its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    pub period: Period,
    /// The breakdown's dimension and the segment's value; absent for the whole.
    pub segment: Option<(Name, Option<Name>)>,
    pub value: Value,
    /// What the value is a share of, where it is a counted one.
    pub proportion: Option<Proportion>,
    /// The formula's inputs, in its order.
    pub inputs: Vec<(Input, Value)>,
    /// What `at_least` counts.
    pub sample: Option<Value>,
    pub target: Option<InForce>,
    pub verdict: Verdict,
}

/// The whole against an earlier period.
#[derive(Debug, Clone)]
pub struct Change {
    pub comparison: Comparison,
    pub period: Period,
    pub value: Value,
    pub inputs: Vec<(Input, Value)>,
    /// What each input contributed, or why that can't be said.
    pub drivers: Result<Drivers, Reason>,
    /// Of the breakdown, largest contribution first.
    pub segments: Vec<SegmentChange>,
}

impl Measured {
    /// The segments that are named one by one.
    pub fn named(&self) -> &[Measurement] {
        let others = self.others.as_ref().map_or(0, |others| others.count);
        &self.segments[..self.segments.len().saturating_sub(others)]
    }
}

impl Request {
    /// The queries that [`Request::measure`] will want answered.
    pub fn needs(&self, model: &Model, calendar: &Calendar) -> Vec<Need> {
        let mut plan = Plan::new(model, calendar);
        let periods = self.periods(calendar);
        for kpi in &self.kpis {
            plan.judgement(kpi, self.period);
            for period in &periods {
                plan.value(kpi, *period);
            }
        }
        plan.needs()
    }

    /// The periods whose values are wanted.
    fn periods(&self, calendar: &Calendar) -> Vec<Period> {
        let compared = self.compare.iter().map(|comparison| comparison.of(self.period, calendar));
        compared.chain(calendar.trend(self.period, self.trend)).chain([self.period]).collect()
    }

    /// Every KPI measured, in the order asked.
    pub fn measure(&self, model: &Model, calendar: &Calendar, readings: &Readings) -> Vec<Measured> {
        let evaluator = Evaluator::new(model, calendar, readings);
        self.kpis.iter().map(|kpi| self.measure_one(&evaluator, kpi)).collect()
    }

    fn measure_one(&self, evaluator: &Evaluator, kpi: &Arc<Kpi>) -> Measured {
        let calendar = evaluator.calendar;
        let whole = measurement(evaluator, kpi, self.period, None);
        let change = |comparison: &Comparison| change(evaluator, kpi, &whole, *comparison);
        let point = |period| {
            let Measurement { value, target, verdict, .. } = measurement(evaluator, kpi, period, None);
            Point { period, value, target, verdict }
        };
        Measured {
            changes: self.compare.iter().map(change).collect(),
            segments: segments(evaluator, kpi, self.period),
            others: None,
            contrast: None,
            trend: calendar.trend(self.period, self.trend).into_iter().map(point).collect(),
            sources: sources(evaluator, kpi, self.period),
            kpi: kpi.clone(),
            whole,
        }
    }
}

fn sources(evaluator: &Evaluator, kpi: &Kpi, period: Period) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let scope = Scope::of(period).enter(kpi, None);
    Walk::new(evaluator.model, evaluator.calendar).formula(&kpi.formula, &scope, &mut |source, _| {
        names.insert(source.name.clone());
    });
    names
}

fn inputs(evaluator: &Evaluator, kpi: &Kpi, scope: &Scope) -> Vec<(Input, Value)> {
    kpi.formula.inputs().iter().map(|input| (input.clone(), evaluator.input(input, scope))).collect()
}

fn measurement(evaluator: &Evaluator, kpi: &Kpi, period: Period, part: Option<(&Name, &Option<Name>)>) -> Measurement {
    let filter = part.map(|(dimension, value)| segment(dimension, value));
    let scope = Scope::of(period).enter(kpi, filter.as_ref());
    let value = evaluator.formula(&kpi.formula, &scope);
    let sample = kpi.at_least.as_ref().map(|at_least| evaluator.formula(&at_least.of, &scope));
    let target = kpi.target.as_ref().ok_or(Why::NoTarget).and_then(|target| match part {
        None => target.in_force(period, evaluator.calendar, |formula| evaluator.formula(formula, &scope)),
        Some((dimension, value)) => target.of_segment(period, evaluator.calendar, dimension, value.as_deref()),
    });
    Measurement {
        period,
        segment: part.map(|(dimension, value)| (dimension.clone(), value.clone())),
        inputs: inputs(evaluator, kpi, &scope),
        verdict: verdict(kpi, &value, sample.as_ref(), &target),
        value,
        proportion: None,
        sample,
        target: target.ok(),
    }
}

fn verdict(kpi: &Kpi, value: &Value, sample: Option<&Value>, target: &Result<InForce, Why>) -> Verdict {
    let number = match value {
        Value::Missing(reason) => return Verdict::NotJudged(Why::Missing(reason.clone())),
        Value::Number(number) => *number,
    };
    match (sample, &kpi.at_least) {
        (Some(Value::Missing(reason)), _) => return Verdict::NotJudged(Why::Missing(reason.clone())),
        (Some(Value::Number(has)), Some(at_least)) if *has < at_least.n => {
            return Verdict::NotJudged(Why::SmallSample { has: *has, needs: at_least.n });
        }
        _ => {}
    }
    match target {
        Ok(target) => target.judge(number, kpi.good.unwrap_or(Good::Neutral)),
        Err(why) => Verdict::NotJudged(why.clone()),
    }
}

/// The values of the breakdown that occur in `period`.
fn values(evaluator: &Evaluator, kpi: &Kpi, period: Period) -> BTreeSet<Option<Name>> {
    let scope = Scope::of(period).enter(kpi, None);
    kpi.breakdown.iter().flat_map(|dimension| evaluator.segments(&kpi.formula, dimension, &scope)).collect()
}

fn segments(evaluator: &Evaluator, kpi: &Kpi, period: Period) -> Vec<Measurement> {
    let Some(dimension) = &kpi.breakdown else { return Vec::new() };
    let mut sized: Vec<(f64, Measurement)> = values(evaluator, kpi, period)
        .iter()
        .map(|value| {
            let scope = Scope::of(period).enter(kpi, Some(&segment(dimension, value)));
            let measurement = measurement(evaluator, kpi, period, Some((dimension, value)));
            (size(evaluator, kpi, &scope, &measurement.value), measurement)
        })
        .collect();
    sized.sort_by(|a, b| b.0.total_cmp(&a.0));
    sized.into_iter().map(|(_, measurement)| measurement).collect()
}

fn change(evaluator: &Evaluator, kpi: &Kpi, now: &Measurement, comparison: Comparison) -> Change {
    let period = comparison.of(now.period, evaluator.calendar);
    let scope = Scope::of(period).enter(kpi, None);
    let inputs = inputs(evaluator, kpi, &scope);
    let numbers = |inputs: &[(Input, Value)]| inputs.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let segments = kpi.breakdown.iter().flat_map(|dimension| {
        let both = &values(evaluator, kpi, period) | &values(evaluator, kpi, now.period);
        changes(evaluator, kpi, dimension, &both.into_iter().collect::<Vec<_>>(), period, now.period)
    });
    Change {
        comparison,
        period,
        value: evaluator.formula(&kpi.formula, &scope),
        drivers: decompose(&kpi.formula, &numbers(&inputs), &numbers(&now.inputs)),
        segments: segments.collect(),
        inputs,
    }
}
