//! A case in words: what was expected, what came instead, and what that was computed from.

use super::cases::{Case, Failure};
use crate::calendar::Calendar;
use crate::catalog::Diagnostic;
use crate::measure::{Difference, Mismatch, Read, Segment};
use crate::text::Name;
use serde_json::{Value as Json, json};

/// What failed, in lines without the place: the first says it all, the rest says why.
pub fn lines(case: &Case, calendar: &Calendar) -> Vec<String> {
    match &case.failure {
        None => Vec::new(),
        Some(Failure::Given(failure, formula)) => vec![failure.to_string(), is(case.kpi, formula)],
        Some(Failure::Rows(mismatch)) => {
            let mut lines: Vec<String> = mismatch.differences.iter().map(difference).collect();
            lines.push(is(case.kpi, &mismatch.formula));
            lines.extend(mismatch.named.iter().map(|(input, value)| format!("  {input} = {value}")));
            lines.extend(reads(mismatch, calendar));
            lines
        }
    }
}

/// Nothing when the case passed.
pub fn text(case: &Case, calendar: &Calendar, coloured: bool) -> String {
    let lines = lines(case, calendar);
    if lines.is_empty() {
        return String::new();
    }
    let (red, plain) = if coloured { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
    let title = match case.test {
        Some(test) => format!("{}: {} in {test}:", case.place, case.kpi),
        None => format!("{}: {}:", case.place, case.kpi),
    };
    let rest: String = lines[1..].iter().map(|line| format!("    {line}\n")).collect();
    format!("{title} {red}{}{plain}\n{rest}\n", lines[0])
}

pub fn json(case: &Case, calendar: &Calendar) -> Json {
    let lines = lines(case, calendar);
    let mut row = json!({
        "kpi": &**case.kpi,
        "test": case.test.map(|name| &**name),
        "place": case.place.to_string(),
        "failure": lines.first(),
    });
    if let Some(Failure::Rows(mismatch)) = &case.failure {
        row["differences"] = mismatch.differences.iter().map(difference).collect();
        row["read"] = mismatch.reads.iter().map(|read| read_json(read, calendar)).collect();
    }
    row
}

/// An error of the YAML in the form of a case, which is about no KPI.
pub fn unread(problem: &Diagnostic) -> Json {
    json!({
        "kpi": null,
        "test": null,
        "place": format!("{}:{}", problem.file(), problem.line()),
        "failure": problem.message,
        "code": problem.code,
    })
}

/// `cac = spend.cost / leads.created`, on one line.
fn is(kpi: &Name, formula: &str) -> String {
    format!("{kpi} = {}", formula.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn difference((segment, difference): &(Option<(Name, Segment)>, Difference)) -> String {
    match segment {
        Some((dimension, segment)) => format!("{dimension} {}: {difference}", segment.as_deref().unwrap_or("null")),
        None => difference.to_string(),
    }
}

/// Input, window and value in columns.
fn reads(mismatch: &Mismatch, calendar: &Calendar) -> Vec<String> {
    let rows: Vec<_> = mismatch.reads.iter().map(|read| (&read.input, about(read, calendar), &read.value)).collect();
    let widest = |of: &dyn Fn(usize) -> usize| (0..rows.len()).map(of).max().unwrap_or_default();
    let (input, about) = (widest(&|i| rows[i].0.chars().count()), widest(&|i| rows[i].1.chars().count()));
    rows.iter().map(|(name, window, value)| format!("  {name:input$}  {window:about$}  {value}")).collect()
}

/// `2026-W46, trailing 12 months, device mobile`
fn about(read: &Read, calendar: &Calendar) -> String {
    let mut parts = vec![read.period.label(calendar) + if read.period.running { " so far" } else { "" }];
    parts.extend(read.over.map(|over| over.to_string()));
    for (dimension, values) in &read.filter {
        let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("null")).collect();
        parts.push(format!("{dimension} {}", values.join(" or ")));
    }
    parts.join(", ")
}

fn read_json(read: &Read, calendar: &Calendar) -> Json {
    json!({
        "input": read.input,
        "period": read.period.label(calendar),
        "over": read.over.map(|over| over.to_string()),
        "where": read.filter.iter().map(|(dimension, values)| (dimension.to_string(), json!(values.iter().map(Option::as_deref).collect::<Vec<_>>()))).collect::<serde_json::Map<_, _>>(),
        "value": read.value.number(),
        "missing": read.value.reason().map(ToString::to_string),
    })
}
