//! A formula with the value of each part, as indented text; a KPI that it names is followed by its own formula, once.

use super::raw;
use crate::calendar::Calendar;
use crate::formula::{Value, What};
use crate::measure::explanation::{Evaluated, Explanation, Origin, Place};
use std::collections::HashSet;

/// Lines that somebody reads; `--json` has them all.
const LINES: usize = 60;

/// Nothing for a formula that is one measure: its value stands among the inputs.
pub(super) fn tree(how: &Explanation, calendar: &Calendar) -> String {
    let own = &how.formulas[0];
    if let (1, [input]) = (own.trace.parts.len(), &*own.inputs)
        && !matches!(input.origin, Origin::Formula(_))
    {
        return String::new();
    }
    let lines = Lines { how, calendar }.all();
    let mut text = "\nStep by step\n".to_owned();
    lines.iter().take(LINES).for_each(|line| text.extend([line, "\n"]));
    if lines.len() > LINES {
        text.push_str(&format!("  … {} more; --json has them\n", lines.len() - LINES));
    }
    text
}

struct Lines<'a> {
    how: &'a Explanation,
    calendar: &'a Calendar,
}

impl Lines<'_> {
    /// On a stack of our own: KPIs that name each other may be deeper than the thread's.
    fn all(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut shown = HashSet::from([0]);
        let mut waiting = vec![(0, 0, 1)];
        while let Some((formula, part, depth)) = waiting.pop() {
            let evaluated = &self.how.formulas[formula];
            let found = &evaluated.trace.parts[part];
            let text = evaluated.trace.text(found);
            let value = match &found.value {
                None => "not evaluated".to_owned(),
                Some(Value::Number(number)) if found.condition => (*number != 0.0).to_string(),
                Some(value) => raw(value),
            };
            let parts = found.parts.iter().rev().map(|part| (formula, *part, depth + 1));
            waiting.extend(parts);
            let mut line = format!("{}{text}", "  ".repeat(depth));
            if let Some(named) = named(evaluated, found.what)
                && found.value.is_some()
                && shown.insert(named)
            {
                let inner = &self.how.formulas[named];
                line += &format!(" = {}{}", inner.trace.text, self.differs(&inner.place, &evaluated.place));
                waiting.extend(inner.trace.parts[0].parts.iter().rev().map(|part| (named, *part, depth + 1)));
            }
            let itself = found.what == What::Number && text == value;
            lines.push(if itself { line } else { format!("{line} → {value}") });
        }
        lines
    }

    /// Where the one place is not the other: ` (2026-W45, device is mobile)`.
    fn differs(&self, place: &Place, from: &Place) -> String {
        let period = (place.period != from.period).then(|| place.period.label(self.calendar));
        let over = place.over.filter(|_| place.over != from.over).map(|over| over.to_string());
        let narrower = place.filter.iter().filter(|(name, values)| from.filter.get(*name) != Some(values));
        let narrower = narrower.map(|(dimension, values)| {
            let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("null")).collect();
            format!("{dimension} is {}", values.join(" or "))
        });
        let all: Vec<String> = period.into_iter().chain(over).chain(narrower).collect();
        if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
    }
}

/// The formula of the KPI that a part is.
fn named(evaluated: &Evaluated, what: What) -> Option<usize> {
    let What::Input(input) = what else { return None };
    match evaluated.inputs[input].origin {
        Origin::Formula(named) => Some(named),
        Origin::Read(_) | Origin::LeftOut => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Kpi;
    use crate::measure::fixture::{Row, calendar, filter, kpi, week, world};

    const ROWS: [Row; 3] = [
        ("2026-11-04", "paid", "mobile", 50.0, 5.0, 0.0),
        ("2026-11-10", "paid", "mobile", 10.0, 1.0, 0.0),
        ("2026-11-15", "organic", "desktop", 90.0, 5.0, 0.0),
    ];

    fn shown(kpis: Vec<Kpi>) -> String {
        let world = world(&ROWS, &[], kpis);
        let how = Explanation::of(&world.kpis[0], week("2026-W46"), &world.model, &calendar(), &world.readings);
        tree(&how, &calendar())
    }

    #[test]
    fn a_named_kpi_is_followed_by_its_own_formula_once() {
        let rate = kpi("rate", "sales.leads / sales.visits");
        let mobile = Kpi { filter: filter("device", &["mobile"]), ..kpi("mobile", "sales.leads") };
        let whole = kpi("k", "if(rate > 1, 1 / 0, rate - previous(rate) * mobile)");
        let expected = "
Step by step
  if(rate > 1, 1 / 0, rate - previous(rate) * mobile) → -0.04
    rate > 1 → false
      rate = sales.leads / sales.visits → 0.06
        sales.leads → 6
        sales.visits → 100
      1
    1 / 0 → not evaluated
      1 → not evaluated
      0 → not evaluated
    rate - previous(rate) * mobile → -0.04
      rate → 0.06
      previous(rate) * mobile → 0.1
        previous(rate) = sales.leads / sales.visits (2026-W45) → 0.1
          sales.leads → 5
          sales.visits → 50
        mobile = sales.leads (device is mobile) → 1
";
        assert_eq!(shown(vec![whole, rate, mobile]), expected);
    }

    #[test]
    fn one_measure_needs_no_steps_and_too_many_are_counted() {
        assert_eq!(shown(vec![kpi("k", "sales.leads")]), "");
        let long = shown(vec![kpi("k", &format!("sales.leads{}", " - 1".repeat(100)))]);
        assert!(long.ends_with("  … 141 more; --json has them\n"), "{long}");
        assert_eq!(long.lines().count(), 2 + LINES + 1);
    }
}
