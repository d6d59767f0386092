//! The YAML of new things, with what a beginner wants to know beside it, in Spanish or English.

use crate::catalog::insert::scalar;
use crate::text::Name;
use std::fmt::Write;

/// A KPI.
pub struct KpiBlock<'a> {
    pub name: &'a str,
    pub formula: &'a str,
    pub unit: &'a str,
    pub good: &'a str,
}

/// A report.
pub struct ReportBlock<'a> {
    pub name: &'a str,
    pub schedule: &'a str,
    pub period: &'a str,
    /// Nobody: it is made by hand only.
    pub to: &'a [String],
    pub kpis: &'a [Name],
}

impl KpiBlock<'_> {
    pub fn yaml(&self, language: &str) -> String {
        let said = comments(language, &KPI);
        let KpiBlock { name, formula, unit, good } = self;
        format!(
            "{name}:\n  name: {title}\n  # {}\n  # description: …\n  # {}\n  formula: {formula}\n  unit: {unit}  # {}\n  \
             good: {good}  # {}\n  # {}\n  # target: 100\n  # owner: ana@example.com\n",
            said[0],
            said[1],
            said[2],
            said[3],
            said[4],
            title = scalar(&title(name)),
            formula = scalar(formula),
            unit = scalar(unit),
            good = scalar(good),
        )
    }
}

impl ReportBlock<'_> {
    pub fn yaml(&self, language: &str) -> String {
        let said = comments(language, &REPORT);
        let mut yaml = format!("{}:\n  title: {}\n", self.name, scalar(&title(self.name)));
        let to = self.to.iter().map(|who| scalar(who)).collect::<Vec<_>>().join(", ");
        let schedule = scalar(self.schedule);
        let hand = if to.is_empty() { "# " } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(yaml, "  # {}\n  {hand}schedule: {schedule}\n  {hand}to: [{to}]", said[0]);
        let _ = writeln!(yaml, "  period: {}  # {}", scalar(self.period), said[1]);
        let _ = writeln!(yaml, "  compare: [previous, year_ago]\n  trend: 12  # {}", said[2]);
        let kpis = self.kpis.join(", ");
        let _ = writeln!(yaml, "  sections:\n    - title: {}\n      kpis: [{kpis}]", scalar(&title(self.name)));
        yaml
    }
}

/// A source that is yet to be told its table.
pub fn source(name: &str, database: &str, language: &str) -> String {
    let said = comments(language, &SOURCE);
    format!(
        "{name}:\n  database: {database}\n  # {}\n  # {}\n  sql: |\n    SELECT day, count(*) AS amount\n    FROM {name}\n    \
         WHERE day >= :start AND day < :end\n    GROUP BY 1\n  time: day  # {}\n  # dimensions: [channel]  # {}\n  \
         measures: [amount]  # {}\n  # fresh: {{ sql: SELECT max(day) FROM {name}, within: 36h }}  # {}\n",
        said[0], said[1], said[2], said[3], said[4], said[5],
    )
}

/// `cost_per_lead` → `Cost per lead`.
fn title(name: &str) -> String {
    let text = name.trim_matches('_').replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or(text.clone(), |first| first.to_uppercase().chain(letters).collect())
}

/// In Spanish, in English.
type Said<const N: usize> = [(&'static str, &'static str); N];

fn comments<const N: usize>(language: &str, said: &Said<N>) -> [&'static str; N] {
    said.map(|(spanish, english)| if language == "es" { spanish } else { english })
}

const KPI: Said<5> = [
    ("Qué significa, para quien lee el correo:", "What it means, for whoever reads the mail:"),
    (
        "fuente.medida son datos, un nombre solo es otro KPI; más en `kpid help language`, 8",
        "source.measure is data, a bare name is another KPI; more in `kpid help language`, 8",
    ),
    (
        "count, number, percent, currency, ratio, minutes, hours, days",
        "count, number, percent, currency, ratio, minutes, hours, days",
    ),
    ("up: más es mejor; down: menos es mejor; neutral", "up: more is better; down: less is better; neutral"),
    (
        "El objetivo: un número, { between: [20, 30] } o { value: 900, per: quarter }:",
        "What it should be: a number, { between: [20, 30] } or { value: 900, per: quarter }:",
    ),
];

const REPORT: Said<3> = [
    (
        "Cuándo y a quién: personas, grupos o direcciones. Sin estas dos líneas, solo a mano.",
        "When and to whom: people, groups or addresses. Without these two lines it is made by hand.",
    ),
    (
        "day, week, month, quarter o year: el último completo",
        "day, week, month, quarter or year: the last complete one",
    ),
    ("periodos en la tendencia", "periods in the trend"),
];

const SOURCE: Said<6> = [
    (
        "Una consulta que solo lee. :start y :end son el periodo: compare con ellos la columna tal cual.",
        "One query that only reads. :start and :end are the period: compare the bare column with them.",
    ),
    (
        "Cambie tabla y columnas por las suyas; `kpid import` enseña las que hay.",
        "Put your own table and columns; `kpid import` shows which there are.",
    ),
    ("la columna que fecha cada fila", "the column that dates a row"),
    ("columnas por las que se desglosa", "columns that it can be split by"),
    ("columnas que se suman", "columns that are added up"),
    ("avisa de datos atrasados", "tells of data that are late"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_made_of_names() {
        let check = |name, expected: &str| assert_eq!(title(name), expected);
        check("cost_per_lead", "Cost per lead");
        check("ñandú_", "Ñandú");
        check("_", "");
    }
}
