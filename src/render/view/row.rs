//! One KPI: its value against target and past, its picture.

use super::{Chart, Mark, Medium, Reader, RowView, Shift, mark};
use crate::formula::Value;
use crate::measure::{Comparison, Good, Kpi, Measurement, Verdict, Why};
use crate::render::MISSING;
use crate::render::chart::{self, Spark, Spot, Trend};
use crate::render::texts::Arg;
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

    pub(super) fn name<'r>(&self, row: &'r Row) -> &'r str {
        self.text(&row.measured.kpi.name)
    }

    pub(super) fn value(&self, row: &Row) -> String {
        let kpi = &row.measured.kpi;
        self.format.value(&row.measured.whole.value, &kpi.unit, kpi.decimals)
    }

    pub(super) fn target(&self, kpi: &Kpi, measurement: &Measurement) -> String {
        let target = measurement.target.as_ref();
        target.map_or_else(String::new, |target| self.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals))
    }

    /// The length of the report's period, for messages to choose by.
    pub(super) fn cadence(&self) -> (&'static str, Arg<'static>) {
        ("cadence", self.report.made.period.cadence.to_string().into())
    }

    pub(super) fn mark(&self, verdict: &Verdict) -> Mark {
        let word = match verdict {
            Verdict::Met => self.texts.word("verdict-met"),
            Verdict::Near => self.texts.word("verdict-near"),
            Verdict::Missed => self.texts.word("verdict-missed"),
            Verdict::NotJudged(why) => self.unjudged(why),
        };
        Mark { word, ..mark(verdict) }
    }

    pub(super) fn unjudged(&self, why: &Why) -> String {
        match why {
            Why::NoTarget => self.texts.word("unjudged-no-target"),
            Why::Missing(_) => self.texts.word("unjudged-missing"),
            Why::TargetMissing(_) => self.texts.word("unjudged-target-missing"),
            Why::PeriodOpen => self.texts.word("unjudged-open"),
            Why::SmallSample { has, needs } => {
                let args = [("has", self.number(*has).into()), ("needs", self.number(*needs).into())];
                self.texts.say("unjudged-sample", &args)
            }
        }
    }

    /// How far from the target, as an amount: a share of a percentage would mislead.
    fn distance(&self, row: &Row, short: Short) -> String {
        let kpi = &row.measured.kpi;
        let target = row.measured.whole.target.as_ref().map(|target| target.level.bounds());
        let above = row.measured.whole.value.number().zip(target).is_some_and(|(value, (_, high))| value > high);
        let amount = self.format.gap(short.amount, &kpi.unit, kpi.decimals);
        let args = [("amount", amount.into()), ("side", if above { "above" } else { "below" }.into())];
        self.texts.say("distance-amount", &args)
    }

    /// Worth a line: what goes on for a while, and what has just turned.
    fn streak(&self, streak: &Streak) -> String {
        let cadence = self.cadence();
        let lasting = match streak.verdict {
            Verdict::Missed => "streak-missed",
            Verdict::Near => "streak-near",
            _ => "streak-met",
        };
        match (&streak.before, &streak.verdict) {
            _ if streak.periods > 1 => {
                let nth = self.texts.say("nth-period", &[("count", self.counting(streak.periods)), cadence]);
                self.texts.say(lasting, &[("nth", nth.into()), self.cadence()])
            }
            (Some(Verdict::Missed | Verdict::Near), Verdict::Met) => self.texts.word("back-met"),
            (Some(Verdict::Met), Verdict::Missed | Verdict::Near) => self.texts.say("fell-from-met", &[cadence]),
            _ => String::new(),
        }
    }

    fn shifts(&self, row: &Row) -> Vec<Shift> {
        let kpi = &row.measured.kpi;
        let now = &row.measured.whole.value;
        row.measured.changes.iter().map(|change| self.shift(kpi, change.comparison, Some(&change.value), now)).collect()
    }

    pub(super) fn shift(&self, kpi: &Kpi, comparison: Comparison, from: Option<&Value>, to: &Value) -> Shift {
        Shift {
            label: self.heading(comparison),
            text: from.map_or(MISSING.to_owned(), |from| self.format.change(from, to, &kpi.unit, kpi.decimals)),
            tone: from.map_or("same", |from| tone(kpi, from, to)),
        }
    }

    /// "vs previous week"
    pub(super) fn heading(&self, comparison: Comparison) -> String {
        let message = match comparison {
            Comparison::Previous => "column-previous",
            Comparison::YearAgo => "column-year-ago",
        };
        self.texts.say(message, &[self.cadence()])
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

    /// With round lines, and every value to point at.
    fn wide(&self, row: &Row, alt: &str) -> String {
        let kpi = &row.measured.kpi;
        let points = &row.measured.trend;
        let period = |index: usize| self.period(&points[index].period);
        let point = |index: usize| {
            let value = self.format.value(&points[index].value, &kpi.unit, kpi.decimals);
            let target = points[index].target.as_ref();
            let target = target.map(|target| self.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals));
            let target = target.map_or_else(String::new, |target| format!(" ({target})"));
            format!("{}: {value}{target}", period(index))
        };
        let number = |number| self.format.compact(number, &kpi.unit);
        chart::Chart::new(trend(row)).svg(&chart::Labels { alt, number: &number, period: &period, point: &point })
    }

    /// A count that is no count of KPIs.
    pub(super) fn number(&self, number: f64) -> String {
        self.format.number(number, &crate::measure::Unit::Count, None)
    }
}

/// What a picture of the row shows.
pub(super) fn trend(row: &Row) -> Trend {
    let spot = |point: &crate::measure::Point| Spot {
        value: point.value.number(),
        target: point.target.as_ref().map(|target| target.level),
    };
    Trend { spots: row.measured.trend.iter().map(spot).collect(), verdict: row.measured.whole.verdict.clone() }
}

/// Coloured by what is good, not by sign.
fn tone(kpi: &Kpi, from: &Value, to: &Value) -> &'static str {
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
