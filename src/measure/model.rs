//! The KPIs and sources that names refer to, and how a scope moves from KPI to input.

use super::kpi::{Filter, Kpi};
use crate::calendar::{Calendar, Over, Period, Window};
use crate::formula::{Formula, Input, Reference, Shift};
use crate::query::Source;
use crate::text::Name;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Everything a formula may name. The catalogue has checked that every name exists and that there is no circle.
#[derive(Debug, Clone, Default)]
pub struct Model {
    kpis: HashMap<Name, Arc<Kpi>>,
    sources: HashMap<Name, Arc<Source>>,
}

impl Model {
    pub fn new(kpis: impl IntoIterator<Item = Arc<Kpi>>, sources: impl IntoIterator<Item = Arc<Source>>) -> Model {
        Model {
            kpis: kpis.into_iter().map(|kpi| (kpi.id.clone(), kpi)).collect(),
            sources: sources.into_iter().map(|source| (source.name.clone(), source)).collect(),
        }
    }

    pub(super) fn kpi(&self, name: &str) -> &Arc<Kpi> {
        self.kpis.get(name).expect("the catalogue resolved every KPI name")
    }

    pub(super) fn source(&self, name: &str) -> &Arc<Source> {
        self.sources.get(name).expect("the catalogue resolved every source name")
    }
}

/// Where something is measured: in which period, over which window, for which segments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    pub period: Period,
    pub over: Option<Over>,
    pub filter: Arc<Filter>,
    /// The filter without the `where` and segment of the KPI whose formula is being computed: what `total()` goes back to.
    pub outer: Arc<Filter>,
}

impl Scope {
    pub fn of(period: Period) -> Scope {
        let everything = Arc::new(Filter::new());
        Scope { period, over: None, filter: everything.clone(), outer: everything }
    }

    /// The scope of `kpi`'s own formula when the KPI stands in this scope: its `where` narrows, its `over` wins.
    pub fn enter(&self, kpi: &Kpi, segment: Option<&Filter>) -> Scope {
        let mut filter = self.filter.clone();
        for narrower in [Some(&kpi.filter), segment].into_iter().flatten().filter(|f| !f.is_empty()) {
            filter = Arc::new(intersect(&filter, narrower));
        }
        Scope { period: self.period, over: kpi.over.or(self.over), filter, outer: self.filter.clone() }
    }

    /// The scope of an input that stands in this scope's formula inside `previous()`, `year_ago()` or `total()`.
    pub fn shifted(&self, shift: Shift, calendar: &Calendar) -> Scope {
        let mut period = self.period;
        for _ in 0..shift.year_ago {
            period = calendar.year_ago(period);
        }
        for _ in 0..shift.previous {
            period = calendar.previous(period);
        }
        let filter = if shift.total { self.outer.clone() } else { self.filter.clone() };
        Scope { period, filter, ..self.clone() }
    }

    pub fn window(&self, calendar: &Calendar) -> Window {
        match self.over {
            Some(over) => calendar.window(over, self.period),
            None => self.period.window,
        }
    }
}

fn intersect(a: &Filter, b: &Filter) -> Filter {
    let mut both = a.clone();
    for (dimension, values) in b {
        both.entry(dimension.clone())
            .and_modify(|kept| kept.retain(|value| values.contains(value)))
            .or_insert_with(|| values.clone());
    }
    both
}

/// Visits what formulas read, through other KPIs too, each KPI once per scope: without that a ladder of KPIs that each name two
/// others would take exponential time.
pub(super) struct Walk<'a> {
    pub model: &'a Model,
    pub calendar: &'a Calendar,
    /// Whether what stands in `total()` of the formula itself is visited too. Further down it always is: there `total()` goes back
    /// to the filter of whoever names the KPI.
    totals: bool,
    seen: HashSet<(Name, Scope)>,
}

impl<'a> Walk<'a> {
    pub fn new(model: &'a Model, calendar: &'a Calendar) -> Self {
        Walk { model, calendar, totals: true, seen: HashSet::new() }
    }

    /// The same without what stands in `total()`.
    pub fn without_totals(self) -> Self {
        Walk { totals: false, ..self }
    }

    /// Visits every measure of a source that `formula`, standing in `scope`, reads.
    pub fn formula(&mut self, formula: &Formula, scope: &Scope, visit: &mut impl FnMut(&Arc<Source>, &Name, &Scope)) {
        let totals = std::mem::replace(&mut self.totals, true);
        for Input { reference, shift } in formula.inputs().iter().filter(|input| totals || !input.shift.total) {
            let scope = scope.shifted(*shift, self.calendar);
            match reference {
                Reference::Measure { source, measure } => visit(self.model.source(source), measure, &scope),
                Reference::Kpi(name) => {
                    let kpi = self.model.kpi(name).clone();
                    let inner = scope.enter(&kpi, None);
                    if self.seen.insert((name.clone(), inner.clone())) {
                        self.formula(&kpi.formula, &inner, visit);
                    }
                }
            }
        }
    }
}

/// The filter that keeps one value of one dimension.
pub(super) fn segment(dimension: &Name, value: &Option<Name>) -> Filter {
    BTreeMap::from([(dimension.clone(), [value.clone()].into())])
}
