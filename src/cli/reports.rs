//! `kpid reports`

use super::{Exit, counted, installation, output};
use crate::calendar::{Schedule, clock};
use crate::report::ReportSpec;
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;

/// List the reports and when each is due next
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  kpid reports\n  kpid reports --json")]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(dir: &Path, args: &Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let now = clock::now();
    if args.json {
        let rows = catalog.reports.values().map(|report| {
            let due = fire_times(report, now);
            json!({ "id": &*report.id, "next": due.iter().map(|(at, _)| at.to_string()).collect::<Vec<_>>() })
        });
        output::line(format_args!("{:#}", serde_json::Value::Array(rows.collect())))?;
    } else {
        if catalog.reports.is_empty() {
            eprintln!("there are no reports: `reports:` in the YAML declares them");
        }
        let listings: String = catalog.reports.values().map(|report| listing(report, now)).collect();
        output::print(&listings)?;
    }
    Ok(Exit::Done)
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
        text.push_str(&format!("  {} {}  reports {period}\n", at.strftime("%a %Y-%m-%d %H:%M %Z"), zone_name(&at)));
    }
    text
}

fn zone_name(at: &jiff::Zoned) -> &str {
    at.time_zone().iana_name().unwrap_or_default()
}
