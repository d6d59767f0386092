//! The formula language: text → [`Formula`] → [`Value`] (pure).
//!
//! evalexpr parses; its tree is lowered into our own small one, and nothing of its evaluator is used.

mod value;

pub use value::{Reason, Value};

use crate::text::Name;
use std::ops::Range;
use std::sync::Arc;

/// A parsed formula. Prints as it was written.
#[derive(Debug, Clone)]
pub struct Formula {
    pub text: Arc<str>,
    leaves: Vec<Leaf>,
}

/// A name that stands in a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `source.measure`
    Measure { source: Name, measure: Name },
    /// A bare name: another KPI.
    Kpi(Name),
}

/// How far `previous()`, `year_ago()` and `total()` around a name move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shift {
    pub previous: u8,
    pub year_ago: u8,
    pub total: bool,
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
    pub span: Range<usize>,
    pub help: Option<String>,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// What stands where it can't: the first place only, since what follows a syntax error is guesswork.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        let _ = text;
        unreachable!("written next")
    }

    /// Every name in the order of the text.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }
}
