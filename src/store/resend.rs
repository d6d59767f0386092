//! The frozen mail of a run, once more: a new mail with a Message-ID of its own, to those it failed or to whom a person names.

use super::db::{Row, Tx, args};
use super::desk::{BY_HAND, FoundRun, LATEST, find_run, kept, refused, reopen, stop, wanted};
use super::event::Event;
use super::listing::delivery_state;
use super::{Store, StoreError};
use crate::outbox::{DeliveryState, Recipient, recipient_key};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Who gets the mail of a run once more.
#[derive(Debug, Clone, Copy)]
pub enum Resend<'a> {
    /// Everybody whose mail bounced, expired, or is held.
    Failed,
    /// These, whether they had it or not. Who had it reads it again in the same language.
    To(&'a [Recipient]),
}

/// Who gets a mail once more, and what there was before.
struct Before {
    recipient: Recipient,
    light: bool,
    revision: Option<u32>,
    last: Option<(String, DeliveryState)>,
}

impl Store {
    /// Sends the frozen mail of a run once more, as a new mail (the next revision, with a Message-ID of its own), until `expires`.
    /// Gives the ids.
    ///
    /// # Errors
    /// Nobody's mail failed, somebody's is still under way or is not wanted, or the content is no longer kept; or the store fails.
    pub async fn resend(
        &self,
        run: &str,
        to: Resend<'_>,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let found = find_run(&mut tx, run).await?;
        let latest = format!("SELECT d.* FROM delivery d JOIN run r ON r.run = d.run WHERE d.run = $1 AND {LATEST}");
        let before: Vec<Before> =
            tx.rows(&latest, args![run]).await?.iter().map(Before::read).collect::<Result<_, _>>()?;
        let again = match to {
            Resend::Failed => failed(&mut tx, &found, before).await?,
            Resend::To(recipients) => named(&mut tx, &found, before, recipients).await?,
        };
        let mut ids = Vec::new();
        for mail in again {
            kept(&mut tx, &found, &mail.recipient.audience).await?;
            ids.push(self.repeat(&mut tx, &found, &mail, expires).await?);
        }
        reopen(&mut tx, run).await?;
        let detail = format!("by hand: {} new mails", ids.len());
        tx.note(Event::of_run("resent", &found.report, run, detail));
        tx.commit().await?;
        Ok(ids)
    }

    async fn repeat(
        &self,
        tx: &mut Tx,
        run: &FoundRun,
        mail: &Before,
        expires: Timestamp,
    ) -> Result<String, StoreError> {
        let key = recipient_key(&mail.recipient.email);
        let revision = mail.revision.map_or(0, |revision| revision + 1);
        let id = self.install().message_id(&run.slot_key, &key, revision);
        if let Some((held, _)) = mail.last.as_ref().filter(|(_, state)| *state == DeliveryState::Held) {
            stop(tx, "delivery = $1", held, "", BY_HAND).await?;
        }
        let Recipient { name, email, audience } = &mail.recipient;
        tx.execute(
            "INSERT INTO delivery (delivery, run, recipient, email, name, audience, revision, light, state,
                                   next_ms, expires_ms, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', {now}, $9, {now})",
            args![&id, &run.id, key, email, name.as_deref(), audience, revision, i64::from(mail.light), expires],
        )
        .await?;
        Ok(id)
    }
}

impl Before {
    fn read(row: &Row) -> Result<Before, StoreError> {
        let recipient = Recipient { name: row.get("name")?, email: row.get("email")?, audience: row.get("audience")? };
        Ok(Before {
            recipient,
            light: row.get::<i64>("light")? != 0,
            revision: Some(row.number("revision")?),
            last: Some((row.get("delivery")?, delivery_state(row)?)),
        })
    }
}

/// Those whose mail failed and who want it.
async fn failed(tx: &mut Tx, run: &FoundRun, before: Vec<Before>) -> Result<Vec<Before>, StoreError> {
    let mut again = Vec::new();
    for mail in before {
        let failed = mail.last.as_ref().is_some_and(|(_, state)| {
            matches!(state, DeliveryState::Bounced | DeliveryState::Expired | DeliveryState::Held)
        });
        if !failed {
            continue;
        }
        match wanted(tx, &run.report, &recipient_key(&mail.recipient.email)).await {
            Ok(()) => again.push(mail),
            Err(StoreError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    match again.is_empty() {
        true => Err(refused(format!("no mail of run {} failed: name who gets it with `--to ADDRESS`", run.id))),
        false => Ok(again),
    }
}

/// Those named, each once.
async fn named(
    tx: &mut Tx,
    run: &FoundRun,
    before: Vec<Before>,
    recipients: &[Recipient],
) -> Result<Vec<Before>, StoreError> {
    let key = |mail: &Before| recipient_key(&mail.recipient.email);
    let mut known: BTreeMap<String, Before> = before.into_iter().map(|mail| (key(&mail), mail)).collect();
    let mut again: BTreeMap<String, Before> = BTreeMap::new();
    for recipient in recipients {
        let key = recipient_key(&recipient.email);
        wanted(tx, &run.report, &key).await?;
        let new = || Before { recipient: recipient.clone(), light: false, revision: None, last: None };
        let mail = known.remove(&key).unwrap_or_else(new);
        if let Some((id, _)) = mail.last.as_ref().filter(|(_, state)| !state.is_final()) {
            return Err(refused(format!("mail {id} to {key} is still under way: `kpid outbox cancel {id}` stops it")));
        }
        again.entry(key).or_insert(mail);
    }
    Ok(again.into_values().collect())
}
