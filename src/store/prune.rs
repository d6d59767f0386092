//! What is no longer needed goes, a little at a time; and a copy of the store that can be put back.
//!
//! What was measured stays for ever, with the run that it belongs to: it is the history that editions are compared with. Mails go first,
//! for they are large. Each slice is a transaction of its own that holds no other work up for long.

use super::db::args;
use super::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

/// How long things are kept after they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The mails themselves: so long they can be sent again.
    pub mails: SignedDuration,
    /// Runs that measured nothing, deliveries, skipped fire times and events.
    pub rows: SignedDuration,
}

impl Keep {
    /// 90 and 400 days; runs longer where a report makes up for fire times that are older: they keep those from being planned twice.
    pub fn covering(within: Duration) -> Keep {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let twice = SignedDuration::try_from(within.saturating_mul(2)).unwrap_or(SignedDuration::MAX);
        Keep { mails: days(90), rows: days(400).max(twice) }
    }
}

/// How much went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    pub mails: u64,
    pub runs: u64,
    pub deliveries: u64,
    pub skips: u64,
    pub events: u64,
}

/// Rows in one slice, and mails, which take the more time the larger they are.
const ROWS: usize = 500;
const MAILS: usize = 4;

impl Store {
    /// Deletes what is older than `keep` says. Nothing that is not final goes.
    ///
    /// # Errors
    /// The store fails; what went before stays gone.
    pub async fn prune(&self, keep: Keep, now: Timestamp) -> Result<Pruned, StoreError> {
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let rows = before(keep.rows);
        Ok(Pruned {
            mails: self.prune_mails(before(keep.mails), now).await?,
            deliveries: self
                .prune_rows(
                    "DELETE FROM delivery WHERE delivery IN (SELECT delivery FROM delivery
                       WHERE created_ms < $1 AND state NOT IN ('queued', 'sending', 'held') LIMIT $2)",
                    rows,
                    now,
                )
                .await?,
            runs: self.prune_runs(rows, now).await?,
            skips: self
                .prune_rows(
                    "DELETE FROM skip WHERE to_ms < $1 AND (report, from_ms) IN
                       (SELECT report, from_ms FROM skip WHERE to_ms < $1 LIMIT $2)",
                    rows,
                    now,
                )
                .await?,
            events: self
                .prune_rows(
                    "DELETE FROM event WHERE event IN (SELECT event FROM event WHERE at_ms < $1 LIMIT $2)",
                    rows,
                    now,
                )
                .await?,
        })
    }

    /// Says `sql`, which deletes at most `$2` rows from before `$1`, until nothing is left of them.
    async fn prune_rows(&self, sql: &str, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let mut pruned = 0;
        loop {
            let mut tx = self.db.begin(now).await?;
            let gone = tx.execute(sql, args![before, ROWS as i64]).await?;
            tx.commit().await?;
            pruned += gone;
            if gone < ROWS as u64 {
                return Ok(pruned);
            }
        }
    }

    /// Which mails go is asked once, for it takes a look at all of them.
    async fn prune_mails(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let old = "SELECT a.run, a.audience FROM artifact a JOIN run r ON r.run = a.run WHERE r.done_ms < $1
            AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.run = r.run AND d.state IN ('queued', 'sending', 'held'))";
        let mut tx = self.db.begin(now).await?;
        let old = tx.rows(old, args![before]).await?;
        tx.commit().await?;
        let mut pruned = 0;
        for slice in old.chunks(MAILS) {
            let mut tx = self.db.begin(now).await?;
            for row in slice {
                let (run, audience): (String, String) = (row.get("run")?, row.get("audience")?);
                // In between somebody may have wanted it sent again.
                let sql = "DELETE FROM artifact WHERE run = $1 AND audience = $2
                    AND EXISTS (SELECT 1 FROM run r WHERE r.run = $1 AND r.done_ms IS NOT NULL)";
                pruned += tx.execute(sql, args![run, audience]).await?;
            }
            tx.commit().await?;
        }
        Ok(pruned)
    }

    /// Walks over the old runs, for those that stay are not to be looked at again and again.
    async fn prune_runs(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let mut pruned = 0;
        let mut after = (i64::MIN, String::new());
        loop {
            let mut tx = self.db.begin(now).await?;
            let slice = "SELECT run, done_ms FROM run WHERE done_ms < $1 AND (done_ms, run) > ($2, $3)
                ORDER BY done_ms, run LIMIT $4";
            let slice = tx.rows(slice, args![before, after.0, &after.1, ROWS as i64]).await?;
            let Some(last) = slice.last() else { return Ok(pruned) };
            let to: (i64, String) = (last.get("done_ms")?, last.get("run")?);
            let sql = "DELETE FROM run WHERE done_ms < $1 AND (done_ms, run) > ($2, $3) AND (done_ms, run) <= ($4, $5)
                AND NOT EXISTS (SELECT 1 FROM measurement m WHERE m.run = run.run)
                AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.run = run.run)
                AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.run = run.run)";
            pruned += tx.execute(sql, args![before, after.0, after.1, to.0, &to.1]).await?;
            tx.commit().await?;
            after = to;
        }
    }

    /// Writes a copy of the whole store, as of one moment, to a new file that only its owner may read. Daemons go on meanwhile.
    ///
    /// # Errors
    /// The file is there already or can't be written; the store is on PostgreSQL, which has `pg_dump`; or the store fails.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        let Some(pool) = self.db.sqlite() else {
            let advice =
                "the store is on PostgreSQL, which copies it itself: pg_dump --format=custom --file=FILE DATABASE";
            return Err(StoreError::Refused(advice.to_owned()));
        };
        let name = path.to_str().ok_or_else(|| StoreError::Refused(format!("{} is no UTF-8", path.display())))?;
        let failed =
            |error: std::io::Error| StoreError::Refused(format!("{} can't be written: {error}", path.display()));
        let mut new = OpenOptions::new();
        new.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
        // Given an empty file SQLite fills it, and leaves its permissions as they are.
        let file = new.open(path).map_err(failed)?;
        let copied = sqlx::query("VACUUM INTO $1").bind(name).execute(pool).await;
        let durable = copied.map_err(StoreError::database).and_then(|_| file.sync_all().map_err(failed));
        if durable.is_err() {
            // What is half a backup is none.
            std::fs::remove_file(path).map_err(failed)?;
        }
        durable
    }
}
