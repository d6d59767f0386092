//! Reading a mapping whose keys are known: unknown keys, missing keys and wrong shapes are reported, each at its place.
//!
//! A [`Table`] says which keys one kind of thing has and which of them it needs; a value is read by the function that its user gives.
//! Every reader gives `None` after reporting, so `None` means "absent or already reported".

use super::context::{Context, Place, Problem};
pub(super) use super::form::Table;
use super::node::{Entry, Node, Value};
use std::rc::Rc;

/// One mapping, checked against its table.
pub(super) struct Fields<'a> {
    cx: &'a Context<'a>,
    /// Where the mapping itself stands.
    pub place: Place,
    entries: &'a [Entry],
    table: &'static Table,
}

impl<'a> Fields<'a> {
    /// `at` is where to point when keys are missing: usually the name of the thing.
    pub fn read(cx: &'a Context<'a>, node: &'a Node, at: Place, table: &'static Table) -> Option<Self> {
        let entries = map(cx, node, table.what)?;
        let fields = Fields { cx, place: at, entries, table };
        for entry in entries.iter().filter(|entry| table.key(&entry.key).is_none()) {
            fields.unknown_key(entry);
        }
        Some(fields)
    }

    fn unknown_key(&self, entry: &Entry) {
        let names = || self.table.names();
        let problem =
            Problem::error("unknown-key", entry.at, format!("unknown key `{}` in {}", entry.key, self.table.what));
        let help = match is_cut_off(&entry.key) {
            true => COMMA.to_owned(),
            false => format!("{} has the keys {}", self.table.what, list(names())),
        };
        self.cx.report(problem.did_you_mean(self.cx.near(&entry.key, names())).help(help));
    }

    /// Whether the key is written, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    pub fn entry(&self, key: &str) -> Option<&'a Entry> {
        debug_assert!(self.table.key(key).is_some(), "`{key}` is missing from the table of {}", self.table.what);
        self.entries.iter().find(|entry| &*entry.key == key)
    }

    /// Where the key stands; the mapping itself if it isn't written.
    pub fn key_place(&self, key: &str) -> Place {
        self.entry(key).map_or(self.place, |entry| entry.at)
    }

    /// The value of a key, if it is written; a key without a value is an error.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entry(key)?;
        if entry.node.is_null() {
            let problem = Problem::error("no-value", entry.at, format!("`{key}` has no value"));
            // `&Ventas` names a place in YAML, and leaves nothing.
            let help = match self.cx.behind(entry.at).trim_start_matches([':', ' ']).starts_with('&') {
                true => "put a text that begins with `&` in quotes",
                false => "write one, or remove the key",
            };
            return self.cx.refuse(problem.help(help));
        }
        Some(&entry.node)
    }

    /// Reads a key that the table says may be left out.
    pub fn optional<T>(&self, key: &str, read: impl FnOnce(&'a Context<'a>, &'a Node) -> Option<T>) -> Option<T> {
        debug_assert!(!self.needs(key), "the table of {} says that `{key}` must be there", self.table.what);
        self.value(key, read)
    }

    fn needs(&self, key: &str) -> bool {
        self.table.key(key).is_some_and(|key| key.required)
    }

    fn value<T>(&self, key: &str, read: impl FnOnce(&'a Context<'a>, &'a Node) -> Option<T>) -> Option<T> {
        read(self.cx, self.node(key)?)
    }

    /// Reads a key that the table says must be there.
    pub fn required<T>(&self, key: &str, read: impl FnOnce(&'a Context<'a>, &'a Node) -> Option<T>) -> Option<T> {
        debug_assert!(self.needs(key), "the table of {} says that `{key}` may be left out", self.table.what);
        if !self.has(key) {
            self.missing(key);
        }
        self.value(key, read)
    }

    pub fn missing(&self, key: &str) {
        let doc = self.table.key(key).map(|declared| format!("`{key}`: {}", declared.doc));
        let problem = Problem::error("missing-key", self.place, format!("{} needs `{key}`", self.table.what));
        self.cx.report(problem.maybe_help(doc));
    }
}

/// What to do about `{ value: 3,5% }`.
pub(super) const COMMA: &str = "the comma before it begins a new key; the decimal point is `.`";

/// Whether a key is what a decimal comma cut off in braces: `5%` of `3,5%`.
pub(super) fn is_cut_off(key: &str) -> bool {
    let digits = key.strip_suffix('%').unwrap_or(key).trim_end();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The entries of a mapping.
pub(super) fn map<'a>(cx: &Context, node: &'a Node, what: &str) -> Option<&'a [Entry]> {
    match &node.value {
        Value::Map(entries) => Some(entries),
        _ => wrong_type(cx, node, &format!("a mapping (`key: value`) for {what}")),
    }
}

/// The items of a list.
pub(super) fn items<'a>(cx: &Context, node: &'a Node, what: &str) -> Option<&'a [Rc<Node>]> {
    match &node.value {
        Value::List(items) => Some(items),
        _ => wrong_type(cx, node, &format!("a list of {what}, `[…]`")),
    }
}

/// Reads every item of a list; those that can't be read are reported and left out.
pub(super) fn list_of<'a, T>(
    cx: &'a Context<'a>,
    node: &'a Node,
    what: &str,
    read: impl Fn(&'a Context<'a>, &'a Node) -> Option<T>,
) -> Option<Vec<T>> {
    Some(items(cx, node, what)?.iter().filter_map(|item| read(cx, item)).collect())
}

/// Reports that something else was expected here.
pub(super) fn wrong_type<T>(cx: &Context, node: &Node, expected: &str) -> Option<T> {
    if matches!(node.value, Value::Unknown) {
        return None;
    }
    cx.refuse(Problem::error("wrong-type", node.place, format!("expected {expected}, found {}", describe(cx, node))))
}

/// `a list`, `` `abc` ``: what stands there in the YAML's own words, so that no secret taken from the environment shows.
pub(super) fn describe(cx: &Context, node: &Node) -> String {
    match &node.value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
        Value::Scalar { .. } if node.is_null() => "nothing".to_owned(),
        Value::Scalar { .. } | Value::Unknown => format!("`{}`", cx.excerpt(node.place)),
    }
}

/// `` `a`, `b`, `c` ``
pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
