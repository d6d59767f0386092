//! Figures for people and for machines.

use crate::process::Spent;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// The answer to one question. Every row is an object with the same keys; a key ends with its unit.
pub struct Table {
    pub title: &'static str,
    pub aim: &'static str,
    pub rows: Vec<Value>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        table.load_style(UTF8_FULL_CONDENSED);
        for row in self.rows.iter().filter_map(Value::as_object) {
            if table.header().is_none() {
                table.set_header(row.keys().map(|key| key.replace('_', " ")));
            }
            table.add_row(row.values().map(cell));
        }
        writeln!(f, "\n{}\naim: {}\n{table}", self.title, self.aim)?;
        self.left_out.iter().try_for_each(|line| writeln!(f, "LEFT OUT: {line}"))
    }
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Number(number) if number.is_f64() => {
            Cell::new(format!("{:.2}", number.as_f64().unwrap_or_default())).set_alignment(CellAlignment::Right)
        }
        Value::Number(number) => Cell::new(number).set_alignment(CellAlignment::Right),
        Value::String(text) => Cell::new(text),
        other => Cell::new(other),
    }
}

pub fn json(machine: &str, tables: &[Table]) -> Value {
    let table = |table: &Table| json!({ "title": table.title, "aim": table.aim, "rows": table.rows, "left_out": table.left_out });
    json!({ "machine": machine, "tables": tables.iter().map(table).collect::<Vec<_>>() })
}

/// The keys of `a` and then those of `b`.
pub fn joined(mut a: Value, b: Value) -> Value {
    if let (Value::Object(a), Value::Object(b)) = (&mut a, b) {
        a.extend(b);
    }
    a
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Of an odd number the middle one, of an even one the upper of the two.
pub fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    ranked(times, 0.5)
}

/// The time that `share` of them are below: 0 is the least.
pub fn ranked(times: impl IntoIterator<Item = Duration>, share: f64) -> Duration {
    let mut times: Vec<Duration> = times.into_iter().collect();
    times.sort();
    times[((times.len() as f64 * share) as usize).min(times.len() - 1)]
}

pub fn walls(runs: &[Spent]) -> impl Iterator<Item = Duration> {
    runs.iter().map(|run| run.wall)
}

pub fn cpus(runs: &[Spent]) -> impl Iterator<Item = Duration> {
    runs.iter().map(|run| run.cpu)
}
