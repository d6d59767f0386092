//! The two databases behind one face: transactions, statements and rows in one dialect of SQL.
//!
//! Statements are written with `$1`, `$2`, … and `{now}`: the present in epoch milliseconds, by the clock of PostgreSQL, which all nodes
//! share, or, on SQLite, the one given with the transaction. Everything runs in transactions and nothing is prepared beyond one, so that
//! a pooler between (PgBouncer, transaction mode) may hand each to another session.

use super::StoreError;
use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::sqlite::{SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Decode, Executor, Postgres, Row as _, Sqlite, Transaction, Type};

#[derive(Debug, Clone)]
pub(super) enum Db {
    /// One connection: SQLite has one writer.
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction; dropped without [`Tx::commit`] it never happened.
pub(super) struct Tx {
    backend: Backend,
    now: i64,
}

enum Backend {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A value for a statement.
#[derive(Debug, Clone)]
pub(super) enum Arg {
    Int(Option<i64>),
    Float(Option<f64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// What both databases give.
pub(super) trait Cell:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Cell for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

const POSTGRES_NOW: &str = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

impl Db {
    /// On SQLite the transaction may write from the start: one that reads first and then wants to write could be refused at once.
    ///
    /// # Errors
    /// The store can't be reached or stays locked.
    pub(super) async fn begin(&self, now: Timestamp) -> Result<Tx, StoreError> {
        let db = self.clone();
        // A begin that is given up half-way would leave its session inside a transaction (sqlx 0.9.0): in a task it is not.
        let begun = tokio::spawn(async move {
            Ok(match db {
                Db::Sqlite(pool) => Backend::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
                Db::Postgres(pool) => Backend::Postgres(pool.begin().await?),
            })
        });
        let backend = begun.await.expect("beginning does not panic").map_err(StoreError::database)?;
        Ok(Tx { backend, now: now.as_millisecond() })
    }

    pub(super) fn is_postgres(&self) -> bool {
        matches!(self, Db::Postgres(_))
    }
}

impl Tx {
    /// # Errors
    /// The database refuses, or the connection is lost: then it is not known whether anything happened.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self.backend {
            Backend::Sqlite(tx) => tx.commit().await,
            Backend::Postgres(tx) => tx.commit().await,
        }
        .map_err(StoreError::database)
    }

    /// How many rows it wrote.
    ///
    /// # Errors
    /// The database refuses the statement.
    pub(super) async fn execute(&mut self, sql: &str, args: Vec<Arg>) -> Result<u64, StoreError> {
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

impl Row {
    /// The column of that name.
    ///
    /// # Errors
    /// It is not there, or holds something else: the store was changed by another hand.
    pub(super) fn get<T: Cell>(&self, column: &str) -> Result<T, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
        .map_err(StoreError::database)
    }

    /// The column as an instant.
    ///
    /// # Errors
    /// As for [`Row::get`].
    pub(super) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.get::<i64>(column).map(instant)
    }

    /// The same where there may be none.
    ///
    /// # Errors
    /// As for [`Row::get`].
    pub(super) fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(instant))
    }
}

/// Milliseconds beyond what a calendar holds are its end.
fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn for_sqlite(sql: &str, mut args: Vec<Arg>, now: i64) -> Result<(String, SqliteArguments), StoreError> {
    let sql = match sql.contains("{now}") {
        true => {
            args.push(Arg::Int(Some(now)));
            sql.replace("{now}", &format!("${}", args.len()))
        }
        false => sql.to_owned(),
    };
    let mut bound = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Float(value) => bound.add(value),
            Arg::Text(value) => bound.add(value),
            Arg::Bytes(value) => bound.add(value),
        }
        .map_err(|error| StoreError::database(sqlx::Error::Encode(error)))?;
    }
    Ok((sql, bound))
}

fn for_postgres(sql: &str, args: Vec<Arg>) -> Result<(String, PgArguments), StoreError> {
    let mut bound = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Float(value) => bound.add(value),
            Arg::Text(value) => bound.add(value),
            Arg::Bytes(value) => bound.add(value),
        }
        .map_err(|error| StoreError::database(sqlx::Error::Encode(error)))?;
    }
    Ok((sql.replace("{now}", POSTGRES_NOW), bound))
}

macro_rules! arg_from {
    ($($from:ty => $arg:ident, $value:ident => $into:expr;)*) => {
        $(impl From<$from> for Arg {
            fn from($value: $from) -> Arg {
                Arg::$arg($into)
            }
        })*
    };
}

arg_from! {
    i64 => Int, value => Some(value);
    u32 => Int, value => Some(value.into());
    Option<i64> => Int, value => value;
    Timestamp => Int, value => Some(value.as_millisecond());
    Option<Timestamp> => Int, value => value.map(|value| value.as_millisecond());
    Option<f64> => Float, value => value;
    &str => Text, value => Some(value.to_owned());
    &String => Text, value => Some(value.clone());
    String => Text, value => Some(value);
    Option<String> => Text, value => value;
    Option<&str> => Text, value => value.map(str::to_owned);
    Vec<u8> => Bytes, value => Some(value);
    Option<Vec<u8>> => Bytes, value => value;
}

/// The arguments of a statement: `args![id, now, None::<&str>]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Arg::from($value)),*] };
}

pub(super) use args;
