//! What was only renamed: gone under one name and new under another, and otherwise the same.
//!
//! A report says itself what it was (`was:`). Of everything else the same definition is looked for; what stands on others is compared in
//! their new names, so databases come before sources, sources before KPIs, and KPIs are looked through until none is found.

use super::fact::{Sheet, compare};
use super::{Side, Thing, report, sheets};
use crate::catalog::Kind;
use crate::report::ReportSpec;
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
                renames.sections.extend(found.into_iter().map(|(was, is)| ((spec.id.clone(), was), is)));
            }
        }
        renames
    }

    /// The title that a section of the report that was called `report` has now.
    pub(super) fn section<'a>(&'a self, report: &Name, title: &'a str) -> &'a str {
        self.sections.get(&(report.clone(), title.to_owned())).map_or(title, String::as_str)
    }

    /// Sections that hold the same KPIs under another title; titles that stand twice tell nothing.
    fn retitled(&self, old: (&ReportSpec, &Language), new: (&ReportSpec, &Language)) -> Vec<(String, String)> {
        let sections = |(spec, language): (&ReportSpec, &Language), renames: &Renames| {
            let mut all: BTreeMap<String, Vec<BTreeSet<Name>>> = BTreeMap::new();
            for section in &spec.sections {
                let title = report::title(section, language).to_owned();
                all.entry(title).or_default().push(report::kpis(section, renames).collect());
            }
            all
        };
        let (before, after) = (sections(old, self), sections(new, &Renames::default()));
        let once = |(_, kpis): &(&String, &Vec<BTreeSet<Name>>)| kpis.len() == 1;
        let gone = before.iter().filter(once).filter(|(title, _)| !after.contains_key(*title));
        let now = |kpis| {
            let fresh = after.iter().filter(once).filter(|(title, _)| !before.contains_key(*title));
            fresh.filter(|(_, own)| *own == kpis).map(|(title, _)| title.clone()).next()
        };
        gone.filter_map(|(title, kpis)| Some((title.clone(), now(kpis)?))).collect()
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
        let names = |all: &[(Name, Sheet)]| all.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        let (had, has) = (names(&before), names(&after));
        let gone = before.iter().filter(|(was, _)| !has.contains(was) && self.new_name(thing, was) == *was);
        let fresh = after.iter().filter(|(name, _)| !had.contains(name) && self.old_name(thing, name) == *name);
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
