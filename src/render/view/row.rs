//! One KPI: its value against target and past, its picture.

use super::{Chart, Mark, Medium, Reader, RowView, Shift, mark};
use crate::formula::Value;
use crate::measure::{Comparison, Good, Kpi, Measurement, Unit, Verdict};
use crate::render::chart::{self, Spark, Trend};
use crate::render::{Format, MISSING};
use crate::report::{Row, Short, Streak};

impl Reader<'_> {
    pub(super) fn row(&self, row: &Row) -> RowView {
        let measured = &row.measured;
        let kpi = &measured.kpi;
        let mark = self.mark(&measured.whole.verdict);
        let word = if row.late { format!("{}, {}", mark.word, self.texts.word("late")) } else { mark.word };
        RowView {
            id: kpi.id.to_string(),
            name: self.name(row).to_owned(),
            value: self.value(row),
            target_is: self.texts.say("target-is", &[("target", self.target(kpi, &measured.whole).into())]),
            target: self.target(kpi, &measured.whole),
            mark: Mark { word, ..mark },
            distance: row.short.map_or_else(String::new, |short| self.distance(row, short)),
            streak: row.streak.as_ref().map_or_else(String::new, |streak| self.streak(streak)),
            changes: self.shifts(row),
            why: self.why(row),
            chart: self.chart(row),
            parts: self.parts(row),
        }
    }

    pub fn name<'r>(&self, row: &'r Row) -> &'r str {
        self.text(&row.measured.kpi.name)
    }

    pub(super) fn value(&self, row: &Row) -> String {
        let kpi = &row.measured.kpi;
        self.format.value(&row.measured.whole.value, &kpi.unit, kpi.decimals)
    }

    pub fn target(&self, kpi: &Kpi, measurement: &Measurement) -> String {
        let target = measurement.target.as_ref();
        target.map_or_else(String::new, |target| self.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals))
    }

    pub(super) fn mark(&self, verdict: &Verdict) -> Mark {
        let word = match verdict {
            Verdict::NotJudged(why) => self.texts.not_judged(why, self.format),
            verdict => self.texts.verdict(verdict),
        };
        Mark { word, ..mark(verdict) }
    }

    /// How far from the target, as an amount: a share of a percentage would mislead.
    fn distance(&self, row: &Row, short: Short) -> String {
        let kpi = &row.measured.kpi;
        let target = row.measured.whole.target.as_ref().map(|target| target.level.bounds());
        let above = row.measured.whole.value.number().zip(target).is_some_and(|(value, (_, high))| value > high);
        let amount = self.format.gap(short.amount, &kpi.unit, kpi.decimals);
        let args = [("amount", amount.into()), ("side", if above { "above" } else { "below" }.into())];
        self.texts.say("distance", &args)
    }

    fn streak(&self, streak: &Streak) -> String {
        let cadence = self.report.made.period.cadence;
        let said = self.texts.streak(&streak.verdict, streak.periods, streak.before.as_ref(), cadence, self.format);
        said.unwrap_or_default()
    }

    fn shifts(&self, row: &Row) -> Vec<Shift> {
        let kpi = &row.measured.kpi;
        let now = &row.measured.whole.value;
        row.measured.changes.iter().map(|change| self.shift(kpi, change.comparison, Some(&change.value), now)).collect()
    }

    pub(super) fn shift(&self, kpi: &Kpi, comparison: Comparison, from: Option<&Value>, to: &Value) -> Shift {
        let text = from.map_or(MISSING.to_owned(), |from| self.format.change(from, to, &kpi.unit, kpi.decimals));
        let tone = if Format::is_nil(&text) { "same" } else { from.map_or("same", |from| tone(kpi, from, to)) };
        Shift { label: self.versus(comparison), text, tone }
    }

    /// "vs previous week"
    pub fn versus(&self, comparison: Comparison) -> String {
        self.texts.versus(comparison, self.report.made.period.cadence)
    }

    fn chart(&self, row: &Row) -> Option<Chart> {
        if row.measured.trend.len() < 2 {
            return None;
        }
        let index = *self.places.get(&*row.measured.kpi.id)?;
        let alt = self.chart_alt(row);
        let (cid, svg) = match self.medium {
            Medium::Mail => (super::cid(index), String::new()),
            Medium::Page => (String::new(), Spark::new(trend(row)).svg(&alt)),
        };
        let wide = match self.medium {
            Medium::Mail => String::new(),
            Medium::Page => self.wide(row, &alt),
        };
        Some(Chart { cid, svg, wide, width: Spark::WIDTH, height: Spark::HEIGHT, alt })
    }

    /// With room for words: a length of time in its parts, too.
    fn told(&self, number: f64, kpi: &Kpi) -> String {
        match kpi.unit {
            Unit::Minutes | Unit::Hours | Unit::Days => {
                let number_shown = self.format.number(number, &kpi.unit, kpi.decimals);
                format!("{number_shown} ({})", self.format.duration(number, &kpi.unit, self.texts))
            }
            _ => self.format.number(number, &kpi.unit, kpi.decimals),
        }
    }

    /// With round lines, and every value to point at.
    fn wide(&self, row: &Row, alt: &str) -> String {
        let kpi = &row.measured.kpi;
        let points = &row.measured.trend;
        let period = |index: usize| self.dates.tick(&points[index].period, &self.report.calendar);
        let point = |index: usize| {
            let value = points[index].value.number();
            let value = value.map_or(MISSING.to_owned(), |value| self.told(value, kpi));
            let target = points[index].target.as_ref();
            let target = target.map(|target| self.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals));
            let target = target.map_or_else(String::new, |target| format!(" ({target})"));
            format!("{}: {value}{target}", self.period(&points[index].period))
        };
        let number = |number| self.format.round(number, &kpi.unit);
        chart::Chart::new(trend(row)).svg(&chart::Labels { alt, number: &number, period: &period, point: &point })
    }
}

/// What a picture of the row shows.
pub(super) fn trend(row: &Row) -> Trend {
    Trend { verdict: row.measured.whole.verdict.clone(), ..Trend::new(&row.measured.trend) }
}

/// Coloured by what is good, not by sign.
pub(in crate::render) fn tone(kpi: &Kpi, from: &Value, to: &Value) -> &'static str {
    let difference = from.number().zip(to.number()).map_or(0.0, |(from, to)| to - from);
    match kpi.good {
        Some(Good::Up) if difference != 0.0 => ["worse", "better"][usize::from(difference > 0.0)],
        Some(Good::Down) if difference != 0.0 => ["worse", "better"][usize::from(difference < 0.0)],
        _ => "same",
    }
}

/// How many of `all` are named: at most `most`, unless only one would be left, which takes no less room as "1 other".
pub(super) fn kept(all: usize, most: usize) -> usize {
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
