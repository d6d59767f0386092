//! `kpid check`

pub(super) mod templates;

use super::{Exit, counted, installation, output, reports};
use crate::calendar::clock;
use crate::catalog::Catalog;
use crate::source::SourceError;
use serde_json::json;
use std::path::Path;

/// Check the YAML and the templates, and with --connect the databases behind them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid check\n  kpid check --connect\n  kpid check --json\n\nExit codes: 0 usable (there may be warnings), 2 errors in the YAML or in templates, 3 a database doesn't answer as declared"
)]
pub struct Args {
    /// Also ask every database: does it answer, are the columns there, may we only read?
    #[arg(long)]
    connect: bool,
    /// Print problems as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let loaded = match Catalog::load(dir, &|name| std::env::var(name).ok()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            if args.json {
                output::line(format_args!("{:#}", json!(problems_json(&problems))))?;
            } else {
                installation::show(&problems);
            }
            return Ok(Exit::Usage);
        }
    };
    let catalog = &loaded.catalog;
    let flaws = templates::flaws(dir, catalog);
    let found = if args.connect { connect(catalog).await } else { Vec::new() };
    let failed = found.iter().any(|finding| finding.fails);
    if args.json {
        let rows = found.iter().map(|f| json!({ "about": f.about, "message": f.message, "error": f.fails }));
        let connections: Vec<_> = rows.collect();
        let mut problems = problems_json(&loaded.warnings);
        problems.extend(flaws.iter().map(templates::Unrendered::json));
        output::line(format_args!("{:#}", json!({ "problems": problems, "connections": connections })))?;
    } else {
        installation::show(&loaded.warnings);
        flaws.iter().for_each(|flaw| eprintln!("{flaw}\n"));
        for finding in &found {
            eprintln!("{}: {}", if finding.fails { "error" } else { "warning" }, finding.message);
        }
        let verdict = match (args.connect, failed) {
            _ if !flaws.is_empty() => "the YAML is right, the templates are not",
            (false, _) => "all right",
            (true, false) => "all right, databases included",
            (true, true) => "the YAML is right, what it says of databases is not",
        };
        output::print(&summary(catalog, verdict))?;
    }
    Ok(match (flaws.is_empty(), failed) {
        (false, _) => Exit::Usage,
        (true, true) => Exit::Partial,
        (true, false) => Exit::Done,
    })
}

fn problems_json(problems: &crate::catalog::Problems) -> Vec<serde_json::Value> {
    let row = |problem: &crate::catalog::Diagnostic| {
        json!({
            "severity": format!("{:?}", problem.severity).to_lowercase(),
            "code": problem.code,
            "file": problem.file(),
            "line": problem.line(),
            "column": problem.column(),
            "message": problem.message,
            "help": problem.help,
        })
    };
    problems.iter().map(row).collect()
}

fn summary(catalog: &Catalog, verdict: &str) -> String {
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
    let now = clock::now();
    let listings: String = catalog.reports.values().map(|report| reports::listing(report, now)).collect();
    format!("{}: {verdict}\n{listings}", counts.join(", "))
}

/// Something a database says that the YAML can't know.
struct Finding {
    about: String,
    /// Names what it is about.
    message: String,
    fails: bool,
}

async fn connect(catalog: &Catalog) -> Vec<Finding> {
    let sources = installation::sources(catalog);
    let mut found = Vec::new();
    let mut silent = Vec::new();
    for name in catalog.databases.keys() {
        let about = format!("database {name}");
        match sources.audit(name).await {
            Ok(advice) => found.extend(advice.into_iter().map(|advice| Finding {
                about: about.clone(),
                message: format!("database `{name}`: {}", advice.what),
                fails: advice.privileged,
            })),
            Err(error) => {
                found.push(Finding { about, message: error.to_string(), fails: true });
                silent.push(name);
            }
        }
    }
    // One error says it all of a database that doesn't answer.
    for source in catalog.sources.values().filter(|source| !silent.contains(&&source.database)) {
        let about = format!("source {}", source.name);
        let flaws = sources.flaws(source).await.unwrap_or_else(|error| vec![error]);
        let finding = |flaw: SourceError| Finding { about: about.clone(), message: flaw.to_string(), fails: true };
        found.extend(flaws.into_iter().map(finding));
    }
    found
}
