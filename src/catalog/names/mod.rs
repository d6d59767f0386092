//! The names that a folder declares, for whoever helps to write more of it: read from the trees of its files, not from a
//! [`Catalog`](super::Catalog), because a folder that is being edited is wrong most of the time.
//!
//! In: a folder. Out: [`Names`], each with a line that says what it is. Of a file that isn't YAML each thing that is counts.
//! Deliberately absent: problems; `kpid check` tells them.

mod pieces;

use super::context::Context;
use super::diagnostic::Problems;
use super::form::Named;
use super::node::{Node, Value};
use super::scalar::name_flaw;
use super::snippet::File;
use super::{files, yaml};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Names → what they are, as far as the folder says it; empty otherwise.
type Known = BTreeMap<String, String>;

/// The names of a folder, by what refers to them.
#[derive(Debug, Default)]
pub struct Names {
    databases: Known,
    sources: Known,
    kpis: Known,
    /// `source.measure`
    measures: Known,
    dimensions: Known,
    /// Measures and dimensions by their own names.
    columns: Known,
    people: Known,
    groups: Known,
    languages: Known,
}

/// The names declared in `folder`, whatever else is wrong with it.
///
/// # Errors
/// There is no file to read.
pub fn names(folder: &Path) -> Result<Names, Problems> {
    let (files, unreadable) = files::read(folder);
    if files.is_empty() {
        return Err(Problems::new(folder.display().to_string(), unreadable));
    }
    let cx = context(files.into_iter().flat_map(readable).collect());
    let languages = files::languages(folder);
    let trees: Vec<Rc<Node>> = (0..cx.files()).filter_map(|file| yaml::parse_what_is_there(&cx, file)).collect();
    let mut reader = Reader { trees: &trees, language: String::new(), names: Names::default() };
    reader.names.languages = languages.into_iter().map(|language| (language, String::new())).collect();
    reader.read();
    Ok(reader.names)
}

fn context(files: Vec<Arc<File>>) -> Context<'static> {
    Context::new(String::new(), files, BTreeSet::new(), &|_| None, Vec::new())
}

/// The file, or its pieces if it isn't YAML.
fn readable(file: Arc<File>) -> Vec<Arc<File>> {
    let cx = context(vec![Arc::clone(&file)]);
    if yaml::parse(&cx, 0).is_some() {
        return vec![file];
    }
    pieces::pieces(&file.text).into_iter().map(|piece| Arc::new(File::new(file.name.clone(), piece))).collect()
}

impl Names {
    /// What can be written where such a name is expected, and what each of them is.
    pub(super) fn of(&self, named: Named) -> Vec<(&str, &str)> {
        let kinds: &[&Known] = match named {
            Named::Database => &[&self.databases],
            Named::Source => &[&self.sources],
            Named::Kpi => &[&self.kpis],
            Named::Person => &[&self.people],
            Named::Recipient => &[&self.people, &self.groups],
            Named::Dimension => &[&self.dimensions],
            Named::Column => &[&self.columns],
            Named::Input => &[&self.measures, &self.kpis],
            Named::Language => &[&self.languages],
        };
        kinds.iter().flat_map(|known| known.iter()).map(|(name, about)| (&**name, &**about)).collect()
    }
}

struct Reader<'a> {
    trees: &'a [Rc<Node>],
    /// The installation's own.
    language: String,
    names: Names,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let language = self.trees.iter().find_map(|tree| text(at(at(tree, "settings")?, "language")?));
        self.language = language.unwrap_or("en").to_owned();
        self.names.sources = self.section("sources").map(|(name, _)| (name.to_owned(), String::new())).collect();
        self.names.databases = self.section("databases").map(|(name, _)| (name.to_owned(), String::new())).collect();
        self.names.kpis = self.section("kpis").map(|(name, kpi)| (name.to_owned(), self.about(kpi))).collect();
        self.names.people = self.section("people").map(|(name, person)| (name.to_owned(), called(person))).collect();
        self.names.groups = self.section("groups").map(|(name, group)| (name.to_owned(), listed(group))).collect();
        for (name, source) in self.section("sources") {
            self.source(name, source);
        }
    }

    /// The things of one section in all files.
    fn section(&self, key: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        let sections = self.trees.iter().filter_map(move |tree| at(tree, key));
        sections.flat_map(entries).filter(|(name, _)| name_flaw(name).is_none())
    }

    fn source(&mut self, name: &str, source: &'a Node) {
        self.names.sources.insert(name.to_owned(), self.about(source));
        let label = |column: &str| at(source, "labels").and_then(|labels| at(labels, column));
        let about = |column: &str| label(column).map(|label| self.shown(label)).unwrap_or_default();
        let measures: Vec<_> = columns(source, "measures").map(|column| (column, about(column))).collect();
        let dimensions: Vec<_> = columns(source, "dimensions").map(|column| (column, about(column))).collect();
        for (column, about) in measures {
            self.names.measures.insert(format!("{name}.{column}"), about.clone());
            self.names.columns.insert(column.to_owned(), about);
        }
        for (column, about) in dimensions {
            self.names.dimensions.insert(column.to_owned(), about.clone());
            self.names.columns.insert(column.to_owned(), about);
        }
    }

    /// `Cost per lead: marketing spend per lead`
    fn about(&self, thing: &Node) -> String {
        let said = ["name", "description"].into_iter().filter_map(|key| Some(self.shown(at(thing, key)?)));
        said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ")
    }

    /// The first line of a text, in the installation's language where there are several.
    fn shown(&self, node: &Node) -> String {
        let own = at(node, &self.language).or_else(|| entries(node).next().map(|(_, text)| text)).unwrap_or(node);
        text(own).and_then(|text| text.lines().next()).unwrap_or_default().to_owned()
    }
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.value {
        Value::Map(entries) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().map(|entry| (&*entry.key, &*entry.node))
}

fn items(node: &Node) -> impl Iterator<Item = &Node> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => &[],
    };
    items.iter().map(|item| &**item)
}

fn at<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    entries(node).find(|(name, _)| *name == key).map(|(_, node)| node)
}

fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => Some(text),
        _ => None,
    }
}

/// The columns of a list, or of a mapping column → aggregate.
fn columns<'n>(source: &'n Node, key: &str) -> impl Iterator<Item = &'n str> {
    let node = at(source, key);
    let listed = node.into_iter().flat_map(items).filter_map(text);
    let named = node.into_iter().flat_map(entries).map(|(name, _)| name);
    listed.chain(named).filter(|name| name_flaw(name).is_none())
}

/// What a person is called.
fn called(person: &Node) -> String {
    ["name", "email"].into_iter().filter_map(|key| text(at(person, key)?)).collect::<Vec<_>>().join(", ")
}

/// Who is in a group.
fn listed(group: &Node) -> String {
    items(group).filter_map(text).collect::<Vec<_>>().join(", ")
}
