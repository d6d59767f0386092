//! What is no longer needed goes, a little at a time; and a copy of the store that can be put back.
//!
//! What was measured stays for ever, with the run that it belongs to: it is the history that editions are compared with. Mails go first,
//! for they are large. Each slice is a transaction of its own that holds no other work up for long.

use super::db::args;
use super::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::fs::OpenOptions;
use std::path::Path;
use std::time::{Duration, Instant};

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

/// How long one slice may hold up others.
const SLICE: Duration = Duration::from_millis(50);

/// How many rows the next slice takes, after one of `rows` took so long.
fn paced(rows: usize, took: Duration) -> usize {
    match took {
        _ if took > SLICE => (rows / 2).max(1),
        _ if took < SLICE / 4 => (rows * 2).min(2_000),
        _ => rows,
    }
}

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
        let (mut pruned, mut rows) = (0, 50);
        loop {
            let mut tx = self.db.begin(now).await?;
            let begun = Instant::now();
            let gone = tx.execute(sql, args![before, rows as i64]).await?;
            tx.commit().await?;
            pruned += gone;
            if gone < rows as u64 {
                return Ok(pruned);
            }
            rows = paced(rows, begun.elapsed());
        }
    }

    /// Goes through the mails, of which there are fewer than old runs.
    async fn prune_mails(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let (mut pruned, mut rows) = (0, 1);
        let mut after = (String::new(), String::new());
        loop {
            let mut tx = self.db.begin(now).await?;
            let begun = Instant::now();
            let old = "SELECT a.run, a.audience FROM artifact a CROSS JOIN run r
                WHERE r.run = a.run AND r.done_ms < $1 AND (a.run, a.audience) > ($2, $3) AND NOT EXISTS
                  (SELECT 1 FROM delivery d WHERE d.run = r.run AND d.state IN ('queued', 'sending', 'held'))
                ORDER BY a.run, a.audience LIMIT $4";
            let old = tx.rows(old, args![before, &after.0, &after.1, rows as i64]).await?;
            let Some(last) = old.last() else { return Ok(pruned) };
            after = (last.get("run")?, last.get("audience")?);
            for row in &old {
                let key: (String, String) = (row.get("run")?, row.get("audience")?);
                pruned +=
                    tx.execute("DELETE FROM artifact WHERE run = $1 AND audience = $2", args![key.0, key.1]).await?;
            }
            tx.commit().await?;
            rows = paced(rows, begun.elapsed());
        }
    }

    /// Walks over the old runs, for those that stay are not to be looked at again and again.
    async fn prune_runs(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let (mut pruned, mut rows) = (0, 50);
        let mut after = (i64::MIN, String::new());
        loop {
            let mut tx = self.db.begin(now).await?;
            let begun = Instant::now();
            let slice = "SELECT run, done_ms FROM run WHERE done_ms < $1 AND (done_ms, run) > ($2, $3)
                ORDER BY done_ms, run LIMIT $4";
            let slice = tx.rows(slice, args![before, after.0, &after.1, rows as i64]).await?;
            let Some(last) = slice.last() else { return Ok(pruned) };
            let to: (i64, String) = (last.get("done_ms")?, last.get("run")?);
            let sql = "DELETE FROM run WHERE done_ms < $1 AND (done_ms, run) > ($2, $3) AND (done_ms, run) <= ($4, $5)
                AND NOT EXISTS (SELECT 1 FROM measurement m WHERE m.run = run.run)
                AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.run = run.run)
                AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.run = run.run)";
            pruned += tx.execute(sql, args![before, after.0, after.1, to.0, &to.1]).await?;
            tx.commit().await?;
            after = to;
            rows = paced(rows, begun.elapsed());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_shrink_where_the_disk_is_slow_and_grow_where_it_is_fast() {
        let [fast, fair, slow] = [1, 30, 200].map(Duration::from_millis);
        assert_eq!([fast, fair, slow].map(|took| paced(50, took)), [100, 50, 25]);
        assert_eq!((paced(1, slow), paced(2_000, fast)), (1, 2_000));
    }

    #[test]
    fn rows_outlive_twice_the_time_in_which_fire_times_are_made_up_for() {
        let days = |days: u64| Duration::from_secs(days * 24 * 3600);
        assert_eq!(Keep::covering(days(7)).rows, SignedDuration::from_hours(400 * 24));
        assert_eq!(Keep::covering(days(300)).rows, SignedDuration::from_hours(600 * 24));
        assert_eq!(Keep::covering(Duration::MAX).rows, SignedDuration::MAX);
    }
}
