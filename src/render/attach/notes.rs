//! What a reader must know to trust the numbers, as a sheet.

use super::book::{Look, Page};
use super::head;
use crate::render::view::Reader;
use rust_xlsxwriter::XlsxError;

/// In characters: about what a printed page is wide.
const WIDE: usize = 100;

/// What the letter says in its banner and its notes.
pub(super) fn notes(reader: &Reader, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?.of_prose(WIDE);
    head(&mut page, reader, &reader.texts.word("notes"))?;
    let prose = Look { wrapped: true, ..Look::default() };
    let banner = reader.banner();
    if !banner.is_empty() {
        page.text(0, &banner, prose)?;
        page.next();
        page.next();
    }
    for note in reader.notes() {
        page.text(0, &note.title, Look { bold: true, ..prose })?;
        page.next();
        for line in &note.lines {
            page.text(0, line, prose)?;
            page.next();
        }
        page.next();
    }
    Ok(page)
}

/// Whether there is anything to say.
pub(super) fn are_any(reader: &Reader) -> bool {
    !reader.banner().is_empty() || !reader.notes().is_empty()
}
