//! Lines of plain mail.

use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines of at most `columns` columns, broken at spaces (a no-break space is none); what follows a break is indented by two more than
/// the line. A longer word is broken where it must be, but an address never: it would lead nowhere.
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        let line = line.trim_end_matches(' ');
        let inner = line.trim_start_matches(' ');
        // A name may begin with as many spaces as a database pads it with.
        let indent = (line.len() - inner.len()).min(columns / 2);
        let mut width = indent;
        out.push_str(&line[..indent]);
        for (index, word) in inner.split(' ').flat_map(|word| pieces(word, columns - indent - 2)).enumerate() {
            let (word, space) = word;
            let space = usize::from(space && index > 0);
            if index > 0 && width + space + word.width() > columns {
                write!(out, "\n{:1$}", "", indent + 2).expect("a string takes all");
                width = indent + 2;
            } else if space > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += word.width();
        }
        out.push('\n');
    }
    out
}

/// `word`, or parts of it no wider than `most`; and whether a space belongs before.
fn pieces(word: &str, most: usize) -> Vec<(&str, bool)> {
    if word.width() <= most || word.contains("://") {
        return vec![(word, true)];
    }
    let (mut pieces, mut start, mut width) = (Vec::new(), 0, 0);
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if width + wide > most {
            pieces.push((&word[start..at], pieces.is_empty()));
            (start, width) = (at, 0);
        }
        width += wide;
    }
    pieces.push((&word[start..], pieces.is_empty()));
    pieces
}
