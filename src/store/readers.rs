//! Who wants no mail: of a report, or at all.

use super::db::args;
use super::desk::{settle, stop};
use super::edition::UNSUBSCRIBED;
use super::event::Event;
use super::{Store, StoreError};
use crate::outbox::recipient_key;
use crate::text::Name;
use jiff::Timestamp;

impl Store {
    /// Sends `recipient` no mail of `report`, or none at all, from now on. Gives how many that were queued or held are stopped by it.
    ///
    /// # Errors
    /// The store fails.
    pub async fn suppress(
        &self,
        recipient: &str,
        report: Option<&Name>,
        why: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let key = recipient_key(recipient);
        let scope = report.map_or("", |report| &**report);
        let mut tx = self.db.begin(now).await?;
        tx.execute(
            "INSERT INTO suppression (recipient, report, since_ms, why) VALUES ($1, $2, {now}, $3)
             ON CONFLICT (recipient, report) DO NOTHING",
            args![&key, scope, why],
        )
        .await?;
        let its = "recipient = $1 AND ($2 = '' OR run IN (SELECT run FROM run WHERE report = $2))";
        let stopped = stop(&mut tx, its, &key, scope, UNSUBSCRIBED).await?;
        settle(&mut tx, &stopped).await?;
        tx.note(Event::of("suppressed", report, format!("a recipient gets no mail of {}: {why}", named_scope(report))));
        tx.commit().await?;
        Ok(stopped.len())
    }

    /// Whoever wants no mail of the report `old` wants none of `new` either, which it is called now.
    ///
    /// # Errors
    /// The store fails.
    pub async fn suppress_as(&self, old: &Name, new: &Name, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = "INSERT INTO suppression (recipient, report, since_ms, why)
                   SELECT recipient, $2, since_ms, why FROM suppression WHERE report = $1 ON CONFLICT DO NOTHING";
        tx.execute(sql, args![old, new]).await?;
        tx.commit().await
    }

    /// Takes a suppression back; false when there was none just so.
    ///
    /// # Errors
    /// The store fails.
    pub async fn unsuppress(&self, recipient: &str, report: Option<&Name>, now: Timestamp) -> Result<bool, StoreError> {
        let scope = report.map_or("", |report| &**report);
        let mut tx = self.db.begin(now).await?;
        let sql = "DELETE FROM suppression WHERE recipient = $1 AND report = $2";
        let there = tx.execute(sql, args![recipient_key(recipient), scope]).await? > 0;
        if there {
            tx.note(Event::of("allowed", report, format!("a recipient may get mail of {} again", named_scope(report))));
        }
        tx.commit().await?;
        Ok(there)
    }
}

fn named_scope(report: Option<&Name>) -> &str {
    report.map_or("any report", |report| report)
}
