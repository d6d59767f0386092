//! The tables, brought to this version's form by whoever opens the store first.
//!
//! Each migration expands: it adds tables, columns with defaults and indexes, so that a daemon of the version before can go on beside
//! the new one; what is no longer used goes a version later. The list only grows. A store that knows more than this version is left
//! alone, for what it knows could be broken unseen.

use super::StoreError;
use super::db::{Tx, args};
use super::open::Role;
use crate::outbox::InstallId;

const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql")];

/// Any number will do that no other program of that database locks.
const ADVISORY_LOCK: i64 = 0x6b70_6964;

/// Makes or updates the tables (a daemon) or sees that they are there (a tool), all or nothing, and gives the installation's id.
///
/// # Errors
/// There is no store, it is another program's, or of a newer version.
pub(super) async fn bring_up_to_date(tx: &mut Tx, role: Role, fresh: InstallId) -> Result<InstallId, StoreError> {
    if tx.is_postgres() && role == Role::Daemon {
        tx.execute("SELECT pg_advisory_xact_lock($1)", args![ADVISORY_LOCK]).await?;
    }
    let found = match tx.has_table("meta").await? {
        true => version(tx).await?,
        false => 0,
    };
    if found > MIGRATIONS.len() {
        return Err(refused(format!(
            "the store has schema {found} and this kpid, {}, knows none after {}: a newer kpid has used it; start that one, or a later",
            env!("CARGO_PKG_VERSION"),
            MIGRATIONS.len()
        )));
    }
    match (role, MIGRATIONS.len() - found) {
        (_, 0) => {}
        (Role::Daemon, _) => migrate(tx, found, &fresh).await?,
        (Role::Tool, _) if found == 0 => {
            return Err(refused("there is no store yet: the daemon makes it when it starts"));
        }
        (Role::Tool, _) => {
            let newest = MIGRATIONS.len();
            return Err(refused(format!(
                "the store has schema {found}, before {newest}: the daemon updates it when it starts"
            )));
        }
    }
    let id = meta(tx, "install").await?;
    id.as_deref()
        .and_then(InstallId::from_hex)
        .ok_or_else(|| refused("the store has lost its `install` id: restore a backup"))
}

async fn migrate(tx: &mut Tx, found: usize, fresh: &InstallId) -> Result<(), StoreError> {
    for migration in &MIGRATIONS[found..] {
        let sql = if tx.is_postgres() { migration.replace(" BLOB", " BYTEA") } else { (*migration).to_owned() };
        tx.script(&sql).await.map_err(|error| {
            refused(format!("can't make the tables: {error}; give kpid a database of its own, whose owner it is"))
        })?;
    }
    let sql = "INSERT INTO meta (key, value) VALUES ('schema_version', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    tx.execute(sql, args![MIGRATIONS.len().to_string()]).await?;
    let sql = "INSERT INTO meta (key, value) VALUES ('install', $1) ON CONFLICT (key) DO NOTHING";
    tx.execute(sql, args![fresh.to_hex()]).await?;
    Ok(())
}

async fn version(tx: &mut Tx) -> Result<usize, StoreError> {
    let version = meta(tx, "schema_version").await.ok().flatten();
    version
        .and_then(|version| version.parse().ok())
        .ok_or_else(|| refused("the database has a table `meta` that is not kpid's: give kpid a database of its own"))
}

/// What is kept under `key` about the installation.
pub(super) async fn meta(tx: &mut Tx, key: &str) -> Result<Option<String>, StoreError> {
    let row = tx.row("SELECT value FROM meta WHERE key = $1", args![key]).await?;
    row.map(|row| row.get("value")).transpose()
}

fn refused(why: impl Into<String>) -> StoreError {
    StoreError::Refused(why.into())
}
