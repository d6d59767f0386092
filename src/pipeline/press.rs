//! What a run measured → what is kept of it: letters frozen for each audience, and every number with what it was made of.

use super::{MailError, Outcome, edition, made};
use crate::catalog::{Catalog, Settings};
use crate::mail::Body;
use crate::measure::{InForce, Level, Measured, Measurement, Verdict};
use crate::outbox::{Artifact, Kind, Recipient, Run, Sender};
use crate::render::{Audience, Letter, Renderer};
use crate::report::{self, History, Made, Person, Report, ReportSpec, Send};
use crate::store::{Edition, Kept, Told};
use crate::text::Name;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// An edition, ready to be stored.
#[derive(Debug)]
pub struct Pressed {
    pub edition: Edition,
    /// Whether not one KPI has a value: such a report helps nobody.
    pub empty: bool,
}

/// The edition of `spec` for `run`, from what was measured at `now`; renders for every audience, which takes milliseconds of computing
/// each. `told` are the editions before it, oldest first; `expires` is when its mails are given up.
///
/// # Errors
/// A template that was overridden, or a mail larger than servers take.
pub fn press(
    catalog: &Catalog,
    renderer: &Renderer,
    (spec, run): (&ReportSpec, &Run),
    outcome: Outcome,
    told: &[Told],
    (now, expires): (Timestamp, Timestamp),
) -> Result<Pressed, MailError> {
    let period = spec.period_at(run.slot);
    let scheduled = run.kind == Kind::Scheduled;
    let made = Made {
        scheduled: scheduled.then_some(run.slot),
        late: lateness(run.slot, now).filter(|_| scheduled),
        skipped: if scheduled { run.skipped as usize } else { 0 },
        ..made(catalog, period, now)
    };
    let report = edition(catalog, spec, outcome, history(spec, told), made);
    let sender = sender(&catalog.settings);
    let quiet = quiet(spec, &report, told.last());
    let readers = if quiet.is_none() { readers(catalog, spec) } else { Vec::new() };
    let audiences: BTreeSet<(Name, String)> =
        readers.iter().map(|person| (person.language.clone(), person.locale.clone())).collect();
    let artifacts = audiences.into_iter().map(|(language, locale)| {
        let audience = Audience { language, locale };
        frozen(&renderer.letter(&report, &audience)?, key(&audience), sender.clone(), now)
    });
    let recipient = |person: &Person| Recipient {
        name: person.name.clone(),
        email: person.email.clone(),
        audience: key(&Audience::of(person)),
    };
    Ok(Pressed {
        empty: report.rows().all(|row| row.measured.whole.value.is_missing()),
        edition: Edition {
            period: period.label(&spec.calendar),
            window: period.window,
            config: catalog.version.clone(),
            artifacts: artifacts.collect::<Result<_, MailError>>()?,
            recipients: readers.iter().map(recipient).collect(),
            kept: report.rows().flat_map(|row| kept(catalog, &row.measured)).collect(),
            expires,
            quiet,
        },
    })
}

/// `letter` as every attempt will send it.
///
/// # Errors
/// It is larger than mail servers take.
pub fn frozen(letter: &Letter, audience: String, sender: Sender, rendered: Timestamp) -> Result<Artifact, MailError> {
    let light = match letter.attachments.is_empty() {
        true => None,
        false => Some(Body::new(&Letter { attachments: Vec::new(), ..letter.clone() })?.bytes().to_vec()),
    };
    let body = match (Body::new(letter), &light) {
        (Ok(body), _) => body.bytes().to_vec(),
        // Its numbers are worth more than its attachments.
        (Err(_), Some(light)) => light.clone(),
        (Err(error), None) => return Err(error.into()),
    };
    Ok(Artifact { audience, subject: letter.subject.clone(), body, light, rendered, sender })
}

/// Who sends, as the settings say now.
pub fn sender(settings: &Settings) -> Sender {
    let mail = settings.mail.as_ref();
    Sender {
        from: mail.map(|mail| mail.from.clone()).unwrap_or_default(),
        reply_to: mail.and_then(|mail| mail.reply_to.clone()),
        public_url: settings.web.as_ref().and_then(|web| web.public_url.clone()),
    }
}

/// What an audience is called in the store.
pub fn key(audience: &Audience) -> String {
    format!("{}|{}", audience.language, audience.locale)
}

/// Who gets the report, each address once.
fn readers(catalog: &Catalog, spec: &ReportSpec) -> Vec<Person> {
    let admin = catalog.settings.admin.as_deref().filter(|_| spec.cc_admin);
    let named = |email: &str| spec.to.iter().any(|person| person.email.eq_ignore_ascii_case(email));
    let admin = admin.filter(|email| !named(email)).map(|email| catalog.stranger(email));
    spec.to.iter().cloned().chain(admin).collect()
}

/// Why the condition of `send:` keeps the edition from being sent. Where something could not be measured, or on late data, it is sent:
/// nobody knows that all is well.
fn quiet(spec: &ReportSpec, report: &Report, before: Option<&Told>) -> Option<String> {
    let whole = report.notes.failed.is_empty() && report.notes.stale.is_empty();
    match spec.send {
        Send::Always => None,
        Send::Attention => {
            let calm = report.attention.is_empty() && whole;
            calm.then(|| "`send: attention`, and nothing is near or missed".to_owned())
        }
        Send::Change => {
            let verdicts: BTreeMap<Name, String> = report
                .rows()
                .map(|row| (row.measured.kpi.id.clone(), verdict(&row.measured.whole.verdict).to_owned()))
                .collect();
            let same = whole && before.is_some_and(|before| before.verdicts == verdicts);
            same.then(|| "`send: change`, and every verdict is that of the edition before".to_owned())
        }
    }
}

/// What earlier editions told, as far as their periods can still be read.
fn history(spec: &ReportSpec, told: &[Told]) -> History {
    let edition = |told: &Told| {
        let period = spec.calendar.parse(&told.period).ok()?;
        Some(report::Edition { period, values: told.values.clone() })
    };
    History(told.iter().filter_map(edition).collect())
}

fn kept(catalog: &Catalog, measured: &Measured) -> Vec<Kept> {
    let definition = definition(catalog, measured);
    let one = |measurement: &Measurement| Kept {
        kpi: measured.kpi.id.clone(),
        segment: segment(measurement),
        value: measurement.value.number().ok_or_else(|| reason(measurement)),
        verdict: verdict(&measurement.verdict).to_owned(),
        target: measurement.target.as_ref().map(|target| target_json(target).to_string()),
        inputs: inputs(measurement).to_string(),
        definition: definition.clone(),
    };
    std::iter::once(&measured.whole).chain(&measured.segments).map(one).collect()
}

fn segment(measurement: &Measurement) -> String {
    let Some((dimension, value)) = &measurement.segment else { return String::new() };
    format!("{dimension}={}", value.as_deref().unwrap_or("NULL"))
}

fn reason(measurement: &Measurement) -> String {
    measurement.value.reason().map(ToString::to_string).unwrap_or_default()
}

fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Near => "near",
        Verdict::Missed => "missed",
        Verdict::NotJudged(_) => "not judged",
    }
}

fn target_json(target: &InForce) -> Json {
    let level = match target.level {
        Level::Value(value) => json!({ "value": value }),
        Level::Between(low, high) => json!({ "between": [low, high] }),
    };
    json!({ "level": level, "near": target.near, "since": target.since.map(|day| day.to_string()) })
}

fn inputs(measurement: &Measurement) -> Json {
    let value = |value: &crate::formula::Value| match value.number() {
        Some(number) => json!(number),
        None => json!({ "missing": value.reason().map(ToString::to_string) }),
    };
    measurement
        .inputs
        .iter()
        .map(|(input, given)| (input.to_string(), value(given)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// 12 hexadecimal digits that change when what the KPI means does: its formula, target and filters, or the SQL that it reads.
fn definition(catalog: &Catalog, measured: &Measured) -> String {
    let kpi = &measured.kpi;
    let mut hash = Sha256::new();
    hash.update(kpi.formula.to_string());
    hash.update(format!("{:?} {:?} {:?}", kpi.unit, kpi.good, kpi.filter));
    hash.update(format!("{:?} {:?} {:?} {:?}", kpi.breakdown, kpi.over, kpi.at_least, kpi.target));
    for source in measured.sources.iter().filter_map(|name| catalog.sources.get(name)) {
        hash.update(&source.statement.text);
        hash.update(format!("{:?}", source.measures));
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// How late a run that begins at `now` is; a few minutes are no lateness.
fn lateness(slot: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    let late = now.duration_since(slot);
    (late > SignedDuration::from_mins(5)).then_some(late)
}
