//! Sources and databases in words.

use super::fact::{Bears, Sheet};
use super::{Renames, Thing, url};
use crate::catalog::Kind;
use crate::query::{Aggregate, Database, Fresh, Otherwise, Source};
use jiff::SignedDuration;
use std::time::Duration;

pub(super) fn source(source: &Source, renames: &Renames) -> Sheet {
    let mut sheet = Sheet::default();
    let database = renames.new_name(Thing::Named(Kind::Database), &source.database);
    sheet.add("database", database).bears(Bears::Number);
    sheet.text("description", source.description.as_ref());
    sheet.add("sql", &source.statement.text).means(source.statement.normal()).bears(Bears::Number);
    if let Some(time) = &source.time {
        sheet.add("time", time).bears(Bears::Number);
    }
    sheet.maybe("dimensions", (!source.dimensions.is_empty()).then(|| source.dimensions.join(", ")));
    for measure in &source.measures {
        sheet.item("measure", Some(&measure.name), aggregate(measure.aggregate)).bears(Bears::Number);
    }
    for (name, label) in &source.labels {
        // One line a label: which of its languages is another one is easily seen.
        let texts = match label {
            crate::text::Text::Same(text) => text.clone(),
            crate::text::Text::ByLanguage(texts) => {
                texts.iter().map(|(language, text)| format!("{language}: {text}")).collect::<Vec<_>>().join(", ")
            }
        };
        sheet.item("label", Some(name), texts);
    }
    if let Some(Fresh { statement, within, otherwise }) = &source.fresh {
        sheet.item("fresh", Some("sql"), &statement.text).means(statement.normal());
        sheet.item("fresh", Some("within"), said(*within));
        sheet.item("fresh", Some("otherwise"), late(*otherwise));
    }
    sheet
}

pub(super) fn database(database: &Database) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.add("url", url::shown(&database.url)).secretly(database.url.expose()).bears(Bears::Number);
    sheet.add("timeout", said(database.timeout));
    sheet.add("connections", database.connections);
    sheet.add("max_rows", database.max_rows);
    if let Some(zone) = &database.time_zone {
        sheet.add("time_zone", zone.iana_name().unwrap_or("local time")).bears(Bears::Number);
    }
    sheet.maybe("allow_privileged", database.allow_privileged.then_some("true"));
    sheet
}

fn aggregate(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Sum => "sum",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::First => "first",
        Aggregate::Last => "last",
    }
}

fn late(otherwise: Otherwise) -> String {
    match otherwise {
        Otherwise::Warn => "warn".to_owned(),
        Otherwise::Hold(time) => format!("hold {}", said(time)),
        Otherwise::Fail => "fail".to_owned(),
    }
}

/// `30s`, `1h 30m`
pub(super) fn said(time: Duration) -> String {
    SignedDuration::try_from(time).map_or_else(|_| format!("{}s", time.as_secs()), |time| format!("{time:#}"))
}
