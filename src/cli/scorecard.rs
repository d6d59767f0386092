//! Measurements as a table for people: verdicts by shape, word and colour.

use super::json::not_judged;
use crate::catalog::Settings;
use crate::formula::{Reason, Value};
use crate::measure::{Change, Comparison, Good, Kpi, Measured, Measurement, Verdict};
use crate::render::{Format, UnknownLocale};
use crate::report::{Counts, Report, Row};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, presets};
use std::io::IsTerminal;

/// The whole scorecard: period, table, counts, and what there is to say about it.
///
/// # Errors
/// The installation's locale is none.
pub fn scorecard(report: &Report, settings: &Settings) -> Result<String, UnknownLocale> {
    let format = Format::new(&settings.locale, &settings.currency)?;
    let period = report.made.period;
    let state = if period.running { ", still running" } else { "" };
    let zone = report.calendar.zone.iana_name().unwrap_or("local time");
    let label = period.label(&report.calendar);
    let mut text = format!("{label} · {} to {}{state} · {zone}\n", period.first, period.last());
    text.push_str(&format!("\n{}\n\n", table(report, settings, &format)));
    text.push_str(&counts(report.counts));
    for note in notes(report, settings) {
        text.push('\n');
        text.push_str(&note);
    }
    Ok(text)
}

fn table(report: &Report, settings: &Settings, format: &Format) -> Table {
    let mut table = plain_table();
    // What a narrow terminal has no room for would squeeze the names to a letter a line.
    let room = table.width().unwrap_or(u16::MAX);
    let with_trend = room >= 96 && report.rows().any(|row| row.measured.trend.len() > 1);
    let compare = if room >= 70 { report.compare.as_slice() } else { &[] };
    let mut header =
        vec![Cell::new("KPI"), figure("Value".to_owned()), figure("Target".to_owned()), Cell::new("Verdict")];
    header.extend(compare.iter().map(|comparison| figure(heading(*comparison, report))));
    header.extend(with_trend.then(|| Cell::new("Trend")));
    table.set_header(header);
    for block in &report.blocks {
        let title = block.title.get(&settings.language, &settings.language);
        if !title.is_empty() {
            table.add_row([""]).add_row([Cell::new(title).add_attribute(Attribute::Bold)]);
        }
        for row in &block.rows {
            table.add_row(cells(row, settings, format, compare.len(), with_trend));
        }
    }
    // Only names wrap.
    table.column_iter_mut().skip(1).for_each(|column| {
        column.set_constraint(ColumnConstraint::ContentWidth);
    });
    table
}

fn cells(row: &Row, settings: &Settings, format: &Format, changes: usize, with_trend: bool) -> Vec<Cell> {
    let measured = &row.measured;
    let kpi = &measured.kpi;
    let name = kpi.name.get(&settings.language, &settings.language);
    let name = if row.late { format!("{name} (stale)") } else { name.to_owned() };
    let mut cells = vec![Cell::new(name)];
    cells.extend(judged(kpi, &measured.whole, format));
    cells.extend(measured.changes.iter().take(changes).map(|change| changed(kpi, &measured.whole, change, format)));
    cells.extend(with_trend.then(|| Cell::new(sparkline(measured))));
    cells
}

/// A table without lines, wrapped to the terminal when there is one, coloured only there.
pub fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    if std::env::var_os("NO_COLOR").is_some() {
        table.force_no_tty();
    }
    table
}

fn heading(comparison: Comparison, report: &Report) -> String {
    format!("vs {}", comparison.of(report.made.period, &report.calendar).label(&report.calendar))
}

fn figure(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Value, target and verdict.
fn judged(kpi: &Kpi, measurement: &Measurement, format: &Format) -> [Cell; 3] {
    let target = measurement
        .target
        .as_ref()
        .map_or_else(String::new, |target| format.target(target.level, kpi.good, &kpi.unit, kpi.decimals));
    let (mark, colour) = mark(&measurement.verdict);
    let verdict = Cell::new(mark).fg(colour);
    let verdict = if measurement.verdict == Verdict::Missed { verdict.add_attribute(Attribute::Bold) } else { verdict };
    [figure(format.value(&measurement.value, &kpi.unit, kpi.decimals)), figure(target), verdict]
}

/// Shape and word, so that the verdict needs no colour.
pub fn mark(verdict: &Verdict) -> (&'static str, Color) {
    match verdict {
        Verdict::Met => ("● met", Color::Green),
        Verdict::Near => ("▲ near", Color::Yellow),
        Verdict::Missed => ("■ missed", Color::Red),
        Verdict::NotJudged(_) => ("○ not judged", Color::DarkGrey),
    }
}

/// The change against an earlier period, coloured by what is good, not by its sign.
fn changed(kpi: &Kpi, now: &Measurement, change: &Change, format: &Format) -> Cell {
    let cell = figure(format.change(&change.value, &now.value, &kpi.unit, kpi.decimals));
    let (Some(before), Some(now)) = (change.value.number(), now.value.number()) else { return cell };
    match kpi.good {
        Some(Good::Up) if now != before => cell.fg(if now > before { Color::Green } else { Color::Red }),
        Some(Good::Down) if now != before => cell.fg(if now < before { Color::Green } else { Color::Red }),
        _ => cell,
    }
}

/// The trend as eight heights between its least and its most; a gap where a value is missing.
fn sparkline(measured: &Measured) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let numbers = || measured.trend.iter().filter_map(|point| point.value.number());
    let least = numbers().fold(f64::INFINITY, f64::min);
    let range = numbers().fold(f64::NEG_INFINITY, f64::max) - least;
    let height = |value: &Value| match value.number() {
        None => ' ',
        Some(_) if range == 0.0 => HEIGHTS[3],
        Some(number) => HEIGHTS[((number - least) / range * 7.0).round() as usize],
    };
    measured.trend.iter().map(|point| height(&point.value)).collect()
}

fn counts(counts: Counts) -> String {
    let Counts { missed, near, met, not_judged } = counts;
    format!("{missed} missed, {near} near, {met} met, {not_judged} not judged")
}

/// What the table can't hold: failed and stale sources, and why KPIs are not judged.
fn notes(report: &Report, settings: &Settings) -> Vec<String> {
    let failed = report.notes.failed.iter().map(|f| format!("source {} could not be read: {}", f.source, f.why));
    let stale = report.notes.stale.iter().map(|stale| match stale.newest {
        Some(newest) => format!("source {} is stale: its newest data is of {newest}", stale.source),
        None => format!("source {} is stale: it has no data", stale.source),
    });
    // Why a source failed has been said.
    let open = report.rows().filter_map(|row| {
        let measured = &row.measured;
        let why = match measured.whole.value.reason() {
            Some(Reason::SourceFailed { source, .. }) => format!("source {source} failed"),
            _ => not_judged(&measured.whole.verdict).filter(|_| measured.kpi.target.is_some())?,
        };
        Some(format!("{} is not judged: {why}", measured.kpi.id))
    });
    let changed = report.notes.retargeted.iter().map(|note| {
        let why = note.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let name = note.kpi.name.get(&settings.language, &settings.language);
        format!("{name} has a new target since {}{why}", note.since)
    });
    failed.chain(stale).chain(open).chain(changed).collect()
}
