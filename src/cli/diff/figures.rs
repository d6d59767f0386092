//! The measured values of a diff as its readers see them: in the new installation's locale, each in its own unit.

use super::Diff;
use super::effect::{Effect, Half, Step};
use crate::catalog::Settings;
use crate::change::Side;
use crate::cli::scorecard::mark;
use crate::measure::{Kpi, Point, Verdict};
use crate::render::{Format, MISSING, UnknownLocale};
use std::sync::Arc;

/// Writes the numbers of both sides.
pub struct Figures {
    old: Format,
    new: Format,
}

/// One period in words.
pub struct Row {
    pub period: String,
    pub old: String,
    pub new: String,
    pub change: String,
    /// `● met`, or `● met → ■ missed`
    pub verdict: String,
    /// The verdict that it ends with, where it was another before.
    pub flipped: Option<Verdict>,
}

impl Figures {
    /// # Errors
    /// The new installation's locale is none.
    pub fn new(diff: &Diff) -> Result<Figures, UnknownLocale> {
        let Settings { locale, .. } = &diff.new.catalog.settings;
        let format = |side: &Side| Format::new(locale, &side.catalog.settings.currency);
        Ok(Figures { old: format(&diff.old)?, new: format(&diff.new)? })
    }

    /// The periods that say something else, oldest first.
    pub fn rows(&self, effect: &Effect) -> Vec<Row> {
        let kpi = |half: &Option<Half>| half.as_ref().map(|half| half.kpi.clone());
        let (before, after) = (kpi(&effect.old), kpi(&effect.new));
        let row = |step: Step| {
            let old = before.as_ref().zip(step.old.as_ref()).map(|(kpi, point)| value(&self.old, kpi, point));
            let new = after.as_ref().zip(step.new.as_ref()).map(|(kpi, point)| value(&self.new, kpi, point));
            let flipped = step.new.as_ref().filter(|_| step.flips()).map(|point| point.verdict.clone());
            let same = before.as_ref().zip(after.as_ref()).filter(|(old, new)| old.unit == new.unit);
            let change = same
                .zip(step.old.as_ref().zip(step.new.as_ref()))
                .map(|((_, kpi), (old, new))| self.new.change(&old.value, &new.value, &kpi.unit, kpi.decimals));
            Row {
                verdict: verdict(&step),
                period: step.period,
                old: old.unwrap_or_else(|| absent(&before, "(new)")),
                new: new.unwrap_or_else(|| absent(&after, "(gone)")),
                change: change.unwrap_or_else(|| MISSING.to_owned()),
                flipped,
            }
        };
        effect.steps().filter(Step::moves).map(row).collect()
    }
}

/// `2.410 € of ≤ 2.500 €`: a target that moved is seen as well.
fn value(format: &Format, kpi: &Kpi, point: &Point) -> String {
    let value = format.value(&point.value, &kpi.unit, kpi.decimals);
    match &point.target {
        Some(target) => format!("{value} ({})", format.target(target.level, kpi.good, &kpi.unit, kpi.decimals)),
        None => value,
    }
}

/// What stands where a side says nothing of a period: `none` when it has no such KPI at all.
fn absent(kpi: &Option<Arc<Kpi>>, none: &str) -> String {
    kpi.as_ref().map_or(none, |_| MISSING).to_owned()
}

fn verdict(step: &Step) -> String {
    let said = |point: &Point| mark(&point.verdict).0;
    match (&step.old, &step.new) {
        (Some(old), Some(new)) if step.flips() => format!("{} → {}", said(old), said(new)),
        (_, Some(point)) | (Some(point), None) => said(point).to_owned(),
        (None, None) => String::new(),
    }
}
