//! Which queries a set of KPIs needs: each source once per window, dated ones once per contiguous stretch.

use super::kpi::Kpi;
use super::model::{Model, Scope, Walk};
use super::target::Goal;
use crate::calendar::{Calendar, Period, Window};
use crate::formula::Formula;
use crate::query::{Need, Source};
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The needs of a run, collected KPI by KPI.
pub struct Plan<'a> {
    walk: Walk<'a>,
    windows: BTreeMap<Name, (Arc<Source>, BTreeSet<Window>)>,
}

impl<'a> Plan<'a> {
    pub fn new(model: &'a Model, calendar: &'a Calendar) -> Self {
        Plan { walk: Walk::new(model, calendar), windows: BTreeMap::new() }
    }

    /// Adds what `kpi`'s value needs in `period`.
    pub fn value(&mut self, kpi: &Kpi, period: Period) {
        self.formula(kpi, &kpi.formula, period);
    }

    /// Adds what judging `kpi` in `period` needs beside its value: its target's formula and its sample.
    pub fn judgement(&mut self, kpi: &Kpi, period: Period) {
        if let Some(Goal::Formula(formula)) = kpi.target.as_ref().map(|target| &target.goal) {
            self.formula(kpi, formula, period);
        }
        if let Some(at_least) = &kpi.at_least {
            self.formula(kpi, &at_least.of, period);
        }
    }

    fn formula(&mut self, kpi: &Kpi, formula: &Formula, period: Period) {
        let Plan { walk, windows } = self;
        let calendar = walk.calendar;
        walk.formula(formula, &Scope::of(period).enter(kpi, None), &mut |source, _, scope| {
            let entry = windows.entry(source.name.clone());
            entry.or_insert_with(|| (source.clone(), BTreeSet::new())).1.insert(scope.window(calendar));
        });
    }

    /// The queries to run, in the order of source name and time.
    pub fn needs(self) -> Vec<Need> {
        let of_source = |(source, windows): (Arc<Source>, BTreeSet<Window>)| {
            let windows: Vec<Window> =
                if source.time.is_some() { stretches(windows) } else { windows.into_iter().collect() };
            windows.into_iter().map(move |window| Need::rows(source.clone(), window))
        };
        self.windows.into_values().flat_map(of_source).collect()
    }
}

/// Windows that touch or overlap, joined.
fn stretches(windows: BTreeSet<Window>) -> Vec<Window> {
    let mut joined: Vec<Window> = Vec::new();
    for window in windows {
        match joined.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => joined.push(window),
        }
    }
    joined
}
