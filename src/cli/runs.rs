//! `kpid runs`

use super::scorecard::plain_table;
use super::{Exit, installation, output, store, when};
use crate::calendar::{Calendar, clock};
use crate::outbox::RunState;
use crate::store::{ListedRun, RunFilter, Skip};
use comfy_table::Cell;
use serde_json::{Value as Json, json};
use std::path::Path;

/// List what the daemon made and what became of it, the newest first
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid runs\n  kpid runs weekly_b2b --since 2026-11-01\n  kpid runs --state failed --json\n\nStates: due, running, rendered (its mails are on their way), delivered, partly, failed, skipped (on purpose nothing was sent), poisoned (it took the daemon down; `kpid outbox retry` it).\n\nExit codes: 0 listed, 1 the store fails, 2 wrong input, or no daemon has run here yet"
)]
pub struct Args {
    /// Only of this report
    report: Option<String>,
    /// Only in this state
    #[arg(long, value_parser = state)]
    state: Option<RunState>,
    /// Only of that time or later: 2026-11-16, 2026-11-16T08:00 or 2026-11-16T08:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn state(text: &str) -> Result<RunState, String> {
    let all = || RunState::ALL.map(RunState::as_str).join(", ");
    RunState::parse(text).ok_or_else(|| format!("the states are {}", all()))
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load_settings(dir)?;
    let calendar = &catalog.settings.calendar;
    let since = args.since.as_ref().map(|text| when::instant(text, calendar)).transpose()?;
    let store = store::open(&catalog.settings).await?;
    if let Some(report) = &args.report {
        store::known_report(&store, &catalog, report).await?;
    }
    let report = args.report.as_deref();
    let was = report.and_then(|report| catalog.reports.get(report)?.was.as_deref());
    let filter = RunFilter { report, was, state: args.state, since, limit: Some(args.limit), ..RunFilter::default() };
    let runs = store.runs(&filter, clock::now()).await.map_err(store::explained)?;
    // What got no run is of no state; and no older than what is shown beside it.
    let oldest = since.or_else(|| runs.last().map(|run| run.run.slot));
    let skips = match args.state {
        None => store.skips((report, was), oldest, clock::now()).await.map_err(store::explained)?,
        Some(_) => Vec::new(),
    };
    if args.json {
        let runs: Vec<Json> = runs.iter().map(store::run_json).collect();
        let skips: Vec<Json> = skips.iter().map(skip_json).collect();
        output::line(format_args!("{:#}", json!({ "runs": runs, "skipped": skips })))?;
    } else if runs.is_empty() && skips.is_empty() {
        output::line("no such run")?;
    } else {
        output::print(&table(&runs, calendar))?;
        for skip in &skips {
            output::line(skipped(skip, calendar))?;
        }
    }
    Ok(Exit::Done)
}

fn table(runs: &[ListedRun], calendar: &Calendar) -> String {
    if runs.is_empty() {
        return String::new();
    }
    let zone = calendar.zone.iana_name().unwrap_or("local time");
    let mut table = plain_table();
    table.set_header(["Run", "Report", &format!("Due ({zone})"), "Period", "State", "Mails", "Why"]);
    for listed in runs {
        let run = &listed.run;
        table.add_row([
            Cell::new(store::shortened(&run.id)),
            Cell::new(&run.report),
            Cell::new(when::short(run.slot, calendar)),
            Cell::new(listed.period.as_deref().unwrap_or(run.kind.as_str())),
            store::run_state(run.state),
            Cell::new(store::mails(listed)),
            Cell::new(run.reason.as_deref().unwrap_or_default()),
        ]);
    }
    format!("{}\n", table.trim_fmt())
}

/// Fire times without a run, in a sentence.
pub fn skipped(skip: &Skip, calendar: &Calendar) -> String {
    let Skip { report, from, to, count, reason, .. } = skip;
    let (from, to) = (when::said(*from, calendar), when::said(*to, calendar));
    match count {
        1 => format!("skipped: {report} of {from}: {reason}"),
        _ => format!("skipped: {report}, {count} times from {from} to {to}: {reason}"),
    }
}

pub fn skip_json(skip: &Skip) -> Json {
    json!({
        "report": &*skip.report,
        "from": skip.from.to_string(),
        "to": skip.to.to_string(),
        "count": skip.count,
        "reason": skip.reason,
    })
}
