//! KPIs in words.

use super::Renames;
use super::fact::{Bears, Sheet};
use crate::catalog::Kind;
use crate::formula::{Formula, Reference};
use crate::measure::{Goal, Good, Kpi, Level, Target, Unit};
use crate::render::Format;
use crate::text::Name;

pub(super) fn facts(kpi: &Kpi, format: &Format, renames: &Renames) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.text("name", Some(&kpi.name));
    sheet.text("description", kpi.description.as_ref());
    sheet.add("formula", formula(&kpi.formula, renames)).bears(Bears::Number);
    for (dimension, values) in &kpi.filter {
        let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("null")).collect();
        sheet.item("where", Some(dimension), values.join(" or ")).bears(Bears::Number);
    }
    if let Some(over) = kpi.over {
        sheet.add("over", over).bears(Bears::Number);
    }
    sheet.maybe("breakdown", kpi.breakdown.as_ref());
    sheet.add("unit", unit(&kpi.unit)).bears(Bears::Verdict);
    sheet.maybe("decimals", kpi.decimals);
    if let Some(good) = kpi.good {
        sheet.add("good", direction(good)).bears(Bears::Verdict);
    }
    if let Some(of) = &kpi.target {
        target(&mut sheet, of, kpi, format, renames);
    }
    if let Some(at_least) = &kpi.at_least {
        let sample = format!("{} of {}", at_least.n, formula(&at_least.of, renames));
        sheet.add("at_least", sample).bears(Bears::Verdict);
    }
    sheet.maybe("owner", kpi.owner.as_ref());
    sheet.maybe("tags", (!kpi.tags.is_empty()).then(|| kpi.tags.join(", ")));
    sheet
}

fn target(sheet: &mut Sheet, target: &Target, kpi: &Kpi, format: &Format, renames: &Renames) {
    let mut level = |item: Option<&str>, level: Level, why: Option<&String>| {
        let shown = format.target(level, kpi.good, &kpi.unit, kpi.decimals);
        let why = why.map(|why| format!(", {why}")).unwrap_or_default();
        // How a target is written depends on unit and direction, which are facts of their own.
        let means = format!("{}{why}", exact(level));
        sheet.item("target", item, format!("{shown}{why}")).means(means).bears(Bears::Verdict);
    };
    match &target.goal {
        Goal::Level(goal) => level(None, *goal, None),
        Goal::Dated(steps) => {
            steps.iter().for_each(|step| level(Some(&format!("from {}", step.from)), step.level, step.why.as_ref()));
        }
        Goal::Formula(goal) => {
            sheet.add("target", format!("the formula {}", formula(goal, renames))).bears(Bears::Verdict)
        }
    }
    for (dimension, values) in &target.by {
        for (value, goal) in values {
            let shown = format.target(*goal, kpi.good, &kpi.unit, kpi.decimals);
            let item = format!("{dimension} = {value}");
            sheet.item("target", Some(&item), shown).means(exact(*goal)).bears(Bears::Verdict);
        }
    }
    if let Some(per) = target.per {
        sheet.add("target per", per).bears(Bears::Verdict);
    }
    let near = format.number(target.near, &Unit::Percent, None);
    sheet.add("near", near).means(target.near).bears(Bears::Verdict);
}

fn exact(level: Level) -> String {
    match level {
        Level::Value(value) => value.to_string(),
        Level::Between(low, high) => format!("between {low} and {high}"),
    }
}

/// In the names of the new catalogue.
pub(super) fn formula(formula: &Formula, renames: &Renames) -> String {
    let new = |kind, name: &Name| renames.new_name(super::Thing::Named(kind), name);
    formula.renamed(|reference| match reference {
        Reference::Kpi(name) => Reference::Kpi(new(Kind::Kpi, name)),
        Reference::Measure { source, measure } => {
            Reference::Measure { source: new(Kind::Source, source), measure: measure.clone() }
        }
    })
}

fn unit(unit: &Unit) -> String {
    let name = match unit {
        Unit::Count => "count",
        Unit::Number => "number",
        Unit::Percent => "percent",
        Unit::Currency(None) => "currency",
        Unit::Currency(Some(currency)) => return format!("currency {currency}"),
        Unit::Ratio => "ratio",
        Unit::Minutes => "minutes",
        Unit::Hours => "hours",
        Unit::Days => "days",
    };
    name.to_owned()
}

fn direction(good: Good) -> &'static str {
    match good {
        Good::Up => "up",
        Good::Down => "down",
        Good::Neutral => "neutral",
    }
}
