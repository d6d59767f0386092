//! What is wrong with targets on the day of the check.

use crate::catalog::warnings::{OLD_TARGET, TARGET_AHEAD};
use crate::catalog::{Catalog, Diagnostic, Kind};
use crate::measure::{Goal, Kpi};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use std::sync::Arc;

/// Dated targets that nobody has looked at for long, and those that don't hold yet.
pub fn problems(catalog: &Catalog, now: Timestamp) -> Vec<Diagnostic> {
    let today = now.to_zoned(catalog.settings.calendar.zone.clone()).date();
    let dated = catalog.kpis.iter().filter_map(|kpi| match &kpi.target.as_ref()?.goal {
        Goal::Dated(steps) => Some((kpi, steps.first()?.from, steps.last()?.from)),
        Goal::Level(_) | Goal::Formula(_) => None,
    });
    let problem = |(kpi, first, last): (&Arc<Kpi>, Date, Date)| -> Option<Diagnostic> {
        let thing = (Kind::Kpi, &kpi.id);
        if first > today {
            let message = format!("no target of `{}` holds before {first}", thing.1);
            let help = "add the target that holds until then".to_owned();
            return catalog.definitions.warning(&TARGET_AHEAD, thing, message, Some(help));
        }
        (last < today.saturating_sub(18.months())).then(|| {
            let message = format!("the newest target of `{}` is from {last}, more than 18 months ago", thing.1);
            let help = "add this year's; if one holds for good, write it without a date".to_owned();
            catalog.definitions.warning(&OLD_TARGET, thing, message, Some(help))
        })?
    };
    dated.filter_map(problem).collect()
}
