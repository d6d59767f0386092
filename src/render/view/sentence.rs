//! Why a KPI moved, in a sentence a comparison, and what its picture shows.

use super::row::key;
use super::{Reader, Why};
use crate::formula::{Input, Reference};
use crate::measure::{Kpi, Measured};
use crate::render::dates;
use crate::render::texts::{Arg, isolated};
use crate::report::{Moved, Row};

impl Reader<'_> {
    /// A line for each comparison that has a number on both sides.
    pub(super) fn why(&self, row: &Row) -> Vec<Why> {
        let measured = &row.measured;
        let cadence = self.report.made.period.cadence.to_string();
        let line = |change: &crate::measure::Change| {
            change.value.number().zip(measured.whole.value.number())?;
            let shift = self.shift(&measured.kpi, change.comparison, &change.value, &measured.whole.value);
            let against = self.texts.say(key("against", change.comparison), &[("cadence", Arg::Text(&cadence))]);
            let moved = row.moved.iter().find(|moved| moved.comparison == change.comparison);
            let reasons = moved.map(|moved| self.reasons(measured, moved)).unwrap_or_default();
            let text = if reasons.is_empty() { against } else { format!("{against}: {}", reasons.join("; ")) };
            Some(Why { change: shift.text, tone: shift.tone, text })
        };
        measured.changes.iter().filter_map(line).collect()
    }

    /// By input, then by segment.
    fn reasons(&self, measured: &Measured, moved: &Moved) -> Vec<String> {
        let kpi = &measured.kpi;
        let amount = |amount| self.format.amount(amount, &kpi.unit, kpi.decimals);
        let mut drivers: Vec<String> =
            moved.drivers.iter().map(|driver| format!("{} {}", self.input(&driver.input), amount(driver.amount))).collect();
        if !drivers.is_empty() && moved.rest != 0.0 {
            drivers.push(format!("{} {}", self.texts.say("rest", &[]), amount(moved.rest)));
        }
        let by_input = (!drivers.is_empty()).then(|| drivers.join(", "));
        let by_segment = (!moved.segments.is_empty()).then(|| self.segments(kpi, moved));
        by_input.into_iter().chain(by_segment).collect()
    }

    /// "by channel: organic −1.2 pp (mix −0.3 pp), paid +0.4 pp"
    fn segments(&self, kpi: &Kpi, moved: &Moved) -> String {
        let amount = |amount| self.format.amount(amount, &kpi.unit, kpi.decimals);
        let dimension = kpi.breakdown.as_deref().unwrap_or_default();
        let label = self.report.words.dimension(dimension).map_or_else(|| dimension.replace('_', " "), |text| self.text(text).to_owned());
        let parts = moved.segments.iter().map(|segment| {
            let name = self.segment_name(segment.value.as_deref());
            let whole = amount(segment.rate + segment.mix);
            if segment.mix == 0.0 || segment.rate == 0.0 {
                return format!("{name} {whole}");
            }
            let mix = amount(segment.mix);
            self.texts.say("segment-move", &[("name", Arg::Text(&name)), ("amount", Arg::Text(&whole)), ("mix", Arg::Text(&mix))])
        });
        let list = parts.collect::<Vec<_>>().join(", ");
        self.texts.say("moved-by", &[("dimension", Arg::Text(&label)), ("list", Arg::Text(&list))])
    }

    /// What a formula's input is called: by its label, or by its name with spaces.
    pub(super) fn input(&self, input: &Input) -> String {
        let words = |name: &str| name.replace('_', " ");
        let label = self.report.words.input(&input.reference).map(|text| self.text(text).to_owned());
        let mut name = label.unwrap_or_else(|| match &input.reference {
            Reference::Measure { source, measure } if source == measure => words(measure),
            Reference::Measure { source, measure } => format!("{} ({})", words(measure), words(source)),
            Reference::Kpi(id) => words(id),
        });
        let shift = input.shift;
        for (shifted, message) in
            [(shift.previous > 0, "input-previous"), (shift.year_ago > 0, "input-year-ago"), (shift.total, "input-total")]
        {
            if shifted {
                let inner = isolated(&name).into_owned();
                name = self.texts.say(message, &[("name", Arg::Text(&inner))]);
            }
        }
        name
    }

    /// The numbers of the picture, for who doesn't see it.
    pub(super) fn chart_alt(&self, row: &Row) -> String {
        let measured = &row.measured;
        let kpi = &measured.kpi;
        let shown = |number| self.format.number(number, &kpi.unit, kpi.decimals);
        let numbers: Vec<f64> = measured.trend.iter().filter_map(|point| point.value.number()).collect();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return self.texts.say("chart-empty", &[]) };
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (first, last, least, most) = (shown(*first), shown(*last), shown(least), shown(most));
        let cadence = self.report.made.period.cadence.to_string();
        let args = [
            ("count", Arg::Number(measured.trend.len() as f64)),
            ("cadence", Arg::Text(&cadence)),
            ("first", Arg::Text(&first)),
            ("last", Arg::Text(&last)),
            ("least", Arg::Text(&least)),
            ("most", Arg::Text(&most)),
        ];
        self.texts.say("chart", &args)
    }

    /// The worst KPI in a line.
    pub(super) fn preheader(&self, summary: &str) -> String {
        let Some(row) = self.report.attention.first() else { return summary.to_owned() };
        let kpi = &row.measured.kpi;
        let target = self.target(kpi, &row.measured.whole);
        let change = self.why(row).into_iter().next().map(|why| format!(", {} {}", why.change, why.text)).unwrap_or_default();
        let line = format!("{} {} ({target}){change}", self.name(row), self.value(row));
        line.chars().take(160).collect()
    }

    /// A period beside others, short.
    pub(super) fn period(&self, period: &crate::calendar::Period) -> String {
        dates::period_short(period, &self.report.calendar, self.format, self.texts)
    }
}
