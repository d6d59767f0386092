//! A report as files to attach: a workbook to look at and to compute with, a CSV in long form to load elsewhere.
//!
//! In: the [`Reader`], who has the report, its words and the numbers of a locale. Out: a [`File`](crate::report::File), the same bytes
//! for the same report. Numbers are numbers, with all their digits, and shown as the mail shows them; a missing one is an empty cell
//! whose row says why. Text is text: nothing that comes from a database or the YAML can become a formula. Deliberately absent: words,
//! which are the view's and the message files'.

mod book;
mod cells;
mod csv;
mod definitions;
mod lines;
mod names;
mod notes;
mod section;
mod xlsx;

pub use csv::csv;
pub use xlsx::xlsx;

use super::view::Reader;
use crate::measure::{Measurement, Verdict, Why};
use book::{Look, Page};
use rust_xlsxwriter::XlsxError;

/// What a file with this ending is called.
pub fn file_name(reader: &Reader, ending: &str) -> String {
    names::file(reader.text(&reader.report.title), &label(reader), ending)
}

/// The period, as programs write it.
fn label(reader: &Reader) -> String {
    reader.report.made.period.label(&reader.report.calendar)
}

/// What a sheet begins with.
fn head(page: &mut Page, reader: &Reader, title: &str) -> Result<(), XlsxError> {
    page.line(title, Look::TITLE)?;
    page.line(&reader.when(), Look::SOFT)?;
    page.line(&reader.as_of().join(" · "), Look::SOFT)?;
    page.next();
    Ok(())
}

/// Why a number is missing, or has no verdict although there is a target.
fn note(reader: &Reader, measurement: &Measurement) -> String {
    match (&measurement.verdict, measurement.value.reason()) {
        (_, Some(reason)) => reader.reason(reason),
        (Verdict::NotJudged(Why::NoTarget), _) => String::new(),
        (Verdict::NotJudged(why), _) => reader.texts.not_judged(why, reader.format),
        _ => String::new(),
    }
}
