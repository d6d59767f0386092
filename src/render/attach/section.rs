//! A section as a sheet: its KPIs, and beneath each its segments as rows that can be folded away.

use super::book::{Look, Page};
use super::cells::Figures;
use super::{head, note};
use crate::formula::Value;
use crate::measure::{Kpi, Measurement, Verdict, Why};
use crate::render::data::before;
use crate::render::view::{Mark, Reader, mark, tone};
use crate::report::{Block, Row};
use rust_xlsxwriter::XlsxError;

const MET: u32 = 0x1a_73_40;
const NEAR: u32 = 0x8a_5a_00;
const MISSED: u32 = 0xb3_26_1e;
const NONE: u32 = 0x5f_66_70;

pub(super) fn section(reader: &Reader, block: &Block, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?;
    head(&mut page, reader, reader.text(&block.title))?;
    let word = |heading| reader.texts.word(heading);
    let mut heads = vec![
        (word("column-kpi"), false),
        (word("column-value"), true),
        (word("column-target"), true),
        (word("column-verdict"), false),
    ];
    heads.extend(reader.report.compare.iter().map(|comparison| (reader.versus(*comparison), true)));
    heads.push((word("sheet-notes"), false));
    page.heads(&heads, 1)?;
    let writer = Writer { reader, figures: Figures::new(reader.format), comparisons: reader.report.compare.len() };
    for row in &block.rows {
        writer.row(&mut page, row)?;
    }
    Ok(page)
}

struct Writer<'a> {
    reader: &'a Reader<'a>,
    figures: Figures<'a>,
    comparisons: usize,
}

/// The whole of a KPI, or what stands beneath it.
struct Part<'a> {
    name: String,
    now: &'a Measurement,
    late: String,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Kpi,
    /// Beneath its KPI.
    Segment,
    /// Closes the segments. Target, verdict and notes of the whole stand in the KPI's own line.
    Total,
}

impl Writer<'_> {
    fn row(&self, page: &mut Page, row: &Row) -> Result<(), XlsxError> {
        let (reader, measured) = (self.reader, &row.measured);
        let kpi = &*measured.kpi;
        let late = if row.late { reader.texts.word("late") } else { String::new() };
        let name = reader.name(row).to_owned();
        let whole = measured.changes.iter().map(|change| Some(&change.value));
        self.line(page, kpi, whole, Part { name, now: &measured.whole, late, place: Place::Kpi })?;
        let first = page.row();
        let part = |name, now| Part { name, now, late: String::new(), place: Place::Segment };
        for segment in measured.named() {
            let name = reader.segment_name(segment.segment.as_ref().and_then(|(_, value)| value.as_deref()));
            self.line(page, kpi, before(&measured.changes, segment), part(name, segment))?;
        }
        if let Some(others) = &measured.others {
            let name = reader.others(others);
            self.line(page, kpi, others.before.iter().map(Some), part(name, &others.now))?;
        }
        if page.row() - first > 1 {
            let whole = measured.changes.iter().map(|change| Some(&change.value));
            let total = Part { place: Place::Total, ..part(reader.texts.word("total"), &measured.whole) };
            self.line(page, kpi, whole, total)?;
        }
        page.group(first)
    }

    fn line<'v>(
        &self,
        page: &mut Page,
        kpi: &Kpi,
        before: impl Iterator<Item = Option<&'v Value>>,
        Part { name, now, late, place }: Part,
    ) -> Result<(), XlsxError> {
        let cell = Look::CELL;
        let bold = place != Place::Segment;
        page.text(0, &name, Look { bold, indent: place != Place::Kpi, ..cell })?;
        match self.figures.value(&now.value, kpi) {
            Some(figure) => page.figure(1, &figure, Look { bold, ..cell })?,
            None => page.empty(1, cell)?,
        }
        match place {
            Place::Total => page.empty(2, cell)?,
            _ => self.target(page, kpi, now, cell)?,
        }
        // That a segment has no target of its own is the rule.
        match &now.verdict {
            _ if place == Place::Total => page.empty(3, cell)?,
            Verdict::NotJudged(Why::NoTarget) if place == Place::Segment => page.empty(3, cell)?,
            verdict => {
                let Mark { shape, tone, .. } = mark(verdict);
                let word = format!("{shape} {}", self.reader.texts.verdict(verdict));
                page.text(3, &word, Look { colour: colour(tone), ..cell })?;
            }
        }
        let mut column = 4;
        for from in before.take(self.comparisons) {
            match from.and_then(|from| Some((from, self.figures.change(from, &now.value, kpi)?))) {
                Some((from, figure)) => {
                    page.figure(column, &figure, Look { colour: colour(tone(kpi, from, &now.value)), ..cell })?
                }
                None => page.empty(column, cell)?,
            }
            column += 1;
        }
        let mut notes = vec![late, note(self.reader, now)];
        notes.retain(|note| !note.is_empty() && place != Place::Total);
        page.text(column, &notes.join(" · "), Look { colour: Some(NONE), ..cell })?;
        page.next();
        Ok(())
    }

    fn target(&self, page: &mut Page, kpi: &Kpi, now: &Measurement, look: Look) -> Result<(), XlsxError> {
        let Some(target) = &now.target else { return page.empty(2, look) };
        match self.figures.target(target, kpi) {
            Some(figure) => page.figure(2, &figure, look),
            // A band is two numbers; they stand apart on the sheet of data.
            None => page.text(2, &self.reader.target(kpi, now), Look { right: true, ..look }),
        }
    }
}

/// By `tone`, the view's: coloured by what is good, not by sign. The word is never alone, and the colour neither.
fn colour(tone: &str) -> Option<u32> {
    match tone {
        "met" | "better" => Some(MET),
        "near" => Some(NEAR),
        "missed" | "worse" => Some(MISSED),
        "none" => Some(NONE),
        _ => None,
    }
}
