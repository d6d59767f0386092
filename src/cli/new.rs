//! `kpid new`

use super::Exit;
use std::path::Path;

/// Add a KPI, a source or a report to the folder
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
