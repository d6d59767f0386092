//! Tokens → the tables they read and the short names they give them, as far as tokens tell.

use super::Engine;
use super::token::{Kind, Tokens};
use std::collections::{HashMap, HashSet};

/// A table as a statement names it, unquoted; in PostgreSQL unquoted names are in lower case, as its catalog has them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableName {
    /// What stands before the name: schema, database or both, from the outside in.
    pub qualifiers: Vec<String>,
    pub name: String,
}

struct TableRef {
    table: TableName,
    alias: Option<String>,
}

/// The distinct names, in order of appearance.
pub(super) fn names(tokens: &Tokens, engine: Engine) -> Vec<TableName> {
    let mut seen = HashSet::new();
    let tables = references(tokens, engine).into_iter().map(|reference| reference.table);
    tables.filter(|table| seen.insert(table.clone())).collect()
}

/// Tables by their aliases in lower case; `None` where several tables share one.
pub(super) type Aliases = HashMap<String, Option<String>>;

pub(super) fn aliases(tokens: &Tokens, engine: Engine) -> Aliases {
    let mut aliases = HashMap::new();
    for TableRef { table, alias } in references(tokens, engine) {
        if let Some(alias) = alias {
            let known = aliases.entry(alias.to_ascii_lowercase()).or_insert_with(|| Some(table.name.clone()));
            if known.as_ref() != Some(&table.name) {
                *known = None;
            }
        }
    }
    aliases
}

/// Where a parenthesis level stands relative to its `FROM`.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Elsewhere,
    /// A table is due.
    Due,
    /// Behind a table: a comma or `JOIN` makes the next one due.
    Listing,
    /// Within `extract(… from …)` and its like, whose `FROM` is no table's.
    Function,
}

fn references(tokens: &Tokens, engine: Engine) -> Vec<TableRef> {
    let mut found = Vec::new();
    let mut levels = vec![Place::Elsewhere];
    let mut i = 0;
    while tokens.get(i, 0).kind != Kind::Nothing {
        let token = tokens.get(i, 0);
        let place = levels.last().copied().unwrap_or(Place::Elsewhere);
        match next_place(tokens, i, place) {
            Step::Open(inner) => levels.push(inner),
            Step::Close => {
                levels.pop();
            }
            Step::Stay(place) => set(&mut levels, place),
            Step::Table => {
                set(&mut levels, Place::Listing);
                let last = last_part(tokens, i);
                let called = tokens.get(last, 1).is("(");
                if !called {
                    let qualifiers = tokens.names(i..last, engine);
                    let table = TableName { qualifiers, name: tokens.get(last, 0).name(engine) };
                    found.push(TableRef { table, alias: alias(tokens, last, engine) });
                }
                i = last;
            }
        }
        // `FROM (a, b)` and `FROM (SELECT …)`: behind the parenthesis the list goes on.
        if token.is("(") && place == Place::Due {
            let outer = levels.len() - 2;
            levels[outer] = Place::Listing;
        }
        i += 1;
    }
    found
}

fn set(levels: &mut [Place], place: Place) {
    if let Some(last) = levels.last_mut() {
        *last = place;
    }
}

enum Step {
    Open(Place),
    Close,
    Stay(Place),
    Table,
}

fn next_place(tokens: &Tokens, i: usize, place: Place) -> Step {
    const ENDS: [&str; 12] = [
        "where",
        "group",
        "order",
        "having",
        "limit",
        "union",
        "except",
        "intersect",
        "window",
        "select",
        "values",
        "fetch",
    ];
    const FUNCTIONS: [&str; 4] = ["extract", "substring", "trim", "overlay"];
    let (before, token) = (tokens.get(i, -1), tokens.get(i, 0));
    if token.is("(") {
        let function = before.is_any(&FUNCTIONS);
        return Step::Open(match place {
            Place::Due => Place::Due,
            _ if function => Place::Function,
            _ => Place::Elsewhere,
        });
    }
    if token.is(")") {
        return Step::Close;
    }
    if place == Place::Function || tokens.qualified(i) {
        return Step::Stay(place);
    }
    if (token.is("from") && !before.is("distinct")) || token.is("join") || (token.is(",") && place == Place::Listing) {
        return Step::Stay(Place::Due);
    }
    if token.is_any(&ENDS) {
        return Step::Stay(Place::Elsewhere);
    }
    if place == Place::Due && token.is_name() && !token.is_any(&["lateral", "only", "with", "recursive"]) {
        return Step::Table;
    }
    Step::Stay(place)
}

/// The position of the last part of the dotted name that begins at `i`.
fn last_part(tokens: &Tokens, i: usize) -> usize {
    let mut last = i;
    while tokens.get(last, 1).is(".") && tokens.get(last, 2).is_name() {
        last += 2;
    }
    last
}

/// The alias behind the table whose name ends at `last`.
fn alias(tokens: &Tokens, last: usize, engine: Engine) -> Option<String> {
    const NOT_ALIASES: [&str; 28] = [
        "on",
        "using",
        "join",
        "left",
        "right",
        "inner",
        "outer",
        "full",
        "cross",
        "natural",
        "straight_join",
        "where",
        "group",
        "order",
        "having",
        "limit",
        "offset",
        "fetch",
        "union",
        "except",
        "intersect",
        "window",
        "tablesample",
        "indexed",
        "not",
        "use",
        "force",
        "for",
    ];
    let offset = if tokens.get(last, 1).is("as") { 2 } else { 1 };
    let token = tokens.get(last, offset);
    (token.is_name() && !token.is_any(&NOT_ALIASES)).then(|| token.name(engine))
}
