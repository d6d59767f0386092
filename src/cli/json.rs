//! What a run answers as JSON and CSV, for scripts. The parts are [`data`]'s.

use super::measure::Asked;
use crate::pipeline::{Failure, Outcome, Stale};
use crate::render::data;
pub use crate::render::data::{explanation, kpi, not_judged, period};
use serde_json::{Value as Json, json};

pub fn outcome(outcome: &Outcome, asked: &Asked) -> Json {
    let calendar = asked.calendar();
    let failure = |failure: &Failure| json!({ "source": &*failure.source, "why": &*failure.why });
    let stale = |stale: &Stale| json!({ "source": &*stale.source, "newest": stale.newest.map(|at| at.to_string()) });
    json!({
        "period": period(asked.request.period, calendar),
        "as_of": asked.chosen.now.to_string(),
        "kpis": outcome.measured.iter().map(|measured| kpi(measured, calendar)).collect::<Vec<_>>(),
        "failures": outcome.failures.iter().map(failure).collect::<Vec<_>>(),
        "stale": outcome.stale.iter().map(stale).collect::<Vec<_>>(),
    })
}

/// One row a KPI and segment.
pub fn csv(outcome: &Outcome, asked: &Asked) -> String {
    data::csv(&outcome.measured, asked.request.period, asked.calendar())
}
