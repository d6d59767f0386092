//! What a number counts in.

/// The unit of a KPI, or of a measure that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    Count,
    Number,
    /// A share: 0.25 reads 25 %.
    Percent,
    /// In the given ISO 4217 currency, or the installation's.
    Currency(Option<String>),
    Ratio,
    Minutes,
    Hours,
    Days,
}
