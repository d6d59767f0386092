//! Runs from due to rendered: claimed by one node, written by the holder of the claim alone.

use super::db::{Row, Tx, args};
use super::edition::{Edition, Mailing, end, keep};
use super::event::Event;
use super::{FENCE, LEASE_MS, Store, StoreError};
use crate::outbox::{Claim, Kind, Run, RunState};
use jiff::Timestamp;

/// How often another node may be faster before the claim is left to the next call.
const RACES: usize = 5;

/// A run that was left lying for an hour begins anew: whether it is still worth making is judged by when it begins.
const CLAIM: &str = "WITH mine AS MATERIALIZED (SELECT run FROM run AS next WHERE state IN ('due', 'running') \
        AND (state = 'running' AND lease_until <= {now} OR state = 'due' AND not_before <= {now} \
            AND NOT EXISTS (SELECT 1 FROM run AS busy WHERE busy.report = next.report AND busy.state = 'running')) \
        ORDER BY slot_ms, run LIMIT 1 {skip}) \
    UPDATE run SET state = 'running', owner = $1, epoch = epoch + 1, lease_until = {now} + $2, \
    crashes = crashes + CASE state WHEN 'running' THEN 1 ELSE 0 END, \
    started_ms = CASE WHEN started_ms IS NULL OR state = 'running' AND lease_until < {now} - 3600000 \
        OR state = 'due' AND not_before < {now} - 3600000 THEN {now} ELSE started_ms END \
    WHERE run IN (SELECT run FROM mine) \
    RETURNING run, report, kind, slot_ms, state, reason, attempt, crashes, created_ms, started_ms, done_ms, epoch, \
    (SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM skip WHERE skip.report = run.report AND to_ms < slot_ms AND from_ms > \
        (SELECT COALESCE(MAX(before.slot_ms), 0) FROM run AS before WHERE before.report = run.report AND before.kind = run.kind \
            AND before.slot_ms < run.slot_ms)) AS skipped";

impl Store {
    /// The run to work on next: of those whose time has come the one of the oldest slot whose report runs nowhere; or one whose worker
    /// died, which counts as a crash of the run.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn claim_run(&self, node: &str, now: Timestamp) -> Result<Option<(Run, Claim)>, StoreError> {
        for _ in 0..RACES {
            let mut tx = self.db.begin(now).await?;
            let claimed = match tx.row(CLAIM, args![node, LEASE_MS]).await {
                // Another node began a run of the same report just now: perhaps there is one of another report.
                Err(StoreError::Taken) => continue,
                claimed => claimed?,
            };
            let Some(row) = claimed else { return Ok(None) };
            let (run, epoch) = (Run { skipped: row.number("skipped")?, ..run(&row)? }, row.get("epoch")?);
            let crashes = if run.crashes > 0 { format!(", crashes so far: {}", run.crashes) } else { String::new() };
            tx.note(Event::of_run("begun", &run.report, &run.id, format!("attempt {}{crashes}", run.attempt + 1)));
            tx.commit().await?;
            let claim = Claim { id: run.id.clone(), owner: node.to_owned(), epoch };
            return Ok(Some((run, claim)));
        }
        Ok(None)
    }

    /// Freezes what the run made and queues its mails. `false`: the claim was lost, nothing was written.
    ///
    /// # Errors
    /// The store can't be written; then nothing was, or, when only the answer was lost, all of it. To be tried again: what was written
    /// is not written twice.
    pub async fn finish_run(&self, claim: &Claim, edition: &Edition, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = format!(
            "UPDATE run SET state = 'rendered', reason = NULL, owner = NULL, lease_until = NULL, period = $4, period_start = $5, \
             period_end = $6, config = $7 WHERE run = $1 AND {FENCE} AND state = 'running' RETURNING report, slot_key, kind"
        );
        let window = edition.window;
        let args =
            args![&claim.id, &claim.owner, claim.epoch, &edition.period, window.start, window.end, &edition.config];
        let Some(row) = tx.row(&sql, args).await? else { return is_finished(&mut tx, claim).await };
        let (report, slot_key): (String, String) = (row.get("report")?, row.get("slot_key")?);
        keep(&mut tx, &claim.id, &edition.kept).await?;
        let mailing = Mailing { run: &claim.id, report: &report, slot_key: &slot_key, kind: kind(&row)? };
        match &edition.quiet {
            Some(why) => end(&mut tx, &claim.id, &report, RunState::Skipped, why).await?,
            None => {
                let count = (edition.artifacts.len(), edition.recipients.len());
                let detail = format!("{}: {} artifacts for {} recipients", edition.period, count.0, count.1);
                tx.note(Event::of_run("rendered", &report, &claim.id, detail));
                self.freeze(&mut tx, &mailing, &edition.artifacts, &edition.recipients, edition.expires).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Back to the runs that wait, until `until`; `charged`: that was an attempt. `false`: the claim was lost, nothing was written.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn postpone_run(
        &self,
        claim: &Claim,
        until: Timestamp,
        charged: bool,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = format!(
            "UPDATE run SET state = 'due', owner = NULL, lease_until = NULL, not_before = $4, attempt = attempt + $5, reason = $6, crashes = 0 \
             WHERE run = $1 AND {FENCE} AND state = 'running' RETURNING report"
        );
        let args = args![&claim.id, &claim.owner, claim.epoch, until, i64::from(charged), why];
        let Some(row) = tx.row(&sql, args).await? else { return Ok(false) };
        let detail = format!("until {until}: {why}");
        tx.note(Event::of_run("waiting", &row.get::<String>("report")?, &claim.id, detail));
        tx.commit().await?;
        Ok(true)
    }

    /// The run ends without mails. `false`: the claim was lost, nothing was written.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn end_run(&self, claim: &Claim, state: RunState, why: &str, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = format!(
            "UPDATE run SET owner = NULL, lease_until = NULL, attempt = attempt + $4 WHERE run = $1 AND {FENCE} AND state = 'running' \
             RETURNING report"
        );
        let charged = i64::from(state == RunState::Failed);
        let Some(row) = tx.row(&sql, args![&claim.id, &claim.owner, claim.epoch, charged]).await? else {
            return Ok(false);
        };
        end(&mut tx, &claim.id, &row.get::<String>("report")?, state, why).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Renews the claims; gives those that were lost.
    ///
    /// # Errors
    /// The store can't be written: none was renewed.
    pub async fn keep_runs(&self, claims: &[Claim], now: Timestamp) -> Result<Vec<Claim>, StoreError> {
        let sql = format!("UPDATE run SET lease_until = {{now}} + $4 WHERE run = $1 AND {FENCE} AND state = 'running'");
        self.keep(&sql, claims, now).await
    }

    pub(super) async fn keep(&self, sql: &str, claims: &[Claim], now: Timestamp) -> Result<Vec<Claim>, StoreError> {
        let mut lost = Vec::new();
        if claims.is_empty() {
            return Ok(lost);
        }
        let mut tx = self.db.begin(now).await?;
        for claim in claims {
            if tx.execute(sql, args![&claim.id, &claim.owner, claim.epoch, LEASE_MS]).await? == 0 {
                lost.push(claim.clone());
            }
        }
        tx.commit().await?;
        Ok(lost)
    }
}

/// Under this very claim: the answer to the commit was lost, and the edition comes again.
async fn is_finished(tx: &mut Tx, claim: &Claim) -> Result<bool, StoreError> {
    let sql = "SELECT run FROM run WHERE run = $1 AND epoch = $2 AND state NOT IN ('due', 'running')";
    Ok(tx.row(sql, args![&claim.id, claim.epoch]).await?.is_some())
}

/// The columns of [`CLAIM`].
pub(super) fn run(row: &Row) -> Result<Run, StoreError> {
    let state: String = row.get("state")?;
    Ok(Run {
        id: row.get("run")?,
        report: row.get::<String>("report")?.into(),
        kind: kind(row)?,
        slot: row.time("slot_ms")?,
        state: RunState::parse(&state).ok_or_else(|| StoreError::unknown("state of a run", &state))?,
        reason: row.get("reason")?,
        attempt: row.number("attempt")?,
        crashes: row.number("crashes")?,
        skipped: 0,
        created: row.time("created_ms")?,
        started: row.maybe_time("started_ms")?,
        done: row.maybe_time("done_ms")?,
    })
}

pub(super) fn kind(row: &Row) -> Result<Kind, StoreError> {
    let kind: String = row.get("kind")?;
    Kind::parse(&kind).ok_or_else(|| StoreError::unknown("kind of run", &kind))
}
