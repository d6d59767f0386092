//! Text → [`Tokens`], cut as the engine's own lexer cuts it.
//!
//! Whitespace and comments are dropped; everything else keeps its place. Refused here is what no honest query has and what
//! would make our reading doubtful: unterminated strings and comments, NUL, invisible and look-alike characters outside quotes,
//! and comments that MySQL executes.

use super::lexeme::{
    digits, exponent, is_name_char, is_word_byte, looks_like_another, name_len, operator, postgres_operator,
};
use super::token::{Kind, Token, Tokens};
use super::{Engine, SqlProblem};
use std::ops::Range;

/// # Errors
/// All that stopped or disturbed the reading, in the order of the text.
pub(super) fn tokenise(text: &str, engine: Engine) -> Result<Tokens<'_>, Vec<SqlProblem>> {
    let mut scanner =
        Scanner { text, engine, at: 0, tokens: Vec::new(), brackets: Vec::new(), problems: forbidden_characters(text) };
    while let Some(byte) = scanner.peek(0) {
        scanner.step(byte);
    }
    scanner.problems.sort_by_key(|problem| problem.span.start);
    if scanner.problems.is_empty() { Ok(Tokens(scanner.tokens)) } else { Err(scanner.problems) }
}

/// What may stand nowhere, not even in strings and comments: NUL, where C code stops reading, and the marks that
/// make text look other than it is ("Trojan Source", CVE-2021-42574).
fn forbidden_characters(text: &str) -> Vec<SqlProblem> {
    let forbidden = |c: &char| matches!(c, '\0' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let problem = |(at, c): (usize, char)| {
        SqlProblem::new(at..at + c.len_utf8(), format!("the SQL holds the invisible character U+{:04X}", c as u32))
            .help("delete it")
    };
    text.char_indices().filter(|(_, c)| forbidden(c)).map(problem).collect()
}

struct Scanner<'a> {
    text: &'a str,
    engine: Engine,
    /// A byte offset, always on a character boundary.
    at: usize,
    tokens: Vec<Token<'a>>,
    /// The open brackets: whether each is the `[` of a subscript or an array, not a parenthesis.
    brackets: Vec<bool>,
    problems: Vec<SqlProblem>,
}

impl<'a> Scanner<'a> {
    fn peek(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + offset).copied()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Makes a token of the next `len` bytes.
    fn push(&mut self, kind: Kind, len: usize) {
        self.tokens.push(Token { kind, text: &self.rest()[..len], start: self.at });
        self.at += len;
    }

    fn step(&mut self, byte: u8) {
        use Engine::{Mysql, Postgres, Sqlite};
        match (byte, self.engine) {
            (b'\t'..=b'\r' | b' ', _) => self.at += 1,
            (b'-', _) if self.line_comment() => self.skip_line(),
            (b'#', Mysql) => self.skip_line(),
            (b'/', _) if self.peek(1) == Some(b'*') => self.skip_block(),
            (b'\'', Mysql) | (b'"', Mysql) => self.string(self.at, byte, true),
            (b'\'', _) => self.string(self.at, byte, false),
            (b'"', _) | (b'`', Mysql | Sqlite) => self.quoted_name(byte),
            (b'[', Sqlite) => self.quoted_name(b']'),
            (b'$', Postgres) => self.dollar(),
            (b'$' | b'@' | b'?', Sqlite) | (b'?', Mysql) => self.placeholder(),
            (b':', _) => self.colon(),
            (b'.', _) if self.peek(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            (b'0'..=b'9', _) => self.number(),
            (b'$' | b'@', Mysql) => self.word(),
            _ if is_word_byte(byte) => self.word(),
            // Reported already.
            (0, _) => self.at += 1,
            _ if byte.is_ascii_control() => {
                self.stray(self.at, char::from(byte));
                self.at += 1;
            }
            _ => self.symbol(byte),
        }
    }

    /// MySQL wants white space after `--`, otherwise it is two minuses.
    fn line_comment(&self) -> bool {
        let spaced = self.peek(2).is_none_or(|byte| byte <= b' ' || byte == 0x7f);
        self.peek(1) == Some(b'-') && (self.engine != Engine::Mysql || spaced)
    }

    /// Only PostgreSQL ends the line at a carriage return.
    fn skip_line(&mut self) {
        let ends = |c| c == '\n' || (c == '\r' && self.engine == Engine::Postgres);
        self.at += self.rest().find(ends).unwrap_or(self.rest().len());
    }

    /// Only PostgreSQL nests comments.
    fn skip_block(&mut self) {
        let (start, nests) = (self.at, self.engine == Engine::Postgres);
        self.at += 2;
        let mut depth = 1;
        while depth > 0 {
            match (self.peek(0), self.peek(1)) {
                (None, _) => return self.unterminated(start, "comment"),
                (Some(b'*'), Some(b'/')) => (depth, self.at) = (depth - 1, self.at + 2),
                (Some(b'/'), Some(b'*')) if nests => (depth, self.at) = (depth + 1, self.at + 2),
                _ => self.at += 1,
            }
        }
        if self.engine == Engine::Mysql {
            self.check_comment(start..self.at);
        }
    }

    /// MySQL executes `/*! … */`, MariaDB also `/*M! … */`; a `/*+ … */` hint may set variables and lift the time limit.
    fn check_comment(&mut self, span: Range<usize>) {
        let comment = self.text[span.clone()].to_ascii_lowercase();
        let sets = |hint: &str| comment.contains(hint);
        if comment.starts_with("/*!") || comment.starts_with("/*m!") {
            let problem = SqlProblem::new(span, "MySQL executes what this comment holds");
            self.problems.push(problem.help("write it outside the comment, or delete it"));
        } else if comment.starts_with("/*+")
            && (sets("set_var") || sets("max_execution_time") || sets("resource_group"))
        {
            self.problems.push(SqlProblem::new(span, "this hint changes the session").help("delete it"));
        }
    }

    fn unterminated(&mut self, start: usize, what: &str) {
        self.problems.push(SqlProblem::new(start..self.text.len(), format!("this {what} is not closed")));
        self.at = self.text.len();
    }

    /// A literal that begins at `start`, whose opening quote is at `self.at`.
    fn string(&mut self, start: usize, quote: u8, escapes: bool) {
        if self.skip_quoted(quote, escapes, true) {
            self.token_from(start, Kind::Text)
        } else {
            self.unterminated(start, "string")
        }
    }

    fn quoted_name(&mut self, close: u8) {
        let start = self.at;
        if self.skip_quoted(close, false, close != b']') {
            self.token_from(start, Kind::Quoted);
        } else {
            self.unterminated(start, "quoted name");
        }
    }

    fn token_from(&mut self, start: usize, kind: Kind) {
        let len = self.at - start;
        self.at = start;
        self.push(kind, len);
    }

    /// Moves behind the closing quote; false if there is none. `doubles`: two quotes stand for one.
    fn skip_quoted(&mut self, close: u8, escapes: bool, doubles: bool) -> bool {
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return false,
                Some(b'\\') if escapes => self.at += 1 + self.rest()[1..].chars().next().map_or(0, char::len_utf8),
                Some(byte) if byte != close => self.at += 1,
                Some(_) if doubles && self.peek(1) == Some(close) => self.at += 2,
                Some(_) => {
                    self.at += 1;
                    return true;
                }
            }
        }
    }

    /// PostgreSQL's `E'…'`. White space with a line break joins the next literal to it, which then has escapes as well.
    fn escape_string(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            if !self.skip_quoted(b'\'', true, true) {
                return self.unterminated(start, "string");
            }
            let end = self.at;
            self.skip_gap();
            if self.peek(0) != Some(b'\'') || !self.text[end..self.at].contains(['\n', '\r']) {
                self.at = end;
                return self.token_from(start, Kind::Text);
            }
        }
    }

    /// White space and `--` comments.
    fn skip_gap(&mut self) {
        loop {
            match self.peek(0) {
                Some(b'\t'..=b'\r' | b' ') => self.at += 1,
                Some(b'-') if self.line_comment() => self.skip_line(),
                _ => return,
            }
        }
    }

    /// PostgreSQL's `$1`, or `$tag$ … $tag$` whose tag is an unquoted name without `$`.
    fn dollar(&mut self) {
        let tag = self.rest()[1..].find(|c: char| !is_name_char(c)).map(|len| &self.rest()[..len + 2]);
        let starts_with_digit = self.peek(1).is_some_and(|byte| byte.is_ascii_digit());
        match tag.filter(|tag| tag.ends_with('$') && !starts_with_digit) {
            Some(tag) => match self.rest()[tag.len()..].find(tag) {
                Some(len) => self.push(Kind::Text, len + 2 * tag.len()),
                None => self.unterminated(self.at, "dollar-quoted string"),
            },
            None => self.placeholder(),
        }
    }

    fn placeholder(&mut self) {
        self.push(Kind::Placeholder, 1 + name_len(&self.rest()[1..]));
    }

    /// `::`, `:=`, `:name`, or in PostgreSQL the middle of a slice `a[1:n]`.
    fn colon(&mut self) {
        let len = name_len(&self.rest()[1..]);
        match self.peek(1) {
            Some(b':' | b'=') => self.push(Kind::Symbol, 2),
            _ if len > 0 && !self.in_slice() => self.push(Kind::Parameter, 1 + len),
            _ => self.push(Kind::Symbol, 1),
        }
    }

    fn in_slice(&self) -> bool {
        let [.., before, last] = self.tokens[..] else { return false };
        let subscript = last.is("[") && before.ends_operand() && !before.is("array");
        self.brackets.last() == Some(&true) && (last.ends_operand() || subscript)
    }

    /// A number ends where the engine ends it, because a keyword may follow at once: `1INTO`, and in MySQL, where names may
    /// begin with digits, `1e5INTO`.
    fn number(&mut self) {
        let rest = self.rest();
        let mut len = digits(rest);
        let exponent = exponent(&rest[len..]);
        if self.engine == Engine::Mysql && exponent == 0 && name_len(rest) > len {
            return self.word();
        }
        if exponent == 0 && rest[len..].starts_with('.') {
            len += 1 + digits(&rest[len + 1..]);
        }
        len += self::exponent(&rest[len..]);
        self.push(Kind::Number, len);
    }

    fn word(&mut self) {
        let rest = self.rest();
        let at_signs = rest.len() - rest.trim_start_matches('@').len();
        let len = at_signs + name_len(&rest[at_signs..]);
        let (word, next) = (&rest[..len], &rest[len..]);
        if self.engine == Engine::Postgres && word.eq_ignore_ascii_case("e") && next.starts_with('\'') {
            return self.escape_string();
        }
        if self.engine == Engine::Postgres && word.eq_ignore_ascii_case("u") && next.starts_with("&\"") {
            let problem = SqlProblem::new(self.at..self.at + len + 2, "a name in Unicode escapes can't be checked");
            self.problems.push(problem.help("write the name itself in \"…\""));
        }
        let stray = word.char_indices().find(|(_, c)| looks_like_another(*c));
        stray.into_iter().for_each(|(offset, c)| self.stray(self.at + offset, c));
        self.push(Kind::Word, len);
    }

    fn stray(&mut self, at: usize, c: char) {
        let message = format!("the character U+{:04X} stands outside quotes", c as u32);
        let problem = SqlProblem::new(at..at + c.len_utf8(), message);
        self.problems.push(problem.help("type it again, or quote the name it belongs to"));
    }

    fn symbol(&mut self, byte: u8) {
        match byte {
            b'(' | b'[' => self.brackets.push(byte == b'['),
            b')' | b']' => {
                self.brackets.pop();
            }
            _ => {}
        }
        let len = match self.engine {
            Engine::Postgres => postgres_operator(self.rest()),
            Engine::Mysql | Engine::Sqlite => operator(self.rest()),
        };
        self.push(Kind::Symbol, len.max(1));
    }
}
