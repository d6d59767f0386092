//! Why a KPI moved, in a sentence a comparison, and what its picture shows.

use super::{Reader, Shift, Why};
use crate::calendar::Period;
use crate::formula::Input;
use crate::measure::{Change, Comparison, Kpi, Measured};
use crate::render::words::cadence_arg;
use crate::report::{Driver, Moved, Row, SegmentMove};

/// Stands for the change while its sentence is made, so that it can be found again.
const PLACE: &str = "\u{fdd0}";

impl Reader<'_> {
    /// A line for each comparison that has a number on both sides.
    pub(super) fn why(&self, row: &Row) -> Vec<Why> {
        let measured = &row.measured;
        let line = |change: &Change| {
            change.value.number().zip(measured.whole.value.number())?;
            let Shift { text, tone, .. } =
                self.shift(&measured.kpi, change.comparison, Some(&change.value), &measured.whole.value);
            let moved = row.moved.iter().find(|moved| moved.comparison == change.comparison);
            let sentence = self.sentence(measured, change.comparison, moved);
            let (before, after) = sentence.split_once(PLACE).unwrap_or((&sentence, ""));
            Some(Why { before: before.to_owned(), change: text, tone, after: after.to_owned() })
        };
        measured.changes.iter().filter_map(line).collect()
    }

    /// By input, then by segment.
    fn sentence(&self, measured: &Measured, comparison: Comparison, moved: Option<&Moved>) -> String {
        let change = self.texts.change(comparison, self.report.made.period.cadence, Some(PLACE));
        let Some(moved) = moved.filter(|moved| !moved.drivers.is_empty() || !moved.segments.is_empty()) else {
            return change;
        };
        let by_segment = self.by_segment(&measured.kpi, &moved.segments);
        if moved.drivers.is_empty() {
            return format!("{change}. {by_segment}");
        }
        let message = if moved.exact { "why" } else { "why-about" };
        let by_input =
            self.texts.say(message, &[("change", change.into()), ("parts", self.drivers(measured, moved).into())]);
        format!("{by_input} {by_segment}").trim_end().to_owned()
    }

    fn drivers(&self, measured: &Measured, moved: &Moved) -> String {
        let kpi = &measured.kpi;
        let mut amounts = self.format.amounts(moved.change, &moved.amounts(), &kpi.unit, kpi.decimals);
        // Zero in any script: what rounding leaves of it is not worth a word.
        let rest = amounts.pop().filter(|rest| rest.contains(|c: char| c.is_numeric() && !"0٠۰".contains(c)));
        let driver = |(driver, amount): (&Driver, String)| {
            self.texts.say("why-driver", &[("name", self.input(&driver.input).into()), ("amount", amount.into())])
        };
        let mut parts: Vec<String> = moved.drivers.iter().zip(amounts).map(driver).collect();
        parts.extend(rest.map(|rest| self.texts.say("why-rest", &[("amount", rest.into())])));
        self.texts.commas(&parts)
    }

    /// "By channel: organic −1.2 pp (mix −0.3 pp), paid +0.4 pp."
    fn by_segment(&self, kpi: &Kpi, segments: &[SegmentMove]) -> String {
        if segments.is_empty() {
            return String::new();
        }
        let amount = |amount| self.format.amount(amount, &kpi.unit, kpi.decimals);
        let part = |segment: &SegmentMove| {
            let name = ("name", self.segment_name(segment.value.as_deref()).into());
            let mix = ("mix", amount(segment.mix).into());
            match (segment.rate == 0.0, segment.mix == 0.0) {
                (_, true) => self.texts.say("why-segment", &[name, ("amount", amount(segment.rate).into())]),
                (true, false) => self.texts.say("why-segment-only-mix", &[name, mix]),
                (false, false) => {
                    self.texts.say("why-segment-mix", &[name, ("amount", amount(segment.amount()).into()), mix])
                }
            }
        };
        let parts = self.texts.commas(&segments.iter().map(part).collect::<Vec<_>>());
        self.texts.say("why-segments", &[("dimension", self.dimension(kpi).into()), ("parts", parts.into())])
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
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
            return self.texts.say("chart-none", &[periods]);
        };
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shown = |number| self.format.number(number, &kpi.unit, kpi.decimals);
        let mut args = vec![
            periods,
            ("first", shown(*first).into()),
            ("last", shown(*last).into()),
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
        let sentence = self.sentence(&row.measured, row.measured.changes[0].comparison, None);
        let change = ("change", sentence.replace(PLACE, &why.change).into());
        self.texts.say("preheader", &[headline, change, counts])
    }

    /// A period beside others, short.
    pub(super) fn period(&self, period: &Period) -> String {
        self.dates.period_short(period, &self.report.calendar)
    }
}
