//! What a formula or a source gives: a finite number, or the reason why there is none.

use crate::text::Name;
use std::fmt;

/// A finite number, or missing. Missing is never 0 and spreads through arithmetic with its reason.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(f64),
    Missing(Reason),
}

/// Why a value is missing. `what` names the input or expression as the YAML writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// The source has no row for the period (and the measure is not a `sum`, which would be 0).
    NoRow { what: Name },
    /// The database answered NULL.
    Null { what: Name },
    /// The divisor is 0.
    DivisionByZero { what: Name },
    /// The result does not fit a 64-bit float.
    Overflow { what: Name },
    /// A function is not defined there: `sqrt(-1)`, `ln(0)`.
    Domain { what: Name },
    /// The database answered NaN or infinity.
    NotFinite { what: Name },
    /// A source could not be read; `why` is fit to show a reader.
    SourceFailed { source: Name, why: Name },
}

/// `number` without the last bits that adding up floats leaves behind: 7933.23, not 7933.2300000000005.
pub fn tidy(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}

impl Value {
    /// `number` if it is finite; otherwise missing by overflow of `what`.
    pub fn finite(number: f64, what: impl FnOnce() -> Name) -> Value {
        if number.is_finite() { Value::Number(number) } else { Value::Missing(Reason::Overflow { what: what() }) }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Missing(_) => None,
        }
    }

    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Value::Number(_) => None,
            Value::Missing(reason) => Some(reason),
        }
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing(_))
    }
}

/// `0.04`, `missing (visits.visits = 0)`
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{}", tidy(*number)),
            Value::Missing(reason) => write!(f, "missing ({reason})"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoRow { what } => write!(f, "no data for {what}"),
            Reason::Null { what } => write!(f, "{what} is NULL"),
            Reason::DivisionByZero { what } => write!(f, "{what} = 0"),
            Reason::Overflow { what } => write!(f, "{what} is too large"),
            Reason::Domain { what } => write!(f, "{what} is not defined"),
            Reason::NotFinite { what } => write!(f, "{what} is not a finite number"),
            Reason::SourceFailed { source, why } => write!(f, "source {source} failed: {why}"),
        }
    }
}
