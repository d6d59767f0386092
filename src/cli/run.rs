//! `kpid run`

use super::{Exit, Explained, installation, wrong};
use crate::daemon::installation::{Environment, Installation, LoadError};
use crate::daemon::{self, log};
use std::path::Path;
use std::sync::Arc;

/// Serve: make the reports when they are due and mail them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid run\n  kpid --dir /etc/kpid run --log json\n\nEdits of the folder are taken over by themselves, or at once with SIGHUP. SIGTERM and Ctrl-C stop it when what is being said to the mail server has been said, 30 s at most; nothing is lost by a harder end. The level of the log: KPID_LOG=debug.\n\nExit codes: 0 stopped when asked, 1 it could not start, 2 the folder is wrong"
)]
pub struct Args {
    /// How the log is written, on stderr
    #[arg(long, value_enum, default_value_t)]
    log: Format,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// One line an event, for people
    #[default]
    Text,
    /// One JSON object an event, for programs
    Json,
}

pub async fn run(dir: &Path, args: &Args) -> anyhow::Result<Exit> {
    let format = match args.log {
        Format::Text => log::Format::Text,
        Format::Json => log::Format::Json,
    };
    serve(dir, Arc::new(|name: &str| std::env::var(name).ok()), format).await
}

/// Serves the folder `dir` until it is asked to stop.
///
/// # Errors
/// The folder is wrong, or the daemon can't start.
pub async fn serve(dir: &Path, env: Arc<Environment>, format: log::Format) -> anyhow::Result<Exit> {
    let wanted = std::env::var("KPID_LOG").ok();
    log::start(format, wanted.as_deref()).map_err(|error| wrong(error.to_string(), None))?;
    let (installation, warnings) = Installation::load(dir, &*env).map_err(|error| match error {
        LoadError::Catalog(problems) => {
            installation::show(&problems);
            anyhow::Error::from(Explained)
        }
        LoadError::Templates(error) => error.into(),
    })?;
    daemon::warn_of(&warnings);
    daemon::serve(installation, env).await?;
    Ok(Exit::Done)
}
