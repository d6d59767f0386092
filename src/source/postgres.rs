//! PostgreSQL: the server infers what each parameter is compared with, exports one snapshot to all sessions, and
//! enforces the limits itself.

mod guard;
mod wire;

use super::Excess;
use super::access::Access;
use super::bind::{Bound, Form, PLAIN_TEXT, bind, offset_text, zone_name};
use super::error::{Kind, LOCK_WAIT, SourceError, explain_connect};
use super::sample::{Samples, form_of, sample_sql};
use super::session::{Prepared, Rows, Session, bound_query};
use crate::calendar::Window;
use crate::query::sql::{Param, Statement, TableName};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt};
use guard::guarded;
use jiff::tz::TimeZone;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode, PgStatement};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection, Either, Executor, Postgres, SqlSafeStr, Statement as _,
    TypeInfo,
};
use std::str::FromStr;

pub(super) struct PostgresSession {
    connection: PgConnection,
    /// The server's process, to be named when its query is cancelled.
    process: i32,
    samples: Samples,
}

/// One round trip, nothing pasted: the values are bound. A role may have other strings as its default, and the allow-list
/// reads the standard's.
const LIMITS: &str = "SELECT pg_backend_pid(), set_config('statement_timeout', $1, false), \
    set_config('lock_timeout', $2, false), set_config('idle_in_transaction_session_timeout', $3, false), \
    set_config('default_transaction_read_only', 'on', false), set_config('standard_conforming_strings', 'on', false), \
    set_config('TimeZone', $4, false)";

/// Ends the queries of a client that is gone, where the server can notice that: from version 14, not on every system. The limits of
/// other servers end them.
const WATCH: &str = ", CASE WHEN current_setting('client_connection_check_interval', true) IS NOT NULL \
    THEN set_config('client_connection_check_interval', '2000', false) END";

/// A session that its run forgot gives its snapshot up after this long.
const IDLE_LIMIT: &str = "120000";

/// Every failed statement ends a transaction in PostgreSQL; going back to here keeps it, and its snapshot.
const SAVEPOINT: &str = "SAVEPOINT kpid";

impl PostgresSession {
    /// Text may hold days or date-times: a value tells.
    async fn bounds(&mut self, access: &Access, statement: &Statement, window: Window, forms: &[Form]) -> Vec<Bound> {
        let mut bounds = Vec::new();
        for (occurrence, form) in statement.params().iter().zip(forms) {
            let sampled = match *form == PLAIN_TEXT {
                true => form_of(self, statement, occurrence).await,
                false => None,
            };
            // A column of that name in another table may be of a type that this parameter is not.
            let sampled = sampled.filter(|form| matches!(form, Form::Text { .. } | Form::DayText));
            bounds.push(bind(access, window, occurrence.param, sampled.unwrap_or(*form)));
        }
        bounds
    }
}

/// A statement, never run, with the parameters and columns of `sql`. The driver asks the server about every table column that a
/// prepared statement hands through; what comes out of a UNION is none.
fn described(sql: &str) -> String {
    format!("WITH kpid AS (\n{sql}\n) SELECT * FROM kpid UNION ALL SELECT * FROM kpid")
}

/// Sets the limits of a session. Gives its number on the server.
async fn limit(connection: &mut PgConnection, access: &Access, limits: &str) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(limits.to_owned()))
        .bind(access.limit().as_millis().to_string())
        .bind(LOCK_WAIT.as_millis().to_string())
        .bind(IDLE_LIMIT)
        .bind(server_zone(access.zone()))
        .fetch_one(connection)
        .await
}

impl Session for PostgresSession {
    async fn open(access: &Access) -> Result<Self, SourceError> {
        let explain = |error: sqlx::Error| explain_connect(access, &error, Self::kind);
        let mut connection = connect(access).await.map_err(explain)?;
        let process = match limit(&mut connection, access, &format!("{LIMITS}{WATCH}")).await {
            Err(sqlx::Error::Database(_)) => limit(&mut connection, access, LIMITS).await,
            limited => limited,
        };
        let process = process.map_err(explain)?;
        Ok(PostgresSession { connection, process, samples: Samples::new() })
    }

    async fn begin(sessions: &mut [Self]) -> Result<bool, sqlx::Error> {
        let Some((first, others)) = sessions.split_first_mut() else { return Ok(true) };
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        first.connection.execute(begin).await?;
        if !others.is_empty() {
            let export = "SELECT pg_export_snapshot()";
            let snapshot: String = sqlx::query_scalar(export).fetch_one(&mut first.connection).await?;
            let import = format!("{begin}; SET TRANSACTION SNAPSHOT '{snapshot}'; {SAVEPOINT}");
            try_join_all(others.iter_mut().map(|other| other.connection.execute(AssertSqlSafe(import.clone()))))
                .await?;
        }
        first.connection.execute(SAVEPOINT).await?;
        Ok(true)
    }

    /// First as written, so that the server infers each parameter; what it can't infer is cast, first where no column
    /// stands on the other side (`:start - interval '1 day'`), then everywhere.
    async fn prepare(
        &mut self,
        access: &Access,
        statement: &Statement,
        window: Window,
    ) -> Result<Prepared, SourceError> {
        let mut first_error = None;
        for cast in [Cast::Nothing, Cast::Uncompared, Cast::Everything] {
            let sql = sql(statement, cast);
            match self.connection.prepare(AssertSqlSafe(described(&sql)).into_sql_str()).await {
                Ok(prepared) => {
                    if let Some(forms) = forms(&prepared) {
                        let bounds = self.bounds(access, statement, window, &forms).await;
                        let columns = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
                        let sql = guarded(sql, prepared.columns().iter().map(|column| column.type_info()));
                        return Ok(Prepared { sql, bounds, columns });
                    }
                }
                Err(error) if error.as_database_error().is_some() => {
                    self.recover().await.map_err(|error| Self::explain(access, &error))?;
                    first_error.get_or_insert(error);
                }
                Err(error) => return Err(Self::explain(access, &error)),
            }
        }
        Err(match first_error {
            Some(error) => Self::explain(access, &error),
            None => access.refused("it compares a parameter with what is neither date, timestamp nor text"),
        })
    }

    fn rows<'a>(&'a mut self, prepared: &'a Prepared) -> Rows<'a> {
        let query = bound_query::<Postgres>(&prepared.sql, &prepared.bounds);
        query.fetch(&mut self.connection).and_then(async |row| wire::cells(&row)).boxed()
    }

    async fn sample(&mut self, table: &TableName, column: &str) -> Option<Form> {
        let sql = AssertSqlSafe(sample_sql(table, column, '"'));
        match sqlx::query(sql).fetch_optional(&mut self.connection).await {
            Ok(row) => Form::of(wire::cells(&row?).ok()?.first()?),
            Err(_) => {
                // A session that can't be recovered fails at the statement that follows.
                let _ = self.recover().await;
                None
            }
        }
    }

    fn samples(&mut self) -> &mut Samples {
        &mut self.samples
    }

    async fn recover(&mut self) -> Result<(), sqlx::Error> {
        self.connection.execute("ROLLBACK TO SAVEPOINT kpid").await?;
        Ok(())
    }

    async fn cancel(self, access: &Access) -> Result<(), SourceError> {
        let explain = |error: sqlx::Error| explain_connect(access, &error, Self::kind);
        let mut other = connect(access).await.map_err(explain)?;
        let cancel = sqlx::query("SELECT pg_cancel_backend($1)").bind(self.process);
        cancel.execute(&mut other).await.map_err(explain)?;
        Ok(())
    }

    async fn close(self) {
        // The server ends the session either way, and its answers are already here.
        let _ = self.connection.close().await;
    }

    async fn audit(&mut self) -> Result<Vec<Excess>, sqlx::Error> {
        let excess = sqlx::query_as(
            "SELECT 'its role is a superuser: kpid needs one that may only read', true
               FROM pg_roles WHERE rolname = current_user AND rolsuper
             UNION ALL
             SELECT 'its role may run programs on the server or write its files (' || r.rolname || ')',
                    r.rolname <> 'pg_write_all_data'
               FROM pg_roles r JOIN pg_roles me ON me.rolname = current_user AND NOT me.rolsuper
              WHERE r.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_write_all_data')
                AND pg_has_role(current_user, r.oid, 'MEMBER')
             UNION ALL
             (SELECT 'its role may write to ' || c.oid::regclass || ': grant it SELECT only', false
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_roles me ON me.rolname = current_user AND NOT me.rolsuper
              WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
              ORDER BY 1 LIMIT 5)",
        );
        let excess: Vec<(String, bool)> = excess.fetch_all(&mut self.connection).await?;
        Ok(excess.into_iter().map(|(what, privileged)| Excess { what, privileged }).collect())
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn kind(error: &dyn DatabaseError) -> Kind {
        match error.code().as_deref().unwrap_or_default() {
            "57P01" | "57P02" | "25P03" | "57P05" => Kind::Broken,
            "53300" | "57P03" => Kind::Busy,
            "55P03" => Kind::Locked,
            "57014" => Kind::TooSlow,
            code if code.starts_with("22") || code.starts_with("23") => Kind::Data,
            _ => Kind::Other,
        }
    }
}

async fn connect(access: &Access) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::from_str(access.database.url.expose())?;
    // PGSSLMODE may have decided, too.
    let undecided = matches!(options.get_ssl_mode(), PgSslMode::Prefer) && options.get_socket().is_none();
    let options = match undecided && access.must_encrypt(options.get_host()) {
        true => options.ssl_mode(PgSslMode::Require),
        false => options,
    };
    PgConnection::connect_with(&options.application_name("kpid").disable_statement_logging()).await
}

/// A zone by name, or a fixed offset as PostgreSQL wants it: POSIX counts offsets westward.
fn server_zone(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (None, Ok(offset)) => format!("<{}>{}", offset_text(offset), offset_text(-offset)),
        _ => zone_name(zone),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Cast {
    Nothing,
    Uncompared,
    Everything,
}

/// Each occurrence has a number of its own, so that one parameter may be compared with a date here and a timestamp there.
fn sql(statement: &Statement, cast: Cast) -> String {
    statement.rewrite(|at, occurrence| {
        let written = cast == Cast::Nothing || cast == Cast::Uncompared && occurrence.compared.is_some();
        let number = at + 1;
        match occurrence.param {
            _ if written => format!("${number}"),
            Param::Start | Param::End => format!("${number}::timestamptz"),
            Param::StartDate | Param::EndDate => format!("${number}::date"),
            Param::Timezone => format!("${number}::text"),
        }
    })
}

/// The form of each parameter; `None` when the server inferred a type that no parameter can have.
fn forms(statement: &PgStatement) -> Option<Vec<Form>> {
    let Some(Either::Left(types)) = statement.parameters() else { return Some(Vec::new()) };
    let form = |name: &str| match name {
        "DATE" => Some(Form::Day),
        "TIMESTAMP" => Some(Form::Local),
        "TIMESTAMPTZ" => Some(Form::Instant),
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "citext" => Some(PLAIN_TEXT),
        _ => None,
    };
    types.iter().map(|info| form(info.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_offsets_are_told_westward() {
        let check = |zone: TimeZone, expected: &str| assert_eq!(server_zone(&zone), expected);
        check(TimeZone::get("Europe/Madrid").unwrap(), "Europe/Madrid");
        check(TimeZone::UTC, "UTC");
        check(TimeZone::fixed(jiff::tz::offset(2)), "<+02:00>-02:00");
    }
}
