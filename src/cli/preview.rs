//! `kpid preview`

use super::Exit;
use std::path::Path;

/// Show reports in the browser while their YAML is being edited
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
