//! Two catalogues → what is different, by meaning: comments, order of files and formatting are none of it.
//!
//! Everything that has a name is described as a sheet of [`Fact`](fact::Fact)s in words ([`kpi`], [`report`], [`source`], [`settings`]), and
//! two sheets are compared line by line. What was renamed is found first ([`renames`]), so that a formula that names it is still the
//! same one. Last comes what a change bears on: the KPIs whose numbers may move although nobody touched them ([`lineage`]).
//!
//! Secrets are compared and never shown. Deliberately absent: databases (what numbers do is measured by whoever asks) and the tests of KPIs.

mod fact;
mod kpi;
mod lineage;
mod renames;
mod report;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod url;

pub use fact::{Bears, Field};
pub use lineage::Affected;
pub use renames::Renames;

use crate::catalog::{Catalog, Kind};
use crate::render::Format;
use crate::text::{Language, Name, harmless};
use fact::{Sheet, compare};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One of two installations.
#[derive(Debug)]
pub struct Side {
    pub catalog: Catalog,
    /// Path below the folder of templates → content.
    pub templates: BTreeMap<String, Vec<u8>>,
    /// How its targets are written.
    pub format: Format,
}

impl Side {
    fn language(&self) -> &Language {
        &self.catalog.settings.language
    }
}

/// What can be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Named(Kind),
    Settings,
    Template,
}

impl Thing {
    /// In the singular, as messages say it.
    pub fn what(self) -> &'static str {
        match self {
            Thing::Named(kind) => kind.what(),
            Thing::Settings => "settings",
            Thing::Template => "template",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Added,
    Removed,
    /// Other fields may have changed as well.
    Renamed,
    Changed,
}

impl How {
    pub fn as_str(self) -> &'static str {
        match self {
            How::Added => "added",
            How::Removed => "removed",
            How::Renamed => "renamed",
            How::Changed => "changed",
        }
    }
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub thing: Thing,
    /// Its name now, or the last that it had.
    pub name: Name,
    pub how: How,
    /// What it was called, of what was renamed.
    pub was: Option<Name>,
    /// All of them where it was added, none where it was removed.
    pub fields: Vec<Field>,
}

/// All that is different.
#[derive(Debug, Default)]
pub struct Changes {
    /// KPIs first, then what readers see, then where numbers come from.
    pub list: Vec<Change>,
    /// KPIs that nobody edited and whose numbers or verdicts may be others.
    pub affected: Vec<Affected>,
    pub renames: Renames,
}

impl Changes {
    /// What turns `old` into `new`; fire times are those after `now`.
    pub fn between(old: &Side, new: &Side, now: Timestamp) -> Changes {
        let renames = Renames::find(old, new, now);
        let pairs = Thing::ALL.into_iter().flat_map(|thing| {
            let (before, after) = (sheets(thing, old, Some(&renames), now), sheets(thing, new, None, now));
            changes(thing, before, after, &renames)
        });
        let mut list: Vec<Change> = pairs.collect();
        list.extend(templates(old, new));
        let affected = lineage::affected(&new.catalog, &list);
        Changes { list, affected, renames }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The changes of `kind`.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.list.iter().filter(move |change| change.thing == Thing::Named(kind))
    }

    /// The KPIs whose numbers or verdicts may be others: by the names that they have now, or had last.
    pub fn measurable(&self) -> Vec<Name> {
        let edited = self.of(Kind::Kpi).filter(|change| change.bears() > Bears::Words).map(|change| &change.name);
        edited.chain(self.affected.iter().map(|affected| &affected.kpi)).cloned().collect()
    }
}

impl Change {
    /// Of which there is one only, without a name of its own.
    pub fn is_settings(&self) -> bool {
        self.thing == Thing::Settings
    }

    /// The most that it decides.
    pub fn bears(&self) -> Bears {
        match self.how {
            How::Added | How::Removed => Bears::Number,
            _ => self.fields.iter().map(|field| field.bears).max().unwrap_or(Bears::Words),
        }
    }
}

impl Thing {
    /// All but tests, and templates, whose content nobody can say in facts.
    const ALL: [Thing; 7] = [
        Thing::Named(Kind::Kpi),
        Thing::Named(Kind::Report),
        Thing::Named(Kind::Person),
        Thing::Named(Kind::Group),
        Thing::Named(Kind::Source),
        Thing::Named(Kind::Database),
        Thing::Settings,
    ];
}

/// Every thing of that sort, described; the old ones, of which there are `renames`, in the names of the new.
fn sheets(thing: Thing, side: &Side, renames: Option<&Renames>, now: Timestamp) -> Vec<(Name, Sheet)> {
    let none = Renames::default();
    let renames = renames.unwrap_or(&none);
    let catalog = &side.catalog;
    match thing {
        Thing::Named(Kind::Kpi) => {
            catalog.kpis.iter().map(|kpi| (kpi.id.clone(), kpi::facts(kpi, &side.format, renames))).collect()
        }
        Thing::Named(Kind::Report) => {
            let facts = |spec| report::facts(spec, side.language(), renames, now);
            catalog.reports.iter().map(|(id, spec)| (id.clone(), facts(spec))).collect()
        }
        Thing::Named(Kind::Person) => {
            catalog.people.iter().map(|(id, person)| (id.clone(), report::person(person))).collect()
        }
        Thing::Named(Kind::Group) => {
            catalog.groups.iter().map(|(id, members)| (id.clone(), report::group(members))).collect()
        }
        Thing::Named(Kind::Source) => {
            catalog.sources.iter().map(|(id, source)| (id.clone(), source::source(source, renames))).collect()
        }
        Thing::Named(Kind::Database) => {
            catalog.databases.iter().map(|(id, database)| (id.clone(), source::database(database))).collect()
        }
        Thing::Settings => vec![("settings".into(), settings::facts(&catalog.settings))],
        // Tests say what the catalogue should do, and do nothing themselves.
        Thing::Named(Kind::Test) | Thing::Template => Vec::new(),
    }
}

/// What is different among the things of one sort: in the order of the new ones, those that went last.
fn changes(thing: Thing, old: Vec<(Name, Sheet)>, new: Vec<(Name, Sheet)>, renames: &Renames) -> Vec<Change> {
    let mut old: BTreeMap<Name, (Name, Sheet)> =
        old.into_iter().map(|(name, sheet)| (renames.new_name(thing, &name), (name, sheet))).collect();
    let mut list = Vec::new();
    for (name, sheet) in new {
        let (how, was, before) = match old.remove(&name) {
            None => (How::Added, None, Sheet::default()),
            Some((was, before)) if was == name => (How::Changed, None, before),
            Some((was, before)) => (How::Renamed, Some(was), before),
        };
        let fields = compare(&before, &sheet);
        if how != How::Changed || !fields.is_empty() {
            list.push(Change { thing, name, how, was, fields });
        }
    }
    let gone = |(name, _): (Name, Sheet)| Change { thing, name, how: How::Removed, was: None, fields: Vec::new() };
    list.extend(old.into_values().map(gone));
    list
}

/// Which files of templates and texts are others.
fn templates(old: &Side, new: &Side) -> Vec<Change> {
    let (old, new) = (&old.templates, &new.templates);
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let change = |name: &String| {
        let how = match (old.get(name), new.get(name)) {
            (Some(before), Some(after)) if before == after => return None,
            (Some(_), Some(_)) => How::Changed,
            (None, _) => How::Added,
            (_, None) => How::Removed,
        };
        Some(Change { thing: Thing::Template, name: harmless(name.into()).into(), how, was: None, fields: Vec::new() })
    };
    names.into_iter().filter_map(change).collect()
}
