//! A request as what it asks of the sources, and its outcome from what they answered.
//!
//! Between the two lies the reading, which is whoever asks' own affair: a run reads everything anew, a preview what it lacks.

use super::{Failure, Outcome, Stale, model};
use crate::calendar::{Calendar, Window};
use crate::catalog::Catalog;
use crate::measure::{Model, Request};
use crate::query::{Need, Otherwise, Readings, Source};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked of the sources for one request.
pub struct Question<'a> {
    request: &'a Request,
    calendar: &'a Calendar,
    model: Model,
    needs: Vec<Need>,
    /// The sources with a freshness contract among those needed.
    contracts: BTreeMap<Name, Arc<Source>>,
    /// Of the period, as far as it has elapsed.
    window: Window,
}

impl<'a> Question<'a> {
    /// What `request` asks at `now`.
    pub fn new(catalog: &Catalog, request: &'a Request, calendar: &'a Calendar, now: Timestamp) -> Question<'a> {
        let model = model(catalog);
        let mut window = request.period.window;
        window.end = window.end.min(now);
        let needs = request.needs(&model, calendar);
        let contracts = under_contract(&needs);
        Question { request, calendar, model, needs, contracts, window }
    }

    /// The queries to run.
    pub fn needs(&self) -> Vec<Need> {
        let newest = self.contracts.values().map(|source| Need::newest(source.clone(), self.window));
        self.needs.iter().cloned().chain(newest).collect()
    }

    /// What came of them. Sources that may not be shown for their age are failed in `readings`.
    pub fn outcome(&self, readings: &mut Readings) -> Outcome {
        let stale = judge_freshness(&self.contracts, readings, self.window.end);
        let failures = failures(readings);
        Outcome { measured: self.request.measure(&self.model, self.calendar, readings), failures, stale }
    }
}

/// Each failed source once, with its first reason.
fn failures(readings: &Readings) -> Vec<Failure> {
    let mut failed: BTreeMap<&Name, &Name> = BTreeMap::new();
    for (source, why) in readings.failures() {
        failed.entry(source).or_insert(why);
    }
    let failure = |(source, why): (&Name, &Name)| Failure {
        source: source.clone(),
        why: why.clone(),
        may_pass: readings.is_passing(source),
    };
    failed.into_iter().map(failure).collect()
}

/// The sources with a freshness contract among those needed.
fn under_contract(needs: &[Need]) -> BTreeMap<Name, Arc<Source>> {
    let under = needs.iter().filter(|need| need.source.fresh.is_some());
    under.map(|need| (need.source.name.clone(), need.source.clone())).collect()
}

/// Which sources are stale when data up to `end` is wanted. What may not be shown then is failed in the readings.
fn judge_freshness(contracts: &BTreeMap<Name, Arc<Source>>, readings: &mut Readings, end: Timestamp) -> Vec<Stale> {
    let mut stale = Vec::new();
    for (source, newest) in readings.newest().clone() {
        let fresh = contracts[&source].fresh.as_ref().expect("only sources under contract were asked");
        let newest = match newest {
            Ok(newest) => newest,
            Err(why) => {
                readings.fail(&source, why);
                continue;
            }
        };
        if newest.is_some_and(|newest| newest >= end - fresh.within) {
            continue;
        }
        if fresh.otherwise == Otherwise::Fail {
            readings.fail(&source, "its data is too old".into());
        }
        let hold = match fresh.otherwise {
            Otherwise::Hold(time) => Some(time),
            Otherwise::Warn | Otherwise::Fail => None,
        };
        stale.push(Stale { source, newest, hold });
    }
    stale
}
