//! One KPI of a report, with what there is to say about its number: how far off, why it moved, since when.

use crate::formula::Input;
use crate::measure::{Comparison, Measured, Verdict};
use crate::text::Name;

/// A KPI as a report shows it, however many sections it stands in.
#[derive(Debug, Clone)]
pub struct Row {
    pub measured: Measured,
    /// Where it is near or missed.
    pub short: Option<Short>,
    /// One for each comparison that has a number at both ends.
    pub moved: Vec<Moved>,
    /// Whether it reads a source whose data is older than promised.
    pub late: bool,
    /// Absent where there is no verdict, or no trend.
    pub streak: Option<Streak>,
}

/// By how much a target is missed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Short {
    /// In the KPI's unit, > 0.
    pub amount: f64,
    /// Of the target, so that euros and percentages can stand in one order; infinite for a target of 0: no miss of it is small.
    pub share: f64,
}

/// Why the whole moved against an earlier period, cut down to a sentence. `drivers` and `rest` add up to `change`.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub comparison: Comparison,
    pub change: f64,
    /// The inputs that moved it most, largest first: at most three, or four when that leaves none. None where the formula is its one
    /// input, or where the change can't be split.
    pub drivers: Vec<Driver>,
    /// What the drivers leave: all other inputs together.
    pub rest: f64,
    /// False when the drivers were sampled.
    pub exact: bool,
    /// The segments that moved it most, largest first: at most three, none where segments don't add up.
    pub segments: Vec<SegmentMove>,
}

/// What one input contributed to a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    pub input: Input,
    pub amount: f64,
}

/// What one segment contributed to a change: `rate + mix`.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMove {
    pub value: Option<Name>,
    /// By its own value.
    pub rate: f64,
    /// By its weight in the whole; 0 for additive KPIs.
    pub mix: f64,
}

/// For how long the verdict has been what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Streak {
    /// Met, near or missed.
    pub verdict: Verdict,
    /// How many periods in a row, this one included, as far as the trend reaches.
    pub periods: usize,
    /// The verdict just before; absent when the trend doesn't reach that far.
    pub before: Option<Verdict>,
}

impl SegmentMove {
    pub fn amount(&self) -> f64 {
        self.rate + self.mix
    }
}

impl Row {
    pub(super) fn new(measured: Measured, late: bool) -> Row {
        Row { measured, short: None, moved: Vec::new(), late, streak: None }
    }
}
