//! `kpid diff`

use super::Exit;
use std::path::Path;

/// Show what a change of the YAML does to KPIs, reports, readers and numbers
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
