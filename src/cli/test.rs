//! `kpid test`

use super::{Exit, counted, installation, output};
use crate::pipeline;
use serde_json::json;
use std::collections::HashSet;
use std::path::Path;

/// Run the KPIs' own tests, without a database
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid test\n  kpid test cac --json\n\nExit codes: 0 all passed, 1 a test failed, 2 wrong input"
)]
pub struct Args {
    /// The KPIs to test; all when none is named
    #[arg(value_name = "KPI")]
    kpis: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let wanted = installation::kpis(&catalog, &args.kpis)?;
    let model = pipeline::model(&catalog);
    let names: HashSet<_> = wanted.iter().map(|kpi| &kpi.id).collect();
    let tests = catalog.tests.iter().filter(|test| names.contains(&test.kpi));
    let results: Vec<_> = tests.map(|test| (test, test.run(&model))).collect();
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    if args.json {
        let rows = results.iter().map(|(test, result)| {
            json!({ "kpi": &*test.kpi, "place": test.place, "failure": result.as_ref().err().map(ToString::to_string) })
        });
        output::line(format_args!("{:#}", serde_json::Value::Array(rows.collect())))?;
    } else {
        for (test, result) in &results {
            if let Err(failure) = result {
                output::line(format_args!("{}: {}: {failure}", test.place, test.kpi))?;
            }
        }
        let tested: HashSet<_> = results.iter().map(|(test, _)| &test.kpi).collect();
        let untested = names.difference(&tested).count();
        let (passed, untested) = (results.len() - failed, counted(untested, "KPI"));
        output::line(format_args!("{passed} passed, {failed} failed, {untested} without tests"))?;
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}
