//! A URL → a store that is there, whole, durable and this program's to use.

use super::db::{Db, Pool, Tx, args};
use super::event::EventIds;
use super::{Store, StoreError, file, schema};
use crate::outbox::InstallId;
use crate::query::must_encrypt;
use crate::secret::Secret;
use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Who opens a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Makes and updates it. A SQLite store has one daemon at a time.
    Daemon,
    /// A command beside it: finds it as the daemon made it.
    Tool,
}

/// How long to wait for a session, or for another program to let go of the file.
const PATIENCE: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store of `url`: `sqlite://` and a path, from the working directory unless it begins with another slash, or
    /// `postgres://…`, of which up to `sessions` are used at once.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it can't be used as it is, and the text says what to do; [`StoreError::Database`] when it can't be
    /// reached.
    pub async fn open(url: &Secret, role: Role, sessions: u32, now: Timestamp) -> Result<Store, StoreError> {
        match url.expose().split_once(':') {
            Some(("sqlite", _)) => open_file(url, role, now).await,
            Some(("postgres" | "postgresql", _)) => {
                let pool =
                    Pool::Postgres(connect_postgres(url, sessions).await.map_err(|error| concealed(url, error))?);
                Store::over(Db::new(pool, EventIds::new()?), role, now).await.map_err(|error| concealed(url, error))
            }
            _ => Err(StoreError::Refused(
                "the store's URL begins neither with `sqlite://` nor with `postgres://`".into(),
            )),
        }
    }

    /// A store in memory that is gone with its last clone; the same names each time.
    #[cfg(test)]
    pub(crate) async fn in_memory(now: Timestamp) -> Store {
        let pool = sqlite_pool().connect_with(SqliteConnectOptions::new()).await.expect("memory opens");
        let db = Db::new(Pool::Sqlite(pool), EventIds::of_program(0));
        let mut tx = db.begin(now).await.expect("memory can be written");
        let id = schema::bring_up_to_date(&mut tx, Role::Daemon, InstallId::new([7; 32])).await;
        tx.commit().await.expect("memory can be written");
        Store { db, install: id.expect("there was nothing"), folder: None, _lock: None }
    }

    async fn over(db: Db, role: Role, now: Timestamp) -> Result<Store, StoreError> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|error| StoreError::Refused(format!("no random bytes: {error}")))?;
        let mut tx = db.begin(now).await?;
        let install = schema::bring_up_to_date(&mut tx, role, InstallId::new(fresh)).await?;
        tx.commit().await?;
        Ok(Store { db, install, folder: None, _lock: None })
    }
}

impl Store {
    /// Nobody else works on this file: whatever is in work was left by a daemon that died. And what waits for longer than anything ever
    /// does was put off by a clock that was wrong.
    async fn bury_the_dead(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin(now).await?;
        for sql in [
            "DELETE FROM node",
            "UPDATE run SET lease_until = {now} WHERE state = 'running'",
            "UPDATE delivery SET lease_until = {now} WHERE state = 'sending'",
            "UPDATE run SET not_before = {now} WHERE state = 'due' AND not_before > {now} + 3600000",
            "UPDATE delivery SET next_ms = {now} WHERE state = 'queued' AND next_ms > {now} + 2 * 3600000",
        ] {
            tx.execute(sql, Vec::new()).await?;
        }
        tx.commit().await
    }
}

async fn open_file(url: &Secret, role: Role, now: Timestamp) -> Result<Store, StoreError> {
    let options = SqliteConnectOptions::from_str(url.expose()).map_err(|error| explain(&error))?;
    let path = options.get_filename().to_owned();
    if url.expose().contains('?') || url.expose().contains(":memory:") {
        return Err(StoreError::Refused(
            "the URL of a SQLite store is `sqlite://` and the path of a file, nothing more".into(),
        ));
    }
    file::check_folder(&path)?;
    let lock = if role == Role::Daemon { Some(Arc::new(file::lock(&path)?)) } else { None };
    if !file::exists(&path)? {
        if role == Role::Tool {
            return Err(file::refused(&path, "is not there: the daemon makes it when it starts"));
        }
        make(&path, now).await?;
    }
    let open = async {
        let db = Db::new(connect_file(&path).await?, EventIds::new()?);
        let mut tx = db.begin(now).await?;
        check_file(&mut tx, &path, role).await?;
        tx.commit().await?;
        Store::over(db, role, now).await
    };
    let store = open.await.map_err(|error| match error {
        StoreError::Damaged(why) => file::refused(&path, &format!("is damaged ({why}). {}", file::RESTORE)),
        other => other,
    })?;
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let store = Store { folder: folder.map(Path::to_owned), _lock: lock, ..store };
    if role == Role::Daemon {
        store.bury_the_dead(now).await?;
    }
    Ok(store)
}

/// Made beside its place and then put there: where a store is, it is whole.
async fn make(path: &Path, now: Timestamp) -> Result<(), StoreError> {
    let draft = file::make_draft(path)?;
    let pool = connect_file(&draft).await?;
    Store::over(Db::new(pool.clone(), EventIds::new()?), Role::Daemon, now).await?;
    pool.close().await;
    file::put_in_place(&draft, path)
}

async fn connect_file(path: &Path) -> Result<Pool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .pragma("journal_size_limit", "16777216")
        .disable_statement_logging();
    sqlite_pool().connect_with(options).await.map(Pool::Sqlite).map_err(|error| explain(&error))
}

/// One connection for ever. One that SQLite has thrown out of its transaction (disk full, no memory) is replaced: sqlx 0.9.0 would
/// believe for ever that it is in one.
fn sqlite_pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE * 2)
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // A transaction that was dropped is rolled back before this is answered.
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
}

/// It is a store of ours, whole, and what is committed stays.
async fn check_file(tx: &mut Tx, path: &Path, role: Role) -> Result<(), StoreError> {
    let word = async |tx: &mut Tx, pragma: &str| -> Result<Option<String>, StoreError> {
        tx.row(&format!("SELECT CAST({pragma} AS TEXT) AS word FROM pragma_{pragma}"), args![])
            .await?
            .map(|row| row.get("word"))
            .transpose()
    };
    let durable = (word(tx, "journal_mode").await?, word(tx, "synchronous").await?);
    if durable != (Some("wal".into()), Some("2".into())) {
        return Err(file::refused(path, &format!("can't be made to keep what is committed: {durable:?}")));
    }
    if role == Role::Daemon {
        let found = word(tx, "quick_check").await?.unwrap_or_default();
        if found != "ok" {
            return Err(StoreError::Damaged(found));
        }
    }
    match tx.has_table("meta").await? {
        true => Ok(()),
        false => Err(file::refused(path, &format!("holds none of kpid's tables. {}", file::RESTORE))),
    }
}

/// Sessions through a pooler keep nothing of their own: no settings at start beyond those that poolers know, no prepared statements.
async fn connect_postgres(url: &Secret, sessions: u32) -> Result<sqlx::PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url.expose()).map_err(|error| explain(&error))?;
    // PGSSLMODE may have decided, too.
    let undecided = matches!(options.get_ssl_mode(), PgSslMode::Prefer) && options.get_socket().is_none();
    let options = match undecided && must_encrypt(url, options.get_host()) {
        true => options.ssl_mode(PgSslMode::Require),
        false => options,
    };
    let options = options
        .application_name("kpid")
        .extra_float_digits(None)
        .statement_cache_capacity(0)
        .disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(sessions.max(1)).acquire_timeout(PATIENCE);
    // The pool would try again until its patience ends, and then not say why.
    let first = options.connect().await.map_err(|error| explain(&error))?;
    first.close().await.map_err(|error| explain(&error))?;
    Ok(pool.connect_lazy_with(options))
}

fn concealed(url: &Secret, error: StoreError) -> StoreError {
    match error {
        StoreError::Database(why) => StoreError::Database(url.concealed_in(&why)),
        StoreError::Refused(why) => StoreError::Refused(url.concealed_in(&why)),
        other => other,
    }
}

/// In people's words where the cause is known.
pub(super) fn explain(error: &sqlx::Error) -> StoreError {
    if let sqlx::Error::Configuration(why) = error {
        return StoreError::Refused(format!("the store's URL can't be used: {why}"));
    }
    let Some(error) = error.as_database_error() else {
        return StoreError::Database(match error {
            sqlx::Error::PoolTimedOut => "it gives no session: it is busy, or does not answer".to_owned(),
            other => other.to_string(),
        });
    };
    let code = error.code().unwrap_or_default();
    if error.is_unique_violation() {
        return StoreError::Taken;
    }
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_none() {
        return StoreError::Database(error.message().to_owned());
    }
    // https://www.sqlite.org/rescode.html; the low byte is the primary code.
    let why = match code.parse::<i32>().unwrap_or_default() & 0xff {
        5 | 6 => "another program has locked it for too long",
        7 => "there is no memory left",
        8 => "it can only be read: is its disk or file read-only?",
        10 => "its disk fails",
        11 | 26 => return StoreError::Damaged(error.message().to_owned()),
        13 => "its disk is full",
        14 => "its file can't be opened",
        _ => return StoreError::Database(error.message().to_owned()),
    };
    StoreError::Database(format!("{why} ({})", error.message()))
}
