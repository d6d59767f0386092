//! MySQL and MariaDB: parameters take the form of the column they are compared with, and the sessions' snapshots are
//! begun together and accepted only if nobody committed in between.
//!
//! A `BENCHMARK()` cut at the time limit answers 0 without an
//! error: the caller compares the time that passed with the limit.

mod wire;

use super::Excess;
use super::access::Access;
use super::bind::{Bound, Form, PLAIN_TEXT, bind, offset_text, zone_name};
use super::error::{Kind, LOCK_WAIT, SourceError, explain_connect};
use super::sample::{Samples, form_of, quoted_table, sample_sql};
use super::session::{Prepared, Rows, Session, bound_query};
use crate::calendar::Window;
use crate::query::sql::{Statement, TableName};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt};
use jiff::tz::TimeZone;
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlSslMode};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions, Connection, Executor, SqlSafeStr, Statement as _, TypeInfo};
use std::collections::HashSet;
use std::str::FromStr;

pub(super) struct MysqlSession {
    connection: MySqlConnection,
    /// The server's name for it, for `KILL QUERY`.
    id: u64,
    zone: SessionZone,
    samples: Samples,
}

/// The zone that the server shows TIMESTAMP columns in.
#[derive(Debug)]
struct SessionZone {
    zone: TimeZone,
    /// Whether it is the database's zone in the whole span asked about.
    right: bool,
}

impl MysqlSession {
    /// Counts that change with every commit, before it can be seen. MariaDB numbers read-write transactions; elsewhere
    /// all commits are counted. Both can be read without a privilege.
    async fn commits(&mut self) -> Result<String, sqlx::Error> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_max_trx_id', 'Handler_commit')")
                .fetch_all(&mut self.connection)
                .await?;
        let count = |name: &str| rows.iter().find(|(variable, _)| variable == name).map(|(_, count)| count.clone());
        Ok(count("Innodb_max_trx_id").or_else(|| count("Handler_commit")).unwrap_or_default())
    }

    /// Refuses a statement over a TIMESTAMP column when the session could not be put into the database's zone: its days
    /// would be cut at the wrong hour.
    async fn check_zone(&mut self, access: &Access, statement: &Statement) -> Result<(), SourceError> {
        if self.zone.right {
            return Ok(());
        }
        let text = statement.rewrite(|_, _| "?".to_owned()).to_lowercase();
        let words: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for table in statement.tables() {
            let all = AssertSqlSafe(format!("SELECT * FROM {}", quoted_table(table, '`'))).into_sql_str();
            let Ok(prepared) = self.connection.prepare(all).await else { continue };
            let mut timestamps = prepared.columns().iter().filter(|column| column.type_info().name() == "TIMESTAMP");
            if let Some(column) = timestamps.find(|column| words.contains(&*column.name().to_lowercase())) {
                return Err(access.refused(format!(
                    "its server does not know the time zone {}, which TIMESTAMP column `{}` needs: load the server's \
                     time zone tables (mysql_tzinfo_to_sql), or declare time_zone: UTC for the database",
                    zone_name(access.zone()),
                    column.name(),
                )));
            }
        }
        Ok(())
    }
}

impl Session for MysqlSession {
    async fn open(access: &Access) -> Result<Self, SourceError> {
        let explain = |error: sqlx::Error| explain_connect(access, &error, Self::kind);
        let mut connection = connect(access).await.map_err(explain)?;
        let about = sqlx::query_as("SELECT CONNECTION_ID(), VERSION(), @@sql_mode");
        let (id, version, modes): (u64, String, String) = about.fetch_one(&mut connection).await.map_err(explain)?;
        let limit = match version.contains("MariaDB") {
            true => format!("max_statement_time = {}", access.limit().as_secs_f64()),
            false => format!("max_execution_time = {}", access.limit().as_millis()),
        };
        let wait = LOCK_WAIT.as_secs();
        let modes = usual_strings(&modes);
        let limits = format!(
            "SET SESSION {limit}, lock_wait_timeout = {wait}, innodb_lock_wait_timeout = {wait}, sql_mode = '{modes}'"
        );
        connection.execute(AssertSqlSafe(limits)).await.map_err(explain)?;
        // At any other level the server ignores WITH CONSISTENT SNAPSHOT, with no more than a warning.
        let level = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        connection.execute(level).await.map_err(explain)?;
        let zone = set_zone(&mut connection, access).await.map_err(explain)?;
        Ok(MysqlSession { connection, id, zone, samples: Samples::new() })
    }

    async fn begin(sessions: &mut [Self]) -> Result<bool, sqlx::Error> {
        let begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
        if let [only] = sessions {
            only.connection.execute(begin).await?;
            return Ok(true);
        }
        let Some(first) = sessions.first_mut() else { return Ok(true) };
        let before = first.commits().await?;
        try_join_all(sessions.iter_mut().map(|session| session.connection.execute(begin))).await?;
        let Some(first) = sessions.first_mut() else { return Ok(true) };
        Ok(first.commits().await? == before)
    }

    async fn prepare(
        &mut self,
        access: &Access,
        statement: &Statement,
        window: Window,
    ) -> Result<Prepared, SourceError> {
        self.check_zone(access, statement).await?;
        let mut bounds = Vec::new();
        for occurrence in statement.params() {
            let form = form_of(self, statement, occurrence).await;
            let bound = bind(access, window, occurrence.param, form.unwrap_or(PLAIN_TEXT));
            bounds.push(match bound {
                // A parameter can't carry a zone: the server reads it in the session's.
                Bound::Instant(instant) => Bound::Local(self.zone.zone.to_datetime(instant)),
                other => other,
            });
        }
        let sql = statement.rewrite(|_, _| "?".to_owned());
        let query = AssertSqlSafe(sql.clone()).into_sql_str();
        let prepared = self.connection.prepare(query).await.map_err(|error| Self::explain(access, &error))?;
        let columns = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
        Ok(Prepared { sql, bounds, columns })
    }

    fn rows<'a>(&'a mut self, prepared: &'a Prepared) -> Rows<'a> {
        let Self { connection, zone, .. } = self;
        let zone = &zone.zone;
        let query = bound_query::<MySql>(&prepared.sql, &prepared.bounds);
        query.fetch(connection).and_then(async move |row| wire::cells(&row, zone)).boxed()
    }

    /// The type tells all but how text and numbers are written.
    async fn sample(&mut self, table: &TableName, column: &str) -> Option<Form> {
        let sql = sample_sql(table, column, '`');
        let prepared = self.connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await.ok()?;
        match prepared.columns().first()?.type_info().name() {
            "DATE" => Some(Form::Day),
            "DATETIME" => Some(Form::Local),
            "TIMESTAMP" => Some(Form::Instant),
            _ => {
                let row = sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut self.connection).await.ok()??;
                Form::of(wire::cells(&row, &self.zone.zone).ok()?.first()?)
            }
        }
    }

    fn samples(&mut self) -> &mut Samples {
        &mut self.samples
    }

    async fn recover(&mut self) -> Result<(), sqlx::Error> {
        Ok(())
    }

    async fn cancel(self, access: &Access) -> Result<(), SourceError> {
        let explain = |error: sqlx::Error| explain_connect(access, &error, Self::kind);
        let mut other = connect(access).await.map_err(explain)?;
        let kill = AssertSqlSafe(format!("KILL QUERY {}", self.id));
        other.execute(kill).await.map_err(explain)?;
        Ok(())
    }

    async fn close(self) {
        // The server ends the session either way, and its answers are already here.
        let _ = self.connection.close().await;
    }

    async fn audit(&mut self) -> Result<Vec<Excess>, sqlx::Error> {
        let grants: Vec<String> = sqlx::query_scalar("SHOW GRANTS").fetch_all(&mut self.connection).await?;
        let excess = |what| Excess { what, privileged: false };
        Ok(grants.iter().filter_map(|grant| excess_of(grant)).map(excess).collect())
    }

    /// <https://mariadb.com/kb/en/mariadb-error-code-reference/>
    fn kind(error: &dyn DatabaseError) -> Kind {
        let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() else { return Kind::Other };
        match (error.number(), error.code()) {
            (1053 | 1077 | 1078 | 1079 | 1927 | 2006 | 2013, _) => Kind::Broken,
            (1040 | 1203 | 1226, _) => Kind::Busy,
            (1205 | 1213 | 3572, _) => Kind::Locked,
            // 1969 is MariaDB's limit, 3024 MySQL's, 1317 somebody's KILL QUERY.
            (1969 | 3024 | 1317, _) => Kind::TooSlow,
            (1366, _) => Kind::Data,
            (_, Some(state)) if state.starts_with("22") || state.starts_with("23") => Kind::Data,
            _ => Kind::Other,
        }
    }
}

async fn connect(access: &Access) -> Result<MySqlConnection, sqlx::Error> {
    let options = MySqlConnectOptions::from_str(access.database.url.expose())?;
    let undecided = options.get_socket().is_none();
    let options = match undecided && access.must_encrypt(options.get_host()) {
        true => options.ssl_mode(MySqlSslMode::Required),
        false => options,
    };
    let options = options
        // sqlx would give `||` another meaning than the server's, and set the zone to UTC.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .disable_statement_logging();
    MySqlConnection::connect_with(&options).await
}

/// The server's `modes` without those in which `"` or `\` means what the allow-list doesn't read in it, and without the
/// names that stand for bundles of such.
fn usual_strings(modes: &str) -> String {
    const OTHER: [&str; 8] =
        ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"];
    modes.split(',').filter(|mode| !OTHER.contains(mode)).collect::<Vec<_>>().join(",")
}

/// The database's zone by name; else, where its offset does not change in the span asked about, by offset; else UTC.
async fn set_zone(connection: &mut MySqlConnection, access: &Access) -> Result<SessionZone, sqlx::Error> {
    let zone = access.zone();
    let span = access.span;
    let offset = zone.to_offset(span.start);
    let constant = zone.following(span.start).next().is_none_or(|change| change.timestamp() >= span.end);
    let mut candidates = Vec::new();
    candidates.extend(zone.iana_name().map(|name| (name.to_owned(), zone.clone(), true)));
    candidates.extend(constant.then(|| (offset_text(offset), TimeZone::fixed(offset), true)));
    for (name, zone, right) in candidates {
        match sqlx::query("SET time_zone = ?").bind(name).execute(&mut *connection).await {
            Ok(_) => return Ok(SessionZone { zone, right }),
            // The server's tables don't hold it.
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    connection.execute("SET time_zone = '+00:00'").await?;
    Ok(SessionZone { zone: TimeZone::UTC, right: false })
}

/// A warning about a grant that allows more than reading.
fn excess_of(grant: &str) -> Option<String> {
    let (privileges, on) = grant.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let harmless = |privilege: &str| matches!(privilege.trim(), "SELECT" | "SHOW VIEW" | "USAGE");
    let object = on.split(" TO ").next().unwrap_or_default();
    let excess: Vec<&str> = privileges.split(',').map(str::trim).filter(|privilege| !harmless(privilege)).collect();
    (!excess.is_empty()).then(|| format!("its role has {} on {object}: grant it SELECT only", excess.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_beyond_reading_are_named() {
        let check = |grant, expected: Option<&str>| assert_eq!(excess_of(grant).as_deref(), expected);
        check("GRANT USAGE ON *.* TO `ro`@`%` IDENTIFIED BY PASSWORD '*94'", None);
        check("GRANT SELECT, SHOW VIEW ON `crm`.* TO `ro`@`%`", None);
        check(
            "GRANT SELECT, INSERT, FILE ON *.* TO `rw`@`%`",
            Some("its role has INSERT, FILE on *.*: grant it SELECT only"),
        );
        check(
            "GRANT ALL PRIVILEGES ON `crm`.* TO `rw`@`%`",
            Some("its role has ALL PRIVILEGES on `crm`.*: grant it SELECT only"),
        );
    }
}
