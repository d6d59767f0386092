//! A diff as JSON; what its keys mean stands in the help of the command.

use super::effect::{Effect, Half, Step};
use super::headline::headline;
use super::{Diff, Effects};
use crate::change::{Affected, Change, Field};
use crate::measure::{Level, Point};
use crate::pipeline::Failure;
use crate::render::data;
use serde_json::{Value as Json, json};

pub fn json(diff: &Diff) -> Json {
    let side = |label: &str, side: &crate::change::Side| json!({ "label": label, "version": &*side.catalog.version });
    let affected = |a: &Affected| json!({ "kpi": &*a.kpi, "through": a.through });
    json!({
        "old": side(&diff.labels[0], &diff.old),
        "new": side(&diff.labels[1], &diff.new),
        "headline": headline(diff),
        "changes": diff.changes.list.iter().map(change).collect::<Vec<_>>(),
        "affected": diff.changes.affected.iter().map(affected).collect::<Vec<_>>(),
        "effects": diff.effects.as_ref().map(|effects| measured(diff, effects)),
    })
}

fn change(change: &Change) -> Json {
    let field = |f: &Field| json!({ "what": f.what, "item": f.item, "old": f.old, "new": f.new });
    json!({
        "thing": change.thing.what(),
        "name": &*change.name,
        "how": change.how.as_str(),
        "was": change.was.as_deref(),
        "fields": change.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

fn measured(diff: &Diff, effects: &Effects) -> Json {
    let failure =
        |(side, failure): &(&str, Failure)| json!({ "side": side, "source": &*failure.source, "why": &*failure.why });
    json!({
        "as_of": diff.now.to_string(),
        "kpis": effects.kpis.iter().map(|effect| kpi(diff, effect)).collect::<Vec<_>>(),
        "failures": effects.failures.iter().map(failure).collect::<Vec<_>>(),
    })
}

fn kpi(diff: &Diff, effect: &Effect) -> Json {
    let step = |step: Step| {
        json!({
            "period": step.period,
            "old": step.old.as_ref().map(point),
            "new": step.new.as_ref().map(point),
        })
    };
    json!({
        "kpi": &*effect.kpi,
        "name": diff.name(effect),
        "cadence": effect.cadence.to_string(),
        "periods": effect.steps().map(step).collect::<Vec<_>>(),
    })
}

fn point(point: &Point) -> Json {
    let target = point.target.as_ref().map(|target| match target.level {
        Level::Value(value) => json!(value),
        Level::Between(low, high) => json!([low, high]),
    });
    json!({
        "value": point.value.number(),
        "missing": point.value.reason().map(ToString::to_string),
        "target": target,
        "verdict": data::verdict(&point.verdict),
    })
}

impl Diff {
    /// What readers call the KPI, in the installation's language.
    pub(super) fn name(&self, effect: &Effect) -> String {
        let language = &self.new.catalog.settings.language;
        let half: Option<&Half> = effect.new.as_ref().or(effect.old.as_ref());
        half.map_or("", |half| half.kpi.name.get(language, language)).to_owned()
    }
}
