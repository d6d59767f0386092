//! What a change does to numbers: the KPIs that it bears on, measured by both catalogues over the same last periods, at the same moment.
//!
//! A KPI is measured as the reports that show it do: in their cadence and zone, before and after. One that no report shows is measured in
//! weeks. Deliberately absent: segments and comparisons, which `kpid explain` shows.

use super::Diff;
use crate::calendar::{Cadence, Calendar};
use crate::catalog::{Catalog, Kind};
use crate::change::{Side, Thing};
use crate::cli::progress;
use crate::measure::{Kpi, Measured, Point, Request, Verdict};
use crate::pipeline::{self, Failure};
use crate::source::Sources;
use crate::text::Name;
use std::collections::BTreeSet;
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

/// One period as the two sides see it.
pub struct Step {
    pub period: String,
    pub old: Option<Point>,
    pub new: Option<Point>,
}

impl Effect {
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let named = self.new.as_ref().or(self.old.as_ref());
        let count = named.map_or(0, |half| half.points.len());
        let point = |half: &Option<Half>, at: usize| half.as_ref().and_then(|half| half.points.get(at).cloned());
        let period =
            move |at: usize| named.map(|half| half.points[at].period.label(&half.calendar)).unwrap_or_default();
        (0..count).map(move |at| Step { period: period(at), old: point(&self.old, at), new: point(&self.new, at) })
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
        self.old.as_ref().zip(self.new.as_ref()).is_some_and(|(old, new)| word(&old.verdict) != word(&new.verdict))
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

/// A verdict in a word.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Near => "near",
        Verdict::Missed => "missed",
        Verdict::NotJudged(_) => "not judged",
    }
}

/// A cadence, and how each side cuts time.
#[derive(Clone, PartialEq)]
struct Lens {
    cadence: Cadence,
    old: Calendar,
    new: Calendar,
}

/// Measures what `diff` bears on over the last `periods`, with progress on a terminal.
pub async fn measure(diff: &Diff, periods: u16) -> Effects {
    let mut groups: Vec<(Lens, Vec<Name>)> = Vec::new();
    for kpi in diff.changes.measurable() {
        for lens in lenses(diff, &kpi) {
            match groups.iter_mut().find(|(known, _)| *known == lens) {
                Some((_, kpis)) => kpis.push(kpi.clone()),
                None => groups.push((lens, vec![kpi.clone()])),
            }
        }
    }
    let mut effects = Effects { kpis: Vec::new(), failures: Vec::new() };
    let line = progress::Line::new();
    for (lens, kpis) in groups {
        let old_names: Vec<Name> = kpis.iter().map(|kpi| diff.old_name(kpi)).collect();
        let (old, new) = (Asked::new(&diff.old, &old_names, &lens.old), Asked::new(&diff.new, &kpis, &lens.new));
        let mut old = line.beside(old.answer(diff, lens.cadence, periods, &line)).await;
        let mut new = line.beside(new.answer(diff, lens.cadence, periods, &line)).await;
        for (kpi, was) in kpis.into_iter().zip(old_names) {
            let (old, new) = (old.take(&was), new.take(&kpi));
            effects.kpis.push(Effect { kpi, cadence: lens.cadence, old, new });
        }
        for (side, failures) in [("old", old.failures), ("new", new.failures)] {
            let known = |f: &Failure| effects.failures.iter().any(|(s, known)| *s == side && known.source == f.source);
            let fresh: Vec<_> = failures.into_iter().filter(|failure| !known(failure)).collect();
            effects.failures.extend(fresh.into_iter().map(|failure| (side, failure)));
        }
    }
    effects
}

/// How the reports that show `kpi` look at it.
fn lenses(diff: &Diff, kpi: &Name) -> Vec<Lens> {
    let was = diff.old_name(kpi);
    let shows = |catalog: &Catalog, kpi: &Name| -> Vec<Name> {
        let reports = catalog.reports.values().filter(|spec| spec.kpis().any(|id| id == kpi));
        reports.map(|spec| spec.id.clone()).collect()
    };
    let now = shows(&diff.new.catalog, kpi).into_iter().map(|id| {
        let new = &diff.new.catalog.reports[&id];
        let old = diff.old.catalog.reports.get(&diff.changes.renames.old_name(Thing::Named(Kind::Report), &id));
        Lens { cadence: new.period, old: old.unwrap_or(new).calendar.clone(), new: new.calendar.clone() }
    });
    let before = shows(&diff.old.catalog, &was).into_iter().map(|id| {
        let old = &diff.old.catalog.reports[&id];
        Lens { cadence: old.period, old: old.calendar.clone(), new: old.calendar.clone() }
    });
    let calendar = |side: &Side| side.catalog.settings.calendar.clone();
    let none = Lens { cadence: Cadence::Week, old: calendar(&diff.old), new: calendar(&diff.new) };
    let mut lenses: Vec<Lens> = now.collect();
    if lenses.is_empty() {
        lenses.extend(before);
    }
    if lenses.is_empty() {
        lenses.push(none);
    }
    let mut once: Vec<Lens> = Vec::new();
    for lens in lenses {
        if !once.contains(&lens) {
            once.push(lens);
        }
    }
    once
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

impl Diff {
    /// What the KPI that is called `name`, or was last, was called before.
    fn old_name(&self, name: &Name) -> Name {
        self.changes.renames.old_name(Thing::Named(Kind::Kpi), name)
    }
}

impl Effects {
    /// Of those that say something else, how many KPIs have another verdict.
    pub fn flips(&self) -> usize {
        self.kpis.iter().filter(|effect| effect.flips()).map(|effect| &effect.kpi).collect::<BTreeSet<_>>().len()
    }
}
