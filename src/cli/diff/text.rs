//! A diff for people at a terminal.

use super::effect::Effect;
use super::figures::{Figures, Row};
use super::headline::headline;
use super::lines::lines;
use super::{Diff, Effects, UNTOUCHED};
use crate::change::{Change, Field, How};
use crate::cli::scorecard::{mark, plain_table};
use crate::cli::when;
use comfy_table::{Cell, CellAlignment, Table};
use std::fmt::Write;

/// What fits on a line beside its label.
const WIDE: usize = 76;

/// # Errors
/// The locale of the new installation is none.
pub fn text(diff: &Diff, colours: bool) -> anyhow::Result<String> {
    let mut out = Out { text: String::new(), colours };
    out.line(' ', 0, &format!("{} → {}", diff.labels[0], diff.labels[1]));
    out.line(' ', 0, &headline(diff));
    diff.changes.list.iter().for_each(|change| out.change(change));
    if !diff.changes.affected.is_empty() {
        out.line(' ', 0, "\naffected by what they stand on");
    }
    for affected in &diff.changes.affected {
        let through: Vec<&str> = affected.through.iter().map(String::as_str).collect();
        out.line('~', 2, &format!("KPI {} through {}", affected.kpi, through.join(", ")));
    }
    if let Some(effects) = &diff.effects {
        out.text.push_str(&numbers(diff, effects)?);
    }
    Ok(out.text)
}

struct Out {
    text: String,
    colours: bool,
}

impl Out {
    fn line(&mut self, sign: char, indent: usize, text: &str) {
        let colour = match sign {
            '+' => "\x1b[32m",
            '-' => "\x1b[31m",
            '~' => "\x1b[33m",
            _ => "",
        };
        let (on, off) = if self.colours && !colour.is_empty() { (colour, "\x1b[0m") } else { ("", "") };
        let sign = if sign == ' ' { String::new() } else { format!("{sign} ") };
        writeln!(self.text, "{:indent$}{on}{sign}{text}{off}", "").expect("writing to a string does not fail");
    }

    fn change(&mut self, change: &Change) {
        let sign = match change.how {
            How::Added => '+',
            How::Removed => '-',
            How::Renamed | How::Changed => '~',
        };
        let was = change.was.as_ref().map(|was| format!(", which was {was}")).unwrap_or_default();
        self.text.push('\n');
        let name = if change.is_settings() { String::new() } else { format!(" {}", change.name) };
        self.line(sign, 0, &format!("{}{name}{was}", change.thing.what()));
        change.fields.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &Field) {
        let label = field.label();
        match (&field.old, &field.new) {
            (Some(old), Some(new)) if old.contains('\n') || new.contains('\n') => {
                self.line('~', 2, &format!("{label}:"));
                lines(old, new).iter().for_each(|line| self.line(line.sign, 6, &indented(line.sign, line.text)));
            }
            (Some(old), Some(new)) if label.len() + old.chars().count() + new.chars().count() > WIDE => {
                self.line('~', 2, &format!("{label}:"));
                self.line('-', 6, old);
                self.line('+', 6, new);
            }
            (Some(old), Some(new)) => self.line('~', 2, &format!("{label}: {old} → {new}")),
            (None, Some(new)) => self.one('+', &label, new),
            (Some(old), None) => self.one('-', &label, old),
            (None, None) => {}
        }
    }

    fn one(&mut self, sign: char, label: &str, text: &str) {
        if text.contains('\n') {
            self.line(sign, 2, &format!("{label}:"));
            text.lines().for_each(|line| self.line(sign, 6, line));
        } else {
            self.line(sign, 2, &format!("{label}: {text}"));
        }
    }
}

/// A line that stays stands below those that have a sign.
fn indented(sign: char, text: &str) -> String {
    if sign == ' ' { format!("  {text}") } else { text.to_owned() }
}

fn numbers(diff: &Diff, effects: &Effects) -> anyhow::Result<String> {
    let figures = Figures::new(diff)?;
    let calendar = &diff.new.catalog.settings.calendar;
    if effects.kpis.is_empty() {
        return Ok(format!("\n{UNTOUCHED}\n"));
    }
    let mut out = format!("\nnumbers, with the data of {}\n", when::said(diff.now, calendar));
    let (moved, still): (Vec<&Effect>, Vec<&Effect>) = effects.kpis.iter().partition(|effect| effect.moves());
    if !moved.is_empty() {
        let mut table = plain_table();
        table.set_header(["KPI", "Period", "Before (target)", "After (target)", "Change", "Verdict"]);
        moved.iter().for_each(|effect| rows(&mut table, effect, figures.rows(effect)));
        writeln!(out, "\n{table}")?;
    }
    if !still.is_empty() {
        let still: Vec<String> = still.iter().map(|effect| format!("{} by {}", effect.kpi, effect.cadence)).collect();
        writeln!(out, "the same as before: {}", still.join(", "))?;
    }
    for (side, failure) in &effects.failures {
        writeln!(out, "{side}: source {} could not be read: {}", failure.source, failure.why)?;
    }
    Ok(out)
}

fn rows(table: &mut Table, effect: &Effect, rows: Vec<Row>) {
    for (at, row) in rows.into_iter().enumerate() {
        let kpi = if at == 0 { &*effect.kpi } else { "" };
        let verdict = Cell::new(row.verdict);
        let verdict = row.flipped.iter().fold(verdict, |cell, flipped| cell.fg(mark(flipped).1));
        let figures = [row.old, row.new, row.change];
        let figures = figures.map(|text| Cell::new(text).set_alignment(CellAlignment::Right));
        table.add_row([Cell::new(kpi), Cell::new(row.period)].into_iter().chain(figures).chain([verdict]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_have_colours_where_colours_are_wanted() {
        let said = |colours| {
            let mut out = Out { text: String::new(), colours };
            let lines = [('+', "came"), ('-', "went"), ('~', "is another"), (' ', "stays")];
            lines.iter().for_each(|(sign, text)| out.line(*sign, 2, text));
            out.text
        };
        assert_eq!(said(false), "  + came\n  - went\n  ~ is another\n  stays\n");
        let coloured = "  \x1b[32m+ came\x1b[0m\n  \x1b[31m- went\x1b[0m\n  \x1b[33m~ is another\x1b[0m\n  stays\n";
        assert_eq!(said(true), coloured);
    }
}
