//! The one place where the edges meet: freshness → queries → values → report → letter → mail.
//!
//! What a source can't answer is a fact of the outcome, never an error of the run: the KPIs that need it say why, the others stand.

use crate::calendar::Calendar;
use crate::catalog::{Catalog, MailSettings};
use crate::mail::{self, Headers, Mail, MimeError, SendError};
use crate::measure::{Measured, Model, Request};
use crate::query::{Need, Otherwise, Readings, Source, Stretch};
use crate::render::{RenderError, Renderer};
use crate::report::{Made, Person, Report, ReportSpec, SourceNote};
use crate::source::{Progress, Sources};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A request, answered.
#[derive(Debug)]
pub struct Outcome {
    /// In the order asked.
    pub measured: Vec<Measured>,
    pub failures: Vec<Failure>,
    pub stale: Vec<Stale>,
}

/// A source that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub source: Name,
    /// Fit to show a reader.
    pub why: Name,
}

/// A source whose newest data is older than its contract allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub source: Name,
    /// Absent when it has no data at all.
    pub newest: Option<Timestamp>,
}

impl Outcome {
    /// Whether every source answered.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Measures `request` on what the sources hold at `now`.
pub async fn measure(
    catalog: &Catalog,
    sources: &Sources,
    request: &Request,
    calendar: &Calendar,
    now: Timestamp,
    progress: impl Fn(Progress) + Sync,
) -> Outcome {
    let model = model(catalog);
    let needs = request.needs(&model, calendar);
    let Freshness { stale, refused } = freshness(sources, &needs, request, calendar, now).await;
    let (barred, needs): (Vec<Need>, Vec<Need>) =
        needs.into_iter().partition(|need| refused.contains_key(&need.source.name));
    let mut readings = sources.read(needs, &calendar.zone, progress).await;
    for need in barred {
        let why = refused[&need.source.name].clone();
        readings.insert(need.source.name.clone(), Stretch { window: need.window, result: Err(why) });
    }
    let failures = failures(&readings);
    Outcome { measured: request.measure(&model, calendar, &readings), failures, stale }
}

/// The edition of `spec` that shows `outcome`.
pub fn edition(spec: &ReportSpec, outcome: Outcome, made: Made) -> Report {
    let stale = outcome.stale.into_iter().map(|stale| SourceNote {
        text: stale
            .newest
            .map(|newest| newest.to_zoned(spec.calendar.zone.clone()).date().to_string())
            .unwrap_or_default(),
        source: stale.source,
    });
    let failed = outcome.failures.into_iter().map(|f| SourceNote { source: f.source, text: f.why.to_string() });
    Report::build(spec, outcome.measured, stale.collect(), failed.collect(), made)
}

/// Why a mail could not be made or sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Mime(#[from] MimeError),
    #[error(transparent)]
    Send(#[from] SendError),
}

/// The mail in which `person` gets `report`. Made twice for the same person and edition it has the same Message-ID.
///
/// # Errors
/// A template that was overridden, or an address that is none.
pub fn mail(renderer: &Renderer, settings: &MailSettings, report: &Report, person: &Person) -> Result<Mail, MailError> {
    let letter = renderer.render(report, person)?;
    let id = format!("{}.{}.{}", report.id, report.made.as_of.as_millisecond(), person.email.replace('@', "."));
    let headers = Headers {
        from: &settings.from,
        reply_to: settings.reply_to.as_deref(),
        name: person.name.as_deref(),
        email: &person.email,
        list: &report.id,
        id: &id,
        date: report.made.as_of,
    };
    Ok(mail::compose(&letter, &headers)?)
}

/// What formulas may name.
pub fn model(catalog: &Catalog) -> Model {
    Model::new(catalog.kpis.iter().cloned(), catalog.sources.values().cloned())
}

/// Each failed source once, with its first reason.
fn failures(readings: &Readings) -> Vec<Failure> {
    let failed: BTreeMap<&Name, &Name> = readings.failures().collect();
    failed.into_iter().map(|(source, why)| Failure { source: source.clone(), why: why.clone() }).collect()
}

/// What the freshness contracts say about the sources of a run.
#[derive(Default)]
struct Freshness {
    stale: Vec<Stale>,
    /// Sources not to be read, and why.
    refused: BTreeMap<Name, Name>,
}

/// Asks each source under contract for its newest data. Waiting for fresh data is the daemon's; here `hold` warns.
async fn freshness(
    sources: &Sources,
    needs: &[Need],
    request: &Request,
    calendar: &Calendar,
    now: Timestamp,
) -> Freshness {
    let mut found = Freshness::default();
    let by_name: BTreeMap<&Name, &Arc<Source>> = needs.iter().map(|need| (&need.source.name, &need.source)).collect();
    let mut window = request.period.window;
    window.end = window.end.min(now);
    for (name, source) in by_name {
        let Some(fresh) = &source.fresh else { continue };
        let newest = match sources.newest(source, window, &calendar.zone).await {
            Ok(newest) => newest,
            Err(error) => {
                found.refused.insert(name.clone(), error.to_string().into());
                continue;
            }
        };
        let wanted = window.end - fresh.within;
        if newest.is_some_and(|newest| newest >= wanted) {
            continue;
        }
        found.stale.push(Stale { source: name.clone(), newest });
        if fresh.otherwise == Otherwise::Fail {
            found.refused.insert(name.clone(), "its data is too old".into());
        }
    }
    found
}
