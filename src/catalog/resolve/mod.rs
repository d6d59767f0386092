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
mod reports;
mod scenarios;
mod secret_url;
mod sections;
mod settings;
mod sources;
mod targets;
mod tests;
mod texts;

pub use address::is_address;
pub(super) use sections::FILE;

use super::Catalog;
use super::context::Context;
use super::node::Node;
use crate::text::Name;
use secret_url::secret_url;
use sections::Sections;
use std::collections::HashMap;
use std::rc::Rc;

/// `None` after at least one error was reported.
pub(super) fn resolve(cx: &Context, trees: &[Rc<Node>], version: Name) -> Option<Catalog> {
    let sections = Sections::collect(cx, trees);
    let settings = settings::read(cx, &sections);
    let people = people::read(cx, &sections.people, &settings);
    let groups = people::groups(cx, &sections, &settings, &people);
    let texts = texts::Texts::new(&settings, &people);
    let engines = databases::read(cx, &sections.databases);
    let (sources, shapes) = sources::read(cx, &sections.sources, &engines, &texts, &settings.calendar.zone);
    let (kpis, tests) = kpis::read(cx, &sections.kpis, &shapes, &texts);
    let known = scenarios::Known { kpis: &kpis, sources: &sources, engines: &engines, shapes: &shapes };
    let scenarios = scenarios::read(cx, &sections, &known, &settings.calendar);
    let recipients = people::Recipients { people: &people, groups: &groups, sections: &sections, settings: &settings };
    let reports = reports::read(cx, &sections, &recipients, &texts);
    let databases = engines.into_iter().filter_map(|(name, known)| Some((name, known.database?))).collect();
    let by_name: HashMap<_, _> = kpis.iter().enumerate().map(|(at, kpi)| (kpi.id.clone(), at)).collect();
    (!cx.has_errors()).then_some(Catalog {
        version,
        settings,
        databases,
        sources,
        kpis,
        tests,
        scenarios,
        people,
        groups,
        reports,
        definitions: sections.definitions(cx),
        by_name,
    })
}
