//! `sources:` → [`Source`], and the [`Shape`] by which formulas are checked.

use super::columns::{Columns, MEASURES};
use super::databases::Known;
use super::kpis::{UNIT, unit};
use super::labels;
use super::sections::{Declared, Section};
use super::texts::Texts;
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::embedded;
use crate::catalog::fields::{Fields, Table, list, map};
use crate::catalog::form::{Choice, Form, Named, Pattern, Snippet, key, required, words};
use crate::catalog::node::Node;
use crate::catalog::scalar::{DURATION, choice, duration, name, text};
use crate::catalog::warnings;
use crate::query::sql::{SqlProblem, Statement};
use crate::query::{Engine, Fresh, Otherwise, Source, Unit};
use crate::text::Name;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

pub(super) static SOURCE: Table = Table {
    what: "a source",
    keys: &[
        required("database", "which of `databases` it reads", Form::Name(Named::Database)),
        key("description", "what a row is, for people", Form::Texts),
        required("sql", "one SELECT; `:start` and `:end` bound the period", Form::Pattern(&SQL)),
        key("time", "column that dates a row; without it the query runs once a period", Form::NewName)
            .examples(&["day"]),
        key("dimensions", "list of columns that rows are keyed by", Form::List(&Form::NewName))
            .examples(&["[channel, device]"]),
        required("measures", "list of numeric columns, or column → aggregate", MEASURES)
            .examples(&["[orders, revenue]", "{ orders: sum, largest: max }"]),
        key("labels", "measure or dimension → what readers see", Form::Map(&Form::Name(Named::Column), &Form::Texts))
            .examples(&["{ orders: { es: pedidos, en: orders } }"]),
        key(
            "units",
            "measure → what it counts in; `check` sees then what can't be added",
            Form::Map(&Form::Name(Named::Column), &UNIT),
        )
        .examples(&["{ orders: count, revenue: currency }"]),
        key("fresh", "how new its data must be", Form::Table(&FRESH))
            .examples(&["{ sql: SELECT max(ordered_at) FROM orders, within: 36h }"]),
    ],
};

pub(super) static NEW: Snippet = Snippet {
    what: "a new source",
    body: r#"
"${1:leads}":
  database: "${2:crm}"
  sql: "|\n    SELECT date(${3:created_at}) AS day, ${4:channel}, count(*) AS ${5:created}\n    FROM ${6:leads}\n    WHERE ${3:created_at} >= :start AND ${3:created_at} < :end\n    GROUP BY 1, 2"
  time: day
  dimensions: ["${4:channel}"]
  measures: ["${5:created}"]
"#,
};

static FRESH: Table = Table {
    what: "`fresh`",
    keys: &[
        required("sql", "SELECT of one timestamp: that of the newest data", Form::Text)
            .examples(&["SELECT max(ordered_at) FROM orders"]),
        required("within", "how old that may be before the period's end: `36h`", Form::Pattern(&DURATION))
            .examples(&["36h"]),
        key("otherwise", "`warn`, the default, `hold` or `fail`", Form::Words(&words(&OTHERWISE))),
        key("hold_for", "how long `hold` waits; `6h` by default", Form::Pattern(&DURATION)).examples(&["6h"]),
    ],
};

const OTHERWISE: [Choice<Otherwise>; 3] = [
    ("warn", Otherwise::Warn, "the default: the report says so"),
    ("hold", Otherwise::Hold(Duration::from_secs(6 * 3600)), "wait up to `hold_for` for fresh data, then warn"),
    ("fail", Otherwise::Fail, "as if the source could not be read"),
];

static SQL: Pattern = Pattern {
    doc: "a query with parameters: `:start` and `:end` are the period's first instant and its end, which is no longer in it; `:start_date` and \
        `:end_date` the first day and the day after the last; `:timezone` the report's zone.\n\n\
        Compare bare columns, `created_at >= :start AND created_at < :end`",
    regex: r"\S",
};

/// A source's columns. `None` where they could not be read: nothing is said about names then.
#[derive(Default)]
pub(super) struct Shape {
    pub measures: Option<Vec<Name>>,
    pub dimensions: Option<Vec<Name>>,
}

pub(super) type Shapes = HashMap<Name, Shape>;
type Engines = HashMap<Name, Known>;

pub(super) fn read(
    cx: &Context,
    section: &Section,
    engines: &Engines,
    texts: &Texts,
    report: &TimeZone,
) -> (BTreeMap<Name, Arc<Source>>, Shapes) {
    let mut sources = BTreeMap::new();
    let mut shapes = Shapes::new();
    for declared in &section.list {
        let mut shape = Shape::default();
        if let Some(fields) = Fields::read(cx, &declared.node, declared.at, &SOURCE)
            && let Some(source) = read_source(cx, &fields, declared, engines, texts, &mut shape)
        {
            check_days(cx, &fields, &source, engines, report);
            sources.insert(declared.name.clone(), Arc::new(source));
        }
        shapes.insert(declared.name.clone(), shape);
    }
    (sources, shapes)
}

fn read_source(
    cx: &Context,
    fields: &Fields,
    declared: &Declared,
    engines: &Engines,
    texts: &Texts,
    shape: &mut Shape,
) -> Option<Source> {
    let description = fields.optional("description", |cx, node| texts.block(cx, node));
    let database = fields.required("database", |cx, node| database(cx, node, engines));
    let engine = database.as_ref().and_then(|database| engines[database].engine);
    let statement = fields.required("sql", |cx, node| statement(cx, node, engine));
    let columns = Columns::read(cx, fields);
    if !fields.has("time") && statement.as_ref().is_some_and(|statement| !statement.asks_for_period()) {
        let problem = Problem::warning(
            &warnings::NO_PERIOD,
            fields.key_place("sql"),
            "the query answers the same for every period",
        );
        cx.report(problem.help("bound it by `:start` and `:end`, or name the column that dates a row: `time: …`"));
    }
    shape.measures = columns.measures.as_ref().map(|list| list.iter().map(|measure| measure.name.clone()).collect());
    shape.dimensions = columns.dimensions.clone();
    let labels = fields.optional("labels", |cx, node| labels::read(cx, node, &declared.name, shape, texts));
    let units = fields.optional("units", |cx, node| units(cx, node, &declared.name, shape));
    let fresh = fields.optional("fresh", |cx, node| read_fresh(cx, node, fields.key_place("fresh"), engine));
    Some(Source {
        name: declared.name.clone(),
        database: database?,
        description,
        statement: statement?,
        time: columns.time,
        dimensions: columns.dimensions?,
        measures: columns.measures?,
        labels: labels.unwrap_or_default(),
        units: units.unwrap_or_default(),
        fresh,
    })
}

/// `{ cost: currency, open: hours }`
fn units(cx: &Context, node: &Node, source: &Name, shape: &Shape) -> Option<BTreeMap<Name, Unit>> {
    let mut units = BTreeMap::new();
    for entry in map(cx, node, "`units`: measure → unit")? {
        if let Some(known) = shape.measures.as_ref().filter(|known| known.iter().all(|name| **name != *entry.key)) {
            let help = Some(format!("`{source}` has {}", list(known.iter().map(|name| &**name))));
            let unknown = Unknown { what: "measure", name: &entry.key, of: Some(source), place: entry.at, help };
            cx.unknown(unknown, known.iter().map(|name| &**name));
        }
        units.extend(unit(cx, &entry.node).map(|unit| (Name::from(&*entry.key), unit)));
    }
    Some(units)
}

/// A row's `date` is a day of the report's calendar; one that the database makes of a timestamp is a day of the database's zone.
fn check_days(cx: &Context, fields: &Fields, source: &Source, engines: &Engines, report: &TimeZone) {
    let zone = engines[&source.database].database.as_ref().and_then(|database| database.time_zone.as_ref());
    let Some(zone) = zone.filter(|zone| source.time.is_some() && *zone != report) else { return };
    let (Some(span), Some(sql)) = (source.statement.day_of_session(), fields.entry("sql")) else { return };
    let name = |zone: &TimeZone| zone.iana_name().unwrap_or_default().to_owned();
    let message = format!("days are cut in {}, not in {}, the report's zone", name(zone), name(report));
    let help = "give the timestamp itself as `time`, or the day that it is in `:timezone`";
    cx.report(Problem::warning(&warnings::FOREIGN_DAYS, embedded::place(cx, &sql.node, span), message).help(help));
}

fn database(cx: &Context, node: &Node, engines: &Engines) -> Option<Name> {
    let text = name(cx, node)?;
    if engines.contains_key(&text) {
        return Some(text);
    }
    let unknown = Unknown { what: "database", name: &text, of: None, place: node.place, help: None };
    cx.unknown(unknown, engines.keys().map(|name| &**name));
    None
}

/// `None` without a word when the engine isn't known, which has been reported.
fn statement(cx: &Context, node: &Node, engine: Option<Engine>) -> Option<Statement> {
    let sql = text(cx, node)?;
    if sql.trim().is_empty() {
        return cx.refuse(Problem::error("empty-text", node.place, "the query is empty"));
    }
    let report = |made: &dyn Fn(Place, String) -> Problem, problem: &SqlProblem| {
        let place = embedded::place(cx, node, problem.span.clone());
        cx.report(made(place, problem.message.clone()).maybe_help(problem.help.clone()));
    };
    match Statement::parse(sql, engine?) {
        Ok(statement) => {
            let clock = |place, message| Problem::warning(&warnings::CLOCK, place, message);
            statement.advice().iter().for_each(|advice| report(&clock, advice));
            Some(statement)
        }
        Err(problems) => {
            let wrong = |place, message| Problem::error("sql", place, message);
            problems.iter().for_each(|problem| report(&wrong, problem));
            None
        }
    }
}

fn read_fresh(cx: &Context, node: &Node, at: Place, engine: Option<Engine>) -> Option<Fresh> {
    let fields = Fields::read(cx, node, at, &FRESH)?;
    let hold_for = fields.optional("hold_for", duration);
    let otherwise = fields.optional("otherwise", |cx, node| choice(cx, node, &OTHERWISE)).unwrap_or_default();
    let otherwise = match (otherwise, hold_for) {
        (Otherwise::Hold(_), Some(time)) => Otherwise::Hold(time),
        _ => otherwise,
    };
    if fields.has("hold_for") && !matches!(otherwise, Otherwise::Hold(_)) {
        let problem = Problem::error("pointless", fields.key_place("hold_for"), "`hold_for` without `otherwise: hold`");
        cx.report(problem.help("add `otherwise: hold`, or remove `hold_for`"));
    }
    let within = fields.required("within", duration);
    let statement = fields.required("sql", |cx, node| statement(cx, node, engine));
    Some(Fresh { statement: statement?, within: within?, otherwise })
}
