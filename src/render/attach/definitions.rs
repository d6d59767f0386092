//! What the KPIs of a report mean, as a sheet.

use super::book::{Look, Page};
use super::{Edition, Heading};
use crate::report::Row;
use rust_xlsxwriter::XlsxError;

const HEADINGS: [Heading; 9] = [
    Heading::Kpi,
    Heading::Id,
    Heading::Description,
    Heading::Formula,
    Heading::Unit,
    Heading::Good,
    Heading::Target,
    Heading::Owner,
    Heading::Sources,
];

pub(super) fn definitions(edition: &Edition, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?;
    page.heads(&HEADINGS.map(|heading| (edition.wording.heading(heading), false)), 1)?;
    for row in edition.report.rows() {
        for (column, text) in (0..).zip(texts(edition, row)) {
            page.text(column, &text, Look { bold: column == 0, ..Look::CELL })?;
        }
        page.next();
    }
    Ok(page)
}

fn texts(edition: &Edition, row: &Row) -> [String; 9] {
    let kpi = &*row.measured.kpi;
    let wording = edition.wording;
    let target = row.measured.whole.target.as_ref();
    let sources: Vec<String> = row.measured.sources.iter().map(|source| wording.source(source)).collect();
    [
        edition.text(&kpi.name).to_owned(),
        kpi.id.to_string(),
        kpi.description.as_ref().map(|text| edition.text(text).to_owned()).unwrap_or_default(),
        wording.formula(kpi),
        wording.unit(&kpi.unit),
        kpi.good.map(|good| wording.good(good)).unwrap_or_default(),
        target.map(|target| edition.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals)).unwrap_or_default(),
        kpi.owner.clone().unwrap_or_default(),
        sources.join(", "),
    ]
}
