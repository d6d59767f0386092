//! The command line: one subcommand a file.
//!
//! Results go to stdout (through [`output`]), everything else to stderr. Exit codes are [`Exit`]; colour, tables and progress appear on a terminal only.

mod addition;
mod ask;
mod backup;
mod check;
mod completions;
mod demo;
mod diff;
mod docs;
mod doctor;
mod explain;
mod forget;
mod help;
mod import;
mod init;
mod installation;
mod json;
mod measure;
mod new;
mod outbox;
mod output;
mod preview;
mod progress;
mod render;
mod reports;
mod resume;
mod run;
mod run_now;
mod runs;
mod schema;
mod scorecard;
mod send;
mod source;
mod store;
mod test;
mod when;
mod why_not;

use crate::daemon::installation::FOLDER;
use crate::render::RenderError;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a run of kpid ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked was done.
    Done = 0,
    /// Something outside failed (a mail server, the disk), or a KPI's test did.
    Failed = 1,
    /// What the user gave is wrong: flags, YAML, a name.
    Usage = 2,
    /// Some sources could not be read; the other KPIs are measured.
    Partial = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

const EXAMPLES: &str = "\
Examples:
  kpid demo                            build a sample company and its report
  kpid init                            write a folder to begin with
  kpid check                           is everything in kpis/ right?
  kpid doctor                          is everything there that the daemon needs?
  kpid measure cac --period 2026-W46   one KPI, one week
  kpid explain cac                     where is it from, and why did it move?
  kpid diff origin/main                what does my branch change?
  kpid why-not weekly_b2b              did it go out, and if not, why?
  kpid help language                   what may stand in the YAML
  kpid help templates                  how a report can look and sound different

Exit codes:
  0  done
  1  something outside failed, or a KPI's test did
  2  what you gave is wrong: flags, YAML, a name
  3  some sources could not be read; the other KPIs are measured";

/// Reports KPIs that are declared in YAML as formulas over SQL queries.
#[derive(Debug, Parser)]
#[command(name = "kpid", version, after_help = EXAMPLES, disable_help_subcommand = true, max_term_width = 110)]
pub struct Args {
    /// The folder with the YAML
    #[arg(long, global = true, env = "KPID_DIR", default_value = FOLDER, value_name = "FOLDER")]
    pub dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Init(init::Args),
    New(new::Args),
    Import(import::Args),
    Check(check::Args),
    Preview(preview::Args),
    Test(test::Args),
    Diff(diff::Args),
    Docs(docs::Args),
    Schema(schema::Args),
    Run(run::Args),
    Doctor(doctor::Args),
    Measure(measure::Args),
    Explain(explain::Args),
    Source(source::Args),
    Reports(reports::Args),
    WhyNot(why_not::Args),
    Runs(runs::Args),
    RunNow(run_now::Args),
    Outbox(outbox::Args),
    Render(render::Args),
    Send(send::Args),
    Forget(forget::Args),
    Resume(resume::Args),
    Backup(backup::Args),
    Completions(completions::Args),
    Help(help::Args),
}

/// What the user gave is wrong; printed like any error, but ends with [`Exit::Usage`].
#[derive(Debug, thiserror::Error)]
#[error("{message}{}", help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default())]
pub struct Wrong {
    message: String,
    help: Option<String>,
}

/// An error of the user, with what to do about it where that is known.
fn wrong(message: impl Into<String>, help: Option<String>) -> anyhow::Error {
    Wrong { message: message.into(), help }.into()
}

/// `1 report`, `2 reports`.
fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// `word` as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// What the user gave is wrong, and stderr says so already: the problems of a catalogue have a form of their own.
#[derive(Debug, thiserror::Error)]
#[error("explained above")]
pub struct Explained;

/// Says what `error` is, unless that was done, and how it ends the program.
pub fn explained(error: &anyhow::Error) -> Exit {
    if error.is::<Explained>() {
        return Exit::Usage;
    }
    eprintln!("error: {error:#}");
    // A template is the user's own, as the YAML is.
    let is_wrong = error.is::<Wrong>() || error.is::<RenderError>();
    if is_wrong { Exit::Usage } else { Exit::Failed }
}

/// Runs one command.
///
/// # Errors
/// What the user gave wrong ([`Wrong`], [`Explained`]), or what failed outside: the disk, a mail server.
pub async fn run(args: Args) -> anyhow::Result<Exit> {
    let dir = &args.dir;
    match args.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Init(args) => init::run(dir, args).await,
        Command::New(args) => new::run(dir, args).await,
        Command::Import(args) => import::run(dir, args).await,
        Command::Check(args) => check::run(dir, args).await,
        Command::Preview(args) => preview::run(dir, args).await,
        Command::Test(args) => test::run(dir, args).await,
        Command::Diff(args) => diff::run(dir, args).await,
        Command::Docs(args) => docs::run(dir, args).await,
        Command::Schema(args) => schema::run(dir, args).await,
        Command::Run(args) => run::run(dir, &args).await,
        Command::Doctor(args) => doctor::run(dir, args).await,
        Command::Measure(args) => measure::run(dir, args).await,
        Command::Explain(args) => explain::run(dir, args).await,
        Command::Source(args) => source::run(dir, args).await,
        Command::Reports(args) => reports::run(dir, &args).await,
        Command::WhyNot(args) => why_not::run(dir, args).await,
        Command::Runs(args) => runs::run(dir, args).await,
        Command::RunNow(args) => run_now::run(dir, args).await,
        Command::Outbox(args) => outbox::run(dir, args).await,
        Command::Render(args) => render::run(dir, args).await,
        Command::Send(args) => send::run(dir, args).await,
        Command::Forget(args) => forget::run(dir, args).await,
        Command::Resume(args) => resume::run(dir, &args).await,
        Command::Backup(args) => backup::run(dir, args).await,
        Command::Completions(args) => completions::run(&args),
        Command::Help(args) => help::run(&args),
    }
}
