//! How a KPI's value came about: its formula part by part, those of the KPIs it names, and the rows they were read from (pure).
//!
//! A formula stands once for each scope it was computed in, however often it is named: a ladder of KPIs that each name two others
//! is as long as the ladder. Formulas refer to each other by position; what is beyond [`FORMULAS`] and [`READS`] is left out.

use super::evaluate::Evaluator;
use super::kpi::{Filter, Kpi};
use super::model::{Model, Scope};
use super::target::Goal;
use crate::calendar::{Calendar, Over, Period, Window};
use crate::formula::{Formula, Input, Reason, Reference, Trace, Value};
use crate::query::{Column, Readings, Source, Table};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// How many formulas are explained at most: nearest first.
pub const FORMULAS: usize = 200;
/// How many reads are shown at most, and how many rows of each.
pub const READS: usize = 24;
pub const ROWS: usize = 200;

/// What led to a value.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The KPI's own first, then those of its target and sample, then those of the KPIs they name, nearest first.
    pub formulas: Vec<Evaluated>,
    /// Positions of the target's formula and of what `at_least` counts.
    pub target: Option<usize>,
    pub sample: Option<usize>,
    pub reads: Vec<Read>,
    /// False when there were more formulas or reads than are held.
    pub complete: bool,
}

/// A formula, computed somewhere.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Whose formula it is.
    pub kpi: Name,
    pub place: Place,
    pub trace: Trace,
    /// By position in the formula's inputs.
    pub inputs: Vec<Asked>,
}

/// In which period, over which window and for which segments something was computed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    pub period: Period,
    pub window: Window,
    pub over: Option<Over>,
    /// With the `where` of every KPI on the way here.
    pub filter: Arc<Filter>,
}

/// One input of a formula, there where it stands.
#[derive(Debug, Clone)]
pub struct Asked {
    pub input: Input,
    /// Before a named KPI's own `where` and `over`.
    pub place: Place,
    pub origin: Origin,
}

/// Where an input's value is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// By position in [`Explanation::formulas`].
    Formula(usize),
    /// By position in [`Explanation::reads`].
    Read(usize),
    LeftOut,
}

/// The rows of a source in one window that a filter keeps.
#[derive(Debug, Clone)]
pub struct Read {
    pub source: Arc<Source>,
    pub window: Window,
    pub filter: Arc<Filter>,
    /// Or why the source has none to give.
    pub rows: Result<Kept, Reason>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub count: usize,
    /// The first [`ROWS`].
    pub first: Vec<Row>,
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Of a dated source.
    pub time: Option<Timestamp>,
    /// In the order of the source's dimensions; `None` is NULL.
    pub dimensions: Vec<Option<Name>>,
    /// In the order of the source's measures.
    pub measures: Vec<Value>,
}

impl Explanation {
    /// How `kpi` came to its value in `period`.
    pub fn of<'a>(
        kpi: &'a Kpi,
        period: Period,
        model: &'a Model,
        calendar: &'a Calendar,
        readings: &'a Readings,
    ) -> Explanation {
        let evaluator = Evaluator::new(model, calendar, readings);
        let mut search = Search { evaluator, found: Vec::new(), known: HashMap::new(), reads: Vec::new() };
        let scope = Scope::of(period).enter(kpi, None);
        search.kpi(kpi, scope.clone());
        let target = kpi.target.as_ref().and_then(|target| match &target.goal {
            Goal::Formula(formula) => Some(formula),
            Goal::Level(_) | Goal::Dated(_) => None,
        });
        let sample = kpi.at_least.as_ref().map(|at_least| &at_least.of);
        let [target, sample] =
            [target, sample].map(|formula| formula.map(|formula| search.add(kpi, formula, scope.clone())));
        let mut formulas = Vec::new();
        while let Some(found) = search.found.get(formulas.len()).cloned() {
            formulas.push(search.evaluated(found));
        }
        let left_out = |evaluated: &Evaluated| evaluated.inputs.iter().any(|asked| asked.origin == Origin::LeftOut);
        let complete = !formulas.iter().any(left_out);
        Explanation { formulas, target, sample, reads: search.reads, complete }
    }
}

/// Breadth first, so that what is left out is what is farthest away.
struct Search<'a> {
    evaluator: Evaluator<'a>,
    found: Vec<(Name, &'a Formula, Scope)>,
    /// KPI and scope → position among the found.
    known: HashMap<(Name, Scope), usize>,
    reads: Vec<Read>,
}

impl<'a> Search<'a> {
    fn add(&mut self, kpi: &Kpi, formula: &'a Formula, scope: Scope) -> usize {
        self.found.push((kpi.id.clone(), formula, scope));
        self.found.len() - 1
    }

    /// Where the formula of `kpi` is explained that is computed in `scope`.
    fn kpi(&mut self, kpi: &'a Kpi, scope: Scope) -> Origin {
        let key = (kpi.id.clone(), scope);
        if let Some(place) = self.known.get(&key) {
            return Origin::Formula(*place);
        }
        if self.found.len() >= FORMULAS {
            return Origin::LeftOut;
        }
        let place = self.add(kpi, &kpi.formula, key.1.clone());
        self.known.insert(key, place);
        Origin::Formula(place)
    }

    fn evaluated(&mut self, (kpi, formula, scope): (Name, &'a Formula, Scope)) -> Evaluated {
        let trace = formula.trace(|i| self.evaluator.input(&formula.inputs()[i], &scope));
        let inputs = formula.inputs().iter().map(|input| self.asked(input, &scope)).collect();
        Evaluated { kpi, place: self.place(&scope), trace, inputs }
    }

    fn asked(&mut self, input: &Input, scope: &Scope) -> Asked {
        let model = self.evaluator.model;
        let scope = scope.shifted(input.shift, self.evaluator.calendar);
        let origin = match &input.reference {
            Reference::Measure { source, .. } => self.read(model.source(source), &scope),
            Reference::Kpi(name) => {
                let kpi = model.kpi(name);
                self.kpi(kpi, scope.enter(kpi, None))
            }
        };
        Asked { input: input.clone(), place: self.place(&scope), origin }
    }

    fn read(&mut self, source: &Arc<Source>, scope: &Scope) -> Origin {
        let window = scope.window(self.evaluator.calendar);
        let same =
            |read: &Read| read.source.name == source.name && read.window == window && read.filter == scope.filter;
        if let Some(place) = self.reads.iter().position(same) {
            return Origin::Read(place);
        }
        if self.reads.len() >= READS {
            return Origin::LeftOut;
        }
        let kept = self.evaluator.rows.kept(source, window, &scope.filter);
        let rows = kept.map(|(table, rows)| Kept {
            count: rows.len(),
            first: rows.iter().take(ROWS).map(|row| Row::of(table, *row)).collect(),
        });
        self.reads.push(Read { source: source.clone(), window, filter: scope.filter.clone(), rows });
        Origin::Read(self.reads.len() - 1)
    }

    fn place(&self, scope: &Scope) -> Place {
        let window = scope.window(self.evaluator.calendar);
        Place { period: scope.period, window, over: scope.over, filter: scope.filter.clone() }
    }
}

impl Row {
    fn of(table: &Table, row: usize) -> Row {
        let measure = |column: &Column| match column.missing_at(row) {
            Some(reason) => Value::Missing(reason.clone()),
            None => Value::Number(column.numbers[row]),
        };
        Row {
            time: table.times.get(row).and_then(|at| Timestamp::from_nanosecond(*at).ok()),
            dimensions: table.dimensions.iter().map(|column| column[row].clone()).collect(),
            measures: table.measures.iter().map(measure).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{self, World, calendar, filter, formula, kpi, week, world};
    use crate::measure::{AtLeast, Target};
    use std::iter::once;

    const ROWS: [fixture::Row; 4] = [
        ("2026-11-04", "paid", "mobile", 50.0, 5.0, 0.0),
        ("2026-11-09", "organic", "desktop", 100.0, f64::NAN, 0.0),
        ("2026-11-10", "paid", "mobile", 10.0, 1.0, 0.0),
        ("2026-11-15", "organic", "mobile", 90.0, 5.0, 0.0),
    ];

    fn explained(world: &World) -> Explanation {
        Explanation::of(&world.kpis[0], week("2026-W46"), &world.model, &calendar(), &world.readings)
    }

    fn mobile(id: &str, text: &str) -> Kpi {
        Kpi { filter: filter("device", &["mobile"]), ..kpi(id, text) }
    }

    /// Each formula: whose, what it gave, where its inputs lead.
    fn shown(explanation: &Explanation) -> Vec<(String, Option<f64>, Vec<Origin>)> {
        let one = |evaluated: &Evaluated| {
            let value = evaluated.trace.parts[0].value.as_ref().and_then(Value::number);
            let label = evaluated.place.period.label(&calendar());
            (format!("{} {label}", evaluated.kpi), value, evaluated.inputs.iter().map(|asked| asked.origin).collect())
        };
        explanation.formulas.iter().map(one).collect()
    }

    #[test]
    fn a_named_kpi_is_computed_with_its_own_where_and_over() {
        let rate = mobile("rate", "sales.leads / sales.visits");
        let fortnight = Kpi { over: Some(Over::TrailingWeeks(2)), ..mobile("fortnight", "sales.visits") };
        let world = world(&ROWS, &[], vec![kpi("k", "rate * 2 - previous(rate) + fortnight"), rate, fortnight]);
        let explanation = explained(&world);
        let expected = [
            ("k 2026-W46".to_owned(), Some(0.12 - 0.1 + 150.0), (1..4).map(Origin::Formula).collect::<Vec<_>>()),
            ("rate 2026-W46".to_owned(), Some(0.06), vec![Origin::Read(0), Origin::Read(0)]),
            ("rate 2026-W45".to_owned(), Some(0.1), vec![Origin::Read(1), Origin::Read(1)]),
            ("fortnight 2026-W46".to_owned(), Some(150.0), vec![Origin::Read(2)]),
        ];
        assert_eq!(shown(&explanation), expected);
        let own = &explanation.formulas[3].place;
        assert_eq!((own.over, &*own.filter), (Some(Over::TrailingWeeks(2)), &filter("device", &["mobile"])));
        assert!(explanation.complete);
    }

    #[test]
    fn the_rows_are_those_that_the_filter_keeps() {
        let explanation = explained(&world(&ROWS, &[], vec![mobile("k", "sales.leads")]));
        let rows = explanation.reads[0].rows.as_ref().expect("read");
        let days: Vec<String> = rows.first.iter().map(|row| row.time.expect("dated").to_string()).collect();
        assert_eq!((rows.count, days), (2, vec!["2026-11-10T00:00:00Z".to_owned(), "2026-11-15T00:00:00Z".to_owned()]));
        assert_eq!(rows.first[0].dimensions, [Some("paid".into()), Some("mobile".into())]);
        assert_eq!(rows.first[0].measures[..2], [Value::Number(10.0), Value::Number(1.0)]);
    }

    #[test]
    fn a_null_and_a_source_that_was_not_read_say_so() {
        let explanation = explained(&world(&ROWS, &[], vec![kpi("k", "sales.leads + base.customers")]));
        let rows = explanation.reads[0].rows.as_ref().expect("read");
        assert_eq!(rows.first[0].measures[1].reason().map(ToString::to_string).as_deref(), Some("sales.leads is NULL"));
        let why = explanation.reads[1].rows.as_ref().expect_err("not read").to_string();
        assert_eq!(why, "source base failed: it was not read for this period");
    }

    #[test]
    fn the_target_and_the_sample_are_explained_too() {
        let goal = Goal::Formula(formula("previous(k) * 1.1"));
        let judged = Kpi {
            target: Some(Target { goal, near: 0.05, per: None, by: Default::default() }),
            at_least: Some(AtLeast { of: formula("sales.visits"), n: 50.0 }),
            ..kpi("k", "sales.visits")
        };
        let explanation = explained(&world(&ROWS, &[], vec![judged]));
        assert_eq!((explanation.target, explanation.sample), (Some(1), Some(2)));
        assert_eq!(explanation.formulas[1].inputs[0].origin, Origin::Formula(3));
        assert_eq!(explanation.formulas[2].trace.parts[0].value, Some(Value::Number(200.0)));
    }

    #[test]
    fn a_ladder_of_kpis_is_as_long_as_the_ladder_and_the_first_is_what_was_measured() {
        let rung = |i: usize| match i {
            0 => kpi("k0", "sales.visits"),
            _ => kpi(&format!("k{i}"), &format!("k{0} + k{0} * 0{1}", i - 1, " - 0".repeat(480))),
        };
        let world = world(&ROWS, &[], (0..64).rev().map(rung).collect());
        let explanation = explained(&world);
        assert_eq!((explanation.formulas.len(), explanation.complete), (64, true));
        assert_eq!(explanation.formulas[0].trace.parts[0].value, Some(world.value("2026-W46")));
    }

    #[test]
    fn what_is_too_much_is_left_out_and_said() {
        let moved = |i: usize| {
            let (years, weeks) = (i / 6, i % 6);
            format!(
                "{}{}sales.visits{}",
                "year_ago(".repeat(years),
                "previous(".repeat(weeks),
                ")".repeat(years + weeks)
            )
        };
        let sum = (0..30).map(moved).collect::<Vec<_>>().join(" + ");
        let explanation = explained(&world(&ROWS, &[], vec![kpi("k", &sum)]));
        let left_out = explanation.formulas[0].inputs.iter().filter(|asked| asked.origin == Origin::LeftOut).count();
        assert_eq!((explanation.reads.len(), left_out, explanation.complete), (READS, 30 - READS, false));
        let many = (0..250).map(|i| format!("k{i}")).collect::<Vec<_>>().join(" + ");
        let named = (0..250).map(|i| kpi(&format!("k{i}"), "1"));
        let explanation = explained(&world(&ROWS, &[], once(kpi("k", &many)).chain(named).collect()));
        assert_eq!((explanation.formulas.len(), explanation.complete), (FORMULAS, false));
    }
}
