//! Tree → text in normal form: the fewest parentheses that parse back to the same tree.

use super::Input;
use super::expr::{Binary, Expr};
use std::fmt;

/// How tightly unary operators bind: between `*` and `^`, so `-a ^ b` is `-(a ^ b)`.
const UNARY: u8 = 6;

/// A tree beside the inputs that its indices mean.
pub(super) struct Printed<'a>(pub &'a Expr, pub &'a [Input]);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.0, self.1, 0)
    }
}

/// Writes `expr` where something that binds as tightly as `least` is wanted.
fn write(f: &mut fmt::Formatter<'_>, expr: &Expr, inputs: &[Input], least: u8) -> fmt::Result {
    let wrap = binding(expr) < least;
    if wrap {
        f.write_str("(")?;
    }
    match expr {
        Expr::Number(number) => write!(f, "{number}")?,
        Expr::Input(index) => write!(f, "{}", inputs[*index])?,
        Expr::Neg(inner) => {
            f.write_str("-")?;
            write(f, inner, inputs, UNARY)?;
        }
        Expr::Not(inner) => {
            f.write_str("!")?;
            write(f, inner, inputs, UNARY)?;
        }
        Expr::Binary(op, left, right) => {
            let (symbol, binds) = op.symbol();
            // Left-associative, but for `^`, which is refused in chains.
            let left_least = if matches!(op, Binary::Pow) { binds + 1 } else { binds };
            write(f, left, inputs, left_least)?;
            write!(f, " {symbol} ")?;
            write(f, right, inputs, binds + 1)?;
        }
        Expr::If(parts) => arguments(f, "if", &parts[..], inputs)?,
        Expr::Coalesce(choices) => arguments(f, "coalesce", choices, inputs)?,
        Expr::Call(function, list) => arguments(f, function.name(), list, inputs)?,
    }
    if wrap { f.write_str(")") } else { Ok(()) }
}

fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::Binary(op, ..) => op.symbol().1,
        Expr::Neg(_) | Expr::Not(_) => UNARY,
        _ => u8::MAX,
    }
}

fn arguments(f: &mut fmt::Formatter<'_>, name: &str, list: &[Expr], inputs: &[Input]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, argument) in list.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write(f, argument, inputs, 0)?;
    }
    f.write_str(")")
}
