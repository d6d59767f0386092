//! SQLite: a file opened read-only, its queries stopped by a progress handler.
//!
//! Columns have no types to trust, so a cell is what its value is, and a parameter takes the form of a value found in
//! the column it is compared with.

use super::Excess;
use super::access::Access;
use super::bind::{Form, PLAIN_TEXT, bind};
use super::error::{Kind, LOCK_WAIT, SourceError, explain_connect};
use super::sample::{Samples, form_of, sample_sql};
use super::session::{Prepared, Rows, Session, bound_query};
use crate::calendar::Window;
use crate::query::cell::{self, Cell};
use crate::query::sql::{Statement, TableName};
use futures_util::{StreamExt, TryStreamExt};
use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection, Decode, Executor, Row, SqlSafeStr, Sqlite, Statement as _,
    TypeInfo, ValueRef,
};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What SQLite may take for all connections of this process, in bytes: a value is in memory whole before the byte cap
/// sees it. Its caches and sorts stay far below, and spill to disk.
const MAX_HEAP: &str = "134217728";

/// Virtual machine instructions between two looks at the clock: some ten microseconds.
const LOOK_EVERY: i32 = 2_000;

pub(super) struct SqliteSession {
    connection: SqliteConnection,
    limit: Duration,
    opened: Instant,
    /// When the running statement is stopped, in milliseconds since `opened`.
    deadline: Arc<AtomicU64>,
    begun: bool,
    samples: Samples,
}

impl SqliteSession {
    /// Gives the next statement its time.
    fn arm(&mut self) -> &mut SqliteConnection {
        let deadline = (self.opened.elapsed() + self.limit).as_millis();
        self.deadline.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Relaxed);
        &mut self.connection
    }

    async fn watch_the_clock(&mut self) -> Result<(), sqlx::Error> {
        let (opened, deadline) = (self.opened, self.deadline.clone());
        let in_time = move || opened.elapsed().as_millis() < u128::from(deadline.load(Ordering::Relaxed));
        self.connection.lock_handle().await?.set_progress_handler(LOOK_EVERY, in_time);
        Ok(())
    }

    async fn data_version(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("PRAGMA data_version").fetch_one(self.arm()).await
    }

    /// A read transaction begins with its first read.
    async fn begin_reading(&mut self) -> Result<(), sqlx::Error> {
        if std::mem::replace(&mut self.begun, true) {
            self.arm().execute("ROLLBACK").await?;
        }
        self.arm().execute("BEGIN").await?;
        self.arm().execute("SELECT 1 FROM sqlite_master LIMIT 1").await?;
        Ok(())
    }
}

impl Session for SqliteSession {
    async fn open(access: &Access) -> Result<Self, SourceError> {
        let explain = |error: sqlx::Error| explain_connect(access, &error, Self::kind);
        let options = SqliteConnectOptions::from_str(access.database.url.expose()).map_err(explain)?;
        // SQLite itself only says "unable to open database file".
        if !options.get_filename().exists() {
            let why = format!("the file {} does not exist", options.get_filename().display());
            return Err(SourceError::Connect { database: access.name(), why, transient: false });
        }
        let options = options
            .read_only(true)
            .create_if_missing(false)
            .busy_timeout(LOCK_WAIT)
            .pragma("hard_heap_limit", MAX_HEAP)
            // The byte cap counts what was taken; this bounds what lies ready.
            .row_buffer_size(32)
            .disable_statement_logging();
        let connection = SqliteConnection::connect_with(&options).await.map_err(explain)?;
        let mut session = SqliteSession {
            connection,
            limit: access.database.timeout,
            opened: Instant::now(),
            deadline: Arc::default(),
            begun: false,
            samples: Samples::new(),
        };
        session.watch_the_clock().await.map_err(explain)?;
        Ok(session)
    }

    /// The version is read before the first transaction begins and again inside the last: equal versions mean that
    /// nobody committed while the others began.
    async fn begin(sessions: &mut [Self]) -> Result<bool, sqlx::Error> {
        let Some((last, others)) = sessions.split_last_mut() else { return Ok(true) };
        if std::mem::replace(&mut last.begun, false) {
            last.arm().execute("ROLLBACK").await?;
        }
        let before = last.data_version().await?;
        for session in others {
            session.begin_reading().await?;
        }
        last.begin_reading().await?;
        Ok(last.data_version().await? == before)
    }

    async fn prepare(
        &mut self,
        access: &Access,
        statement: &Statement,
        window: Window,
    ) -> Result<Prepared, SourceError> {
        let mut bounds = Vec::new();
        for occurrence in statement.params() {
            let form = form_of(self, statement, occurrence).await;
            bounds.push(bind(access, window, occurrence.param, form.unwrap_or(PLAIN_TEXT)));
        }
        let sql = statement.rewrite(|_, _| "?".to_owned());
        let query = AssertSqlSafe(sql.clone()).into_sql_str();
        let prepared = self.arm().prepare(query).await.map_err(|error| Self::explain(access, &error))?;
        let columns = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
        Ok(Prepared { sql, bounds, columns })
    }

    fn rows<'a>(&'a mut self, prepared: &'a Prepared) -> Rows<'a> {
        let query = bound_query::<Sqlite>(&prepared.sql, &prepared.bounds);
        query.fetch(self.arm()).and_then(async |row| cells(&row)).boxed()
    }

    async fn sample(&mut self, table: &TableName, column: &str) -> Option<Form> {
        // In backticks, because an unknown name in double quotes is a string.
        let sql = AssertSqlSafe(sample_sql(table, column, '`'));
        let row = sqlx::query(sql).fetch_optional(self.arm()).await.ok()??;
        Form::of(cells(&row).ok()?.first()?)
    }

    fn samples(&mut self) -> &mut Samples {
        &mut self.samples
    }

    async fn recover(&mut self) -> Result<(), sqlx::Error> {
        Ok(())
    }

    /// The progress handler has stopped it already.
    async fn cancel(self, _: &Access) -> Result<(), SourceError> {
        Ok(())
    }

    async fn close(self) {
        // Read-only: there is nothing that closing could fail to save.
        let _ = self.connection.close().await;
    }

    /// A file opened read-only has nothing to warn about.
    async fn audit(&mut self) -> Result<Vec<Excess>, sqlx::Error> {
        Ok(Vec::new())
    }

    /// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
    fn kind(error: &dyn DatabaseError) -> Kind {
        let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
        match code & 0xff {
            5 | 6 => Kind::Locked,
            9 => Kind::TooSlow,
            7 | 18 => Kind::TooBig,
            _ => Kind::Other,
        }
    }
}

fn cells(row: &SqliteRow) -> Result<Vec<Cell>, sqlx::Error> {
    (0..row.len()).map(|at| cell(row.try_get_raw(at)?).map_err(sqlx::Error::Decode)).collect()
}

fn cell(value: SqliteValueRef<'_>) -> Result<Cell, BoxDynError> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let info = value.type_info().into_owned();
    Ok(match info.name() {
        "INTEGER" => Cell::Integer(<i64 as Decode<Sqlite>>::decode(value)?.into()),
        "REAL" => Cell::Float(<f64 as Decode<Sqlite>>::decode(value)?),
        "TEXT" => cell::text(<&[u8] as Decode<Sqlite>>::decode(value)?),
        name => Cell::Other(name.to_owned()),
    })
}
