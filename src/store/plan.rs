//! Slots → runs: planned once, whoever plans them, and ordered or told once under one key.

use super::db::{Tx, args};
use super::event::Event;
use super::{Store, StoreError};
use crate::outbox::{Artifact, Cursor, Kind, Planned, Recipient, RunState, Skipped, slot_key};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::HashMap;

/// The cursor is moved from where the planner found it.
pub(super) const COMPARED: &str = "planned_until = $4 AND schedule = $5";

const RUN: &str = "run (run, report, kind, slot_ms, slot_key, state, not_before, created_ms)";

impl Store {
    /// How far each report is planned.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn cursors(&self, now: Timestamp) -> Result<HashMap<Name, Cursor>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows("SELECT report, known_since, planned_until, schedule FROM report_cursor", args![]).await?;
        let cursors = rows.iter().map(|row| {
            let cursor = Cursor {
                known_since: row.time("known_since")?,
                planned_until: row.time("planned_until")?,
                schedule: row.get("schedule")?,
            };
            Ok((row.get::<String>("report")?.into(), cursor))
        });
        let cursors = cursors.collect::<Result<_, StoreError>>()?;
        tx.commit().await?;
        Ok(cursors)
    }

    /// Keeps what a look at the schedule ended with, and moves the cursor from `before`. `false`: somebody else has moved it, nothing
    /// was written.
    ///
    /// # Errors
    /// The store can't be written; then nothing was, or, when only the answer was lost, all of it.
    pub async fn plan(
        &self,
        report: &Name,
        before: Option<&Cursor>,
        planned: &Planned,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        if !move_cursor(&mut tx, report, before, &planned.cursor).await? {
            return Ok(false);
        }
        #[cfg(test)]
        if self.lacks(super::mutant::Mutant::CursorApart) {
            tx.commit().await?;
            tx = self.db.begin(now).await?;
        }
        let rows = planned.runs.iter().map(|slot| {
            let key = self.key(slot_key(report, *slot));
            let (id, kind, due) = (self.install.run_id(&key), Kind::Scheduled.as_str(), RunState::Due.as_str());
            args![id, report, kind, *slot, key, due, *slot]
        });
        let made =
            tx.insert(RUN, "{now}", rows.collect(), "ON CONFLICT (slot_key) DO NOTHING RETURNING run, slot_ms").await?;
        for row in made {
            let detail = format!("a run for {}", row.time("slot_ms")?);
            tx.note(Event::of_run("planned", report, &row.get::<String>("run")?, detail));
        }
        if let Some(skipped) = &planned.skipped {
            skip(&mut tx, report, skipped).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// A run made by hand, due at once; asked for again by the same `request` it is the same run. Gives its id.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn order(&self, report: &Name, request: &str, now: Timestamp) -> Result<String, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let key = format!("{report}|manual|{request}");
        let id = self.install.run_id(&key);
        let row = args![&id, report, Kind::Manual.as_str(), now, key, RunState::Due.as_str(), now];
        if !tx.insert(RUN, "{now}", vec![row], "ON CONFLICT (slot_key) DO NOTHING RETURNING run").await?.is_empty() {
            tx.note(Event::of_run("ordered", report, &id, "a run by hand"));
        }
        tx.commit().await?;
        Ok(id)
    }

    /// A letter to the admin, to be delivered until `expires` like any other. `false`: they were told already under that `key`.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn alert(
        &self,
        key: &str,
        about: &Name,
        letter: &Artifact,
        to: &[Recipient],
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let slot_key = format!("{key}|alert");
        let run = self.install.run_id(&slot_key);
        let row = args![&run, about, Kind::Alert.as_str(), now, &slot_key, RunState::Rendered.as_str(), now];
        if tx.insert(RUN, "{now}", vec![row], "ON CONFLICT DO NOTHING RETURNING run").await?.is_empty() {
            return Ok(false);
        }
        tx.note(Event::of_run("alerted", about, &run, format!("a letter to {} admins", to.len())));
        let mailing = super::edition::Mailing { run: &run, report: about, slot_key: &slot_key, kind: Kind::Alert };
        self.freeze(&mut tx, &mailing, std::slice::from_ref(letter), to, expires).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Two runs of one key are one run.
    #[cfg(not(test))]
    fn key(&self, key: String) -> String {
        key
    }

    #[cfg(test)]
    fn key(&self, key: String) -> String {
        static MADE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        match self.lacks(super::mutant::Mutant::NoUniqueKey) {
            true => format!("{key}#{}", MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed)),
            false => key,
        }
    }
}

/// Whether the cursor was where the planner found it.
async fn move_cursor(tx: &mut Tx, report: &Name, before: Option<&Cursor>, to: &Cursor) -> Result<bool, StoreError> {
    let moved = match before {
        Some(before) => {
            let sql =
                format!("UPDATE report_cursor SET planned_until = $2, schedule = $3 WHERE report = $1 AND {COMPARED}");
            let before = (before.planned_until, &before.schedule);
            tx.execute(&sql, args![report, to.planned_until, &to.schedule, before.0, before.1]).await?
        }
        None => {
            let sql = "INSERT INTO report_cursor (report, known_since, planned_until, schedule) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (report) DO NOTHING";
            tx.execute(sql, args![report, to.known_since, to.planned_until, &to.schedule]).await?
        }
    };
    Ok(moved == 1)
}

async fn skip(tx: &mut Tx, report: &Name, skipped: &Skipped) -> Result<(), StoreError> {
    let count = i64::try_from(skipped.count).unwrap_or(i64::MAX);
    let sql = "INSERT INTO skip (report, from_ms, to_ms, count, reason, at_ms) VALUES ($1, $2, $3, $4, $5, {now}) \
               ON CONFLICT (report, from_ms) DO UPDATE SET to_ms = excluded.to_ms, count = excluded.count, \
               reason = excluded.reason WHERE excluded.to_ms > skip.to_ms";
    tx.execute(sql, args![report, skipped.from, skipped.to, count, skipped.why]).await?;
    let detail = format!("{count} from {} to {}: {}", skipped.from, skipped.to, skipped.why);
    tx.note(Event::of_report("skipped", report, detail));
    Ok(())
}
