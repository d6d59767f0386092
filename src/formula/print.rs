//! Tree → text in normal form: the fewest parentheses that parse back to the same tree.

use super::Input;
use super::expr::{Binary, Expr};
use std::fmt;

/// How tightly unary operators bind: between `*` and `^`, so `-a ^ b` is `-(a ^ b)`.
const UNARY: u8 = 6;

/// A tree, and how the inputs that its indices mean are written.
pub(super) struct Printed<'a> {
    pub root: &'a Expr,
    pub input: &'a dyn Fn(usize) -> String,
    /// For people: with the signs of mathematics, and with words for what has no sign.
    pub words: Option<&'a Words<'a>>,
}

/// What a function, by its name, makes of its arguments; `and`, `or` and `not` are functions, too.
pub(super) type Words<'a> = dyn Fn(&str, &[String]) -> String + 'a;

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.root, self, 0)
    }
}

/// `root` in normal form.
pub(super) fn normal(root: &Expr, inputs: &[Input]) -> String {
    let input = |index: usize| inputs[index].to_string();
    Printed { root, input: &input, words: None }.to_string()
}

/// Writes `expr` where something that binds as tightly as `least` is wanted.
fn write(f: &mut fmt::Formatter<'_>, expr: &Expr, print: &Printed, least: u8) -> fmt::Result {
    if let Some(words) = print.words
        && let Some((name, parts)) = spoken(expr)
    {
        let part = |part| Printed { root: part, ..*print }.to_string();
        return f.write_str(&words(name, &parts.into_iter().map(part).collect::<Vec<_>>()));
    }
    let wrap = binding(expr) < least;
    if wrap {
        f.write_str("(")?;
    }
    match expr {
        Expr::Number(number) => write!(f, "{number}")?,
        Expr::Input(index) => f.write_str(&(print.input)(*index))?,
        Expr::Neg(inner) => {
            f.write_str("-")?;
            write(f, inner, print, UNARY)?;
        }
        Expr::Not(inner) => {
            f.write_str("!")?;
            write(f, inner, print, UNARY)?;
        }
        Expr::Binary(op, left, right) => {
            let (symbol, binds) = op.symbol();
            // Left-associative, but for `^`, which is refused in chains.
            let left_least = if matches!(op, Binary::Pow) { binds + 1 } else { binds };
            write(f, left, print, left_least)?;
            write!(f, " {} ", if print.words.is_some() { typeset(symbol) } else { symbol })?;
            write(f, right, print, binds + 1)?;
        }
        Expr::If(parts) => arguments(f, "if", &parts[..], print)?,
        Expr::Coalesce(choices) => arguments(f, "coalesce", choices, print)?,
        Expr::Call(function, list) => arguments(f, function.name(), list, print)?,
    }
    if wrap { f.write_str(")") } else { Ok(()) }
}

/// What has no sign that everybody reads.
fn spoken(expr: &Expr) -> Option<(&'static str, Vec<&Expr>)> {
    Some(match expr {
        Expr::Not(inner) => ("not", vec![inner]),
        Expr::Binary(Binary::And, left, right) => ("and", vec![left, right]),
        Expr::Binary(Binary::Or, left, right) => ("or", vec![left, right]),
        Expr::If(parts) => ("if", parts.iter().collect()),
        Expr::Coalesce(choices) => ("coalesce", choices.iter().collect()),
        Expr::Call(function, list) => (function.name(), list.iter().collect()),
        _ => return None,
    })
}

/// The sign that people write by hand.
fn typeset(symbol: &'static str) -> &'static str {
    match symbol {
        "-" => "−",
        "*" => "×",
        "/" => "÷",
        "<=" => "≤",
        ">=" => "≥",
        "==" => "=",
        "!=" => "≠",
        symbol => symbol,
    }
}

fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::Binary(op, ..) => op.symbol().1,
        Expr::Neg(_) | Expr::Not(_) => UNARY,
        _ => u8::MAX,
    }
}

fn arguments(f: &mut fmt::Formatter<'_>, name: &str, list: &[Expr], print: &Printed) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, argument) in list.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write(f, argument, print, 0)?;
    }
    f.write_str(")")
}
