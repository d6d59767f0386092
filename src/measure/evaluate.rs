//! Readings → values: rows are put into windows, filtered, combined by each measure's aggregate; then formulas are computed.
//!
//! Numerators and denominators are combined over rows before anything is divided, so ratios of any segment or window are right.

use super::kpi::{Filter, Kpi};
use super::model::{Model, Scope, Walk};
use super::rows::Rows;
use crate::calendar::{Calendar, Window};
use crate::formula::{Expr, Formula, Input, Reason, Reference, Value};
use crate::query::{Aggregate, Column, Measure, Readings, Source, Table};
use crate::text::Name;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Computes formulas over the readings of one run, each cell once.
pub(super) struct Evaluator<'a> {
    pub model: &'a Model,
    pub calendar: &'a Calendar,
    rows: Rows<'a>,
    /// (source, window, filter) → the value of each of the source's measures.
    cells: RefCell<HashMap<Cell, Arc<[Value]>>>,
    kpis: RefCell<HashMap<(Name, Scope), Value>>,
}

type Cell = (Name, Window, Arc<Filter>);

impl<'a> Evaluator<'a> {
    pub fn new(model: &'a Model, calendar: &'a Calendar, readings: &'a Readings) -> Self {
        Evaluator { model, calendar, rows: Rows::new(readings), cells: RefCell::default(), kpis: RefCell::default() }
    }

    /// The value of a formula whose names stand in `scope`.
    pub fn formula(&self, formula: &Formula, scope: &Scope) -> Value {
        formula.eval(|i| self.input(&formula.inputs()[i], scope))
    }

    /// The value of a part of `formula`.
    pub fn part(&self, formula: &Formula, part: &Expr, scope: &Scope) -> Value {
        formula.eval_part(part, |i| self.input(&formula.inputs()[i], scope))
    }

    /// The value of one input of a formula that stands in `scope`.
    pub fn input(&self, input: &Input, scope: &Scope) -> Value {
        let scope = scope.shifted(input.shift, self.calendar);
        match &input.reference {
            Reference::Measure { source, measure } => {
                let source = self.model.source(source);
                let index = source.measure(measure).expect("the catalogue resolved every measure name");
                self.cell(source, scope.window(self.calendar), &scope.filter)[index].clone()
            }
            Reference::Kpi(name) => self.kpi(self.model.kpi(name), &scope),
        }
    }

    /// The value of `kpi` standing in `scope`. Those it names are computed before it, on a stack of our own: the thread's would
    /// have to hold every formula of a chain of KPIs at once.
    fn kpi(&self, kpi: &Kpi, scope: &Scope) -> Value {
        let mut waiting = vec![(kpi.id.clone(), scope.enter(kpi, None))];
        loop {
            let key = waiting.last().expect("the last to leave returns");
            let known = self.kpis.borrow().get(key).cloned();
            if let Some(value) = known {
                waiting.pop();
                if waiting.is_empty() {
                    return value;
                }
                continue;
            }
            let (formula, scope) = (&self.model.kpi(&key.0).formula, &key.1);
            let unknown = self.named(formula, scope);
            if unknown.is_empty() {
                let value = self.formula(formula, scope);
                self.kpis.borrow_mut().insert(key.clone(), value);
            } else {
                waiting.extend(unknown);
            }
        }
    }

    /// The KPIs that `formula` names in `scope` and that are not computed yet.
    fn named(&self, formula: &Formula, scope: &Scope) -> Vec<(Name, Scope)> {
        let named = formula.inputs().iter().filter_map(|input| match &input.reference {
            Reference::Measure { .. } => None,
            Reference::Kpi(name) => {
                let scope = scope.shifted(input.shift, self.calendar).enter(self.model.kpi(name), None);
                Some((name.clone(), scope))
            }
        });
        let known = self.kpis.borrow();
        named.filter(|key| !known.contains_key(key)).collect()
    }

    fn cell(&self, source: &Arc<Source>, window: Window, filter: &Arc<Filter>) -> Arc<[Value]> {
        let key = (source.name.clone(), window, filter.clone());
        if let Some(values) = self.cells.borrow().get(&key) {
            return values.clone();
        }
        let values: Arc<[Value]> = match self.rows.kept(source, window, filter) {
            Ok((table, rows)) => source
                .measures
                .iter()
                .zip(&table.measures)
                .map(|(measure, column)| combine(source, measure, table, column, &rows))
                .collect(),
            Err(reason) => source.measures.iter().map(|_| Value::Missing(reason.clone())).collect(),
        };
        self.cells.borrow_mut().insert(key, values.clone());
        values
    }

    /// The values of `dimension` that occur in what `formula` reads in `scope`, `total()` aside.
    pub fn segments(&self, formula: &Formula, dimension: &Name, scope: &Scope) -> BTreeSet<Option<Name>> {
        let mut found = BTreeSet::new();
        Walk::new(self.model, self.calendar).without_totals().formula(formula, scope, &mut |source, _, scope| {
            let Some(index) = source.dimension(dimension) else { return };
            if let Ok((table, rows)) = self.rows.kept(source, scope.window(self.calendar), &scope.filter) {
                found.extend(rows.into_iter().map(|row| table.dimensions[index][row].clone()));
            }
        });
        found
    }
}

fn combine(source: &Source, measure: &Measure, table: &Table, column: &Column, rows: &[usize]) -> Value {
    let what = || -> Name { format!("{}.{}", source.name, measure.name).into() };
    if rows.is_empty() {
        return if empty_is_zero(source, measure) {
            Value::Number(0.0)
        } else {
            Value::Missing(Reason::NoRow { what: what() })
        };
    }
    let picked: Vec<usize> = match measure.aggregate {
        Aggregate::First => one_per_key(table, rows.iter().copied()),
        Aggregate::Last => one_per_key(table, rows.iter().rev().copied()),
        Aggregate::Sum | Aggregate::Min | Aggregate::Max => rows.to_vec(),
    };
    if let Some(reason) = picked.iter().find_map(|&row| column.missing_at(row)) {
        return Value::Missing(reason.clone());
    }
    let numbers = picked.iter().map(|&row| column.numbers[row]);
    let combined = match measure.aggregate {
        Aggregate::Min => numbers.fold(f64::INFINITY, f64::min),
        Aggregate::Max => numbers.fold(f64::NEG_INFINITY, f64::max),
        Aggregate::Sum | Aggregate::First | Aggregate::Last => sum(numbers),
    };
    Value::finite(combined, what)
}

/// A `sum` over no row is 0. But a query that should answer one row and answers none has not said 0: there the sum must be declared.
fn empty_is_zero(source: &Source, measure: &Measure) -> bool {
    let may_be_empty = source.time.is_some() || !source.dimensions.is_empty() || measure.declared;
    measure.aggregate == Aggregate::Sum && may_be_empty
}

/// The first of `rows` for each combination of dimension values.
fn one_per_key(table: &Table, rows: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    rows.filter(|&row| seen.insert(table.dimensions.iter().map(|column| &column[row]).collect::<Vec<_>>())).collect()
}

/// Compensated (Neumaier 1974), so that the order of rows and a large total don't change the cents.
pub(super) fn sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for number in numbers {
        let next = total + number;
        lost += if total.abs() >= number.abs() { (total - next) + number } else { (number - next) + total };
        total = next;
    }
    if lost.is_finite() { total + lost } else { total }
}

#[cfg(test)]
mod tests {
    use crate::calendar::Over;
    use crate::formula::Value;
    use crate::measure::fixture::{Row, filter, kpi, world};
    use crate::measure::kpi::Kpi;

    /// Two days of 2026-W46, one of W45, one of 2025-W46: visits, leads, stock.
    const ROWS: [Row; 6] = [
        ("2025-11-12", "paid", "mobile", 40.0, 4.0, 1.0),
        ("2026-11-04", "paid", "mobile", 50.0, 5.0, 2.0),
        ("2026-11-09", "organic", "desktop", 100.0, 2.0, 10.0),
        ("2026-11-09", "paid", "mobile", 10.0, 1.0, 20.0),
        ("2026-11-15", "organic", "desktop", 300.0, 12.0, 11.0),
        ("2026-11-15", "organic", "mobile", 90.0, 5.0, 7.0),
    ];

    fn check(kpi: Kpi, expected: Result<f64, &str>) {
        let shown = format!("{} {:?} {:?}", kpi.formula.text, kpi.filter, kpi.over);
        let mut kpis = vec![kpi];
        kpis.push(crate::measure::fixture::kpi("rate", "sales.leads / sales.visits"));
        kpis.push(Kpi {
            filter: filter("device", &["mobile"]),
            ..crate::measure::fixture::kpi("mobile", "sales.leads")
        });
        kpis.push(Kpi {
            over: Some(Over::TrailingWeeks(2)),
            ..crate::measure::fixture::kpi("fortnight", "sales.leads")
        });
        let value = world(&ROWS, &[("2026-W46", Some(8.0)), ("2026-W45", None)], kpis).value("2026-W46");
        match (value, expected) {
            (Value::Number(got), Ok(expected)) => {
                assert!((got - expected).abs() < 1e-12, "{shown}: {got} ≠ {expected}")
            }
            (Value::Missing(why), Err(expected)) => assert_eq!(why.to_string(), expected, "{shown}"),
            (got, expected) => panic!("{shown}: {got:?} ≠ {expected:?}"),
        }
    }

    fn plain(text: &str) -> Kpi {
        kpi("k", text)
    }

    #[test]
    fn a_rate_is_a_ratio_of_sums() {
        check(plain("sales.leads / sales.visits"), Ok(20.0 / 500.0));
        check(plain("rate"), Ok(0.04));
    }

    #[test]
    fn shifted_names_read_the_shifted_period() {
        check(plain("sales.leads / previous(sales.leads) - 1"), Ok(3.0));
        check(plain("sales.leads - year_ago(sales.leads)"), Ok(16.0));
        check(plain("previous(rate)"), Ok(0.1));
    }

    #[test]
    fn aggregates_combine_over_time_then_over_dimensions() {
        check(plain("sales.least"), Ok(10.0));
        check(plain("sales.most"), Ok(300.0));
        check(plain("sales.stock"), Ok(11.0 + 7.0 + 20.0));
        check(plain("sales.opening"), Ok(10.0 + 20.0 + 7.0));
    }

    #[test]
    fn where_applies_to_every_source_and_total_lifts_it() {
        let mobile = |text| Kpi { filter: filter("device", &["mobile"]), ..plain(text) };
        check(mobile("sales.leads"), Ok(6.0));
        check(mobile("rate"), Ok(6.0 / 100.0));
        check(mobile("sales.visits / total(sales.visits)"), Ok(0.2));
        check(mobile("rate / total(rate)"), Ok(0.06 / 0.04));
        check(Kpi { filter: filter("device", &["desktop", "mobile"]), ..plain("sales.leads") }, Ok(20.0));
        check(Kpi { filter: filter("channel", &["organic"]), ..plain("mobile") }, Ok(5.0));
        check(Kpi { filter: filter("device", &["desktop"]), ..plain("mobile") }, Ok(0.0));
    }

    #[test]
    fn over_widens_the_window_that_ends_with_the_period() {
        let over = |over, text| Kpi { over: Some(over), ..plain(text) };
        check(over(Over::TrailingWeeks(2), "sales.leads"), Ok(25.0));
        check(over(Over::TrailingMonths(12), "rate"), Ok(25.0 / 550.0));
        check(over(Over::TrailingDays(3), "fortnight"), Ok(25.0));
        check(over(Over::TrailingWeeks(2), "previous(sales.leads)"), Ok(5.0));
    }

    #[test]
    fn no_row_is_zero_for_a_sum_and_missing_for_the_rest() {
        let nobody = |text| Kpi { filter: filter("device", &["watch"]), ..plain(text) };
        check(nobody("sales.leads"), Ok(0.0));
        check(nobody("sales.stock"), Err("no data for sales.stock"));
        check(nobody("sales.leads / sales.visits"), Err("sales.visits = 0"));
        check(plain("base.customers"), Ok(8.0));
        check(plain("previous(base.customers)"), Err("no data for base.customers"));
    }

    #[test]
    fn null_makes_only_what_needs_it_missing() {
        let rows = [("2026-11-09", "a", "m", 1.0, f64::NAN, 1.0), ("2026-11-10", "b", "m", 2.0, 5.0, 1.0)];
        let value = |kpi: Kpi| world(&rows, &[], vec![kpi]).value("2026-W46");
        assert_eq!(value(plain("sales.visits")), Value::Number(3.0));
        assert_eq!(
            value(plain("sales.leads")).reason().map(ToString::to_string).as_deref(),
            Some("sales.leads is NULL")
        );
        assert_eq!(value(Kpi { filter: filter("channel", &["b"]), ..plain("sales.leads") }), Value::Number(5.0));
    }

    #[test]
    fn a_long_chain_of_long_formulas_fits_a_small_stack() {
        // A test's thread has 2 MiB.
        let link = |i: usize| match i {
            0 => kpi("k0", "sales.leads"),
            _ => kpi(&format!("k{i}"), &format!("k{}{}", i - 1, " + 0".repeat(498))),
        };
        assert_eq!(world(&ROWS, &[], (0..64).rev().map(link).collect()).value("2026-W46"), Value::Number(20.0));
    }

    #[test]
    fn sums_keep_the_cents_of_large_totals() {
        assert_eq!(super::sum([1e16, 1.0, -1e16]), 1.0);
        assert_eq!(super::sum(std::iter::repeat_n(0.1, 10)), 1.0);
    }
}
