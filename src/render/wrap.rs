//! Lines of plain mail.

use std::fmt::Write;

/// Lines of at most `columns` characters, broken at spaces (a no-break space is none); what follows a break is indented by two more
/// than the line. A longer word stands alone.
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        let line = line.trim_end_matches(' ');
        let indent = line.len() - line.trim_start_matches(' ').len();
        let mut width = indent;
        out.push_str(&line[..indent]);
        for (index, word) in line[indent..].split(' ').enumerate() {
            let length = word.chars().count();
            if index > 0 && width + 1 + length > columns {
                write!(out, "\n{:1$}", "", indent + 2).expect("a string takes all");
                width = indent + 2;
            } else if index > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
        out.push('\n');
    }
    out
}
