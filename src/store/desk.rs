//! What a person does to runs and deliveries: try again and stop; `resend` and `readers` have the rest.
//!
//! Each act leaves an event that names no address. What can't be done is [`StoreError::Refused`], in words that say what can.

use super::db::{Tx, args};
use super::edition::{end, roll_up};
use super::event::Event;
use super::listing::{delivery_state, run_state};
use super::{Store, StoreError};
use crate::outbox::{DeliveryState, RunState};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The class of deliveries that a person stopped.
pub(super) const BY_HAND: &str = "by-hand";

/// Of a delivery `d`: nothing newer was made for the same recipient.
pub(super) const LATEST: &str = "NOT EXISTS (SELECT 1 FROM delivery n
    WHERE n.run = d.run AND n.recipient = d.recipient AND n.revision > d.revision)";
/// Of a delivery `d` of the run `r`: its recipient may have mail of it.
const WANTED: &str =
    "NOT EXISTS (SELECT 1 FROM suppression s WHERE s.recipient = d.recipient AND s.report IN ('', r.report))";

impl Store {
    /// Tries again what `run` did not get out: its mails that bounced, expired or are held are queued until `expires`, each the same mail
    /// as before; a run that came to no mails is due again. Gives how many mails were queued.
    ///
    /// # Errors
    /// Nothing of it can be tried again; or the store fails.
    pub async fn retry_run(&self, run: &str, expires: Timestamp, now: Timestamp) -> Result<usize, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let found = find_run(&mut tx, run).await?;
        let failed = format!(
            "SELECT d.delivery, d.audience FROM delivery d JOIN run r ON r.run = d.run
             WHERE d.run = $1 AND d.state IN ('bounced', 'expired', 'held') AND {LATEST} AND {WANTED}"
        );
        let failed = tx.rows(&failed, args![run]).await?;
        for row in &failed {
            kept(&mut tx, &found, &row.get::<String>("audience")?).await?;
            requeue(&mut tx, &row.get::<String>("delivery")?, expires).await?;
        }
        match (failed.is_empty(), found.state) {
            (false, _) => reopen(&mut tx, run).await?,
            (true, RunState::Failed | RunState::Poisoned) if !found.has_mails => due_again(&mut tx, run).await?,
            (true, state) => return Err(not_retried(&found, state)),
        }
        let detail = match failed.len() {
            0 => "by hand: measured anew".to_owned(),
            mails => format!("by hand: {mails} of its mails queued again"),
        };
        tx.note(Event::of_run("retried", &found.report, run, detail));
        tx.commit().await?;
        Ok(failed.len())
    }

    /// Queues a mail that bounced, expired or is held again, until `expires`: the same mail under the same id.
    ///
    /// # Errors
    /// It is in no such state, its recipient wants no mail, or its content is no longer kept; or the store fails.
    pub async fn retry_delivery(&self, id: &str, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        let mail = find_mail(&mut tx, id).await?;
        let run = find_run(&mut tx, &mail.run).await?;
        match mail.state {
            DeliveryState::Queued | DeliveryState::Bounced | DeliveryState::Expired | DeliveryState::Held => {}
            state => return Err(refused(format!("mail {id} is {}: {}", state.as_str(), instead(state, &run)))),
        }
        wanted(&mut tx, &run.report, &mail.recipient).await?;
        kept(&mut tx, &run, &mail.audience).await?;
        requeue(&mut tx, id, expires).await?;
        reopen(&mut tx, &mail.run).await?;
        let detail = format!("by hand: it was {}", mail.state.as_str());
        tx.note(Event::of_delivery("retried", &run.report, &mail.run, id, detail));
        tx.commit().await
    }

    /// Stops a run: one that is due or running makes no mails, and mails not yet sent won't be. One that is with the mail server this moment
    /// may still arrive, and then counts as sent. Gives how many mails were stopped.
    ///
    /// # Errors
    /// Nothing of it can be stopped any more; or the store fails.
    pub async fn cancel_run(&self, run: &str, now: Timestamp) -> Result<usize, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let found = find_run(&mut tx, run).await?;
        let stopped = stop(&mut tx, "run = $1", run, "", BY_HAND).await?;
        match found.state {
            RunState::Due | RunState::Running => {
                take_away(&mut tx, run).await?;
                end(&mut tx, run, &found.report, RunState::Skipped, "cancelled by hand").await?;
            }
            state if stopped.is_empty() => {
                return Err(refused(format!("run {run} is {}: nothing of it can be stopped", state.as_str())));
            }
            _ => roll_up(&mut tx, run).await?,
        }
        if came_to_nothing(&mut tx, run).await? {
            end(&mut tx, run, &found.report, RunState::Skipped, "cancelled by hand").await?;
        }
        tx.note(Event::of_run(
            "cancelled",
            &found.report,
            run,
            format!("by hand: {} of its mails stopped", stopped.len()),
        ));
        tx.commit().await?;
        Ok(stopped.len())
    }

    /// Stops a mail that is not sent yet; see [`Store::cancel_run`].
    ///
    /// # Errors
    /// It is too late; or the store fails.
    pub async fn cancel_delivery(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        let mail = find_mail(&mut tx, id).await?;
        let run = find_run(&mut tx, &mail.run).await?;
        if stop(&mut tx, "delivery = $1", id, "", BY_HAND).await?.is_empty() {
            return Err(refused(format!("mail {id} is {}: it can't be stopped", mail.state.as_str())));
        }
        roll_up(&mut tx, &mail.run).await?;
        tx.note(Event::of_delivery("cancelled", &run.report, &mail.run, id, "by hand"));
        tx.commit().await
    }
}

/// A run as the acts need it.
pub(super) struct FoundRun {
    pub(super) id: String,
    pub(super) report: String,
    slot: Timestamp,
    pub(super) slot_key: String,
    state: RunState,
    has_mails: bool,
}

struct FoundMail {
    run: String,
    recipient: String,
    audience: String,
    state: DeliveryState,
}

pub(super) fn refused(text: String) -> StoreError {
    StoreError::Refused(text)
}

pub(super) async fn find_run(tx: &mut Tx, id: &str) -> Result<FoundRun, StoreError> {
    let sql =
        "SELECT r.*, (SELECT count(*) FROM delivery d WHERE d.run = r.run) AS mails FROM run r WHERE r.run = $1 {lock}";
    let row = tx.row(sql, args![id]).await?.ok_or_else(|| refused(format!("there is no run {id}")))?;
    Ok(FoundRun {
        id: id.to_owned(),
        report: row.get("report")?,
        slot: row.time("slot_ms")?,
        slot_key: row.get("slot_key")?,
        state: run_state(&row)?,
        has_mails: row.number("mails")? > 0,
    })
}

async fn find_mail(tx: &mut Tx, id: &str) -> Result<FoundMail, StoreError> {
    let row = tx.row("SELECT * FROM delivery WHERE delivery = $1", args![id]).await?;
    let row = row.ok_or_else(|| refused(format!("there is no mail {id}")))?;
    Ok(FoundMail {
        run: row.get("run")?,
        recipient: row.get("recipient")?,
        audience: row.get("audience")?,
        state: delivery_state(&row)?,
    })
}

/// Whether the content of a mail is still there.
pub(super) async fn kept(tx: &mut Tx, run: &FoundRun, audience: &str) -> Result<(), StoreError> {
    let found = tx.row("SELECT run FROM artifact WHERE run = $1 AND audience = $2", args![&run.id, audience]).await?;
    let FoundRun { id, report, slot, .. } = run;
    found.map(|_| ()).ok_or_else(|| {
        refused(format!(
            "run {id} has no mail in {audience} (any more: mails are kept 90 days): \
             `kpid send {report} --to ADDRESS --as-of {slot}` makes it anew"
        ))
    })
}

/// Whether `recipient` may have mail of `report`.
pub(super) async fn wanted(tx: &mut Tx, report: &str, recipient: &str) -> Result<(), StoreError> {
    let sql = "SELECT report, why FROM suppression WHERE recipient = $1 AND report IN ('', $2)";
    let Some(row) = tx.row(sql, args![recipient, report]).await? else { return Ok(()) };
    let scope: String = row.get("report")?;
    let option = if scope.is_empty() { String::new() } else { format!(" --report {scope}") };
    let why: String = row.get("why")?;
    Err(refused(format!(
        "{recipient} wants no mail ({why}): `kpid outbox allow {recipient}{option}` when that has changed"
    )))
}

fn not_retried(run: &FoundRun, state: RunState) -> StoreError {
    let FoundRun { id, report, .. } = run;
    let instead = match state {
        RunState::Due | RunState::Running | RunState::Rendered => "it is under way".to_owned(),
        RunState::Skipped => format!("`kpid run-now {report}` makes an edition all the same"),
        _ => format!("nothing is left to try again; `kpid outbox resend {id} --to ADDRESS` sends its mail once more"),
    };
    refused(format!("run {id} is {}: {instead}", state.as_str()))
}

/// What to do about a mail that can't be tried again.
fn instead(state: DeliveryState, run: &FoundRun) -> String {
    match state.is_final() {
        false => "it is under way".to_owned(),
        true => format!("`kpid outbox resend {} --to ADDRESS` sends it as a new mail", run.id),
    }
}

async fn requeue(tx: &mut Tx, delivery: &str, expires: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE delivery SET state = 'queued', attempt = 0, next_ms = {now}, expires_ms = $2, owner = NULL,
                lease_until = NULL, dot = 0
         WHERE delivery = $1 AND state IN ('queued', 'bounced', 'expired', 'held')",
        args![delivery, expires],
    )
    .await
    .map(|_| ())
}

/// The run has mails on their way again.
pub(super) async fn reopen(tx: &mut Tx, run: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE run SET state = 'rendered', reason = NULL, done_ms = NULL WHERE run = $1", args![run]).await?;
    Ok(())
}

/// Whoever works on the run has lost it.
async fn take_away(tx: &mut Tx, run: &str) -> Result<(), StoreError> {
    let sql = "UPDATE run SET epoch = epoch + 1, owner = NULL, lease_until = NULL WHERE run = $1";
    tx.execute(sql, args![run]).await.map(|_| ())
}

/// Whether the run has failed, though none of its mails has.
async fn came_to_nothing(tx: &mut Tx, run: &str) -> Result<bool, StoreError> {
    let sql = "SELECT run FROM run WHERE run = $1 AND state = 'failed'
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.run = $1 AND d.state IN ('bounced', 'expired'))";
    Ok(tx.row(sql, args![run]).await?.is_some())
}

/// As if it had never been begun, so that deadlines count anew as well.
async fn due_again(tx: &mut Tx, run: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE run SET state = 'due', reason = NULL, attempt = 0, crashes = 0, owner = NULL, lease_until = NULL,
                not_before = {now}, started_ms = COALESCE(started_ms, slot_ms), done_ms = NULL
         WHERE run = $1",
        args![run],
    )
    .await
    .map(|_| ())
}

/// Stops the mails for which `its` (its values are `one` and `two`) holds and that are not sent, whoever works on them. Gives the run
/// of each.
pub(super) async fn stop(tx: &mut Tx, its: &str, one: &str, two: &str, class: &str) -> Result<Vec<String>, StoreError> {
    let open = format!("{its} AND $2 = $2 AND state IN ('queued', 'sending', 'held')");
    // Runs before deliveries, as whoever settles one locks them.
    let runs =
        format!("SELECT run FROM run WHERE run IN (SELECT run FROM delivery WHERE {open}) ORDER BY run {{lock}}");
    tx.rows(&runs, args![one, two]).await?;
    let sql = format!(
        "UPDATE delivery SET state = 'cancelled', class = $3, reply = NULL, epoch = epoch + 1, owner = NULL, lease_until = NULL
         WHERE {open} RETURNING run"
    );
    tx.rows(&sql, args![one, two, class]).await?.iter().map(|row| row.get("run")).collect()
}

/// Ends those of `runs` of which no mail is under way any more.
pub(super) async fn settle(tx: &mut Tx, runs: &[String]) -> Result<(), StoreError> {
    for run in runs.iter().collect::<BTreeSet<_>>() {
        roll_up(tx, run).await?;
    }
    Ok(())
}
