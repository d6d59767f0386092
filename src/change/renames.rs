//! What was only renamed: gone under one name and new under another, and otherwise the same.
//!
//! A report says itself what it was (`was:`). Of everything else the same definition is looked for; what stands on others is compared in
//! their new names, so databases come before sources, sources before KPIs, and KPIs are looked through until none is found.

use super::fact::{Sheet, compare};
use super::{Side, Thing, report, sheets};
use crate::catalog::Kind;
use crate::report::{ReportSpec, Section};
use crate::text::{Language, Name};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Old name → new name.
#[derive(Debug, Default)]
pub struct Renames {
    names: BTreeMap<(Thing, Name), Name>,
    /// Report as it was called, and the old title of a section → the new title.
    sections: BTreeMap<(Name, String), String>,
}

/// What a definition is not: how it is called and who minds it.
const WORDS: [&str; 5] = ["name", "description", "owner", "tags", "label"];

impl Renames {
    pub(super) fn find(old: &Side, new: &Side, now: Timestamp) -> Renames {
        let mut renames = Renames::default();
        for spec in new.catalog.reports.values() {
            let was = spec.was.as_ref().filter(|was| !new.catalog.reports.contains_key(*was));
            if let Some(was) = was.filter(|was| old.catalog.reports.contains_key(*was))
                && !old.catalog.reports.contains_key(&spec.id)
            {
                renames.names.insert((Thing::Named(Kind::Report), was.clone()), spec.id.clone());
            }
        }
        for kind in [Kind::Person, Kind::Group, Kind::Database, Kind::Source, Kind::Kpi] {
            while renames.find_more(Thing::Named(kind), old, new, now) {}
        }
        for spec in old.catalog.reports.values() {
            let name = renames.new_name(Thing::Named(Kind::Report), &spec.id);
            if let Some(now) = new.catalog.reports.get(&name) {
                let found = renames.retitled((spec, old.language()), (now, new.language()));
                renames.sections.extend(found.map(|(was, is)| ((spec.id.clone(), was), is)).collect::<Vec<_>>());
            }
        }
        renames
    }

    /// The title that a section of the report that was called `report` has now.
    pub(super) fn section<'a>(&'a self, report: &Name, title: &'a str) -> &'a str {
        self.sections.get(&(report.clone(), title.to_owned())).map_or(title, String::as_str)
    }

    /// Sections that hold the same KPIs under another title.
    fn retitled(
        &self,
        (old, spoke): (&ReportSpec, &Language),
        (new, speaks): (&ReportSpec, &Language),
    ) -> impl Iterator<Item = (String, String)> {
        let titles = |spec: &ReportSpec, language| -> Vec<String> {
            spec.sections.iter().map(|section| report::title(section, language).to_owned()).collect()
        };
        let (before, after) = (titles(old, spoke), titles(new, speaks));
        old.sections
            .iter()
            .zip(before.clone())
            .filter(|(_, title)| !after.contains(title))
            .filter_map(|(section, was)| {
                let kpis: BTreeSet<Name> = report::kpis(section, self).collect();
                let same = |other: &&Section| other.kpis.iter().cloned().collect::<BTreeSet<_>>() == kpis;
                let is = report::title(new.sections.iter().find(same)?, speaks).to_owned();
                (!before.contains(&is)).then_some((was, is))
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The name that what was called `old` has now.
    pub fn new_name(&self, thing: Thing, old: &Name) -> Name {
        self.names.get(&(thing, old.clone())).unwrap_or(old).clone()
    }

    /// The name that what is called `new` had.
    pub fn old_name(&self, thing: Thing, new: &Name) -> Name {
        let known = self.names.iter().find(|((of, _), name)| *of == thing && *name == new);
        known.map_or(new, |((_, was), _)| was).clone()
    }

    /// Whether something was found that was not known.
    fn find_more(&mut self, thing: Thing, old: &Side, new: &Side, now: Timestamp) -> bool {
        let (before, after) = (sheets(thing, old, Some(self), now), sheets(thing, new, None, now));
        let has = |all: &[(Name, Sheet)], name: &Name| all.iter().any(|(known, _)| known == name);
        let gone = before.iter().filter(|(was, _)| !has(&after, was) && self.new_name(thing, was) == *was);
        let fresh = after.iter().filter(|(name, _)| !has(&before, name) && self.old_name(thing, name) == *name);
        let mut gone: Vec<_> = gone.collect();
        let mut found = Vec::new();
        for (name, sheet) in fresh {
            let alike = gone.iter().enumerate().filter_map(|(at, (_, before))| Some((unlike(before, sheet)?, at)));
            if let Some((_, at)) = alike.min() {
                found.push(((thing, gone.remove(at).0.clone()), name.clone()));
            }
        }
        let any = !found.is_empty();
        self.names.extend(found);
        any
    }
}

/// How many words about the two differ; `None` when they are not the same thing.
fn unlike(old: &Sheet, new: &Sheet) -> Option<usize> {
    let fields = compare(old, new);
    fields.iter().all(|field| WORDS.contains(&field.what)).then_some(fields.len())
}
