//! The long form as CSV for people's spreadsheets.
//!
//! UTF-8 with a mark at the beginning, without which Excel reads another encoding; lines end in CR LF and cells are quoted as RFC
//! 4180 says. Where the locale writes 0,5 the separator is `;`, as Excel expects there, else `,`. Numbers have all their digits and
//! no grouping; negative ones stay numbers, while text that a spreadsheet would run has a `'` before it.

use super::lines::{Line, lines};
use super::{Edition, Heading, Wording, names};
use crate::render::Format;
use crate::render::data::field;
use crate::report::{File, Report};

pub(super) const HEADINGS: [Heading; 14] = [
    Heading::Period,
    Heading::From,
    Heading::Until,
    Heading::Id,
    Heading::Kpi,
    Heading::Dimension,
    Heading::Segment,
    Heading::Value,
    Heading::Unit,
    Heading::TargetLow,
    Heading::TargetHigh,
    Heading::Verdict,
    Heading::Sample,
    Heading::Note,
];

pub fn csv(report: &Report, format: &Format, wording: &dyn Wording) -> File {
    let edition = Edition { report, format, wording };
    let decimal = edition.decimal();
    let separator = if decimal == ',' { ';' } else { ',' };
    let headings = HEADINGS.map(|heading| field(&wording.heading(heading), separator));
    let mut text = format!("\u{feff}{}\r\n", headings.join(&separator.to_string()));
    for line in lines(&edition) {
        text.push_str(&cells(&edition, &line, decimal, separator).join(&separator.to_string()));
        text.push_str("\r\n");
    }
    File {
        name: names::file(edition.text(&report.title), &edition.label(), "csv"),
        kind: "text/csv; charset=utf-8",
        bytes: text.into_bytes(),
    }
}

fn cells(edition: &Edition, line: &Line, decimal: char, separator: char) -> [String; 14] {
    let text = |text: &str| field(text, separator);
    let number = |number: Option<f64>| number.map(|n| plain(n, decimal)).unwrap_or_default();
    let (dimension, segment) = line.segment.as_ref().map_or(("", ""), |(dimension, segment)| (dimension, segment));
    let bounds = line.target.map(|target| target.level.bounds());
    [
        text(&line.period.label(&edition.report.calendar)),
        line.period.first.to_string(),
        line.period.last().to_string(),
        text(&line.kpi.id),
        text(line.name),
        text(dimension),
        text(segment),
        number(line.value.number()),
        text(&edition.wording.unit(&line.kpi.unit)),
        number(bounds.map(|(low, _)| low)),
        number(bounds.map(|(_, high)| high)),
        text(&line.verdict.map(|verdict| edition.wording.verdict(verdict)).unwrap_or_default()),
        number(line.sample),
        text(&line.note),
    ]
}

/// All digits; a locale whose digits are others gets these all the same, since programs read them.
fn plain(number: f64, decimal: char) -> String {
    let text = number.to_string();
    if decimal == ',' { text.replace('.', ",") } else { text }
}
