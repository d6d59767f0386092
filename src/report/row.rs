//! One KPI of a report, with what there is to say about its number: how far off, why it moved, since when.

use crate::formula::Input;
use crate::measure::{Change, Comparison, Contribution, Drivers, Good, Measured, Part, Point, SegmentChange, Verdict};
use crate::text::Name;

/// A KPI as a report shows it, however many sections it stands in.
#[derive(Debug, Clone)]
pub struct Row {
    pub measured: Measured,
    /// Where it is near or missed.
    pub short: Option<Short>,
    /// One for each comparison that has a number at both ends.
    pub moved: Vec<Moved>,
    /// Whether it reads a source whose data is older than promised.
    pub late: bool,
    /// Absent where there is no verdict, or no trend.
    pub streak: Option<Streak>,
}

/// By how much a target is missed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Short {
    /// In the KPI's unit, > 0.
    pub amount: f64,
    /// Of the target, so that euros and percentages can stand in one order; infinite for a target of 0: no miss of it is small.
    pub share: f64,
}

/// Why the whole moved against an earlier period, cut down to a sentence. `drivers` and `rest` add up to `change`.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub comparison: Comparison,
    pub change: f64,
    /// The inputs that moved it most, largest first: at most three, or four when that leaves none. None where the formula is its one
    /// input, or where the change can't be split.
    pub drivers: Vec<Driver>,
    /// What the drivers leave: all other inputs together.
    pub rest: f64,
    /// False when the drivers were sampled.
    pub exact: bool,
    /// The segments that moved it most, largest first: at most three, none where segments don't add up.
    pub segments: Vec<SegmentMove>,
}

/// What one input contributed to a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    pub input: Input,
    pub amount: f64,
}

/// What one segment contributed to a change: `rate + mix`.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMove {
    pub value: Option<Name>,
    /// By its own value.
    pub rate: f64,
    /// By its weight in the whole; 0 for additive KPIs.
    pub mix: f64,
}

/// For how long the verdict has been what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Streak {
    /// Met, near or missed.
    pub verdict: Verdict,
    /// How many periods in a row, this one included, as far as the trend reaches.
    pub periods: usize,
    /// The verdict just before; absent when the trend doesn't reach that far.
    pub before: Option<Verdict>,
}

impl Moved {
    /// What the drivers contributed, in their order, and last the rest.
    pub fn amounts(&self) -> Vec<f64> {
        self.drivers.iter().map(|driver| driver.amount).chain([self.rest]).collect()
    }

    /// What the segments that are named contributed, in their order, and last all others.
    pub fn segment_amounts(&self) -> Vec<f64> {
        let named = self.segments.iter().map(SegmentMove::amount);
        let rest = self.change - named.clone().sum::<f64>();
        named.chain([rest]).collect()
    }
}

impl SegmentMove {
    pub fn amount(&self) -> f64 {
        self.rate + self.mix
    }
}

/// How many drivers and segments a sentence names.
const NAMED: usize = 3;
/// A segment that did less than this share of what the largest did is not worth a word.
const WORTH: f64 = 0.1;
/// Less than this share of the largest contribution is what rounding leaves, not a contribution.
const NOTHING: f64 = 1e-9;

impl Row {
    pub(super) fn new(measured: Measured, late: bool) -> Row {
        let moved = |change| moved(&measured, change);
        Row {
            short: short(&measured),
            moved: measured.changes.iter().filter_map(moved).collect(),
            late,
            streak: streak(&measured.trend),
            measured,
        }
    }
}

fn short(measured: &Measured) -> Option<Short> {
    let whole = &measured.whole;
    if !matches!(whole.verdict, Verdict::Near | Verdict::Missed) {
        return None;
    }
    let good = measured.kpi.good.unwrap_or(Good::Neutral);
    let (amount, bound) = whole.target.as_ref()?.level.shortfall(whole.value.number()?, good);
    (amount > 0.0).then(|| Short { amount, share: amount / bound.abs() })
}

fn moved(measured: &Measured, change: &Change) -> Option<Moved> {
    let (from, to) = (change.value.number()?, measured.whole.value.number()?);
    let split = change.drivers.as_ref().ok().filter(|_| !measured.kpi.formula.is_leaf());
    let (drivers, rest) = split.map_or((Vec::new(), to - from), named);
    Some(Moved {
        comparison: change.comparison,
        change: to - from,
        drivers,
        rest,
        exact: split.is_none_or(|drivers| drivers.exact),
        segments: segments(change),
    })
}

/// The drivers worth naming, and what all others did.
fn named(drivers: &Drivers) -> (Vec<Driver>, f64) {
    let all = &drivers.contributions;
    let nothing = NOTHING * all.first().map_or(0.0, |largest| largest.amount.abs());
    let counted = all.iter().take_while(|one| one.amount.abs() > nothing).count();
    let kept = if counted == NAMED + 1 { counted } else { counted.min(NAMED) };
    let rest = if kept == counted { 0.0 } else { all[kept..].iter().map(|one| one.amount).sum() };
    let driver = |one: &Contribution| Driver { input: one.input.clone(), amount: one.amount };
    (all[..kept].iter().map(driver).collect(), rest)
}

fn segments(change: &Change) -> Vec<SegmentMove> {
    let split =
        |one: &SegmentChange| one.part.map(|Part { rate, mix }| SegmentMove { value: one.value.clone(), rate, mix });
    let all: Vec<SegmentMove> = change.segments.iter().filter_map(split).collect();
    let largest = all.iter().fold(0.0, |largest: f64, one| largest.max(one.amount().abs()));
    let worth = |one: &SegmentMove| one.amount() != 0.0 && one.amount().abs() >= WORTH * largest;
    all.into_iter().filter(worth).take(NAMED).collect()
}

fn streak(trend: &[Point]) -> Option<Streak> {
    let verdict = &trend.last()?.verdict;
    if matches!(verdict, Verdict::NotJudged(_)) {
        return None;
    }
    let periods = trend.iter().rev().take_while(|point| point.verdict == *verdict).count();
    let before = trend.iter().rev().nth(periods).map(|point| point.verdict.clone());
    Some(Streak { verdict: verdict.clone(), periods, before })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{Row as Read, kpi, world};
    use crate::measure::{Goal, Kpi, Level, Target};

    fn row(kpi: Kpi, rows: &[Read]) -> Row {
        Row::new(world(rows, &[], vec![kpi]).measure("2026-W46"), false)
    }

    fn against(level: Level, good: Good) -> Kpi {
        let target = Target { goal: Goal::Level(level), near: 0.1, per: None, by: Default::default() };
        Kpi { target: Some(target), good: Some(good), ..kpi("leads", "sales.leads") }
    }

    #[test]
    fn short_is_what_lacks_in_the_unit_and_as_a_share() {
        let rows = [("2026-11-11", "paid", "m", 0.0, 8.0, 0.0)];
        let short = |level, good| row(against(level, good), &rows).short.map(|short| (short.amount, short.share));
        assert_eq!(short(Level::Value(10.0), Good::Up), Some((2.0, 0.2)));
        assert_eq!(short(Level::Value(7.5), Good::Down), Some((0.5, 0.5 / 7.5)));
        assert_eq!(short(Level::Value(0.0), Good::Down), Some((8.0, f64::INFINITY)));
        assert_eq!(short(Level::Between(10.0, 20.0), Good::Neutral), Some((2.0, 0.2)));
        assert_eq!(short(Level::Value(8.0), Good::Up), None, "met");
        assert_eq!(row(kpi("leads", "sales.leads"), &rows).short, None, "no target");
    }

    /// Names and amounts of the drivers against the week before, and the rest.
    fn drivers(formula: &str, before: [f64; 3], now: [f64; 3]) -> (Vec<(String, f64)>, f64) {
        let rows = [
            ("2026-11-04", "paid", "m", before[0], before[1], before[2]),
            ("2026-11-11", "paid", "m", now[0], now[1], now[2]),
        ];
        let moved = row(kpi("k", formula), &rows).moved.swap_remove(0);
        (moved.drivers.iter().map(|driver| (driver.input.to_string(), driver.amount)).collect(), moved.rest)
    }

    #[test]
    fn drivers_are_at_most_three_or_four_that_leave_none() {
        let named = |text| {
            let (drivers, rest) = drivers(text, [0.0; 3], [100.0, 8.0, 3.0]);
            let round = |amount: f64| (amount * 1e9).round() / 1e9;
            (drivers.iter().map(|driver| round(driver.1)).collect::<Vec<_>>(), round(rest))
        };
        assert_eq!(named("sales.visits + sales.leads"), (vec![100.0, 8.0], 0.0));
        let four = "sales.visits + 2 * sales.most + sales.leads + sales.stock";
        assert_eq!(named(four), (vec![200.0, 100.0, 8.0, 3.0], 0.0));
        let five = "sales.visits + 2 * sales.most + sales.leads + sales.stock + sales.opening";
        assert_eq!(named(five), (vec![200.0, 100.0, 8.0], 6.0));
    }

    #[test]
    fn input_that_did_nothing_is_no_driver() {
        let (drivers, rest) =
            drivers("if(sales.visits > 0, sales.leads, sales.stock)", [1.0, 5.0, 1.0], [1.0, 7.0, 9.0]);
        assert_eq!((drivers, rest), (vec![("sales.leads".to_owned(), 2.0)], 0.0));
    }

    #[test]
    fn formula_of_one_input_has_no_drivers() {
        assert_eq!(drivers("sales.leads", [0.0, 5.0, 0.0], [0.0, 7.0, 0.0]), (Vec::new(), 2.0));
    }

    #[test]
    fn nothing_moved_where_an_end_is_missing() {
        let rows = [("2026-11-11", "paid", "m", 10.0, 8.0, 0.0)];
        assert_eq!(row(kpi("rate", "sales.leads / sales.visits"), &rows).moved, []);
        assert_eq!(row(kpi("leads", "sales.leads"), &rows).moved.len(), 2, "a sum of no row is 0");
    }

    #[test]
    fn segments_named_moved_it_most() {
        let leads = |day, leads: [f64; 5]| {
            let names = ["paid", "organic", "mail", "tv", "fair"];
            names.into_iter().zip(leads).map(move |(name, leads)| (day, name, "m", 0.0, leads, 0.0))
        };
        let named = |text: &str, now: [f64; 5]| -> Vec<_> {
            let rows: Vec<Read> = leads("2026-11-04", [10.0; 5]).chain(leads("2026-11-11", now)).collect();
            let kpi = Kpi { breakdown: Some("channel".into()), ..kpi("k", text) };
            let segments = row(kpi, &rows).moved.swap_remove(0).segments;
            segments.iter().map(|one| (one.value.as_deref().unwrap().to_owned(), one.amount())).collect()
        };
        let named_of_leads = |now| named("sales.leads", now);
        let check = |found: Vec<(String, f64)>, expected: &[(&str, f64)]| {
            assert_eq!(found, expected.iter().map(|(name, by)| ((*name).to_owned(), *by)).collect::<Vec<_>>());
        };
        check(named_of_leads([15.0, 2.0, 9.0, 12.0, 10.0]), &[("organic", -8.0), ("paid", 5.0), ("tv", 2.0)]);
        check(named_of_leads([30.0, 12.0, 11.9, 10.0, 10.0]), &[("paid", 20.0), ("organic", 2.0)]);
        check(named_of_leads([10.0; 5]), &[]);
        check(named("sales.most", [15.0, 2.0, 9.0, 12.0, 10.0]), &[]);
    }

    #[test]
    fn streak_counts_back_as_far_as_the_trend() {
        let streak = |leads: [f64; 4]| {
            let days = ["2026-10-21", "2026-10-28", "2026-11-04", "2026-11-11"];
            let rows: Vec<Read> =
                days.into_iter().zip(leads).map(|(day, leads)| (day, "a", "m", 0.0, leads, 0.0)).collect();
            row(against(Level::Value(10.0), Good::Up), &rows).streak.map(|s| (s.verdict, s.periods, s.before))
        };
        use Verdict::{Met, Missed, Near};
        assert_eq!(streak([11.0, 5.0, 5.0, 5.0]), Some((Missed, 3, Some(Met))));
        assert_eq!(streak([5.0, 5.0, 11.0, 9.5]), Some((Near, 1, Some(Met))));
        assert_eq!(streak([11.0; 4]), Some((Met, 4, None)));
        assert_eq!(row(kpi("leads", "sales.leads"), &[]).streak, None, "not judged");
    }
}
