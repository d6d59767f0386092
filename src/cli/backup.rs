//! `kpid backup FILE`

use super::{Exit, installation, output, store};
use std::path::{Path, PathBuf};

/// Copy the store to a file, also while the daemon works
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid backup /var/backups/kpid-2026-11-22.db\n\nThe copy is of one moment, readable by you only, and a store in itself: to restore it, stop the daemon, put the copy in the place of the store (and remove its -wal and -shm), start the daemon. What was due meanwhile is made up for as each report's `missed` says; mails sent since may be sent once more, under the same Message-ID. A store on PostgreSQL is copied with pg_dump.\n\nExit codes: 0 copied, 1 the store fails, 2 the file exists or can't be written, or no daemon has run here yet"
)]
pub struct Args {
    /// A new file
    file: PathBuf,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load_settings(dir)?;
    let store = store::open(&catalog.settings).await?;
    store.backup(&args.file).await.map_err(store::explained)?;
    let bytes = std::fs::metadata(&args.file)?.len();
    output::line(format_args!("{} holds the store, {} KiB", args.file.display(), bytes.div_ceil(1024)))?;
    Ok(Exit::Done)
}
