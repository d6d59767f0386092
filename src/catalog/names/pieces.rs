//! A file that isn't YAML → pieces of which most are: each thing of a section with the section's key above it.
//!
//! In: the text. Out: texts, by indentation alone. One broken thing costs its own contents then, and no other's.

/// The pieces of `text`: lines that begin in the column of a section's first thing begin a piece.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let (mut section, mut column) = ("", None);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        if indent == 0 {
            (section, column) = (line, None);
            pieces.push(format!("{line}\n"));
        } else if *column.get_or_insert(indent) == indent {
            pieces.push(format!("{section}\n{line}\n"));
        } else if let Some(piece) = pieces.last_mut() {
            *piece += line;
            piece.push('\n');
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_a_piece_below_its_section() {
        let text = "# why\nsettings: { language: es }\nkpis:\n  a: # one\n    formula: [\n\n  b:\n    formula: c\npeople:\n    ana: {}\n";
        assert_eq!(
            pieces(text),
            [
                "settings: { language: es }\n",
                "kpis:\n",
                "kpis:\n  a: # one\n    formula: [\n",
                "kpis:\n  b:\n    formula: c\n",
                "people:\n",
                "people:\n    ana: {}\n",
            ]
        );
    }
}
