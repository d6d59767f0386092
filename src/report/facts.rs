//! What a report is told beside its measurements: how the run went, what earlier editions said, how things are called.

use super::notes::{Failed, Stale};
use crate::calendar::Period;
use crate::formula::Reference;
use crate::text::{Name, Text};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Values, so that a past edition can be built again from what was kept of it.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Their `kpis` are filled by the report.
    pub stale: Vec<Stale>,
    pub failed: Vec<Failed>,
    pub history: History,
    pub words: Words,
    pub made: Made,
}

/// Earlier editions of the same report, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History(pub Vec<Edition>);

/// What an edition told its readers.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    pub period: Period,
    /// By KPI; what was missing is absent.
    pub values: BTreeMap<Name, f64>,
}

/// What readers see for names of the YAML.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Words {
    /// Labels of measures and names of KPIs.
    pub inputs: BTreeMap<Reference, Text>,
    pub dimensions: BTreeMap<Name, Text>,
    /// Descriptions of sources.
    pub sources: BTreeMap<Name, Text>,
}

impl Words {
    /// What an input of a formula is called, its shift aside.
    pub fn input(&self, reference: &Reference) -> Option<&Text> {
        self.inputs.get(reference)
    }

    /// What a source holds.
    pub fn source(&self, name: &str) -> Option<&Text> {
        self.sources.get(name)
    }

    /// What the dimension of a breakdown is called.
    pub fn dimension(&self, name: &str) -> Option<&Text> {
        self.dimensions.get(name)
    }
}

/// When and about what an edition was made, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub period: Period,
    /// The moment whose data it shows.
    pub as_of: Timestamp,
    /// The fire time it was due at; absent when made by hand.
    pub scheduled: Option<Timestamp>,
    /// How long after that it was begun; absent when it was punctual.
    pub late: Option<SignedDuration>,
    /// How many fire times were given up since the edition before.
    pub skipped: usize,
    /// The version of the catalogue.
    pub catalog: Option<Name>,
    /// The address of who can be asked.
    pub contact: Option<String>,
    /// Where the edition can be seen in a browser.
    pub link: Option<String>,
}

impl Made {
    /// Made by hand, with nothing else to say about it.
    pub fn new(period: Period, as_of: Timestamp) -> Made {
        Made { period, as_of, scheduled: None, late: None, skipped: 0, catalog: None, contact: None, link: None }
    }
}

impl Facts {
    /// Nothing but when it was made.
    pub fn new(made: Made) -> Facts {
        Facts { stale: Vec::new(), failed: Vec::new(), history: History::default(), words: Words::default(), made }
    }
}
