//! Which message says a thing of the model: verdicts, reasons, inputs, streaks, windows.
//!
//! Names of inputs come from the caller, who knows what readers call them.

use super::format::Format;
use super::texts::{Arg, Texts};
use crate::calendar::{Cadence, Over};
use crate::formula::{Input, Reason, Reference};
use crate::measure::{Comparison, Unit, Verdict, Why};

impl Texts {
    /// `en objetivo`, `fuera de objetivo`: for the cell of a table.
    pub fn verdict(&self, verdict: &Verdict) -> String {
        self.word(by_verdict(verdict, ["verdict-met", "verdict-near", "verdict-missed", "verdict-none"]))
    }

    /// `fuera de objetivo`: beside a large `count`.
    pub fn counted(&self, verdict: &Verdict, count: Arg<'_>) -> String {
        let id = by_verdict(verdict, ["counted-met", "counted-near", "counted-missed", "counted-none"]);
        self.say(id, &[("count", count)])
    }

    /// `3 fuera de objetivo`
    pub fn count(&self, verdict: &Verdict, count: Arg<'_>) -> String {
        let id = by_verdict(verdict, ["count-met", "count-near", "count-missed", "count-none"]);
        self.say(id, &[("count", count)])
    }

    pub fn not_judged(&self, why: &Why, format: &Format) -> String {
        match why {
            Why::NoTarget => self.word("unjudged-no-target"),
            Why::Missing(_) => self.word("unjudged-missing"),
            Why::TargetMissing(_) => self.word("unjudged-target-missing"),
            Why::SampleMissing(_) => self.word("unjudged-sample-missing"),
            Why::PeriodOpen => self.word("unjudged-open"),
            Why::SmallSample { has, needs } => {
                let [has, needs] = [has, needs].map(|number| format.number(*number, &Unit::Count, None));
                self.say("unjudged-sample", &[("has", has.into()), ("needs", needs.into())])
            }
        }
    }

    /// Why a value is missing; `name` says what readers call an input.
    pub fn reason(&self, reason: &Reason, name: impl Fn(&str) -> String) -> String {
        let about = |id: &str, what: &str| self.say(id, &[("what", name(what).into())]);
        match reason {
            Reason::NoRow { what } => about("reason-no-row", what),
            Reason::Null { what } => about("reason-null", what),
            Reason::DivisionByZero { what } => about("reason-division", what),
            Reason::Overflow { what } => about("reason-overflow", what),
            Reason::Domain { what } => about("reason-domain", what),
            Reason::NotFinite { what } => about("reason-not-finite", what),
            // What the database said is for who mends it, and may name what readers should not see.
            Reason::SourceFailed { source, .. } => self.say("reason-source", &[("source", name(source).into())]),
        }
    }

    /// An input of a formula. `name` knows what readers call it; what has no such name reads as its identifier in words.
    pub fn input(&self, input: &Input, name: impl Fn(&Reference) -> Option<String>) -> String {
        let words = |id: &str| id.replace('_', " ");
        let plain = || match &input.reference {
            Reference::Measure { source, measure } if source == measure => words(measure),
            Reference::Measure { source, measure } => {
                self.say("input-of-source", &[("measure", words(measure).into()), ("source", words(source).into())])
            }
            Reference::Kpi(id) => words(id),
        };
        let mut label = name(&input.reference).unwrap_or_else(plain);
        let shift = input.shift;
        let shifted = [
            (shift.previous > 0, "input-previous"),
            (shift.year_ago > 0, "input-year-ago"),
            (shift.total, "input-total"),
        ];
        for (_, id) in shifted.into_iter().filter(|(applies, _)| *applies) {
            label = self.say(id, &[("name", label.into())]);
        }
        label
    }

    /// What function `name` makes of `parts`; one without words of its own as formulas write it.
    pub fn function(&self, name: &str, parts: &[String]) -> String {
        let value = |id: &str| self.say(id, &[("value", parts[0].as_str().into())]);
        let list = |id: &str| self.say(id, &[("list", self.commas(parts).into())]);
        let both = |id: &str| self.say(id, &[("a", parts[0].as_str().into()), ("b", parts[1].as_str().into())]);
        match name {
            "min" => list("formula-min"),
            "max" => list("formula-max"),
            "coalesce" => list("formula-coalesce"),
            "abs" => value("formula-abs"),
            "round" if parts.len() == 1 => value("formula-round"),
            "floor" => value("formula-floor"),
            "ceil" => value("formula-ceil"),
            "sqrt" => value("formula-sqrt"),
            "ln" => value("formula-ln"),
            "exp" => value("formula-exp"),
            "and" => both("formula-and"),
            "or" => both("formula-or"),
            "not" => self.say("formula-not", &[("a", parts[0].as_str().into())]),
            "if" => {
                let [condition, then, otherwise] = [0, 1, 2].map(|at| parts[at].as_str().into());
                self.say("formula-if", &[("condition", condition), ("then", then), ("else", otherwise)])
            }
            name => format!("{name}({})", parts.join(", ")),
        }
    }

    /// The head of a column: `vs. semana anterior`.
    pub fn versus(&self, comparison: Comparison, cadence: Cadence) -> String {
        self.say(by_comparison(comparison, ["column-previous", "column-year-ago"]), &[cadence_arg(cadence)])
    }

    /// `+18 % frente a la semana anterior`
    pub fn change(&self, comparison: Comparison, cadence: Cadence, change: &str) -> String {
        let id = by_comparison(comparison, ["change-previous", "change-year-ago"]);
        self.say(id, &[("change", change.into()), cadence_arg(cadence)])
    }

    /// What a streak of `periods` with this verdict, and the one `before` it, is worth saying: `3.ª semana seguida fuera de objetivo`,
    /// `vuelve a estar en objetivo`, `en objetivo hasta la semana anterior`.
    pub fn streak(
        &self,
        verdict: &Verdict,
        periods: usize,
        before: Option<&Verdict>,
        cadence: Cadence,
        format: &Format,
    ) -> Option<String> {
        match (verdict, periods, before) {
            (Verdict::NotJudged(_), ..) | (_, 0, _) => None,
            (Verdict::Met, 1, Some(Verdict::Near | Verdict::Missed)) => Some(self.word("back-met")),
            (Verdict::Near | Verdict::Missed, 1, Some(Verdict::Met)) => {
                Some(self.say("fell-from-met", &[cadence_arg(cadence)]))
            }
            (_, 1, _) => None,
            // As far back as the trend reaches, and maybe further.
            (_, _, None) => {
                let periods = self.say("last-periods", &[("count", format.count(periods)), cadence_arg(cadence)]);
                let id = by_verdict(
                    verdict,
                    ["streak-met-long", "streak-near-long", "streak-missed-long", "streak-met-long"],
                );
                Some(self.say(id, &[("periods", periods.into())]))
            }
            _ => {
                let nth = self.say("nth-period", &[("count", format.count(periods)), cadence_arg(cadence)]);
                let id = by_verdict(verdict, ["streak-met", "streak-near", "streak-missed", "streak-met"]);
                Some(self.say(id, &[("nth", nth.into()), cadence_arg(cadence)]))
            }
        }
    }

    /// `últimos 28 días`, `acumulado del mes`
    pub fn window(&self, over: Over, format: &Format) -> String {
        let last = |id: &str, count: u16| self.say(id, &[("count", format.count(count.into()))]);
        match over {
            Over::TrailingDays(count) => last("over-days", count),
            Over::TrailingWeeks(count) => last("over-weeks", count),
            Over::TrailingMonths(count) => last("over-months", count),
            Over::MonthToDate => self.word("over-month-to-date"),
            Over::QuarterToDate => self.word("over-quarter-to-date"),
            Over::YearToDate => self.word("over-year-to-date"),
        }
    }

    /// What a unit is called where it isn't beside a number; money by its code.
    pub fn unit(&self, unit: &Unit, currency: &str) -> String {
        match unit {
            Unit::Count => self.word("unit-count"),
            Unit::Number => self.word("unit-number"),
            Unit::Percent => self.word("unit-percent"),
            Unit::Ratio => self.word("unit-ratio"),
            Unit::Minutes => self.word("unit-minutes"),
            Unit::Hours => self.word("unit-hours"),
            Unit::Days => self.word("unit-days"),
            Unit::Currency(own) => own.as_deref().unwrap_or(currency).to_owned(),
        }
    }
}

/// As the messages choose by it.
pub(super) fn cadence_arg(cadence: Cadence) -> (&'static str, Arg<'static>) {
    ("cadence", cadence.to_string().into())
}

/// Of met, near, missed and not judged.
fn by_verdict(verdict: &Verdict, ids: [&'static str; 4]) -> &'static str {
    match verdict {
        Verdict::Met => ids[0],
        Verdict::Near => ids[1],
        Verdict::Missed => ids[2],
        Verdict::NotJudged(_) => ids[3],
    }
}

fn by_comparison(comparison: Comparison, ids: [&'static str; 2]) -> &'static str {
    match comparison {
        Comparison::Previous => ids[0],
        Comparison::YearAgo => ids[1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Formula;
    use crate::render::texts::AllTexts;

    fn texts(language: &str) -> Texts {
        AllTexts::load(None).unwrap().for_language(&[language])
    }

    fn format() -> Format {
        Format::new("es-ES", "EUR").unwrap()
    }

    #[test]
    fn inputs_read_as_words() {
        let formula =
            Formula::parse("customer_base.new + previous(revenue) + year_ago(cac) + total(visits.visits)").unwrap();
        let name =
            |reference: &Reference| (*reference == Reference::Kpi("revenue".into())).then(|| "Ventas".to_owned());
        let shown: Vec<String> = formula.inputs().iter().map(|input| texts("es").input(input, name)).collect();
        assert_eq!(shown, ["new (customer base)", "Ventas (periodo anterior)", "cac (hace un año)", "visits (total)"]);
    }

    #[test]
    fn reasons_are_in_the_readers_language() {
        let name = |id: &str| id.replace('_', " ");
        let failed = Reason::SourceFailed { source: "ad_spend".into(), why: "no answer".into() };
        assert_eq!(texts("es").reason(&failed, name), "la fuente ad spend no ha respondido");
        let base = Reason::DivisionByZero { what: "base".into() };
        assert_eq!(texts("en").reason(&base, name), "division by zero (base)");
        let why = Why::SmallSample { has: 12.0, needs: 100.0 };
        assert_eq!(texts("en").not_judged(&why, &format()), "sample too small: 12 of 100");
    }

    #[test]
    fn verdicts_and_changes_read_as_words() {
        let es = texts("es");
        assert_eq!(es.count(&Verdict::Missed, format().count(3)), "3 fuera de objetivo");
        assert_eq!(es.versus(Comparison::Previous, Cadence::Month), "vs.\u{a0}mes anterior");
        assert_eq!(es.change(Comparison::YearAgo, Cadence::Week, "+3"), "+3 frente a hace un año");
        assert_eq!(es.change(Comparison::Previous, Cadence::Week, "+3"), "+3 frente a la semana anterior");
        assert_eq!(es.window(Over::TrailingDays(28), &format()), "últimos 28 días");
        assert_eq!([es.unit(&Unit::Hours, "EUR"), es.unit(&Unit::Currency(None), "EUR")], ["horas", "EUR"]);
    }

    #[test]
    fn streaks_are_told_when_they_say_something() {
        let (es, en) = (texts("es"), texts("en"));
        let told = |texts: &Texts, verdict, periods, before: Option<Verdict>| {
            texts.streak(&verdict, periods, before.as_ref(), Cadence::Week, &format())
        };
        let say = |text: &str| Some(text.to_owned());
        let met = || Some(Verdict::Met);
        assert_eq!(told(&es, Verdict::Missed, 3, met()), say("3.ª semana seguida fuera de objetivo"));
        assert_eq!(told(&es, Verdict::Missed, 12, None), say("fuera de objetivo desde hace al menos 12 semanas"));
        assert_eq!(told(&en, Verdict::Missed, 3, met()), say("off target for the 3rd week running"));
        assert_eq!(told(&es, Verdict::Met, 1, Some(Verdict::Missed)), say("vuelve a estar en objetivo"));
        assert_eq!(told(&en, Verdict::Near, 1, Some(Verdict::Met)), say("was on target the week before"));
        assert_eq!(told(&en, Verdict::Missed, 1, Some(Verdict::Near)), None);
        assert_eq!(told(&en, Verdict::NotJudged(Why::NoTarget), 4, None), None);
    }
}
