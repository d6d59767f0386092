//! The long form as CSV for people's spreadsheets.
//!
//! UTF-8 with a mark at the beginning, without which Excel reads another encoding; lines end in CR LF and cells are quoted as RFC
//! 4180 says. Where the locale writes 0,5 the separator is `;`, as Excel expects there, else `,`. Numbers have all their digits and
//! no grouping; negative ones stay numbers, while text that a spreadsheet would run has a `'` before it.

use super::cells::decimal;
use super::file_name;
use super::lines::{Line, lines};
use crate::render::data::field;
use crate::render::view::Reader;
use crate::report::File;

/// Messages, in the order of the columns.
pub(super) const HEADINGS: [&str; 14] = [
    "data-period",
    "data-from",
    "data-until",
    "data-id",
    "column-kpi",
    "data-dimension",
    "column-segment",
    "column-value",
    "data-unit",
    "data-target-low",
    "data-target-high",
    "column-verdict",
    "column-sample",
    "sheet-notes",
];

pub fn csv(reader: &Reader) -> File {
    let decimal = decimal(reader.format);
    let separator = if decimal == ',' { ';' } else { ',' };
    let headings = HEADINGS.map(|heading| field(&reader.texts.word(heading), separator));
    let mut text = format!("\u{feff}{}\r\n", headings.join(&separator.to_string()));
    for line in lines(reader) {
        text.push_str(&cells(reader, &line, decimal, separator).join(&separator.to_string()));
        text.push_str("\r\n");
    }
    File { name: file_name(reader, "csv"), kind: "text/csv; charset=utf-8", bytes: text.into_bytes() }
}

fn cells(reader: &Reader, line: &Line, decimal: char, separator: char) -> [String; 14] {
    let text = |text: &str| field(text, separator);
    let number = |number: Option<f64>| number.map(|n| plain(n, decimal)).unwrap_or_default();
    let (dimension, segment) = line.segment.as_ref().map_or(("", ""), |(dimension, segment)| (dimension, segment));
    let (low, high) = line.limits();
    [
        text(&line.period.label(&reader.report.calendar)),
        line.period.first.to_string(),
        line.period.last().to_string(),
        text(&line.kpi.id),
        text(line.name),
        text(dimension),
        text(segment),
        number(line.value.number()),
        text(&reader.unit(line.kpi)),
        number(low),
        number(high),
        text(&line.verdict.map(|verdict| reader.texts.verdict(verdict)).unwrap_or_default()),
        number(line.sample),
        text(&line.note),
    ]
}

/// All digits; a locale whose digits are others gets these all the same, since programs read them.
fn plain(number: f64, decimal: char) -> String {
    let text = number.to_string();
    if decimal == ',' { text.replace('.', ",") } else { text }
}
