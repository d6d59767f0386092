//! `kpid explain KPI`

use super::measure::{Asked, answer, exit_of, of_kpis};
use super::scorecard::{mark, plain_table};
use super::when::When;
use super::{Exit, installation, json, output};
use crate::calendar::Cadence;
use crate::catalog::{Catalog, Settings};
use crate::formula::{Reason, Value, tidy};
use crate::measure::{Change, Comparison, Kpi, Measured};
use crate::pipeline::Failure;
use crate::render::Format;
use crate::text::Name;
use comfy_table::{Cell, CellAlignment};
use serde_json::json;
use std::fmt::{self, Write};
use std::path::Path;

/// Show where a KPI's number comes from and why it moved
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid explain cac\n  kpid explain cac --period 2026-Q3\n  kpid explain mobile_conversion --json"
)]
pub struct Args {
    /// The KPI's name
    kpi: String,
    #[command(flatten)]
    when: When,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let kpi = installation::kpi(&catalog, &args.kpi)?;
    let chosen = args.when.choose(&catalog.settings.calendar, Cadence::Week, false)?;
    let asked = of_kpis(&catalog, &[kpi], chosen)?;
    let sources = installation::sources(&catalog);
    let outcome = answer(&catalog, &sources, &asked).await;
    let measured = &outcome.measured[0];
    if args.json {
        let mut answer = json::kpi(measured, asked.calendar());
        answer["formula"] = json!(&*measured.kpi.formula.text);
        answer["period"] = json::period(asked.request.period, asked.calendar());
        let sql = |name: &Name| (name.to_string(), json!(catalog.sources[name].statement.text));
        answer["sql"] = measured.sources.iter().map(sql).collect();
        output::line(format_args!("{answer:#}"))?;
    } else {
        output::print(&explain(&catalog, &asked, measured, &outcome.failures)?)?;
    }
    Ok(exit_of(&outcome))
}

fn explain(catalog: &Catalog, asked: &Asked, measured: &Measured, failures: &[Failure]) -> anyhow::Result<String> {
    let settings = &catalog.settings;
    let format = Format::new(&settings.locale, &settings.currency)?;
    let mut out = String::new();
    definition(&mut out, settings, &measured.kpi)?;
    judgement(&mut out, asked, measured, &format)?;
    writeln!(out, "\nInputs\n{}", inputs(asked, measured))?;
    for change in &measured.changes {
        drivers(&mut out, asked, measured, change, &format)?;
    }
    segments(&mut out, measured, &format)?;
    for name in &measured.sources {
        let source = &catalog.sources[name];
        writeln!(out, "\nSource {name} (database {})", source.database)?;
        if let Some(failure) = failures.iter().find(|failure| failure.source == *name) {
            writeln!(out, "  could not be read: {}", failure.why)?;
        }
        source.statement.text.trim().lines().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(out)
}

fn definition(out: &mut String, settings: &Settings, kpi: &Kpi) -> fmt::Result {
    let language = &settings.language;
    writeln!(out, "{} · {}", kpi.id, kpi.name.get(language, language))?;
    if let Some(description) = &kpi.description {
        writeln!(out, "{}", description.get(language, language))?;
    }
    writeln!(out, "\nformula    {}", kpi.formula.text.trim())?;
    for (dimension, values) in &kpi.filter {
        let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("null")).collect();
        writeln!(out, "where      {dimension} is {}", values.join(" or "))?;
    }
    if let Some(over) = kpi.over {
        writeln!(out, "over       {over}")?;
    }
    if let Some(owner) = &kpi.owner {
        writeln!(out, "owner      {owner}")?;
    }
    Ok(())
}

fn judgement(out: &mut String, asked: &Asked, measured: &Measured, format: &Format) -> fmt::Result {
    let (kpi, whole) = (&measured.kpi, &measured.whole);
    writeln!(out, "period     {}", asked.request.period.label(asked.calendar()))?;
    writeln!(out, "value      {}", format.value(&whole.value, &kpi.unit, kpi.decimals))?;
    if let Some(target) = &whole.target {
        let since = target.since.map(|since| format!(" since {since}")).unwrap_or_default();
        let why = target.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        writeln!(out, "target     {}{since}{why}", format.target(target.level, kpi.good, &kpi.unit, kpi.decimals))?;
    }
    let why = match whole.value.reason() {
        Some(reason) => format!(": {}", brief(reason)),
        None => json::not_judged(&whole.verdict).map(|why| format!(": {why}")).unwrap_or_default(),
    };
    writeln!(out, "verdict    {}{why}", mark(&whole.verdict).0)
}

/// A value for comparing with the database: all digits.
fn raw(value: &Value) -> String {
    match value {
        Value::Number(number) => tidy(*number).to_string(),
        Value::Missing(reason) => format!("missing: {}", brief(reason)),
    }
}

/// The reason without what a failed source said, which stands beside its SQL.
fn brief(reason: &Reason) -> String {
    match reason {
        Reason::SourceFailed { source, .. } => format!("source {source} failed"),
        other => other.to_string(),
    }
}

fn inputs(asked: &Asked, measured: &Measured) -> comfy_table::Table {
    let mut table = plain_table();
    let label = |comparison: &Comparison| comparison.of(asked.request.period, asked.calendar()).label(asked.calendar());
    let mut header = vec![String::new(), asked.request.period.label(asked.calendar())];
    header.extend(asked.request.compare.iter().map(label));
    table.set_header(header);
    for (i, (input, value)) in measured.whole.inputs.iter().enumerate() {
        let earlier = measured.changes.iter().map(|change| raw(&change.inputs[i].1));
        let figures = std::iter::once(raw(value)).chain(earlier);
        let figures = figures.map(|text| Cell::new(text).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(input)).chain(figures));
    }
    table
}

fn drivers(out: &mut String, asked: &Asked, measured: &Measured, change: &Change, format: &Format) -> fmt::Result {
    let kpi = &measured.kpi;
    let against = change.period.label(asked.calendar());
    match &change.drivers {
        Err(reason) => return writeln!(out, "\nAgainst {against}: no comparison ({})", brief(reason)),
        Ok(drivers) => {
            let sampled = if drivers.exact { "" } else { ", sampled" };
            let amount = format.amount(drivers.change, &kpi.unit, kpi.decimals);
            let share = format.change(&change.value, &measured.whole.value, &kpi.unit, kpi.decimals);
            let share = if share == amount { String::new() } else { format!(" ({share})") };
            writeln!(out, "\nAgainst {against}: {amount}{share}{sampled}")?;
            for c in &drivers.contributions {
                let (from, to) = (raw(&c.from), raw(&c.to));
                writeln!(
                    out,
                    "  {:>12}  {}: {from} → {to}",
                    format.amount(c.amount, &kpi.unit, kpi.decimals),
                    c.input
                )?;
            }
        }
    }
    let parts = change.segments.iter().filter_map(|segment| Some((segment, segment.part?))).take(SEGMENTS);
    for (i, (segment, part)) in parts.enumerate() {
        if let (0, Some(dimension)) = (i, &kpi.breakdown) {
            writeln!(out, "  the same by {dimension}:")?;
        }
        let name = segment.value.as_deref().unwrap_or("(none)");
        let (rate, mix) =
            (format.amount(part.rate, &kpi.unit, kpi.decimals), format.amount(part.mix, &kpi.unit, kpi.decimals));
        let split = if part.mix == 0.0 { String::new() } else { format!(" (own rate {rate}, mix {mix})") };
        writeln!(out, "  {:>12}  {name}{split}", format.amount(part.amount(), &kpi.unit, kpi.decimals))?;
    }
    Ok(())
}

/// How many segments are worth naming.
const SEGMENTS: usize = 10;

fn segments(out: &mut String, measured: &Measured, format: &Format) -> fmt::Result {
    let Some(dimension) = &measured.kpi.breakdown else { return Ok(()) };
    writeln!(out, "\nBy {dimension}")?;
    for segment in &measured.segments {
        let name = segment.segment.as_ref().and_then(|(_, value)| value.as_deref()).unwrap_or("(none)");
        let verdict = if segment.target.is_some() { mark(&segment.verdict).0 } else { "" };
        let value = format.value(&segment.value, &measured.kpi.unit, measured.kpi.decimals);
        writeln!(out, "{}", format!("  {value:>12}  {name}  {verdict}").trim_end())?;
    }
    Ok(())
}
