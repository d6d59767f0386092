//! The one place where the edges meet: request → queries and freshness → values → report → letter → mail.
//!
//! What a source can't answer is a fact of the outcome, never an error of the run: the KPIs that need it say why, the others stand.

use crate::calendar::Calendar;
use crate::catalog::{Catalog, MailSettings};
use crate::mail::{self, Body, Headers, Mail, MimeError};
use crate::measure::{Measured, Model, Request};
use crate::query::{Need, Otherwise, Readings, Source};
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
    let mut window = request.period.window;
    window.end = window.end.min(now);
    let mut needs = request.needs(&model, calendar);
    let contracts = under_contract(&needs);
    needs.extend(contracts.values().map(|source| Need::newest(source.clone(), window)));
    let mut readings = sources.read(needs, &calendar.zone, progress).await;
    let stale = judge_freshness(&contracts, &mut readings, window.end);
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

/// Why a mail could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Mime(#[from] MimeError),
}

/// The mail in which `person` gets `report`. Made twice for the same person and edition it has the same Message-ID.
///
/// # Errors
/// A template that was overridden, a mail larger than servers take, or an address that is none.
pub fn mail(renderer: &Renderer, settings: &MailSettings, report: &Report, person: &Person) -> Result<Mail, MailError> {
    let body = Body::new(&renderer.render(report, person)?)?;
    Ok(addressed(&body, settings, report, person)?)
}

/// The mail that brings `body`, the letter for all readers of a language and locale, to `person`.
///
/// # Errors
/// An address that is none.
pub fn addressed(body: &Body, settings: &MailSettings, report: &Report, person: &Person) -> Result<Mail, MimeError> {
    let made = &report.made;
    let run = format!("{}.{}.{}", report.id, made.period.label(&report.calendar), made.as_of.as_millisecond());
    let headers = Headers {
        from: &settings.from,
        reply_to: settings.reply_to.as_deref(),
        name: person.name.as_deref(),
        email: &person.email,
        list: &report.id,
        run: &run,
        thread: None,
        unsubscribe: None,
        date: made.as_of,
    };
    mail::compose(body, &headers)
}

/// What formulas may name.
pub fn model(catalog: &Catalog) -> Model {
    Model::new(catalog.kpis.iter().cloned(), catalog.sources.values().cloned())
}

/// Each failed source once, with its first reason.
fn failures(readings: &Readings) -> Vec<Failure> {
    let mut failed: BTreeMap<&Name, &Name> = BTreeMap::new();
    for (source, why) in readings.failures() {
        failed.entry(source).or_insert(why);
    }
    failed.into_iter().map(|(source, why)| Failure { source: source.clone(), why: why.clone() }).collect()
}

/// The sources with a freshness contract among those needed.
fn under_contract(needs: &[Need]) -> BTreeMap<Name, Arc<Source>> {
    let under = needs.iter().filter(|need| need.source.fresh.is_some());
    under.map(|need| (need.source.name.clone(), need.source.clone())).collect()
}

/// Which sources are stale when data up to `end` is wanted. What may not be shown then is failed in the readings.
/// Waiting for fresh data is the daemon's; here `hold` warns.
fn judge_freshness(contracts: &BTreeMap<Name, Arc<Source>>, readings: &mut Readings, end: Timestamp) -> Vec<Stale> {
    let mut stale = Vec::new();
    for (source, newest) in readings.newest().clone() {
        let fresh = contracts[&source].fresh.as_ref().expect("only sources under contract were asked");
        let newest = match newest {
            Ok(newest) => newest,
            Err(why) => {
                readings.fail(&source, why);
                continue;
            }
        };
        if newest.is_some_and(|newest| newest >= end - fresh.within) {
            continue;
        }
        if fresh.otherwise == Otherwise::Fail {
            readings.fail(&source, "its data is too old".into());
        }
        stale.push(Stale { source, newest });
    }
    stale
}
