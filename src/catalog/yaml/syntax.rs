//! What the parser says of a text that isn't YAML → a problem that says what to do.
//!
//! Most such texts are sentences without quotes that begin with a character of YAML's own: the help then is the line as it should be.

use super::too_deep;
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::scalar::DIRECTION;
use serde_saphyr::granit_parser::{ErrorKind, ScanError};

pub(super) fn error(cx: &Context, file: u32, error: &ScanError) -> Problem {
    let text = cx.text(file);
    let info = error.info();
    let at = text.floor_char_boundary(error.marker().byte_offset().unwrap_or_default());
    // A tab ends a text; the parser names where that text began.
    let at = if info.contains("found a tab") { tab_below(text, at).unwrap_or(at) } else { at };
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return Problem::error("yaml-budget", Place::new(file, at..at), too_deep());
    }
    let problem = Problem::error("yaml-syntax", Place::new(file, at..at), format!("not YAML: {info}"));
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    if indentation(line).contains('\t') {
        return problem.help("indent with spaces: YAML does not allow tabs");
    }
    let common = || HELP.iter().find(|(words, _)| info.contains(words)).map(|(_, help)| (*help).to_owned());
    problem.maybe_help(quotes(line, (at - start).min(line.len()), &info).or_else(common))
}

/// What the parser's words most often come from, and what to do.
const HELP: [(&str, &str); 7] = [
    ("block mapping", "begin this key in the same column as its neighbours"),
    (
        "mapping values are not allowed",
        "begin this key in the same column as its neighbours, or put a text with `: ` in quotes",
    ),
    ("simple key expected", "end the key with `:` and a space"),
    ("flow mapping", "separate entries by `, `; put a text with `: ` in quotes"),
    ("unclosed", "close it, or put the text around it in quotes"),
    ("unexpected character", "put the text in quotes"),
    ("trailing content", "put the whole text in quotes"),
];

fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// The first tab behind `at` that indents a line.
fn tab_below(text: &str, at: usize) -> Option<usize> {
    let breaks = text[at..].match_indices('\n').map(|(found, _)| at + found + 1);
    breaks.into_iter().find_map(|start| {
        let line = text[start..].lines().next().unwrap_or_default();
        indentation(line).find('\t').map(|tab| start + tab)
    })
}

/// The help for a text without quotes that YAML takes for something else by its first character. `at`: where the parser stopped.
fn quotes(line: &str, at: usize, info: &str) -> Option<String> {
    let colon = line[..at].rfind(": ")?;
    let key = line[..colon].rsplit([' ', '{', ',', '[']).next().filter(|key| !key.is_empty())?;
    let start = colon + 2 + indentation(&line[colon + 2..]).len();
    // Beyond where the parser stopped, braces end the text.
    let end = match line[..colon].contains('{') {
        true => line[at.max(start)..].find([',', '}']).map_or(line.len(), |end| at.max(start) + end),
        false => line.len(),
    };
    let text = line[start..end].split(" #").next().unwrap_or_default().trim();
    let before = line[start..at.max(start)].trim_end();
    let is_text = match text.chars().next()? {
        '%' | '@' | '`' | ',' => true,
        '>' | '|' => info.contains("block scalar"),
        '"' | '\'' => info.contains("trailing content"),
        '[' => before.ends_with(']') && !text.contains(':'),
        '{' => before.ends_with('}') && !text.contains(':'),
        _ => false,
    };
    if text.starts_with('>') && text.trim_start_matches(['>', '=', ' ']).starts_with(|c: char| c.is_ascii_digit()) {
        return is_text.then(|| DIRECTION.to_owned());
    }
    is_text.then(|| format!("put the text in quotes: `{key}: {}`", quoted(text)))
}

/// The text in those quotes that it doesn't hold.
fn quoted(text: &str) -> String {
    let bare = ['"', '\''].iter().find_map(|mark| text.strip_prefix(*mark)?.strip_suffix(*mark)).unwrap_or(text);
    match bare.contains('"') {
        true => format!("'{}'", bare.replace('\'', "''")),
        false => format!("\"{}\"", bare.replace('\\', "\\\\")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::snippet::File;
    use crate::catalog::yaml::parse;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    /// What is said about a text.
    fn said(text: &str) -> String {
        let file = Arc::new(File::new("a.yaml".to_owned(), text.to_owned()));
        let cx = Context::new(String::new(), vec![file], BTreeSet::new(), &|_| None, Vec::new());
        assert!(parse(&cx, 0).is_none(), "{text}");
        cx.into_problems(Vec::new()).to_string()
    }

    #[test]
    fn text_that_needs_quotes_is_shown_in_them() {
        let check = |line: &str, help: &str| {
            let said = said(&format!("kpis:\n  a:\n    {line}\n    good: up\n"));
            assert!(said.contains("a.yaml:3:") && said.contains(&format!("help: {help}\n")), "{line}: {said}");
        };
        check("name: % de ventas", "put the text in quotes: `name: \"% de ventas\"`");
        check("name: @ventas # ours", "put the text in quotes: `name: \"@ventas\"`");
        check("name: `ventas`", "put the text in quotes: `name: \"`ventas`\"`");
        check("unit: %", "put the text in quotes: `unit: \"%\"`");
        check("name: [B2B] Ventas", "put the text in quotes: `name: \"[B2B] Ventas\"`");
        check("name: {B2B} Ventas", "put the text in quotes: `name: \"{B2B} Ventas\"`");
        check("name: , Ventas", "put the text in quotes: `name: \", Ventas\"`");
        check("name: \"Ventas\" por pedido", "put the text in quotes: `name: '\"Ventas\" por pedido'`");
        check("name: 'L'Hospitalet'", "put the text in quotes: `name: \"L'Hospitalet\"`");
        check("name: | Ventas", "put the text in quotes: `name: \"| Ventas\"`");
        check("name: { es: % de ventas, en: Share }", "put the text in quotes: `es: \"% de ventas\"`");
        check("target: >= 75", "write only the number: the direction comes from `good`");
    }

    #[test]
    fn entries_without_a_comma_between_them_are_no_text() {
        let said = said("a: { tags: [x] good: up }\n");
        assert!(said.contains("separate entries by `, `"), "{said}");
    }

    #[test]
    fn tab_is_shown_where_it_stands() {
        for (indented, column) in [("\tgood: up", 1), ("  \tgood: up", 3), ("    \tgood: up", 5)] {
            let said = said(&format!("kpis:\n  a:\n    name: x\n{indented}\n"));
            let place = format!("a.yaml:4:{column}: error");
            assert!(said.starts_with(&place) && said.contains("help: indent with spaces"), "{said}");
        }
    }
}
