//! What the page is told, as JSON: names, problems, and what an edition looks like in a list. No URL and no setting is in it.

use super::shot::Shot;
use super::studio::State;
use super::{Edition, Problem, Rendered, Studio, problem};
use crate::calendar::Period;
use crate::measure::{Kpi, Measured, Verdict};
use crate::render::{File, Format, LIMIT, RenderError, encoded_size};
use crate::report::{Person, ReportSpec};
use crate::text::Name;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many periods can be picked.
const PERIODS: u16 = 13;

/// The folder: what can be looked at, and what is wrong.
pub fn state(studio: &Studio, state: &State) -> Value {
    let shot = state.shot.as_deref();
    let catalog = shot.map(|shot| &shot.installation.catalog);
    let language = &*state.audience.language;
    let person = |(id, person): (&Name, &Person)| {
        let name = person.name.as_deref().unwrap_or(id);
        json!({ "id": &**id, "name": name, "language": &*person.language, "locale": person.locale })
    };
    let kpi = |kpi: &Arc<Kpi>| json!({ "id": &*kpi.id, "name": kpi.name.get(language, language) });
    json!({
        "generation": state.generation,
        "folder": studio.dir.display().to_string(),
        "version": catalog.map(|catalog| &*catalog.version),
        "language": language,
        "locale": state.audience.locale,
        "as_of": shot.map(|shot| shot.now.to_string()),
        "broken": state.is_broken(),
        "reports": shot.map_or_else(Vec::new, |shot| reports(shot, language)),
        "people": catalog.map_or_else(Vec::new, |catalog| catalog.people.iter().map(person).collect()),
        "kpis": catalog.map_or_else(Vec::new, |catalog| catalog.kpis.iter().map(kpi).collect()),
        "problems": state.problems,
        "queries": studio.stats(),
    })
}

fn reports(shot: &Shot, language: &str) -> Vec<Value> {
    let catalog = &shot.installation.catalog;
    let report = |spec: &ReportSpec| {
        let gets = |person: &Person| spec.to.iter().any(|reader| reader.email == person.email);
        let readers: Vec<&str> =
            catalog.people.iter().filter(|(_, person)| gets(person)).map(|(id, _)| &**id).collect();
        json!({
            "id": &*spec.id,
            "title": spec.title.get(language, language),
            "period": spec.period_at(shot.now).label(&spec.calendar),
            "readers": readers,
        })
    };
    shot.specs().iter().map(report).collect()
}

/// One edition as `person` gets it.
///
/// # Errors
/// The locale is none.
pub fn report(edition: &Edition, rendered: &Rendered, person: &Person) -> Result<Value, RenderError> {
    let Edition { installation, report, request, spec, .. } = edition;
    let settings = &installation.catalog.settings;
    let format = Format::new(&person.locale, &settings.currency)?;
    let row = |measured: &Measured| {
        let kpi = &measured.kpi;
        json!({
            "id": &*kpi.id,
            "name": kpi.name.get(&person.language, &settings.language),
            "value": format.value(&measured.whole.value, &kpi.unit, kpi.decimals),
            "verdict": verdict(&measured.whole.verdict),
        })
    };
    let letter = &rendered.letter;
    let file = |file: &File| json!({ "name": file.name, "bytes": file.bytes.len() });
    let failed = |failure| problem::of_failure(installation, failure);
    let counts = report.counts;
    Ok(json!({
        "report": &*report.id,
        "title": report.title.get(&person.language, &settings.language),
        "from": settings.mail.as_ref().map(|mail| &mail.from),
        "subject": letter.subject,
        "preheader": rendered.preheader,
        "text": letter.text,
        "bytes": rendered.bytes.as_ref().ok(),
        "too_large": rendered.bytes.as_ref().err(),
        "html_bytes": encoded_size(&letter.html),
        "html_limit": LIMIT,
        "attachments": letter.attachments.iter().map(file).collect::<Vec<_>>(),
        "images": letter.images.len(),
        "period": request.period.label(&spec.calendar),
        "periods": periods(edition),
        "as_of": edition.now.to_string(),
        "queries": edition.queries,
        "kpis": report.rows().map(|row| &*row.measured.kpi.id).collect::<Vec<_>>(),
        "rows": report.rows().map(|one| row(&one.measured)).collect::<Vec<_>>(),
        "counts": { "met": counts.met, "near": counts.near, "missed": counts.missed, "not_judged": counts.not_judged },
        "failures": edition.failures.iter().map(failed).collect::<Vec<Problem>>(),
        "stale": edition.stale.iter().map(|stale| &*stale.source).collect::<Vec<_>>(),
    }))
}

/// Those that can be picked, newest first: the running one, the complete ones before it, and the one that is shown.
fn periods(edition: &Edition) -> Vec<Value> {
    let calendar = &edition.spec.calendar;
    let shown = edition.request.period;
    let last = calendar.last_complete(shown.cadence, edition.now);
    let mut all: Vec<Period> = calendar.trend(last, PERIODS);
    all.push(calendar.running(shown.cadence, edition.now));
    if !all.iter().any(|period| period.first == shown.first) {
        all.push(shown);
    }
    all.sort_by_key(|period| Reverse(period.first));
    let one = |period: &Period| {
        let (label, last) = (period.label(calendar), period.last());
        let title = if period.first == last { label.clone() } else { format!("{label}: {} to {last}", period.first) };
        let (first, last) = (period.first.to_string(), last.to_string());
        json!({ "label": label, "title": title, "first": first, "last": last, "running": period.running })
    };
    all.iter().map(one).collect()
}

fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Near => "near",
        Verdict::Missed => "missed",
        Verdict::NotJudged(_) => "none",
    }
}
