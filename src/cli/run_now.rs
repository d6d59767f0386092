//! `kpid run-now REPORT`

use super::{Exit, installation, output, store, when};
use crate::calendar::{Calendar, clock};
use crate::outbox::RunState;
use crate::store::{ListedRun, RunFilter, Store};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Have the daemon make a report at once and mail it to its recipients
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid run-now weekly_b2b\n  kpid run-now weekly_b2b --wait\n\nIt reports the period that would be due now, to the report's own recipients. To send it to yourself only, and without a daemon: kpid send weekly_b2b --to you@example.com\n\nExit codes: 0 ordered, with --wait also done; 1 the store fails, with --wait also not everybody got it; 2 wrong input, or no daemon has run here yet"
)]
pub struct Args {
    /// The report's name
    report: String,
    /// Follow it to its end
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let report = installation::report(&catalog, &args.report)?;
    let store = store::open(&catalog.settings).await?;
    let now = clock::now();
    let id = store.order(&report.id, &now.to_string(), now).await.map_err(store::explained)?;
    let nodes = store.nodes(now).await.map_err(store::explained)?;
    let heartbeat = store.heartbeat(now).await.map_err(store::explained)?;
    let calendar = &catalog.settings.calendar;
    let taker = match store::alive(&nodes) {
        Some(node) => format!("the daemon on {node} takes it"),
        None => format!("{}; it waits until one does (`kpid run`)", store::dead(&nodes, heartbeat, calendar)),
    };
    let ended = if args.wait {
        eprintln!("run {} of {} is ordered: {taker}", store::shortened(&id), report.id);
        Some(follow(&store, &id, calendar).await?)
    } else {
        None
    };
    if args.json {
        let node = nodes.iter().find(|node| node.is_alive()).map(|node| &node.host);
        let run = ended.as_ref().map(store::run_json);
        output::line(format_args!("{:#}", json!({ "run": id, "report": &*report.id, "daemon": node, "ended": run })))?;
    } else if let Some(ended) = &ended {
        output::line(format_args!("run {} of {}: {}", store::shortened(&id), report.id, told(ended, calendar)))?;
    } else {
        output::line(format_args!("run {} of {} is ordered: {taker}", store::shortened(&id), report.id))?;
        output::line(format_args!("follow it: kpid runs {}", report.id))?;
    }
    Ok(match ended.map(|ended| ended.run.state) {
        None | Some(RunState::Delivered | RunState::Skipped) => Exit::Done,
        Some(_) => Exit::Failed,
    })
}

/// How often the store is asked while somebody waits.
const LOOK: Duration = Duration::from_millis(500);

/// Says on stderr what changes, until the run has ended.
async fn follow(store: &Store, id: &str, calendar: &Calendar) -> anyhow::Result<ListedRun> {
    let filter = RunFilter { id: Some(id), limit: Some(1), ..RunFilter::default() };
    let mut said = String::new();
    loop {
        let run = store.runs(&filter, clock::now()).await.map_err(store::explained)?.pop();
        let run = run.ok_or_else(|| anyhow::anyhow!("run {id} is gone from the store"))?;
        if run.run.state.is_final() {
            return Ok(run);
        }
        let told = told(&run, calendar);
        if told != said {
            eprintln!("{} {told}", clock::now().to_zoned(calendar.zone.clone()).strftime("%H:%M:%S"));
            said = told;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How far a run has come.
fn told(listed: &ListedRun, calendar: &Calendar) -> String {
    let run = &listed.run;
    let mut text = run.state.as_str().to_owned();
    if run.state == RunState::Due && listed.next > run.created {
        text.push_str(&format!(" until {}", when::said(listed.next, calendar)));
    }
    let mails = store::mails(listed);
    match &run.reason {
        Some(reason) => text.push_str(&format!(": {reason}")),
        None if !mails.is_empty() => text.push_str(&format!(": {mails}")),
        None => {}
    }
    text
}
