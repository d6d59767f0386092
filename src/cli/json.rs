//! Measurements as JSON and CSV, for scripts. Numbers are plain, never formatted.

use super::measure::Asked;
use crate::calendar::{Calendar, Period};
use crate::formula::{Input, Value};
use crate::measure::{Change, Drivers, InForce, Measured, Measurement, Point, SegmentChange, Unit, Verdict, Why};
use crate::pipeline::Outcome;
use serde_json::{Map, Value as Json, json};

pub fn outcome(outcome: &Outcome, asked: &Asked) -> Json {
    let calendar = &asked.calendar;
    json!({
        "period": period(asked.request.period, calendar),
        "as_of": asked.chosen.now.to_string(),
        "kpis": outcome.measured.iter().map(|measured| kpi(measured, calendar)).collect::<Vec<_>>(),
        "failures": outcome.failures.iter().map(|f| json!({ "source": &*f.source, "why": &*f.why })).collect::<Vec<_>>(),
        "stale": outcome.stale.iter()
            .map(|stale| json!({ "source": &*stale.source, "newest": stale.newest.map(|t| t.to_string()) }))
            .collect::<Vec<_>>(),
    })
}

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
    let point = |point: &Point| json!({ "period": point.period.label(calendar), "value": point.value.number() });
    fields.insert("trend".into(), json!(measured.trend.iter().map(point).collect::<Vec<_>>()));
    Json::Object(fields)
}

/// A unit as the YAML writes it.
pub fn unit(unit: &Unit) -> String {
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

fn measurement(measurement: &Measurement) -> Map<String, Json> {
    let mut fields = Map::new();
    if let Some((dimension, value)) = &measurement.segment {
        fields.insert("dimension".into(), json!(&**dimension));
        fields.insert("segment".into(), json!(value.as_deref()));
    }
    fields.insert("value".into(), json!(measurement.value.number()));
    fields.insert("missing".into(), json!(measurement.value.reason().map(ToString::to_string)));
    fields.insert("target".into(), measurement.target.as_ref().map_or(Json::Null, target));
    fields.insert("verdict".into(), json!(verdict(&measurement.verdict)));
    fields.insert("not_judged".into(), json!(not_judged(&measurement.verdict)));
    if let Some(sample) = &measurement.sample {
        fields.insert("sample".into(), json!(sample.number()));
    }
    fields.insert("inputs".into(), inputs(&measurement.inputs));
    fields
}

fn inputs(inputs: &[(Input, Value)]) -> Json {
    Json::Object(inputs.iter().map(|(input, value)| (input.to_string(), json!(value.number()))).collect())
}

fn target(target: &InForce) -> Json {
    let (low, high) = target.level.bounds();
    json!({ "low": low, "high": high, "near": target.near, "since": target.since.map(|d| d.to_string()), "why": target.why })
}

pub fn verdict(verdict: &Verdict) -> &'static str {
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
    Some(match why {
        Why::NoTarget => "no target".to_owned(),
        Why::Missing(reason) => reason.to_string(),
        Why::TargetMissing(reason) => format!("no target: {reason}"),
        Why::SmallSample { has, needs } => format!("sample too small: {has} of {needs}"),
        Why::PeriodOpen => "the period is still open".to_owned(),
    })
}

fn change(change: &Change, calendar: &Calendar) -> Json {
    json!({
        "against": match change.comparison {
            crate::measure::Comparison::Previous => "previous",
            crate::measure::Comparison::YearAgo => "year_ago",
        },
        "period": change.period.label(calendar),
        "value": change.value.number(),
        "inputs": inputs(&change.inputs),
        "drivers": change.drivers.as_ref().map_or(Json::Null, drivers),
        "segments": change.segments.iter().map(segment).collect::<Vec<_>>(),
    })
}

fn drivers(drivers: &Drivers) -> Json {
    let contribution = |c: &crate::measure::Contribution| json!({ "input": c.input.to_string(), "from": c.from.number(), "to": c.to.number(), "amount": c.amount });
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

/// One row a KPI and segment.
pub fn csv(outcome: &Outcome, asked: &Asked) -> String {
    let period = asked.request.period.label(&asked.calendar);
    let mut text = "period,kpi,dimension,segment,value,missing,unit,target_low,target_high,verdict\n".to_owned();
    for measured in &outcome.measured {
        for measurement in std::iter::once(&measured.whole).chain(&measured.segments) {
            let (dimension, segment) = match &measurement.segment {
                Some((dimension, value)) => (&**dimension, value.as_deref().unwrap_or_default()),
                None => ("", ""),
            };
            let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
            let bounds = measurement.target.as_ref().map(|target| target.level.bounds());
            let row = [
                field(&period),
                field(&measured.kpi.id),
                field(dimension),
                field(segment),
                number(measurement.value.number()),
                field(&measurement.value.reason().map(ToString::to_string).unwrap_or_default()),
                unit(&measured.kpi.unit),
                number(bounds.map(|b| b.0)),
                number(bounds.map(|b| b.1)),
                verdict(&measurement.verdict).to_owned(),
            ];
            text.push_str(&row.join(","));
            text.push('\n');
        }
    }
    text
}

/// A text cell: quoted where RFC 4180 wants it, and never one that a spreadsheet would run as a formula.
fn field(text: &str) -> String {
    let text = match text.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ if text.starts_with(['\t', '\r']) => format!("'{text}"),
        _ => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
