//! The sample company as three SQLite files.

use super::{DemoError, Failure};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use std::path::Path;

/// Runs `statements` on a new file `path`, in place of what is there.
///
/// # Errors
/// When the file can't be written. A file that was there stays as it was then.
pub async fn write(path: &Path, statements: impl Iterator<Item = String>) -> Result<(), DemoError> {
    // Under another name until it is whole, so that a build that is broken off leaves no half database behind.
    let unfinished = path.with_extension("db.unfinished");
    let failed = |cause: Failure| DemoError { path: path.to_owned(), cause };
    remove(&unfinished).map_err(|e| failed(e.into()))?;
    fill(&unfinished, statements).await.map_err(|e| failed(e.into()))?;
    std::fs::rename(&unfinished, path).map_err(|e| failed(e.into()))
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

async fn fill(path: &Path, statements: impl Iterator<Item = String>) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        // Nobody reads the file before it is whole, and nobody misses it if the machine stops.
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off);
    let mut connection: SqliteConnection = options.connect().await?;
    connection.execute("BEGIN").await?;
    for statement in statements {
        // Our own names and literals: nothing of it comes from outside.
        connection.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await?;
    }
    connection.execute("COMMIT").await?;
    connection.close().await
}
