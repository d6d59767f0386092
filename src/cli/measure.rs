//! `kpid measure`

use super::when::{Chosen, When};
use super::{Exit, installation, json, output, progress, scorecard};
use crate::calendar::{Cadence, Calendar};
use crate::catalog::Catalog;
use crate::measure::{Kpi, Request};
use crate::pipeline::{self, Outcome, Question};
use crate::query::Readings;
use crate::report::{History, Report, ReportSpec};
use crate::source::Sources;
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
    let exit = exit_of(&outcome);
    if args.json {
        output::line(format_args!("{:#}", json::outcome(&outcome, &asked)))?;
    } else if args.csv {
        output::print(&json::csv(&outcome, &asked))?;
    } else {
        output::line(scorecard::scorecard(&asked.report(&catalog, outcome), &catalog.settings)?)?;
    }
    Ok(exit)
}

/// What is to be measured, as of when, and how it is arranged.
pub struct Asked {
    pub spec: ReportSpec,
    pub request: Request,
    pub chosen: Chosen,
}

impl Asked {
    /// `spec` about the period that was chosen.
    fn new(catalog: &Catalog, spec: ReportSpec, chosen: Chosen) -> anyhow::Result<Asked> {
        let kpis = spec.kpis().map(|id| installation::kpi(catalog, id)).collect::<anyhow::Result<_>>()?;
        let request = spec.request(kpis, chosen.period);
        Ok(Asked { spec, request, chosen })
    }

    pub fn calendar(&self) -> &Calendar {
        &self.spec.calendar
    }

    /// The edition that shows `outcome`.
    pub fn report(&self, catalog: &Catalog, outcome: Outcome) -> Report {
        let made = pipeline::made(catalog, self.request.period, self.chosen.now);
        pipeline::edition(catalog, &self.spec, outcome, History::default(), made)
    }
}

fn asked(catalog: &Catalog, args: &Args) -> anyhow::Result<Asked> {
    match &args.report {
        Some(name) => of_report(catalog, name, &args.when),
        None => {
            let kpis = installation::kpis(catalog, &args.kpis)?;
            let chosen = args.when.choose(&catalog.settings.calendar, Cadence::Week, false)?;
            of_kpis(catalog, &kpis, chosen)
        }
    }
}

/// All there is to know about some KPIs, in the installation's own calendar.
pub fn of_kpis(catalog: &Catalog, kpis: &[Arc<Kpi>], chosen: Chosen) -> anyhow::Result<Asked> {
    let names = kpis.iter().map(|kpi| kpi.id.clone()).collect();
    let spec = ReportSpec::of_kpis(names, catalog.settings.calendar.clone(), chosen.period.cadence);
    Asked::new(catalog, spec, chosen)
}

/// What a report asks.
pub fn of_report(catalog: &Catalog, name: &str, when: &When) -> anyhow::Result<Asked> {
    let spec = installation::report(catalog, name)?;
    let chosen = when.choose(&spec.calendar, spec.period, spec.to_date)?;
    Asked::new(catalog, spec.clone(), chosen)
}

/// The outcome, with progress on a terminal.
pub async fn answer(catalog: &Catalog, sources: &Sources, asked: &Asked) -> Outcome {
    read(catalog, sources, asked).await.0
}

/// The outcome and what it was made of, with progress on a terminal.
pub async fn read(catalog: &Catalog, sources: &Sources, asked: &Asked) -> (Outcome, Readings) {
    let line = progress::Line::new();
    let question = Question::new(catalog, &asked.request, asked.calendar(), asked.chosen.now);
    let zone = &asked.calendar().zone;
    let mut readings = line.beside(sources.read(question.needs(), zone, |progress| line.update(&progress))).await;
    (question.outcome(&mut readings), readings)
}

pub fn exit_of(outcome: &Outcome) -> Exit {
    if outcome.is_complete() { Exit::Done } else { Exit::Partial }
}
