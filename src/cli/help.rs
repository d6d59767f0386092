//! `kpid help [TOPIC]`: the references of language and templates, what a warning means, or the help of a command.

use super::{Exit, output, wrong};
use crate::catalog::suggest;
use crate::catalog::warnings::Rule;
use clap::CommandFactory;

/// Print the reference of the language or of templates, a warning explained, or the help of a command
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid help language\n  kpid help templates\n  kpid help W012       what this warning means, and what to do\n  kpid help warnings   all of them\n  kpid help measure"
)]
pub struct Args {
    /// `language`, `templates`, `warnings`, a warning's code, or the name of a command
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
        Some("warnings") => output::print(&warnings())?,
        Some(topic) if let Some(rule) = Rule::of_code(topic) => output::print(&explained(rule))?,
        Some(topic) => match command.find_subcommand_mut(topic) {
            Some(command) => output::written(command.print_help())?,
            None => {
                let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
                return Err(unknown(topic, &names));
            }
        },
    }
    Ok(Exit::Done)
}

/// `commands`: the names of all commands.
fn unknown(topic: &str, commands: &[&str]) -> anyhow::Error {
    let codes = || Rule::all().map(|rule| rule.code);
    let known = ["language", "templates", "warnings"].into_iter().chain(codes()).chain(commands.iter().copied());
    let is_code = topic.starts_with(['W', 'w']) && topic[1..].parse::<u32>().is_ok();
    match suggest(topic, known) {
        Some(near) => wrong(format!("there is no help for `{topic}`"), Some(format!("did you mean `{near}`?"))),
        None if is_code => {
            wrong(format!("no warning has the code `{topic}`"), Some("`kpid help warnings` lists all".to_owned()))
        }
        // As the errors of `check` are called, which need no page.
        None if topic.contains('-') => {
            let help = "the message says it all; `kpid help language` has the grammar";
            wrong(format!("there is no page about `{topic}`"), Some(help.to_owned()))
        }
        None => {
            let help = "`kpid help language`, `kpid help templates`, `kpid help warnings`, or the name of a command: `kpid help measure`";
            wrong(format!("there is no help for `{topic}`"), Some(help.to_owned()))
        }
    }
}

fn warnings() -> String {
    let rows: String = Rule::all().map(|rule| format!("  {}  {}\n", rule.code, rule.title())).collect();
    format!("Warnings of `kpid check`; `kpid help W012` explains one.\n\n{rows}\n{ALLOWING}")
}

/// A rule's section as plain text: examples indented instead of fenced.
fn explained(rule: &Rule) -> String {
    let mut fenced = false;
    let lines = rule.explanation().lines().filter_map(|line| {
        if line.starts_with("```") {
            fenced = !fenced;
            return None;
        }
        Some(if fenced { format!("    {line}\n") } else { format!("{line}\n") })
    });
    let text: String = lines.collect();
    format!("{}: {}\n\n{text}\n{}", rule.code, rule.title(), ALLOWING.replace("W012", rule.code))
}

const ALLOWING: &str = "\
Where it is fine all the same, say why in the YAML, on the line of the warning, on
the line above, or on that of the name of the thing it is in:

    # allow W012: why it is fine
";
