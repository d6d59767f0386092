//! Measurements as CSV for programs: commas, points, no mark at the beginning, names as the YAML writes them.

use super::{unit, verdict};
use crate::calendar::{Calendar, Period};
use crate::measure::Measured;

/// One row a KPI and segment.
pub fn csv(measured: &[Measured], period: Period, calendar: &Calendar) -> String {
    let period = period.label(calendar);
    let mut text = "period,kpi,dimension,segment,value,missing,unit,target_low,target_high,verdict\n".to_owned();
    for measured in measured {
        for measurement in std::iter::once(&measured.whole).chain(&measured.segments) {
            let (dimension, segment) = match &measurement.segment {
                Some((dimension, value)) => (&**dimension, value.as_deref().unwrap_or_default()),
                None => ("", ""),
            };
            let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
            let bounds = measurement.target.as_ref().map(|target| target.level.bounds());
            let row = [
                field(&period, ','),
                field(&measured.kpi.id, ','),
                field(dimension, ','),
                field(segment, ','),
                number(measurement.value.number()),
                field(&measurement.value.reason().map(ToString::to_string).unwrap_or_default(), ','),
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
pub(in crate::render) fn field(text: &str, separator: char) -> String {
    let text = match text.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ if text.starts_with(['\t', '\r']) => format!("'{text}"),
        _ => text.to_owned(),
    };
    if text.contains([separator, '"', '\n', '\r', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_run_is_text() {
        let check = |text: &str, expected: &str| assert_eq!(field(text, ';'), expected);
        check("=cmd|'/c calc'!A0", "\"'=cmd|'/c calc'!A0\"");
        check("  +1", "\"'  +1\"");
        check("-", "\"'-\"");
        check("＝1+1", "\"'＝1+1\"");
        check("\t=1", "\"'\t=1\"");
        check("a=1, b", "a=1, b");
        check("a; \"b\"\r\nc", "\"a; \"\"b\"\"\r\nc\"");
        assert_eq!(field("a, b", ','), "\"a, b\"");
    }
}
