//! What holds of every report, whatever was measured.

use super::fixture::report;
use super::{Edition, Facts, Failed, History, Made, Row, Stale};
use crate::formula::{Reason, Value};
use crate::measure::fixture::{Row as Read, formula, kpi, week, world};
use crate::measure::{AtLeast, Dated, Goal, Good, Kpi, Level, Measured, Target, Unit, Verdict, Why};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

const DAYS: [&str; 5] = ["2025-11-12", "2026-10-21", "2026-10-28", "2026-11-04", "2026-11-11"];
const CHANNELS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Visits, leads and stock on days and channels; few enough that days and channels are missing, and NULLs among them.
fn rows() -> impl Strategy<Value = Vec<Read<'static>>> {
    let number = prop_oneof![9 => (0u32..500).prop_map(f64::from), 1 => Just(f64::NAN), 1 => -1e300f64..1e300];
    let row = (0..DAYS.len(), 0..CHANNELS.len(), number.clone(), number.clone(), number);
    prop::collection::vec(row, 0..40).prop_map(|mut rows| {
        rows.sort_by_key(|row| row.0);
        rows.into_iter().map(|(day, channel, a, b, c)| (DAYS[day], CHANNELS[channel], "m", a, b, c)).collect()
    })
}

fn goal() -> impl Strategy<Value = Goal> {
    let step = |from, value| Dated { from, level: Level::Value(value), why: None };
    prop_oneof![
        (-10f64..100.0).prop_map(|value| Goal::Level(Level::Value(value))),
        (0f64..50.0, 0f64..50.0).prop_map(|(low, width)| Goal::Level(Level::Between(low, low + width))),
        (0f64..50.0, 0f64..50.0)
            .prop_map(move |(old, new)| Goal::Dated(vec![step(date(2026, 1, 1), old), step(date(2026, 11, 10), new)])),
        Just(Goal::Formula(formula("base.customers"))),
    ]
}

fn any_kpi() -> impl Strategy<Value = Kpi> {
    let formulas = prop::sample::select(vec![
        "sales.leads",
        "sales.most",
        "sales.leads / sales.visits",
        "sales.leads / base.customers",
        "sales.visits + sales.leads + sales.stock + sales.least",
        "(sales.visits + 2 * sales.leads - sales.stock + sales.least * 3) / sales.most + previous(sales.leads)",
        "sales.leads / previous(sales.leads) - 1",
        "sales.visits / total(sales.visits)",
    ]);
    let good = prop::sample::select(vec![Some(Good::Up), Some(Good::Down), Some(Good::Neutral), None]);
    let unit = prop::sample::select(vec![Unit::Percent, Unit::Count]);
    (formulas, prop::option::of(goal()), good, unit, any::<bool>(), prop::option::of(0f64..300.0)).prop_map(
        |(text, goal, good, unit, broken_down, n)| Kpi {
            target: goal.map(|goal| Target { goal, near: 0.1, per: None, by: Default::default() }),
            good,
            unit,
            breakdown: broken_down.then(|| "channel".into()),
            at_least: n.map(|n| AtLeast { of: formula("sales.visits"), n }),
            ..kpi("k", text)
        },
    )
}

fn facts(told: f64) -> Facts {
    let edition = |label: &str| Edition { period: week(label), values: [("k".into(), told)].into() };
    Facts {
        failed: vec![Failed { source: "base".into(), why: "no answer".to_owned(), kpis: Vec::new() }],
        stale: vec![Stale { source: "sales".into(), newest: None, kpis: Vec::new() }],
        history: History(vec![edition("2026-W44"), edition("2026-W45"), edition("2026-W46")]),
        ..Facts::new(Made::new(week("2026-W46"), Timestamp::UNIX_EPOCH))
    }
}

/// Two sums that should be equal but for rounding.
fn same(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale.max(a.abs()).max(b.abs())
}

fn drivers_add_up(row: &Row) -> bool {
    let sum_of_all = |change: f64, amounts: &[f64]| {
        let scale = amounts.iter().fold(change.abs(), |scale, amount| scale.max(amount.abs()));
        // Amounts beyond what a float holds are no amounts.
        !scale.is_finite() || same(amounts.iter().sum(), change, scale)
    };
    row.moved.iter().all(|moved| {
        let mut amounts: Vec<f64> = moved.drivers.iter().map(|driver| driver.amount).collect();
        amounts.push(moved.rest);
        sum_of_all(moved.change, &amounts)
    })
}

/// Named segments and others are all segments, and make the whole of a sum.
fn segments_are_covered(measured: &Measured) -> bool {
    let others = measured.others.as_ref();
    let all = measured.named().len() + others.map_or(0, |others| others.count) == measured.segments.len();
    let whole =
        measured.whole.value.number().filter(|_| measured.kpi.formula.is_leaf() && !measured.segments.is_empty());
    let named: Option<Vec<f64>> = measured.named().iter().map(|one| one.value.number()).collect();
    let rest = others.map_or(Some(0.0), |others| others.now.value.number());
    let (Some(whole), Some(named), Some(rest)) = (whole, named, rest) else { return all };
    let scale = named.iter().fold(rest.abs(), |scale, one| scale.max(one.abs()));
    all && (&*measured.kpi.formula.text != "sales.leads" || same(named.iter().sum::<f64>() + rest, whole, scale))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn report_is_always_made_and_made_twice_the_same(
        rows in rows(),
        kpi in any_kpi(),
        base in prop::option::of(0f64..20.0),
        told in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), 0f64..100.0],
    ) {
        let world = world(&rows, &[("2026-W46", base), ("2026-W45", Some(3.0))], vec![kpi]);
        let measured = || vec![world.measure("2026-W46")];
        let first = report(measured(), facts(told));
        prop_assert_eq!(format!("{first:?}"), format!("{:?}", report(measured(), facts(told))));
        for row in first.rows() {
            prop_assert!(drivers_add_up(row), "{:?}", row.moved);
            prop_assert!(segments_are_covered(&row.measured), "{:?}", row.measured);
            prop_assert!(row.short.is_none_or(|short| short.amount > 0.0 && short.share > 0.0));
            prop_assert!(row.moved.iter().all(|moved| moved.drivers.len() <= 4 && moved.segments.len() <= 3));
            let judged = !matches!(row.measured.whole.verdict, Verdict::NotJudged(_));
            prop_assert_eq!(row.streak.is_some(), judged);
        }
        let counts = first.counts;
        prop_assert_eq!(counts.met + counts.near + counts.missed + counts.not_judged, 1);
        prop_assert_eq!(first.attention.len(), counts.near + counts.missed);
    }

    /// As a damaged store might give it back.
    #[test]
    fn measurements_that_contradict_themselves_are_shown_all_the_same(
        rows in rows(),
        kpi in any_kpi(),
        verdict in prop::sample::select(vec![Verdict::Met, Verdict::Near, Verdict::Missed, Verdict::NotJudged(Why::PeriodOpen)]),
        value in prop_oneof![
            Just(Value::Number(f64::NAN)),
            Just(Value::Number(f64::MAX)),
            Just(Value::Missing(Reason::NoRow { what: "x".into() })),
        ],
        cut in 0usize..8,
    ) {
        let mut measured = world(&rows, &[], vec![kpi]).measure("2026-W46");
        measured.whole.verdict = verdict;
        measured.whole.value = value;
        measured.trend.truncate(cut);
        measured.segments.truncate(cut);
        measured.whole.target = measured.whole.target.filter(|_| cut % 2 == 0);
        prop_assert!(measured.named().len() <= measured.segments.len());
        let report = report(vec![measured], facts(1.0));
        prop_assert_eq!(report.rows().count(), 1);
    }
}

#[test]
fn kpi_that_was_not_measured_is_left_out() {
    let spec = super::fixture::spec(&[&["k", "gone"], &["gone"]]);
    let measured = vec![world(&[], &[], vec![kpi("k", "sales.leads")]).measure("2026-W46")];
    let report = super::Report::build(&spec, measured, facts(1.0));
    assert_eq!(report.blocks.iter().map(|block| block.rows.len()).collect::<Vec<_>>(), [1, 0]);
    let nothing = super::Report::build(&spec, Vec::new(), facts(1.0));
    assert_eq!((nothing.rows().count(), nothing.attention.len()), (0, 0));
}
