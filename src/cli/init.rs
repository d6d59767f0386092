//! `kpid init`

use super::Exit;
use std::path::Path;

/// Write a folder to begin with
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
