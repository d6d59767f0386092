//! The store in figures: how each report last fared, and what waits, cheap enough to be asked every few seconds.
//!
//! Every question goes through an index and reads a day's rows at most, however long the history is.

use super::db::args;
use super::listing::{ListedRun, Skip, delivery_state, run_state, runs, skip};
use super::{RunFilter, Store, StoreError};
use crate::outbox::{DeliveryState, Kind, RunState};
use crate::text::Name;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How a report that is planned last fared.
#[derive(Debug, Clone, PartialEq)]
pub struct LastRun {
    pub report: Name,
    /// Fire times before that were never planned.
    pub known_since: Timestamp,
    /// Fire times up to then have been decided on.
    pub planned_until: Timestamp,
    /// The newest scheduled run.
    pub run: Option<ListedRun>,
    /// The newest range of fire times that got no run.
    pub skip: Option<Skip>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Runs not yet done or for somebody to look at (poisoned), and those done within a day.
    pub runs: BTreeMap<RunState, u32>,
    /// Deliveries not yet final or for somebody to decide on (held), and those made within a day.
    pub deliveries: BTreeMap<DeliveryState, u32>,
    /// Since when the oldest delivery that is queued waits.
    pub oldest_queued: Option<Timestamp>,
    pub reports: Vec<ReportStats>,
}

/// Of a report that is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportStats {
    pub report: Name,
    /// When an edition, planned or by hand, last ended as it should: delivered, or with nothing to say.
    pub success: Option<Timestamp>,
    /// From its fire time until the newest planned edition was done.
    pub late: Option<SignedDuration>,
}

const DAY: i64 = 24 * 60 * 60 * 1000;

impl Store {
    /// By the name of the report. Reports that are made by hand only are not among them.
    ///
    /// # Errors
    /// The store fails.
    pub async fn last_runs(&self, now: Timestamp) -> Result<Vec<LastRun>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let cursors = tx.rows("SELECT * FROM report_cursor ORDER BY report", args![]).await?;
        let skips = "SELECT s.* FROM skip s WHERE s.to_ms = (SELECT max(to_ms) FROM skip o WHERE o.report = s.report)";
        let skips: Vec<Skip> = tx.rows(skips, args![]).await?.iter().map(skip).collect::<Result<_, _>>()?;
        let mut skips: BTreeMap<Name, Skip> = skips.into_iter().map(|skip| (skip.report.clone(), skip)).collect();
        let mut last = Vec::new();
        for cursor in cursors {
            let report: Name = cursor.get::<String>("report")?.into();
            let newest = RunFilter {
                report: Some(&report),
                kind: Some(Kind::Scheduled),
                limit: Some(1),
                ..RunFilter::default()
            };
            last.push(LastRun {
                run: runs(&mut tx, &newest).await?.pop(),
                skip: skips.remove(&report),
                known_since: cursor.time("known_since")?,
                planned_until: cursor.time("planned_until")?,
                report,
            });
        }
        tx.commit().await?;
        Ok(last)
    }

    /// # Errors
    /// The store fails.
    pub async fn stats(&self, now: Timestamp) -> Result<Stats, StoreError> {
        let mut stats = Stats::default();
        let mut tx = self.db.begin(now).await?;
        let runs = format!(
            "SELECT state, count(*) AS count FROM (
               SELECT run, state FROM run WHERE done_ms IS NULL
               UNION SELECT run, state FROM run WHERE done_ms > {{now}} - {DAY}
               UNION SELECT run, state FROM run WHERE state = 'poisoned') counted GROUP BY state"
        );
        for row in tx.rows(&runs, args![]).await? {
            stats.runs.insert(run_state(&row)?, row.number("count")?);
        }
        let deliveries = format!(
            "SELECT state, count(*) AS count FROM (
               SELECT delivery, state FROM delivery WHERE state = 'queued'
               UNION SELECT delivery, state FROM delivery WHERE state = 'sending'
               UNION SELECT delivery, state FROM delivery WHERE state = 'held'
               UNION SELECT delivery, state FROM delivery WHERE created_ms > {{now}} - {DAY}) counted GROUP BY state"
        );
        for row in tx.rows(&deliveries, args![]).await? {
            stats.deliveries.insert(delivery_state(&row)?, row.number("count")?);
        }
        let oldest = tx.row("SELECT min(created_ms) AS oldest FROM delivery WHERE state = 'queued'", args![]).await?;
        stats.oldest_queued = oldest.map(|row| row.maybe_time("oldest")).transpose()?.flatten();
        let reports = "SELECT c.report,
               (SELECT r.done_ms FROM run r WHERE r.report = c.report AND r.state IN ('delivered', 'skipped')
                  AND r.kind <> 'alert' ORDER BY r.slot_ms DESC LIMIT 1) AS success,
               (SELECT r.done_ms - r.slot_ms FROM run r WHERE r.report = c.report AND r.kind = 'scheduled'
                  AND r.done_ms IS NOT NULL ORDER BY r.slot_ms DESC LIMIT 1) AS late
             FROM report_cursor c ORDER BY c.report";
        for row in tx.rows(reports, args![]).await? {
            let late: Option<i64> = row.get("late")?;
            stats.reports.push(ReportStats {
                report: row.get::<String>("report")?.into(),
                success: row.maybe_time("success")?,
                late: late.map(SignedDuration::from_millis),
            });
        }
        tx.commit().await?;
        Ok(stats)
    }
}
