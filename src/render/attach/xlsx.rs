//! The workbook: a sheet a section, then what the KPIs mean, then all values in long form.
//!
//! Made to be printed as it is, A4 landscape, one page wide. Dated by the data it shows, not by the clock.

use super::book::{Look, Page};
use super::cells::Figures;
use super::csv::HEADINGS;
use super::definitions::definitions;
use super::lines::{Line, lines};
use super::section::section;
use super::{file_name, label, names};
use crate::render::view::Reader;
use crate::report::File;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// Of 1 to 9; the usual 6 makes it a twentieth smaller, and takes a sixth longer for the whole workbook.
const COMPRESSION: u8 = 4;

/// # Errors
/// The report has more than a workbook can hold.
pub fn xlsx(reader: &Reader) -> Result<File, XlsxError> {
    let report = reader.report;
    let title = reader.text(&report.title);
    let period = reader.when();
    let titles = report.blocks.iter().map(|block| reader.text(&block.title).to_owned());
    let titles: Vec<String> =
        titles.chain(["sheet-definitions", "sheet-data"].map(|sheet| reader.texts.word(sheet))).collect();
    let names = names::sheets(&titles);
    let (sections, rest) = names.split_at(report.blocks.len());

    let mut book = Workbook::new();
    book.set_zip_compression_level(COMPRESSION);
    for (block, name) in report.blocks.iter().zip(sections) {
        book.push_worksheet(section(reader, block, name)?.finish(title, &period)?);
    }
    book.push_worksheet(definitions(reader, &rest[0])?.finish(title, &period)?);
    book.push_worksheet(data(reader, &rest[1])?.finish(title, &period)?);
    let created = ExcelDateTime::from_timestamp(report.made.as_of.as_second());
    let created = created.or_else(|_| ExcelDateTime::from_timestamp(0))?;
    let subject = format!("{} · {period}", label(reader));
    book.set_properties(&DocProperties::new().set_title(title).set_subject(subject).set_creation_datetime(&created));
    Ok(File {
        name: file_name(reader, "xlsx"),
        kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes: book.save_to_buffer()?,
    })
}

/// The long form, as a table that can be filtered and counted on.
fn data(reader: &Reader, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?;
    let right = |heading| matches!(heading, "column-value" | "data-target-low" | "data-target-high" | "column-sample");
    page.heads(&HEADINGS.map(|heading| (reader.texts.word(heading), right(heading))), 0)?;
    let figures = Figures::new(reader.format);
    for line in lines(reader) {
        of_line(&mut page, reader, &figures, &line)?;
    }
    page.filter(0)?;
    Ok(page)
}

/// In the columns of the CSV.
fn of_line(page: &mut Page, reader: &Reader, figures: &Figures, line: &Line) -> Result<(), XlsxError> {
    let look = Look::default();
    let (dimension, segment) = line.segment.as_ref().map_or(("", ""), |(dimension, segment)| (dimension, segment));
    page.text(0, &line.period.label(&reader.report.calendar), look)?;
    page.date(1, line.period.first, look)?;
    page.date(2, line.period.last(), look)?;
    page.text(3, &line.kpi.id, look)?;
    page.text(4, line.name, look)?;
    page.text(5, dimension, look)?;
    page.text(6, segment, look)?;
    if let Some(figure) = figures.value(line.value, line.kpi) {
        page.figure(7, &figure, look)?;
    }
    page.text(8, &reader.unit(line.kpi), look)?;
    if let Some((low, high)) = line.target.map(|target| target.level.bounds()) {
        page.figure(9, &figures.number(low, line.kpi), look)?;
        page.figure(10, &figures.number(high, line.kpi), look)?;
    }
    if let Some(verdict) = line.verdict {
        page.text(11, &reader.texts.verdict(verdict), look)?;
    }
    if let Some(sample) = line.sample {
        page.number(12, sample, look)?;
    }
    page.text(13, &line.note, look)?;
    page.next();
    Ok(())
}
