//! What an expectation says beside what was measured.

use super::{Expectation, Read, Segment};
use crate::formula::{Input, Reference, Value, tidy};
use crate::measure::kpi::Good;
use crate::measure::measurement::{Measured, Measurement};
use crate::measure::target::{InForce, Level, Verdict};
use crate::measure::test::close;
use crate::text::Name;
use std::fmt;
use std::sync::Arc;

/// What a KPI or a segment of it should be. What is absent is not checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expected {
    pub value: Option<Wanted>,
    /// How far off the value may be; without it one part in a million.
    pub within: Option<f64>,
    pub verdict: Option<Judged>,
    pub target: Option<Level>,
}

/// What a value should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wanted {
    Number(f64),
    Missing,
}

/// A verdict, without the reason of one that there isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    Met,
    Near,
    Missed,
    NotJudged,
}

/// Why an expectation doesn't hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// With the breakdown's dimension and the segment where it is one of a segment.
    pub differences: Vec<(Option<(Name, Segment)>, Difference)>,
    pub formula: Arc<str>,
    /// The KPIs that the formula names, and what they are.
    pub named: Vec<(Input, Value)>,
    /// What sources answered.
    pub reads: Vec<Read>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    Value { expected: Wanted, got: Value },
    Verdict { expected: Judged, got: Verdict, against: Option<(f64, InForce, Good)> },
    Target { expected: Level, got: Option<Level> },
    NoSegment { known: Vec<Segment> },
}

/// What is wrong with `measured`; `reads` is asked for only then.
pub(super) fn mismatch(
    expectation: &Expectation,
    measured: &Measured,
    reads: impl FnOnce() -> Vec<Read>,
) -> Option<Mismatch> {
    let kpi = &measured.kpi;
    let good = kpi.good.unwrap_or(Good::Neutral);
    let mut differences: Vec<_> =
        expectation.whole.beside(&measured.whole, good).into_iter().map(|difference| (None, difference)).collect();
    for (segment, expected) in &expectation.segments {
        let found = measured.segments.iter().find(|measurement| value(measurement) == Some(segment));
        let wrong = match found {
            Some(measurement) => expected.beside(measurement, good),
            None => {
                let known = measured.segments.iter().filter_map(value).cloned().collect();
                vec![Difference::NoSegment { known }]
            }
        };
        let dimension = kpi.breakdown.as_ref().expect("the catalogue asks for a breakdown");
        differences.extend(wrong.into_iter().map(|wrong| (Some((dimension.clone(), segment.clone())), wrong)));
    }
    let formula = kpi.formula.text.clone();
    let is_kpi = |(input, _): &&(Input, Value)| matches!(input.reference, Reference::Kpi(_));
    let named = measured.whole.inputs.iter().filter(is_kpi).cloned().collect();
    (!differences.is_empty()).then(|| Mismatch { differences, formula, named, reads: reads() })
}

fn value(measurement: &Measurement) -> Option<&Segment> {
    measurement.segment.as_ref().map(|(_, value)| value)
}

impl Expected {
    fn beside(&self, got: &Measurement, good: Good) -> Vec<Difference> {
        let value = self.value.filter(|expected| !self.same(*expected, &got.value));
        let value = value.map(|expected| Difference::Value { expected, got: got.value.clone() });
        let verdict = self.verdict.filter(|expected| *expected != Judged::of(&got.verdict));
        let against = got.value.number().zip(got.target.clone()).map(|(value, target)| (value, target, good));
        let verdict = verdict.map(|expected| Difference::Verdict { expected, got: got.verdict.clone(), against });
        let level = got.target.as_ref().map(|target| target.level);
        let target = self.target.filter(|expected| !level.is_some_and(|level| alike(*expected, level)));
        let target = target.map(|expected| Difference::Target { expected, got: level });
        [value, verdict, target].into_iter().flatten().collect()
    }

    fn same(&self, expected: Wanted, got: &Value) -> bool {
        match (expected, got, self.within) {
            (Wanted::Number(expected), Value::Number(got), Some(within)) => tidy((expected - got).abs()) <= within,
            (Wanted::Number(expected), Value::Number(got), None) => close(expected, *got),
            (expected, got, _) => (expected == Wanted::Missing) == got.is_missing(),
        }
    }
}

fn alike(a: Level, b: Level) -> bool {
    let kind = std::mem::discriminant(&a) == std::mem::discriminant(&b);
    kind && close(a.bounds().0, b.bounds().0) && close(a.bounds().1, b.bounds().1)
}

impl Judged {
    pub fn of(verdict: &Verdict) -> Judged {
        match verdict {
            Verdict::Met => Judged::Met,
            Verdict::Near => Judged::Near,
            Verdict::Missed => Judged::Missed,
            Verdict::NotJudged(_) => Judged::NotJudged,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Number(number) => write!(f, "{}", tidy(*number)),
            Wanted::Missing => f.write_str("missing"),
        }
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Judged::Met => "met",
            Judged::Near => "near",
            Judged::Missed => "missed",
            Judged::NotJudged => "not judged",
        })
    }
}

/// `value: expected 0.05, got 0.04`
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Value { expected, got } => {
                write!(f, "value: expected {expected}, got {got}")
            }
            Difference::Verdict { expected, got, against } => {
                write!(f, "verdict: expected {expected}, got {}", Judged::of(got))?;
                match (got, against) {
                    (Verdict::NotJudged(why), _) => write!(f, ": {why}"),
                    (_, Some((value, target, good))) => write!(f, ": {} against {}", tidy(*value), asks(target, *good)),
                    (_, None) => Ok(()),
                }
            }
            Difference::Target { expected, got } => {
                let got = got.map_or("none".to_owned(), level);
                write!(f, "target: expected {}, got {got}", level(*expected))
            }
            Difference::NoSegment { known } if known.is_empty() => write!(f, "no segment: no row has any"),
            Difference::NoSegment { known } => {
                let known: Vec<&str> = known.iter().map(|segment| segment.as_deref().unwrap_or("null")).collect();
                write!(f, "no such segment: there are {}", known.join(", "))
            }
        }
    }
}

fn level(level: Level) -> String {
    match level {
        Level::Value(value) => tidy(value).to_string(),
        Level::Between(low, high) => format!("[{}, {}]", tidy(low), tidy(high)),
    }
}

/// `at least 0.04, near from 0.038 on`
fn asks(target: &InForce, good: Good) -> String {
    let by = |bound: f64| target.near * bound.abs();
    let (low, high) = target.level.bounds();
    let (from, to) = (tidy(low - by(low)), tidy(high + by(high)));
    let (asked, near) = match (target.level, good) {
        (Level::Value(_), Good::Up) => (format!("at least {}", tidy(low)), format!("near from {from} on")),
        (Level::Value(_), Good::Down) => (format!("at most {}", tidy(high)), format!("near up to {to}")),
        _ => (format!("{} to {}", tidy(low), tidy(high)), format!("near from {from} to {to}")),
    };
    if target.near > 0.0 { format!("{asked}, {near}") } else { asked }
}
