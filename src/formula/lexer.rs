//! Text → tokens, each where it may stand.
//!
//! Everything that can be wrong with the shape of a formula is found here, because here places are known:
//! evalexpr reports none, and takes `1 +`, `a b` and `f x` for formulas.

use super::FormulaError;
use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Name,
    /// A name with `(` behind it.
    Function,
    Minus,
    Not,
    /// Any operator between two operands, `-` included.
    Operator,
    Open,
    Close,
    Comma,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

const MAX_BYTES: usize = 4096;
const MAX_DEPTH: usize = 64;
/// A chain `a + b + …` is a deep tree too; what recurses over it must not run out of stack.
const MAX_TOKENS: usize = 1000;

pub(super) fn error(message: impl Into<String>, span: Range<usize>, help: Option<&str>) -> FormulaError {
    FormulaError { message: message.into(), span, help: help.map(str::to_owned) }
}

/// The tokens of a formula whose operands, operators and parentheses stand where they can.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FormulaError> {
    if text.len() > MAX_BYTES {
        let help = "split it into several KPIs: a formula may name other KPIs";
        return Err(error("the formula is longer than 4096 bytes", 0..MAX_BYTES.min(text.len()), Some(help)));
    }
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), open: Vec::new(), unary: 0 };
    while lexer.skip_space() {
        lexer.token()?;
    }
    lexer.end()?;
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    /// Open parentheses: place, and whether it is a function's (a comma may stand in it).
    open: Vec<(usize, bool)>,
    /// Length of the run of `-` and `!` that ends here.
    unary: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) -> bool {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.at < self.text.len()
    }

    /// Whether what stands before is a complete operand.
    fn after_operand(&self) -> bool {
        matches!(self.tokens.last().map(|t| &t.kind), Some(Kind::Number(_) | Kind::Name | Kind::Close))
    }

    fn push(&mut self, kind: Kind, len: usize) -> Result<(), FormulaError> {
        let span = self.at..self.at + len;
        self.unary = if matches!(kind, Kind::Minus | Kind::Not) { self.unary + 1 } else { 0 };
        if self.tokens.len() >= MAX_TOKENS || self.open.len() + self.unary > MAX_DEPTH {
            let help = "split it into several KPIs: a formula may name other KPIs";
            return Err(error("the formula is too long or too deep", span, Some(help)));
        }
        self.tokens.push(Token { kind, span });
        self.at += len;
        Ok(())
    }

    fn token(&mut self) -> Result<(), FormulaError> {
        let first = self.rest().chars().next().expect("skip_space found text");
        match first {
            '0'..='9' | '.' => self.number(),
            c if c.is_alphabetic() || c == '_' => self.name(),
            '(' => self.open(),
            ')' => self.close(),
            ',' => self.comma(),
            '-' | '!' if !self.after_operand() && !self.rest().starts_with("!=") => {
                self.push(if first == '-' { Kind::Minus } else { Kind::Not }, 1)
            }
            _ => self.operator(),
        }
    }

    fn operand(&mut self, kind: Kind, len: usize) -> Result<(), FormulaError> {
        if self.after_operand() {
            let what = &self.rest()[..len];
            let message = format!("an operator is missing before `{what}`");
            return Err(error(message, self.at..self.at + len, Some("write + - * / between two values")));
        }
        self.push(kind, len)
    }

    fn number(&mut self) -> Result<(), FormulaError> {
        let bytes = self.rest().as_bytes();
        let exponent_sign = |i: usize| matches!(bytes[i], b'+' | b'-') && matches!(bytes[i - 1], b'e' | b'E');
        let len = (1..bytes.len())
            .find(|&i| !(bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'.' | b'_') || exponent_sign(i)))
            .unwrap_or(bytes.len());
        let text = &self.rest()[..len];
        let plain = text.starts_with(|c: char| c.is_ascii_digit()) && !text.ends_with('.');
        let digits = text.replace('_', "");
        match digits.parse::<f64>() {
            Ok(number) if plain && number.is_finite() => self.operand(Kind::Number(number), len),
            _ => {
                let help = "write numbers like 12, 0.5 or 1_000; names begin with a letter";
                Err(error(format!("`{text}` is not a number"), self.at..self.at + len, Some(help)))
            }
        }
    }

    fn name(&mut self) -> Result<(), FormulaError> {
        let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let len = self.rest().find(|c| !in_name(c)).unwrap_or(self.rest().len());
        let span = self.at..self.at + len;
        let name = self.rest()[..len].to_owned();
        if self.rest()[len..].trim_start().starts_with('(') {
            return self.operand(Kind::Function, len);
        }
        let parts: Vec<&str> = name.split('.').collect();
        let identifier = |part: &&str| part.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if parts.len() > 2 || !parts.iter().all(identifier) {
            let help = "write source.measure for data, or the bare name of another KPI";
            return Err(error(format!("`{name}` is not a name"), span, Some(help)));
        }
        if matches!(name.to_ascii_lowercase().as_str(), "nan" | "inf" | "infinity" | "true" | "false" | "null") {
            return Err(error(format!("`{name}` can't stand in a formula"), span, None));
        }
        self.operand(Kind::Name, len)
    }

    fn open(&mut self) -> Result<(), FormulaError> {
        let function = matches!(self.tokens.last().map(|t| &t.kind), Some(Kind::Function));
        if self.after_operand() {
            return Err(error("an operator is missing before `(`", self.at..self.at + 1, None));
        }
        self.open.push((self.at, function));
        self.push(Kind::Open, 1)
    }

    fn close(&mut self) -> Result<(), FormulaError> {
        let span = self.at..self.at + 1;
        if self.open.is_empty() {
            return Err(error("this `)` closes nothing", span, None));
        }
        if !self.after_operand() {
            return Err(error("a value is missing before `)`", span, None));
        }
        self.open.pop();
        self.push(Kind::Close, 1)
    }

    fn comma(&mut self) -> Result<(), FormulaError> {
        let span = self.at..self.at + 1;
        if !matches!(self.open.last(), Some((_, true))) {
            let help = "a decimal point is written `.`; a comma only parts the arguments of a function";
            return Err(error("a comma can't stand here", span, Some(help)));
        }
        if !self.after_operand() {
            return Err(error("a value is missing before `,`", span, None));
        }
        self.push(Kind::Comma, 1)
    }

    fn operator(&mut self) -> Result<(), FormulaError> {
        const OPERATORS: [&str; 15] =
            ["==", "!=", "<=", ">=", "&&", "||", "//", "/*", "<", ">", "+", "-", "*", "/", "%"];
        let rest = self.rest();
        let found = OPERATORS.iter().chain(&["^"]).find(|operator| rest.starts_with(**operator));
        let unknown = rest.chars().next().expect("skip_space found text");
        let len = found.map_or(unknown.len_utf8(), |operator| operator.len());
        let span = self.at..self.at + len;
        match found {
            Some(&("//" | "/*")) => Err(error("a formula has no comments", span, Some("write a YAML comment: # …"))),
            Some(operator) if !self.after_operand() => {
                Err(error(format!("a value is missing before `{operator}`"), span, None))
            }
            Some(operator) => self.push(Kind::Operator, operator.len()),
            None => Err(error(format!("`{unknown}` can't stand in a formula"), span, help_for(unknown))),
        }
    }

    fn end(&self) -> Result<(), FormulaError> {
        let whole = 0..self.text.len();
        let Some(last) = self.tokens.last() else {
            return Err(error("the formula is empty", whole, Some("write e.g. spend.cost / leads.created")));
        };
        if !self.after_operand() {
            let text = &self.text[last.span.clone()];
            return Err(error(format!("a value is missing after `{text}`"), last.span.clone(), None));
        }
        match self.open.last() {
            Some((at, _)) => {
                let help =
                    "add `)`; where YAML's { } surrounds the formula, put it in quotes, or its first comma ends it";
                Err(error("this `(` is never closed", *at..at + 1, Some(help)))
            }
            None => Ok(()),
        }
    }
}

fn help_for(unknown: char) -> Option<&'static str> {
    match unknown {
        '=' => Some("compare with `==`; a formula can't assign"),
        '&' => Some("write `&&` for and"),
        '|' => Some("write `||` for or"),
        ';' => Some("a formula is one expression"),
        '"' | '\'' => Some("text can't stand in a formula; filter with `where:`"),
        '×' | '·' => Some("write `*`"),
        '÷' => Some("write `/`"),
        ':' => Some("divide with `/`; a key of YAML needs a space behind its `:`"),
        '−' | '–' | '—' => Some("write `-`"),
        '[' | '{' => Some("write `(`"),
        _ => None,
    }
}
