//! `kpid new kpi|source|report`

mod blocks;

use super::addition::{Addition, check_name};
use super::{Exit, ask, import, installation, output, wrong};
use crate::catalog::{Catalog, Kind};
use crate::text::Name;
use blocks::{KpiBlock, ReportBlock};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Add a KPI, a source or a report to the folder
///
/// The block goes to the end of its section, in the file that has most of them; all else stays as it is.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid new kpi cost_per_lead --formula \"spend.cost / leads.created\" --good down\n  kpid new source orders --database shop --table orders\n  kpid new report weekly_sales --to team --schedule \"mondays at 08:00\"\n  kpid new kpi churn --dry-run    show the block, change nothing\n\nExit codes: 0 added, 1 a file or database failed, 2 wrong input: nothing changed"
)]
pub struct Args {
    #[command(subcommand)]
    thing: Thing,
}

#[derive(Debug, clap::Subcommand)]
enum Thing {
    /// A number to watch: a formula over sources and other KPIs
    Kpi(KpiArgs),
    /// A named query over a database
    Source(SourceArgs),
    /// A mail: which KPIs, when, to whom
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid new kpi churn\n  kpid new kpi cpl --formula \"spend.cost / leads.created\" --unit currency --good down\n\nExit codes: 0 added, 1 the file could not be written, 2 wrong input: nothing changed"
)]
struct KpiArgs {
    /// How formulas and reports name it: letters, digits and _
    name: String,
    /// What it is computed from: `spend.cost / leads.created`
    #[arg(long)]
    formula: Option<String>,
    /// count, number, percent, currency, ratio, minutes, hours or days
    #[arg(long)]
    unit: Option<String>,
    /// Which way is good: up, down or neutral
    #[arg(long)]
    good: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid new source orders --table orders\n  kpid new source calls             a form to fill in\n\nExit codes: 0 added, 1 a file or the database failed, 2 wrong input: nothing changed"
)]
struct SourceArgs {
    /// How formulas name it: letters, digits and _
    name: String,
    /// The database it reads; needed where there are several
    #[arg(long)]
    database: Option<String>,
    /// Look at that table and write the query over it
    #[arg(long)]
    table: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid new report monthly --period month\n  kpid new report sales --to team --schedule \"mondays at 08:00\" --kpi revenue --kpi cac\n\nExit codes: 0 added, 1 the file could not be written, 2 wrong input: nothing changed"
)]
struct ReportArgs {
    /// Its name: letters, digits and _
    name: String,
    /// A person, a group or an address; may be given several times
    #[arg(long, value_name = "WHO")]
    to: Vec<String>,
    /// When: "mondays at 08:00", "day 3 at 09:00", or cron
    #[arg(long, value_name = "WHEN")]
    schedule: Option<String>,
    /// What it is about: day, week, month, quarter or year
    #[arg(long, default_value = "week")]
    period: String,
    /// A KPI in it; may be given several times. Without any: those that are in no report yet
    #[arg(long = "kpi", value_name = "KPI")]
    kpis: Vec<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
struct Place {
    /// The file below the folder; made when it isn't there
    #[arg(long)]
    file: Option<PathBuf>,
    /// Print the block and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load_what_holds(dir)?;
    let (kind, name) = match &args.thing {
        Thing::Kpi(args) => (Kind::Kpi, &args.name),
        Thing::Source(args) => (Kind::Source, &args.name),
        Thing::Report(args) => (Kind::Report, &args.name),
    };
    check_name(&catalog, kind, name)?;
    let name = name.clone();
    let (block, into) = match args.thing {
        Thing::Kpi(args) => (kpi(&catalog, &args)?, args.place),
        Thing::Source(args) => (source(&catalog, &args).await?, args.place),
        Thing::Report(args) => (report(&catalog, &args)?, args.place),
    };
    if into.dry_run {
        output::print(&block)?;
        return Ok(Exit::Done);
    }
    let next = match kind {
        Kind::Source => format!("kpid source {name}       its rows\n      kpid new kpi NAME --formula {name}.MEASURE"),
        Kind::Kpi => format!("kpid preview       how it looks\n      kpid explain {name}"),
        _ => format!("kpid preview {name}       how it will arrive"),
    };
    let place = Addition { kind, name: name.clone(), block }.write(dir, into.file.as_deref())?;
    output::line(format_args!("{place}: {} {name}", kind.what()))?;
    output::line(format_args!("next: {next}"))?;
    Ok(Exit::Done)
}

fn kpi(catalog: &Catalog, args: &KpiArgs) -> anyhow::Result<String> {
    let formula = match &args.formula {
        Some(formula) => formula.clone(),
        None => asked_formula(catalog, &args.name)?,
    };
    let is_ratio = formula.contains('/');
    let unit =
        asked(&args.unit, "unit (count, percent, currency, hours, …)", if is_ratio { "ratio" } else { "number" })?;
    let good = asked(&args.good, "which way is good (up, down, neutral)", "neutral")?;
    Ok(KpiBlock { name: &args.name, formula: &formula, unit: &unit, good: &good }.yaml(&catalog.settings.language))
}

/// What was given, else what is answered, else `default`.
fn asked(given: &Option<String>, question: &str, default: &str) -> anyhow::Result<String> {
    match given {
        Some(given) => Ok(given.clone()),
        None if ask::anybody() => ask::line(question, default),
        None => Ok(default.to_owned()),
    }
}

/// The formula where none was given: that of the measure whose name is nearest.
fn asked_formula(catalog: &Catalog, name: &str) -> anyhow::Result<String> {
    let measures: Vec<String> = catalog
        .sources
        .values()
        .flat_map(|source| source.measures.iter().map(move |measure| format!("{}.{}", source.name, measure.name)))
        .collect();
    let Some(nearest) = nearest(name, &measures) else {
        let help = "first add a source: kpid new source NAME --table TABLE".to_owned();
        return Err(wrong("there is nothing to compute a KPI from: no source has a measure", Some(help)));
    };
    if ask::anybody() {
        eprintln!("there are {}", measures.join(", "));
        return ask::line("formula", nearest);
    }
    eprintln!("no --formula: taking {nearest}, the measure whose name is nearest");
    Ok(nearest.to_owned())
}

/// The measure that shares most words with `name`; the first where none does.
fn nearest<'m>(name: &str, measures: &'m [String]) -> Option<&'m str> {
    let words = |text: &str| text.split(['_', '.']).map(str::to_lowercase).collect::<HashSet<String>>();
    let wanted = words(name);
    let shared = |measure: &&String| words(measure).intersection(&wanted).count();
    measures.iter().rev().max_by_key(shared).map(String::as_str)
}

async fn source(catalog: &Catalog, args: &SourceArgs) -> anyhow::Result<String> {
    let named = match &args.database {
        None if catalog.databases.len() > 1 && ask::anybody() => {
            let all = catalog.databases.keys().cloned().collect::<Vec<_>>().join(", ");
            Some(ask::line(&format!("database ({all})"), catalog.databases.keys().next().map_or("", |name| name))?)
        }
        named => named.clone(),
    };
    let database = import::database(catalog, named.as_deref())?;
    let language = &catalog.settings.language;
    let table = match &args.table {
        None if ask::anybody() => Some(ask::line("table (nothing: a form to fill in)", "")?),
        table => table.clone(),
    };
    match table.filter(|table| !table.is_empty()) {
        Some(table) => import::proposed(catalog, &database, &table, Some(&args.name)).await.map(|(_, block)| block),
        None => Ok(blocks::source(&args.name, &database, language)),
    }
}

fn report(catalog: &Catalog, args: &ReportArgs) -> anyhow::Result<String> {
    let kpis = match args.kpis.is_empty() {
        true => unreported(catalog)?,
        false => args
            .kpis
            .iter()
            .map(|name| Ok(installation::kpi(catalog, name)?.id.clone()))
            .collect::<anyhow::Result<_>>()?,
    };
    let to: Vec<String> = match args.to.is_empty() {
        true => readers(catalog).into_iter().map(|name| name.to_string()).collect(),
        false => args.to.clone(),
    };
    let default = match &*args.period {
        "day" => "daily at 08:00",
        "week" => "mondays at 08:00",
        "quarter" => "first day of quarter at 08:00",
        _ => "day 1 at 08:00",
    };
    let schedule = asked(&args.schedule, "schedule", default)?;
    let block = ReportBlock { name: &args.name, schedule: &schedule, period: &args.period, to: &to, kpis: &kpis };
    Ok(block.yaml(&catalog.settings.language))
}

/// KPIs that no report has; all when every one is in some.
fn unreported(catalog: &Catalog) -> anyhow::Result<Vec<Name>> {
    let reported: HashSet<&Name> =
        catalog.reports.values().flat_map(|report| report.sections.iter().flat_map(|section| &section.kpis)).collect();
    let all: Vec<Name> = catalog.kpis.iter().map(|kpi| kpi.id.clone()).collect();
    let new: Vec<Name> = all.iter().filter(|name| !reported.contains(name)).cloned().collect();
    match (all.is_empty(), new.is_empty()) {
        (true, _) => Err(wrong("there is no KPI to report", Some("first add one: kpid new kpi NAME".to_owned()))),
        (false, true) => Ok(all),
        (false, false) => Ok(new),
    }
}

/// The first group, else the first person.
fn readers(catalog: &Catalog) -> Option<Name> {
    catalog.groups.keys().chain(catalog.people.keys()).next().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measure_that_shares_most_words_is_proposed() {
        let measures = ["leads.created", "spend.cost", "spend.lead_cost"].map(str::to_owned);
        let check = |name, expected| assert_eq!(nearest(name, &measures), Some(expected), "{name}");
        check("cost_per_lead", "spend.lead_cost");
        check("new_leads", "leads.created");
        check("churn", "leads.created");
        assert_eq!(nearest("x", &[]), None);
    }
}
