//! What a run ends with, frozen: its letters, who gets them, what it measured; and what it is called when they got it.

use super::db::{Arg, Tx, args};
use super::event::Event;
use super::{Store, StoreError};
use crate::calendar::Window;
use crate::outbox::{Artifact, DeliveryState, Kind, Recipient, RunState, recipient_key};
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

impl Store {
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

/// What the run measured.
pub(super) async fn keep(tx: &mut Tx, run: &str, kept: &[Kept]) -> Result<(), StoreError> {
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
               (SELECT report FROM run WHERE run = $1 AND state NOT IN ('due', 'running')) AS report \
               FROM delivery WHERE run = $1";
    let Some(row) = tx.row(sql, args![run, UNSUBSCRIBED]).await? else { return Ok(()) };
    // A run that was begun anew ends by itself.
    let Some(report) = row.get::<Option<String>>("report")? else { return Ok(()) };
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
    end(tx, run, &report, state, &why).await
}
