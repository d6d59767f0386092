//! `kpid diff`

mod effect;
mod figures;
mod git;
mod headline;
mod json;
mod lens;
mod lines;
mod markdown;
mod side;
mod text;

use super::{Exit, counted, output, when};
use crate::calendar::clock;
use crate::change::{Changes, Side};
use crate::text::harmless;
use anyhow::{Context, bail};
use effect::Effects;
use jiff::Timestamp;
use side::Place;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  kpid diff                                what my edits change since HEAD
  kpid diff origin/main                    what this branch changes
  kpid diff v1.2 v1.3                      two revisions
  kpid diff HEAD~3:kpis /etc/kpid          a revision's folder and a folder
  kpid diff origin/main --connect          and what it does to the numbers
  kpid diff main --format markdown         for a pull request
  kpid diff --json | jq '.changes[].name'

OLD and NEW are folders or git revisions: HEAD, main, origin/main~2, REV:path.
A folder of that name wins. A revision is read as it was, for the folder that
--dir names, with today's environment variables. Comments, formatting, the
order of files and the KPIs' tests change nothing. Passwords are not shown.

--connect measures the KPIs whose numbers may be others, before and after, over
the last complete periods of the reports that show them (weeks for the rest).
A period that only one of the two has is shown beside —.

JSON: old, new {label, version}; headline; changes [{thing, name, how, was,
fields [{what, item, old, new}]}]; affected [{kpi, through}]; effects, null
without --connect: {as_of, kpis [{kpi, name, cadence, periods [{period, old,
new {value, missing, target, verdict}}]}], failures [{side, source, why}]}.
how is added, removed, renamed or changed; old is null in a field that is new.

Exit codes: 0 compared, 1 something changes and --exit-code was given, 2 wrong
input, or one of the two can't be used, 3 some sources could not be read";

/// What there is to say of numbers when an edit bears on none.
const UNTOUCHED: &str = "no KPI's number or verdict can be another";

/// Show what a change of the YAML does to KPIs, reports, readers and numbers
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A folder or a git revision
    #[arg(value_name = "OLD", default_value = "HEAD")]
    old: String,
    /// A folder or a git revision; the folder itself when absent
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// Also measure what the change does to numbers and verdicts
    #[arg(long)]
    connect: bool,
    /// How many complete periods are measured
    #[arg(long, default_value_t = 4, value_name = "COUNT", requires = "connect", value_parser = clap::value_parser!(u16).range(1..=60))]
    periods: u16,
    /// As if it were then: 2026-11-16, 2026-11-16T08:00 or 2026-11-16T08:00:00Z
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "json")]
    format: Format,
    /// Print JSON, as --format json does
    #[arg(long)]
    json: bool,
    /// End with 1 when something changes, as git does
    #[arg(long)]
    exit_code: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, coloured on a terminal
    Text,
    /// For scripts
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// All there is to show.
struct Diff {
    old: Side,
    new: Side,
    /// How the two sides are called.
    labels: [String; 2],
    changes: Changes,
    /// What was measured, if it was asked for.
    effects: Option<Effects>,
    now: Timestamp,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    tokio::select! {
        // From the start, so that what is written of a revision is removed whenever Ctrl-C comes.
        biased;
        stopped = tokio::signal::ctrl_c() => stopped.context("wait for Ctrl-C").and_then(|()| bail!("stopped by Ctrl-C")),
        done = told(dir, args) => done,
    }
}

/// Compares, measures if that is asked for, and prints.
async fn told(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let Some(mut diff) = compared(dir, &args)? else { return Ok(Exit::Usage) };
    if args.connect {
        diff.effects = Some(effect::measure(&diff, args.periods).await);
    }
    match if args.json { Format::Json } else { args.format } {
        Format::Text => output::print(&text::text(&diff, output::is_coloured())?)?,
        Format::Json => output::line(format_args!("{:#}", json::json(&diff)))?,
        Format::Markdown => output::print(&markdown::markdown(&diff)?)?,
    }
    let failed = diff.effects.as_ref().is_some_and(|effects| !effects.failures.is_empty());
    Ok(match failed {
        true => Exit::Partial,
        false if args.exit_code && !diff.changes.is_empty() => Exit::Failed,
        false => Exit::Done,
    })
}

/// The two sides and what is different; `None` after it was shown why one can't be used.
fn compared(dir: &Path, args: &Args) -> anyhow::Result<Option<Diff>> {
    let old = Place::of(dir, &args.old)?;
    let new = args.new.as_ref().map_or_else(|| Ok(Place::working(dir)), |new| Place::of(dir, new))?;
    let labels = [old.label.clone(), new.label.clone()].map(|label| harmless(label.into()));
    // Both are tried, so that both are explained.
    let (before, after) = (old.load("OLD")?, new.load("NEW")?);
    let (Some(old), Some(new)) = (before, after) else { return Ok(None) };
    let calendar = &new.catalog.settings.calendar;
    let now = args.as_of.as_ref().map_or_else(|| Ok(clock::now()), |text| when::instant(text, calendar))?;
    let changes = Changes::between(&old, &new, now);
    Ok(Some(Diff { old, new, labels, changes, effects: None, now }))
}
