//! A KPI by the values of its breakdown: each by itself, those beyond the named ones together, two of a test against each other.

use super::evaluate::Evaluator;
use super::kpi::{Filter, Kpi};
use super::measurement::{Measurement, Request, Slice, measurement};
use super::model::{Scope, segment};
use super::proportion::Contrast;
use super::segments::size;
use crate::calendar::Period;
use crate::formula::Value;
use crate::text::Name;
use std::collections::BTreeSet;

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

/// The values of the breakdown that occur in `period`.
pub(super) fn values(evaluator: &Evaluator, kpi: &Kpi, period: Period) -> BTreeSet<Option<Name>> {
    let scope = Scope::of(period).enter(kpi, None);
    kpi.breakdown.iter().flat_map(|dimension| evaluator.segments(&kpi.formula, dimension, &scope)).collect()
}

/// Every segment, largest first. One that was there in the period `before` and has gone since is among them where it is a number
/// now: five leads lost are 0, but a rate of nothing is no rate.
pub(super) fn segments(evaluator: &Evaluator, kpi: &Kpi, period: Period, before: Option<Period>) -> Vec<Measurement> {
    let Some(dimension) = &kpi.breakdown else { return Vec::new() };
    let here = values(evaluator, kpi, period);
    let gone = before.map(|before| &values(evaluator, kpi, before) - &here).unwrap_or_default();
    let mut sized: Vec<(f64, Measurement)> = here
        .iter()
        .chain(&gone)
        .map(|value| {
            let scope = Scope::of(period).enter(kpi, Some(&segment(dimension, value)));
            let measurement = measurement(evaluator, kpi, period, Slice::Segment(dimension, value));
            (size(evaluator, kpi, &scope, &measurement.value), measurement)
        })
        .filter(|(_, measurement)| is_here(&here, measurement) || !measurement.value.is_missing())
        .collect();
    // Shares of one whole are all of its size: then the larger value leads.
    let value = |measurement: &Measurement| measurement.value.number().unwrap_or(f64::NEG_INFINITY);
    sized.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| value(&b.1).total_cmp(&value(&a.1))));
    sized.into_iter().map(|(_, measurement)| measurement).collect()
}

fn is_here(here: &BTreeSet<Option<Name>>, measurement: &Measurement) -> bool {
    measurement.segment.as_ref().is_some_and(|(_, value)| here.contains(value))
}

/// What is left of `segments` beyond those that `request` names; one alone is named, which takes no more room.
pub(super) fn others(evaluator: &Evaluator, kpi: &Kpi, request: &Request, segments: &[Measurement]) -> Option<Others> {
    let dimension = kpi.breakdown.as_ref()?;
    let count = segments.len().checked_sub(request.top).filter(|count| *count > 1)?;
    let names = |segments: &[Measurement]| -> BTreeSet<Option<Name>> {
        segments.iter().filter_map(|one| Some(one.segment.as_ref()?.1.clone())).collect()
    };
    let (named, rest) = segments.split_at(request.top);
    let (named, rest) = (names(named), names(rest));
    let before = |period: Period| {
        // What has gone since then was among the others, too: with those named it made the whole.
        let there = &rest | &(&values(evaluator, kpi, period) - &named);
        let filter = Filter::from([(dimension.clone(), there)]);
        evaluator.formula(&kpi.formula, &Scope::of(period).enter(kpi, Some(&filter)))
    };
    let before = request.compare.iter().map(|comparison| before(comparison.of(request.period, evaluator.calendar)));
    let before = before.collect();
    let filter = Filter::from([(dimension.clone(), rest)]);
    let now = measurement(evaluator, kpi, request.period, Slice::Several(&filter));
    Some(Others { count, now, before })
}

/// The two variants of a test against each other: of a KPI that says how large its sample must be and has just two segments.
pub(super) fn contrast(kpi: &Kpi, segments: &[Measurement]) -> Option<Contrast> {
    kpi.at_least.as_ref()?;
    let [one, other] = segments else { return None };
    let side = |measurement: &Measurement| Some((measurement.segment.as_ref()?.1.clone(), measurement.proportion?));
    let (one, other) = (side(one)?, side(other)?);
    Some(if one.0 <= other.0 { Contrast::between(one, other) } else { Contrast::between(other, one) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{Row, formula, kpi, world};
    use crate::measure::{AtLeast, Measured, Proportion, Unit, Verdict, Why};

    /// A week and the week before: visits and leads by channel.
    const ROWS: [Row; 8] = [
        ("2026-11-04", "organic", "m", 200.0, 8.0, 0.0),
        ("2026-11-04", "paid", "m", 90.0, 9.0, 0.0),
        ("2026-11-04", "mail", "m", 40.0, 1.0, 0.0),
        ("2026-11-04", "tv", "m", 60.0, 2.0, 0.0),
        ("2026-11-11", "organic", "m", 300.0, 12.0, 0.0),
        ("2026-11-11", "paid", "m", 100.0, 10.0, 0.0),
        ("2026-11-11", "mail", "m", 50.0, 5.0, 0.0),
        ("2026-11-11", "social", "m", 30.0, 0.0, 0.0),
    ];

    fn measured(kpi: Kpi, rows: &[Row]) -> Measured {
        world(rows, &[], vec![Kpi { breakdown: Some("channel".into()), ..kpi }]).measure("2026-W46")
    }

    fn names(segments: &[Measurement]) -> Vec<&str> {
        segments.iter().map(|one| one.segment.as_ref().unwrap().1.as_deref().unwrap()).collect()
    }

    #[test]
    fn others_are_a_ratio_of_sums() {
        let found = measured(kpi("rate", "sales.leads / sales.visits"), &ROWS);
        assert_eq!((names(&found.segments).len(), names(found.named())), (4, vec!["organic", "paid"]));
        let others = found.others.expect("two beyond the two named");
        assert_eq!((others.count, others.now.value), (2, Value::Number(5.0 / 80.0)));
        assert_eq!((others.now.segment, others.now.verdict), (None, Verdict::NotJudged(Why::NoTarget)));
        // What was on television a week before was not named either; a year before there was nothing.
        assert_eq!(others.before[0], Value::Number(3.0 / 100.0));
        assert_eq!(others.before[1].reason().unwrap().to_string(), "sales.visits = 0");
    }

    #[test]
    fn named_and_others_make_the_whole() {
        let found = measured(kpi("leads", "sales.leads"), &ROWS);
        let sum = |named: f64, others: &Value| named + others.number().unwrap();
        let others = found.others.as_ref().expect("two beyond the two named");
        let named = found.named().iter().map(|one| one.value.number().unwrap()).sum();
        assert_eq!(Some(sum(named, &others.now.value)), found.whole.value.number());
        let change = &found.changes[0];
        let before = |name: &str| change.segments.iter().find(|one| one.value.as_deref() == Some(name)).unwrap();
        let named = names(found.named()).into_iter().map(|name| before(name).from.number().unwrap()).sum();
        assert_eq!(Some(sum(named, &others.before[0])), change.value.number());
    }

    #[test]
    fn one_alone_is_named_and_no_others() {
        let found = measured(kpi("leads", "sales.leads"), &ROWS[..3]);
        assert!(found.others.is_none());
        assert_eq!(found.named().len(), 3, "all gone since last week");
        let found = measured(kpi("leads", "sales.leads"), &ROWS[4..7]);
        assert!(found.others.is_none());
        assert_eq!(found.named().len(), 3);
    }

    #[test]
    fn segment_that_has_gone_is_nothing_where_it_adds_up_and_no_rate() {
        let leads = measured(kpi("leads", "sales.leads"), &ROWS);
        let television = leads.segments.iter().find(|one| names(&[(*one).clone()]) == ["tv"]).expect("it had leads");
        assert_eq!(television.value, Value::Number(0.0));
        let rate = measured(kpi("rate", "sales.leads / sales.visits"), &ROWS);
        assert!(!names(&rate.segments).contains(&"tv"));
        let sum: f64 = leads.segments.iter().filter_map(|one| one.value.number()).sum();
        assert_eq!(Some(sum), leads.whole.value.number());
    }

    #[test]
    fn share_of_cases_is_a_proportion_and_other_ratios_are_none() {
        let proportion = |unit, text: &str| measured(Kpi { unit, ..kpi("k", text) }, &ROWS).whole.proportion;
        let counted = Some(Proportion { hits: 27.0, of: 480.0 });
        assert_eq!(proportion(Unit::Percent, "sales.leads / sales.visits"), counted);
        assert_eq!(proportion(Unit::Ratio, "sales.leads / sales.visits"), None);
        assert_eq!(proportion(Unit::Percent, "sales.visits / sales.leads"), None);
        assert_eq!(proportion(Unit::Percent, "1 - sales.leads / sales.visits"), None);
        assert_eq!(proportion(Unit::Percent, "sales.leads / 100"), None);
        assert_eq!(proportion(Unit::Percent, "sales.leads / sales.visits / 2"), None);
        assert_eq!(proportion(Unit::Percent, "previous(sales.leads) / sales.leads"), None, "20 are no part of 27");
        let named = vec![Kpi { unit: Unit::Percent, ..kpi("k", "rate") }, kpi("rate", "sales.leads / sales.visits")];
        assert_eq!(world(&ROWS, &[], named).measure("2026-W46").whole.proportion, counted);
    }

    fn test(rows: &[Row]) -> Measured {
        let at_least = Some(AtLeast { of: formula("sales.visits"), n: 10.0 });
        measured(Kpi { unit: Unit::Percent, at_least, ..kpi("ab", "sales.leads / sales.visits") }, rows)
    }

    #[test]
    fn two_variants_are_contrasted_in_the_order_of_their_names() {
        // Newcombe's 48/80 and 56/70.
        let rows = [("2026-11-11", "B", "m", 70.0, 56.0, 0.0), ("2026-11-11", "A", "m", 80.0, 48.0, 0.0)];
        let contrast = test(&rows).contrast.expect("two variants");
        assert_eq!((contrast.a.as_deref(), contrast.b.as_deref()), (Some("A"), Some("B")));
        assert!((contrast.difference - 0.2).abs() < 1e-12 && (contrast.low - 0.0524).abs() < 1e-4);
        assert!(!contrast.is_noise());
    }

    #[test]
    fn no_test_no_contrast() {
        assert_eq!(test(&ROWS).contrast, None, "four segments");
        assert_eq!(test(&ROWS[4..5]).contrast, None, "one segment");
        let rate = Kpi { unit: Unit::Percent, ..kpi("rate", "sales.leads / sales.visits") };
        assert_eq!(measured(rate, &ROWS[4..6]).contrast, None, "no sample is asked for");
    }
}
