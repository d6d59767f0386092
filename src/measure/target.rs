//! Targets, and verdicts against them.

use super::evaluate::sum;
use super::kpi::Good;
use crate::calendar::{Cadence, Calendar, Period, Window};
use crate::formula::{Formula, Reason, Value};
use crate::text::Name;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt;

/// What a KPI should be.
#[derive(Debug, Clone)]
pub struct Target {
    pub goal: Goal,
    /// Missed by no more than this share of the target is "near"; 0.05 unless the YAML says otherwise.
    pub near: f64,
    /// The goal is an amount for this long, prorated to the report's period by days.
    pub per: Option<Cadence>,
    /// Dimension → value of a breakdown's segment → the segment's own level.
    pub by: BTreeMap<Name, BTreeMap<Name, Level>>,
}

#[derive(Debug, Clone)]
pub enum Goal {
    Level(Level),
    /// Ascending by day; each holds from its day on.
    Dated(Vec<Dated>),
    /// Evaluated like the KPI itself, in the same period.
    Formula(Formula),
}

/// A number to reach, or a band to stay in (both ends belong to it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    Value(f64),
    Between(f64, f64),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    pub from: Date,
    pub level: Level,
    pub why: Option<String>,
}

/// How a value stands against its target.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Met,
    Near,
    Missed,
    NotJudged(Why),
}

/// Why there is no verdict.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    NoTarget,
    /// The value is missing.
    Missing(Reason),
    /// The target's own formula is missing.
    TargetMissing(Reason),
    /// What `at_least` counts is missing.
    SampleMissing(Reason),
    SmallSample {
        has: f64,
        needs: f64,
    },
    /// A running period can't be held against the target of a whole one.
    PeriodOpen,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::NoTarget => write!(f, "no target"),
            Why::Missing(reason) => write!(f, "{reason}"),
            Why::TargetMissing(reason) => write!(f, "no target: {reason}"),
            Why::SampleMissing(reason) => write!(f, "no sample: {reason}"),
            Why::SmallSample { has, needs } => write!(f, "sample too small: {has} of {needs}"),
            Why::PeriodOpen => write!(f, "the period is still open"),
        }
    }
}

/// The target of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    pub level: Level,
    /// A share of the level, e.g. 0.05.
    pub near: f64,
    /// Of a dated target: since when it holds, and why it was set so.
    pub since: Option<Date>,
    pub why: Option<String>,
}

/// Equal counts as met, and rounding of the last bits must not turn equal into missed.
const EQUAL: f64 = 1e-9;

impl Target {
    /// The target of `period`. A dated one is that of the period's last day; prorated, each day counts with the target of that day.
    ///
    /// # Errors
    /// Why there is none to judge by.
    pub fn in_force(
        &self,
        period: Period,
        calendar: &Calendar,
        evaluate: impl FnOnce(&Formula) -> Value,
    ) -> Result<InForce, Why> {
        if period.running && self.per.is_none() {
            return Err(Why::PeriodOpen);
        }
        let plain = |level| InForce { level, near: self.near, since: None, why: None };
        match &self.goal {
            Goal::Level(level) => Ok(plain(self.prorated(period, calendar, |_| Some(*level))?)),
            Goal::Dated(steps) => {
                let on = |day: Date| steps.iter().rev().find(|step| step.from <= day);
                let current = on(period.last()).ok_or(Why::NoTarget)?;
                let level = match self.per {
                    Some(_) => self.prorated(period, calendar, |day| on(day).map(|step| step.level))?,
                    None => current.level,
                };
                Ok(InForce { since: Some(current.from), why: current.why.clone(), ..plain(level) })
            }
            Goal::Formula(formula) => match evaluate(formula) {
                Value::Number(value) => Ok(plain(self.prorated(period, calendar, |_| Some(Level::Value(value)))?)),
                Value::Missing(reason) => Err(Why::TargetMissing(reason)),
            },
        }
    }

    /// The target of one segment of a breakdown. The whole's target is not a segment's: a tenth of the leads can't reach all of them.
    ///
    /// # Errors
    /// Why there is none to judge by.
    pub fn of_segment(
        &self,
        period: Period,
        calendar: &Calendar,
        dimension: &str,
        value: Option<&str>,
    ) -> Result<InForce, Why> {
        if period.running && self.per.is_none() {
            return Err(Why::PeriodOpen);
        }
        let level =
            self.by.get(dimension).zip(value).and_then(|(levels, value)| levels.get(value)).ok_or(Why::NoTarget)?;
        let level = self.prorated(period, calendar, |_| Some(*level))?;
        Ok(InForce { level, near: self.near, since: None, why: None })
    }

    /// `level` of each day, prorated: a day's part of a quarter's 900 is 900 / (days of its quarter).
    fn prorated(
        &self,
        period: Period,
        calendar: &Calendar,
        level: impl Fn(Date) -> Option<Level>,
    ) -> Result<Level, Why> {
        let Some(per) = self.per else { return level(period.last()).ok_or(Why::NoTarget) };
        let mut parts = Vec::new();
        for day in period.days() {
            let share = elapsed(calendar, day, period) / f64::from(calendar.days(per, day));
            parts.push(level(day).ok_or(Why::NoTarget)?.scaled(share));
        }
        Ok(match parts.first() {
            Some(Level::Between(..)) => Level::Between(
                sum(parts.iter().map(|part| part.bounds().0)),
                sum(parts.iter().map(|part| part.bounds().1)),
            ),
            _ => Level::Value(sum(parts.iter().map(|part| part.bounds().0))),
        })
    }
}

/// How much of `day` lies in `period`: 1, or less on the last day of a running period.
fn elapsed(calendar: &Calendar, day: Date, period: Period) -> f64 {
    let Window { start, end } = calendar.containing(Cadence::Day, day).window;
    let until = period.window.end.min(end);
    start.duration_until(until).as_secs_f64() / start.duration_until(end).as_secs_f64()
}

impl Level {
    /// The band, or the single number twice.
    pub fn bounds(self) -> (f64, f64) {
        match self {
            Level::Value(value) => (value, value),
            Level::Between(low, high) => (low, high),
        }
    }

    fn scaled(self, by: f64) -> Level {
        match self {
            Level::Value(value) => Level::Value(value * by),
            Level::Between(low, high) => Level::Between(low * by, high * by),
        }
    }

    /// How far `value` falls short, 0 when it doesn't, and the bound that it misses.
    pub fn shortfall(self, value: f64, good: Good) -> (f64, f64) {
        let (low, high) = self.bounds();
        let (under, over) = ((low - value).max(0.0), (value - high).max(0.0));
        match (self, good) {
            (Level::Value(_), Good::Up) => (under, low),
            (Level::Value(_), Good::Down) => (over, high),
            _ if under > 0.0 => (under, low),
            _ => (over, high),
        }
    }
}

impl InForce {
    /// The verdict on `value`: met at the level itself, near when missed by no more than `near` of the level.
    pub fn judge(&self, value: f64, good: Good) -> Verdict {
        let (short, bound) = self.level.shortfall(value, good);
        let slack = EQUAL * bound.abs();
        if short <= slack {
            Verdict::Met
        } else if short <= self.near * bound.abs() + slack {
            Verdict::Near
        } else {
            Verdict::Missed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{calendar, formula, week};
    use proptest::prelude::*;

    fn target(goal: Goal) -> Target {
        Target { goal, near: 0.05, per: None, by: BTreeMap::new() }
    }

    fn judged(level: Level, good: Good, value: f64) -> Verdict {
        InForce { level, near: 0.05, since: None, why: None }.judge(value, good)
    }

    #[test]
    fn equal_is_met_and_a_twentieth_off_is_near() {
        use Verdict::{Met, Missed, Near};
        let at = Level::Value(250.0);
        for (value, up, down) in [
            (250.0, Met, Met),
            (250.0 * (1.0 + 1e-12), Met, Met),
            (250.1, Met, Near),
            (262.5, Met, Near),
            (262.6, Met, Missed),
            (237.5, Near, Met),
            (237.4, Missed, Met),
        ] {
            assert_eq!((judged(at, Good::Up, value), judged(at, Good::Down, value)), (up, down), "{value}");
        }
        assert_eq!(judged(Level::Value(0.0), Good::Down, 0.1), Missed);
        assert_eq!(judged(Level::Value(-100.0), Good::Up, -104.0), Near);
    }

    #[test]
    fn both_ends_of_a_band_belong_to_it() {
        let band = Level::Between(20.0, 30.0);
        let verdicts = [18.9, 19.0, 20.0, 30.0, 31.5, 31.6].map(|value| judged(band, Good::Neutral, value));
        use Verdict::{Met, Missed, Near};
        assert_eq!(verdicts, [Missed, Near, Met, Met, Near, Missed]);
    }

    #[test]
    fn a_dated_target_is_that_of_the_periods_last_day() {
        let step = |from: &str, value| Dated {
            from: from.parse().expect("a date"),
            level: Level::Value(value),
            why: Some(format!("why {value}")),
        };
        let dated = target(Goal::Dated(vec![step("2026-01-01", 240.0), step("2026-07-01", 260.0)]));
        let at = |label: &str| dated.in_force(week(label), &calendar(), |_| unreachable!());
        assert_eq!(at("2026-06").map(|t| t.level), Ok(Level::Value(240.0)));
        assert_eq!(at("2026-W27").map(|t| (t.level, t.why)), Ok((Level::Value(260.0), Some("why 260".to_owned()))));
        assert_eq!(at("2025-12"), Err(Why::NoTarget));
    }

    #[test]
    fn an_amount_per_quarter_is_prorated_by_days() {
        let per = |goal| Target { per: Some(Cadence::Quarter), ..target(goal) };
        let level =
            |target: &Target, label: &str| match target.in_force(week(label), &calendar(), |_| Value::Number(92.0)) {
                Ok(InForce { level: Level::Value(value), .. }) => (value * 1e9).round() / 1e9,
                other => panic!("{other:?}"),
            };
        let plain = per(Goal::Level(Level::Value(92.0)));
        assert_eq!(level(&plain, "2026-Q4"), 92.0);
        assert_eq!(level(&plain, "2026-W46"), 7.0);
        // 29 June to 5 July: two days of a quarter of 91 days, five of one of 92.
        assert_eq!(level(&plain, "2026-W27"), ((92.0 * 2.0 / 91.0 + 5.0) * 1e9f64).round() / 1e9);
        assert_eq!(level(&per(Goal::Formula(formula("budget.x"))), "2026-W46"), 7.0);
        let step = |from: &str, value| Dated { from: from.parse().unwrap(), level: Level::Value(value), why: None };
        let dated = per(Goal::Dated(vec![step("2026-01-01", 92.0), step("2026-11-12", 184.0)]));
        assert_eq!(level(&dated, "2026-W46"), 3.0 + 4.0 * 2.0);
    }

    #[test]
    fn a_running_period_is_judged_only_by_a_prorated_target() {
        let noon = "2026-11-11T12:00:00Z".parse().expect("an instant");
        let running = calendar().running(Cadence::Week, noon);
        let whole = target(Goal::Level(Level::Value(14.0)));
        assert_eq!(whole.in_force(running, &calendar(), |_| unreachable!()), Err(Why::PeriodOpen));
        let prorated = Target { per: Some(Cadence::Week), ..whole };
        assert_eq!(prorated.in_force(running, &calendar(), |_| unreachable!()).map(|t| t.level), Ok(Level::Value(5.0)));
    }

    #[test]
    fn a_segment_has_only_its_own_target() {
        let by = BTreeMap::from([("channel".into(), BTreeMap::from([("paid".into(), Level::Value(0.02))]))]);
        let target = Target { by, ..target(Goal::Level(Level::Value(0.04))) };
        let of = |value| target.of_segment(week("2026-W46"), &calendar(), "channel", value).map(|t| t.level);
        assert_eq!(of(Some("paid")), Ok(Level::Value(0.02)));
        assert_eq!(of(Some("organic")), Err(Why::NoTarget));
        assert_eq!(of(None), Err(Why::NoTarget));
    }

    proptest! {
        #[test]
        fn a_better_value_never_has_a_worse_verdict(
            level in -1e6f64..1e6, a in -1e6f64..1e6, step in 0f64..1e6, near in 0f64..0.5
        ) {
            let rank = |value, good| match (InForce { level: Level::Value(level), near, since: None, why: None }).judge(value, good) {
                Verdict::Missed => 0,
                Verdict::Near => 1,
                _ => 2,
            };
            prop_assert!(rank(a + step, Good::Up) >= rank(a, Good::Up));
            prop_assert!(rank(a - step, Good::Down) >= rank(a, Good::Down));
        }
    }
}
