//! File names in the headers of a part (RFC 2183, RFC 2231).
//!
//! A name in plain ASCII stands as `filename="…"`; any other as `filename*=utf-8''…`, in pieces when it is long. The fallback for
//! programs that don't know RFC 2231 is the `name="…"` of Content-Type, always plain ASCII: `filename=` beside `filename*=`,
//! as HTTP has it, is a parameter given twice in a mail, and some parsers then take the worse one.

/// A name is cut after so many characters; most file systems end at 255 bytes.
const LONGEST: usize = 200;

/// A plain name longer than this would not fit on its line.
const LONGEST_PLAIN: usize = 60;

/// A header line with its space before and its `;` behind.
const LINE: usize = 78;

/// `name` without what no file system or screen should get: control characters, those that turn the direction of what follows,
/// and folders.
pub(super) fn clean(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let name: String = name.chars().filter(|c| !turns(*c)).collect();
    let name: String = name.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let name = shortened(name.trim(), LONGEST);
    if name.is_empty() { "attachment".to_owned() } else { name }
}

/// The parameter `name` of Content-Type.
pub(super) fn fallback(name: &str) -> String {
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("name=\"{}\"", shortened(&plain, LONGEST_PLAIN))
}

/// The parameter `filename` of Content-Disposition, in as many lines as it takes.
pub(super) fn parameter(name: &str) -> String {
    if name.len() <= LONGEST_PLAIN && name.chars().all(is_plain) {
        return format!("filename=\"{name}\"");
    }
    let whole = name.chars().map(encoded).collect::<String>();
    let line = format!("filename*=utf-8''{whole}");
    if line.len() + 2 <= LINE { line } else { pieces(name).join(";\r\n ") }
}

/// `filename*0*=utf-8''…`, `filename*1*=…`: no character is torn apart, which not every program would mend.
fn pieces(name: &str) -> Vec<String> {
    let mut pieces = vec!["filename*0*=utf-8''".to_owned()];
    for c in name.chars().map(encoded) {
        if pieces.last().is_some_and(|piece| piece.len() + c.len() + 2 > LINE) {
            pieces.push(format!("filename*{}*=", pieces.len()));
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(&c);
        }
    }
    pieces
}

fn encoded(c: char) -> String {
    match c {
        c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') => c.to_string(),
        c => c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect(),
    }
}

/// What needs no escape between quotes and means nothing to any parser.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ')
}

/// At most `longest` characters; what is cut is cut before the ending that tells what the file is.
fn shortened(name: &str, longest: usize) -> String {
    let length = name.chars().count();
    if length <= longest {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= 10).unwrap_or_default();
    let kept = longest - ending.chars().count();
    name.chars().take(kept).chain(ending.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, file: &str, plain: &str) {
        let name = clean(name);
        assert_eq!((&*parameter(&name), &*fallback(&name)), (file, &*format!("name=\"{plain}\"")));
    }

    #[test]
    fn plain_name_stands_as_it_is() {
        check("Ventas B2B 2026-W46.xlsx", "filename=\"Ventas B2B 2026-W46.xlsx\"", "Ventas B2B 2026-W46.xlsx");
    }

    #[test]
    fn other_names_are_encoded_with_a_fallback() {
        check("año; \"hoy\" 😀.csv", "filename*=utf-8''a%C3%B1o%3B%20%22hoy%22%20%F0%9F%98%80.csv", "a_o_ _hoy_ _.csv");
    }

    #[test]
    fn name_of_no_file_becomes_one() {
        check("", "filename=\"attachment\"", "attachment");
        check("../a\\b\r\nX: y", "filename*=utf-8''.._a_b__X%3A%20y", ".._a_b__X_ y");
        check("a\u{202E}gpj.exe", "filename=\"agpj.exe\"", "agpj.exe");
    }

    #[test]
    fn long_name_comes_in_pieces_and_keeps_its_ending() {
        let name = clean(&format!("{}.xlsx", "ñ".repeat(300)));
        assert_eq!(name.chars().count(), LONGEST);
        let pieces = pieces(&name);
        assert!(pieces[0].starts_with("filename*0*=utf-8''%C3%B1%C3%B1"), "{pieces:?}");
        assert!(pieces[10].starts_with("filename*10*=%C3%B1"), "{pieces:?}");
        assert!(pieces.iter().all(|piece| piece.len() + 2 <= LINE), "{pieces:?}");
        assert!(pieces.last().unwrap().ends_with(".xlsx"));
        assert!(fallback(&name).ends_with("_.xlsx\""));
    }
}
