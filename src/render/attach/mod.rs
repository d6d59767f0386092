//! A [`Report`] as files to attach: a workbook to look at and to compute with, a CSV in long form to load elsewhere.
//!
//! In: the report, the [`Format`] of the reader's locale, and its [`Wording`]. Out: a [`File`], the same bytes for the same report.
//! Numbers are numbers, with all their digits, and shown as the mail shows them; a missing one is an empty cell whose row says why.
//! Text is text: nothing that comes from a database or the YAML can become a formula. Deliberately absent: words, which
//! [`Wording`] supplies.

mod book;
mod cells;
mod csv;
mod definitions;
mod lines;
mod names;
mod section;
mod xlsx;

pub use csv::csv;
pub use rust_xlsxwriter::XlsxError;
pub use xlsx::xlsx;

use super::Format;
use crate::calendar::Period;
use crate::measure::{Comparison, Good, Kpi, Measurement, Unit, Verdict, Why};
use crate::report::Report;
use crate::text::Text;

/// What files say in the reader's words.
pub trait Wording {
    /// The reader's, then the installation's: for texts of the YAML.
    fn languages(&self) -> [&str; 2];
    fn heading(&self, heading: Heading) -> String;
    /// Above a column of changes.
    fn against(&self, comparison: Comparison) -> String;
    /// In a word or two.
    fn verdict(&self, verdict: &Verdict) -> String;
    /// Why there is no verdict or no value.
    fn why(&self, why: &Why) -> String;
    /// That the data of a KPI is older than promised.
    fn late(&self) -> String;
    fn unit(&self, unit: &Unit) -> String;
    fn good(&self, good: Good) -> String;
    /// The segment of rows that have no value there.
    fn empty(&self) -> String;
    /// So many segments together.
    fn others(&self, count: usize) -> String;
    /// A formula with the names that readers know.
    fn formula(&self, kpi: &Kpi) -> String;
    /// In words: "Monday 9 to Sunday 15 November 2026".
    fn period(&self, period: &Period) -> String;
    /// What the name of a source is to a reader, if they know it.
    fn source(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// The words above columns and on the tabs of sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heading {
    Kpi,
    Value,
    Target,
    Verdict,
    Note,
    /// The sheet.
    Definitions,
    /// The sheet, and the file of data.
    Data,
    Period,
    From,
    Until,
    Id,
    Dimension,
    Segment,
    Unit,
    TargetLow,
    TargetHigh,
    Sample,
    Description,
    Formula,
    Good,
    Owner,
    Sources,
    AsOf,
}

/// What a file of `report` is called.
pub fn file_name(report: &Report, wording: &dyn Wording, ending: &str) -> String {
    let [own, fallback] = wording.languages();
    names::file(report.title.get(own, fallback), &report.made.period.label(&report.calendar), ending)
}

/// A report on its way to a reader's file.
struct Edition<'a> {
    report: &'a Report,
    format: &'a Format,
    wording: &'a dyn Wording,
}

impl Edition<'_> {
    fn text<'t>(&self, text: &'t Text) -> &'t str {
        let [own, fallback] = self.wording.languages();
        text.get(own, fallback)
    }

    fn label(&self) -> String {
        self.report.made.period.label(&self.report.calendar)
    }

    fn dimension(&self, name: &str) -> String {
        self.report.words.dimension(name).map_or(name, |text| self.text(text)).to_owned()
    }

    fn segment(&self, value: Option<&str>) -> String {
        value.map_or_else(|| self.wording.empty(), str::to_owned)
    }

    /// What stands in the locale before the digits of a fraction.
    fn decimal(&self) -> char {
        let half = self.format.number(0.5, &Unit::Number, Some(1));
        half.chars().find(|c| !c.is_numeric()).unwrap_or('.')
    }

    /// Why a number is missing, or has no verdict although there is a target.
    fn note(&self, measurement: &Measurement) -> String {
        match (&measurement.verdict, measurement.value.reason()) {
            (_, Some(reason)) => self.wording.why(&Why::Missing(reason.clone())),
            (Verdict::NotJudged(Why::NoTarget), _) => String::new(),
            (Verdict::NotJudged(why), _) => self.wording.why(why),
            _ => String::new(),
        }
    }
}
