//! `kpid source NAME`

use super::when::When;
use super::{Exit, counted, installation, output};
use crate::calendar::Cadence;
use crate::source::RawRows;
use comfy_table::{Table, presets};
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// Run the query of one source and show its rows
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid source leads\n  kpid source leads --period 2026-10 --limit 100\n  kpid source leads --json\n\nExit codes: 0 done, 2 wrong input, 3 the source could not be read"
)]
pub struct Args {
    /// The source's name
    source: String,
    #[command(flatten)]
    when: When,
    /// How many rows to show
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let source = installation::source(&catalog, &args.source)?;
    let calendar = &catalog.settings.calendar;
    let chosen = args.when.choose(calendar, Cadence::Week, false)?;
    let sources = installation::sources(&catalog);
    // One more than is shown tells whether there are more.
    let mut rows = match sources.rows(source, chosen.period.window, &calendar.zone, args.limit.saturating_add(1)).await
    {
        Ok(rows) => rows,
        Err(error) => {
            eprintln!("error: {error}");
            return Ok(Exit::Partial);
        }
    };
    let more = rows.rows.len() > args.limit;
    rows.rows.truncate(args.limit);
    if args.json {
        output::line(format_args!("{:#}", json(&rows)))?;
    } else {
        output::line(format_args!("{} · {}", source.name, chosen.period.label(calendar)))?;
        output::line(table(&rows))?;
        let more = if more { ", and there are more: --limit" } else { "" };
        output::line(format_args!("{}{more}", counted(rows.rows.len(), "row")))?;
    }
    Ok(Exit::Done)
}

fn json(rows: &RawRows) -> Json {
    let row = |row: &Vec<Option<String>>| {
        let cells = rows.columns.iter().cloned().zip(row.iter().map(|cell| json!(cell)));
        Json::Object(cells.collect::<Map<_, _>>())
    };
    Json::Array(rows.rows.iter().map(row).collect())
}

fn table(rows: &RawRows) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(&rows.columns);
    for row in &rows.rows {
        table.add_row(row.iter().map(|cell| cell.as_deref().unwrap_or("NULL")));
    }
    table
}
