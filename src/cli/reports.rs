//! `kpid reports`

use super::{Exit, counted, installation, output, runs, store, when};
use crate::calendar::{Calendar, Schedule, clock};
use crate::catalog::Settings;
use crate::report::ReportSpec;
use crate::store::LastRun;
use crate::text::Name;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::path::Path;

/// List the reports, how each last fared and when it is due next
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid reports\n  kpid reports --json\n\nWhy one did not go out: kpid why-not REPORT\n\nExit codes: 0 listed, 2 wrong input"
)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: &Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let now = clock::now();
    let calendar = &catalog.settings.calendar;
    // What is due is true without the store, too.
    let last = last_runs(&catalog.settings, now).await.unwrap_or_else(|error| {
        eprintln!("warning: how reports last fared is not known: {error:#}");
        Some(HashMap::new())
    });
    let of = |report: &ReportSpec| last.as_ref().and_then(|last| last.get(&report.id));
    if args.json {
        let rows = catalog.reports.values().map(|report| {
            let due = fire_times(report, now);
            let next = due.iter().map(|(at, _)| at.to_string()).collect::<Vec<_>>();
            let run = of(report).and_then(|last| last.run.as_ref()).map(store::run_json);
            let skip = of(report).and_then(|last| last.skip.as_ref()).map(runs::skip_json);
            json!({ "id": &*report.id, "next": next, "last": run, "skipped": skip })
        });
        output::line(format_args!("{:#}", Json::Array(rows.collect())))?;
    } else {
        if catalog.reports.is_empty() {
            eprintln!("there are no reports: `reports:` in the YAML declares them");
        }
        for report in catalog.reports.values() {
            output::print(&listing(report, now))?;
            output::print(&of(report).map(|last| fared(last, calendar)).unwrap_or_default())?;
        }
        if last.is_none() {
            output::line("no daemon has run here yet: `kpid run` starts one")?;
        }
    }
    Ok(Exit::Done)
}

/// How each report last fared; `None` where no daemon has run yet.
async fn last_runs(settings: &Settings, now: Timestamp) -> anyhow::Result<Option<HashMap<Name, LastRun>>> {
    let Some(store) = store::find(settings).await? else { return Ok(None) };
    let last = store.last_runs(now).await.map_err(store::explained)?;
    Ok(Some(last.into_iter().map(|last| (last.report.clone(), last)).collect()))
}

/// The last edition, and what was skipped since.
fn fared(last: &LastRun, calendar: &Calendar) -> String {
    let mut text = String::new();
    let run = last.run.as_ref().map(|listed| &listed.run);
    if let Some(run) = run {
        let why = run.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        text = format!("  last: {} {}{why}\n", when::said(run.slot, calendar), run.state.as_str());
    }
    if let Some(skip) = last.skip.as_ref().filter(|skip| run.is_none_or(|run| skip.to > run.slot)) {
        text.push_str(&format!("  {}\n", runs::skipped(skip, calendar)));
    }
    text
}

/// How many fire times are shown.
const SHOWN: usize = 5;

/// The next fire times, each with the period it will report.
fn fire_times(report: &ReportSpec, now: Timestamp) -> Vec<(jiff::Zoned, String)> {
    let calendar = &report.calendar;
    let upcoming = |schedule: &Schedule| schedule.upcoming(&calendar.zone, now, SHOWN);
    let due = report.schedule.as_ref().map(upcoming).unwrap_or_default();
    due.into_iter().map(|at| (at.to_zoned(calendar.zone.clone()), report.period_at(at).label(calendar))).collect()
}

/// A report's schedule and next fire times, as `check` prints them too.
pub fn listing(report: &ReportSpec, now: Timestamp) -> String {
    let recipients = counted(report.to.len(), "recipient");
    let Some(schedule) = &report.schedule else {
        return format!("{} · by hand only · {recipients}\n", report.id);
    };
    let mut text = format!("{} · {schedule} · {recipients}\n", report.id);
    for (at, period) in fire_times(report, now) {
        // Of some zones the abbreviation is the name.
        let (wall, zone) = (at.strftime("%a %Y-%m-%d %H:%M %Z").to_string(), zone_name(&at));
        let zone = if wall.ends_with(zone) { String::new() } else { format!(" {zone}") };
        text.push_str(&format!("  {wall}{zone}  reports {period}\n"));
    }
    text
}

fn zone_name(at: &jiff::Zoned) -> &str {
    at.time_zone().iana_name().unwrap_or_default()
}
