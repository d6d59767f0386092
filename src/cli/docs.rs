//! `kpid docs`

use super::Exit;
use std::path::Path;

/// Write a site that explains every KPI of the folder
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
