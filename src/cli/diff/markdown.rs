//! A diff as a comment on a pull request: what it comes to, tables, and the details folded away.
//!
//! What the installation's people wrote stands in code only, where no sign has a meaning: no name can mention somebody, close an issue,
//! break a table or add HTML. A comment has a limit (65,536 characters on GitHub): what is over it is counted instead.

use super::effect::Effect;
use super::figures::Figures;
use super::headline::headline;
use super::lines::lines;
use super::{Diff, Effects, UNTOUCHED, counted};
use crate::change::{Change, Field};
use crate::cli::when;

/// Bytes, well below what a comment may hold.
const ROOM: usize = 60_000;

/// # Errors
/// The locale of the new installation is none.
pub fn markdown(diff: &Diff) -> anyhow::Result<String> {
    let [old, new] = &diff.labels;
    let headline = headline(diff);
    let mut out = format!("### KPIs: {headline}\n\n{} → {}\n", code(old), code(new));
    let mut blocks: Vec<String> = Vec::new();
    if let Some(effects) = &diff.effects {
        blocks.extend(numbers(diff, effects)?);
    }
    blocks.extend(overview(diff));
    blocks.extend(affected(diff));
    blocks.extend(diff.changes.list.iter().filter(|change| !change.fields.is_empty()).map(details));
    let mut left = 0;
    for block in blocks {
        match out.len() + block.len() < ROOM {
            true => out.push_str(&format!("\n{block}")),
            false => left += 1,
        }
    }
    if left > 0 {
        out.push_str(&format!(
            "\n{} left out: a comment has no room for more. `kpid diff` shows all.\n",
            counted(left, "part")
        ));
    }
    Ok(out)
}

/// `text` as it is, whatever it holds, on one line, also in a table.
fn code(text: &str) -> String {
    // A cell ends at a `|` even in code, unless a `\` stands before it; and how two of them are read is not agreed on.
    let text = text.replace(['\n', '\r'], " ").replace("\\|", "\\ |").replace('|', "\\|");
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let apart = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{apart}{text}{apart}{fence}")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = line(head.iter().map(|cell| (*cell).to_owned()).collect()) + &line(vec!["---".to_owned(); head.len()]);
    rows.into_iter().fold(head, |table, row| table + &line(row))
}

fn folded(summary: &str, content: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{content}\n</details>\n")
}

/// One row a thing.
fn overview(diff: &Diff) -> Option<String> {
    let row = |change: &Change| {
        let name = if change.is_settings() { String::new() } else { code(&change.name) };
        let was = change.was.as_ref().map(|was| format!(", was {}", code(was))).unwrap_or_default();
        let mut what: Vec<&str> = change.fields.iter().map(|field| field.what).collect();
        what.dedup();
        let what = if change.how == crate::change::How::Added { String::new() } else { what.join(", ") };
        vec![change.thing.what().to_owned(), name + &was, change.how.as_str().to_owned(), what]
    };
    let rows: Vec<_> = diff.changes.list.iter().map(row).collect();
    (!rows.is_empty()).then(|| table(&["What", "Name", "How", "In"], rows))
}

fn affected(diff: &Diff) -> Option<String> {
    let affected = &diff.changes.affected;
    let row = |a: &crate::change::Affected| {
        vec![code(&a.kpi), a.through.iter().map(|through| code(through)).collect::<Vec<_>>().join(", ")]
    };
    let content = table(&["KPI", "Through"], affected.iter().map(row).collect());
    let summary = format!("{} affected by what they stand on", counted(affected.len(), "KPI"));
    (!affected.is_empty()).then(|| folded(&summary, &content))
}

/// The fields of one thing: short ones in a table, long ones as the lines that differ.
fn details(change: &Change) -> String {
    let is_long = |field: &&Field| [&field.old, &field.new].into_iter().flatten().any(|text| text.contains('\n'));
    let (long, short): (Vec<&Field>, Vec<&Field>) = change.fields.iter().partition(is_long);
    let side = |text: &Option<String>| text.as_ref().map(|text| code(text)).unwrap_or_default();
    let row = |field: &&Field| vec![code(&field.label()), side(&field.old), side(&field.new)];
    let mut content = String::new();
    if !short.is_empty() {
        content.push_str(&table(&["", "Before", "After"], short.iter().map(row).collect()));
    }
    for field in long {
        let text = |side: &Option<String>| side.clone().unwrap_or_default();
        let (old, new) = (text(&field.old), text(&field.new));
        let lines: Vec<String> = lines(&old, &new).iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        let fence = "`".repeat(longest_run(&old).max(longest_run(&new)).max(2) + 1);
        content.push_str(&format!("\n{}\n\n{fence}diff\n{}\n{fence}\n", code(&field.label()), lines.join("\n")));
    }
    // A summary is HTML, which a name of the YAML can't break: letters, digits and `_`.
    let name = if change.is_settings() { String::new() } else { format!(" <code>{}</code>", change.name) };
    folded(&format!("{}{name} {}", change.thing.what(), change.how.as_str()), content.trim_start())
}

fn numbers(diff: &Diff, effects: &Effects) -> anyhow::Result<Vec<String>> {
    if effects.kpis.is_empty() {
        return Ok(vec![format!("{UNTOUCHED}\n")]);
    }
    let figures = Figures::new(diff)?;
    let mut blocks = Vec::new();
    let (moved, still): (Vec<&Effect>, Vec<&Effect>) = effects.kpis.iter().partition(|effect| effect.moves());
    let rows = moved.iter().flat_map(|effect| {
        let row = |row: super::figures::Row| {
            let verdict = if row.flipped.is_some() { format!("**{}**", row.verdict) } else { row.verdict };
            vec![code(&effect.kpi), row.period, code(&row.old), code(&row.new), code(&row.change), verdict]
        };
        figures.rows(effect).into_iter().map(row)
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        blocks.push(table(&["KPI", "Period", "Before (target)", "After (target)", "Change", "Verdict"], rows));
    }
    if !still.is_empty() {
        let still: Vec<String> =
            still.iter().map(|effect| format!("{} by {}", code(&effect.kpi), effect.cadence)).collect();
        blocks.push(format!("The same as before: {}.\n", still.join(", ")));
    }
    let failed = |(side, failure): &(&str, crate::pipeline::Failure)| {
        format!("- {side}: source {} could not be read: {}\n", code(&failure.source), code(&failure.why))
    };
    if !effects.failures.is_empty() {
        blocks.push(effects.failures.iter().map(failed).collect());
    }
    let calendar = &diff.new.catalog.settings.calendar;
    blocks.push(format!("Measured with the data of {}.\n", when::said(diff.now, calendar)));
    Ok(blocks)
}
