//! Values into statements and out of rows, and the words of our SQL that the two databases say differently.

use super::StoreError;
use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Decode, Postgres, Row as _, Sqlite, Type};
use std::sync::Arc;

/// The arguments of a statement: `args![id, now, None::<&str>]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::value::Arg::from($value)),*] };
}

pub(super) use args;

/// A row of a result.
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

    /// The column as a count.
    ///
    /// # Errors
    /// As for [`Row::get`].
    pub(super) fn number(&self, column: &str) -> Result<u32, StoreError> {
        let number: i64 = self.get(column)?;
        u32::try_from(number).map_err(|_| StoreError::unknown(column, &number.to_string()))
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

/// The statement and its values for SQLite, where `now` is one more.
pub(super) fn for_sqlite(sql: &str, mut args: Vec<Arg>, now: i64) -> Result<(String, SqliteArguments), StoreError> {
    let mut sql = sql.replace("{lock}", "").replace("{skip}", "").replace("{skip of next}", "");
    if sql.contains("{now}") {
        args.push(Arg::Int(Some(now)));
        sql = sql.replace("{now}", &format!("${}", args.len()));
    }
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

/// The statement and its values for PostgreSQL.
pub(super) fn for_postgres(sql: &str, args: Vec<Arg>) -> Result<(String, PgArguments), StoreError> {
    let mut bound = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Float(value) => bound.add(value),
            // PostgreSQL keeps no NUL in a text; mail servers may send one.
            Arg::Text(value) => bound.add(value.map(|text| text.replace('\0', "\u{FFFD}"))),
            Arg::Bytes(value) => bound.add(value),
        }
        .map_err(|error| StoreError::database(sqlx::Error::Encode(error)))?;
    }
    let sql = sql.replace("{lock}", "FOR UPDATE").replace("{skip}", "FOR UPDATE SKIP LOCKED");
    let sql = sql.replace("{skip of next}", "FOR UPDATE OF next SKIP LOCKED");
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
    &Arc<str> => Text, value => Some(value.as_ref().to_owned());
    &String => Text, value => Some(value.clone());
    String => Text, value => Some(value);
    Option<String> => Text, value => value;
    Option<&str> => Text, value => value.map(str::to_owned);
    Vec<u8> => Bytes, value => Some(value);
    Option<Vec<u8>> => Bytes, value => value;
}
