//! Everything a report says about one KPI in one period.

use super::breakdown::{Others, contrast, others, segments, values};
use super::drivers::{Drivers, decompose};
use super::evaluate::Evaluator;
use super::kpi::{Filter, Good, Kpi};
use super::model::{Model, Scope, Walk, segment};
use super::plan::Plan;
use super::proportion::{Contrast, Proportion};
use super::segments::{SegmentChange, changes, proportion};
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
        let mut judged = calendar.trend(self.period, self.trend);
        judged.push(self.period);
        let compared = self.compare.iter().map(|comparison| comparison.of(self.period, calendar));
        let periods: Vec<Period> = compared.chain(judged.iter().copied()).collect();
        for kpi in &self.kpis {
            for period in &periods {
                plan.value(kpi, *period);
            }
            for period in &judged {
                plan.judgement(kpi, *period);
            }
        }
        plan.needs()
    }

    /// The period before, where it is compared with.
    fn before(&self, calendar: &Calendar) -> Option<Period> {
        self.compare.contains(&Comparison::Previous).then(|| calendar.previous(self.period))
    }

    /// Every KPI measured, in the order asked.
    pub fn measure(&self, model: &Model, calendar: &Calendar, readings: &Readings) -> Vec<Measured> {
        let evaluator = Evaluator::new(model, calendar, readings);
        self.kpis.iter().map(|kpi| self.measure_one(&evaluator, kpi)).collect()
    }

    fn measure_one(&self, evaluator: &Evaluator, kpi: &Arc<Kpi>) -> Measured {
        let calendar = evaluator.calendar;
        let whole = measurement(evaluator, kpi, self.period, Slice::Whole);
        let segments = segments(evaluator, kpi, self.period, self.before(calendar));
        let change = |comparison: &Comparison| change(evaluator, kpi, &whole, *comparison);
        let point = |period| {
            let Measurement { value, target, verdict, .. } = measurement(evaluator, kpi, period, Slice::Whole);
            Point { period, value, target, verdict }
        };
        Measured {
            changes: self.compare.iter().map(change).collect(),
            others: others(evaluator, kpi, self, &segments),
            contrast: contrast(kpi, &segments),
            segments,
            trend: calendar.trend(self.period, self.trend).into_iter().map(point).collect(),
            sources: sources(evaluator, kpi, self.period),
            kpi: kpi.clone(),
            whole,
        }
    }
}

/// What the KPI's value and its verdict are read from.
fn sources(evaluator: &Evaluator, kpi: &Kpi, period: Period) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let scope = Scope::of(period).enter(kpi, None);
    for formula in kpi.formulas() {
        Walk::new(evaluator.model, evaluator.calendar).formula(formula, &scope, &mut |source, _, _| {
            names.insert(source.name.clone());
        });
    }
    names
}

fn inputs(evaluator: &Evaluator, kpi: &Kpi, scope: &Scope) -> Vec<(Input, Value)> {
    kpi.formula.inputs().iter().map(|input| (input.clone(), evaluator.input(input, scope))).collect()
}

/// What of a KPI is measured.
#[derive(Clone, Copy)]
pub(super) enum Slice<'a> {
    Whole,
    Segment(&'a Name, &'a Option<Name>),
    /// Several segments as one.
    Several(&'a Filter),
}

pub(super) fn measurement(evaluator: &Evaluator, kpi: &Kpi, period: Period, slice: Slice) -> Measurement {
    let scope = Scope::of(period);
    let scope = match slice {
        Slice::Whole => scope.enter(kpi, None),
        Slice::Segment(dimension, value) => scope.enter(kpi, Some(&segment(dimension, value))),
        Slice::Several(filter) => scope.enter(kpi, Some(filter)),
    };
    let value = evaluator.formula(&kpi.formula, &scope);
    let sample = kpi.at_least.as_ref().map(|at_least| evaluator.formula(&at_least.of, &scope));
    let target = kpi.target.as_ref().ok_or(Why::NoTarget).and_then(|target| match slice {
        Slice::Whole => target.in_force(period, evaluator.calendar, |formula| evaluator.formula(formula, &scope)),
        Slice::Segment(dimension, value) => target.of_segment(period, evaluator.calendar, dimension, value.as_deref()),
        Slice::Several(_) => Err(Why::NoTarget),
    });
    Measurement {
        period,
        segment: match slice {
            Slice::Segment(dimension, value) => Some((dimension.clone(), value.clone())),
            Slice::Whole | Slice::Several(_) => None,
        },
        inputs: inputs(evaluator, kpi, &scope),
        verdict: verdict(kpi, &value, sample.as_ref(), &target),
        value,
        // Of other cases than the sample counts the interval would say nothing: euros are not tried one by one.
        proportion: proportion(evaluator, kpi, &scope)
            .filter(|share| sample.as_ref().is_none_or(|sample| sample.number() == Some(share.of))),
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
        (Some(Value::Missing(reason)), _) => return Verdict::NotJudged(Why::SampleMissing(reason.clone())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{Row, calendar, formula, kpi, week, world};
    use crate::measure::{AtLeast, Goal, Level, Target};

    const ROWS: [Row; 4] = [
        ("2026-10-21", "paid", "m", 10.0, 3.0, 0.0),
        ("2026-10-28", "paid", "m", 90.0, 30.0, 0.0),
        ("2026-11-04", "paid", "m", 90.0, 8.0, 0.0),
        ("2026-11-11", "paid", "m", 90.0, 9.0, 0.0),
    ];

    fn judged() -> Kpi {
        let goal = Goal::Formula(formula("base.customers"));
        Kpi {
            target: Some(Target { goal, near: 0.05, per: None, by: Default::default() }),
            at_least: Some(AtLeast { of: formula("sales.visits"), n: 50.0 }),
            ..kpi("leads", "sales.leads")
        }
    }

    #[test]
    fn each_point_of_a_trend_is_judged_as_it_would_have_been_then() {
        let base = [("2026-W43", Some(10.0)), ("2026-W44", Some(20.0)), ("2026-W45", None), ("2026-W46", Some(9.4))];
        let trend = world(&ROWS, &base, vec![judged()]).measure("2026-W46").trend;
        let shown: Vec<_> = trend
            .iter()
            .map(|point| (point.value.number(), point.target.as_ref().map(|t| t.level), point.verdict.clone()))
            .collect();
        let level = |value| Some(Level::Value(value));
        let no_target = Why::TargetMissing(Reason::NoRow { what: "base.customers".into() });
        let small = Verdict::NotJudged(Why::SmallSample { has: 10.0, needs: 50.0 });
        assert_eq!(
            shown,
            [
                (Some(3.0), level(10.0), small),
                (Some(30.0), level(20.0), Verdict::Met),
                (Some(8.0), None, Verdict::NotJudged(no_target)),
                (Some(9.0), level(9.4), Verdict::Near),
            ]
        );
        assert_eq!(trend.iter().map(|point| point.period).collect::<Vec<_>>(), calendar().trend(week("2026-W46"), 4));
    }

    #[test]
    fn what_judging_the_trend_needs_is_asked_for() {
        let world = world(&[], &[], vec![judged()]);
        let period = week("2026-W46");
        let request =
            Request { kpis: world.kpis.clone(), period, compare: vec![Comparison::YearAgo], trend: 3, top: 2 };
        let needs = request.needs(&world.model, &calendar());
        let asked = |name: &str| {
            needs.iter().filter(|need| &*need.source.name == name).map(|need| need.window).collect::<Vec<_>>()
        };
        let trend = calendar().trend(period, 3);
        assert_eq!(asked("base"), trend.iter().map(|period| period.window).collect::<Vec<_>>());
        assert_eq!(asked("sales").len(), 2, "the year before, and the three weeks as one");
    }
}
