//! A section as a sheet: its KPIs, and beneath each its segments as rows that can be folded away.

use super::book::{Look, Page};
use super::cells::Figures;
use super::{Edition, Heading};
use crate::formula::Value;
use crate::measure::{Good, Kpi, Measurement, Verdict, Why};
use crate::render::data::before;
use crate::report::{Block, Row};
use rust_xlsxwriter::XlsxError;

const MET: u32 = 0x1a_73_40;
const NEAR: u32 = 0x8a_5a_00;
const MISSED: u32 = 0xb3_26_1e;
const NONE: u32 = 0x5f_66_70;

pub(super) fn section(edition: &Edition, block: &Block, name: &str) -> Result<Page, XlsxError> {
    let mut page = Page::new(name)?;
    let made = &edition.report.made;
    let zone = &edition.report.calendar.zone;
    let as_of = zone.to_datetime(made.as_of).strftime("%Y-%m-%d %H:%M").to_string();
    let zone = zone.iana_name().unwrap_or("UTC");
    let heading = |heading| edition.wording.heading(heading);
    page.line(edition.text(&block.title), Look::TITLE)?;
    page.line(&edition.wording.period(&made.period), Look::SOFT)?;
    page.line(&format!("{} {as_of} ({zone})", heading(Heading::AsOf)), Look::SOFT)?;
    page.next();
    let mut heads = vec![
        (heading(Heading::Kpi), false),
        (heading(Heading::Value), true),
        (heading(Heading::Target), true),
        (heading(Heading::Verdict), false),
    ];
    heads.extend(edition.report.compare.iter().map(|comparison| (edition.wording.against(*comparison), true)));
    heads.push((heading(Heading::Note), false));
    page.heads(&heads, 1)?;
    let figures = Figures { format: edition.format, decimal: edition.decimal() };
    let writer = Writer { edition, figures, comparisons: edition.report.compare.len() };
    for row in &block.rows {
        writer.row(&mut page, row)?;
    }
    Ok(page)
}

struct Writer<'a> {
    edition: &'a Edition<'a>,
    figures: Figures<'a>,
    comparisons: usize,
}

/// The whole of a KPI, or what stands beneath it.
struct Part<'a> {
    name: String,
    now: &'a Measurement,
    late: String,
    beneath: bool,
}

impl Writer<'_> {
    fn row(&self, page: &mut Page, row: &Row) -> Result<(), XlsxError> {
        let (edition, measured) = (self.edition, &row.measured);
        let kpi = &*measured.kpi;
        let late = if row.late { edition.wording.late() } else { String::new() };
        let name = edition.text(&kpi.name).to_owned();
        let whole = measured.changes.iter().map(|change| Some(&change.value));
        self.line(page, kpi, whole, Part { name, now: &measured.whole, late, beneath: false })?;
        let first = page.row();
        let part = |name, now| Part { name, now, late: String::new(), beneath: true };
        for segment in measured.named() {
            let name = edition.segment(segment.segment.as_ref().and_then(|(_, value)| value.as_deref()));
            self.line(page, kpi, before(&measured.changes, segment), part(name, segment))?;
        }
        if let Some(others) = &measured.others {
            let name = edition.wording.others(others.count);
            self.line(page, kpi, others.before.iter().map(Some), part(name, &others.now))?;
        }
        page.group(first)
    }

    fn line<'v>(
        &self,
        page: &mut Page,
        kpi: &Kpi,
        before: impl Iterator<Item = Option<&'v Value>>,
        Part { name, now, late, beneath }: Part,
    ) -> Result<(), XlsxError> {
        let cell = Look::CELL;
        page.text(0, &name, Look { bold: !beneath, indent: beneath, ..cell })?;
        match self.figures.value(&now.value, kpi) {
            Some(figure) => page.figure(1, &figure, Look { bold: !beneath, ..cell })?,
            None => page.empty(1, cell)?,
        }
        self.target(page, kpi, now, cell)?;
        // That a segment has no target of its own is the rule.
        match &now.verdict {
            Verdict::NotJudged(Why::NoTarget) if beneath => page.empty(3, cell)?,
            verdict => {
                let (shape, colour) = mark(verdict);
                let word = format!("{shape} {}", self.edition.wording.verdict(verdict));
                page.text(3, &word, Look { colour: Some(colour), ..cell })?;
            }
        }
        let mut column = 4;
        for from in before.take(self.comparisons) {
            match from.and_then(|from| Some((from, self.figures.change(from, &now.value, kpi)?))) {
                Some((from, figure)) => {
                    page.figure(column, &figure, Look { colour: tone(kpi, from, &now.value), ..cell })?
                }
                None => page.empty(column, cell)?,
            }
            column += 1;
        }
        let note = self.edition.note(now);
        let note = [late, note].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        page.text(column, &note, Look { colour: Some(NONE), ..cell })?;
        page.next();
        Ok(())
    }

    fn target(&self, page: &mut Page, kpi: &Kpi, now: &Measurement, look: Look) -> Result<(), XlsxError> {
        let Some(target) = &now.target else { return page.empty(2, look) };
        match self.figures.target(target, kpi) {
            Some(figure) => page.figure(2, &figure, look),
            // A band is two numbers; they stand apart on the sheet of data.
            None => {
                let text = self.edition.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals);
                page.text(2, &text, Look { right: true, ..look })
            }
        }
    }
}

/// Shape and colour, so that the word is not alone and the colour neither.
fn mark(verdict: &Verdict) -> (&'static str, u32) {
    match verdict {
        Verdict::Met => ("●", MET),
        Verdict::Near => ("▲", NEAR),
        Verdict::Missed => ("■", MISSED),
        Verdict::NotJudged(_) => ("○", NONE),
    }
}

/// Coloured by what is good, not by its sign.
fn tone(kpi: &Kpi, from: &Value, to: &Value) -> Option<u32> {
    let (from, to) = from.number().zip(to.number())?;
    match kpi.good {
        Some(Good::Up) if from != to => Some(if to > from { MET } else { MISSED }),
        Some(Good::Down) if from != to => Some(if to < from { MET } else { MISSED }),
        _ => None,
    }
}
