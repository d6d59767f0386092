//! `kpid schema`

use super::Exit;
use std::path::Path;

/// Print the JSON Schema of the YAML, for completion and explanations in an editor
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_dir: &Path, _args: Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
