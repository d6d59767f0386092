//! Which daemons work on the store, when one last did, and whether planning is on hold.
//!
//! A clock that jumped far ahead would give up every fire time in between. A daemon that sees such a jump holds planning, which all
//! nodes obey, until somebody has looked at the clock.

use super::db::{Row, args};
use super::event::Event;
use super::schema::meta;
use super::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

/// A daemon that works on the store, or did within a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// A new random name each time it starts.
    pub node: String,
    pub host: String,
    /// Of kpid.
    pub version: String,
    /// The version of its catalogue.
    pub config: String,
    pub started: Timestamp,
    pub seen: Timestamp,
    /// How long ago that was, by the clock that the nodes go by.
    pub silent: SignedDuration,
}

impl Node {
    /// Whether it is to be counted on: it says so every few seconds.
    pub fn is_alive(&self) -> bool {
        self.silent < SignedDuration::from_secs(60)
    }
}

/// Nothing is planned until somebody says `resume`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub since: Timestamp,
    pub why: String,
}

/// How long a node is remembered that is not seen, in milliseconds.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1000;

impl Store {
    /// A node is alive: to be said every few seconds. Nodes that were not seen for a day are forgotten.
    ///
    /// # Errors
    /// The store fails.
    pub async fn beat(
        &self,
        node: &str,
        host: &str,
        version: &str,
        config: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        tx.execute(
            "INSERT INTO node (node, host, version, config, started_ms, seen_ms) VALUES ($1, $2, $3, $4, {now}, {now})
             ON CONFLICT (node) DO UPDATE SET host = $2, version = $3, config = $4, seen_ms = {now}",
            args![node, host, version, config],
        )
        .await?;
        let unseen = format!("DELETE FROM node WHERE seen_ms < {{now}} - {FORGOTTEN}");
        tx.execute(&unseen, args![]).await?;
        tx.execute(
            "INSERT INTO meta (key, value) VALUES ('heartbeat_ms', CAST({now} AS TEXT))
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            args![],
        )
        .await?;
        tx.commit().await
    }

    /// When any node was last alive, however long ago.
    ///
    /// # Errors
    /// The store fails.
    pub async fn heartbeat(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let beat = meta(&mut tx, "heartbeat_ms").await?;
        tx.commit().await?;
        Ok(beat.and_then(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok()))
    }

    /// By how much `now` is ahead of the store's own clock; nothing on SQLite, which has none.
    ///
    /// # Errors
    /// The store fails.
    pub async fn skew(&self, now: Timestamp) -> Result<SignedDuration, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let row = tx.row("SELECT CAST({now} AS BIGINT) AS now_ms", args![]).await?;
        tx.commit().await?;
        row.map_or(Ok(SignedDuration::ZERO), |row| Ok(now.duration_since(row.time("now_ms")?)))
    }

    /// The one last seen first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn nodes(&self, now: Timestamp) -> Result<Vec<Node>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let rows =
            tx.rows("SELECT node.*, {now} - seen_ms AS silent FROM node ORDER BY seen_ms DESC, node", args![]).await?;
        tx.commit().await?;
        let node = |row: &Row| {
            Ok(Node {
                node: row.get("node")?,
                host: row.get("host")?,
                version: row.get("version")?,
                config: row.get("config")?,
                started: row.time("started_ms")?,
                seen: row.time("seen_ms")?,
                silent: SignedDuration::from_millis(row.get("silent")?),
            })
        };
        rows.iter().map(node).collect()
    }

    /// No node plans any more. What already holds planning stays the reason.
    ///
    /// # Errors
    /// The store fails.
    pub async fn hold_planning(&self, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        let held = tx
            .execute(
                "INSERT INTO meta (key, value) VALUES ('planning_held', CAST({now} AS TEXT) || ' ' || $1)
                 ON CONFLICT (key) DO NOTHING",
                args![why],
            )
            .await?;
        if held > 0 {
            tx.note(Event::of("planning_held", None, why));
        }
        tx.commit().await
    }

    /// Planning goes on; false when it was not held.
    ///
    /// # Errors
    /// The store fails.
    pub async fn resume_planning(&self, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let held = tx.execute("DELETE FROM meta WHERE key = 'planning_held'", args![]).await? > 0;
        if held {
            tx.note(Event::of("planning_resumed", None, "by hand"));
        }
        tx.commit().await?;
        Ok(held)
    }

    /// Since when and why nothing is planned, when that is so.
    ///
    /// # Errors
    /// The store fails.
    pub async fn planning_held(&self, now: Timestamp) -> Result<Option<Held>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let held = meta(&mut tx, "planning_held").await?;
        tx.commit().await?;
        Ok(held.map(|held| {
            let (since, why) = held.split_once(' ').unwrap_or(("", &held));
            let since = since.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            Held { since: since.unwrap_or(now), why: why.to_owned() }
        }))
    }
}
