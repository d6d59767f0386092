//! How a value came about as JSON: formulas part by part, and the rows below them. References are positions in the lists.

use crate::calendar::{Calendar, Window};
use crate::formula::{Part, Reason, Value, What};
use crate::measure::Filter;
use crate::measure::explanation::{Asked, Evaluated, Explanation, Kept, Origin, Place, Read, Row};
use crate::text::Name;
use serde_json::{Map, Value as Json, json};

pub fn explanation(explanation: &Explanation, calendar: &Calendar) -> Json {
    json!({
        "complete": explanation.complete,
        "target": explanation.target,
        "sample": explanation.sample,
        "formulas": explanation.formulas.iter().map(|one| evaluated(one, calendar)).collect::<Vec<_>>(),
        "reads": explanation.reads.iter().map(|one| read(one, calendar)).collect::<Vec<_>>(),
    })
}

/// Why a value is missing, as a word for who says it in another language, and what it is about.
pub fn reason(value: &Value) -> Json {
    let Some(reason) = value.reason() else { return Json::Null };
    let (word, what) = match reason {
        Reason::NoRow { what } => ("no-row", what),
        Reason::Null { what } => ("is-null", what),
        Reason::DivisionByZero { what } => ("division-by-zero", what),
        Reason::Overflow { what } => ("overflow", what),
        Reason::Domain { what } => ("domain", what),
        Reason::NotFinite { what } => ("not-finite", what),
        Reason::SourceFailed { source, .. } => ("source-failed", source),
    };
    json!({ "word": word, "what": &**what })
}

/// Dimension → the values kept; null is NULL.
pub fn filter(filter: &Filter) -> Json {
    filter.iter().map(|(dimension, values)| (dimension.to_string(), segments(values))).collect()
}

/// Names of segments; null is NULL.
fn segments<'a>(values: impl IntoIterator<Item = &'a Option<Name>>) -> Json {
    values.into_iter().map(|value| value.as_deref()).collect()
}

fn names<'a>(names: impl IntoIterator<Item = &'a Name>) -> Json {
    names.into_iter().map(|name| &**name).collect()
}

fn evaluated(evaluated: &Evaluated, calendar: &Calendar) -> Json {
    let trace = &evaluated.trace;
    let mut fields = place(&evaluated.place, calendar);
    fields.insert("kpi".into(), json!(&*evaluated.kpi));
    fields.insert("text".into(), json!(trace.text));
    fields.insert("parts".into(), trace.parts.iter().map(|one| part(one, &trace.text)).collect());
    fields.insert("inputs".into(), evaluated.inputs.iter().map(|one| asked(one, calendar)).collect());
    Json::Object(fields)
}

fn place(place: &Place, calendar: &Calendar) -> Map<String, Json> {
    let mut fields = Map::new();
    fields.insert("period".into(), json!(place.period.label(calendar)));
    fields.insert("over".into(), json!(place.over.map(|over| over.to_string())));
    fields.insert("window".into(), window(place.window, calendar));
    fields.insert("where".into(), filter(&place.filter));
    fields
}

fn window(window: Window, calendar: &Calendar) -> Json {
    let local = |at: jiff::Timestamp| at.to_zoned(calendar.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    json!({ "start": local(window.start), "end": local(window.end) })
}

/// Places in the text are counted as JavaScript counts them, in UTF-16.
fn part(part: &Part, text: &str) -> Json {
    let utf16 = |bytes: usize| text[..bytes].encode_utf16().count();
    let (operation, input) = match part.what {
        What::Operation(operation) => (Some(operation), None),
        What::Input(input) => (None, Some(input)),
        What::Number => (None, None),
    };
    let value = match &part.value {
        Some(Value::Number(number)) if part.condition => json!(*number != 0.0),
        Some(Value::Number(number)) => json!(number),
        Some(Value::Missing(_)) | None => Json::Null,
    };
    json!({
        "at": [utf16(part.span.start), utf16(part.span.end)],
        "operation": operation,
        "input": input,
        "evaluated": part.value.is_some(),
        "value": value,
        "missing": part.value.as_ref().and_then(Value::reason).map(Reason::brief),
        "reason": part.value.as_ref().map_or(Json::Null, reason),
        "parts": part.parts,
    })
}

fn asked(asked: &Asked, calendar: &Calendar) -> Json {
    let mut fields = place(&asked.place, calendar);
    fields.insert("input".into(), json!(asked.input.to_string()));
    let (formula, read) = match asked.origin {
        Origin::Formula(formula) => (Some(formula), None),
        Origin::Read(read) => (None, Some(read)),
        Origin::LeftOut => (None, None),
    };
    fields.insert("formula".into(), json!(formula));
    fields.insert("read".into(), json!(read));
    Json::Object(fields)
}

fn read(read: &Read, calendar: &Calendar) -> Json {
    let source = &read.source;
    let rows = |kept: &Kept| kept.first.iter().map(|one| row(one, calendar)).collect::<Vec<_>>();
    json!({
        "source": &*source.name,
        "window": window(read.window, calendar),
        "where": filter(&read.filter),
        "time": source.time.as_deref(),
        "dimensions": names(&source.dimensions),
        "measures": names(source.measures.iter().map(|measure| &measure.name)),
        "count": read.rows.as_ref().ok().map(|kept| kept.count),
        "failure": read.rows.as_ref().err().map(ToString::to_string),
        "rows": read.rows.as_ref().map(rows).unwrap_or_default(),
    })
}

fn row(row: &Row, calendar: &Calendar) -> Json {
    let time = row.time.map(|at| {
        let zoned = at.to_zoned(calendar.zone.clone());
        let midnight = zoned.start_of_day().is_ok_and(|start| start == zoned);
        zoned.strftime(if midnight { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
    });
    let measures: Vec<Option<f64>> = row.measures.iter().map(Value::number).collect();
    json!({ "time": time, "dimensions": segments(&row.dimensions), "measures": measures })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::{calendar, kpi, week, world};

    #[test]
    fn places_in_the_text_are_those_that_javascript_counts() {
        let world = world(&[], &[], vec![kpi("k", "año * 2"), kpi("año", "sales.visits")]);
        let how = Explanation::of(&world.kpis[0], week("2026-W46"), &world.model, &calendar(), &world.readings);
        let json = explanation(&how, &calendar());
        let parts = json["formulas"][0]["parts"].as_array().expect("a list");
        assert_eq!(
            parts.iter().map(|part| part["at"].clone()).collect::<Vec<_>>(),
            [json!([0, 7]), json!([0, 3]), json!([6, 7])]
        );
        assert_eq!(
            (&json["formulas"][0]["inputs"][0]["formula"], &json["formulas"][1]["kpi"]),
            (&json!(1), &json!("año"))
        );
    }
}
