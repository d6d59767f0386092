//! Whether distinct counts that are declared as sums add up: a month asked at once against the same month day by day.

use crate::calendar::{Cadence, Window};
use crate::catalog::warnings::DAYS_DONT_ADD_UP;
use crate::catalog::{Catalog, Diagnostic, Kind};
use crate::cli::progress::Line;
use crate::query::sql::Made;
use crate::query::{Aggregate, Measure, Need, Readings, Source};
use crate::source::Sources;
use jiff::Timestamp;
use std::sync::Arc;

/// Asks about the last complete month. Only what can be rewritten surely is asked; what fails says so elsewhere.
pub async fn problems(catalog: &Catalog, sources: &Sources, now: Timestamp, line: &Line) -> Vec<Diagnostic> {
    let calendar = &catalog.settings.calendar;
    let month = calendar.last_complete(Cadence::Month, now);
    let day = month.window.start.to_zoned(calendar.zone.clone()).date().to_string();
    let pairs: Vec<_> =
        catalog.sources.values().filter_map(|source| Some((source, Arc::new(at_once(source, &day)?)))).collect();
    let both = |(daily, whole): &(&Arc<Source>, Arc<Source>)| [Arc::clone(daily), Arc::clone(whole)];
    let needs = pairs.iter().flat_map(both).map(|source| Need::rows(source, month.window)).collect();
    let readings = sources.read(needs, &calendar.zone, |progress| line.update(&progress)).await;
    let mut found = Vec::new();
    for (daily, whole) in &pairs {
        for measure in &whole.measures {
            let sum = |source| total(&readings, source, measure, month.window);
            let Some((days, once)) = sum(daily).zip(sum(whole)).filter(|(days, once)| days > once) else { continue };
            let message = format!(
                "`{}` of {} is {once} when asked at once, and {days} when its days are added up",
                measure.name,
                month.label(calendar)
            );
            let help =
                "some things count on several days: give it in a source without `time`, which answers once per period";
            let thing = (Kind::Source, &daily.name);
            found.extend(catalog.definitions.warning(&DAYS_DONT_ADD_UP, thing, message, Some(help.to_owned())));
        }
    }
    found
}

/// The source with all of its distinct counts taken over the whole window.
fn at_once(source: &Source, day: &str) -> Option<Source> {
    let is_distinct = |measure: &&Measure| {
        let mut items = source.statement.items().iter();
        measure.aggregate == Aggregate::Sum
            && items.any(|item| *item.name == *measure.name && item.made == Made::Distinct)
    };
    let measures: Vec<Measure> = source.measures.iter().filter(is_distinct).cloned().collect();
    let statement = source.statement.on_one_day(source.time.as_ref()?, day)?;
    (!measures.is_empty()).then(|| Source {
        name: format!("{} at once", source.name).into(),
        database: source.database.clone(),
        description: None,
        statement,
        time: source.time.clone(),
        dimensions: source.dimensions.clone(),
        measures,
        labels: Default::default(),
        units: Default::default(),
        fresh: None,
    })
}

/// `None` where the query failed or a number is missing.
fn total(readings: &Readings, source: &Arc<Source>, measure: &Measure, window: Window) -> Option<f64> {
    let (table, rows) = readings.rows(source, window).ok()?;
    let column = table.measures.get(source.measure(&measure.name)?)?;
    column.missing.is_empty().then(|| column.numbers[rows].iter().sum())
}
