//! The tags of a template with their words, for what Tera doesn't check: names, and loops without end.
//!
//! Only what Tera has parsed comes here, so that nothing need be refused: what can't be read ends the list.

/// `{{ … }}` or `{% … %}`.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    /// Of the whole tag in the template's text.
    pub start: usize,
    pub end: usize,
    /// `{% … %}`
    pub is_statement: bool,
    /// Ends with `-%}`: the whitespace behind it goes.
    pub trims: bool,
    pub tokens: Vec<Token<'t>>,
}

/// A word, a number, a quoted text with its quotes, or a single sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub at: usize,
    pub text: &'t str,
}

impl<'t> Token<'t> {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }

    /// What stands between the quotes.
    pub fn quoted(&self) -> Option<&'t str> {
        self.text.starts_with(['"', '\'', '`']).then(|| &self.text[1..self.text.len() - 1])
    }
}

impl<'t> Tag<'t> {
    /// `for` of `{% for … %}`; empty where no word stands first.
    pub fn keyword(&self) -> &'t str {
        self.tokens.first().filter(|token| self.is_statement && token.is_word()).map_or("", |token| token.text)
    }
}

pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(['{']).map(|found| at + found) {
        let read = match text.as_bytes().get(start + 1) {
            Some(b'#') => text[start..].find("#}").map(|end| start + end + 2),
            Some(b'%') => tag(text, start, "%}").map(|tag| {
                let end = if tag.keyword() == "raw" { end_of_raw(text, tag.end) } else { tag.end };
                tags.push(tag);
                end
            }),
            Some(b'{') => tag(text, start, "}}").map(|tag| {
                let end = tag.end;
                tags.push(tag);
                end
            }),
            _ => Some(start + 1),
        };
        match read {
            Some(end) => at = end,
            None => break,
        }
    }
    tags
}

fn tag<'t>(text: &'t str, start: usize, close: &str) -> Option<Tag<'t>> {
    let mut at = start + 2;
    // The sign that trims what stands before.
    at += usize::from(text[at..].starts_with('-'));
    let mut tokens = Vec::new();
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let trims = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(close));
        if trims || rest.starts_with(close) {
            let end = at + usize::from(trims) + close.len();
            return Some(Tag { start, end, is_statement: close == "%}", trims, tokens });
        }
        let length = length(rest)?;
        tokens.push(Token { at, text: &rest[..length] });
        at += length;
    }
}

/// Of the token that `rest` begins with.
fn length(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    let while_is = |is: fn(char) -> bool| rest.find(|other: char| !is(other)).unwrap_or(rest.len());
    match first {
        '"' | '\'' | '`' => {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, other)| {
                let ends = !escaped && *other == first;
                escaped = !escaped && *other == '\\';
                ends
            });
            end.map(|(end, _)| end + 1)
        }
        _ if first.is_ascii_digit() => Some(while_is(|other| other.is_ascii_digit() || other == '.')),
        _ if first.is_ascii_alphabetic() || first == '_' => {
            Some(while_is(|other| other.is_ascii_alphanumeric() || other == '_'))
        }
        _ => Some(first.len_utf8()),
    }
}

fn end_of_raw(text: &str, begin: usize) -> usize {
    let mut at = begin;
    while let Some(start) = text[at..].find("{%").map(|found| at + found) {
        match tag(text, start, "%}") {
            Some(tag) if tag.keyword() == "endraw" => return tag.end,
            _ => at = start + 2,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_as_tera_finds_them() {
        let check = |text: &str, expected: &[&[&str]]| {
            let found = tags(text);
            let words: Vec<Vec<&str>> =
                found.iter().map(|tag| tag.tokens.iter().map(|token| token.text).collect()).collect();
            assert_eq!(words, expected, "{text}");
        };
        check("a {{ b.c | d(e=1.5) -}} f", &[&["b", ".", "c", "|", "d", "(", "e", "=", "1.5", ")"]]);
        check("{%- if a == '}}' -%}{# {{ no }} #}{ x }{%endif%}", &[&["if", "a", "=", "=", "'}}'"], &["endif"]]);
        check(r#"{{ "it\"s" ~ 'ñ{{' }}"#, &[&[r#""it\"s""#, "~", "'ñ{{'"]]);
        check("{% raw %}{{ no }}{%- endraw %}{{ a }}", &[&["raw"], &["a"]]);
        check("{{ a", &[]);
        check("{% 'a", &[]);
        check("{", &[]);
    }
}
