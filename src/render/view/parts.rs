//! A KPI by the segments of its breakdown: the largest by name, the others together, and the whole as a ratio of sums.

use super::row::kept;
use super::{Mark, Medium, PartView, Parts, Reader};
use crate::formula::Value;
use crate::measure::{Contrast, Measured, Measurement, Verdict, Why};
use crate::render::texts::{Arg, isolated};
use crate::report::Row;

/// Pixels of the longest bar.
const LONGEST: f64 = 96.0;

impl Reader<'_> {
    pub(super) fn parts(&self, row: &Row) -> Option<Parts> {
        let measured = &row.measured;
        let dimension = measured.kpi.breakdown.as_ref()?;
        if measured.segments.is_empty() {
            return None;
        }
        let dimension = self.report.words.dimension(dimension).map_or_else(|| dimension.replace('_', " "), |text| self.text(text).to_owned());
        let rows = self.part_rows(measured);
        Some(Parts {
            title: self.texts.say("by-dimension", &[("dimension", Arg::Text(&dimension))]),
            judged: rows.iter().any(|part| !part.mark.word.is_empty()),
            sampled: rows.iter().any(|part| !part.sample.is_empty()),
            contrast: measured.contrast.as_ref().map_or_else(String::new, |contrast| self.contrast(measured, contrast)),
            rows,
        })
    }

    fn part_rows(&self, measured: &Measured) -> Vec<PartView> {
        let shown = match self.medium {
            Medium::Page => measured.segments.len(),
            Medium::Mail => measured.segments.len() - measured.others.as_ref().map_or(0, |others| others.count),
        };
        let named = &measured.segments[..kept(measured.segments.len(), shown)];
        let longest = longest(named);
        let mut rows: Vec<PartView> = named.iter().map(|segment| self.segment(measured, segment, longest)).collect();
        if let Some(others) = measured.others.as_ref().filter(|_| named.len() < measured.segments.len()) {
            let count = self.count(others.count);
            let name = self.texts.say("others", &[("count", Arg::Text(&count))]);
            rows.push(PartView { bar: bar(&others.now.value, longest), ..self.part(measured, name, &others.now, &others.before) });
        }
        if rows.len() > 1 {
            let before: Vec<Value> = measured.changes.iter().map(|change| change.value.clone()).collect();
            let whole = self.part(measured, self.texts.say("total", &[]), &measured.whole, &before);
            // The KPI's own line, right above, has the verdict of the whole.
            rows.push(PartView { total: true, mark: Mark::default(), target: String::new(), ..whole });
        }
        rows
    }

    fn segment(&self, measured: &Measured, segment: &Measurement, longest: f64) -> PartView {
        let value = segment.segment.as_ref().and_then(|(_, value)| value.as_ref());
        let name = self.segment_name(value.map(|value| &**value));
        let before: Vec<Value> = measured
            .changes
            .iter()
            .map(|change| {
                let same = change.segments.iter().find(|before| before.value.as_ref() == value);
                same.map_or_else(|| change.value.clone(), |before| before.from.clone())
            })
            .collect();
        PartView { bar: bar(&segment.value, longest), ..self.part(measured, name, segment, &before) }
    }

    /// What a segment is called; NULL and empty have words of their own.
    pub(super) fn segment_name(&self, value: Option<&str>) -> String {
        match value {
            Some(value) if !value.trim().is_empty() => isolated(value).into_owned(),
            _ => self.texts.say("no-segment", &[]),
        }
    }

    fn part(&self, measured: &Measured, name: String, now: &Measurement, before: &[Value]) -> PartView {
        let kpi = &measured.kpi;
        // That a segment has no target of its own is the rule, and not worth a word in every row.
        let told = now.verdict != Verdict::NotJudged(Why::NoTarget);
        let sample = now.proportion.as_ref().map(|proportion| proportion.of).or(now.sample.as_ref().and_then(Value::number));
        let sample = sample.filter(|_| kpi.at_least.is_some());
        PartView {
            name,
            value: self.format.value(&now.value, &kpi.unit, kpi.decimals),
            target: self.target(kpi, now),
            mark: if told { self.mark(&now.verdict) } else { Mark::default() },
            sample: sample.map_or_else(String::new, |n| self.texts.say("sample", &[("n", Arg::Text(&self.count(n as usize)))])),
            changes: measured.changes.iter().zip(before).map(|(change, from)| self.shift(kpi, change.comparison, from, &now.value)).collect(),
            bar: 0,
            total: false,
        }
    }

    /// What two variants differ by, and whether chance alone would do.
    fn contrast(&self, measured: &Measured, contrast: &Contrast) -> String {
        let kpi = &measured.kpi;
        let amount = |amount| self.format.amount(amount, &kpi.unit, kpi.decimals);
        let (better, worse) = if contrast.difference >= 0.0 { (&contrast.b, &contrast.a) } else { (&contrast.a, &contrast.b) };
        let [better, worse] = [better, worse].map(|name| self.segment_name(name.as_deref()));
        let (difference, low, high) = (amount(contrast.difference.abs()), amount(contrast.low), amount(contrast.high));
        let args = [
            ("better", Arg::Text(&better)),
            ("worse", Arg::Text(&worse)),
            ("difference", Arg::Text(&difference)),
            ("low", Arg::Text(&low)),
            ("high", Arg::Text(&high)),
        ];
        self.texts.say(if contrast.is_noise() { "contrast-noise" } else { "contrast" }, &args)
    }
}

fn longest(segments: &[Measurement]) -> f64 {
    segments.iter().filter_map(|segment| segment.value.number()).fold(0.0, |longest, value| longest.max(value.abs()))
}

/// Only what is above zero has a bar: one that grows to the left would need an axis.
fn bar(value: &Value, longest: f64) -> u32 {
    match value.number() {
        Some(value) if value > 0.0 && longest > 0.0 => ((value / longest * LONGEST).round() as u32).clamp(1, LONGEST as u32),
        _ => 0,
    }
}
