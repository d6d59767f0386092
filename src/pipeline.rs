//! The one place where the edges meet: request → queries and freshness → values → report → letter → mail.
//!
//! What a source can't answer is a fact of the outcome, never an error of the run: the KPIs that need it say why, the others stand.

mod press;
mod question;
mod sample;

pub use press::{Pressed, frozen, key, press, sender};
pub use question::Question;
pub use sample::samples;

use crate::calendar::{Calendar, Period};
use crate::catalog::{Catalog, MailAuth, MailSettings};
use crate::formula::Reference;
use crate::mail::{self, Auth, Body, Headers, Mail, MimeError, Server, ServerError};
use crate::measure::{Measured, Model, Request};
use crate::render::{Audience, RenderError, Renderer};
use crate::report::{self, Facts, Failed, History, Made, Person, Report, ReportSpec, Words};
use crate::source::{Progress, Sources};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

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
    /// Whether it may well answer a little later.
    pub may_pass: bool,
}

/// A source whose newest data is older than its contract allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub source: Name,
    /// Absent when it has no data at all.
    pub newest: Option<Timestamp>,
    /// How long a report that is not made by hand waits for fresh data, from its scheduled time on.
    pub hold: Option<Duration>,
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
    let question = Question::new(catalog, request, calendar, now);
    let mut readings = sources.read(question.needs(), &calendar.zone, progress).await;
    question.outcome(&mut readings)
}

/// The edition of `spec` that shows `outcome`, beside what earlier editions told.
pub fn edition(catalog: &Catalog, spec: &ReportSpec, outcome: Outcome, history: History, made: Made) -> Report {
    let day = |newest: Timestamp| newest.to_zoned(spec.calendar.zone.clone()).date();
    let stale = |stale: Stale| report::Stale { source: stale.source, newest: stale.newest.map(day), kpis: Vec::new() };
    // A source that is refused for its age did answer.
    let late: HashSet<Name> = outcome.stale.iter().map(|stale| stale.source.clone()).collect();
    let failed = |failure: Failure| Failed { source: failure.source, why: failure.why.to_string(), kpis: Vec::new() };
    let facts = Facts {
        stale: outcome.stale.into_iter().map(stale).collect(),
        failed: outcome.failures.into_iter().filter(|failure| !late.contains(&failure.source)).map(failed).collect(),
        history,
        words: words(catalog),
        made,
    };
    Report::build(spec, outcome.measured, facts)
}

/// An edition about `period` with the data of `as_of`, made by hand.
pub fn made(catalog: &Catalog, period: Period, as_of: Timestamp) -> Made {
    let settings = &catalog.settings;
    let reply_to = settings.mail.as_ref().and_then(|mail| mail.reply_to.clone());
    Made {
        catalog: Some(catalog.version.clone()),
        contact: reply_to.or_else(|| settings.admin.clone()),
        ..Made::new(period, as_of)
    }
}

/// What readers see for the names of the YAML. Of sources that label a dimension differently the first by name is heard.
fn words(catalog: &Catalog) -> Words {
    let mut words = Words::default();
    for kpi in &catalog.kpis {
        words.inputs.insert(Reference::Kpi(kpi.id.clone()), kpi.name.clone());
    }
    for source in catalog.sources.values() {
        words.sources.extend(source.description.clone().map(|text| (source.name.clone(), text)));
        for (name, label) in &source.labels {
            if source.measure(name).is_some() {
                let reference = Reference::Measure { source: source.name.clone(), measure: name.clone() };
                words.inputs.insert(reference, label.clone());
            } else {
                words.dimensions.entry(name.clone()).or_insert_with(|| label.clone());
            }
        }
    }
    words
}

/// The server that `settings` send mail to.
///
/// # Errors
/// Its URL, as it was put together from outside, is none.
pub fn mail_server(settings: &MailSettings) -> Result<Server, ServerError> {
    let mut server = Server::parse(settings.server.expose())?;
    if let Server::Smtp(relay) = &mut server {
        relay.auth = match settings.auth {
            MailAuth::Password => Auth::Password,
            MailAuth::Xoauth2 => Auth::Xoauth2,
        };
    }
    Ok(server)
}

/// Why a mail could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Mime(#[from] MimeError),
}

/// The mails of one edition: rendered and encoded once for all readers of a language and locale.
#[derive(Debug)]
pub struct Mailing<'a> {
    renderer: &'a Renderer,
    settings: &'a MailSettings,
    report: &'a Report,
    bodies: HashMap<Audience, Body>,
}

impl<'a> Mailing<'a> {
    pub fn new(renderer: &'a Renderer, settings: &'a MailSettings, report: &'a Report) -> Mailing<'a> {
        Mailing { renderer, settings, report, bodies: HashMap::new() }
    }

    /// The mail in which `person` gets the report. Made twice for the same person and edition it has the same Message-ID.
    ///
    /// # Errors
    /// A template that was overridden, a mail larger than servers take, or an address that is none.
    pub fn to(&mut self, person: &Person) -> Result<Mail, MailError> {
        let body = match self.bodies.entry(Audience::of(person)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let letter = self.renderer.letter(self.report, place.key())?;
                place.insert(Body::new(&letter)?)
            }
        };
        let made = &self.report.made;
        let period = made.period.label(&self.report.calendar);
        let run = format!("{}.{period}.{}", self.report.id, made.as_of.as_millisecond());
        let headers = Headers {
            from: &self.settings.from,
            reply_to: self.settings.reply_to.as_deref(),
            name: person.name.as_deref(),
            email: &person.email,
            id: &format!("{run}.{}", person.email.trim()),
            list: &self.report.id,
            run: &run,
            thread: None,
            unsubscribe: None,
            date: made.as_of,
        };
        Ok(mail::compose(body, &headers)?)
    }
}

/// What formulas may name.
pub fn model(catalog: &Catalog) -> Model {
    Model::new(catalog.kpis.iter().cloned(), catalog.sources.values().cloned())
}
