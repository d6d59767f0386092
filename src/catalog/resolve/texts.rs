//! Texts that readers see: one for all, or one per language.

use crate::catalog::context::{Context, Problem};
use crate::catalog::node::{Node, Value};
use crate::catalog::scalar;
use crate::catalog::settings::Settings;
use crate::catalog::warnings;
use crate::report::Person;
use crate::text::{Language, Name, Text, is_language};
use std::collections::{BTreeMap, BTreeSet};

/// Reads texts, and warns where a language that somebody reads is missing.
pub(super) struct Texts {
    fallback: Language,
    read: BTreeSet<Language>,
}

impl Texts {
    /// The languages expected are the installation's and those of the people.
    pub fn new(settings: &Settings, people: &BTreeMap<Name, Person>) -> Self {
        let read = people.values().map(|person| person.language.clone()).chain([settings.language.clone()]);
        Texts { fallback: settings.language.clone(), read: read.collect() }
    }

    /// A text of one line: names and titles end up in subjects and table cells.
    pub fn line(&self, cx: &Context, node: &Node) -> Option<Text> {
        self.read(cx, node, scalar::line)
    }

    /// A text of any length.
    pub fn block(&self, cx: &Context, node: &Node) -> Option<Text> {
        self.read(cx, node, |cx, node| scalar::text(cx, node).map(|text| text.trim_end().to_owned()))
    }

    fn read(&self, cx: &Context, node: &Node, one: impl Fn(&Context, &Node) -> Option<String>) -> Option<Text> {
        let Value::Map(entries) = &node.value else {
            return one(cx, node).map(Text::Same);
        };
        let mut texts = BTreeMap::new();
        for entry in entries {
            if !is_language(&entry.key) {
                let problem = Problem::error("bad-language", entry.at, format!("`{}` is not a language", entry.key));
                cx.report(
                    problem
                        .help("write a text, or one per language: `{ es: …, en: … }`; a text with a comma in quotes"),
                );
            } else if let Some(text) = one(cx, &entry.node) {
                texts.insert(Language::from(&*entry.key), text);
            }
        }
        self.warn_missing(cx, node, &texts);
        if texts.is_empty() { None } else { Some(Text::ByLanguage(texts)) }
    }

    fn warn_missing(&self, cx: &Context, node: &Node, texts: &BTreeMap<Language, String>) {
        let missing: Vec<String> =
            self.read.iter().filter(|l| !texts.contains_key(*l)).map(|l| format!("`{l}`")).collect();
        let Some((shown, _)) = texts.get_key_value(&self.fallback).or(texts.first_key_value()) else { return };
        if missing.is_empty() {
            return;
        }
        let problem =
            Problem::warning(&warnings::MISSING_LANGUAGE, node.place, format!("no text in {}", missing.join(", ")));
        cx.report(problem.help(format!("its readers see the one in `{shown}`")));
    }
}
