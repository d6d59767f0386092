//! Names and reader-facing texts, the vocabulary of every layer.
//!
//! A [`Name`] is what YAML calls a thing; a [`Text`] is what a reader sees, in one or more languages.

pub mod cldr;
mod suggest;

pub use suggest::suggest;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The identifier of a KPI, source, measure, dimension, database, person, group or report. Cheap to clone.
pub type Name = Arc<str>;

/// A language as BCP 47 writes it, without region: `es`, `en`.
pub type Language = Arc<str>;

/// Whether `text` can be a language: two or three small letters (ISO 639).
pub fn is_language(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A text a reader sees: the same in every language, or one per language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    Same(String),
    ByLanguage(BTreeMap<Language, String>),
}

impl Text {
    /// The text in `language`, else in `fallback` (the installation's language), else in any language it has.
    pub fn get(&self, language: &str, fallback: &str) -> &str {
        match self {
            Text::Same(text) => text,
            Text::ByLanguage(texts) => texts
                .get(language)
                .or_else(|| texts.get(fallback))
                .or_else(|| texts.values().next())
                .map_or("", String::as_str),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::Same(text.to_owned())
    }
}

/// A text from outside as it may be shown anywhere: line breaks and tabs are spaces; other control characters, which a
/// terminal would obey, and those that turn the direction of what follows are U+FFFD.
pub fn harmless(text: Cow<'_, str>) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let harmless = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        _ if c.is_control() || turns(c) => '\u{FFFD}',
        _ => c,
    };
    match text.chars().all(|c| harmless(c) == c) {
        true => text.into_owned(),
        false => text.chars().map(harmless).collect(),
    }
}

/// `text` as one word of a command line that somebody pastes into a shell.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
    match !text.is_empty() && text.bytes().all(plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', r"'\''")).into(),
    }
}

/// `text` for an attribute or between the tags of HTML, SVG or XML. Line breaks and tabs are references, which attributes keep; what XML
/// 1.0 has no way to write, and other control characters, is U+FFFD.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_can_neither_command_a_terminal_nor_turn_a_line() {
        let check = |text: &str, expected: &str| assert_eq!(harmless(text.into()), expected);
        check("ñandú 🦤 =1+1", "ñandú 🦤 =1+1");
        check("\u{1b}]0;title\u{7}\0\u{9b}31m", "�]0;title���31m");
        check("a\r\n\tb", "a   b");
        check("\u{202E}gpj.exe\u{2069}", "�gpj.exe�");
    }

    #[test]
    fn shell_reads_a_word_as_it_was_meant() {
        let check = |text: &str, expected: &str| assert_eq!(shell_word(text), expected);
        check("kpis/shop_2-x.yaml", "kpis/shop_2-x.yaml");
        check("mis kpis", "'mis kpis'");
        check("a;b", "'a;b'");
        check("~x&", "'~x&'");
        check("l'année", r"'l'\''année'");
        check("", "''");
    }

    #[test]
    fn what_is_put_into_a_page_or_a_file_of_xml_stays_text() {
        assert_eq!(escaped(r#"<a href="x" id='y'>&"#), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
        assert_eq!(escaped("a\r\n\tb\u{1}\u{1b}[31mñ\u{9b}\u{FFFF}"), "a&#13;&#10;&#9;b��[31mñ��");
    }

    #[test]
    fn missing_language_falls_back_to_the_installations() {
        let text =
            Text::ByLanguage(BTreeMap::from([("es".into(), "Coste".to_owned()), ("en".into(), "Cost".to_owned())]));
        assert_eq!(text.get("en", "es"), "Cost");
        assert_eq!(text.get("de", "es"), "Coste");
        assert_eq!(text.get("de", "fr"), "Cost");
        assert_eq!(Text::from("CAC").get("de", "fr"), "CAC");
    }
}
