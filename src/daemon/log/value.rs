//! A field's value → text that stays on its line.

use std::fmt::{self, Write};

/// What is shown of one value, in bytes.
pub(super) const MOST: usize = 4 << 10;

/// A text that takes no more than [`MOST`] bytes and counts the rest, however much is written.
#[derive(Debug, Default)]
pub(super) struct Clipped {
    text: String,
    lost: usize,
}

impl Clipped {
    pub fn of(value: &dyn fmt::Display) -> String {
        let mut clipped = Clipped::default();
        // Some values fail to print themselves; what they printed is what there is.
        match write!(clipped, "{value}") {
            Ok(()) | Err(fmt::Error) => clipped.end(),
        }
    }

    fn end(self) -> String {
        match self.lost {
            0 => self.text,
            lost => format!("{}… ({lost} more bytes)", self.text),
        }
    }
}

impl Write for Clipped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Once something was cut, nothing after it may close the gap.
        let room = if self.lost == 0 { MOST - self.text.len() } else { 0 };
        let end = text.floor_char_boundary(room.min(text.len()));
        self.text.push_str(&text[..end]);
        self.lost += text.len() - end;
        Ok(())
    }
}

/// Whether a terminal, a log viewer or a JSON reader may take `c` for a command, a line's end or a turn of direction.
pub(super) fn is_unsafe(c: char) -> bool {
    let turns = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') || turns
}

/// For text: `\n`, `\u{1b}`; a backslash stays itself.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unsafe(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// The value of a field in text: in quotes where it would not be seen where it ends.
pub(super) fn quoted(text: &str) -> String {
    let bare = |c: char| !c.is_whitespace() && !is_unsafe(c) && !matches!(c, '"' | '=' | '\\');
    match !text.is_empty() && text.chars().all(bare) {
        true => text.to_owned(),
        false => format!("\"{}\"", escaped(&text.replace('\\', "\\\\").replace('"', "\\\""))),
    }
}

/// A line of JSON with everything unsafe as `\uXXXX`: what serde_json leaves as it is stands inside strings only.
pub(super) fn json_escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match is_unsafe(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
            false => out.push(c),
        }
    }
    out
}
