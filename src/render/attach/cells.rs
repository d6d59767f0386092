//! How a number is shown in a cell: the number format that makes Excel write what the mail writes.
//!
//! It is read off the text that [`Format`] gives, so that the two can't differ: what stands around the digits is kept as it is, the
//! decimals are counted, and groups are left to Excel, which separates them as the reader's computer does.

use crate::formula::Value;
use crate::measure::{InForce, Kpi, Level, Unit};
use crate::render::Format;
use crate::render::format::share;

/// A number, and how it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub number: f64,
    pub pattern: String,
    /// As the mail has it; tells how wide the cell is.
    pub shown: String,
}

/// Reads figures off one locale's texts.
pub(super) struct Figures<'a> {
    format: &'a Format,
    decimal: char,
}

/// What stands in the locale before the digits of a fraction.
pub(super) fn decimal(format: &Format) -> char {
    let half = format.number(0.5, &Unit::Number, Some(1));
    half.chars().find(|c| !c.is_numeric()).unwrap_or('.')
}

impl<'a> Figures<'a> {
    pub fn new(format: &'a Format) -> Figures<'a> {
        Figures { format, decimal: decimal(format) }
    }

    pub fn value(&self, value: &Value, kpi: &Kpi) -> Option<Figure> {
        value.number().map(|number| self.number(number, kpi))
    }

    pub fn number(&self, number: f64, kpi: &Kpi) -> Figure {
        let shown = self.format.number(number, &kpi.unit, kpi.decimals);
        Figure { number, pattern: self.pattern(&shown, kpi.unit == Unit::Percent, false), shown }
    }

    /// `≤ 250 €` as the number 250. None for a band, which is two numbers.
    pub fn target(&self, target: &InForce, kpi: &Kpi) -> Option<Figure> {
        let Level::Value(number) = target.level else { return None };
        let shown = self.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals);
        Some(Figure { number, pattern: self.pattern(&shown, kpi.unit == Unit::Percent, false), shown })
    }

    /// A share of what it was; points of percentages, as a number of points; from 0 the difference.
    pub fn change(&self, from: &Value, to: &Value, kpi: &Kpi) -> Option<Figure> {
        let (before, now) = from.number().zip(to.number())?;
        let shown = self.format.change(from, to, &kpi.unit, kpi.decimals);
        let (number, percent) = match (share(before, now, &kpi.unit), &kpi.unit) {
            (Some(share), _) => (share, true),
            (None, Unit::Percent) => ((now - before) * 100.0, false),
            (None, _) => (now - before, false),
        };
        number.is_finite().then(|| Figure { number, pattern: self.pattern(&shown, percent, true), shown })
    }

    fn pattern(&self, shown: &str, percent: bool, signed: bool) -> String {
        let digit = |c: char| c.is_numeric();
        let Some((start, end)) = shown.find(digit).zip(shown.rfind(digit)) else { return "General".to_owned() };
        let end = end + shown[end..].chars().next().map_or(0, char::len_utf8);
        let decimals = shown[start..end].rsplit_once(self.decimal).map_or(0, |(_, fraction)| fraction.chars().count());
        let places = if decimals == 0 { String::new() } else { format!(".{}", "0".repeat(decimals)) };
        let (before, after) = (literal(&shown[..start], percent), literal(&shown[end..], percent));
        let digits = if shown[start..end].contains('E') { "0.0E+0".to_owned() } else { format!("#,##0{places}") };
        let one = format!("{before}{digits}{after}");
        if signed { format!("+{one};-{one};{one}") } else { one }
    }
}

/// Text around a number without its sign, quoted but for the percent sign that makes Excel show hundredths.
fn literal(text: &str, percent: bool) -> String {
    let kept = |c: &char| !matches!(c, '+' | '-' | '\u{2212}' | '"' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    let text: String = text.chars().filter(kept).collect();
    let quoted = |text: &str| if text.is_empty() { String::new() } else { format!("\"{text}\"") };
    match text.split_once(['%', '٪']).filter(|_| percent) {
        Some((before, after)) => format!("{}%{}", quoted(before), quoted(after)),
        None => quoted(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Reason;
    use crate::measure::Good;
    use crate::measure::fixture::kpi;

    fn of(unit: Unit, decimals: Option<u8>) -> Kpi {
        Kpi { unit, decimals, good: Some(Good::Down), ..kpi("a", "a.b") }
    }

    #[track_caller]
    fn check(locale: &str, make: impl Fn(&Figures) -> Option<Figure>, number: f64, pattern: &str) {
        let format = Format::new(locale, "EUR").unwrap();
        let figure = make(&Figures::new(&format)).unwrap();
        assert_eq!((figure.number, figure.pattern.replace('\u{a0}', "~").as_str()), (number, pattern), "{figure:?}");
    }

    #[test]
    fn value_is_shown_with_its_unit_and_decimals() {
        let value = |locale, unit: Unit, decimals, number, pattern| {
            check(locale, |f| Some(f.number(number, &of(unit.clone(), decimals))), number, pattern);
        };
        value("es-ES", Unit::Currency(None), None, 312.4, "#,##0.00\"~€\"");
        value("es-ES", Unit::Currency(None), None, -1_234_567.0, "#,##0\"~€\"");
        value("en-GB", Unit::Currency(None), Some(0), -312.4, "\"€\"#,##0");
        value("en-US", Unit::Currency(Some("CHF".into())), None, 1.0, "\"CHF~\"#,##0.00");
        value("es-ES", Unit::Percent, None, 0.175, "#,##0.0\"~\"%");
        value("en-GB", Unit::Percent, Some(2), 0.175, "#,##0.00%");
        value("es-ES", Unit::Count, None, 1_234_567.0, "#,##0");
        value("en-GB", Unit::Hours, None, 3.25, "#,##0.0\"~h\"");
        value("ar-EG", Unit::Count, None, 3.0, "#,##0");
        value("fa-IR", Unit::Percent, None, 0.055, "#,##0.0%");
    }

    #[test]
    fn target_says_its_side_and_stays_a_number() {
        let target = |level| InForce { level, near: 0.05, since: None, why: None };
        let kpi = of(Unit::Currency(None), None);
        check("es-ES", |f| f.target(&target(Level::Value(250.0)), &kpi), 250.0, "\"≤~\"#,##0\"~€\"");
        check("en-GB", |f| f.target(&target(Level::Value(-250.5)), &kpi), -250.5, "\"≤~€\"#,##0.00");
        let format = Format::new("en-GB", "EUR").unwrap();
        let figures = Figures::new(&format);
        assert_eq!(figures.target(&target(Level::Between(1.0, 2.0)), &kpi), None);
    }

    #[test]
    fn changes_are_shares_points_or_differences() {
        let change = |locale, unit: Unit, from, to, number, pattern| {
            let (from, to) = (Value::Number(from), Value::Number(to));
            check(locale, |f| f.change(&from, &to, &of(unit.clone(), None)), number, pattern);
        };
        change("es-ES", Unit::Currency(None), 100.0, 118.0, 0.18, "+#,##0.0\"~\"%;-#,##0.0\"~\"%;#,##0.0\"~\"%");
        change("en-GB", Unit::Count, 100.0, 350.0, 2.5, "+#,##0%;-#,##0%;#,##0%");
        change("en-GB", Unit::Percent, 0.5, 0.25, -25.0, "+#,##0.0\"~pp\";-#,##0.0\"~pp\";#,##0.0\"~pp\"");
        change("en-GB", Unit::Count, 0.0, 5.0, 5.0, "+#,##0;-#,##0;#,##0");
        let format = Format::new("en-GB", "EUR").unwrap();
        let figures = Figures::new(&format);
        let missing = Value::Missing(Reason::NoRow { what: "x".into() });
        assert_eq!(figures.change(&missing, &Value::Number(1.0), &of(Unit::Count, None)), None);
        let huge = Value::Number(f64::MAX);
        assert_eq!(figures.change(&Value::Number(-f64::MAX), &huge, &of(Unit::Count, None)), None);
    }
}
