//! `kpid completions SHELL`

use super::{Exit, output};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a completion script for your shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid completions bash > ~/.local/share/bash-completion/completions/kpid\n  kpid completions zsh > ~/.zfunc/_kpid\n  kpid completions fish > ~/.config/fish/completions/kpid.fish"
)]
pub struct Args {
    shell: Shell,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "kpid", &mut script);
    output::bytes(&script)?;
    Ok(Exit::Done)
}
