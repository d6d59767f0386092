//! Names of files and of a workbook's sheets.

use std::collections::HashSet;

/// What Excel allows the name of a sheet, in UTF-16 units.
const SHEET: usize = 31;

/// Names for the sheets with these titles: what Excel forbids is left out, and no two are the same to it.
pub(super) fn sheets(titles: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut named = Vec::new();
    for (index, title) in titles.iter().enumerate() {
        let plain = plain(title);
        let plain = if plain.is_empty() { (index + 1).to_string() } else { plain };
        let numbered = (2..).map(|n| format!(" ({n})")).map(|end| format!("{}{end}", cut(&plain, SHEET - end.len())));
        let mut candidates = std::iter::once(cut(&plain, SHEET).to_owned()).chain(numbered);
        // Excel keeps one name for itself, and compares without case.
        let free = |name: &String| name.to_lowercase() != "history" && taken.insert(name.to_lowercase());
        named.extend(candidates.find(free));
    }
    named
}

/// Without what a sheet's name can't hold, nor begin with if it is to be no formula.
fn plain(title: &str) -> String {
    let kept = |c: char| match c {
        '[' | ']' | ':' | '*' | '?' | '/' | '\\' => '-',
        '\'' => '’',
        c if c.is_control() || turns(c) => ' ',
        c => c,
    };
    let text: String = title.chars().map(kept).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_start_matches(|c: char| "=+-@＝＋－＠ ".contains(c)).to_owned()
}

/// What would make `gpj.exe` read as `exe.jpg`.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The beginning of `text` that fits, at a character and without the space it may end in.
pub(super) fn cut(text: &str, units: usize) -> &str {
    let mut left = units;
    let end = text.char_indices().find(|(_, c)| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        !fits
    });
    end.map_or(text, |(end, _)| &text[..end]).trim_end()
}

/// `Ventas B2B 2026-W46.xlsx`: any Unicode but what a file system or a header could stumble over.
pub(super) fn file(title: &str, label: &str, extension: &str) -> String {
    let kept = |c: char| if c.is_control() || turns(c) || "/\\:*?\"<>|".contains(c) { ' ' } else { c };
    let title: String = title.chars().map(kept).collect();
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = cut(title.trim_start_matches('.'), 80);
    format!("{title} {label}.{extension}").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(titles: &[&str], expected: &[&str]) {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        assert_eq!(sheets(&titles), expected);
    }

    #[test]
    fn sheet_has_the_name_of_its_section_unless_excel_forbids_it() {
        check(&["Ventas", "ventas", "VENTAS"], &["Ventas", "ventas (2)", "VENTAS (3)"]);
        check(&["A/B: [¿qué?] 'x'", "", "\t\n"], &["A-B- -¿qué-- ’x’", "2", "3"]);
        check(&["=cmd|'/c calc'!A0", "＝1", "-@+"], &["cmd|’-c calc’!A0", "1", "3"]);
        check(&["History", "Ventas (2)", "Ventas", "Ventas"], &["History (2)", "Ventas (2)", "Ventas", "Ventas (3)"]);
    }

    #[test]
    fn long_names_are_cut_at_a_character_and_stay_apart() {
        let long = "Una sección con un título muy largo";
        check(&[long, long], &["Una sección con un título muy l", "Una sección con un título m (2)"]);
        check(&[&"🍂".repeat(20)], &[&"🍂".repeat(15)]);
        let many: Vec<String> = vec!["x".repeat(300); 120];
        let names = sheets(&many);
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), 120);
        assert!(names.iter().all(|name| name.len() <= 31));
    }

    #[test]
    fn file_is_named_after_report_and_period() {
        assert_eq!(file("Ventas B2B", "2026-W46", "xlsx"), "Ventas B2B 2026-W46.xlsx");
        assert_eq!(file("../a:b\"\r\n", "2026", "csv"), "a b 2026.csv");
        assert_eq!(file("a\u{202e}gpj", "2026", "csv"), "a gpj 2026.csv");
        assert_eq!(file("", "2026", "csv"), "2026.csv");
        assert_eq!(file(&"ñ".repeat(300), "2026", "csv").chars().count(), 89);
    }
}
