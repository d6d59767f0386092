//! Finds names that stand for nothing, before anything is rendered: Tera takes an unknown name in a condition for false.
//!
//! What there is says the page that documents it: a table for each thing a template is given, headed by the places where it is found.
//! A name of the template's own (of a loop, a `set`, a component) is followed as far as it is bound to such a place; where that can't
//! be said, any documented name will do, and what is wrong all the same is found when the template is rendered.

use super::scan::{Tag, Token, tags};
use super::trouble::{Trouble, help};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../docs/templates.md");

/// What templates may name.
#[derive(Debug)]
pub(super) struct Known {
    roots: BTreeSet<String>,
    things: Vec<Thing>,
}

/// What has the same fields wherever it is found.
#[derive(Debug)]
struct Thing {
    /// The last one or two names of the paths that lead to it: `rows`, `parts.rows`.
    places: Vec<String>,
    fields: BTreeSet<String>,
}

impl Known {
    /// As documented; `words` are the texts that take no arguments.
    pub fn new(words: impl Iterator<Item = String>) -> Known {
        let mut known = Known::documented(PAGE);
        known.things.push(Thing { places: vec!["words".to_owned()], fields: words.collect() });
        known
    }

    /// Headings `### A row: `rows[]`, `attention[]`` with tables of `| `name` | … |`; the first thing, without a place, is all there is.
    fn documented(page: &str) -> Known {
        let mut known = Known { roots: BTreeSet::new(), things: Vec::new() };
        let chapter = page.split("\n## ").find(|chapter| chapter.starts_with("What a template is given"));
        for section in chapter.unwrap_or_default().split("\n### ").skip(1) {
            let heading = section.lines().next().unwrap_or_default();
            let places: Vec<String> =
                heading.split('`').skip(1).step_by(2).map(|place| place.replace("[]", "")).collect();
            let field = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
            let fields = section.lines().filter_map(field).collect();
            match places.is_empty() {
                true => known.roots = fields,
                false => known.things.push(Thing { places, fields }),
            }
        }
        known
    }

    /// What is found under `name` in something that is found at `places`.
    fn thing(&self, places: &[&str], name: &str) -> Option<&Thing> {
        let at = |place: &str| self.things.iter().find(|thing| thing.places.iter().any(|known| known == place));
        places.iter().find_map(|before| at(&format!("{before}.{name}"))).or_else(|| at(name))
    }

    /// The first name in each of `templates` that stands for nothing.
    pub fn unknown<'t>(&self, templates: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<Trouble> {
        let scanned: Vec<(&str, &str, Vec<Tag>)> = templates.map(|(name, text)| (name, text, tags(text))).collect();
        let mut everywhere = Own::default();
        scanned.iter().for_each(|(_, _, tags)| everywhere.add(self, tags));
        let check = |(name, text, tags): &(&str, &str, Vec<Tag>)| {
            let mut here = Own::default();
            here.add(self, tags);
            let scope = Scope { known: self, everywhere: &everywhere, here: &here };
            let (token, message, help) = tags.iter().find_map(|tag| scope.unknown(tag))?;
            Some(Trouble::at(name, text, token.at, token.text.len(), message).help(help))
        };
        scanned.iter().filter_map(check).collect()
    }
}

/// Names that templates bind themselves: to things where that can be told, to anything (`None`) elsewhere.
#[derive(Debug, Default)]
struct Own<'k> {
    bound: BTreeMap<String, Vec<Option<&'k Thing>>>,
    /// Keys of maps that a template writes.
    keys: BTreeSet<String>,
}

impl<'k> Own<'k> {
    fn add(&mut self, known: &'k Known, tags: &[Tag]) {
        for tag in tags {
            let tokens = &tag.tokens;
            self.keys.extend(tokens.iter().filter_map(|token| token.quoted()).map(str::to_owned));
            match tag.keyword() {
                "set" | "set_global" => self.bind(tokens.get(1), self.path(known, tokens.get(3..).unwrap_or_default())),
                "component" => {
                    tokens.iter().filter(|token| token.is_word()).for_each(|token| self.bind(Some(token), None))
                }
                _ => {}
            }
            // In a tag of its own, and in the list of an expression.
            for (at, _) in tokens.iter().enumerate().filter(|(_, token)| token.text == "for") {
                let rest = &tokens[at + 1..];
                let Some(comes) = rest.iter().position(|token| token.text == "in") else { continue };
                let names: Vec<&Token> = rest[..comes].iter().filter(|token| token.is_word()).collect();
                match names[..] {
                    [item] => self.bind(Some(item), self.path(known, &rest[comes + 1..])),
                    _ => names.into_iter().for_each(|name| self.bind(Some(name), None)),
                }
            }
        }
    }

    /// What a plain path leads to, or each item of the list it leads to.
    fn path(&self, known: &'k Known, path: &[Token]) -> Option<&'k Thing> {
        let plain = |(at, token): (usize, &Token)| if at % 2 == 0 { token.is_word() } else { token.text == "." };
        let names: Vec<&str> = path.iter().step_by(2).map(|token| token.text).collect();
        let (first, rest) = names.split_first().filter(|_| path.iter().enumerate().all(plain))?;
        let begin = match self.bound.get(*first).map(Vec::as_slice) {
            Some([thing]) => *thing,
            Some(_) => None,
            None => known.thing(&[], first),
        };
        let step = |(thing, before): (Option<&'k Thing>, &str), name: &&str| {
            let places: Vec<&str> =
                thing.map_or(vec![before], |thing| thing.places.iter().map(String::as_str).collect());
            known.thing(&places, name)
        };
        rest.iter().fold((begin, *first), |found, name| (step(found, name), name)).0
    }

    fn bind(&mut self, name: Option<&Token>, thing: Option<&'k Thing>) {
        if let Some(name) = name {
            self.bound.entry(name.text.to_owned()).or_default().push(thing);
        }
    }
}

struct Scope<'a> {
    known: &'a Known,
    everywhere: &'a Own<'a>,
    here: &'a Own<'a>,
}

impl Scope<'_> {
    fn unknown<'t>(&self, tag: &Tag<'t>) -> Option<(Token<'t>, String, Option<String>)> {
        const STRUCTURE: [&str; 8] =
            ["block", "endblock", "component", "endcomponent", "extends", "include", "filter", "raw"];
        if STRUCTURE.contains(&tag.keyword()) || tag.tokens.first().is_some_and(|token| token.text == "<") {
            return None;
        }
        let skipped = usize::from(!tag.keyword().is_empty());
        (skipped..tag.tokens.len()).find_map(|at| self.unknown_at(&tag.tokens, at))
    }

    fn unknown_at<'t>(&self, tokens: &[Token<'t>], at: usize) -> Option<(Token<'t>, String, Option<String>)> {
        let token = tokens[at];
        let text = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.text);
        let (before, after) = (text(at.checked_sub(1)), text(Some(at + 1)));
        let is_argument = after == "=" && text(Some(at + 2)) != "=";
        if !token.is_word()
            || matches!(before, "|" | "is" | "@")
            || is_argument
            || after == "("
            || OWN.contains(&token.text)
        {
            return None;
        }
        // Whether there is such a thing is what is asked.
        let asks = |at: usize| {
            let not = usize::from(text(Some(at + 2)) == "not");
            (text(Some(at + 1)) == "is" && text(Some(at + 2 + not)).ends_with("defined"))
                || (text(Some(at + 1)) == "|" && text(Some(at + 2)) == "default")
                || text(Some(at + 1)) == "?"
        };
        if asks(at) || before == "is" || (before == "not" && text(at.checked_sub(2)) == "is") {
            return None;
        }
        let (what, known) = match before {
            "." => ("field", self.fields(tokens, at)?),
            _ => ("variable", self.roots()),
        };
        if known.contains(token.text) {
            return None;
        }
        let help = help(token.text, known.iter().copied());
        Some((token, format!("there is no {what} `{}`", token.text), help))
    }

    fn roots(&self) -> BTreeSet<&str> {
        self.known.roots.iter().chain(self.everywhere.bound.keys()).map(String::as_str).collect()
    }

    /// What may stand behind the `.` before `at`; none where that is anybody's guess.
    fn fields(&self, tokens: &[Token], at: usize) -> Option<BTreeSet<&str>> {
        let parent = tokens.get(at.checked_sub(2)?)?;
        // Those of `loop` Tera knows itself.
        if !parent.is_word() || parent.text == "loop" {
            return None;
        }
        let is_first = at < 3 || tokens[at - 3].text != ".";
        let bound = || self.here.bound.get(parent.text).or_else(|| self.everywhere.bound.get(parent.text));
        let grandparent = at.checked_sub(4).filter(|_| !is_first).map(|at| tokens[at].text);
        let things: Vec<Option<&Thing>> = match is_first.then(bound).flatten() {
            Some(things) => things.clone(),
            None => vec![self.known.thing(grandparent.as_slice(), parent.text)],
        };
        let told: Option<Vec<&Thing>> = things.into_iter().collect();
        let all = || self.known.things.iter().flat_map(|thing| &thing.fields).chain(&self.everywhere.keys);
        Some(match told {
            Some(things) => things.into_iter().flat_map(|thing| &thing.fields).map(String::as_str).collect(),
            None => all().map(String::as_str).collect(),
        })
    }
}

/// Words that are Tera's own.
const OWN: [&str; 17] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "for",
    "true",
    "false",
    "True",
    "False",
    "none",
    "None",
    "loop",
    "body",
    "__tera_context",
];
