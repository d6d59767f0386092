//! What a simulation needs of a store: calls that fail when it says so, and a journal of every row that changed (tests only).

use super::{Store, StoreError};
use sqlx::{AssertSqlSafe, Row as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What goes wrong with the store, for one of the nodes that share it.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    wanted: Mutex<Option<Wanted>>,
    begun: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// No call gets through.
    Cut,
    /// The nth commit from now fails: nothing was written.
    Refused(u32),
    /// The nth commit from now happens, and its answer is lost.
    Unheard(u32),
}

/// What becomes of a commit.
pub(super) enum Fate {
    Happens,
    Refused,
    Unheard,
}

/// A row as a change left it. What the numbers and words are depends on the table, see [`JOURNAL`].
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub table: String,
    pub id: String,
    pub of: String,
    pub state: String,
    pub owner: Option<String>,
    pub epoch: i64,
    pub lease: i64,
    pub at: i64,
    pub until: i64,
    pub count: i64,
    pub word: String,
}

/// Table → what is noted: id, of, state, owner, epoch, lease, at, until, count, word.
const JOURNAL: [(&str, &str); 4] = [
    ("run", "N.run, N.report, N.state, N.owner, N.epoch, N.lease_until, N.slot_ms, N.not_before, N.crashes, N.kind"),
    (
        "delivery",
        "N.delivery, N.run, N.state, N.owner, N.epoch, N.lease_until, N.next_ms, N.expires_ms, N.attempt, N.recipient",
    ),
    ("report_cursor", "N.report, '', '', NULL, 0, NULL, N.planned_until, N.known_since, 0, N.schedule"),
    ("skip", "N.report, '', '', NULL, 0, NULL, N.from_ms, N.to_ms, N.count, N.reason"),
];

impl Trouble {
    pub(crate) fn set(&self, wanted: Option<Wanted>) {
        *self.wanted.lock().unwrap() = wanted;
    }

    /// Whether a commit is still to fail.
    pub(crate) fn is_armed(&self) -> bool {
        matches!(*self.wanted.lock().unwrap(), Some(Wanted::Refused(_) | Wanted::Unheard(_)))
    }

    /// How many transactions were begun.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        match *self.wanted.lock().unwrap() {
            Some(Wanted::Cut) => Err(StoreError::Database("cut off".to_owned())),
            _ => Ok(()),
        }
    }

    pub(super) fn commit(&self) -> Fate {
        let mut wanted = self.wanted.lock().unwrap();
        let (next, fate) = match *wanted {
            Some(Wanted::Refused(0)) => (None, Fate::Refused),
            Some(Wanted::Unheard(0)) => (None, Fate::Unheard),
            Some(Wanted::Refused(n)) => (Some(Wanted::Refused(n - 1)), Fate::Happens),
            Some(Wanted::Unheard(n)) => (Some(Wanted::Unheard(n - 1)), Fate::Happens),
            other => (other, Fate::Happens),
        };
        *wanted = next;
        fate
    }
}

impl Store {
    /// The same store, with troubles of its own.
    pub(crate) fn troubled(&self) -> (Store, Arc<Trouble>) {
        let mut store = self.clone();
        store.db.trouble = Arc::default();
        let trouble = store.db.trouble.clone();
        (store, trouble)
    }

    /// Every change of a row is noted from now on.
    pub(crate) async fn keep_journal(&self) {
        let mut sql = "CREATE TABLE journal (n INTEGER PRIMARY KEY, place, id, of, state, owner, epoch, lease, at, until, number, word);".to_owned();
        for (table, columns) in JOURNAL {
            let columns = columns.replace("N.", "NEW.");
            for act in ["INSERT", "UPDATE"] {
                sql += &format!(
                    "CREATE TRIGGER journal_{table}_{act} AFTER {act} ON {table} BEGIN INSERT INTO journal (place, id, of, state, owner, \
                     epoch, lease, at, until, number, word) VALUES ('{table}', {columns}); END;"
                );
            }
        }
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self.memory()).await.expect("the journal is made");
    }

    /// What was noted after entry `after`, and the last entry's number.
    pub(crate) async fn journal(&self, after: i64) -> (Vec<Change>, i64) {
        let sql = "SELECT n, place, id, of, state, owner, epoch, lease, at, until, number, word FROM journal WHERE n > $1 ORDER BY n";
        let rows = sqlx::query(sql).bind(after).fetch_all(self.memory()).await.expect("the journal is read");
        let last = rows.last().map_or(after, |row| row.get("n"));
        let change = |row: &sqlx::sqlite::SqliteRow| Change {
            table: row.get("place"),
            id: row.get("id"),
            of: row.get("of"),
            state: row.get("state"),
            owner: row.get("owner"),
            epoch: row.get("epoch"),
            lease: row.get::<Option<i64>, _>("lease").unwrap_or(i64::MAX),
            at: row.get("at"),
            until: row.get("until"),
            count: row.get("number"),
            word: row.get("word"),
        };
        (rows.iter().map(change).collect(), last)
    }

    fn memory(&self) -> &sqlx::SqlitePool {
        self.db.sqlite().expect("simulations run in memory")
    }
}
