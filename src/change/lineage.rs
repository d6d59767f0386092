//! From what changed to the KPIs that stand on it.

use super::{Bears, Change, Field, Thing};
use crate::catalog::{Catalog, Kind};
use crate::formula::{Formula, Reference};
use crate::measure::{Goal, Kpi};
use crate::text::Name;
use std::collections::{BTreeSet, HashMap};

/// A KPI that nobody edited, or in words only, and whose number or verdict may be another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    pub kpi: Name,
    /// What changed below it, in words: `source spend`, `KPI leads`.
    pub through: BTreeSet<String>,
}

/// In the order of the YAML.
pub(super) fn affected(new: &Catalog, changes: &[Change]) -> Vec<Affected> {
    let edited: BTreeSet<&Name> = changes
        .iter()
        .filter(|change| change.thing == Thing::Named(Kind::Kpi) && change.bears() > Bears::Words)
        .map(|change| &change.name)
        .collect();
    let mut below = Below { catalog: new, causes: causes(changes), known: HashMap::new() };
    let everywhere = everywhere(changes);
    let rezoned = if everywhere.is_empty() { rezoned(new, changes) } else { HashMap::new() };
    let mut all = Vec::new();
    for kpi in new.kpis.iter().filter(|kpi| !edited.contains(&kpi.id)) {
        let mut through = everywhere.clone();
        through.extend(below.judged(kpi));
        through.extend(rezoned.get(&kpi.id).into_iter().flatten().cloned());
        if !through.is_empty() {
            all.push(Affected { kpi: kpi.id.clone(), through });
        }
    }
    all
}

/// What decides where periods begin decides every number.
fn everywhere(changes: &[Change]) -> BTreeSet<String> {
    let settings = changes.iter().filter(|change| change.thing == Thing::Settings).flat_map(|change| &change.fields);
    settings.filter(|field| field.bears == Bears::Number).map(|field| format!("settings {}", field.what)).collect()
}

/// KPI → the reports that show it and now cut time in another way.
fn rezoned(new: &Catalog, changes: &[Change]) -> HashMap<Name, Vec<String>> {
    let mut by_kpi: HashMap<Name, Vec<String>> = HashMap::new();
    let both = |field: &Field| field.old.is_some() && field.new.is_some() && field.bears == Bears::Number;
    let reports = changes.iter().filter(|change| change.thing == Thing::Named(Kind::Report));
    for change in reports.filter(|change| change.fields.iter().any(both)) {
        for kpi in new.reports.get(&change.name).into_iter().flat_map(|spec| spec.kpis()) {
            by_kpi.entry(kpi.clone()).or_default().push(format!("timezone of report {}", change.name));
        }
    }
    by_kpi
}

/// The KPIs, sources, measures and databases that give other numbers, each in words.
fn causes(changes: &[Change]) -> HashMap<Cause, String> {
    let mut causes = HashMap::new();
    for change in changes {
        let said = format!("{} {}", change.thing.what(), change.name);
        for field in change.fields.iter().filter(|field| field.bears == Bears::Number) {
            let name = change.name.clone();
            let cause = match (change.thing, field.what, &field.item) {
                (Thing::Named(Kind::Kpi), ..) => Cause::Kpi(name),
                (Thing::Named(Kind::Source), "measure", Some(measure)) => Cause::Measure(name, measure.as_str().into()),
                (Thing::Named(Kind::Source), ..) => Cause::Source(name),
                (Thing::Named(Kind::Database), ..) => Cause::Database(name),
                _ => continue,
            };
            causes.insert(cause, said.clone());
        }
    }
    causes
}

#[derive(PartialEq, Eq, Hash)]
enum Cause {
    Kpi(Name),
    Source(Name),
    Measure(Name, Name),
    Database(Name),
}

/// What a KPI stands on, each looked through once: chains are at most 64 deep, but a ladder would be exponential.
struct Below<'a> {
    catalog: &'a Catalog,
    causes: HashMap<Cause, String>,
    known: HashMap<Name, BTreeSet<String>>,
}

impl Below<'_> {
    /// The causes below the number of `kpi`, its target and its sample.
    fn judged(&mut self, kpi: &Kpi) -> BTreeSet<String> {
        let goal = match kpi.target.as_ref().map(|target| &target.goal) {
            Some(Goal::Formula(formula)) => Some(formula),
            _ => None,
        };
        let sample = kpi.at_least.as_ref().map(|at_least| &at_least.of);
        [Some(&kpi.formula), goal, sample].into_iter().flatten().flat_map(|formula| self.formula(formula)).collect()
    }

    fn formula(&mut self, formula: &Formula) -> BTreeSet<String> {
        formula.inputs().iter().flat_map(|input| self.reference(&input.reference)).collect()
    }

    fn reference(&mut self, reference: &Reference) -> BTreeSet<String> {
        match reference {
            Reference::Measure { source, measure } => {
                let database = self.catalog.sources[source].database.clone();
                let causes = [
                    Cause::Source(source.clone()),
                    Cause::Measure(source.clone(), measure.clone()),
                    Cause::Database(database),
                ];
                causes.iter().filter_map(|cause| self.causes.get(cause).cloned()).collect()
            }
            Reference::Kpi(name) => {
                if let Some(known) = self.known.get(name) {
                    return known.clone();
                }
                let kpi = self.catalog.kpi(name).expect("the catalogue resolved every name").clone();
                let mut through = self.formula(&kpi.formula);
                through.extend(self.causes.get(&Cause::Kpi(name.clone())).cloned());
                self.known.insert(name.clone(), through.clone());
                through
            }
        }
    }
}
