//! A KPI's change split by the segments of its breakdown.
//!
//! Additive KPIs: each segment's own change. Ratios N/D (times and plus constants): with weight wₛ = Dₛ/D and rate rₛ = Nₛ/Dₛ the
//! change of Σ wₛ·rₛ splits into *rate* ½(w₀+w₁)(r₁−r₀) and *mix* (w₁−w₀)(½(r₀+r₁)−r̄), r̄ the mean of both periods' ratios; weights
//! add up to 1, so r̄ cancels and all parts add up to the change. Whether a KPI is either is found by adding up, not by its text.

use super::evaluate::{Evaluator, sum};
use super::kpi::{Kpi, Unit};
use super::model::{Scope, segment};
use super::proportion::Proportion;
use crate::calendar::Period;
use crate::formula::{Binary, Expr, Formula, Reason, Reference, Value};
use crate::text::Name;

/// One segment between two periods.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentChange {
    pub value: Option<Name>,
    pub from: Value,
    pub to: Value,
    /// Absent when the segments don't add up to the whole, as with medians.
    pub part: Option<Part>,
}

/// What a segment contributed to the change of the whole: `rate + mix`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// By its own value.
    pub rate: f64,
    /// By its weight in the whole; 0 for additive KPIs.
    pub mix: f64,
}

impl Part {
    pub fn amount(self) -> f64 {
        self.rate + self.mix
    }
}

/// Two numbers that should be equal but for rounding, compared on the scale of what was added.
fn adds_up(parts: &[f64], whole: f64) -> bool {
    let scale = parts.iter().fold(whole.abs(), |scale, part| scale.max(part.abs()));
    (sum(parts.iter().copied()) - whole).abs() <= 1e-9 * scale
}

/// The change of `kpi` from `before` to `now`, segment by segment, largest contribution first.
pub(super) fn changes(
    evaluator: &Evaluator,
    kpi: &Kpi,
    dimension: &Name,
    values: &[Option<Name>],
    before: Period,
    now: Period,
) -> Vec<SegmentChange> {
    let whole = |period| Scope::of(period).enter(kpi, None);
    let of = |period, value: &Option<Name>| Scope::of(period).enter(kpi, Some(&segment(dimension, value)));
    let at = |period| -> Vec<Value> {
        values.iter().map(|value| evaluator.formula(&kpi.formula, &of(period, value))).collect()
    };
    let (from, to) = (at(before), at(now));
    let totals = [before, now].map(|period| evaluator.formula(&kpi.formula, &whole(period)));
    let parts = additive(&from, &to, &totals).or_else(|| {
        let scopes = [before, now].map(|period| values.iter().map(|value| of(period, value)).collect::<Vec<_>>());
        ratio_parts(evaluator, &kpi.formula, scopes, [whole(before), whole(now)])
    });
    let part = |i: usize| parts.as_ref().map(|parts| parts[i]);
    let mut changes: Vec<SegmentChange> = values
        .iter()
        .zip(from.into_iter().zip(to))
        .enumerate()
        .map(|(i, (value, (from, to)))| SegmentChange { value: value.clone(), from, to, part: part(i) })
        .collect();
    changes.sort_by(|a, b| {
        let size = |change: &SegmentChange| change.part.map_or(0.0, |part| part.amount().abs());
        size(b).total_cmp(&size(a))
    });
    changes
}

fn numbers(values: &[Value]) -> Option<Vec<f64>> {
    values.iter().map(amount).collect()
}

/// What a segment adds to the whole: nothing where it has no row, as a balance of an account that is new or gone.
fn amount(value: &Value) -> Option<f64> {
    match value {
        Value::Missing(Reason::NoRow { .. }) => Some(0.0),
        value => value.number(),
    }
}

fn additive(from: &[Value], to: &[Value], totals: &[Value; 2]) -> Option<Vec<Part>> {
    let (from, to) = (numbers(from)?, numbers(to)?);
    let both = adds_up(&from, totals[0].number()?) && adds_up(&to, totals[1].number()?);
    both.then(|| from.iter().zip(&to).map(|(from, to)| Part { rate: to - from, mix: 0.0 }).collect())
}

/// Numerators and denominators of the segments of one period, and of the whole.
struct Ratio {
    numerators: Vec<f64>,
    denominators: Vec<f64>,
    numerator: f64,
    denominator: f64,
}

impl Ratio {
    fn read(
        evaluator: &Evaluator,
        formula: &Formula,
        parts: (&Expr, &Expr),
        scopes: &[Scope],
        whole: &Scope,
    ) -> Option<Ratio> {
        let at = |part: &Expr, scope: &Scope| amount(&evaluator.part(formula, part, scope));
        let of = |part: &Expr| scopes.iter().map(|scope| at(part, scope)).collect::<Option<Vec<f64>>>();
        let ratio = Ratio {
            numerators: of(parts.0)?,
            denominators: of(parts.1)?,
            numerator: at(parts.0, whole)?,
            denominator: at(parts.1, whole)?,
        };
        let additive = adds_up(&ratio.numerators, ratio.numerator) && adds_up(&ratio.denominators, ratio.denominator);
        (additive && ratio.denominator != 0.0).then_some(ratio)
    }

    fn weight(&self, i: usize) -> f64 {
        self.denominators[i] / self.denominator
    }

    fn share(&self, i: usize) -> f64 {
        self.numerators[i] / self.denominator
    }

    /// The segment's own ratio, where it has one.
    fn rate(&self, i: usize) -> Option<f64> {
        (self.denominators[i] != 0.0).then(|| self.numerators[i] / self.denominators[i])
    }
}

fn ratio_parts(
    evaluator: &Evaluator,
    formula: &Formula,
    scopes: [Vec<Scope>; 2],
    whole: [Scope; 2],
) -> Option<Vec<Part>> {
    let Some((numerator, denominator, scale)) = as_ratio(formula.root()) else {
        return through_kpi(evaluator, formula, scopes, whole);
    };
    let read = |i: usize| Ratio::read(evaluator, formula, (numerator, denominator), &scopes[i], &whole[i]);
    let (from, to) = (read(0)?, read(1)?);
    let mean = (from.numerator / from.denominator + to.numerator / to.denominator) / 2.0;
    let part = |i: usize| {
        let moved = to.weight(i) - from.weight(i);
        let amount = to.share(i) - from.share(i) - moved * mean;
        // A segment that is new or gone has no rate to compare: all it did is mix.
        let rate = match (from.rate(i), to.rate(i)) {
            (Some(before), Some(now)) => (from.weight(i) + to.weight(i)) / 2.0 * (now - before),
            _ => 0.0,
        };
        // What the last bits leave of equal parts is no mix.
        let mix = if (amount - rate).abs() <= 1e-12 * mean.abs().max(amount.abs()) { 0.0 } else { amount - rate };
        Part { rate: scale * rate, mix: scale * mix }
    };
    Some((0..from.numerators.len()).map(part).collect())
}

/// A formula that is just another KPI is split as that KPI is.
fn through_kpi(
    evaluator: &Evaluator,
    formula: &Formula,
    scopes: [Vec<Scope>; 2],
    whole: [Scope; 2],
) -> Option<Vec<Part>> {
    let Expr::Input(index) = formula.root() else { return None };
    let input = &formula.inputs()[*index];
    let Reference::Kpi(name) = &input.reference else { return None };
    let kpi = evaluator.model.kpi(name);
    let enter = |scope: &Scope| scope.shifted(input.shift, evaluator.calendar).enter(kpi, None);
    let scopes = scopes.map(|scopes| scopes.iter().map(enter).collect());
    ratio_parts(evaluator, &kpi.formula, scopes, whole.map(|scope| enter(&scope)))
}

/// `expr` as scale · (numerator / denominator) + constant.
fn as_ratio(expr: &Expr) -> Option<(&Expr, &Expr, f64)> {
    let scaled = |expr, by: f64| as_ratio(expr).map(|(n, d, scale)| (n, d, scale * by));
    match expr {
        Expr::Neg(inner) => scaled(inner, -1.0),
        Expr::Binary(op, left, right) => match (op, &**left, &**right) {
            (Binary::Mul, Expr::Number(by), inner) | (Binary::Mul, inner, Expr::Number(by)) => scaled(inner, *by),
            (Binary::Div { .. }, inner, Expr::Number(by)) => scaled(inner, 1.0 / by),
            (Binary::Add, Expr::Number(_), inner) | (Binary::Add | Binary::Sub, inner, Expr::Number(_)) => {
                as_ratio(inner)
            }
            (Binary::Sub, Expr::Number(_), inner) => scaled(inner, -1.0),
            (Binary::Div { .. }, numerator, denominator) => Some((numerator, denominator, 1.0)),
            _ => None,
        },
        _ => None,
    }
}

/// What `kpi` is a share of in `scope`: of a percentage that is one count of cases over another and nothing else, itself or through
/// a KPI that it is. A part in another period than its whole is none.
pub(super) fn proportion(evaluator: &Evaluator, kpi: &Kpi, scope: &Scope) -> Option<Proportion> {
    if kpi.unit != Unit::Percent {
        return None;
    }
    let (mut kpi, mut scope) = (kpi, scope.clone());
    while let Expr::Input(index) = kpi.formula.root() {
        let input = &kpi.formula.inputs()[*index];
        let Reference::Kpi(name) = &input.reference else { return None };
        kpi = evaluator.model.kpi(name);
        scope = scope.shifted(input.shift, evaluator.calendar).enter(kpi, None);
    }
    let formula = &kpi.formula;
    let (numerator, denominator, _) = as_ratio(formula.root())?;
    let Expr::Binary(_, left, _) = formula.root() else { return None };
    let moved = formula.inputs().iter().any(|input| input.shift.previous > 0 || input.shift.year_ago > 0);
    if moved || !std::ptr::eq(&**left, numerator) {
        return None;
    }
    let number = |part: &Expr| evaluator.part(formula, part, &scope).number();
    Proportion::of(number(numerator)?, number(denominator)?)
}

/// How large a segment is, for ordering: its denominator in a ratio, its value otherwise.
pub(super) fn size(evaluator: &Evaluator, kpi: &Kpi, scope: &Scope, value: &Value) -> f64 {
    let denominator = as_ratio(kpi.formula.root()).map(|(_, part, _)| evaluator.part(&kpi.formula, part, scope));
    denominator.as_ref().unwrap_or(value).number().map_or(f64::NEG_INFINITY, f64::abs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{Row, filter, kpi, world};
    use crate::measure::measurement::Measured;
    use proptest::prelude::*;

    fn measured(text: &str, rows: &[Row]) -> Measured {
        let kpi = Kpi { breakdown: Some("channel".into()), ..kpi("k", text) };
        world(rows, &[], vec![kpi]).measure("2026-W46")
    }

    /// (segment, rate, mix) of the change against the week before.
    fn parts(text: &str, rows: &[Row]) -> Vec<(String, f64, f64)> {
        let round = |x: f64| (x * 1e9).round() / 1e9;
        let part = |change: &SegmentChange| {
            let part = change.part.expect("adds up");
            (change.value.as_deref().unwrap_or("∅").to_owned(), round(part.rate), round(part.mix))
        };
        measured(text, rows).changes[0].segments.iter().map(part).collect()
    }

    const ROWS: [Row; 4] = [
        ("2026-11-04", "organic", "m", 100.0, 10.0, 0.0),
        ("2026-11-04", "paid", "m", 100.0, 2.0, 0.0),
        ("2026-11-11", "organic", "m", 50.0, 6.0, 0.0),
        ("2026-11-11", "paid", "m", 150.0, 3.0, 0.0),
    ];

    #[test]
    fn an_additive_kpi_moves_by_its_segments() {
        assert_eq!(parts("sales.leads", &ROWS), [("organic".to_owned(), -4.0, 0.0), ("paid".to_owned(), 1.0, 0.0)]);
    }

    #[test]
    fn a_segment_without_rows_adds_nothing_to_a_balance() {
        let rows = [
            ("2026-11-04", "closed", "m", 1.0, 0.0, 900.0),
            ("2026-11-04", "kept", "m", 1.0, 0.0, 100.0),
            ("2026-11-11", "kept", "m", 1.0, 0.0, 130.0),
        ];
        let expected = [("closed".to_owned(), -900.0, 0.0), ("kept".to_owned(), 30.0, 0.0)];
        assert_eq!(parts("sales.stock", &rows), expected);
        // 1000/2 → 130/1: the account that was closed took its weight of a half with it.
        let total: f64 = parts("sales.stock / sales.visits", &rows).iter().map(|(_, rate, mix)| rate + mix).sum();
        assert_eq!(total, 130.0 - 500.0);
    }

    #[test]
    fn a_ratio_moves_by_rates_and_by_mix() {
        // 12/200 → 9/200: organic's rate rose from 0.10 to 0.12, but half of it went to paid at 0.02.
        let found = parts("sales.leads / sales.visits", &ROWS);
        assert_eq!(
            found,
            [
                ("organic".to_owned(), 0.375 * 0.02, -0.25 * (0.11 - 0.0525)),
                ("paid".to_owned(), 0.0, 0.25 * (0.02 - 0.0525)),
            ]
            .map(|(name, rate, mix)| (name, (rate * 1e9f64).round() / 1e9, (mix * 1e9f64).round() / 1e9))
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
        );
    }

    #[test]
    fn shares_and_scaled_ratios_are_split_too() {
        let sum_of = |text: &str| {
            let measured = measured(text, &ROWS);
            let total: f64 = measured.changes[0].segments.iter().map(|s| s.part.expect("adds up").amount()).sum();
            let moved = measured.whole.value.number().unwrap() - measured.changes[0].value.number().unwrap();
            assert!((total - moved).abs() < 1e-12, "{text}: {total} ≠ {moved}");
        };
        sum_of("1000 * sales.leads / sales.visits");
        sum_of("1 - sales.leads / sales.visits");
        sum_of("-(sales.leads / sales.visits) * 2 + 7");
        sum_of("sales.visits / total(sales.visits)");
    }

    #[test]
    fn what_does_not_add_up_is_not_split() {
        let measured = measured("sales.most", &ROWS);
        assert!(measured.changes[0].segments.iter().all(|segment| segment.part.is_none()));
        assert_eq!(measured.segments.len(), 2, "the segments are shown all the same");
    }

    #[test]
    fn a_total_adds_no_segment_that_the_filter_drops() {
        let rows = [("2026-11-11", "organic", "mobile", 3.0, 0.0, 0.0), ("2026-11-11", "tv", "desktop", 9.0, 0.0, 0.0)];
        let mobile =
            Kpi { filter: filter("device", &["mobile"]), ..kpi("share", "sales.visits / total(sales.visits)") };
        let by_channel = |kpi: Kpi| Kpi { breakdown: Some("channel".into()), ..kpi };
        let segments = |kpis: Vec<Kpi>| -> Vec<_> {
            let segments = world(&rows, &[], kpis).measure("2026-W46").segments;
            segments.into_iter().map(|m| (m.segment.unwrap().1.unwrap().to_string(), m.value.number())).collect()
        };
        assert_eq!(segments(vec![by_channel(mobile.clone())]), [("organic".to_owned(), Some(0.25))]);
        // The total of a KPI that is named is of the segment itself: none of the 9 on tv are mobile.
        let named = vec![by_channel(kpi("k", "share")), mobile];
        assert_eq!(segments(named), [("organic".to_owned(), Some(1.0)), ("tv".to_owned(), Some(0.0))]);
    }

    #[test]
    fn segments_are_ordered_by_what_they_divide_by() {
        let names: Vec<_> = measured("sales.leads / sales.visits", &ROWS).segments;
        let names: Vec<_> = names.into_iter().map(|m| m.segment.unwrap().1.unwrap().to_string()).collect();
        assert_eq!(names, ["paid", "organic"]);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_change_and_segments_to_the_whole(
            cells in prop::collection::vec((0u8..2, 0u8..5, 0u32..500, 0u32..50), 1..30)
        ) {
            let names = ["a", "b", "c", "d", "e"];
            let days = ["2026-11-04", "2026-11-11"];
            let rows: Vec<Row> = cells
                .iter()
                .map(|(day, name, visits, leads)| {
                    (days[*day as usize], names[*name as usize], "m", f64::from(*visits), f64::from(*leads), 0.0)
                })
                .collect();
            let mut rows = rows;
            rows.sort_by_key(|row| row.0);
            let additive = measured("sales.leads", &rows);
            let whole = additive.whole.value.number().expect("a sum");
            let parts: f64 = additive.segments.iter().map(|s| s.value.number().expect("a sum")).sum();
            prop_assert_eq!(parts, whole);
            let ratio = measured("sales.leads / sales.visits", &rows);
            if let (Some(now), Some(before)) = (ratio.whole.value.number(), ratio.changes[0].value.number()) {
                let total: f64 = ratio.changes[0].segments.iter().map(|s| s.part.expect("adds up").amount()).sum();
                prop_assert!((total - (now - before)).abs() < 1e-9, "{} ≠ {}", total, now - before);
            }
        }
    }
}
