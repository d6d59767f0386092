//! Targets, and verdicts against them.

use crate::calendar::Cadence;
use crate::formula::Formula;
use crate::text::Name;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What a KPI should be.
#[derive(Debug, Clone)]
pub struct Target {
    pub goal: Goal,
    /// Missed by no more than this share of the target is "near"; 0.05 unless the YAML says otherwise.
    pub near: f64,
    /// The goal is an amount for this long, prorated to the report's period by days.
    pub per: Option<Cadence>,
    /// Dimension → value of a breakdown's segment → the segment's own level.
    pub by: BTreeMap<Name, BTreeMap<Name, Level>>,
}

#[derive(Debug, Clone)]
pub enum Goal {
    Level(Level),
    /// Ascending by day; each holds from its day on.
    Dated(Vec<Dated>),
    /// Evaluated like the KPI itself, in the same period.
    Formula(Formula),
}

/// A number to reach, or a band to stay in (both ends belong to it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    Value(f64),
    Between(f64, f64),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    pub from: Date,
    pub level: Level,
    pub why: Option<String>,
}
