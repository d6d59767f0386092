//! [`Token`]s and what can be asked of them and of their neighbours.

use super::Engine;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or an unquoted name; MySQL's `@variable` too.
    Word,
    /// A quoted name, quotes included.
    Quoted,
    /// A string literal, quotes and `E` included; a prefix like `x` or `N` is a word before it.
    Text,
    Number,
    /// `:name`
    Parameter,
    /// The engine's own placeholder: `?`, `?1`, `$1`, `$name`, `@name`.
    Placeholder,
    /// Punctuation and operators.
    Symbol,
    /// What stands before the first and after the last token.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// A byte offset.
    pub start: usize,
}

impl<'a> Token<'a> {
    const NOTHING: Token<'static> = Token { kind: Kind::Nothing, text: "", start: 0 };

    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Whether it is this unquoted word, in any case, or this symbol.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Symbol) && self.text.eq_ignore_ascii_case(text)
    }

    pub fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    pub fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }

    /// The name as the engine's catalog has it: unquoted, in PostgreSQL in lower case unless it was quoted.
    pub fn name(&self, engine: Engine) -> String {
        if !matches!(self.kind, Kind::Quoted | Kind::Text) {
            let fold = engine == Engine::Postgres;
            return if fold { self.text.to_ascii_lowercase() } else { self.text.to_owned() };
        }
        let mut inner = self.text.chars();
        let (open, close) = (inner.next(), inner.next_back().unwrap_or_default());
        match open {
            Some('[') => inner.as_str().to_owned(),
            _ => inner.as_str().replace(&format!("{close}{close}"), &close.to_string()),
        }
    }

    /// Whether an operand can end here, so that what follows is an operator or a separator.
    pub fn ends_operand(&self) -> bool {
        match self.kind {
            Kind::Word => !self.expects_operand(),
            Kind::Symbol => self.is_any(&[")", "]"]),
            Kind::Nothing => false,
            Kind::Quoted | Kind::Text | Kind::Number | Kind::Parameter | Kind::Placeholder => true,
        }
    }

    /// Whether it is a word, reserved in every engine, after which an expression begins.
    pub fn expects_operand(&self) -> bool {
        const WORDS: [&str; 16] = [
            "select", "distinct", "where", "and", "or", "not", "on", "having", "case", "when", "then", "else",
            "between", "in", "like", "limit",
        ];
        self.is_any(&WORDS)
    }
}

/// The tokens of a text.
pub(super) struct Tokens<'a>(pub Vec<Token<'a>>);

impl<'a> Tokens<'a> {
    /// The token `offset` away from `i`, or [`Kind::Nothing`] past either end.
    pub fn get(&self, i: usize, offset: isize) -> Token<'a> {
        i.checked_add_signed(offset).and_then(|i| self.0.get(i)).copied().unwrap_or(Token::NOTHING)
    }

    /// The names among the tokens of `places`.
    pub fn names(&self, places: Range<usize>, engine: Engine) -> Vec<String> {
        let tokens = self.0.get(places).unwrap_or_default().iter();
        tokens.filter(|token| token.is_name()).map(|token| token.name(engine)).collect()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Token<'a>> {
        self.0.iter()
    }

    /// Whether token `i` is the second part of `a.b`, which no keyword can be. `1.into` is a number and a keyword.
    pub fn qualified(&self, i: usize) -> bool {
        let owner = self.get(i, -2);
        self.get(i, -1).is(".") && (owner.is_name() || owner.is(")"))
    }
}
