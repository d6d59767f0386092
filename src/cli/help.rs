//! `kpid help [TOPIC]`: the references of language and templates, or the help of a command.

use super::{Exit, output};
use clap::CommandFactory;

/// Print the reference of the language or of templates, or the help of a command
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  kpid help language\n  kpid help templates\n  kpid help measure")]
pub struct Args {
    /// `language`, `templates`, or the name of a command
    topic: Option<String>,
}

/// What may stand in the YAML.
const LANGUAGE: &str = include_str!("language.md");
/// What may stand in the folder of templates.
const TEMPLATES: &str = include_str!("../../docs/templates.md");

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut command = super::Args::command();
    // Gives subcommands their full name and the options that stand before them.
    command.build();
    match args.topic.as_deref() {
        None => output::written(command.print_help())?,
        Some("language") => output::print(LANGUAGE)?,
        Some("templates") => output::print(TEMPLATES)?,
        Some(topic) => match command.find_subcommand_mut(topic) {
            Some(command) => output::written(command.print_help())?,
            None => {
                eprintln!(
                    "error: there is no help for `{topic}`\nhelp: `kpid help language`, `kpid help templates`, or the name of a command: `kpid help measure`"
                );
                return Ok(Exit::Usage);
            }
        },
    }
    Ok(Exit::Done)
}
