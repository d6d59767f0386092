//! Guards the layers that the crate's documentation draws: reads every file under `src/` and fails when an arrow points up,
//! when two edges meet, or when an outside thing is named away from its owner. Test code counts as well.
//!
//! Works on tokens, not on syntax: an arrow is what follows `crate::`, in a `use` or not. Comments and strings don't count.

mod tokens;

use std::path::Path;

use tokens::{Token, tokens};

/// From the bottom up. A module may use the layers below its own; modules of one layer don't know each other.
const LAYERS: &[(&str, &[&str])] = &[
    ("leaf", &["text", "secret"]),
    ("meaning", &["calendar"]),
    ("meaning", &["formula"]),
    ("meaning", &["query"]),
    ("meaning", &["measure"]),
    ("meaning", &["report"]),
    ("meaning", &["outbox"]),
    ("edge", &["catalog", "source", "render", "mail", "store", "demo"]),
    ("flow", &["pipeline", "change"]),
    ("face", &["web"]),
    ("entry", &["daemon"]),
    ("entry", &["preview"]),
    ("entry", &["cli"]),
];

/// Outside things and who may name them: modules, or single files.
const OWNERS: &[(&str, &[&str])] = &[
    ("sqlx", &["source", "store", "demo"]),
    ("tera", &["render"]),
    ("resvg", &["render"]),
    ("png", &["render"]),
    ("rust_xlsxwriter", &["render"]),
    ("lettre", &["mail"]),
    ("tokio_rustls", &["mail"]),
    ("rustls_native_certs", &["mail"]),
    ("serde_saphyr", &["catalog"]),
    ("clap", &["cli", "main.rs"]),
    ("clap_complete", &["cli"]),
    ("evalexpr", &["formula"]),
    ("croner", &["calendar"]),
    ("sqlparser", &["query"]),
    ("axum", &["web", "preview"]),
    ("hyper", &["web"]),
    ("hyper_util", &["web"]),
    ("prometheus_client", &["web"]),
    ("tokio_cron_scheduler", &["daemon"]),
    ("notify", &["daemon"]),
    ("sd_notify", &["daemon"]),
    ("tracing_subscriber", &["daemon"]),
    ("Timestamp::now", &["calendar/clock.rs"]),
    ("Zoned::now", &["calendar/clock.rs"]),
    ("SystemTime::now", &["calendar/clock.rs"]),
    ("clock::now", &["daemon", "cli", "main.rs"]),
];

/// What makes a function depend on more than its arguments; leaves and meaning have none of it.
const IMPURE: &[&str] = &["tokio", "std::fs", "std::net", "std::env", "std::process"];

#[test]
fn every_arrow_points_down() {
    let found: Vec<String> = source_files().iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Every file under `src/`: its path from there, and its text.
fn source_files() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// One line each: place, arrow, rule.
fn violations(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (index, &(line, _)) in tokens.iter().enumerate() {
        let rest = &tokens[index..];
        let before = index.checked_sub(1).map(|index| tokens[index].1);
        let problems = arrows(path, rest).into_iter().chain(outside(path, before, rest));
        found.extend(problems.map(|problem| format!("src/{path}:{line}: {problem}")));
    }
    found
}

/// What is wrong with the arrows of the path that `rest` begins with.
fn arrows(path: &str, rest: &[Token]) -> Vec<String> {
    let module = module(path);
    let root = matches!(path, "lib.rs" | "main.rs");
    let targets = if starts_with(rest, "super::super::") {
        return vec!["super::super: write the path from `crate::`, where its arrow can be seen".into()];
    } else if starts_with(rest, "crate::") {
        heads(&rest[2..])
    } else if starts_with(rest, "super::") && !path.trim_end_matches("/mod.rs").contains('/') {
        // In a top module's own file `super` is the crate. In its `mod tests` it is the module: names that are no layer's pass.
        heads(&rest[2..]).into_iter().filter(|target| layer(target).is_some()).collect()
    } else {
        return Vec::new();
    };
    targets.into_iter().filter(|_| !root).filter_map(|target| arrow(module, target)).collect()
}

/// What is wrong with the arrow from one top module to another.
fn arrow(from: &str, to: &str) -> Option<String> {
    let unknown = |module| format!("{from} → {to}: `{module}` has no layer; give it one in tests/it/layers.rs");
    let (Some(above), Some(below)) = (layer(from), layer(to)) else {
        return Some(unknown(if layer(from).is_none() { from } else { to }));
    };
    if from == to || below < above {
        None
    } else if below == above {
        Some(format!("{from} → {to}: modules of one layer ({}) don't know each other", LAYERS[above].0))
    } else {
        Some(format!("{from} → {to}: an arrow points up, from {} to {}", LAYERS[above].0, LAYERS[below].0))
    }
}

/// What is wrong with the outside path that `rest` begins with.
fn outside(path: &str, before: Option<&str>, rest: &[Token]) -> Vec<String> {
    let module = module(path);
    let pure = layer(module).is_some_and(|layer| matches!(LAYERS[layer].0, "leaf" | "meaning"));
    let named = |thing: &str| {
        let is_path = thing.contains("::") || before == Some("use") || starts_with(rest, &format!("{thing}::"));
        is_path && starts_with(rest, thing) && before != Some(".")
    };
    let owned = OWNERS
        .iter()
        .filter(|(thing, owners)| named(thing) && !owners.contains(&module) && !owners.contains(&path))
        .map(|(thing, owners)| format!("{module} → {thing}: only {} may name it", owners.join(", ")));
    let impure = IMPURE
        .iter()
        .filter(|thing| pure && named(thing))
        .map(|thing| format!("{module} → {thing}: this layer is pure, without files, network, environment and async"));
    owned.chain(impure).collect()
}

/// `calendar/clock.rs` and `calendar.rs` belong to `calendar`.
fn module(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}

fn starts_with(rest: &[Token], path: &str) -> bool {
    let path = tokens(path);
    rest.len() >= path.len() && rest.iter().zip(&path).all(|(a, b)| a.1 == b.1)
}

/// The first names after `crate::`: one, or those of a group `{a::b, c::{d, e}}`.
fn heads<'a>(rest: &[Token<'a>]) -> Vec<&'a str> {
    let Some(&(_, first)) = rest.first() else { return Vec::new() };
    if first != "{" {
        return vec![first];
    }
    let mut heads = Vec::new();
    let mut depth = 0;
    for pair in rest.windows(2) {
        match pair[0].1 {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        match depth {
            0 => break,
            1 if matches!(pair[0].1, "{" | ",") && pair[1].1 != "}" => heads.push(pair[1].1),
            _ => {}
        }
    }
    heads
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(violations(path, text), expected, "{path}: {text}");
}

#[test]
fn arrows_down_are_quiet() {
    check("report/mod.rs", "use crate::measure::Kpi;\nuse crate::{calendar::Window, text::{Name, Text}};", &[]);
    check("formula/parse.rs", "use super::Formula;\nuse crate::formula::value::Reason;", &[]);
    check("pipeline.rs", "use crate::catalog::Catalog;\nuse crate::source::Sources;", &[]);
    check("cli/mod.rs", "use crate::daemon;\npub(crate) fn run() {}", &[]);
    check("main.rs", "use kpid::cli;\nuse crate::cli::X;", &[]);
}

#[test]
fn arrow_up_is_named_with_its_place() {
    check(
        "formula/parse.rs",
        "//! Reads.\n\nuse crate::text::Name;\nuse crate::catalog::Diagnostic;\n",
        &["src/formula/parse.rs:4: formula → catalog: an arrow points up, from meaning to edge"],
    );
    check(
        "text.rs",
        "use crate::calendar;",
        &["src/text.rs:1: text → calendar: an arrow points up, from leaf to meaning"],
    );
    check(
        "calendar/period.rs",
        "fn f() -> crate::query::Source {}",
        &["src/calendar/period.rs:1: calendar → query: an arrow points up, from meaning to meaning"],
    );
}

#[test]
fn arrow_up_is_seen_in_groups_tests_and_through_super() {
    let up = "query → report: an arrow points up, from meaning to meaning";
    check(
        "query/sql.rs",
        "use crate::{\n    calendar::{Window, Period},\n    report::Row,\n};",
        &[&format!("src/query/sql.rs:1: {up}")],
    );
    check(
        "query/sql.rs",
        "#[cfg(test)]\nmod tests {\n    use crate::report::Row;\n}",
        &[&format!("src/query/sql.rs:3: {up}")],
    );
    check("query/mod.rs", "use super::report::Row;", &[&format!("src/query/mod.rs:1: {up}")]);
    check(
        "query/sql.rs",
        "use super::super::report::Row;",
        &["src/query/sql.rs:1: super::super: write the path from `crate::`, where its arrow can be seen"],
    );
}

#[test]
fn edges_that_meet_are_named() {
    let rule = "modules of one layer (edge) don't know each other";
    check("source/mod.rs", "use crate::catalog::X;", &[&format!("src/source/mod.rs:1: source → catalog: {rule}")]);
    check("demo/mod.rs", "use crate::source::X;", &[&format!("src/demo/mod.rs:1: demo → source: {rule}")]);
}

#[test]
fn module_without_a_layer_is_named() {
    let rule = "`utils` has no layer; give it one in tests/it/layers.rs";
    check("cli/mod.rs", "use crate::utils::x;", &[&format!("src/cli/mod.rs:1: cli → utils: {rule}")]);
    check("utils.rs", "use crate::text::x;", &[&format!("src/utils.rs:1: utils → text: {rule}")]);
}

#[test]
fn outside_thing_belongs_to_its_owner() {
    check("source/sqlite.rs", "use sqlx::Row;", &[]);
    check("calendar/clock.rs", "fn now() -> Timestamp { jiff::Timestamp::now() }", &[]);
    check(
        "measure/kpi.rs",
        "#[derive(sqlx::FromRow)]\nstruct A;\nuse tera;",
        &[
            "src/measure/kpi.rs:1: measure → sqlx: only source, store, demo may name it",
            "src/measure/kpi.rs:3: measure → tera: only render may name it",
        ],
    );
    check(
        "calendar/period.rs",
        "let now = Zoned::now();",
        &["src/calendar/period.rs:1: calendar → Zoned::now: only calendar/clock.rs may name it"],
    );
    check(
        "source/mod.rs",
        "let now = calendar::clock::now();",
        &["src/source/mod.rs:1: source → clock::now: only daemon, cli, main.rs may name it"],
    );
}

#[test]
fn meaning_is_pure() {
    let rule = "this layer is pure, without files, network, environment and async";
    check("report/mod.rs", "use std::fs;", &[&format!("src/report/mod.rs:1: report → std::fs: {rule}")]);
    check("query/sql.rs", "tokio::spawn(f)", &[&format!("src/query/sql.rs:1: query → tokio: {rule}")]);
    check("source/mod.rs", "tokio::spawn(f)", &[]);
}

#[test]
fn comments_and_strings_are_no_arrows() {
    check("text.rs", "/// See [`crate::report`].\n/* crate::report */ fn f() {}", &[]);
    check("text.rs", r##"let a = ("crate::report \" crate::report", r#"" crate::report"#, b"crate::report");"##, &[]);
    // After a quote as a character, and after a lifetime, code is code again.
    let up = "text → report: an arrow points up, from leaf to meaning";
    check(
        "text.rs",
        "let q = ('\"', '\\'', b'\"');\nfn f<'a>(_: &'a crate::report::Row) {}",
        &[&format!("src/text.rs:2: {up}")],
    );
}
