//! Sources and databases in words.

use super::fact::{Bears, Sheet};
use super::{Renames, Thing, url};
use crate::catalog::Kind;
use crate::query::{Database, Fresh, Otherwise, Source};
use crate::render::data;
use crate::text::Text;
use jiff::SignedDuration;
use std::time::Duration;

pub(super) fn source(source: &Source, renames: &Renames) -> Sheet {
    // As with KPIs, nothing is forgotten.
    let Source { name: _, database, description, statement, time, dimensions, measures, labels, fresh, units } = source;
    let mut sheet = Sheet::default();
    let database = renames.new_name(Thing::Named(Kind::Database), database);
    sheet.add("database", database).bears(Bears::Number);
    sheet.text("description", description.as_ref());
    sheet.add("sql", &statement.text).means(statement.normal()).bears(Bears::Number);
    if let Some(time) = time {
        sheet.add("time", time).bears(Bears::Number);
    }
    if !dimensions.is_empty() {
        // `first` and `last` keep one row of each combination.
        sheet.add("dimensions", dimensions.join(", ")).bears(Bears::Number);
    }
    for measure in measures {
        sheet.item("measure", Some(&measure.name), measure.aggregate.as_str()).bears(Bears::Number);
    }
    for (measure, unit) in units {
        sheet.item("unit", Some(measure), data::unit(unit));
    }
    for (name, label) in labels {
        // One line a label: which of its languages is another one is easily seen.
        let texts = match label {
            Text::Same(text) => text.clone(),
            Text::ByLanguage(texts) => {
                texts.iter().map(|(language, text)| format!("{language}: {text}")).collect::<Vec<_>>().join(", ")
            }
        };
        sheet.item("label", Some(name), texts);
    }
    if let Some(Fresh { statement, within, otherwise }) = fresh {
        // Stale data that fails is no number.
        let bears = if *otherwise == Otherwise::Fail { Bears::Number } else { Bears::Words };
        sheet.item("fresh", Some("sql"), &statement.text).means(statement.normal()).bears(bears);
        sheet.item("fresh", Some("within"), said(*within)).bears(bears);
        sheet.item("fresh", Some("otherwise"), late(*otherwise)).bears(Bears::Number);
    }
    sheet
}

pub(super) fn database(database: &Database) -> Sheet {
    // The engine is the URL's scheme.
    let Database { name: _, url, engine: _, timeout, connections, max_rows, time_zone, allow_privileged } = database;
    let mut sheet = Sheet::default();
    sheet.add("url", url::shown(url)).secretly(url).bears(Bears::Number);
    sheet.add("timeout", said(*timeout));
    sheet.add("connections", connections);
    sheet.add("max_rows", max_rows);
    if let Some(zone) = time_zone {
        sheet.add("time_zone", zone.iana_name().unwrap_or("local time")).bears(Bears::Number);
    }
    sheet.maybe("allow_privileged", allow_privileged.then_some("true"));
    sheet
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
