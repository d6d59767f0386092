//! `people:` and `groups:`, and who a list of recipients means.

use super::address::{ADDRESS, email};
use super::mail::allowed;
use super::sections::{Section, Sections};
use super::settings::{LOCALE, language, locale};
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::fields::{Fields, Table, items};
use crate::catalog::form::{Form, Named, Snippet, key, required};
use crate::catalog::node::Node;
use crate::catalog::scalar::line;
use crate::catalog::settings::Settings;
use crate::catalog::warnings;
use crate::report::Person;
use crate::text::Name;
use crate::text::cldr::default_locale;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) static PERSON: Table = Table {
    what: "a person",
    keys: &[
        key("name", "as the mail greets them", Form::Text).examples(&["Ana Ruiz"]),
        required("email", "where reports go", Form::Pattern(&ADDRESS)).examples(&["ana@example.com"]),
        key("language", "`es`, `en`, …; the installation's by default", Form::Name(Named::Language)),
        key(
            "locale",
            "`es-ES`, `en-GB`, …; by default the installation's, or that of another language",
            Form::Pattern(&LOCALE),
        )
        .examples(&["es-ES", "en-GB"]),
    ],
};

pub(super) static NEW: Snippet = Snippet {
    what: "a new person",
    body: r#"
"${1:ana}":
  name: "${2:Ana Ruiz}"
  email: "${3:ana@example.com}"
"#,
};

pub(super) static NEW_GROUP: Snippet =
    Snippet { what: "a new group", body: r#""${1:board}": ["${2:ana}", "${3:chair@example.com}"]"# };

pub(super) fn read(cx: &Context, section: &Section, settings: &Settings) -> BTreeMap<Name, Person> {
    let mut people = BTreeMap::new();
    let mut addresses: HashMap<String, (Name, Place)> = HashMap::new();
    for declared in &section.list {
        let Some(fields) = Fields::read(cx, &declared.node, declared.at, &PERSON) else { continue };
        let place = fields.entry("email").map_or(declared.at, |entry| entry.node.place);
        let Some(person) = read_person(&fields, settings) else { continue };
        allowed(cx, settings, &person.email, place);
        if let Some((other, first)) = addresses.get(&person.email.to_lowercase()) {
            let message = format!("`{}` has the address of `{other}`", declared.name);
            let problem =
                Problem::warning(&warnings::DUPLICATE_ADDRESS, place, message).also(*first, "first written here");
            cx.report(problem.help("a report to both goes there once"));
        } else {
            addresses.insert(person.email.to_lowercase(), (declared.name.clone(), place));
        }
        people.insert(declared.name.clone(), person);
    }
    people
}

fn read_person(fields: &Fields, settings: &Settings) -> Option<Person> {
    let name = fields.optional("name", line);
    let own_language = fields.optional("language", language);
    let own_locale = fields.optional("locale", locale);
    let email = fields.required("email", email)?;
    let language = own_language.unwrap_or_else(|| settings.language.clone());
    let same = language == settings.language;
    let locale =
        own_locale.unwrap_or_else(|| if same { settings.locale.clone() } else { default_locale(&language).into() });
    Some(Person { name, email, language, locale })
}

/// Each group's people. A person and a group may not share a name: `to:` would not know which is meant.
pub(super) fn groups(
    cx: &Context,
    sections: &Sections,
    settings: &Settings,
    people: &BTreeMap<Name, Person>,
) -> BTreeMap<Name, Vec<Person>> {
    let none = BTreeMap::new();
    let recipients = Recipients { people, groups: &none, sections, settings };
    let mut groups = BTreeMap::new();
    for declared in &sections.groups.list {
        if let Some(person) = sections.people.get(&declared.name) {
            let message = format!("`{}` is a person and a group", declared.name);
            let problem = Problem::error("duplicate-name", declared.at, message).also(person.at, "the person");
            cx.report(problem.help("rename one of the two"));
        }
        if let Some(members) = recipients.read(cx, &declared.node, Wanted::Person) {
            groups.insert(declared.name.clone(), members);
        }
    }
    groups
}

/// What recipients may be named by.
pub(super) struct Recipients<'a> {
    pub people: &'a BTreeMap<Name, Person>,
    pub groups: &'a BTreeMap<Name, Vec<Person>>,
    pub sections: &'a Sections,
    pub settings: &'a Settings,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    /// In a group.
    Person,
    /// In a report.
    PersonOrGroup,
}

impl Recipients<'_> {
    /// A list of names and addresses → people, every address once.
    pub fn read(&self, cx: &Context, node: &Node, wanted: Wanted) -> Option<Vec<Person>> {
        let list = items(cx, node, "people or e-mail addresses")?;
        if list.is_empty() {
            return cx.refuse(Problem::error("empty-list", node.place, "nobody is listed here"));
        }
        let mut seen = HashSet::new();
        let found: Vec<Person> = list.iter().flat_map(|item| self.one(cx, item, wanted)).collect();
        Some(found.into_iter().filter(|person| seen.insert(person.email.to_lowercase())).collect())
    }

    fn one(&self, cx: &Context, node: &Node, wanted: Wanted) -> Vec<Person> {
        let Some(text) = line(cx, node) else { return Vec::new() };
        if text.contains('@') {
            return email(cx, node).map(|address| self.address(cx, node, address)).into_iter().collect();
        }
        let is_group = self.sections.groups.get(&text).is_some();
        if wanted == Wanted::PersonOrGroup && is_group {
            return self.groups.get(&*text).cloned().unwrap_or_default();
        }
        if self.sections.people.get(&text).is_none() {
            self.unknown(cx, node, &text, wanted, is_group);
        }
        self.people.get(&*text).cloned().into_iter().collect()
    }

    /// Somebody known by address only: a person of that address if there is one, else with the installation's language.
    fn address(&self, cx: &Context, node: &Node, email: String) -> Person {
        allowed(cx, self.settings, &email, node.place);
        let known = self.people.values().find(|person| person.email.eq_ignore_ascii_case(&email));
        known.cloned().unwrap_or_else(|| Person {
            name: None,
            email,
            language: self.settings.language.clone(),
            locale: self.settings.locale.clone(),
        })
    }

    fn unknown(&self, cx: &Context, node: &Node, text: &str, wanted: Wanted, is_group: bool) {
        let people = self.sections.people.names();
        if wanted == Wanted::PersonOrGroup {
            let known = people.chain(self.sections.groups.names());
            let what = "person or group";
            return cx.unknown(Unknown { what, name: text, of: None, place: node.place, help: None }, known);
        }
        let help = is_group.then(|| format!("`{text}` is a group; a group holds people and addresses"));
        cx.unknown(Unknown { what: "person", name: text, of: None, place: node.place, help }, people);
    }
}
