//! A1 and A10: what a planner wrote, held against what is owed.

use super::invariants::{Violation, ensure, instant};
use super::model::Paper;
use crate::store::rig::Change;
use jiff::{Timestamp, ToSpan};

/// What a look at a schedule wrote.
#[derive(Default)]
pub struct Plan {
    pub runs: Vec<Timestamp>,
    pub skips: Vec<Change>,
    /// Before and after.
    pub cursor: Option<(Option<Change>, Change)>,
}

impl Plan {
    /// All that is owed is there, and nothing else.
    pub fn check(&self, paper: &Paper) -> Result<(), Violation> {
        let Some((before, after)) = &self.cursor else {
            ensure!(self.runs.is_empty() && self.skips.is_empty(), "A1", "{} is planned without cursor", paper.id);
            return Ok(());
        };
        let now = instant(after.at);
        let since = match before {
            None => now,
            Some(before) if before.word == after.word => instant(before.at),
            // A schedule that was edited holds from a minute before it is first looked at.
            Some(before) => instant(before.at).max(now - 1.minute()),
        };
        let owed = paper.owed(&paper.pattern.fires(&paper.zone, since, now), now);
        let wanted: Vec<_> = owed.iter().filter(|(_, runs)| **runs).map(|(at, _)| *at).collect();
        ensure!(self.runs == wanted, "A10", "{} from {since} to {now}: {:?} instead of {owed:?}", paper.id, self.runs);
        let given_up: Vec<_> = owed.iter().filter(|(_, runs)| !**runs).map(|(at, _)| at.as_millisecond()).collect();
        let range = given_up.first().map(|first| (*first, given_up[given_up.len() - 1], given_up.len() as i64));
        let skipped = self.skips.first().map(|skip| (skip.at, skip.until, skip.count));
        ensure!(skipped == range && self.skips.len() < 2, "A1", "{}: {:?} instead of {owed:?}", paper.id, self.skips);
        Ok(())
    }
}
