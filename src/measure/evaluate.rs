//! Readings → values: rows are put into windows, filtered, combined by each measure's aggregate; then formulas are computed.
//!
//! Numerators and denominators are combined over rows before anything is divided, so ratios of any segment or window are right.

use super::kpi::{Filter, Kpi};
use super::model::{Model, Scope, Walk};
use crate::calendar::{Calendar, Window};
use crate::formula::{Expr, Formula, Input, Reason, Reference, Value};
use crate::query::{Aggregate, Column, Measure, Readings, Source, Table};
use crate::text::Name;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Computes formulas over the readings of one run, each cell once.
pub(super) struct Evaluator<'a> {
    pub model: &'a Model,
    pub calendar: &'a Calendar,
    readings: &'a Readings,
    /// (source, window, filter) → the value of each of the source's measures.
    cells: RefCell<HashMap<Cell, Arc<[Value]>>>,
    kpis: RefCell<HashMap<(Name, Scope), Value>>,
}

type Cell = (Name, Window, Arc<Filter>);

impl<'a> Evaluator<'a> {
    pub fn new(model: &'a Model, calendar: &'a Calendar, readings: &'a Readings) -> Self {
        Evaluator { model, calendar, readings, cells: RefCell::default(), kpis: RefCell::default() }
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

    fn kpi(&self, kpi: &Kpi, scope: &Scope) -> Value {
        let inner = scope.enter(kpi, None);
        let key = (kpi.id.clone(), inner);
        if let Some(value) = self.kpis.borrow().get(&key) {
            return value.clone();
        }
        let value = self.formula(&kpi.formula, &key.1);
        self.kpis.borrow_mut().insert(key, value.clone());
        value
    }

    fn cell(&self, source: &Arc<Source>, window: Window, filter: &Arc<Filter>) -> Arc<[Value]> {
        let key = (source.name.clone(), window, filter.clone());
        if let Some(values) = self.cells.borrow().get(&key) {
            return values.clone();
        }
        let values: Arc<[Value]> = match self.rows(source, window, filter) {
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

    /// The rows of a window that a filter keeps.
    fn rows(&self, source: &Arc<Source>, window: Window, filter: &Filter) -> Result<(&'a Table, Vec<usize>), Reason> {
        let (table, range) = self.readings.rows(source, window)?;
        Ok((table, keep(source, table, range, filter)?))
    }

    /// The values of `dimension` that occur in what `formula` reads in `scope`, `total()` aside.
    pub fn segments(&self, formula: &Formula, dimension: &Name, scope: &Scope) -> BTreeSet<Option<Name>> {
        let mut found = BTreeSet::new();
        Walk::new(self.model, self.calendar).formula(formula, scope, &mut |source, scope| {
            let Some(index) = source.dimension(dimension) else { return };
            if let Ok((table, rows)) = self.rows(source, scope.window(self.calendar), &scope.filter) {
                found.extend(rows.into_iter().map(|row| table.dimensions[index][row].clone()));
            }
        });
        found
    }
}

fn keep(source: &Source, table: &Table, range: Range<usize>, filter: &Filter) -> Result<Vec<usize>, Reason> {
    let mut columns = Vec::with_capacity(filter.len());
    for (dimension, values) in filter {
        let index = source.dimension(dimension).ok_or_else(|| Reason::SourceFailed {
            source: source.name.clone(),
            why: format!("it has no dimension {dimension}").into(),
        })?;
        columns.push((&table.dimensions[index], values));
    }
    Ok(range.filter(|&row| columns.iter().all(|(column, values)| values.contains(&column[row]))).collect())
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
    if let Some((_, reason)) = column.missing.iter().find(|(row, _)| picked.contains(row)) {
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
