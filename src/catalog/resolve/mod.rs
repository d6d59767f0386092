//! Trees → [`Catalog`], a section a file.
//!
//! All names of the folder are collected first, so that the order of files and sections never matters. A thing that is wrong in
//! itself still counts as defined: what refers to it isn't reported as well.

mod address;
mod columns;
mod databases;
mod graph;
mod kpis;
mod labels;
mod mail;
mod names;
mod people;
mod quantities;
mod reports;
mod secret_url;
mod sections;
mod settings;
mod sources;
mod structure;
mod targets;
mod tests;
mod texts;

pub use address::is_address;
pub(super) use sections::FILE;

use super::Catalog;
use super::context::Context;
use super::node::Node;
use super::snippet::Spot;
use crate::text::Name;
use secret_url::secret_url;
use sections::Sections;
use std::collections::HashMap;
use std::rc::Rc;

/// The catalogue, `None` after at least one error was reported; and where each thing that has a name stands, from its name to its
/// end.
pub(super) fn resolve(cx: &Context, trees: &[Rc<Node>], version: Name) -> (Option<Catalog>, Vec<Spot>) {
    let sections = Sections::collect(cx, trees);
    (read(cx, &sections, version), sections.things(cx))
}

fn read(cx: &Context, sections: &Sections, version: Name) -> Option<Catalog> {
    let settings = settings::read(cx, sections);
    let people = people::read(cx, &sections.people, &settings);
    let groups = people::groups(cx, sections, &settings, &people);
    let texts = texts::Texts::new(&settings, &people);
    let engines = databases::read(cx, &sections.databases);
    let (sources, shapes) = sources::read(cx, &sections.sources, &engines, &texts, &settings.calendar.zone);
    let (kpis, tests) = kpis::read(cx, &sections.kpis, &shapes, &texts);
    let recipients = people::Recipients { people: &people, groups: &groups, sections, settings: &settings };
    let reports = reports::read(cx, sections, &recipients, &texts);
    let databases = engines.into_iter().filter_map(|(name, known)| Some((name, known.database?))).collect();
    let by_name: HashMap<_, _> = kpis.iter().enumerate().map(|(at, kpi)| (kpi.id.clone(), at)).collect();
    if cx.has_errors() {
        return None;
    }
    let catalog = Catalog {
        version,
        settings,
        databases,
        sources,
        kpis,
        tests,
        people,
        groups,
        reports,
        definitions: sections.definitions(cx),
        by_name,
    };
    structure::check(cx, sections, &catalog);
    quantities::check(cx, sections, &catalog);
    Some(catalog)
}
