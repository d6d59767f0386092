//! The words around the numbers, in the languages that ship. One table now; message files replace it.

use crate::formula::{Input, Reason, Reference};
use crate::measure::{Verdict, Why};
use crate::report::Comparison;
use serde::Serialize;

/// Fixed words. `lang` is the BCP 47 language they are in.
#[derive(Debug, Serialize)]
pub(super) struct Labels {
    pub lang: &'static str,
    pub kpi: &'static str,
    pub value: &'static str,
    pub target: &'static str,
    pub verdict: &'static str,
    pub attention: &'static str,
    pub notes: &'static str,
    pub as_of: &'static str,
    /// What `pp` stands for.
    pub points: &'static str,
    pub others: &'static str,
    pub empty: &'static str,
    previous: &'static str,
    year_ago: &'static str,
    why_previous: &'static str,
    why_year_ago: &'static str,
    /// Met, near, missed, not judged: of one KPI, and of so many.
    verdicts: [(&'static str, &'static str); 4],
    pub stale: &'static str,
    /// Beside the verdict of a KPI that reads a stale source.
    pub late: &'static str,
    pub failed: &'static str,
    pub missing: &'static str,
}

static ES: Labels = Labels {
    lang: "es",
    kpi: "Indicador",
    value: "Valor",
    target: "Objetivo",
    verdict: "Estado",
    attention: "Requiere atención",
    notes: "Notas",
    as_of: "Datos a",
    points: "pp: puntos porcentuales.",
    others: "otros",
    empty: "(sin valor)",
    previous: "vs.\u{a0}anterior",
    year_ago: "vs.\u{a0}año anterior",
    why_previous: "Frente al periodo anterior",
    why_year_ago: "Frente al año anterior",
    verdicts: [
        ("cumplido", "en objetivo"),
        ("cerca", "cerca"),
        ("fuera", "fuera de objetivo"),
        ("sin valorar", "sin valorar"),
    ],
    stale: "Datos atrasados",
    late: "datos atrasados",
    failed: "Fuente sin respuesta",
    missing: "Sin dato",
};

static EN: Labels = Labels {
    lang: "en",
    kpi: "KPI",
    value: "Value",
    target: "Target",
    verdict: "Status",
    attention: "Needs attention",
    notes: "Notes",
    as_of: "Data as of",
    points: "pp: percentage points.",
    others: "others",
    empty: "(none)",
    previous: "vs\u{a0}previous",
    year_ago: "vs\u{a0}year before",
    why_previous: "Against the previous period",
    why_year_ago: "Against the year before",
    verdicts: [("met", "on target"), ("near", "near"), ("missed", "off target"), ("not judged", "not judged")],
    stale: "Data is late",
    late: "data late",
    failed: "Source did not answer",
    missing: "No value",
};

/// The words in the first of `languages` that has them, else in English.
pub(super) fn labels(languages: [&str; 2]) -> &'static Labels {
    languages.iter().find_map(|language| [&ES, &EN].into_iter().find(|labels| labels.lang == *language)).unwrap_or(&EN)
}

impl Labels {
    fn say(&self, es: String, en: String) -> String {
        if self.lang == ES.lang { es } else { en }
    }

    pub fn against(&self, comparison: Comparison) -> &'static str {
        match comparison {
            Comparison::Previous => self.previous,
            Comparison::YearAgo => self.year_ago,
        }
    }

    pub fn why(&self, comparison: Comparison) -> &'static str {
        match comparison {
            Comparison::Previous => self.why_previous,
            Comparison::YearAgo => self.why_year_ago,
        }
    }

    pub fn word(&self, verdict: &Verdict) -> &'static str {
        self.verdicts[position(verdict)].0
    }

    /// As in "3 off target".
    pub fn counted(&self, verdict: &Verdict) -> &'static str {
        self.verdicts[position(verdict)].1
    }

    /// Why there is no verdict; `count` writes a number of cases.
    pub fn not_judged(&self, why: &Why, count: impl Fn(f64) -> String) -> String {
        match why {
            Why::NoTarget => self.say("sin objetivo".into(), "no target".into()),
            Why::Missing(_) => self.say("sin dato".into(), "no value".into()),
            Why::TargetMissing(_) => self.say("objetivo sin dato".into(), "target has no value".into()),
            Why::PeriodOpen => self.say("periodo en curso".into(), "period still open".into()),
            Why::SmallSample { has, needs } => {
                let (has, needs) = (count(*has), count(*needs));
                self.say(format!("muestra pequeña: {has} de {needs}"), format!("sample too small: {has} of {needs}"))
            }
        }
    }

    /// How far a stale source has come; `newest` is a day, or empty where there is no data at all.
    pub fn newest(&self, newest: &str) -> String {
        match newest {
            "" => self.say("sin datos".into(), "no data".into()),
            day => self.say(format!("hay datos hasta {day}"), format!("data until {day}")),
        }
    }

    pub fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::NoRow { what } => self.say(format!("no hay datos de {what}"), format!("no data for {what}")),
            Reason::Null { what } => self.say(format!("{what} está vacío"), format!("{what} is empty")),
            Reason::DivisionByZero { what } => format!("{what} = 0"),
            Reason::Overflow { what } => {
                self.say(format!("{what} es demasiado grande"), format!("{what} is too large"))
            }
            Reason::Domain { what } => self.say(format!("{what} no está definido"), format!("{what} is not defined")),
            Reason::NotFinite { what } => {
                self.say(format!("{what} no es un número finito"), format!("{what} is not a finite number"))
            }
            Reason::SourceFailed { source, why } => {
                self.say(format!("falló la fuente {source}: {why}"), format!("source {source} failed: {why}"))
            }
        }
    }

    /// An input of a formula; `name` knows how a KPI is called.
    pub fn input(&self, input: &Input, name: impl Fn(&str) -> Option<String>) -> String {
        let words = |id: &str| id.replace('_', " ");
        let mut label = match &input.reference {
            Reference::Measure { source, measure } if source == measure => words(measure),
            Reference::Measure { source, measure } => format!("{} ({})", words(measure), words(source)),
            Reference::Kpi(id) => name(id).unwrap_or_else(|| words(id)),
        };
        let shift = input.shift;
        if shift.previous > 0 {
            label += &self.say(", periodo anterior".into(), ", previous period".into());
        }
        if shift.year_ago > 0 {
            label += &self.say(", año anterior".into(), ", year before".into());
        }
        if shift.total {
            label += &self.say(", total".into(), ", total".into());
        }
        label
    }
}

fn position(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Met => 0,
        Verdict::Near => 1,
        Verdict::Missed => 2,
        Verdict::NotJudged(_) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Formula;

    #[test]
    fn language_falls_back_to_the_installations_then_to_english() {
        assert_eq!(labels(["es", "en"]).lang, "es");
        assert_eq!(labels(["de", "es"]).lang, "es");
        assert_eq!(labels(["de", "fr"]).lang, "en");
    }

    #[test]
    fn inputs_read_as_words() {
        let formula =
            Formula::parse("customer_base.new + previous(revenue) + year_ago(cac) + total(visits.visits)").unwrap();
        let name = |id: &str| (id == "revenue").then(|| "Ventas".to_owned());
        let shown: Vec<String> = formula.inputs().iter().map(|input| labels(["es", "en"]).input(input, name)).collect();
        assert_eq!(shown, ["new (customer base)", "Ventas, periodo anterior", "cac, año anterior", "visits, total"]);
    }

    #[test]
    fn reasons_are_in_the_readers_language() {
        let reason = Reason::SourceFailed { source: "spend".into(), why: "no answer".into() };
        assert_eq!(labels(["es", "en"]).reason(&reason), "falló la fuente spend: no answer");
        let why = Why::SmallSample { has: 12.0, needs: 100.0 };
        let shown = labels(["en", "es"]).not_judged(&why, |number| number.to_string());
        assert_eq!(shown, "sample too small: 12 of 100");
    }
}
