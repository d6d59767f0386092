//! `kpid run`

use super::{Exit, Explained, installation};
use crate::daemon::installation::{Installation, LoadError};
use crate::daemon::{self, log};
use std::path::Path;
use std::sync::Arc;

/// Serve: make the reports when they are due and mail them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid run\n  kpid --dir /etc/kpid run --log json\n\nEdits of the folder are taken over by themselves, or at once with SIGHUP. SIGTERM and Ctrl-C stop it\nwhen what is being said to the mail server has been said, 30 s at most; nothing is lost by a harder end.\nThe level of the log: KPID_LOG=debug.\n\nExit codes: 0 stopped when asked, 1 it could not start, 2 the folder is wrong"
)]
pub struct Args {
    /// How the log is written, on stderr
    #[arg(long, value_enum, default_value_t)]
    log: log::Format,
}

pub async fn run(dir: &Path, args: &Args) -> anyhow::Result<Exit> {
    log::start(args.log)?;
    let env = |name: &str| std::env::var(name).ok();
    let (installation, warnings) = Installation::load(dir, &env).map_err(|error| match error {
        LoadError::Catalog(problems) => {
            installation::show(&problems);
            anyhow::Error::from(Explained)
        }
        LoadError::Templates(error) => error.into(),
    })?;
    if !warnings.is_empty() {
        installation::show(&warnings);
    }
    daemon::serve(installation, Arc::new(env)).await?;
    Ok(Exit::Done)
}
