//! The workbook: a sheet a section, then what the KPIs mean, then all values in long form.
//!
//! Made to be printed as it is, A4 landscape, one page wide. Dated by the data it shows, not by the clock.

use super::book::{Look, Page};
use super::cells::Figures;
use super::definitions::definitions;
use super::lines::{Line, lines};
use super::section::section;
use super::{Edition, Heading, Wording, names};
use crate::render::Format;
use crate::report::{File, Report};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// Of 1 to 9; the usual 6 makes it a twentieth smaller, and takes a sixth longer for the whole workbook.
const COMPRESSION: u8 = 4;

/// # Errors
/// The report has more than a workbook can hold.
pub fn xlsx(report: &Report, format: &Format, wording: &dyn Wording) -> Result<File, XlsxError> {
    let edition = Edition { report, format, wording };
    let title = edition.text(&report.title);
    let period = wording.period(&report.made.period);
    let titles = report.blocks.iter().map(|block| edition.text(&block.title).to_owned());
    let titles: Vec<String> = titles.chain([Heading::Definitions, Heading::Data].map(|h| wording.heading(h))).collect();
    let names = names::sheets(&titles);
    let (sections, rest) = names.split_at(report.blocks.len());

    let mut book = Workbook::new();
    book.set_zip_compression_level(COMPRESSION);
    for (block, name) in report.blocks.iter().zip(sections) {
        book.push_worksheet(section(&edition, block, name)?.finish(title, &period)?);
    }
    book.push_worksheet(definitions(&edition, &rest[0])?.finish(title, &period)?);
    book.push_worksheet(data(&edition, &rest[1])?.finish(title, &period)?);
    let created = ExcelDateTime::from_timestamp(report.made.as_of.as_second());
    let created = created.or_else(|_| ExcelDateTime::from_timestamp(0))?;
    let subject = format!("{} · {period}", edition.label());
    book.set_properties(&DocProperties::new().set_title(title).set_subject(subject).set_creation_datetime(&created));
    Ok(File {
        name: names::file(title, &edition.label(), "xlsx"),
        kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes: book.save_to_buffer()?,
    })
}

/// The long form, as a table that can be filtered and counted on.
fn data(edition: &Edition, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?;
    let right =
        |heading| matches!(heading, Heading::Value | Heading::TargetLow | Heading::TargetHigh | Heading::Sample);
    page.heads(&super::csv::HEADINGS.map(|heading| (edition.wording.heading(heading), right(heading))), 0)?;
    let figures = Figures { format: edition.format, decimal: edition.decimal() };
    for line in lines(edition) {
        of_line(&mut page, edition, &figures, &line)?;
    }
    page.filter(0)?;
    Ok(page)
}

/// In the columns of the CSV.
fn of_line(page: &mut Page, edition: &Edition, figures: &Figures, line: &Line) -> Result<(), XlsxError> {
    let look = Look::default();
    let (dimension, segment) = line.segment.as_ref().map_or(("", ""), |(dimension, segment)| (dimension, segment));
    page.text(0, &line.period.label(&edition.report.calendar), look)?;
    page.date(1, line.period.first, look)?;
    page.date(2, line.period.last(), look)?;
    page.text(3, &line.kpi.id, look)?;
    page.text(4, line.name, look)?;
    page.text(5, dimension, look)?;
    page.text(6, segment, look)?;
    if let Some(figure) = figures.value(line.value, line.kpi) {
        page.figure(7, &figure, look)?;
    }
    page.text(8, &edition.wording.unit(&line.kpi.unit), look)?;
    if let Some((low, high)) = line.target.map(|target| target.level.bounds()) {
        page.figure(9, &figures.number(low, line.kpi), look)?;
        page.figure(10, &figures.number(high, line.kpi), look)?;
    }
    if let Some(verdict) = line.verdict {
        page.text(11, &edition.wording.verdict(verdict), look)?;
    }
    if let Some(sample) = line.sample {
        page.number(12, sample, look)?;
    }
    page.text(13, &line.note, look)?;
    page.next();
    Ok(())
}
