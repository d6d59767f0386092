//! What a change does to numbers: the KPIs that it bears on, measured by both catalogues over the same last periods, at the same moment.
//!
//! A KPI is measured as the reports that show it do: in their cadence and zone, before and after. One that no report shows is measured in
//! weeks. Deliberately absent: segments and comparisons, which `kpid explain` shows.

use super::Diff;
use super::lens::Lens;
use crate::calendar::{Cadence, Calendar};
use crate::change::Side;
use crate::cli::progress;
use crate::measure::{Kpi, Measured, Point, Request};
use crate::pipeline::{self, Failure};
use crate::render::data;
use crate::source::Sources;
use crate::text::Name;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was measured, and what could not be.
pub struct Effects {
    pub kpis: Vec<Effect>,
    /// Sources that did not answer, each once for a side.
    pub failures: Vec<(&'static str, Failure)>,
}

/// One KPI over the last periods of one cadence.
pub struct Effect {
    pub kpi: Name,
    pub cadence: Cadence,
    pub old: Option<Half>,
    pub new: Option<Half>,
}

/// What one side says: a point for each period, oldest first.
pub struct Half {
    pub kpi: Arc<Kpi>,
    calendar: Calendar,
    points: Vec<Point>,
}

/// One period as the two sides see it; `None` where a side lacks the KPI, or has no such period among its last.
pub struct Step {
    pub period: String,
    pub old: Option<Point>,
    pub new: Option<Point>,
}

impl Half {
    fn named(&self) -> impl Iterator<Item = (String, &Point)> {
        self.points.iter().map(|point| (point.period.label(&self.calendar), point))
    }
}

impl Effect {
    /// Oldest first, each under the name that it has now.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        // By their first days: sides of two zones need not end with the same period.
        let mut steps: BTreeMap<Date, Step> = BTreeMap::new();
        for (period, point) in self.old.iter().flat_map(Half::named) {
            steps.insert(point.period.first, Step { period, old: Some(point.clone()), new: None });
        }
        for (period, point) in self.new.iter().flat_map(Half::named) {
            let old = steps.remove(&point.period.first).and_then(|step| step.old);
            steps.insert(point.period.first, Step { period, old, new: Some(point.clone()) });
        }
        steps.into_values()
    }

    /// Whether the verdict of a period is another, where both sides have one to tell.
    pub fn flips(&self) -> bool {
        self.steps().any(|step| step.flips())
    }

    /// Whether any period says something else.
    pub fn moves(&self) -> bool {
        self.steps().any(|step| step.moves())
    }
}

impl Step {
    pub fn flips(&self) -> bool {
        self.old
            .as_ref()
            .zip(self.new.as_ref())
            .is_some_and(|(old, new)| data::verdict(&old.verdict) != data::verdict(&new.verdict))
    }

    pub fn moves(&self) -> bool {
        let (Some(old), Some(new)) = (&self.old, &self.new) else { return true };
        let same = match (old.value.number(), new.value.number()) {
            // The same sum, added up in another order.
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
            (a, b) => a == b,
        };
        let level = |point: &Point| point.target.as_ref().map(|target| target.level);
        !same || level(old) != level(new) || self.flips()
    }
}

/// Measures what `diff` bears on over the last `periods`, with progress on a terminal.
pub async fn measure(diff: &Diff, periods: u16) -> Effects {
    let mut effects = Effects { kpis: Vec::new(), failures: Vec::new() };
    let line = progress::Line::new();
    for (lens, kpis) in Lens::groups(diff) {
        let old_names: Vec<Name> = kpis.iter().map(|kpi| diff.old_name(kpi)).collect();
        let (old, new) = (Asked::new(&diff.old, &old_names, &lens.old), Asked::new(&diff.new, &kpis, &lens.new));
        let mut old = line.beside(old.answer(diff, lens.cadence, periods, &line)).await;
        let mut new = line.beside(new.answer(diff, lens.cadence, periods, &line)).await;
        for (kpi, was) in kpis.into_iter().zip(old_names) {
            let (old, new) = (old.take(&was), new.take(&kpi));
            effects.kpis.push(Effect { kpi, cadence: lens.cadence, old, new });
        }
        effects.fail("old", old.failures);
        effects.fail("new", new.failures);
    }
    effects
}

/// The KPIs of one side that are to be measured.
struct Asked<'a> {
    side: &'a Side,
    kpis: Vec<Arc<Kpi>>,
    calendar: &'a Calendar,
}

/// What one side answered.
struct Answer {
    measured: Vec<Measured>,
    failures: Vec<Failure>,
    calendar: Calendar,
}

impl<'a> Asked<'a> {
    /// Those of `names` that the side has.
    fn new(side: &'a Side, names: &[Name], calendar: &'a Calendar) -> Asked<'a> {
        Asked { side, kpis: names.iter().filter_map(|name| side.catalog.kpi(name)).cloned().collect(), calendar }
    }

    async fn answer(self, diff: &Diff, cadence: Cadence, periods: u16, line: &progress::Line) -> Answer {
        let Asked { side, kpis, calendar } = self;
        let period = calendar.last_complete(cadence, diff.now);
        let request = Request { kpis, period, compare: Vec::new(), trend: periods, top: 0 };
        let sources = Sources::new(side.catalog.databases.values().cloned());
        let update = |progress| line.update(&progress);
        let outcome = pipeline::measure(&side.catalog, &sources, &request, calendar, diff.now, update).await;
        Answer { measured: outcome.measured, failures: outcome.failures, calendar: calendar.clone() }
    }
}

impl Answer {
    fn take(&mut self, kpi: &Name) -> Option<Half> {
        let at = self.measured.iter().position(|measured| measured.kpi.id == *kpi)?;
        let Measured { kpi, trend: points, .. } = self.measured.swap_remove(at);
        Some(Half { kpi, calendar: self.calendar.clone(), points })
    }
}

impl Effects {
    fn fail(&mut self, side: &'static str, failures: Vec<Failure>) {
        for failure in failures {
            let known = |(of, known): &(&str, Failure)| *of == side && known.source == failure.source;
            if !self.failures.iter().any(known) {
                self.failures.push((side, failure));
            }
        }
    }

    /// How many KPIs have another verdict in any period.
    pub fn flips(&self) -> usize {
        self.kpis.iter().filter(|effect| effect.flips()).map(|effect| &effect.kpi).collect::<BTreeSet<_>>().len()
    }
}
