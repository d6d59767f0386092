//! What stands in a mail.

use crate::smtp::Entry;

/// A header of a mail, unfolded.
pub fn header(entry: &Entry, name: &str) -> String {
    let text = String::from_utf8_lossy(&entry.bytes).replace("\r\n ", " ");
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("{name}: {head}")).to_owned()
}

/// The text of a mail to find words in: without its encoding, whose only white space are single spaces.
pub fn words(entry: &Entry) -> String {
    let text = String::from_utf8_lossy(&entry.bytes).replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).filter(|_| *first == b'=').and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}
