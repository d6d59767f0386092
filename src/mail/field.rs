//! Texts in the headers of a message: one line each, which the message may break.
//!
//! Control characters are taken out: they only ever come by accident or with ill intent, and some make lettre panic.

/// Subject and names are cut after so many characters: what no inbox shows.
const LONGEST: usize = 150;

/// One line without control characters, not too long.
pub(super) fn line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if clean.chars().count() > LONGEST {
        clean = clean.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    clean
}

/// Lines of at most 78 characters as far as there are spaces to break them at: lettre leaves an address on the line of its name.
/// Never right after the header's name, where some programs see an empty header.
pub(super) fn folded(head: &str) -> String {
    let mut out = String::with_capacity(head.len() + 16);
    for mut line in head.split_inclusive("\r\n") {
        let mut first = line.find(": ").map_or(1, |colon| colon + 2);
        while line.trim_end().len() > 78 {
            let Some(at) = line.get(..=78).and_then(|start| start.rfind(' ')).filter(|at| *at >= first) else { break };
            out.push_str(&line[..at]);
            out.push_str("\r\n");
            (line, first) = (&line[at..], 1);
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_one_line_of_bounded_length() {
        assert_eq!(line(" Ventas\r\n\tB2B\0 · hoy "), "Ventas B2B · hoy");
        assert_eq!(line(&"á".repeat(150)), "á".repeat(150));
        assert_eq!(line(&"á".repeat(151)), format!("{}…", "á".repeat(149)));
    }

    #[test]
    fn long_lines_are_folded_where_they_can_be() {
        let long = "a".repeat(70);
        let check = |head: &str, expected: &str| assert_eq!(folded(head), expected);
        check(&format!("To: {long} <b@c.d>\r\nA: b\r\n"), &format!("To: {long}\r\n <b@c.d>\r\nA: b\r\n"));
        check(&format!("To: \"{long} {long}\" <b>\r\n"), &format!("To: \"{long}\r\n {long}\" <b>\r\n"));
        for whole in [format!("Message-ID: <{long}@c.d>\r\n"), format!("To: a\r\n {long} <b>\r\n")] {
            check(&whole, &whole);
        }
    }
}
