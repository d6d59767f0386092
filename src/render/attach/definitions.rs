//! What the KPIs of a report mean, as a sheet.

use super::book::{Look, Page};
use crate::render::view::{Entry, Reader};
use crate::report::Row;
use rust_xlsxwriter::XlsxError;

/// Messages, in the order of the columns.
const HEADINGS: [&str; 9] = [
    "column-kpi",
    "data-id",
    "glossary-definition",
    "glossary-formula",
    "data-unit",
    "data-good",
    "column-target",
    "glossary-owner",
    "glossary-sources",
];

pub(super) fn definitions(reader: &Reader, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?;
    page.heads(&HEADINGS.map(|heading| (reader.texts.word(heading), false)), 1)?;
    for row in reader.report.rows() {
        for (column, text) in (0..).zip(texts(reader, row)) {
            page.text(column, &text, Look { bold: column == 0, ..Look::CELL })?;
        }
        page.next();
    }
    Ok(page)
}

/// What the letter's glossary says, and what there is no room for in it.
fn texts(reader: &Reader, row: &Row) -> [String; 9] {
    let measured = &row.measured;
    let Entry { id, name, description, formula, window, good, owner } = reader.entry(row);
    let formula = if window.is_empty() { formula } else { format!("{formula} · {window}") };
    let sources: Vec<String> = measured.sources.iter().map(|source| reader.source(source)).collect();
    let target = reader.target(&measured.kpi, &measured.whole);
    [name, id, description, formula, reader.unit(&measured.kpi), good, target, owner, sources.join("\n")]
}
