//! `kpid test`

mod cases;
mod junit;
mod told;

use super::{Exit, counted, installation, output};
use crate::catalog::{Catalog, Diagnostic, Problems, Severity};
use crate::text::Name;
use anyhow::Context;
use cases::Case;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  kpid test                        all tests, without a database
  kpid test cac                    those of one KPI
  kpid test a_mobile_week          one test of `tests:`
  kpid test --untested             which KPIs have none?
  kpid test --junit report.xml     for a CI server, beside the text
  kpid test --json | jq '.[] | select(.failure)'

Exit codes: 0 all passed, 1 a test failed, 2 wrong input: errors in the YAML stand in
the report and in the JSON as well";

/// Test KPIs on given inputs and rows, without a database
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The KPIs to test, or names of `tests:`; all when none is named
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "untested")]
    json: bool,
    /// Also write a JUnit report, as CI servers read it
    #[arg(long, value_name = "FILE", conflicts_with = "untested")]
    junit: Option<PathBuf>,
    /// List the KPIs that no test is about, and run none
    #[arg(long)]
    untested: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = match Catalog::load(dir, &|name| std::env::var(name).ok()) {
        Ok(loaded) => loaded.catalog,
        Err(problems) => return unread(&args, &problems).await,
    };
    let wanted = Wanted::of(&catalog, &args.names)?;
    if args.untested {
        wanted.untested(&catalog).iter().try_for_each(output::line)?;
        return Ok(Exit::Done);
    }
    let cases = cases::run(&catalog, &wanted);
    if let Some(file) = &args.junit {
        write(file, junit::report(&cases, &catalog.settings.calendar)).await?;
    }
    let failed = cases.iter().filter(|case| case.failure.is_some()).count();
    if args.json {
        let rows = cases.iter().map(|case| told::json(case, &catalog.settings.calendar)).collect();
        output::line(format_args!("{:#}", serde_json::Value::Array(rows)))?;
    } else {
        let coloured = output::is_coloured();
        for case in &cases {
            output::print(&told::text(case, &catalog.settings.calendar, coloured))?;
        }
        let untested = wanted.untested(&catalog).len();
        output::line(summary(&cases, failed, untested))?;
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}

/// Without a catalogue there are no tests; whoever reads their results is told why, and not left with those of the last run.
async fn unread(args: &Args, problems: &Problems) -> anyhow::Result<Exit> {
    let errors: Vec<&Diagnostic> = problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    if let Some(file) = &args.junit {
        write(file, junit::unread(&errors)).await?;
    }
    if args.json {
        let rows = errors.iter().map(|problem| told::unread(problem)).collect();
        output::line(format_args!("{:#}", serde_json::Value::Array(rows)))?;
    }
    installation::show(problems);
    Ok(Exit::Usage)
}

async fn write(file: &Path, report: String) -> anyhow::Result<()> {
    tokio::fs::write(file, report).await.with_context(|| format!("write {}", file.display()))
}

fn summary(cases: &[Case], failed: usize, untested: usize) -> String {
    let passed = cases.len() - failed;
    let hint = if untested == 0 { "" } else { " (`kpid test --untested` lists them)" };
    format!("{passed} passed, {failed} failed, {} without tests{hint}", counted(untested, "KPI"))
}

/// What the command line names.
struct Wanted {
    /// Nothing is named.
    all: bool,
    kpis: HashSet<Name>,
    tests: HashSet<Name>,
}

impl Wanted {
    fn of(catalog: &Catalog, names: &[String]) -> anyhow::Result<Wanted> {
        let mut wanted = Wanted { all: names.is_empty(), kpis: HashSet::new(), tests: HashSet::new() };
        let kpis = || catalog.kpis.iter().map(|kpi| &kpi.id);
        let tests = || catalog.scenarios.iter().map(|test| &test.name);
        for name in names {
            let (kpi, test) = (kpis().find(|kpi| ***kpi == **name), tests().find(|test| ***test == **name));
            if kpi.is_none() && test.is_none() {
                return Err(installation::unknown("KPI or test", name, tests().chain(kpis()).map(|name| &**name)));
            }
            wanted.kpis.extend(kpi.cloned());
            wanted.tests.extend(test.cloned());
        }
        Ok(wanted)
    }

    fn kpi(&self, kpi: &Name) -> bool {
        self.all || self.kpis.contains(kpi)
    }

    /// Whether what `test` expects of `kpi` is to be checked.
    fn expectation(&self, test: &Name, kpi: &Name) -> bool {
        self.kpi(kpi) || self.tests.contains(test)
    }

    /// The KPIs asked about that no test is about, in the order of the YAML.
    fn untested<'a>(&self, catalog: &'a Catalog) -> Vec<&'a Name> {
        let expected = catalog.scenarios.iter().flat_map(|test| &test.expect).map(|expected| &expected.kpi);
        let tested: HashSet<&Name> = catalog.tests.iter().map(|test| &test.kpi).chain(expected).collect();
        catalog.kpis.iter().map(|kpi| &kpi.id).filter(|kpi| self.kpi(kpi) && !tested.contains(kpi)).collect()
    }
}
