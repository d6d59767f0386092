//! `kpid measure`

use super::when::{Chosen, When};
use super::{Exit, installation, json, progress, scorecard};
use crate::calendar::{Cadence, Calendar};
use crate::catalog::Catalog;
use crate::measure::{Comparison, Kpi, Request};
use crate::pipeline::{self, Outcome};
use crate::report::{ReportSpec, TOP};
use crate::source::Sources;
use crate::text::{Name, Text};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  kpid measure                                 every KPI, last complete week
  kpid measure cac clv --period 2026-Q3        two KPIs, a quarter
  kpid measure --report weekly_b2b             what that report would say now
  kpid measure --period 2026-10 --json | jq '.kpis[] | {id, value, verdict}'
  kpid measure --as-of 2026-11-16T08:00        as it would have been then

Exit codes: 0 all measured, 2 wrong input, 3 some sources could not be read";

/// Measure KPIs and judge them against their targets
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The KPIs to measure; all when none is named
    #[arg(value_name = "KPI", conflicts_with = "report")]
    kpis: Vec<String>,
    /// The KPIs, period, comparisons and time zone of this report
    #[arg(long, value_name = "REPORT")]
    report: Option<String>,
    #[command(flatten)]
    when: When,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV in long form
    #[arg(long)]
    csv: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let asked = asked(&catalog, &args)?;
    let sources = installation::sources(&catalog);
    let outcome = answer(&catalog, &sources, &asked).await;
    if args.json {
        println!("{:#}", json::outcome(&outcome, &asked));
    } else if args.csv {
        print!("{}", json::csv(&outcome, &asked));
    } else {
        println!("{}", scorecard::scorecard(&outcome, &asked, &catalog.settings)?);
    }
    Ok(exit_of(&outcome))
}

/// What is to be measured, in which calendar, as of when.
pub struct Asked {
    pub request: Request,
    pub calendar: Calendar,
    pub chosen: Chosen,
    /// Of a report: the KPI with which each section begins, and the section's title.
    pub headings: Vec<(Name, Text)>,
}

fn asked(catalog: &Catalog, args: &Args) -> anyhow::Result<Asked> {
    match &args.report {
        Some(name) => of_report(catalog, name, &args.when),
        None => {
            let kpis = installation::kpis(catalog, &args.kpis)?;
            let chosen = args.when.choose(&catalog.settings.calendar, Cadence::Week, false)?;
            Ok(of_kpis(catalog, kpis, chosen))
        }
    }
}

/// All there is to know about some KPIs, in the installation's own calendar.
pub fn of_kpis(catalog: &Catalog, kpis: Vec<Arc<Kpi>>, chosen: Chosen) -> Asked {
    let compare = vec![Comparison::Previous, Comparison::YearAgo];
    Asked {
        request: Request { kpis, period: chosen.period, compare, trend: 12, top: TOP },
        calendar: catalog.settings.calendar.clone(),
        chosen,
        headings: Vec::new(),
    }
}

/// What a report asks.
pub fn of_report(catalog: &Catalog, name: &str, when: &When) -> anyhow::Result<Asked> {
    let spec = installation::report(catalog, name)?;
    let chosen = when.choose(&spec.calendar, spec.period, spec.to_date)?;
    let request = Request {
        kpis: spec.kpis().map(|id| installation::kpi(catalog, id)).collect::<anyhow::Result<_>>()?,
        period: chosen.period,
        compare: spec.compare.clone(),
        trend: spec.trend,
        top: TOP,
    };
    Ok(Asked { request, calendar: spec.calendar.clone(), chosen, headings: headings(spec) })
}

/// A KPI that stands in two sections is measured, and shown, in the first.
fn headings(spec: &ReportSpec) -> Vec<(Name, Text)> {
    let mut seen = HashSet::new();
    let mut headings = Vec::new();
    for section in &spec.sections {
        let new: Vec<&Name> = section.kpis.iter().filter(|kpi| seen.insert(*kpi)).collect();
        headings.extend(new.first().map(|first| ((*first).clone(), section.title.clone())));
    }
    headings
}

/// The outcome, with progress on a terminal.
pub async fn answer(catalog: &Catalog, sources: &Sources, asked: &Asked) -> Outcome {
    let line = progress::Line::new();
    let update = |progress| line.update(&progress);
    line.beside(pipeline::measure(catalog, sources, &asked.request, &asked.calendar, asked.chosen.now, update)).await
}

pub fn exit_of(outcome: &Outcome) -> Exit {
    if outcome.is_complete() { Exit::Done } else { Exit::Partial }
}
