//! In which periods a KPI is looked at: as the reports that show it do, in weeks when none does.

use super::Diff;
use crate::calendar::{Cadence, Calendar};
use crate::catalog::Kind;
use crate::change::{Side, Thing};
use crate::report::ReportSpec;
use crate::text::Name;

/// A cadence, and how each side cuts time.
#[derive(Clone, PartialEq)]
pub struct Lens {
    pub cadence: Cadence,
    pub old: Calendar,
    pub new: Calendar,
}

impl Lens {
    /// Every KPI that the change bears on, under each lens that it is looked at through.
    pub fn groups(diff: &Diff) -> Vec<(Lens, Vec<Name>)> {
        let mut groups: Vec<(Lens, Vec<Name>)> = Vec::new();
        for kpi in diff.changes.measurable() {
            for lens in Lens::of(diff, &kpi) {
                match groups.iter_mut().find(|(known, _)| *known == lens) {
                    Some((_, kpis)) if kpis.last() == Some(&kpi) => {}
                    Some((_, kpis)) => kpis.push(kpi.clone()),
                    None => groups.push((lens, vec![kpi.clone()])),
                }
            }
        }
        groups
    }

    /// Of the reports that show `kpi` now; else of those that showed it.
    fn of(diff: &Diff, kpi: &Name) -> Vec<Lens> {
        let was = diff.old_name(kpi);
        let now: Vec<Lens> = reports(&diff.new, kpi).map(|spec| Lens::edited(diff, spec)).collect();
        let mut lenses = if now.is_empty() { reports(&diff.old, &was).map(Lens::last).collect() } else { now };
        if lenses.is_empty() {
            let calendar = |side: &Side| side.catalog.settings.calendar.clone();
            lenses.push(Lens { cadence: Cadence::Week, old: calendar(&diff.old), new: calendar(&diff.new) });
        }
        lenses
    }

    fn edited(diff: &Diff, new: &ReportSpec) -> Lens {
        let was = diff.changes.renames.old_name(Thing::Named(Kind::Report), &new.id);
        let old = diff.old.catalog.reports.get(&was).unwrap_or(new);
        Lens { cadence: new.period, old: old.calendar.clone(), new: new.calendar.clone() }
    }

    fn last(old: &ReportSpec) -> Lens {
        Lens { cadence: old.period, old: old.calendar.clone(), new: old.calendar.clone() }
    }
}

fn reports<'a>(side: &'a Side, kpi: &'a Name) -> impl Iterator<Item = &'a ReportSpec> {
    side.catalog.reports.values().filter(move |spec| spec.kpis().any(|id| id == kpi))
}

impl Diff {
    /// What the KPI that is called `name`, or was last, was called before.
    pub(super) fn old_name(&self, name: &Name) -> Name {
        self.changes.renames.old_name(Thing::Named(Kind::Kpi), name)
    }
}
