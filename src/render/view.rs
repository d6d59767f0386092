//! A [`Report`] as one reader sees it: every text and number ready, so that templates only lay out.
//!
//! Mirrors of the report for Tera; what a template may use is exactly what stands here.

use super::format::Format;
use super::labels::Labels;
use super::period_label;
use crate::formula::Value;
use crate::measure::{Change, Good, Kpi, Measured, Measurement, Unit, Verdict, Why};
use crate::report::{self, Block, Report};
use crate::text::Text;
use serde::Serialize;

/// Segments of a breakdown shown beneath their KPI; the rest is counted.
const SEGMENTS: usize = 8;
/// Contributions named one by one; the rest is added up, so that the sentence still gives the whole change.
const DRIVERS: usize = 4;

#[derive(Debug, Serialize)]
pub(super) struct View<'a> {
    labels: &'static Labels,
    title: &'a str,
    /// `2026-W46`
    period: String,
    /// The same with its first and last day.
    period_days: String,
    as_of: String,
    /// What `pp` stands for, where it is used.
    points: &'static str,
    /// "3 off target, 2 near, 12 on target"
    summary: String,
    /// The worst KPI in a line, for the list of an inbox.
    preheader: String,
    counts: Vec<Count>,
    /// A heading for each comparison; the `changes` of every row are in this order.
    columns: Vec<&'static str>,
    attention: Vec<Row>,
    blocks: Vec<BlockView<'a>>,
    notes: Vec<Note>,
}

#[derive(Debug, Serialize)]
struct Count {
    number: String,
    mark: Mark,
}

/// A verdict as shape, word and colour; `tone` is `met`, `near`, `missed` or `none`.
#[derive(Debug, Default, Serialize)]
struct Mark {
    tone: &'static str,
    shape: &'static str,
    word: String,
}

#[derive(Debug, Serialize)]
struct BlockView<'a> {
    title: &'a str,
    paragraphs: Vec<&'a str>,
    rows: Vec<Row>,
}

#[derive(Debug, Default, Serialize)]
struct Row {
    name: String,
    value: String,
    /// Empty when there is none.
    target: String,
    mark: Mark,
    changes: Vec<Shift>,
    /// Why it moved, a sentence a comparison.
    why: Vec<String>,
    /// Of a breakdown; stands beneath its KPI.
    segment: bool,
}

/// A change against an earlier period; `tone` is `better`, `worse` or `same`.
#[derive(Debug, Serialize)]
struct Shift {
    label: &'static str,
    text: String,
    tone: &'static str,
}

#[derive(Debug, Serialize)]
struct Note {
    title: &'static str,
    lines: Vec<String>,
}

impl Row {
    fn named(name: String) -> Row {
        Row { name, ..Row::default() }
    }
}

/// Who reads, and with which words and numbers.
pub(super) struct Reader<'a> {
    pub report: &'a Report,
    pub format: &'a Format,
    pub labels: &'static Labels,
    /// The reader's language, then the installation's.
    pub languages: [&'a str; 2],
}

impl<'a> Reader<'a> {
    pub fn view(&self) -> View<'a> {
        let report = self.report;
        let attention: Vec<Row> = report.attention.iter().map(|row| self.row(row)).collect();
        let summary = self.summary();
        let preheader = attention
            .first()
            .map_or_else(|| summary.clone(), |row| format!("{} {} ({}), {summary}", row.name, row.value, row.target));
        let zone = &report.calendar.zone;
        let as_of = zone.to_datetime(report.made.as_of).strftime("%Y-%m-%d %H:%M").to_string();
        View {
            labels: self.labels,
            title: self.text(&report.title),
            period: report.made.period.label(&report.calendar),
            period_days: period_label(&report.made.period, &report.calendar),
            points: if self.any_percent() { self.labels.points } else { "" },
            as_of: format!("{as_of} ({})", zone.iana_name().unwrap_or("UTC")),
            summary,
            preheader,
            counts: self.counts(),
            columns: report.compare.iter().map(|comparison| self.labels.against(*comparison)).collect(),
            attention,
            blocks: report.blocks.iter().map(|block| self.block(block)).collect(),
            notes: self.notes(),
        }
    }

    fn any_percent(&self) -> bool {
        self.report.blocks.iter().flat_map(|block| &block.rows).any(|row| row.measured.kpi.unit == Unit::Percent)
    }

    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.languages[0], self.languages[1])
    }

    /// Verdicts that occur, the most urgent first, with the number of KPIs.
    fn counted(&self) -> impl Iterator<Item = (usize, Verdict)> {
        let counts = self.report.counts;
        let all = [
            (counts.missed, Verdict::Missed),
            (counts.near, Verdict::Near),
            (counts.met, Verdict::Met),
            (counts.not_judged, Verdict::NotJudged(Why::NoTarget)),
        ];
        all.into_iter().filter(|(count, _)| *count > 0)
    }

    fn counts(&self) -> Vec<Count> {
        let count = |(count, verdict): (usize, Verdict)| Count {
            number: count.to_string(),
            mark: Mark { word: self.labels.counted(&verdict).to_owned(), ..self.mark(&verdict) },
        };
        self.counted().map(count).collect()
    }

    fn summary(&self) -> String {
        let part = |(count, verdict)| format!("{count} {}", self.labels.counted(&verdict));
        self.counted().map(part).collect::<Vec<_>>().join(", ")
    }

    fn mark(&self, verdict: &Verdict) -> Mark {
        let (tone, shape) = match verdict {
            Verdict::Met => ("met", "●"),
            Verdict::Near => ("near", "▲"),
            Verdict::Missed => ("missed", "■"),
            Verdict::NotJudged(_) => ("none", "○"),
        };
        let count = |number| self.format.number(number, &Unit::Count, None);
        let word = match verdict {
            Verdict::NotJudged(why) => self.labels.not_judged(why, count),
            judged => self.labels.word(judged).to_owned(),
        };
        Mark { tone, shape, word }
    }

    fn block(&self, block: &'a Block) -> BlockView<'a> {
        let text = block.text.as_ref().map_or("", |text| self.text(text));
        BlockView {
            title: self.text(&block.title),
            paragraphs: text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect(),
            rows: block.rows.iter().flat_map(|row| self.rows(row)).collect(),
        }
    }

    /// A KPI, and beneath it its segments.
    fn rows(&self, row: &report::Row) -> Vec<Row> {
        let measured = &row.measured;
        let mut rows = vec![self.row(row)];
        let shown = kept(measured.segments.len(), SEGMENTS);
        rows.extend(measured.segments[..shown].iter().map(|segment| self.segment(measured, segment)));
        let hidden = measured.segments.len() - shown;
        if hidden > 0 {
            rows.push(Row { segment: true, ..Row::named(format!("+ {hidden} {}", self.labels.others)) });
        }
        rows
    }

    fn row(&self, row: &report::Row) -> Row {
        let (measured, late) = (&row.measured, row.late);
        let kpi = &measured.kpi;
        let to = &measured.whole.value;
        let row = self.measurement(self.text(&kpi.name), kpi, &measured.whole);
        let word = if late { format!("{}, {}", row.mark.word, self.labels.late) } else { row.mark.word };
        Row {
            mark: Mark { word, ..row.mark },
            changes: measured.changes.iter().map(|change| self.shift(kpi, change, &change.value, to)).collect(),
            why: measured.changes.iter().filter_map(|change| self.why(kpi, change)).collect(),
            ..row
        }
    }

    fn segment(&self, measured: &Measured, segment: &Measurement) -> Row {
        let kpi = &measured.kpi;
        let value = segment.segment.as_ref().and_then(|(_, value)| value.as_ref());
        let shift = |change: &Change| {
            let before = change.segments.iter().find(|before| before.value.as_ref() == value);
            let from = before.map_or(&change.value, |before| &before.from);
            self.shift(kpi, change, from, &segment.value)
        };
        let name = value.map_or(self.labels.empty, |value| &**value);
        let row = self.measurement(name, kpi, segment);
        // That a segment has no target of its own is the rule, and not worth a word in every row.
        let mark = if segment.verdict == Verdict::NotJudged(Why::NoTarget) { Mark::default() } else { row.mark };
        Row { mark, changes: measured.changes.iter().map(shift).collect(), segment: true, ..row }
    }

    fn measurement(&self, name: &str, kpi: &Kpi, measurement: &Measurement) -> Row {
        let target = |target| self.format.target(target, kpi.good, &kpi.unit, kpi.decimals);
        Row {
            value: self.format.value(&measurement.value, &kpi.unit, kpi.decimals),
            target: measurement.target.as_ref().map(target).unwrap_or_default(),
            mark: self.mark(&measurement.verdict),
            ..Row::named(name.to_owned())
        }
    }

    fn shift(&self, kpi: &Kpi, change: &Change, from: &Value, to: &Value) -> Shift {
        let difference = from.number().zip(to.number()).map_or(0.0, |(from, to)| to - from);
        let tone = match kpi.good {
            Some(Good::Up) if difference != 0.0 => ["worse", "better"][usize::from(difference > 0.0)],
            Some(Good::Down) if difference != 0.0 => ["worse", "better"][usize::from(difference < 0.0)],
            _ => "same",
        };
        Shift {
            label: self.labels.against(change.comparison),
            text: self.format.change(from, to, &kpi.unit, kpi.decimals),
            tone,
        }
    }

    /// "Against the previous period (+47 €): marketing (spend) +41 €, sales (spend) +9 €, new (customer base) -3 €."
    /// None where the formula is its one input: the change is all there is to say.
    fn why(&self, kpi: &Kpi, change: &Change) -> Option<String> {
        if kpi.formula.is_leaf() {
            return None;
        }
        let drivers = change.drivers.as_ref().ok().filter(|drivers| !drivers.contributions.is_empty())?;
        let amount = |amount| self.format.amount(amount, &kpi.unit, kpi.decimals);
        let name = |id: &str| self.report.kpi(id).map(|row| self.text(&row.measured.kpi.name).to_owned());
        let (named, rest) = drivers.contributions.split_at(kept(drivers.contributions.len(), DRIVERS));
        let mut parts: Vec<String> =
            named.iter().map(|one| format!("{} {}", self.labels.input(&one.input, name), amount(one.amount))).collect();
        if !rest.is_empty() {
            let rest = rest.iter().map(|one| one.amount).sum();
            parts.push(format!("{} {}", self.labels.others, amount(rest)));
        }
        Some(format!("{} ({}): {}.", self.labels.why(change.comparison), amount(drivers.change), parts.join(", ")))
    }

    fn notes(&self) -> Vec<Note> {
        let notes = &self.report.notes;
        let failed = notes.failed.iter().map(|note| format!("{}: {}", note.source, note.why)).collect();
        let newest = |note: &report::Stale| note.newest.map(|day| day.to_string()).unwrap_or_default();
        let stale = |note: &report::Stale| format!("{}: {}", note.source, self.labels.newest(&newest(note)));
        let missing = notes.missing.iter().map(|(reason, kpis)| {
            let names: Vec<&str> = kpis.iter().map(|name| self.text(name)).collect();
            format!("{}: {}", names.join(", "), self.labels.reason(reason))
        });
        let all = [
            Note { title: self.labels.failed, lines: failed },
            Note { title: self.labels.stale, lines: notes.stale.iter().map(stale).collect() },
            Note { title: self.labels.missing, lines: missing.collect() },
        ];
        all.into_iter().filter(|note| !note.lines.is_empty()).collect()
    }
}

/// How many of `all` are named: at most `most`, unless only one would be left, which takes no less room as "1 others".
fn kept(all: usize, most: usize) -> usize {
    if all == most + 1 { all } else { all.min(most) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_at_least_two() {
        let left = |all| all - kept(all, 8);
        assert_eq!([0, 8, 9, 10, 20].map(left), [0, 0, 0, 2, 12]);
    }
}
