//! KPIs in words.

use super::Renames;
use super::fact::{Bears, Sheet};
use crate::catalog::Kind;
use crate::formula::{Formula, Reference};
use crate::measure::{AtLeast, Goal, Kpi, Level, Target, Unit};
use crate::render::{Format, data};
use crate::text::Name;

pub(super) fn facts(kpi: &Kpi, format: &Format, renames: &Renames) -> Sheet {
    // Whatever a KPI will be able to say besides has to be compared as well.
    let Kpi {
        id: _,
        name,
        description,
        formula,
        unit,
        decimals,
        good,
        target,
        filter,
        breakdown,
        over,
        at_least,
        owner,
        tags,
    } = kpi;
    let mut sheet = Sheet::default();
    sheet.text("name", Some(name));
    sheet.text("description", description.as_ref());
    sheet.add("formula", written(formula, renames)).bears(Bears::Number);
    for (dimension, values) in filter {
        let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("null")).collect();
        sheet.item("where", Some(dimension), values.join(" or ")).bears(Bears::Number);
    }
    if let Some(over) = over {
        sheet.add("over", over).bears(Bears::Number);
    }
    sheet.maybe("breakdown", breakdown.as_ref());
    sheet.add("unit", data::unit(unit)).bears(Bears::Verdict);
    sheet.maybe("decimals", *decimals);
    if let Some(good) = good {
        sheet.add("good", good.as_str()).bears(Bears::Verdict);
    }
    if let Some(target) = target {
        self::target(&mut sheet, target, kpi, format, renames);
    }
    if let Some(AtLeast { of, n }) = at_least {
        sheet.add("at_least", format!("{n} of {}", written(of, renames))).bears(Bears::Verdict);
    }
    sheet.maybe("owner", owner.as_ref());
    sheet.maybe("tags", (!tags.is_empty()).then(|| tags.join(", ")));
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
            sheet.add("target", format!("the formula {}", written(goal, renames))).bears(Bears::Verdict)
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
fn written(formula: &Formula, renames: &Renames) -> String {
    let new = |kind, name: &Name| renames.new_name(super::Thing::Named(kind), name);
    formula.renamed(|reference| match reference {
        Reference::Kpi(name) => Reference::Kpi(new(Kind::Kpi, name)),
        Reference::Measure { source, measure } => {
            Reference::Measure { source: new(Kind::Source, source), measure: measure.clone() }
        }
    })
}
