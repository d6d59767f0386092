//! Deliveries from queued to their end: claimed in a transaction of their own before the first byte goes out, settled after the last.

use super::db::{Row, Tx, args};
use super::edition::roll_up;
use super::event::Event;
use super::runs::kind;
use super::{FENCE, LEASE_MS, Store, StoreError};
use crate::outbox::{Artifact, Claim, Delivery, DeliveryState, LAST_LOOK, Recipient, Sender, Trouble};
use jiff::Timestamp;

/// What an attempt ended with.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The server took responsibility for the mail.
    Sent { reply: String },
    /// It is queued again; `charged`: that was an attempt.
    Again { at: Timestamp, charged: bool, class: Trouble, reply: String },
    /// It is queued again at once, without attachments.
    Lighter { reply: String },
    /// It is given up.
    Final { state: DeliveryState, class: Trouble, reply: String },
}

/// Takes turns among runs, so that a report of thousands of mails delays no other.
const CLAIM: &str = "WITH mine AS MATERIALIZED (SELECT next.delivery FROM delivery AS next JOIN (SELECT delivery, next_ms, \
            ROW_NUMBER() OVER (PARTITION BY run ORDER BY next_ms, delivery) AS turn \
            FROM delivery WHERE state = 'queued' AND next_ms <= {now}) AS fair ON fair.delivery = next.delivery \
        WHERE next.state = 'queued' ORDER BY fair.turn, fair.next_ms, fair.delivery LIMIT $2 {skip of next}) \
    UPDATE delivery SET state = 'sending', owner = $1, epoch = epoch + 1, lease_until = {now} + $3, dot = 0 \
    WHERE delivery IN (SELECT delivery FROM mine) AND state = 'queued' AND next_ms <= {now} RETURNING ";

const CLAIM_DEAD: &str = "WITH mine AS MATERIALIZED (SELECT delivery FROM delivery WHERE state = 'sending' AND lease_until <= {now} \
        ORDER BY lease_until, delivery LIMIT $2 {skip}) \
    UPDATE delivery SET owner = $1, epoch = epoch + 1, lease_until = {now} + $3 \
    WHERE delivery IN (SELECT delivery FROM mine) AND state = 'sending' AND lease_until <= {now} RETURNING ";

const COLUMNS: &str = "delivery, run, recipient, email, name, audience, revision, light, state, attempt, next_ms, expires_ms, \
    epoch, dot, class, reply, created_ms, sent_ms, (SELECT report FROM run WHERE run.run = delivery.run) AS report, \
    (SELECT kind FROM run WHERE run.run = delivery.run) AS kind, \
    (SELECT slot_ms FROM run WHERE run.run = delivery.run) AS slot_ms";

/// What was sent under a claim that was lost.
const LATE: &str = "late_commit";

/// As many dead deliveries as are looked at in one call.
const MOST_DEAD: u32 = 50;

impl Store {
    /// Claims queued deliveries whose time has come, `most` at most: the first of each run, then the second of each, and so on.
    ///
    /// # Errors
    /// The store can't be written: none was claimed, or, when only the answer was lost, they come back as dead.
    pub async fn claim_deliveries(
        &self,
        node: &str,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<(Delivery, Claim)>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows(&format!("{CLAIM}{COLUMNS}"), args![node, most, LEASE_MS]).await?;
        let claimed = rows.iter().map(|row| claimed(row, node)).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Claims deliveries whose worker died while sending, each with whether its end of message may have gone out, as far as
    /// [`Store::last_look`] marked it.
    ///
    /// # Errors
    /// The store can't be written: none was claimed.
    pub async fn claim_dead_deliveries(
        &self,
        node: &str,
        now: Timestamp,
    ) -> Result<Vec<(Delivery, Claim, bool)>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows(&format!("{CLAIM_DEAD}{COLUMNS}"), args![node, MOST_DEAD, LEASE_MS]).await?;
        let mut dead = Vec::new();
        for row in &rows {
            let (delivery, claim) = claimed(row, node)?;
            let detail = "its worker died while it was sending";
            tx.note(Event::of_delivery("rescued", &delivery.report, &delivery.run, &delivery.id, detail));
            dead.push((delivery, claim, row.get::<i64>("dot")? != 0));
        }
        tx.commit().await?;
        Ok(dead)
    }

    /// What the readers of `audience` get.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn artifact(&self, run: &str, audience: &str, now: Timestamp) -> Result<Option<Artifact>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = "SELECT subject, body, light, rendered_ms, sender, reply_to, public_url FROM artifact WHERE run = $1 AND audience = $2";
        let row = tx.row(sql, args![run, audience]).await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Artifact {
            audience: audience.to_owned(),
            subject: row.get("subject")?,
            body: row.get("body")?,
            light: row.get("light")?,
            rendered: row.time("rendered_ms")?,
            sender: Sender {
                from: row.get("sender")?,
                reply_to: row.get("reply_to")?,
                public_url: row.get("public_url")?,
            },
        }))
    }

    /// Whether the mail may still go out under `claim`: asked right before its end is sent. `mark` writes down that from now on it may
    /// have gone out.
    ///
    /// # Errors
    /// The store can't be reached: the mail must not go out.
    pub async fn last_look(&self, claim: &Claim, mark: bool, now: Timestamp) -> Result<bool, StoreError> {
        #[cfg(test)]
        if self.lacks(super::mutant::Mutant::NoLastLook) {
            return Ok(true);
        }
        let mut tx = self.db.begin(now).await?;
        let held = format!("delivery = $1 AND {FENCE} AND state = 'sending' AND lease_until > {{now}} + $4");
        let sql = match mark {
            true => format!("UPDATE delivery SET dot = 1 WHERE {held} RETURNING delivery"),
            false => format!("SELECT delivery FROM delivery WHERE {held}"),
        };
        let left = i64::try_from(LAST_LOOK.as_millis()).expect("seconds fit");
        let row = tx.row(&sql, args![&claim.id, &claim.owner, claim.epoch, left]).await?;
        tx.commit().await?;
        Ok(row.is_some())
    }

    /// Keeps what became of the attempt, and moves the run on when that was its last open delivery. `false`: the claim was lost, and
    /// nothing was written unless the mail was sent: that is never forgotten.
    ///
    /// # Errors
    /// The store can't be written: to be tried again, above all when the mail was sent.
    pub async fn settle(&self, claim: &Claim, result: &Settled, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = "SELECT run, report FROM run WHERE run = (SELECT run FROM delivery WHERE delivery = $1) {lock}";
        let Some(row) = tx.row(sql, args![&claim.id]).await? else { return Ok(false) };
        let (run, report): (String, String) = (row.get("run")?, row.get("report")?);
        let event = match (written(&mut tx, claim, result).await?, result) {
            (true, result) => told(result),
            (false, Settled::Sent { .. }) if is_sent(&mut tx, claim).await? => return Ok(true),
            (false, Settled::Sent { reply }) => (LATE, set_sent(&mut tx, claim, reply).await?),
            (false, _) => return Ok(false),
        };
        tx.note(Event::of_delivery(event.0, &report, &run, &claim.id, event.1));
        if matches!(result, Settled::Sent { .. } | Settled::Final { .. }) {
            roll_up(&mut tx, &run).await?;
        }
        tx.commit().await?;
        Ok(event.0 != LATE)
    }

    /// Renews the claims; gives those that were lost.
    ///
    /// # Errors
    /// The store can't be written: none was renewed.
    pub async fn keep_deliveries(&self, claims: &[Claim], now: Timestamp) -> Result<Vec<Claim>, StoreError> {
        let sql = format!(
            "UPDATE delivery SET lease_until = {{now}} + $4 WHERE delivery = $1 AND {FENCE} AND state = 'sending'"
        );
        self.keep(&sql, claims, now).await
    }

    /// Mails that wait for the mail server, and for nothing else, until `until` at the latest are due now: it works again.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn relay_works(&self, until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = "UPDATE delivery SET next_ms = {now} \
                   WHERE state = 'queued' AND class = $1 AND next_ms > {now} AND next_ms <= $2";
        tx.execute(sql, args![Trouble::Relay.as_str(), until]).await?;
        tx.commit().await
    }

    /// Hands back all that the node holds, at once and without charge; for a clean stop, when no dialogue with a mail server is open.
    ///
    /// # Errors
    /// The store can't be written: others take over when the leases end.
    pub async fn release(&self, node: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = "UPDATE run SET state = 'due', owner = NULL, lease_until = NULL, not_before = {now} \
                   WHERE owner = $1 AND state = 'running' RETURNING run, report";
        for row in tx.rows(sql, args![node]).await? {
            let (run, report): (String, String) = (row.get("run")?, row.get("report")?);
            tx.note(Event::of_run("waiting", &report, &run, "its node was stopped"));
        }
        // What may have gone out is for whoever rescues it.
        let sql = "UPDATE delivery SET state = 'queued', owner = NULL, lease_until = NULL \
                   WHERE owner = $1 AND state = 'sending' AND dot = 0";
        tx.execute(sql, args![node]).await?;
        tx.execute("DELETE FROM node WHERE node = $1", args![node]).await?;
        tx.commit().await
    }
}

/// Whether the claim held: else nothing was written.
async fn written(tx: &mut Tx, claim: &Claim, result: &Settled) -> Result<bool, StoreError> {
    let held = format!("owner = NULL, lease_until = NULL WHERE delivery = $1 AND {FENCE} AND state = 'sending'");
    let mut args = args![&claim.id, &claim.owner, claim.epoch];
    let set = match result {
        Settled::Sent { reply } => {
            args.extend(args![reply]);
            "state = 'sent', sent_ms = {now}, class = NULL, reply = $4"
        }
        Settled::Again { at, charged, class, reply } => {
            args.extend(args![reply, class.as_str(), *at, i64::from(*charged)]);
            "state = 'queued', reply = $4, class = $5, next_ms = $6, attempt = attempt + $7"
        }
        Settled::Lighter { reply } => {
            args.extend(args![reply, Trouble::TooLarge.as_str()]);
            "state = 'queued', reply = $4, class = $5, light = 1, next_ms = {now}"
        }
        Settled::Final { state, class, reply } => {
            args.extend(args![reply, class.as_str(), state.as_str(), i64::from(*class != Trouble::Relay)]);
            "reply = $4, class = $5, state = $6, attempt = attempt + $7"
        }
    };
    Ok(tx.execute(&format!("UPDATE delivery SET {set}, {held}"), args).await? == 1)
}

/// Under this very claim: the answer to the commit was lost, and the result comes again.
async fn is_sent(tx: &mut Tx, claim: &Claim) -> Result<bool, StoreError> {
    let sql = "SELECT delivery FROM delivery WHERE delivery = $1 AND epoch = $2 AND state = 'sent'";
    Ok(tx.row(sql, args![&claim.id, claim.epoch]).await?.is_some())
}

/// The server has the mail, whatever others have thought of it since. Whoever holds it now has lost it.
async fn set_sent(tx: &mut Tx, claim: &Claim, reply: &str) -> Result<String, StoreError> {
    let sql = "UPDATE delivery SET state = 'sent', sent_ms = {now}, class = NULL, reply = $2, owner = NULL, lease_until = NULL, \
               epoch = epoch + 1 WHERE delivery = $1 AND state <> 'sent'";
    Ok(match tx.execute(sql, args![&claim.id, reply]).await? {
        0 => "the server took it after the claim was lost: it had been sent by another as well".to_owned(),
        _ => "the server took it after the claim was lost: it is not sent again".to_owned(),
    })
}

/// The event of a result.
fn told(result: &Settled) -> (&'static str, String) {
    match result {
        Settled::Sent { .. } => ("sent", "the server took it".to_owned()),
        Settled::Again { at, class, reply, .. } => ("retry", format!("at {at}, after {}", trouble(*class, reply))),
        Settled::Lighter { reply } => {
            ("lighter", format!("without attachments, after {}", trouble(Trouble::TooLarge, reply)))
        }
        Settled::Final { state, class, reply } => (state.as_str(), format!("after {}", trouble(*class, reply))),
    }
}

/// The kind of trouble and the code of the reply; its words may hold an address.
fn trouble(class: Trouble, reply: &str) -> String {
    let code: String = reply.chars().take_while(char::is_ascii_digit).take(3).collect();
    match code.len() {
        3 => format!("trouble `{}`, reply {code}", class.as_str()),
        _ => format!("trouble `{}`", class.as_str()),
    }
}

fn claimed(row: &Row, node: &str) -> Result<(Delivery, Claim), StoreError> {
    let delivery = delivery(row)?;
    let claim = Claim { id: delivery.id.clone(), owner: node.to_owned(), epoch: row.get("epoch")? };
    Ok((delivery, claim))
}

/// [`COLUMNS`].
pub(super) fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    let state: String = row.get("state")?;
    Ok(Delivery {
        id: row.get("delivery")?,
        run: row.get("run")?,
        report: row.get::<String>("report")?.into(),
        kind: kind(row)?,
        recipient: Recipient { name: row.get("name")?, email: row.get("email")?, audience: row.get("audience")? },
        slot: row.time("slot_ms")?,
        revision: row.number("revision")?,
        light: row.get::<i64>("light")? != 0,
        state: DeliveryState::parse(&state).ok_or_else(|| StoreError::unknown("state of a delivery", &state))?,
        attempt: row.number("attempt")?,
        next: row.time("next_ms")?,
        expires: row.time("expires_ms")?,
        class: row.get("class")?,
        reply: row.get("reply")?,
        created: row.time("created_ms")?,
        sent: row.maybe_time("sent_ms")?,
    })
}
