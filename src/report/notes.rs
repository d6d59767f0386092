//! What a reader must know to trust the numbers.

use super::Row;
use crate::calendar::Period;
use crate::formula::Reason;
use crate::measure::{Kpi, Level};
use crate::text::{Name, Text};
use jiff::civil::Date;
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct Notes {
    pub failed: Vec<Failed>,
    /// Sources whose data is older than promised.
    pub stale: Vec<Stale>,
    /// Why values are missing, with the KPIs that each reason took; failed sources aside, which stand in `failed`.
    pub missing: Vec<(Reason, Vec<Text>)>,
    pub small: Vec<Small>,
    pub retargeted: Vec<Retargeted>,
    pub restated: Vec<Restated>,
    /// Whether the period has not ended yet.
    pub running: bool,
}

/// A source that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub source: Name,
    /// Fit to show a reader.
    pub why: String,
    /// The KPIs of the report that read it.
    pub kpis: Vec<Text>,
}

/// A source whose data is older than promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub source: Name,
    /// The day of its newest data; absent when it has none at all.
    pub newest: Option<Date>,
    /// The KPIs of the report that read it.
    pub kpis: Vec<Text>,
}

/// A sample that is too small to judge by.
#[derive(Debug, Clone, PartialEq)]
pub struct Small {
    pub kpi: Text,
    /// The sample; of several segments the largest of theirs.
    pub has: f64,
    pub needs: f64,
    /// How many segments are too small; 0 when the whole is.
    pub segments: usize,
}

/// A target that isn't what it was in the period before.
#[derive(Debug, Clone)]
pub struct Retargeted {
    pub kpi: Arc<Kpi>,
    /// What the earlier target would be for this period; absent when there was none.
    pub from: Option<Level>,
    /// What it is.
    pub to: Level,
    pub since: Date,
    pub why: Option<String>,
}

/// A number that an earlier edition told and that has changed since.
#[derive(Debug, Clone)]
pub struct Restated {
    pub kpi: Arc<Kpi>,
    pub period: Period,
    pub told: f64,
    pub now: f64,
}

/// Why values are missing, with the KPIs that each reason took.
pub(super) fn missing(rows: &[Arc<Row>]) -> Vec<(Reason, Vec<Text>)> {
    let mut found: Vec<(Reason, Vec<Text>)> = Vec::new();
    for row in rows {
        let Some(reason) = row.measured.whole.value.reason() else { continue };
        let name = row.measured.kpi.name.clone();
        match found.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(name),
            None => found.push((reason.clone(), vec![name])),
        }
    }
    found
}
