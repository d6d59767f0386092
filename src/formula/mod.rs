//! The formula language: text → [`Formula`] → [`Value`] (pure).
//!
//! [`lexer`] cuts the text and refuses what can't stand where it stands, with its place. [`parse`] lets evalexpr apply the
//! precedence rules and lowers its tree into our own small typed one; evalexpr sees operands as mere indices, so that none of its
//! literals, integers, strings or builtins can leak through, and its evaluator is never used. [`eval`] computes, [`print`] writes
//! the tree back.
//!
//! Two types of expression exist, numbers and conditions, told apart when the formula is read: a formula gives a number.
//! `a ^ b ^ c` and other chains that people read in two ways are refused. Deliberately absent: assignment, strings, regular
//! expressions, bit operations, comments (YAML has them) and any function that is not in [`Function`].

mod eval;
mod expr;
mod lexer;
mod parse;
mod print;
mod value;

pub use expr::{Binary, Expr, Function};
pub use value::{Reason, Value, tidy};

use crate::text::Name;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A parsed formula. `Display` writes the normal form, which parses to the same formula.
#[derive(Debug, Clone)]
pub struct Formula {
    /// As the YAML writes it.
    pub text: Arc<str>,
    root: Expr,
    inputs: Vec<Input>,
    leaves: Vec<Leaf>,
}

/// Every function: how it is written, and what it gives.
pub const FUNCTIONS: [(&str, &str); 14] = [
    ("if(x > 0, a, b)", "`a` where the condition holds, else `b`; only the chosen one is computed"),
    ("coalesce(a, b)", "the first that is not missing"),
    ("previous(x)", "x one period before"),
    ("year_ago(x)", "x in the same period of the year before"),
    ("total(x)", "x without this KPI's `where` and breakdown segment, for shares"),
    ("min(a, b)", "the smallest; missing if any is"),
    ("max(a, b)", "the largest; missing if any is"),
    ("abs(x)", "without its sign"),
    ("round(x)", "to a whole number: 2.5 is 3, -2.5 is -3"),
    ("floor(x)", "the next whole number below"),
    ("ceil(x)", "the next whole number above"),
    ("sqrt(x)", "the square root"),
    ("ln(x)", "the natural logarithm"),
    ("exp(x)", "e to the power of x"),
];

/// A name that stands in a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// `source.measure`
    Measure { source: Name, measure: Name },
    /// A bare name: another KPI.
    Kpi(Name),
}

/// How far `previous()`, `year_ago()` and `total()` around a name move it. Years are moved first, then periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Shift {
    pub previous: u8,
    pub year_ago: u8,
    pub total: bool,
}

/// What a formula is computed from: a name, moved. Each stands once in [`Formula::inputs`], however often it appears.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Input {
    pub reference: Reference,
    pub shift: Shift,
}

/// One appearance of a name in a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub reference: Reference,
    pub shift: Shift,
    /// Bytes of the formula's text.
    pub span: Range<usize>,
}

/// Why a text is no formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormulaError {
    pub message: String,
    /// Bytes of the formula's text; never empty unless the text is.
    pub span: Range<usize>,
    pub help: Option<String>,
}

impl Formula {
    /// Reads a formula of at most 4 KiB, nested at most 64 deep.
    ///
    /// # Errors
    /// What stands where it can't: the first place only, since what follows a syntax error is guesswork.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        parse::parse(text)
    }

    /// Every appearance of a name, in the order of the text.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The distinct inputs, in the order of the text.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    pub fn root(&self) -> &Expr {
        &self.root
    }

    /// Whether the formula is one name and nothing else, `previous()` and its like around it aside.
    pub fn is_leaf(&self) -> bool {
        matches!(self.root, Expr::Input(_))
    }

    /// The formula's value, given that of its inputs (by position in [`Formula::inputs`]). An input is asked for only when needed.
    pub fn eval(&self, input: impl FnMut(usize) -> Value) -> Value {
        self.eval_part(&self.root, input)
    }

    /// The formula for people to read, with the signs of mathematics: inputs as `name` calls them, numbers as `number` writes
    /// them, functions as `words` says them, `and`, `or` and `not` among them.
    pub fn in_words(
        &self,
        name: impl Fn(&Input) -> String,
        number: impl Fn(f64) -> String,
        words: impl Fn(&str, &[String]) -> String,
    ) -> String {
        let input = |index: usize| name(&self.inputs[index]);
        print::Printed { root: &self.root, input: &input, number: &number, words: Some(&words) }.to_string()
    }

    /// The value of a part of the formula's tree.
    pub fn eval_part(&self, part: &Expr, mut input: impl FnMut(usize) -> Value) -> Value {
        part.eval(&mut input)
    }
}

impl PartialEq for Formula {
    /// Two formulas are equal when they compute the same thing in the same way, however they are written.
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root && self.inputs == other.inputs
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print::normal(&self.root, &self.inputs))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Measure { source, measure } => write!(f, "{source}.{measure}"),
            Reference::Kpi(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wraps = [("previous(", self.shift.previous), ("year_ago(", self.shift.year_ago)];
        let mut depth = 0;
        for (wrap, times) in wraps {
            (0..times).try_for_each(|_| f.write_str(wrap))?;
            depth += usize::from(times);
        }
        if self.shift.total {
            f.write_str("total(")?;
            depth += 1;
        }
        write!(f, "{}{}", self.reference, ")".repeat(depth))
    }
}
