//! The two databases behind one face: transactions, statements and rows in one dialect of SQL.
//!
//! Statements are written with `$1`, `$2`, … and `{now}`: the present in epoch milliseconds, by the clock of PostgreSQL, which all nodes
//! share, or, on SQLite, the one given with the transaction. `{lock}` and `{skip}` lock the rows that a query finds and, the latter,
//! leave out those that others have locked; SQLite has one writer and needs neither. Everything runs in transactions and nothing is
//! prepared beyond one, so that a pooler between (PgBouncer, transaction mode) may hand each to another session.

use super::StoreError;
use super::event::{Event, EventIds};
use super::value::{for_postgres, for_sqlite};
use jiff::Timestamp;
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Executor, Postgres, Sqlite, Transaction, raw_sql};
use std::sync::Arc;

pub(super) use super::value::{Arg, Row, args};

/// What all clones of a store share.
#[derive(Debug, Clone)]
pub(super) struct Db {
    pool: Pool,
    events: Arc<EventIds>,
    #[cfg(test)]
    pub(super) mutant: Option<super::mutant::Mutant>,
    #[cfg(test)]
    pub(super) trouble: Arc<super::rig::Trouble>,
}

#[derive(Debug, Clone)]
pub(super) enum Pool {
    /// One connection: SQLite has one writer.
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction; dropped without [`Tx::commit`] it never happened.
pub(super) struct Tx {
    backend: Backend,
    now: i64,
    /// Written with the commit.
    events: Vec<Event>,
    ids: Arc<EventIds>,
    #[cfg(test)]
    mutant: Option<super::mutant::Mutant>,
    #[cfg(test)]
    trouble: Arc<super::rig::Trouble>,
}

enum Backend {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// In one message, so that it costs no round trip, and for this transaction only, whatever session a pooler hands out: a commit is on
/// disk when it is answered, also where the server's settings have it otherwise, and a node that stops in the middle blocks no other.
const POSTGRES_BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'; \
    SET LOCAL statement_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// Rows in one `INSERT`. Both databases take 32,766 values; SQLite looks for each in a list of those before.
const INSERTED_AT_ONCE: usize = 50;

impl Db {
    pub(super) fn new(pool: Pool, events: EventIds) -> Db {
        Db {
            pool,
            events: Arc::new(events),
            #[cfg(test)]
            mutant: None,
            #[cfg(test)]
            trouble: Arc::default(),
        }
    }

    /// For what can't be done in a transaction.
    pub(super) fn sqlite(&self) -> Option<&SqlitePool> {
        match &self.pool {
            Pool::Sqlite(pool) => Some(pool),
            Pool::Postgres(_) => None,
        }
    }

    /// On SQLite the transaction may write from the start: one that reads first and then wants to write could be refused at once.
    ///
    /// # Errors
    /// The store can't be reached or stays locked.
    pub(super) async fn begin(&self, now: Timestamp) -> Result<Tx, StoreError> {
        #[cfg(test)]
        self.trouble.begin()?;
        let backend = match self.pool.clone() {
            Pool::Sqlite(pool) => pool.begin_with("BEGIN IMMEDIATE").await.map(Backend::Sqlite),
            // A begin that is given up half-way would leave its session inside a transaction (sqlx 0.9.0): in a task it is not.
            Pool::Postgres(pool) => {
                let begun = tokio::spawn(async move { pool.begin_with(POSTGRES_BEGIN).await });
                begun.await.expect("beginning does not panic").map(Backend::Postgres)
            }
        }
        .map_err(StoreError::database)?;
        Ok(Tx {
            backend,
            now: now.as_millisecond(),
            events: Vec::new(),
            ids: self.events.clone(),
            #[cfg(test)]
            mutant: self.mutant,
            #[cfg(test)]
            trouble: self.trouble.clone(),
        })
    }
}

impl Pool {
    pub(super) async fn close(&self) {
        match self {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// # Errors
    /// The database refuses.
    pub(super) async fn has_table(&mut self, table: &str) -> Result<bool, StoreError> {
        let sql = match self.is_postgres() {
            true => {
                "SELECT COUNT(*) AS found FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1"
            }
            false => "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = $1",
        };
        let found: i64 =
            self.rows(sql, args![table]).await?.first().map(|row| row.get("found")).transpose()?.unwrap_or(0);
        Ok(found > 0)
    }

    /// Together with what was noted.
    ///
    /// # Errors
    /// The database refuses, or the connection is lost: then it is not known whether anything happened.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let events: Vec<_> = self.events.drain(..).map(|event| event.row(self.ids.next(self.now))).collect();
        self.insert("event (event, report, run, delivery, what, detail, at_ms)", "{now}", events, "").await?;
        #[cfg(test)]
        let fate = self.trouble.commit();
        #[cfg(test)]
        if matches!(fate, super::rig::Fate::Refused) {
            return Err(StoreError::Database("full".to_owned()));
        }
        match self.backend {
            Backend::Sqlite(tx) => tx.commit().await,
            Backend::Postgres(tx) => tx.commit().await,
        }
        .map_err(StoreError::database)?;
        #[cfg(test)]
        if matches!(fate, super::rig::Fate::Unheard) {
            return Err(StoreError::Database("no answer".to_owned()));
        }
        Ok(())
    }

    /// Appends to the log of events when the transaction commits.
    pub(super) fn note(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Inserts `rows` into a table and its columns; `last`, if not empty, is one more value the same for all, and `tail` what follows
    /// the rows. Gives what `tail` returns.
    ///
    /// # Errors
    /// As for [`Tx::execute`].
    pub(super) async fn insert(
        &mut self,
        into: &str,
        last: &str,
        rows: Vec<Vec<Arg>>,
        tail: &str,
    ) -> Result<Vec<Row>, StoreError> {
        let mut returned = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let (mut values, mut args) = (Vec::new(), Vec::new());
            for row in rows.by_ref().take(INSERTED_AT_ONCE) {
                let first = args.len() + 1;
                args.extend(row);
                let numbers = (first..=args.len()).map(|number| format!("${number}"));
                let all = numbers.chain((!last.is_empty()).then(|| last.to_owned()));
                values.push(format!("({})", all.collect::<Vec<_>>().join(", ")));
            }
            let sql = format!("INSERT INTO {into} VALUES {} {tail}", values.join(", "));
            returned.extend(self.rows(&sql, args).await?);
        }
        Ok(returned)
    }

    /// Runs many statements, without arguments.
    ///
    /// # Errors
    /// As for [`Tx::execute`].
    pub(super) async fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        match &mut self.backend {
            Backend::Sqlite(tx) => (&mut **tx).execute(raw_sql(AssertSqlSafe(sql))).await.map(|_| ()),
            Backend::Postgres(tx) => (&mut **tx).execute(raw_sql(AssertSqlSafe(sql))).await.map(|_| ()),
        }
        .map_err(StoreError::database)
    }

    /// How many rows it wrote.
    ///
    /// # Errors
    /// The database refuses the statement.
    pub(super) async fn execute(&mut self, sql: &str, args: Vec<Arg>) -> Result<u64, StoreError> {
        #[cfg(test)]
        let sql = &*super::mutant::edited(self.mutant, sql);
        match &mut self.backend {
            Backend::Sqlite(tx) => {
                let (sql, args) = for_sqlite(sql, args, self.now)?;
                (&mut **tx).execute(sqlx::query_with(AssertSqlSafe(sql), args)).await.map(|done| done.rows_affected())
            }
            Backend::Postgres(tx) => {
                let (sql, args) = for_postgres(sql, args)?;
                let query = sqlx::query_with(AssertSqlSafe(sql), args).persistent(false);
                (&mut **tx).execute(query).await.map(|done| done.rows_affected())
            }
        }
        .map_err(StoreError::database)
    }

    /// All rows of a query, or of a statement with `RETURNING`.
    ///
    /// # Errors
    /// As for [`Tx::execute`].
    pub(super) async fn rows(&mut self, sql: &str, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        #[cfg(test)]
        let sql = &*super::mutant::edited(self.mutant, sql);
        match &mut self.backend {
            Backend::Sqlite(tx) => {
                let (sql, args) = for_sqlite(sql, args, self.now)?;
                let rows = (&mut **tx).fetch_all(sqlx::query_with(AssertSqlSafe(sql), args)).await;
                rows.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
            }
            Backend::Postgres(tx) => {
                let (sql, args) = for_postgres(sql, args)?;
                let query = sqlx::query_with(AssertSqlSafe(sql), args).persistent(false);
                let rows = (&mut **tx).fetch_all(query).await;
                rows.map(|rows| rows.into_iter().map(Row::Postgres).collect())
            }
        }
        .map_err(StoreError::database)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As for [`Tx::execute`].
    pub(super) async fn row(&mut self, sql: &str, args: Vec<Arg>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }
}
