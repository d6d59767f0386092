//! A block of YAML → the text of a file that has it at the end of one of its sections, every byte around it kept.
//!
//! In: the text, the key of the section, and the block, written as if it stood at the left margin. Out: the new text and the line
//! that the block begins on. The parser says where the section ends; comments indented below it still belong to it. A section that
//! isn't there begins at the end of the file.
//! Deliberately absent: files, and whether the folder still loads: whoever writes asks [`super::Catalog::load`].

use super::context::Context;
use super::files;
use super::node::{Node, Value};
use super::snippet::File;
use super::yaml;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// How far sections are indented where the file doesn't tell.
const INDENT: usize = 2;

/// A text with one block more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inserted {
    pub text: String,
    /// 1-based line of the block's first line.
    pub line: usize,
}

/// Why a block can't be put into a text: what is in the way, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}\nhelp: {help}")]
pub struct NoPlace {
    what: String,
    help: &'static str,
}

/// Puts `block` at the end of `section`.
///
/// # Errors
/// The text is no YAML mapping, or the section is written such that lines can't be added to it: in braces, or by an alias.
pub fn insert(text: &str, section: &str, block: &str) -> Result<Inserted, NoPlace> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = &text[..text.len() - body.len()];
    let gap = gap(body, section)?;
    let eol = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let mut before = format!("{}{}", &body[..gap.cut.start], &body[gap.cut.end..gap.at]);
    let after = &body[gap.at..];
    if !before.is_empty() && !before.ends_with('\n') {
        before.push_str(eol);
    }
    if gap.apart && !before.is_empty() && !before.ends_with(&format!("{eol}{eol}")) {
        before.push_str(eol);
    }
    if let Some(column) = gap.heading {
        before.push_str(&format!("{:column$}{section}:{eol}", ""));
    }
    let line = before.matches('\n').count() + 1;
    let indented =
        |line: &str| if line.is_empty() { eol.to_owned() } else { format!("{:1$}{line}{eol}", "", gap.indent) };
    let block: String = block.lines().map(indented).collect();
    Ok(Inserted { text: format!("{mark}{before}{block}{after}"), line })
}

/// The file below `folder` with the most of `section`, which is where one more belongs. `None` where no file has that section.
pub fn home(folder: &Path, section: &str) -> Option<PathBuf> {
    let (files, _) = files::read(folder);
    let entries = |file: &Arc<File>| {
        let root = tree(&file.text).ok()??;
        let node = Rc::clone(&entry(&root, section)?.1);
        Some(if let Value::Map(entries) = &node.value { entries.len() } else { 0 })
    };
    let counted = files.iter().filter_map(|file| Some((entries(file)?, file)));
    let (_, most) = counted.rev().max_by_key(|(count, _)| *count)?;
    Some(PathBuf::from(&most.name))
}

/// `text` as a YAML scalar on one line: as it is where that reads back as the same text.
pub fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " _.:-+*/()@%^<>=".contains(c);
    let begins = text.starts_with(|c: char| c.is_alphanumeric() || c == '(' || c == '_');
    let is_plain = begins && text.chars().all(plain) && text != "null";
    let is_plain = is_plain && !text.ends_with([' ', ':']) && !text.contains(": ");
    match (is_plain, text.contains(char::is_control)) {
        (true, _) => text.to_owned(),
        (false, false) => format!("'{}'", text.replace('\'', "''")),
        // JSON's escapes are YAML's, too.
        (false, true) => serde_json::Value::from(text).to_string(),
    }
}

/// Where a block goes.
struct Gap {
    /// What gives way to it: a `{}`.
    cut: Range<usize>,
    /// Where it begins, at the beginning of a line or the end of the text.
    at: usize,
    indent: usize,
    /// Whether a blank line stands before it.
    apart: bool,
    /// The column of a section that begins with it.
    heading: Option<usize>,
}

fn gap(text: &str, section: &str) -> Result<Gap, NoPlace> {
    let end = text.len();
    let whole = |column| Gap { cut: end..end, at: end, indent: column + INDENT, apart: true, heading: Some(column) };
    let Some(root) = tree(text)?.filter(|root| !root.is_null()) else {
        return Ok(whole(0));
    };
    let (start, _) = ends(&root);
    if !matches!(root.value, Value::Map(_)) || text[start..].starts_with('{') {
        return Err(no_place("the file is one mapping in braces, or none", "name another file with --file"));
    }
    match entry(&root, section) {
        None => Ok(whole(column(text, start))),
        Some((key, node)) => within(text, &root, &key, &node),
    }
}

/// The gap at the end of a section: `node`, below `key`.
fn within(text: &str, root: &Node, key: &Range<usize>, node: &Node) -> Result<Gap, NoPlace> {
    let (begin, finish) = ends(node);
    let written = text.get(begin..finish).unwrap_or_default();
    let margin = column(text, key.start);
    match &node.value {
        _ if node.is_null() || written.split_whitespace().collect::<String>() == "{}" => {
            let cut = if written.is_empty() { key.end..key.end } else { begin..finish };
            let at = after(text, cut.end, margin);
            Ok(Gap { cut, at, indent: margin + width(text, root), apart: false, heading: None })
        }
        Value::Map(entries) if begin > key.start && !written.starts_with('{') => {
            let own = entries.iter().map(|entry| entry.at.bytes().start).filter(|at| *at >= begin).min();
            let indent = own.map_or(margin + width(text, root), |at| column(text, at));
            let finish = last(text, node);
            Ok(Gap { cut: finish..finish, at: after(text, finish, margin), indent, apart: true, heading: None })
        }
        _ => Err(no_place(
            format!(
                "`{}` is written in braces or by an alias, so that no lines can be added to it",
                &text[key.clone()]
            ),
            "give each entry lines of its own, or name another file with --file",
        )),
    }
}

fn no_place(what: impl Into<String>, help: &'static str) -> NoPlace {
    NoPlace { what: what.into(), help }
}

/// `None` for a text without anything but comments.
fn tree(text: &str) -> Result<Option<Rc<Node>>, NoPlace> {
    let file = Arc::new(File::new("the file".to_owned(), text.to_owned()));
    let no_env = |_: &str| None;
    let cx = Context::new(String::new(), vec![file], BTreeSet::new(), &no_env, Vec::new());
    let tree = yaml::parse(&cx, 0);
    if cx.has_errors() {
        return Err(no_place("the file is not the YAML of a catalogue", "`kpid check` says what is wrong with it"));
    }
    Ok(tree)
}

/// The bytes of the key, and the value.
fn entry(root: &Node, section: &str) -> Option<(Range<usize>, Rc<Node>)> {
    let Value::Map(entries) = &root.value else { return None };
    let entry = entries.iter().find(|entry| &*entry.key == section)?;
    Some((entry.at.bytes(), Rc::clone(&entry.node)))
}

fn ends(node: &Node) -> (usize, usize) {
    let bytes = node.place.bytes();
    (bytes.start, bytes.end)
}

/// Where the last thing of `node` ends. The parser gives a block the comments that follow it.
fn last(text: &str, node: &Node) -> usize {
    let (start, end) = ends(node);
    let below = |at: usize, inner: &Node| last(text, inner).max(at);
    let own = |inner: &&Rc<Node>| ends(inner).0 >= start;
    let inner = match &node.value {
        _ if text[start..].starts_with(['{', '[']) => None,
        Value::Map(entries) => {
            let own = entries.iter().filter(|entry| entry.at.bytes().start >= start);
            own.map(|entry| match ends(&entry.node).0 >= entry.at.bytes().end {
                true => below(entry.at.bytes().end, &entry.node),
                false => entry.at.bytes().end,
            })
            .max()
        }
        Value::List(items) => items.iter().filter(own).map(|item| below(start, item)).max(),
        _ => None,
    };
    inner.unwrap_or(start + text[start..end].trim_end().len())
}

fn column(text: &str, byte: usize) -> usize {
    let start = text[..byte].rfind('\n').map_or(0, |before| before + 1);
    text[start..byte].chars().count()
}

/// How far the entries of the file's other sections are indented.
fn width(text: &str, root: &Node) -> usize {
    let Value::Map(sections) = &root.value else { return INDENT };
    let indent = |at: Range<usize>, value: &Node| {
        let Value::Map(entries) = &value.value else { return None };
        let first = entries.first().map(|entry| entry.at.bytes().start)?;
        let below = first > at.end && text[at.end..first].contains('\n');
        below.then(|| column(text, first).saturating_sub(column(text, at.start))).filter(|width| *width > 0)
    };
    sections.iter().find_map(|section| indent(section.at.bytes(), &section.node)).unwrap_or(INDENT)
}

/// The end of the line of `byte`, and of the comments that follow it further right than `margin`.
fn after(text: &str, byte: usize, margin: usize) -> usize {
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |end| from + end + 1);
    let mut at = line_end(byte);
    let mut looked = at;
    while looked < text.len() {
        let end = line_end(looked);
        let line = &text[looked..end];
        let inner = line.trim_start_matches([' ', '\t']);
        looked = end;
        if inner.starts_with('#') && line.len() - inner.len() > margin {
            at = end;
        } else if !inner.trim_end().is_empty() {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "b:\n  formula: x.y\n\n  unit: count\n";

    fn check(text: &str, expected: &str) {
        let inserted = insert(text, "kpis", BLOCK).unwrap();
        assert_eq!(inserted.text, expected);
        let line = inserted.text.lines().nth(inserted.line - 1).unwrap();
        assert_eq!(line.trim_start_matches('\u{feff}').trim(), "b:", "line {}", inserted.line);
    }

    #[test]
    fn the_block_ends_its_section_and_all_else_stays() {
        check(
            "# mine\nkpis:\n  a: { formula: 1 } # why\n\npeople: {}\n",
            "# mine\nkpis:\n  a: { formula: 1 } # why\n\n  b:\n    formula: x.y\n\n    unit: count\n\npeople: {}\n",
        );
        check(
            "kpis:\n  a:\n    formula: >\n      1\n      # no comment\n\n# people\npeople: {}\n",
            "kpis:\n  a:\n    formula: >\n      1\n      # no comment\n\n  b:\n    formula: x.y\n\n    unit: count\n\n# people\npeople: {}\n",
        );
        check(
            "kpis:\n  a:\n    tags:\n      - x\n      - y # last\n# people\npeople: {}\n",
            "kpis:\n  a:\n    tags:\n      - x\n      - y # last\n\n  b:\n    formula: x.y\n\n    unit: count\n# people\npeople: {}\n",
        );
    }

    #[test]
    fn a_missing_section_begins_at_the_end() {
        check("", "kpis:\n  b:\n    formula: x.y\n\n    unit: count\n");
        check("# only this\n", "# only this\n\nkpis:\n  b:\n    formula: x.y\n\n    unit: count\n");
        check("people: {}", "people: {}\n\nkpis:\n  b:\n    formula: x.y\n\n    unit: count\n");
    }

    #[test]
    fn an_empty_section_takes_it_in_place_of_braces_or_nothing() {
        check("kpis: {}  # none yet\np: 1\n", "kpis:   # none yet\n  b:\n    formula: x.y\n\n    unit: count\np: 1\n");
        check("kpis: ~\n", "kpis: \n  b:\n    formula: x.y\n\n    unit: count\n");
        check(
            "kpis:\n  # a: later\n# end\np: 1\n",
            "kpis:\n  # a: later\n  b:\n    formula: x.y\n\n    unit: count\n# end\np: 1\n",
        );
    }

    #[test]
    fn line_ends_indentation_and_marks_are_those_of_the_file() {
        check(
            "kpis:\r\n    a: { formula: 1 }",
            "kpis:\r\n    a: { formula: 1 }\r\n\r\n    b:\r\n      formula: x.y\r\n\r\n      unit: count\r\n",
        );
        check(
            "\u{feff}people:\n    a: { email: a@b.es }\nkpis:\n",
            "\u{feff}people:\n    a: { email: a@b.es }\nkpis:\n    b:\n      formula: x.y\n\n      unit: count\n",
        );
        check(
            "kpis:\n a: { formula: 1 }\t# tab\n\t# tab\n",
            "kpis:\n a: { formula: 1 }\t# tab\n\t# tab\n\n b:\n   formula: x.y\n\n   unit: count\n",
        );
    }

    #[test]
    fn comments_below_a_section_belong_to_it_by_their_indentation() {
        check(
            "kpis:\n  a: { formula: 1 }\n\n  # later: {}\n\n# people\npeople: {}\n",
            "kpis:\n  a: { formula: 1 }\n\n  # later: {}\n\n  b:\n    formula: x.y\n\n    unit: count\n\n# people\npeople: {}\n",
        );
    }

    #[test]
    fn what_has_no_lines_to_add_is_refused() {
        let check = |text: &str, expected: &str| {
            let error = insert(text, "kpis", BLOCK).unwrap_err().to_string();
            assert!(error.starts_with(expected) && error.contains("\nhelp: "), "{error}");
        };
        check("kpis: { a: { formula: 1 } }\n", "`kpis` is written in braces or by an alias");
        check("sources: &x { a: 1 }\nkpis: *x\n", "`kpis` is written in braces or by an alias");
        check("{ kpis: {} }\n", "the file is one mapping in braces");
        check("- 1\n", "the file is one mapping in braces");
        check("kpis:\n\ta: 1\n", "the file is not the YAML of a catalogue");
    }

    #[test]
    fn scalars_read_back_as_they_were() {
        let check = |text: &str, expected: &str| assert_eq!(scalar(text), expected);
        check("spend.cost / leads.created", "spend.cost / leads.created");
        check("Coste por lead", "Coste por lead");
        check("a: b # c", "'a: b # c'");
        check("*", "'*'");
        check("null", "'null'");
        check("it's", "'it''s'");
        check("mondays at 08:00", "mondays at 08:00");
        check("a:", "'a:'");
        check("@weekly", "'@weekly'");
        check("", "''");
        check("a\nb", "\"a\\nb\"");
    }
}
