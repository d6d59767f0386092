//! One KPI: its value against target and past, its picture.

use super::{Chart, Mark, Medium, Reader, RowView, Shift, mark};
use crate::formula::Value;
use crate::measure::{Comparison, Good, Kpi, Measurement, Verdict, Why};
use crate::render::chart::Spark;
use crate::render::texts::Arg;
use crate::report::{Row, Streak};

impl Reader<'_> {
    pub(super) fn row(&self, row: &Row) -> RowView {
        let measured = &row.measured;
        let kpi = &measured.kpi;
        let mark = self.mark(&measured.whole.verdict);
        let word = if row.late { format!("{}, {}", mark.word, self.texts.say("late", &[])) } else { mark.word };
        RowView {
            id: kpi.id.to_string(),
            name: self.name(row).to_owned(),
            value: self.value(row),
            target: self.target(kpi, &measured.whole),
            mark: Mark { word, ..mark },
            distance: self.distance(row),
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
        target.map_or_else(String::new, |target| self.format.target(target, kpi.good, &kpi.unit, kpi.decimals))
    }

    pub(super) fn mark(&self, verdict: &Verdict) -> Mark {
        let count = |number: &f64| self.count(*number as usize);
        let word = match verdict {
            Verdict::Met => self.texts.say("verdict-met", &[]),
            Verdict::Near => self.texts.say("verdict-near", &[]),
            Verdict::Missed => self.texts.say("verdict-missed", &[]),
            Verdict::NotJudged(why) => match why {
                Why::NoTarget => self.texts.say("unjudged-no-target", &[]),
                Why::Missing(_) => self.texts.say("unjudged-missing", &[]),
                Why::TargetMissing(_) => self.texts.say("unjudged-target-missing", &[]),
                Why::PeriodOpen => self.texts.say("unjudged-open", &[]),
                Why::SmallSample { has, needs } => {
                    let (has, needs) = (count(has), count(needs));
                    self.texts.say("unjudged-small", &[("has", Arg::Text(&has)), ("needs", Arg::Text(&needs))])
                }
            },
        };
        Mark { word, ..mark(verdict) }
    }

    /// How far from the target, as an amount: a share of a percentage would mislead.
    fn distance(&self, row: &Row) -> String {
        let kpi = &row.measured.kpi;
        let Some(short) = &row.short else { return String::new() };
        let amount = self.format.gap(short.amount, &kpi.unit, kpi.decimals);
        self.texts.say("distance", &[("amount", Arg::Text(&amount))])
    }

    /// Worth a line: what goes on for a while, and what has just turned.
    fn streak(&self, streak: &Streak) -> String {
        let verdict = match streak.verdict {
            Verdict::Missed => "missed",
            Verdict::Near => "near",
            _ => "met",
        };
        let cadence = self.report.made.period.cadence.to_string();
        let args = [
            ("verdict", Arg::Text(verdict)),
            ("cadence", Arg::Text(&cadence)),
            ("periods", Arg::Number(streak.periods as f64)),
        ];
        match (&streak.before, streak.periods) {
            (_, 2..) => self.texts.say("streak", &args),
            (Some(_), 1) if streak.verdict != Verdict::Met => self.texts.say("streak-turned", &args),
            _ => String::new(),
        }
    }

    fn shifts(&self, row: &Row) -> Vec<Shift> {
        let kpi = &row.measured.kpi;
        let now = &row.measured.whole.value;
        row.measured.changes.iter().map(|change| self.shift(kpi, change.comparison, &change.value, now)).collect()
    }

    pub(super) fn shift(&self, kpi: &Kpi, comparison: Comparison, from: &Value, to: &Value) -> Shift {
        Shift {
            label: self.heading(comparison),
            text: self.format.change(from, to, &kpi.unit, kpi.decimals),
            tone: tone(kpi, from, to),
        }
    }

    /// "vs previous week"
    pub(super) fn heading(&self, comparison: Comparison) -> String {
        let cadence = self.report.made.period.cadence.to_string();
        self.texts.say(key("heading", comparison), &[("cadence", Arg::Text(&cadence))])
    }

    fn chart(&self, row: &Row) -> Option<Chart> {
        if row.measured.trend.len() < 2 {
            return None;
        }
        let index = self.report.rows().position(|other| other.measured.kpi.id == row.measured.kpi.id)?;
        let spark = Spark::of(row);
        let (cid, svg, (width, height)) = match self.medium {
            Medium::Mail => (super::cid(index), String::new(), Spark::SIZE),
            Medium::Page => (String::new(), spark.wide_svg(), Spark::WIDE),
        };
        Some(Chart { cid, svg, width, height, alt: self.chart_alt(row) })
    }
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

/// The message `KIND-previous` or `KIND-year-ago`.
pub(super) fn key(kind: &'static str, comparison: Comparison) -> &'static str {
    match (kind, comparison) {
        ("heading", Comparison::Previous) => "heading-previous",
        ("heading", Comparison::YearAgo) => "heading-year-ago",
        (_, Comparison::Previous) => "against-previous",
        (_, Comparison::YearAgo) => "against-year-ago",
    }
}

/// How many of `all` are named: at most `most`, unless only one would be left, which takes no less room as "1 other".
pub(in crate::render) fn kept(all: usize, most: usize) -> usize {
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
