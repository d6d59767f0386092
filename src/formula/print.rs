//! Tree → text in normal form: the fewest parentheses that parse back to the same tree.

use super::Input;
use super::expr::{Binary, Expr};
use std::fmt;
use std::ops::Range;

/// How tightly unary operators bind: between `*` and `^`, so `-a ^ b` is `-(a ^ b)`.
const UNARY: u8 = 6;

/// A tree, and how its numbers and the inputs that its indices mean are written.
pub(super) struct Printed<'a> {
    pub root: &'a Expr,
    pub input: &'a dyn Fn(usize) -> String,
    pub number: &'a dyn Fn(f64) -> String,
    /// For people: with the signs of mathematics, and with words for what has no sign.
    pub words: Option<&'a Words<'a>>,
}

/// What a function, by its name, makes of its arguments; `and`, `or` and `not` are functions, too.
pub(super) type Words<'a> = dyn Fn(&str, &[String]) -> String + 'a;

/// A tree as text, and where each of its parts stands in it; brackets around a part belong to the whole.
#[derive(Default)]
pub(super) struct Written<'a> {
    pub text: String,
    /// Bytes of the text. A part's own parts stand before it.
    pub spans: Vec<(&'a Expr, Range<usize>)>,
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Written::default();
        write(&mut out, self.root, self, 0);
        f.write_str(&out.text)
    }
}

/// `root` in normal form.
pub(super) fn normal(root: &Expr, inputs: &[Input]) -> String {
    spanned(root, inputs).text
}

/// `root` in normal form, with the place of each part.
pub(super) fn spanned<'a>(root: &'a Expr, inputs: &[Input]) -> Written<'a> {
    let input = |index: usize| inputs[index].to_string();
    let number = |number: f64| number.to_string();
    let mut out = Written::default();
    write(&mut out, root, &Printed { root, input: &input, number: &number, words: None }, 0);
    out
}

/// Writes `expr` where something that binds as tightly as `least` is wanted.
fn write<'a>(out: &mut Written<'a>, expr: &'a Expr, print: &Printed, least: u8) {
    let said = print.words.and_then(|words| said(expr, print, words));
    // Where words end depends on the language: beside a sign they are held together.
    let wrap = if said.is_some() { least > 0 } else { binding(expr) < least };
    out.text.push_str(if wrap { "(" } else { "" });
    let start = out.text.len();
    match said {
        Some(said) => out.text.push_str(&said),
        None => signs(out, expr, print),
    }
    out.spans.push((expr, start..out.text.len()));
    out.text.push_str(if wrap { ")" } else { "" });
}

fn signs<'a>(out: &mut Written<'a>, expr: &'a Expr, print: &Printed) {
    let sign = |symbol| if print.words.is_some() { typeset(symbol) } else { symbol };
    match expr {
        Expr::Number(number) => out.text.push_str(&(print.number)(*number)),
        Expr::Input(index) => out.text.push_str(&(print.input)(*index)),
        Expr::Neg(inner) => {
            out.text.push_str(sign("-"));
            write(out, inner, print, UNARY);
        }
        Expr::Not(inner) => {
            out.text.push('!');
            write(out, inner, print, UNARY);
        }
        Expr::Binary(op, left, right) => {
            let (symbol, binds) = op.symbol();
            // Left-associative, but for `^`, which is refused in chains.
            let left_least = if matches!(op, Binary::Pow) { binds + 1 } else { binds };
            write(out, left, print, left_least);
            out.text.extend([" ", sign(symbol), " "]);
            write(out, right, print, binds + 1);
        }
        Expr::If(parts) => arguments(out, "if", &parts[..], print),
        Expr::Coalesce(choices) => arguments(out, "coalesce", choices, print),
        Expr::Call(function, list) => arguments(out, function.name(), list, print),
    }
}

/// `expr` in words, if it has no sign.
fn said(expr: &Expr, print: &Printed, words: &Words) -> Option<String> {
    let (name, parts) = spoken(expr)?;
    let part = |(place, part): (usize, &&Expr)| {
        let text = Printed { root: part, ..*print }.to_string();
        if is_apart(expr, part, place, parts.len()) { format!("({text})") } else { text }
    };
    Some(words(name, &parts.iter().enumerate().map(part).collect::<Vec<_>>()))
}

/// Whether `part` would run into what is said around it: "a or b and c", "x if a, otherwise y, 0".
fn is_apart(whole: &Expr, part: &Expr, place: usize, parts: usize) -> bool {
    let connective = |expr: &Expr| match expr {
        Expr::Binary(op, ..) if op.takes_conditions() => Some(op.symbol().0),
        _ => None,
    };
    match (connective(whole), connective(part)) {
        (Some(outer), Some(inner)) => place > 0 || outer != inner,
        _ => parts > 1 && matches!(part, Expr::If(_)),
    }
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

fn arguments<'a>(out: &mut Written<'a>, name: &str, list: &'a [Expr], print: &Printed) {
    out.text.extend([name, "("]);
    for (i, argument) in list.iter().enumerate() {
        out.text.push_str(if i > 0 { ", " } else { "" });
        write(out, argument, print, 0);
    }
    out.text.push(')');
}

#[cfg(test)]
mod tests {
    use crate::formula::Formula;

    /// Names in capitals, numbers with a comma, and words without any bracket of their own.
    #[track_caller]
    fn check(text: &str, words: &str) {
        let said = Formula::parse(text).unwrap().in_words(
            |input| input.to_string().to_uppercase(),
            |number| number.to_string().replace('.', ","),
            |name, parts| match (name, parts) {
                ("if", [condition, then, otherwise]) => format!("{then} if {condition}, else {otherwise}"),
                ("and" | "or", [a, b]) => format!("{a} {name} {b}"),
                (name, parts) => format!("{name} {}", parts.join(", ")),
            },
        );
        assert_eq!(said, words, "{text}");
    }

    #[test]
    fn people_read_names_and_the_signs_of_mathematics() {
        check("spend.total / base.new", "SPEND.TOTAL ÷ BASE.NEW");
        check("-a * (b - c) / 2 + 0.5", "−A × (B − C) ÷ 2 + 0,5");
        check("a / (b * c) - (d - e)", "A ÷ (B × C) − (D − E)");
        check("((a)) * (b) + (c)", "A × B + C");
        check("a ^ -b", "A ^ (−B)");
        check("previous(a) - total(b.c)", "PREVIOUS(A) − TOTAL(B.C)");
    }

    #[test]
    fn functions_and_conditions_are_said_by_the_caller() {
        check("min(a, b + 1, c)", "min A, B + 1, C");
        check("round(a / b)", "round A ÷ B");
        check("coalesce(a, 0)", "coalesce A, 0");
        check("if(a >= 1, b, c)", "B if A ≥ 1, else C");
        check("if(!(a == b), 1, 0)", "1 if not A = B, else 0");
        check("if(a != 1 && b <= 2, 1, 0)", "1 if A ≠ 1 and B ≤ 2, else 0");
    }

    #[test]
    fn words_beside_a_sign_are_held_together() {
        check("2 * if(a > 1, b, c)", "2 × (B if A > 1, else C)");
        check("min(a, b) / c", "(min A, B) ÷ C");
        check("-round(a)", "−(round A)");
        check("if(sqrt(a) > 1, b, c)", "B if (sqrt A) > 1, else C");
    }

    #[test]
    fn words_within_words_are_held_together_where_they_would_run_on() {
        check("if((a > 1 || b > 2) && c > 3, 1, 0)", "1 if (A > 1 or B > 2) and C > 3, else 0");
        check("if(a > 1 || b > 2 && c > 3, 1, 0)", "1 if A > 1 or (B > 2 and C > 3), else 0");
        check("if(a > 1 && b > 2 && c > 3, 1, 0)", "1 if A > 1 and B > 2 and C > 3, else 0");
        check("if(a > 1, if(b > 2, 1, 2), 3)", "(1 if B > 2, else 2) if A > 1, else 3");
        check("coalesce(if(a > 1, b, c), 0)", "coalesce (B if A > 1, else C), 0");
        check("abs(if(a > 1, b, c))", "abs B if A > 1, else C");
    }
}
