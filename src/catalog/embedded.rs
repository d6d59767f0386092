//! Where a byte of a scalar's text stands in the file, so that problems inside formulas and SQL point at the exact character.
//!
//! The text differs from the file: quotes and escapes, indentation of block scalars, folded lines. Both are walked side by side.
//! Exact for every character that isn't whitespace; for whitespace that folding changed, the nearest place.

use super::context::{Context, Place};
use super::node::{Node, Value};
use std::ops::Range;

/// The place of `span`, bytes of the text of `node`.
pub(super) fn place(cx: &Context, node: &Node, span: Range<usize>) -> Place {
    let Value::Scalar { text, .. } = &node.value else {
        return node.place;
    };
    let source = cx.source(node.place);
    let offset = node.place.bytes().start;
    let last = span.end.saturating_sub(1).max(span.start);
    let (start, _) = locate(text, source, span.start);
    let (_, end) = locate(text, source, last);
    let (start, end) = (source.floor_char_boundary(start), source.ceil_char_boundary(end.max(start)));
    node.place.at(offset + start..offset + end)
}

/// The bytes of `source` that stand for the character at byte `target` of `text`.
fn locate(text: &str, source: &str, target: usize) -> (usize, usize) {
    let quote = source.chars().next().filter(|c| matches!(c, '"' | '\''));
    let mut at = header_length(source, quote);
    let mut chars = text.char_indices().peekable();
    while let Some((_, wanted)) = chars.next() {
        let length = skip_to(source, &mut at, wanted, quote);
        let next = chars.peek().map_or(text.len(), |(next, _)| *next);
        if target < next {
            return (at, at + length);
        }
        at += length;
    }
    let end = source.trim_end().len();
    (end, end)
}

/// Length of what precedes the text: a quote, or `|`/`>` with its indicators and the rest of that line.
fn header_length(source: &str, quote: Option<char>) -> usize {
    match source.chars().next() {
        _ if quote.is_some() => 1,
        Some('|' | '>') => source.find('\n').map_or(source.len(), |end| end + 1),
        _ => 0,
    }
}

/// Moves `at` to what stands for `wanted` and gives its length.
fn skip_to(source: &str, at: &mut usize, wanted: char, quote: Option<char>) -> usize {
    while let Some(found) = source[*at..].chars().next() {
        let rest = &source[*at..];
        match found {
            '\\' if quote == Some('"') => match escape_length(rest) {
                Escape::LineBreak(length) => *at += length,
                Escape::Character(length) => return length,
            },
            '\'' if quote == Some('\'') => return rest.len().min(2),
            _ if found == wanted => return found.len_utf8(),
            // A line break that folding turned into a space stands for it together with the indentation that follows.
            _ if found.is_whitespace() && wanted.is_whitespace() => {
                return rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
            }
            _ if found.is_whitespace() => *at += found.len_utf8(),
            _ => return found.len_utf8(),
        }
    }
    0
}

enum Escape {
    /// `\` at the end of a line: stands for nothing.
    LineBreak(usize),
    Character(usize),
}

fn escape_length(rest: &str) -> Escape {
    let length = match rest.as_bytes().get(1) {
        Some(b'\n' | b'\r') => return Escape::LineBreak(2),
        Some(b'x') => 4,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 2,
    };
    Escape::Character(rest.floor_char_boundary(length))
}
