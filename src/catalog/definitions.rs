//! Where the things of a folder are defined, for what shows only later: a column that the database lacks, a number out of range.

use super::diagnostic::{Diagnostic, Severity};
use super::snippet::Spot;
use crate::text::Name;
use std::collections::HashMap;

/// A kind of things that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Database,
    Source,
    Kpi,
    Person,
    Group,
    Report,
    Test,
}

/// Every named thing of a folder and the place of its name.
#[derive(Debug, Default)]
pub struct Definitions(HashMap<(Kind, Name), Spot>);

impl Kind {
    /// In the singular, as messages say it: "KPI".
    pub fn what(self) -> &'static str {
        match self {
            Kind::Database => "database",
            Kind::Source => "source",
            Kind::Kpi => "KPI",
            Kind::Person => "person",
            Kind::Group => "group",
            Kind::Report => "report",
            Kind::Test => "test",
        }
    }
}

impl Definitions {
    pub(super) fn new(all: impl Iterator<Item = ((Kind, Name), Spot)>) -> Definitions {
        Definitions(all.collect())
    }

    /// The file as it is named in the output, and the 1-based line of the name. `None` for what is not defined in the folder.
    pub fn place(&self, kind: Kind, name: &Name) -> Option<(&str, usize)> {
        let spot = self.0.get(&(kind, name.clone()))?;
        Some((&spot.file.name, spot.line_column().0))
    }

    /// A problem of the thing itself, shown at its name. `None` for what is not defined in the folder.
    pub fn problem(
        &self,
        severity: Severity,
        code: &'static str,
        (kind, name): (Kind, &Name),
        message: String,
        help: Option<String>,
    ) -> Option<Diagnostic> {
        let spot = self.0.get(&(kind, name.clone()))?.clone();
        Some(Diagnostic { severity, code, message, help, spot, label: None, related: Vec::new() })
    }
}
