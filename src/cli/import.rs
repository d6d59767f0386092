//! `kpid import`

use super::Exit;
use std::path::Path;

/// Look at a database and propose sources
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
