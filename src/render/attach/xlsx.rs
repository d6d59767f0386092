//! The workbook: a sheet a section, then the notes if there are any, what the KPIs mean, then all values in long form.
//!
//! Made to be printed as it is, A4 landscape, one page wide. Dated by the data it shows, not by the clock.

use super::book::{Look, Page};
use super::cells::Figures;
use super::csv::HEADINGS;
use super::definitions::definitions;
use super::lines::{Line, lines};
use super::section::section;
use super::{file_name, label, names, notes};
use crate::render::view::Reader;
use crate::report::File;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// Of 1 to 9; the usual 6 makes it a twentieth smaller, and takes a sixth longer for the whole workbook.
const COMPRESSION: u8 = 4;

/// Writes the sheet of that name.
type Make = fn(&Reader, &str) -> Result<Page, XlsxError>;

/// # Errors
/// The report has more than a workbook can hold.
pub fn xlsx(reader: &Reader) -> Result<File, XlsxError> {
    let report = reader.report;
    let title = reader.text(&report.title);
    let period = reader.when();
    let titles = report.blocks.iter().map(|block| reader.text(&block.title).to_owned());
    let noted = notes::are_any(reader).then_some("notes");
    let after = noted.into_iter().chain(["sheet-definitions", "sheet-data"]).map(|sheet| reader.texts.word(sheet));
    let titles: Vec<String> = titles.chain(after).collect();
    let names = names::sheets(&titles);
    let (sections, rest) = names.split_at(report.blocks.len());

    let mut book = Workbook::new();
    book.set_zip_compression_level(COMPRESSION);
    for (block, name) in report.blocks.iter().zip(sections) {
        book.push_worksheet(section(reader, block, name)?.finish(title, &period)?);
    }
    let makes: [Make; 3] = [notes::notes, definitions, data];
    for (make, name) in makes[makes.len() - rest.len()..].iter().zip(rest) {
        book.push_worksheet(make(reader, name)?.finish(title, &period)?);
    }
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
    let (low, high) = line.limits();
    for (column, limit) in [(9, low), (10, high)] {
        if let Some(limit) = limit {
            page.figure(column, &figures.number(limit, line.kpi), look)?;
        }
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
