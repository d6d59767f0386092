//! `kpid check`

mod databases;
mod reach;
mod sums;
pub(super) mod templates;
mod today;

use super::{Exit, counted, installation, output, reports};
use crate::calendar::clock;
use crate::catalog::warnings::Found;
use crate::catalog::{Catalog, Diagnostic, Loaded, Problems};
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;

/// Check the YAML and the templates, and with --connect the databases behind them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid check\n  kpid check --connect\n  kpid check --deny-warnings   for CI\n  kpid help W012               what a warning means\n\nExit codes: 0 usable (there may be warnings), 2 errors in the YAML or in templates,\nor warnings with --deny-warnings, 3 a database doesn't answer as declared"
)]
pub struct Args {
    /// Also ask every database: does it answer, are the columns there, may we only read?
    #[arg(long)]
    connect: bool,
    /// Also show the warnings that `# allow W012: …` comments allow
    #[arg(long)]
    all: bool,
    /// End with exit code 2 when there are warnings
    #[arg(long)]
    deny_warnings: bool,
    /// Print problems as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let loaded = match Catalog::load(dir, &|name| std::env::var(name).ok()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            if args.json {
                let said = json!({ "problems": rows(problems.iter()), "allowed": rows(problems.allowed()) });
                output::line(format_args!("{said:#}"))?;
            } else {
                installation::show(&problems);
            }
            return Ok(Exit::Usage);
        }
    };
    let Loaded { catalog, warnings } = loaded;
    let flaws = templates::flaws(dir, &catalog);
    let now = clock::now();
    let mut problems = warnings.and(today::problems(&catalog, now)).all_found(Found::Today);
    if args.connect {
        problems = problems.and(databases::problems(&catalog, now).await?).all_found(Found::Connected);
    }
    if args.json {
        let mut found = rows(problems.iter());
        found.extend(flaws.iter().map(templates::Unrendered::json));
        output::line(format_args!("{:#}", json!({ "problems": found, "allowed": rows(problems.allowed()) })))?;
    } else {
        installation::show(&problems);
        flaws.iter().for_each(|flaw| eprintln!("{flaw}\n"));
        if args.all {
            problems.allowed().for_each(|problem| eprintln!("{}", allowed(problem)));
        }
        output::print(&summary(&catalog, now, &verdict(&args, &problems, flaws.is_empty())))?;
    }
    Ok(match (flaws.is_empty() && !denied(&args, &problems), problems.errors()) {
        (false, _) => Exit::Usage,
        (true, 0) => Exit::Done,
        (true, _) => Exit::Partial,
    })
}

fn denied(args: &Args, problems: &Problems) -> bool {
    args.deny_warnings && problems.warnings() > 0
}

fn verdict(args: &Args, problems: &Problems, templates: bool) -> String {
    let verdict = match (args.connect, problems.errors()) {
        _ if !templates => "the YAML is right, the templates are not",
        (_, 0) if denied(args, problems) => {
            return format!("{}, denied by --deny-warnings", counted(problems.warnings(), "warning"));
        }
        (false, _) => "all right",
        (true, 0) => "all right, databases included",
        (true, _) => "the YAML is right, what it says of databases is not",
    };
    match problems.allowed().count() {
        0 => verdict.to_owned(),
        count => format!("{verdict} ({} allowed by comments)", counted(count, "warning")),
    }
}

/// One that a comment of the YAML allows, on a line.
fn allowed(problem: &Diagnostic) -> String {
    let (file, line, column) = (problem.file(), problem.line(), problem.column());
    format!("{file}:{line}:{column}: allowed: {} [{}]", problem.message, problem.code)
}

fn rows<'a>(problems: impl Iterator<Item = &'a Diagnostic>) -> Vec<serde_json::Value> {
    let row = |problem: &Diagnostic| {
        json!({
            "severity": problem.severity.to_string(),
            "code": problem.code,
            "file": problem.file(),
            "line": problem.line(),
            "column": problem.column(),
            "message": problem.message,
            "help": problem.help,
        })
    };
    problems.map(row).collect()
}

fn summary(catalog: &Catalog, now: Timestamp, verdict: &str) -> String {
    let counts = [
        counted(catalog.kpis.len(), "KPI"),
        counted(catalog.sources.len(), "source"),
        counted(catalog.databases.len(), "database"),
        counted(catalog.reports.len(), "report"),
        match catalog.people.len() {
            1 => "1 person".to_owned(),
            people => format!("{people} people"),
        },
    ];
    let listings: String = catalog.reports.values().map(|report| reports::listing(report, now)).collect();
    format!("{}: {verdict}\n{listings}", counts.join(", "))
}
