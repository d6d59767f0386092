//! `kpid schema`

use super::{Exit, installation, output, wrong};
use crate::catalog;
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  kpid schema --here -o kpis/.kpid.schema.json   with the names of your folder
  kpid schema > kpid.schema.json                 of the language alone

An editor with the yaml-language-server completes, explains and underlines by
it in files whose first line is

  # yaml-language-server: $schema=.kpid.schema.json

The path is relative to the file: `../.kpid.schema.json` in a subfolder.

  VS Code   install the extension YAML (redhat.vscode-yaml)
  Neovim    npm install -g yaml-language-server, then in init.lua
            vim.lsp.config('yamlls', { filetypes = { 'yaml' },
              cmd = { 'yaml-language-server', '--stdio' } })
            vim.lsp.enable('yamlls')
  Helix     npm install -g yaml-language-server; it is set up already
  others    any client of the language server protocol

With --here it completes KPIs, sources, measures, dimensions, databases, people
and groups by name, also while the folder has errors; in a formula its first
name, as editors complete a value as a whole. What it doesn't know it lets
through, and `kpid check` tells. Run it again when names have changed: the file
is written only if it would change.

Exit codes: 0 done, 1 the file can't be written, 2 there is no YAML to read";

/// Print the JSON Schema of the YAML, for completion and explanations in an editor
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// With the names that the folder declares
    #[arg(long)]
    here: bool,
    /// Write to this file instead of standard output, if that changes it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let names = match args.here.then(|| catalog::names(dir)).transpose() {
        Ok(names) => names,
        Err(problems) => {
            installation::show(&problems);
            return Ok(Exit::Usage);
        }
    };
    let schema = catalog::schema(names.as_ref());
    match args.output {
        None => output::print(&schema)?,
        Some(path) => write(&path, &schema)?,
    }
    Ok(Exit::Done)
}

/// Brings the file that editors of `dir` read up to date.
///
/// # Errors
/// There is no YAML in it, or the file can't be written.
pub fn refresh(dir: &Path) -> anyhow::Result<()> {
    let names = catalog::names(dir).map_err(|problems| wrong(problems.to_string(), None))?;
    write(&dir.join(catalog::SCHEMA_FILE), &catalog::schema(Some(&names)))
}

/// Whoever watches the file is left in peace while nothing changes.
fn write(path: &Path, schema: &str) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|there| there == schema.as_bytes()) {
        return Ok(());
    }
    fs::write(path, schema).with_context(|| format!("write {}", path.display()))
}
