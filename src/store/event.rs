//! What happened, in words for the admin: each change of a run or delivery appends a line, in the transaction that makes the change.
//!
//! Lines name reports, runs and mails, never a person or an address, so that they may outlive what is forgotten.

use super::StoreError;
use super::db::{Arg, args};
use crate::text::Name;
use std::sync::atomic::{AtomicU64, Ordering};

/// A line of the log, still without its name and time.
#[derive(Debug, Clone)]
pub(super) struct Event {
    what: &'static str,
    report: Option<String>,
    run: Option<String>,
    delivery: Option<String>,
    detail: String,
}

/// Names for events: unique among all nodes, and in order within one.
#[derive(Debug)]
pub(super) struct EventIds {
    program: String,
    made: AtomicU64,
}

impl Event {
    /// `what` is one word, for machines; `detail` says it to people.
    pub(super) fn of_report(what: &'static str, report: &str, detail: impl Into<String>) -> Event {
        Event { what, report: Some(report.to_owned()), run: None, delivery: None, detail: detail.into() }
    }

    /// About a report, or the whole installation.
    pub(super) fn of(what: &'static str, report: Option<&Name>, detail: impl Into<String>) -> Event {
        Event {
            what,
            report: report.map(|report| report.to_string()),
            run: None,
            delivery: None,
            detail: detail.into(),
        }
    }

    pub(super) fn of_run(what: &'static str, report: &str, run: &str, detail: impl Into<String>) -> Event {
        Event { run: Some(run.to_owned()), ..Event::of_report(what, report, detail) }
    }

    pub(super) fn of_delivery(
        what: &'static str,
        report: &str,
        run: &str,
        delivery: &str,
        detail: impl Into<String>,
    ) -> Event {
        Event { delivery: Some(delivery.to_owned()), ..Event::of_run(what, report, run, detail) }
    }

    pub(super) fn row(self, id: String) -> Vec<Arg> {
        args![id, self.report, self.run, self.delivery, self.what, self.detail]
    }
}

impl EventIds {
    /// # Errors
    /// The system gives no random bytes.
    pub(super) fn new() -> Result<EventIds, StoreError> {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Refused(format!("no random bytes: {error}")))?;
        Ok(EventIds::of_program(u32::from_ne_bytes(bytes)))
    }

    pub(super) fn of_program(program: u32) -> EventIds {
        EventIds { program: format!("{program:08x}"), made: AtomicU64::new(0) }
    }

    /// The next name, at `now` in epoch milliseconds.
    pub(super) fn next(&self, now: i64) -> String {
        format!("{now:013}-{}-{:08}", self.program, self.made.fetch_add(1, Ordering::Relaxed))
    }
}
