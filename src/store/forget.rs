//! An address, taken out of the store for good.
//!
//! What was delivered stays as a fact about nobody: the address gives way to a random placeholder, the same in all its rows. What holds
//! mails encoded, so that it can't be searched, are letters to the admin, which may name the address: those that are delivered go.
//! On SQLite the whole file is written anew, for pages keep remains of rows that were changed or moved, also under `secure_delete`;
//! daemons wait meanwhile. Backups, and on PostgreSQL the server's own log and dead rows, are the admin's to look after.

use super::db::{Tx, args};
use super::desk::{settle, stop};
use super::event::Event;
use super::runs::UNSUBSCRIBED;
use super::{Store, StoreError};
use crate::outbox::recipient_key;
use jiff::Timestamp;

/// What was found of an address, and is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Mails to it, sent or not.
    pub mails: u64,
    /// Of these, how many were not sent, and won't be.
    pub stopped: usize,
    /// Wishes to have no mail.
    pub suppressions: u64,
    /// Other texts that named it: reasons, answers of mail servers.
    pub texts: u64,
    /// Letters to the admin still under way: they may name it until they are delivered and this is said again.
    pub letters: u32,
}

/// Texts that may name an address, with the column they are in.
const TEXTS: [(&str, &str); 4] = [("event", "detail"), ("run", "reason"), ("delivery", "reply"), ("skip", "reason")];

impl Store {
    /// # Errors
    /// The store fails, or its file can't be written anew: then it is to be said again.
    pub async fn forget(&self, address: &str, now: Timestamp) -> Result<Forgotten, StoreError> {
        let key = recipient_key(address);
        let mut forgotten = Forgotten::default();
        let mut tx = self.db.begin(now).await?;
        let runs = stop(&mut tx, "recipient = $1", &key, "", UNSUBSCRIBED).await?;
        forgotten.stopped = runs.len();
        let anonymous =
            "UPDATE delivery SET recipient = $2, email = $2, name = NULL, reply = NULL WHERE recipient = $1";
        forgotten.mails = tx.execute(anonymous, args![&key, placeholder()?]).await?;
        let wishes = "DELETE FROM suppression WHERE recipient = $1";
        forgotten.suppressions = tx.execute(wishes, args![&key]).await?;
        forgotten.texts = scrub(&mut tx, &key).await?;
        forgotten.letters = letters(&mut tx).await?;
        settle(&mut tx, &runs).await?;
        tx.note(Event::of("forgotten", None, format!("a recipient of {} mails", forgotten.mails)));
        tx.commit().await?;
        self.write_anew().await?;
        Ok(forgotten)
    }

    /// Leaves nothing in the file but what the tables hold, and nothing in the write-ahead log.
    async fn write_anew(&self) -> Result<(), StoreError> {
        let Some(pool) = self.db.sqlite() else { return Ok(()) };
        let done = async {
            sqlx::query("VACUUM").execute(pool).await?;
            sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await
        };
        let why = match done.await {
            Ok(0) => return Ok(()),
            Ok(_) => "somebody reads it".to_owned(),
            Err(error) => match StoreError::database(error) {
                StoreError::Database(why) => why,
                other => other.to_string(),
            },
        };
        Err(StoreError::Database(format!("remains of the address may be left in its file ({why}): say it again")))
    }
}

fn placeholder() -> Result<String, StoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Refused(format!("no random bytes: {error}")))?;
    Ok(format!("forgotten-{:016x}", u64::from_be_bytes(bytes)))
}

/// Replaces the texts that name the address. Keys of alerts do when the alert is about it.
async fn scrub(tx: &mut Tx, key: &str) -> Result<u64, StoreError> {
    let escaped = key.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = format!("%{escaped}%");
    let mut texts = 0;
    for (table, column) in TEXTS {
        let sql = format!(
            "UPDATE {table} SET {column} = 'named an address that was forgotten' WHERE lower({column}) LIKE $1 ESCAPE '\\'"
        );
        texts += tx.execute(&sql, args![&pattern]).await?;
    }
    let keys = "UPDATE run SET slot_key = 'forgotten|' || run WHERE lower(slot_key) LIKE $1 ESCAPE '\\'";
    texts += tx.execute(keys, args![&pattern]).await?;
    Ok(texts)
}

/// Throws away the letters to the admin that are delivered, and counts the others.
async fn letters(tx: &mut Tx) -> Result<u32, StoreError> {
    let done = "DELETE FROM artifact WHERE run IN (SELECT run FROM run WHERE kind = 'alert' AND done_ms IS NOT NULL)";
    tx.execute(done, args![]).await?;
    let open = "SELECT count(*) AS letters FROM run WHERE kind = 'alert' AND done_ms IS NULL";
    let row = tx.row(open, args![]).await?;
    row.map_or(Ok(0), |row| row.number("letters"))
}
