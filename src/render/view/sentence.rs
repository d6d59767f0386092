//! Why a KPI moved, in a sentence a comparison, and what its picture shows.

use super::{Reader, Shift, Why};
use crate::calendar::Period;
use crate::formula::Input;
use crate::measure::{Change, Comparison, Kpi, Measured};
use crate::render::Format;
use crate::render::words::cadence_arg;
use crate::report::{Driver, Moved, Row, SegmentMove};

/// Stands for the change while its sentence is made, so that it can be found again.
const PLACE: &str = "\u{fdd0}";

impl Reader<'_> {
    /// A line for each comparison that has a number on both sides.
    pub(super) fn why(&self, row: &Row) -> Vec<Why> {
        let measured = &row.measured;
        let kpi = &measured.kpi;
        let line = |change: &Change| {
            let difference = measured.whole.value.number()? - change.value.number()?;
            let Shift { text, tone, .. } =
                self.shift(kpi, change.comparison, Some(&change.value), &measured.whole.value);
            let moved = row.moved.iter().find(|moved| moved.comparison == change.comparison);
            let sentence = self.sentence(measured, change.comparison, moved);
            let (before, after) = sentence.split_once(PLACE).unwrap_or((&sentence, ""));
            // What a change in percent comes to; its parts are amounts.
            let parts = moved.map(Moved::amounts).unwrap_or_default();
            let decimals = self.format.common_decimals(difference, &parts, &kpi.unit, kpi.decimals);
            let amount = self.format.amount(difference, &kpi.unit, Some(decimals));
            let plain = text == amount || after.is_empty() || Format::is_nil(&amount);
            let change_text = if plain { text } else { format!("{text} ({amount})") };
            let comparison = change.comparison;
            Some(Why { comparison, before: before.to_owned(), change: change_text, tone, after: after.to_owned() })
        };
        measured.changes.iter().filter_map(line).collect()
    }

    /// By input, then by segment.
    fn sentence(&self, measured: &Measured, comparison: Comparison, moved: Option<&Moved>) -> String {
        let change = self.texts.change(comparison, self.report.made.period.cadence, PLACE);
        let Some(moved) = moved else { return change };
        let by_input = self.drivers(&measured.kpi, moved);
        let by_segment = self.by_segment(&measured.kpi, moved);
        match (by_input, by_segment) {
            (None, None) => change,
            (None, Some(by_segment)) => format!("{change}. {by_segment}"),
            (Some(parts), by_segment) => {
                let message = if moved.exact { "why" } else { "why-about" };
                let by_input = self.texts.say(message, &[("change", change.into()), ("parts", parts.into())]);
                format!("{by_input} {}", by_segment.unwrap_or_default()).trim_end().to_owned()
            }
        }
    }

    /// None where no input says anything: what the KPI was before is no reason why it moved, nor is what rounds to nothing.
    fn drivers(&self, kpi: &Kpi, moved: &Moved) -> Option<String> {
        let is_past = |driver: &Driver| driver.input.shift.previous > 0 || driver.input.shift.year_ago > 0;
        if moved.drivers.iter().any(is_past) {
            return None;
        }
        let amounts = self.format.amounts(moved.change, &moved.amounts(), &kpi.unit, kpi.decimals);
        let names = moved.drivers.iter().map(|driver| Some(self.input(&driver.input))).chain([None]);
        let part = |(name, amount): (Option<String>, String)| match name {
            Some(name) => self.texts.say("why-driver", &[("name", name.into()), ("amount", amount.into())]),
            None => self.texts.say("why-rest", &[("amount", amount.into())]),
        };
        let told = names.zip(amounts).filter(|(_, amount)| !Format::is_nil(amount));
        let parts: Vec<String> = told.map(part).collect();
        // The rest alone explains nothing.
        (!parts.is_empty() && !moved.drivers.is_empty()).then(|| self.texts.commas(&parts))
    }

    /// "By channel: organic −1.2 pp (mix −0.3 pp), paid +0.4 pp."
    fn by_segment(&self, kpi: &Kpi, moved: &Moved) -> Option<String> {
        let amounts = self.format.amounts(moved.change, &moved.segment_amounts(), &kpi.unit, kpi.decimals);
        let told = moved.segments.iter().zip(amounts).filter(|(_, amount)| !Format::is_nil(amount));
        let parts: Vec<String> = told.map(|(segment, amount)| self.segment_move(kpi, segment, amount)).collect();
        if parts.is_empty() {
            return None;
        }
        let args = [("dimension", self.dimension(kpi).into()), ("parts", self.texts.commas(&parts).into())];
        Some(self.texts.say("why-segments", &args))
    }

    fn segment_move(&self, kpi: &Kpi, segment: &SegmentMove, amount: String) -> String {
        let name = ("name", self.segment_name(segment.value.as_deref()).into());
        let mix = self.mix(kpi, segment);
        match (Format::is_nil(&mix), mix == amount) {
            (true, _) => self.texts.say("why-segment", &[name, ("amount", amount.into())]),
            (false, true) => self.texts.say("why-segment-only-mix", &[name, ("mix", mix.into())]),
            (false, false) => {
                self.texts.say("why-segment-mix", &[name, ("amount", amount.into()), ("mix", mix.into())])
            }
        }
    }

    fn mix(&self, kpi: &Kpi, segment: &SegmentMove) -> String {
        self.format.amount(segment.mix, &kpi.unit, kpi.decimals)
    }

    /// Whether a sentence of `row` speaks of mix.
    pub(super) fn speaks_of_mix(&self, row: &Row) -> bool {
        let segments = row.moved.iter().flat_map(|moved| &moved.segments);
        segments.into_iter().any(|segment| !Format::is_nil(&self.mix(&row.measured.kpi, segment)))
    }

    /// What readers call an input of a formula.
    pub(super) fn input(&self, input: &Input) -> String {
        self.texts.input(input, |reference| self.report.words.input(reference).map(|text| self.text(text).to_owned()))
    }

    /// The numbers of the picture, for who doesn't see it.
    pub(super) fn chart_alt(&self, row: &Row) -> String {
        let measured = &row.measured;
        let kpi = &measured.kpi;
        let periods = self.texts.say(
            "last-periods",
            &[("count", self.format.count(measured.trend.len())), cadence_arg(self.report.made.period.cadence)],
        );
        let periods = ("periods", periods.into());
        let numbers: Vec<f64> = measured.trend.iter().filter_map(|point| point.value.number()).collect();
        let (Some(first), Some(last)) = (measured.trend.first(), measured.trend.last()) else { return String::new() };
        if numbers.is_empty() {
            return self.texts.say("chart-none", &[periods]);
        }
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shown = |number| self.format.number(number, &kpi.unit, kpi.decimals);
        let mut args = vec![
            periods,
            ("first", self.format.value(&first.value, &kpi.unit, kpi.decimals).into()),
            ("last", self.format.value(&last.value, &kpi.unit, kpi.decimals).into()),
            ("low", shown(least).into()),
            ("high", shown(most).into()),
        ];
        match &measured.whole.target {
            None => self.texts.say("chart", &args),
            Some(_) => {
                args.push(("target", self.target(kpi, &measured.whole).into()));
                self.texts.say("chart-target", &args)
            }
        }
    }

    /// The worst KPI in a line.
    pub(super) fn preheader(&self, summary: &str) -> String {
        let Some(row) = self.report.attention.first() else { return summary.to_owned() };
        let kpi = &row.measured.kpi;
        let target = self.target(kpi, &row.measured.whole);
        let args = [("name", self.name(row).into()), ("value", self.value(row).into()), ("target", target.into())];
        let headline = ("headline", self.texts.say("headline", &args).into());
        let counts = ("counts", summary.into());
        let Some(why) = self.why(row).into_iter().next() else {
            return self.texts.say("preheader-no-change", &[headline, counts]);
        };
        let sentence = self.sentence(&row.measured, why.comparison, None);
        let change = ("change", sentence.replace(PLACE, &why.change).into());
        self.texts.say("preheader", &[headline, change, counts])
    }

    /// A period beside others, short.
    pub(super) fn period(&self, period: &Period) -> String {
        self.dates.period_short(period, &self.report.calendar)
    }
}
