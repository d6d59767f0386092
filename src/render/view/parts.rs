//! A KPI by the segments of its breakdown: the largest by name, the others together, and the whole as a ratio of sums.

use super::{Mark, Medium, PartView, Parts, Reader};
use crate::formula::Value;
use crate::measure::{Contrast, Good, Kpi, Measured, Measurement, Others, Verdict, Why};
use crate::render::data;
use crate::report::Row;

/// Segments beyond which the page, too, names only the largest: the spreadsheet has them all.
const PAGE: usize = 200;
/// Pixels of the longest bar.
const LONGEST: f64 = 96.0;

impl Reader<'_> {
    pub(super) fn parts(&self, row: &Row) -> Option<Parts> {
        let measured = &row.measured;
        if measured.segments.is_empty() {
            return None;
        }
        let rows = self.part_rows(measured);
        let small = measured.segments.iter().any(|segment| is_small(&segment.verdict));
        Some(Parts {
            title: self.texts.say("breakdown-by", &[("dimension", self.dimension(&measured.kpi).into())]),
            judged: rows.iter().any(|part| !part.mark.word.is_empty()),
            sampled: rows.iter().any(|part| !part.sample.is_empty()),
            contrast: measured
                .contrast
                .as_ref()
                .map_or_else(String::new, |found| self.contrast(&measured.kpi, found, small)),
            rows,
        })
    }

    /// What the KPI is broken down by.
    pub fn dimension(&self, kpi: &Kpi) -> String {
        let name = kpi.breakdown.as_deref().unwrap_or_default();
        let label = self.report.words.dimension(name).map(|text| self.text(text).to_owned());
        label.unwrap_or_else(|| name.replace('_', " "))
    }

    fn part_rows(&self, measured: &Measured) -> Vec<PartView> {
        let others = measured.others.as_ref().filter(|_| self.medium == Medium::Mail || measured.segments.len() > PAGE);
        let named = &measured.segments[..measured.segments.len() - others.map_or(0, |others| others.count)];
        let longest = longest(named.iter().chain(others.map(|others| &others.now)));
        let mut rows: Vec<PartView> = named.iter().map(|segment| self.segment(measured, segment, longest)).collect();
        if let Some(others) = others {
            rows.push(PartView {
                bar: bar(&others.now.value, longest),
                ..self.part(
                    measured,
                    self.others(others),
                    &others.now,
                    &others.before.iter().map(Some).collect::<Vec<_>>(),
                )
            });
        }
        if rows.len() > 1 {
            let before: Vec<Option<&Value>> = measured.changes.iter().map(|change| Some(&change.value)).collect();
            let whole = self.part(measured, self.texts.word("total"), &measured.whole, &before);
            // The KPI's own line, right above, has the verdict of the whole.
            rows.push(PartView { total: true, mark: Mark::default(), target: String::new(), ..whole });
        }
        rows
    }

    fn segment(&self, measured: &Measured, segment: &Measurement, longest: f64) -> PartView {
        let value = segment.segment.as_ref().and_then(|(_, value)| value.as_ref());
        let name = self.segment_name(value.map(|value| &**value));
        let before: Vec<Option<&Value>> = data::before(&measured.changes, segment).collect();
        PartView { bar: bar(&segment.value, longest), ..self.part(measured, name, segment, &before) }
    }

    /// What a segment is called; NULL and empty have a word of their own.
    pub fn segment_name(&self, value: Option<&str>) -> String {
        match value {
            Some(value) if !value.trim().is_empty() => value.trim_matches(' ').to_owned(),
            _ => self.texts.word("segment-empty"),
        }
    }

    /// What all segments beyond the largest are called.
    pub fn others(&self, others: &Others) -> String {
        self.texts.say("others", &[("count", self.format.count(others.count))])
    }

    fn part(&self, measured: &Measured, name: String, now: &Measurement, before: &[Option<&Value>]) -> PartView {
        let kpi = &measured.kpi;
        // That a segment has no target of its own is the rule, and not worth a word in every row; nor is why there is no value.
        let told = !matches!(now.verdict, Verdict::NotJudged(_));
        let small = is_small(&now.verdict);
        let sample = now.sample.as_ref().and_then(Value::number);
        PartView {
            name,
            value: self.format.value(&now.value, &kpi.unit, kpi.decimals),
            target: self.target(kpi, now),
            mark: if told { self.mark(&now.verdict) } else { Mark::default() },
            sample: sample.map_or_else(String::new, |n| {
                let size = self.texts.say("sample-size", &[("count", self.format.whole(n).into())]);
                if small { format!("○\u{a0}{size}") } else { size }
            }),
            changes: measured
                .changes
                .iter()
                .zip(before)
                .map(|(change, from)| self.shift(kpi, change.comparison, *from, &now.value))
                .collect(),
            bar: 0,
            total: false,
        }
    }

    /// What two variants differ by, and whether chance alone would do.
    fn contrast(&self, kpi: &Kpi, contrast: &Contrast, small: bool) -> String {
        let amount = |amount| self.format.amount(amount, &kpi.unit, kpi.decimals);
        let [a, b] = [&contrast.a, &contrast.b].map(|name| self.segment_name(name.as_deref()));
        // The interval is told for the difference that is told: of the higher variant over the lower.
        let (higher, lower, low, high) = if contrast.difference >= 0.0 {
            (b, a, contrast.low, contrast.high)
        } else {
            (a, b, -contrast.high, -contrast.low)
        };
        let difference = self.format.gap(contrast.difference.abs(), &kpi.unit, kpi.decimals);
        let [low, high] = [("low", amount(low).into()), ("high", amount(high).into())];
        let difference = ("difference", difference.into());
        let pair = self.texts.list(&[&higher, &lower]);
        if small {
            return self.texts.say("contrast-none", &[("pair", pair.into())]);
        }
        if contrast.is_noise() {
            return self.texts.say("contrast-noise", &[("pair", pair.into()), difference, low, high]);
        }
        let (message, first, second) = match kpi.good {
            Some(Good::Up) => ("contrast-better", ("better", higher), ("worse", lower)),
            Some(Good::Down) => ("contrast-better", ("better", lower), ("worse", higher)),
            _ => ("contrast-higher", ("higher", higher), ("lower", lower)),
        };
        let args = [(first.0, first.1.into()), (second.0, second.1.into()), difference, low, high];
        self.texts.say(message, &args)
    }
}

fn is_small(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::NotJudged(Why::SmallSample { .. }))
}

fn longest<'m>(segments: impl Iterator<Item = &'m Measurement>) -> f64 {
    let values = segments.filter_map(|segment| segment.value.number());
    values.fold(0.0, |longest, value| longest.max(value.abs()))
}

/// Only what is above zero has a bar: one that grows to the left would need an axis.
fn bar(value: &Value, longest: f64) -> u32 {
    match value.number() {
        Some(value) if value > 0.0 && longest > 0.0 => (value / longest * LONGEST).round().clamp(1.0, LONGEST) as u32,
        _ => 0,
    }
}
