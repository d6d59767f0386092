//! Rust's tokens as far as paths need them: names, `::` and single characters, each with its line.
//! Comments, strings and character literals are left out; nothing is checked, since the compiler has done that.

/// Line and text of a name, a `::`, or one other character.
pub type Token<'a> = (usize, &'a str);

/// In the order of the text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = skipped(rest);
        let length = if skipped > 0 {
            skipped
        } else if is_name(first) {
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if skipped == 0 && !first.is_whitespace() {
            tokens.push((line, token));
        }
        line += token.matches('\n').count();
        rest = after;
    }
    tokens
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment, string, character or lifetime that `rest` begins with; 0 when it begins with something else.
fn skipped(rest: &str) -> usize {
    let until = |from: usize, end: &str| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    let quote = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = &rest[..rest.len() - quote.len()];
    let unhashed = quote.trim_start_matches('#');
    if rest.starts_with("//") {
        until(2, "\n")
    } else if rest.starts_with("/*") {
        until(2, "*/")
    } else if matches!(prefix, "r" | "br" | "cr") && unhashed.starts_with('"') {
        let hashes = &quote[..quote.len() - unhashed.len()];
        until(prefix.len() + hashes.len() + 1, &format!("\"{hashes}"))
    } else if matches!(prefix, "" | "b" | "c") && quote.starts_with('"') {
        prefix.len() + escaped(quote, '"')
    } else if matches!(prefix, "" | "b") && quote.starts_with('\'') {
        // A lifetime has no second quote; its name is left to be read as a name.
        let character = quote.starts_with("'\\") || quote.chars().nth(2) == Some('\'');
        prefix.len() + if character { escaped(quote, '\'') } else { 1 }
    } else {
        0
    }
}

/// The length of a quoted text with both its quotes, where `\` escapes the next character.
fn escaped(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => _ = characters.next(),
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
