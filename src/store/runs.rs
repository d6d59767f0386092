//! Runs from due to rendered: claimed by one node, written by the holder of the claim alone.

use super::db::{Arg, Row, Tx, args};
use super::event::Event;
use super::{FENCE, LEASE_MS, Store, StoreError};
use crate::calendar::Window;
use crate::outbox::{Artifact, Claim, DeliveryState, Kind, Recipient, Run, RunState, recipient_key};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::HashSet;

/// What a run ends with: frozen, to be delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// The period's label.
    pub period: String,
    pub window: Window,
    /// The version of the catalogue.
    pub config: Name,
    /// One an audience of `recipients`.
    pub artifacts: Vec<Artifact>,
    pub recipients: Vec<Recipient>,
    pub kept: Vec<Kept>,
    /// Until when the mails are retried.
    pub expires: Timestamp,
    /// Why nothing is sent, if nothing is.
    pub quiet: Option<String>,
}

/// A measurement, for later editions and for whoever asks how a number came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub kpi: Name,
    /// `dimension=value`; empty for the whole.
    pub segment: String,
    /// Or why there is none.
    pub value: Result<f64, String>,
    pub verdict: String,
    pub target: Option<String>,
    /// JSON.
    pub inputs: String,
    /// The first 12 hexadecimal digits of the SHA-256 of the KPI's definition.
    pub definition: String,
}

/// The run that mails belong to.
pub(super) struct Mailing<'a> {
    pub run: &'a str,
    pub report: &'a str,
    pub slot_key: &'a str,
    pub kind: Kind,
}

/// How often another node may be faster before the claim is left to the next call.
const RACES: usize = 5;

const CLAIM: &str = "WITH mine AS MATERIALIZED (SELECT run FROM run AS next WHERE state IN ('due', 'running') \
        AND (state = 'running' AND lease_until <= {now} OR state = 'due' AND not_before <= {now} \
            AND NOT EXISTS (SELECT 1 FROM run AS busy WHERE busy.report = next.report AND busy.state = 'running')) \
        ORDER BY slot_ms, run LIMIT 1 {skip}) \
    UPDATE run SET state = 'running', owner = $1, epoch = epoch + 1, lease_until = {now} + $2, \
    crashes = crashes + CASE state WHEN 'running' THEN 1 ELSE 0 END, started_ms = COALESCE(started_ms, {now}) \
    WHERE run IN (SELECT run FROM mine) \
    RETURNING run, report, kind, slot_ms, state, reason, attempt, crashes, created_ms, started_ms, done_ms, epoch";

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
            let (run, epoch) = (run(&row)?, row.get("epoch")?);
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
    /// The store can't be written; then nothing was, or, when only the answer was lost, all of it.
    pub async fn finish_run(&self, claim: &Claim, edition: &Edition, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = format!(
            "UPDATE run SET state = 'rendered', reason = NULL, owner = NULL, lease_until = NULL, period = $4, period_start = $5, \
             period_end = $6, config = $7 WHERE run = $1 AND {FENCE} AND state = 'running' RETURNING report, slot_key, kind"
        );
        let window = edition.window;
        let args =
            args![&claim.id, &claim.owner, claim.epoch, &edition.period, window.start, window.end, &edition.config];
        let Some(row) = tx.row(&sql, args).await? else { return Ok(false) };
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
            "UPDATE run SET state = 'due', owner = NULL, lease_until = NULL, not_before = $4, attempt = attempt + $5, reason = $6 \
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

    /// The letters and one delivery a recipient. Those who unsubscribed get a cancelled one, so that it can be seen why nothing came;
    /// letters to the admin go to whoever did not unsubscribe from everything.
    pub(super) async fn freeze(
        &self,
        tx: &mut Tx,
        mailing: &Mailing<'_>,
        letters: &[Artifact],
        to: &[Recipient],
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        if to.is_empty() {
            return end(tx, mailing.run, mailing.report, RunState::Skipped, "it has no recipients").await;
        }
        let rows = letters.iter().map(|letter| {
            args![
                mailing.run,
                &letter.audience,
                &letter.subject,
                letter.body.clone(),
                letter.light.clone(),
                letter.rendered,
                &letter.sender.from,
                letter.sender.reply_to.clone(),
                letter.sender.public_url.clone()
            ]
        });
        let into = "artifact (run, audience, subject, body, light, rendered_ms, sender, reply_to, public_url)";
        tx.insert(into, "", rows.collect(), "ON CONFLICT (run, audience) DO NOTHING").await?;
        let of = if mailing.kind == Kind::Alert { "" } else { mailing.report };
        let rows = tx.rows("SELECT recipient FROM suppression WHERE report = '' OR report = $1", args![of]).await?;
        let suppressed = rows.iter().map(|row| row.get("recipient")).collect::<Result<HashSet<String>, _>>()?;
        let rows = to.iter().map(|recipient| self.delivery(mailing, recipient, &suppressed, expires));
        let into =
            "delivery (delivery, run, recipient, email, name, audience, state, class, expires_ms, created_ms, next_ms)";
        tx.insert(into, "{now}, {now}", rows.collect(), "ON CONFLICT DO NOTHING").await?;
        roll_up(tx, mailing.run).await
    }

    fn delivery(
        &self,
        mailing: &Mailing,
        to: &Recipient,
        suppressed: &HashSet<String>,
        expires: Timestamp,
    ) -> Vec<Arg> {
        let key = recipient_key(&to.email);
        let (state, class) = match suppressed.contains(&key) {
            true => (DeliveryState::Cancelled, Some(UNSUBSCRIBED)),
            false => (DeliveryState::Queued, None),
        };
        let id = self.install.message_id(mailing.slot_key, &key, 0);
        args![id, mailing.run, key, &to.email, to.name.clone(), &to.audience, state.as_str(), class, expires]
    }
}

/// The class of deliveries that the reader does not want.
pub(super) const UNSUBSCRIBED: &str = "unsubscribed";

async fn keep(tx: &mut Tx, run: &str, kept: &[Kept]) -> Result<(), StoreError> {
    let rows = kept.iter().map(|kept| {
        let (value, missing) = (kept.value.as_ref().ok().copied(), kept.value.as_ref().err().cloned());
        let target = kept.target.clone();
        args![run, &kept.kpi, &kept.segment, value, missing, &kept.verdict, target, &kept.inputs, &kept.definition]
    });
    let into = "measurement (run, kpi, segment, value, missing, verdict, target, inputs, definition)";
    tx.insert(into, "", rows.collect(), "ON CONFLICT (run, kpi, segment) DO NOTHING").await?;
    Ok(())
}

/// Nothing more happens to the run by itself.
pub(super) async fn end(tx: &mut Tx, run: &str, report: &str, state: RunState, why: &str) -> Result<(), StoreError> {
    let sql = "UPDATE run SET state = $2, reason = $3, done_ms = {now} WHERE run = $1";
    tx.execute(sql, args![run, state.as_str(), why]).await?;
    tx.note(Event::of_run(state.as_str(), report, run, why));
    Ok(())
}

/// Moves the run on when all its deliveries are final: delivered when everybody got it or does not want it. The caller has locked the
/// run in this transaction, lest two that settle its last deliveries both leave it to the other.
pub(super) async fn roll_up(tx: &mut Tx, run: &str) -> Result<(), StoreError> {
    let sql = "SELECT delivery FROM delivery WHERE run = $1 AND state IN ('queued', 'sending') LIMIT 1";
    if tx.row(sql, args![run]).await?.is_some() {
        return Ok(());
    }
    let sql = "SELECT COUNT(DISTINCT recipient) AS readers, COUNT(DISTINCT CASE WHEN state = 'sent' THEN recipient END) AS sent, \
               COUNT(DISTINCT CASE WHEN state = 'cancelled' AND class = $2 THEN recipient END) AS unwanted, \
               (SELECT report FROM run WHERE run = $1) AS report FROM delivery WHERE run = $1";
    let Some(row) = tx.row(sql, args![run, UNSUBSCRIBED]).await? else { return Ok(()) };
    let count = |column| row.get::<i64>(column);
    let (readers, sent, unwanted) = (count("readers")?, count("sent")?, count("unwanted")?);
    let state = match sent {
        0 if unwanted == readers => RunState::Skipped,
        0 => RunState::Failed,
        _ if sent + unwanted >= readers => RunState::Delivered,
        _ => RunState::Partly,
    };
    let unwanted = if unwanted > 0 { format!(", {unwanted} unsubscribed") } else { String::new() };
    let why = format!("sent to {sent} of {readers} recipients{unwanted}");
    end(tx, run, &row.get::<String>("report")?, state, &why).await
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
        created: row.time("created_ms")?,
        started: row.maybe_time("started_ms")?,
        done: row.maybe_time("done_ms")?,
    })
}

pub(super) fn kind(row: &Row) -> Result<Kind, StoreError> {
    let kind: String = row.get("kind")?;
    Kind::parse(&kind).ok_or_else(|| StoreError::unknown("kind of run", &kind))
}
