//! A [`Report`] as its readers of one language and locale see it: every text and number ready, so that templates only lay out.
//!
//! Mirrors of the report for Tera; what a template may use is exactly what stands here (`kpid render REPORT --format context` prints
//! it). One [`View`] serves subject, HTML, plain text and the web page, so that a number can differ in none of them.

mod notes;
mod parts;
mod row;
mod sentence;

use super::chart::{self, Ink, Spark};
use super::dates::Dates;
use super::format::Format;
use super::markdown;
use super::templates::as_html;
use super::texts::Texts;
use crate::measure::{Comparison, Unit, Verdict};
use crate::report::{Block, Image, Report, Row, Show};
use crate::text::Text;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) use row::tone;

/// What needs attention is told in full so often; the rest is named. A list of everything calls attention to nothing.
const TOLD: usize = 6;

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct View {
    /// BCP 47, for `lang`; `dir` is `ltr` or `rtl`.
    pub lang: String,
    pub dir: &'static str,
    /// Every text of the message file that takes no arguments, by its name with `_` for `-`.
    pub words: BTreeMap<String, String>,
    pub title: String,
    /// "Monday 16 to Sunday 22 November 2026 · week 47 · Europe/Madrid"
    pub period: String,
    /// "16–22 Nov 2026"
    pub period_short: String,
    /// "3 off target, 2 near, 12 on target"
    pub summary: String,
    /// The worst KPI in a line, for the list of an inbox.
    pub preheader: String,
    /// What must be known before any number is read: the period is still running, a source failed or is late.
    pub banner: String,
    /// Filled in once the subject has been rendered.
    pub subject: String,
    pub counts: Vec<Count>,
    /// A heading for each comparison; the `changes` of every row are in this order.
    pub columns: Vec<String>,
    /// Columns of a table of KPIs.
    pub width: usize,
    /// Whether rows have a chart of their trend.
    pub charts: bool,
    /// The picture that bars are drawn with; empty in the page, which needs none.
    pub bar: &'static str,
    pub attention: Vec<RowView>,
    /// Said where nothing needs attention; empty where something does, or where nothing could be judged.
    pub attention_none: String,
    /// Whether most of the KPIs were judged, so that nothing to attend to is good news.
    pub calm: bool,
    /// Names what else needs attention.
    pub attention_more: String,
    pub blocks: Vec<BlockView>,
    pub notes: Vec<Note>,
    pub glossary: Vec<Entry>,
    /// Says that the glossary was left out to keep the mail short, or is empty.
    pub glossary_shortened: String,
    pub footer: Vec<String>,
    /// Where the report can be seen in a browser, or empty.
    pub link: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Count {
    pub number: String,
    pub mark: Mark,
}

/// A verdict as shape, word and colour; `tone` is `met`, `near`, `missed` or `none`.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Mark {
    pub tone: &'static str,
    pub shape: &'static str,
    pub word: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct BlockView {
    pub title: String,
    /// The section's own text, as plain lines and as HTML.
    pub text: String,
    #[serde(serialize_with = "as_html")]
    pub text_html: String,
    /// Rows of a table, or cards.
    pub table: bool,
    /// Says what was left out to keep the mail short, or is empty.
    pub shortened: String,
    pub rows: Vec<RowView>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct RowView {
    pub id: String,
    pub name: String,
    pub value: String,
    /// "≥ 95 %"; empty when there is none.
    pub target: String,
    /// "target ≥ 95 %"
    pub target_is: String,
    pub mark: Mark,
    /// "€451 below", or empty.
    pub distance: String,
    /// "off target for the 3rd week running", or empty.
    pub streak: String,
    pub changes: Vec<Shift>,
    /// Why it moved, a line a comparison.
    pub why: Vec<Why>,
    pub chart: Option<Chart>,
    pub parts: Option<Parts>,
}

/// A change against an earlier period; `tone` is `better`, `worse` or `same`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Shift {
    /// "vs previous week"
    pub label: String,
    pub text: String,
    pub tone: &'static str,
}

/// "−5.7 % on the previous week: sales costs −146 €, marketing costs −1 €." The change is apart, so that it can have its colour
/// wherever the language puts it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Why {
    #[serde(skip)]
    pub comparison: Comparison,
    pub before: String,
    pub change: String,
    pub tone: &'static str,
    pub after: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Chart {
    /// The picture's name in a mail; empty in the page.
    pub cid: String,
    /// The drawing itself in the page, and a large one; empty in a mail.
    #[serde(serialize_with = "as_html")]
    pub svg: String,
    #[serde(serialize_with = "as_html")]
    pub wide: String,
    pub width: u32,
    pub height: u32,
    /// The numbers that the picture shows.
    pub alt: String,
}

/// A KPI by the segments of its breakdown.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Parts {
    /// "By channel"
    pub title: String,
    pub rows: Vec<PartView>,
    /// Whether some segment has a target of its own, and whether some say how large their sample is: columns of their own.
    pub judged: bool,
    pub sampled: bool,
    /// What the two variants of a test differ by, or empty.
    pub contrast: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct PartView {
    pub name: String,
    pub value: String,
    pub target: String,
    pub mark: Mark,
    /// "n = 812", or empty.
    pub sample: String,
    /// Pixels; 0 is none.
    pub bar: u32,
    pub changes: Vec<Shift>,
    /// The whole, which closes the table.
    pub total: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Note {
    pub title: String,
    pub lines: Vec<String>,
    /// What stands letter by letter, in a notice: commands to type, the words of a server.
    pub verbatim: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Entry {
    pub id: String,
    pub name: String,
    pub description: String,
    /// In words of its inputs.
    pub formula: String,
    /// "last 12 months", or empty where it is the report's period.
    pub window: String,
    /// "higher is better"
    pub good: String,
    pub owner: String,
}

/// Where the view will be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Medium {
    /// Pictures beside the HTML.
    Mail,
    /// Drawings in it, and all segments.
    Page,
}

/// Who reads, with which words and numbers, and where.
pub(super) struct Reader<'a> {
    pub report: &'a Report,
    pub format: &'a Format,
    pub texts: &'a Texts,
    pub dates: &'a Dates,
    /// The reader's language, then the installation's.
    pub languages: [&'a str; 2],
    pub medium: Medium,
    /// What [`places`] says: pictures are called by it.
    pub places: HashMap<&'a str, usize>,
}

/// Where each KPI stands in [`Report::rows`].
pub(super) fn places(report: &Report) -> HashMap<&str, usize> {
    report.rows().enumerate().map(|(place, row)| (&*row.measured.kpi.id, place)).collect()
}

impl Reader<'_> {
    pub fn view(&self) -> View {
        let report = self.report;
        let full = self.in_full();
        let more = &report.attention[full.len()..];
        let attention: Vec<RowView> = full.iter().map(|row| self.row(row)).collect();
        let summary = self.summary();
        View {
            lang: self.texts.language().to_owned(),
            dir: self.texts.direction(),
            words: self.texts.words(),
            title: self.text(&report.title).to_owned(),
            period: self.when(),
            period_short: self.dates.period_short(&report.made.period, &report.calendar),
            preheader: self.preheader(&summary),
            banner: self.banner(),
            subject: String::new(),
            counts: self.counts(),
            columns: report.compare.iter().map(|comparison| self.versus(*comparison)).collect(),
            width: 4 + usize::from(self.charts()) + report.compare.len(),
            charts: self.charts(),
            bar: if self.medium == Medium::Mail { BAR } else { "" },
            attention_none: self.attention_none(),
            calm: 2 * self.judged() >= report.rows().count(),
            attention_more: self.more(more),
            attention,
            blocks: report.blocks.iter().map(|block| self.block(block)).collect(),
            notes: self.notes(),
            glossary: self.glossary(),
            glossary_shortened: String::new(),
            footer: self.footer(),
            link: report.made.link.clone().unwrap_or_default(),
            summary,
        }
    }

    /// The report's period, in words.
    pub fn when(&self) -> String {
        self.dates.period(&self.report.made.period, &self.report.calendar)
    }

    fn judged(&self) -> usize {
        let counts = self.report.counts;
        counts.met + counts.near + counts.missed
    }

    fn attention_none(&self) -> String {
        if !self.report.attention.is_empty() || self.judged() == 0 {
            return String::new();
        }
        let [judged, all] = [self.judged(), self.report.rows().count()].map(|count| self.format.count(count));
        self.texts.say("attention-none", &[("judged", judged), ("all", all)])
    }

    /// What needs attention and is told at length.
    fn in_full(&self) -> &[Arc<Row>] {
        let attention = &self.report.attention;
        &attention[..row::kept(attention.len(), TOLD)]
    }

    fn charts(&self) -> bool {
        self.report.rows().any(|row| row.measured.trend.len() > 1)
    }

    pub fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.languages[0], self.languages[1])
    }

    fn any_percent(&self) -> bool {
        self.report.rows().any(|row| row.measured.kpi.unit == Unit::Percent)
    }

    fn counted(&self) -> impl Iterator<Item = (Verdict, usize)> {
        let counts = self.report.counts;
        let not_judged = Verdict::NotJudged(crate::measure::Why::NoTarget);
        [
            (Verdict::Missed, counts.missed),
            (Verdict::Near, counts.near),
            (Verdict::Met, counts.met),
            (not_judged, counts.not_judged),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
    }

    fn counts(&self) -> Vec<Count> {
        let count = |(verdict, count): (Verdict, usize)| Count {
            number: self.format.whole(count as f64),
            mark: Mark { word: self.texts.counted(&verdict, self.format.count(count)), ..mark(&verdict) },
        };
        self.counted().map(count).collect()
    }

    fn summary(&self) -> String {
        let say = |(verdict, count): (Verdict, usize)| self.texts.count(&verdict, self.format.count(count));
        self.texts.commas(&self.counted().map(say).collect::<Vec<_>>())
    }

    /// The rest of what needs attention, by name.
    fn more(&self, rows: &[Arc<Row>]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let names: Vec<String> = rows
            .iter()
            .map(|row| {
                let Mark { shape, .. } = mark(&row.measured.whole.verdict);
                format!("{shape}\u{a0}{} {}", self.name(row), self.value(row))
            })
            .collect();
        self.texts.say("attention-more", &[("list", names.join(" · ").into())])
    }

    fn block(&self, block: &Block) -> BlockView {
        let text = block.text.as_ref().map_or("", |text| self.text(text));
        BlockView {
            title: self.text(&block.title).to_owned(),
            text: markdown::to_text(text),
            text_html: markdown::to_html(text),
            table: block.show == Show::Table,
            shortened: String::new(),
            rows: block.rows.iter().map(|row| self.row(row)).collect(),
        }
    }
}

/// The name of the picture that all bars are drawn with.
pub(super) const BAR: &str = "bar";

/// The pictures that a mail's view names.
pub(super) fn images(report: &Report) -> Vec<Image> {
    let mut images: Vec<Image> = report
        .rows()
        .enumerate()
        .filter(|(_, row)| row.measured.trend.len() > 1)
        .map(|(index, row)| Image { name: cid(index), png: Spark::new(row::trend(row)).png() })
        .collect();
    if report.rows().any(|row| !row.measured.segments.is_empty()) {
        images.push(Image { name: BAR.to_owned(), png: chart::swatch(Ink::Line) });
    }
    images
}

/// The picture of the KPI that stands at `index` of [`Report::rows`].
fn cid(index: usize) -> String {
    format!("trend-{}", index + 1)
}

pub(super) fn mark(verdict: &Verdict) -> Mark {
    let (tone, shape) = match verdict {
        Verdict::Met => ("met", "●"),
        Verdict::Near => ("near", "▲"),
        Verdict::Missed => ("missed", "■"),
        Verdict::NotJudged(_) => ("none", "○"),
    };
    Mark { tone, shape, word: String::new() }
}
