//! Measurements and reports for programs: JSON and machine CSV. Numbers are plain, never formatted; a missing one is null.
//!
//! `kpid measure --json` and a whole [`report`] are made of the same parts, so that a script reads both alike. Fields are only ever
//! added. What a report's reader sees stands beside the numbers as `shown`. Infinity, which JSON lacks, is null.

mod csv;
mod report;

pub use csv::csv;
pub(super) use csv::field;
pub(super) use report::report;

use crate::calendar::{Calendar, Period};
use crate::formula::{Input, Value};
use crate::measure::{
    Change, Comparison, Contrast, Contribution, Drivers, InForce, Measured, Measurement, Others, Point, Proportion,
    SegmentChange, Unit, Verdict,
};
use serde_json::{Map, Value as Json, json};

pub fn period(period: Period, calendar: &Calendar) -> Json {
    json!({
        "label": period.label(calendar),
        "cadence": period.cadence.to_string(),
        "start": period.window.start.to_string(),
        "end": period.window.end.to_string(),
        "time_zone": calendar.zone.iana_name(),
        "running": period.running,
    })
}

pub fn kpi(measured: &Measured, calendar: &Calendar) -> Json {
    let mut fields = Map::new();
    fields.insert("id".into(), json!(&*measured.kpi.id));
    fields.insert("unit".into(), json!(unit(&measured.kpi.unit)));
    fields.extend(measurement(&measured.whole));
    let changes = measured.changes.iter().map(|c| change(c, calendar)).collect::<Vec<_>>();
    fields.insert("changes".into(), json!(changes));
    let segments = measured.segments.iter().map(measurement).map(Json::Object).collect::<Vec<_>>();
    fields.insert("segments".into(), json!(segments));
    fields.insert("others".into(), measured.others.as_ref().map_or(Json::Null, others));
    fields.insert("contrast".into(), measured.contrast.as_ref().map_or(Json::Null, contrast));
    let trend = measured.trend.iter().map(|p| point(p, calendar)).collect::<Vec<_>>();
    fields.insert("trend".into(), json!(trend));
    Json::Object(fields)
}

/// A unit as the YAML writes it.
fn unit(unit: &Unit) -> String {
    match unit {
        Unit::Count => "count".to_owned(),
        Unit::Number => "number".to_owned(),
        Unit::Percent => "percent".to_owned(),
        Unit::Currency(None) => "currency".to_owned(),
        Unit::Currency(Some(code)) => format!("currency:{code}"),
        Unit::Ratio => "ratio".to_owned(),
        Unit::Minutes => "minutes".to_owned(),
        Unit::Hours => "hours".to_owned(),
        Unit::Days => "days".to_owned(),
    }
}

fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Near => "near",
        Verdict::Missed => "missed",
        Verdict::NotJudged(_) => "not judged",
    }
}

/// Why there is no verdict, in words.
pub fn not_judged(verdict: &Verdict) -> Option<String> {
    let Verdict::NotJudged(why) = verdict else { return None };
    Some(why.to_string())
}

fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Previous => "previous",
        Comparison::YearAgo => "year_ago",
    }
}

/// What `segment` was in each of the earlier periods; none where nothing is known of it.
pub(super) fn before<'a>(changes: &'a [Change], segment: &'a Measurement) -> impl Iterator<Item = Option<&'a Value>> {
    let value = segment.segment.as_ref().and_then(|(_, value)| value.as_ref());
    changes.iter().map(move |change| {
        change.segments.iter().find(|before| before.value.as_ref() == value).map(|before| &before.from)
    })
}

fn measurement(measurement: &Measurement) -> Map<String, Json> {
    let mut fields = Map::new();
    if let Some((dimension, value)) = &measurement.segment {
        fields.insert("dimension".into(), json!(&**dimension));
        fields.insert("segment".into(), json!(value.as_deref()));
    }
    fields.insert("value".into(), json!(measurement.value.number()));
    fields.insert("missing".into(), missing(&measurement.value));
    if let Some(share) = &measurement.proportion {
        fields.insert("proportion".into(), proportion(*share));
    }
    fields.insert("target".into(), measurement.target.as_ref().map_or(Json::Null, target));
    fields.insert("verdict".into(), json!(verdict(&measurement.verdict)));
    fields.insert("not_judged".into(), json!(not_judged(&measurement.verdict)));
    if let Some(sample) = &measurement.sample {
        fields.insert("sample".into(), json!(sample.number()));
    }
    fields.insert("inputs".into(), inputs(&measurement.inputs));
    fields
}

fn missing(value: &Value) -> Json {
    json!(value.reason().map(ToString::to_string))
}

fn inputs(inputs: &[(Input, Value)]) -> Json {
    Json::Object(inputs.iter().map(|(input, value)| (input.to_string(), json!(value.number()))).collect())
}

fn proportion(proportion: Proportion) -> Json {
    let (low, high) = proportion.interval();
    json!({ "hits": proportion.hits, "of": proportion.of, "low": low, "high": high })
}

fn target(target: &InForce) -> Json {
    let (low, high) = target.level.bounds();
    json!({ "low": low, "high": high, "near": target.near, "since": target.since.map(|d| d.to_string()), "why": target.why })
}

fn change(change: &Change, calendar: &Calendar) -> Json {
    json!({
        "against": comparison(change.comparison),
        "period": change.period.label(calendar),
        "value": change.value.number(),
        "missing": missing(&change.value),
        "inputs": inputs(&change.inputs),
        "drivers": change.drivers.as_ref().map_or(Json::Null, drivers),
        "segments": change.segments.iter().map(segment).collect::<Vec<_>>(),
    })
}

fn drivers(drivers: &Drivers) -> Json {
    let contribution = |c: &Contribution| json!({ "input": c.input.to_string(), "from": c.from.number(), "to": c.to.number(), "amount": c.amount });
    let contributions = drivers.contributions.iter().map(contribution).collect::<Vec<_>>();
    json!({ "change": drivers.change, "exact": drivers.exact, "contributions": contributions })
}

fn segment(change: &SegmentChange) -> Json {
    json!({
        "segment": change.value.as_deref(),
        "from": change.from.number(),
        "to": change.to.number(),
        "rate": change.part.map(|part| part.rate),
        "mix": change.part.map(|part| part.mix),
    })
}

fn others(others: &Others) -> Json {
    let mut fields = Map::new();
    fields.insert("count".into(), json!(others.count));
    fields.extend(measurement(&others.now));
    fields.insert("before".into(), json!(others.before.iter().map(Value::number).collect::<Vec<_>>()));
    Json::Object(fields)
}

fn contrast(contrast: &Contrast) -> Json {
    json!({
        "a": contrast.a.as_deref(),
        "b": contrast.b.as_deref(),
        "difference": contrast.difference,
        "low": contrast.low,
        "high": contrast.high,
        "noise": contrast.is_noise(),
    })
}

fn point(point: &Point, calendar: &Calendar) -> Json {
    json!({
        "period": point.period.label(calendar),
        "value": point.value.number(),
        "missing": missing(&point.value),
        "target": point.target.as_ref().map_or(Json::Null, target),
        "verdict": verdict(&point.verdict),
    })
}
