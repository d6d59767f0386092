//! Measurements as a table for people: verdicts by shape, word and colour.

use super::json::not_judged;
use super::measure::Asked;
use crate::calendar::Calendar;
use crate::catalog::Settings;
use crate::formula::{Reason, Value};
use crate::measure::{Change, Comparison, Good, Kpi, Measured, Measurement, Verdict};
use crate::pipeline::Outcome;
use crate::render::{Format, UnknownLocale};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, presets};
use std::io::IsTerminal;

/// The whole scorecard: period, table, counts, and what there is to say about it.
///
/// # Errors
/// The installation's locale is none.
pub fn scorecard(outcome: &Outcome, asked: &Asked, settings: &Settings) -> Result<String, UnknownLocale> {
    let format = Format::new(&settings.locale, &settings.currency)?;
    let period = asked.request.period;
    let state = if period.running { ", still running" } else { "" };
    let zone = asked.calendar.zone.iana_name().unwrap_or("local time");
    let mut text =
        format!("{} · {} to {}{state} · {zone}\n", period.label(&asked.calendar), period.first, period.last());
    text.push_str(&format!("\n{}\n\n", table(outcome, asked, settings, &format)));
    text.push_str(&counts(&outcome.measured));
    for note in notes(outcome, &asked.calendar) {
        text.push('\n');
        text.push_str(&note);
    }
    Ok(text)
}

fn table(outcome: &Outcome, asked: &Asked, settings: &Settings, format: &Format) -> Table {
    let mut table = plain_table();
    // What a narrow terminal has no room for would squeeze the names to a letter a line.
    let room = table.width().unwrap_or(u16::MAX);
    let (with_changes, with_trend) = (room >= 70, room >= 96 && asked.request.trend > 1);
    let compare = if with_changes { asked.request.compare.as_slice() } else { &[] };
    let compared = compare.iter().map(|comparison| figure(heading(*comparison, asked)));
    let mut header =
        vec![Cell::new("KPI"), figure("Value".to_owned()), figure("Target".to_owned()), Cell::new("Verdict")];
    header.extend(compared);
    if with_trend {
        header.push(Cell::new("Trend"));
    }
    table.set_header(header);
    for measured in &outcome.measured {
        let kpi = &measured.kpi;
        if let Some((_, title)) = asked.headings.iter().find(|(first, _)| *first == kpi.id) {
            let title = title.get(&settings.language, &settings.language);
            table.add_row([""]).add_row([Cell::new(title).add_attribute(Attribute::Bold)]);
        }
        let stale = outcome.stale.iter().any(|stale| measured.sources.contains(&stale.source));
        let name = kpi.name.get(&settings.language, &settings.language);
        let name = if stale { format!("{name} (stale)") } else { name.to_owned() };
        let mut row = vec![Cell::new(name)];
        row.extend(judged(kpi, &measured.whole, format));
        let changes = measured.changes.iter().take(compare.len());
        row.extend(changes.map(|change| changed(kpi, &measured.whole, change, format)));
        if with_trend {
            row.push(Cell::new(sparkline(measured)));
        }
        table.add_row(row);
    }
    // Only names wrap.
    table.column_iter_mut().skip(1).for_each(|column| {
        column.set_constraint(ColumnConstraint::ContentWidth);
    });
    table
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

fn heading(comparison: Comparison, asked: &Asked) -> String {
    let calendar: &Calendar = &asked.calendar;
    let against = comparison.of(asked.request.period, calendar).label(calendar);
    format!("vs {against}")
}

fn figure(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Value, target and verdict.
fn judged(kpi: &Kpi, measurement: &Measurement, format: &Format) -> [Cell; 3] {
    let target = measurement
        .target
        .as_ref()
        .map_or_else(String::new, |target| format.target(target, kpi.good, &kpi.unit, kpi.decimals));
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

fn counts(measured: &[Measured]) -> String {
    let count = |wanted: fn(&Verdict) -> bool| measured.iter().filter(|m| wanted(&m.whole.verdict)).count();
    format!(
        "{} missed, {} near, {} met, {} not judged",
        count(|verdict| *verdict == Verdict::Missed),
        count(|verdict| *verdict == Verdict::Near),
        count(|verdict| *verdict == Verdict::Met),
        count(|verdict| matches!(verdict, Verdict::NotJudged(_))),
    )
}

/// What the table can't hold: failed and stale sources, and why KPIs are not judged.
fn notes(outcome: &Outcome, calendar: &Calendar) -> Vec<String> {
    let failed = outcome.failures.iter().map(|f| format!("source {} could not be read: {}", f.source, f.why));
    let stale = outcome.stale.iter().map(|stale| match stale.newest {
        Some(newest) => {
            let newest = newest.to_zoned(calendar.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
            format!("source {} is stale: its newest data is of {newest}", stale.source)
        }
        None => format!("source {} is stale: it has no data", stale.source),
    });
    // Why a source failed has been said.
    let open = outcome.measured.iter().filter_map(|measured| {
        let why = match measured.whole.value.reason() {
            Some(Reason::SourceFailed { source, .. }) => format!("source {source} failed"),
            _ => not_judged(&measured.whole.verdict).filter(|_| measured.kpi.target.is_some())?,
        };
        Some(format!("{} is not judged: {why}", measured.kpi.id))
    });
    failed.chain(stale).chain(open).collect()
}
