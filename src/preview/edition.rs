//! One edition of a report, measured for the page: rendered for whoever looks, each audience once.

use super::{Cache, Stats};
use crate::calendar::Period;
use crate::daemon::installation::Installation;
use crate::mail::Body;
use crate::measure::{Measured, Request};
use crate::pipeline::{self, Failure, Question, Stale};
use crate::query::Readings;
use crate::render::{Audience, Letter, RenderError};
use crate::report::{History, Report, ReportSpec};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was measured, and from what.
#[derive(Debug)]
pub struct Edition {
    pub installation: Arc<Installation>,
    pub spec: ReportSpec,
    pub request: Request,
    pub readings: Readings,
    pub report: Report,
    pub failures: Vec<Failure>,
    pub stale: Vec<Stale>,
    /// The moment from which it is seen.
    pub now: Timestamp,
    /// What reading it took.
    pub queries: Stats,
    rendered: Mutex<HashMap<Audience, Arc<Rendered>>>,
}

/// What one audience gets.
#[derive(Debug)]
pub struct Rendered {
    pub letter: Letter,
    /// The line that a mailbox shows beside the subject.
    pub preheader: String,
    /// Of the whole mail, or why it is none.
    pub bytes: Result<usize, String>,
}

impl Edition {
    /// Measures `spec` about `period` as of `now`; asks the databases only for what `cache` lacks. The computing is done on a thread
    /// that may be busy.
    pub(super) async fn measure(
        installation: Arc<Installation>,
        spec: ReportSpec,
        (period, now): (Period, Timestamp),
        cache: &Cache,
    ) -> Edition {
        let catalog = &installation.catalog;
        let request = spec.request(spec.kpis().filter_map(|id| catalog.kpi(id).cloned()).collect(), period);
        let needs = Question::new(catalog, &request, &spec.calendar, now).needs();
        let databases = (&installation.sources, &catalog.databases);
        let (readings, queries) = cache.read(databases, needs, &spec.calendar.zone).await;
        let computed = tokio::task::spawn_blocking(move || computed(installation, spec, request, readings, now));
        Edition { queries, ..computed.await.expect("measuring does not panic") }
    }

    /// The KPI of that name, if the report shows it.
    pub fn measured(&self, kpi: &str) -> Option<&Measured> {
        self.report.rows().map(|row| &row.measured).find(|measured| &*measured.kpi.id == kpi)
    }

    /// What `audience` gets. Computes, for milliseconds, the first time.
    ///
    /// # Errors
    /// An overridden template fails on this edition.
    pub fn rendered(&self, audience: &Audience) -> Result<Arc<Rendered>, RenderError> {
        // Held while it is rendered: who asks at the same time for the same waits for it.
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = rendered.get(audience) {
            return Ok(Arc::clone(known));
        }
        let renderer = &self.installation.renderer;
        let letter = renderer.letter(&self.report, audience)?;
        let context = renderer.context(&self.report, audience)?;
        let preheader = context["preheader"].as_str().unwrap_or_default().to_owned();
        let bytes = Body::new(&letter).map(|body| body.bytes().len()).map_err(|error| error.to_string());
        let new = Arc::new(Rendered { letter, preheader, bytes });
        rendered.insert(audience.clone(), Arc::clone(&new));
        Ok(new)
    }
}

fn computed(
    installation: Arc<Installation>,
    spec: ReportSpec,
    request: Request,
    mut readings: Readings,
    now: Timestamp,
) -> Edition {
    let catalog = &installation.catalog;
    let outcome = Question::new(catalog, &request, &spec.calendar, now).outcome(&mut readings);
    let (failures, stale) = (outcome.failures.clone(), outcome.stale.clone());
    let made = pipeline::made(catalog, request.period, now);
    let report = pipeline::edition(catalog, &spec, outcome, History::default(), made);
    Edition {
        installation,
        spec,
        request,
        readings,
        report,
        failures,
        stale,
        now,
        queries: Stats::default(),
        rendered: Mutex::default(),
    }
}
