//! What the folder defines: every named thing with its place and its tree, sections of all files put together.

use super::{databases, kpis, people, reports, scenarios, settings, sources};
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::definitions::{Definitions, Kind};
use crate::catalog::fields::{self, Fields, Table};
use crate::catalog::form::{Form, Named, key};
use crate::catalog::interpolation::{expand, forbid};
use crate::catalog::node::{Entry, Node};
use crate::catalog::scalar::name_flaw;
use crate::catalog::snippet::Spot;
use crate::text::Name;
use std::collections::HashMap;
use std::rc::Rc;

pub(in crate::catalog) static FILE: Table = Table {
    what: "a file",
    keys: &[
        key("settings", "language, time zone, currency, mail: once in the folder", Form::Table(&settings::SETTINGS))
            .placeholders(),
        key(
            "databases",
            "name → where it is and how hard it may be asked",
            Form::Section(&Form::Table(&databases::DATABASE), &databases::NEW),
        )
        .placeholders(),
        key(
            "sources",
            "name → a query over one database",
            Form::Section(&Form::Table(&sources::SOURCE), &sources::NEW),
        ),
        key(
            "kpis",
            "name → a formula, how to read it, and what it should be",
            Form::Section(&Form::Table(&kpis::KPI), &kpis::NEW),
        ),
        key("people", "name → who gets reports", Form::Section(&Form::Table(&people::PERSON), &people::NEW)),
        key(
            "groups",
            "name → list of people",
            Form::Section(&Form::List(&Form::Name(Named::Person)), &people::NEW_GROUP),
        ),
        key(
            "reports",
            "name → which KPIs, when, to whom",
            Form::Section(&Form::Table(&reports::REPORT), &reports::NEW),
        ),
        key(
            "tests",
            "name → rows that sources answer, and what KPIs should be then",
            Form::Section(&Form::Table(&scenarios::SCENARIO), &scenarios::NEW),
        ),
    ],
};

/// One named thing.
pub(super) struct Declared {
    pub name: Name,
    /// Where the name stands.
    pub at: Place,
    pub node: Rc<Node>,
}

/// All things of one kind, in the order of files and lines.
pub(super) struct Section {
    kind: Kind,
    pub list: Vec<Declared>,
    index: HashMap<Name, usize>,
}

pub(super) struct Sections {
    /// Its key and its tree.
    pub settings: Option<Entry>,
    /// Whether these are all that is said of settings, and can be read.
    pub settings_hold: bool,
    pub databases: Section,
    pub sources: Section,
    pub kpis: Section,
    pub people: Section,
    pub groups: Section,
    pub reports: Section,
    pub tests: Section,
}

impl Sections {
    pub fn collect(cx: &Context, trees: &[Rc<Node>]) -> Sections {
        let mut sections = Sections {
            settings: None,
            settings_hold: true,
            databases: Section::new(Kind::Database),
            sources: Section::new(Kind::Source),
            kpis: Section::new(Kind::Kpi),
            people: Section::new(Kind::Person),
            groups: Section::new(Kind::Group),
            reports: Section::new(Kind::Report),
            tests: Section::new(Kind::Test),
        };
        for tree in trees.iter().filter(|tree| !tree.is_null()) {
            let before = cx.errors();
            if let Some(file) = Fields::read(cx, tree, tree.place, &FILE) {
                // What stands below `kpi:` was most likely meant for `kpis:`.
                if cx.errors() > before {
                    cx.broken_at(tree.place);
                }
                sections.add(cx, &file);
            }
        }
        // They may stand in a file that can't be read.
        sections.settings_hold &= sections.settings.is_some() || !cx.has_errors();
        sections
    }

    fn add(&mut self, cx: &Context, file: &Fields) {
        if let Some(entry) = file.entry("settings") {
            let before = cx.errors();
            match &self.settings {
                None => self.settings = Some(Entry { node: replaced(cx, "settings", &entry.node), ..entry.clone() }),
                Some(first) => {
                    let problem = Problem::error("duplicate-name", entry.at, "`settings` stands twice in the folder");
                    cx.report(problem.also(first.at, "first written here").help("keep one of the two"));
                }
            }
            self.settings_hold &= cx.errors() == before;
        }
        let named = [
            ("databases", &mut self.databases),
            ("sources", &mut self.sources),
            ("kpis", &mut self.kpis),
            ("people", &mut self.people),
            ("groups", &mut self.groups),
            ("reports", &mut self.reports),
            ("tests", &mut self.tests),
        ];
        for (key, section) in named {
            section.add(cx, file.entry(key), |node| replaced(cx, key, node));
        }
    }
}

/// What stands below `key`, with `${…}` replaced where that is allowed and reported elsewhere.
fn replaced(cx: &Context, key: &str, node: &Rc<Node>) -> Rc<Node> {
    match FILE.key(key).is_some_and(|key| key.placeholders) {
        true => expand(cx, node),
        false => forbid(cx, node),
    }
}

impl Sections {
    pub fn definitions(&self, cx: &Context) -> Definitions {
        let all = [&self.databases, &self.sources, &self.kpis, &self.people, &self.groups, &self.reports, &self.tests];
        let spots = |section: &&Section| {
            let kind = section.kind;
            section.list.iter().map(move |declared| ((kind, declared.name.clone()), declared.at)).collect::<Vec<_>>()
        };
        Definitions::new(all.iter().flat_map(spots).map(|(key, at)| (key, cx.spot(at))))
    }
}

impl Sections {
    /// Every thing that has a name, and `settings`: from its name to its end.
    pub fn things(&self, cx: &Context) -> Vec<Spot> {
        let all = [&self.databases, &self.sources, &self.kpis, &self.people, &self.groups, &self.reports];
        let declared = all.iter().flat_map(|section| &section.list).map(|declared| (declared.at, declared.node.place));
        let settings = self.settings.iter().map(|entry| (entry.at, entry.node.place));
        // Behind an alias the thing is only its name here.
        let whole = |(at, node): (Place, Place)| {
            if at.is_before(node) { at.at(at.bytes().start..node.bytes().end) } else { at }
        };
        declared.chain(settings).map(|thing| cx.spot(whole(thing))).collect()
    }
}

impl Section {
    fn new(kind: Kind) -> Self {
        Section { kind, list: Vec::new(), index: HashMap::new() }
    }

    /// Adds one file's part. An empty section is as good as none: people comment entries out.
    fn add(&mut self, cx: &Context, entry: Option<&Entry>, prepare: impl Fn(&Rc<Node>) -> Rc<Node>) {
        let Some(entry) = entry.filter(|entry| !entry.node.is_null()) else { return };
        let Some(entries) = fields::map(cx, &entry.node, &format!("`{}`", entry.key)) else { return };
        for entry in entries {
            let name: Name = Name::from(&*entry.key);
            if let Some(flaw) = name_flaw(&name) {
                cx.report(Problem::error(
                    "bad-name",
                    entry.at,
                    format!("the {} name `{name}` {flaw}", self.kind.what()),
                ));
            }
            match self.get(&name) {
                Some(first) => {
                    let problem = Problem::error(
                        "duplicate-name",
                        entry.at,
                        format!("{} `{name}` is defined twice", self.kind.what()),
                    );
                    cx.report(problem.also(first.at, "first defined here").help("rename or remove one of the two"));
                }
                None => {
                    self.index.insert(name.clone(), self.list.len());
                    self.list.push(Declared { name, at: entry.at, node: prepare(&entry.node) });
                }
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&Declared> {
        self.index.get(name).map(|at| &self.list[*at])
    }

    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.list.iter().map(|declared| &*declared.name)
    }

    /// Position in `list`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}
