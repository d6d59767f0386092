//! A folder of YAML → [`Catalog`]: every name resolved, every formula parsed, all problems reported at once.

mod diagnostic;
mod raw;
mod resolve;
mod settings;

pub use diagnostic::{Diagnostic, Problems, Severity};
pub use settings::{MailSettings, Settings, Web};

use crate::measure::{Kpi, KpiTest};
use crate::query::{Database, Source};
use crate::report::{Person, ReportSpec};
use crate::text::Name;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A whole installation, checked. Maps are in the order of the YAML where order is seen, by name otherwise.
#[derive(Debug)]
pub struct Catalog {
    pub settings: Settings,
    pub databases: BTreeMap<Name, Database>,
    pub sources: BTreeMap<Name, Arc<Source>>,
    /// In the order of the YAML, so that listings read as the team wrote them.
    pub kpis: Vec<Arc<Kpi>>,
    /// The KPIs' own tests.
    pub tests: Vec<KpiTest>,
    pub people: BTreeMap<Name, Person>,
    pub groups: BTreeMap<Name, Vec<Person>>,
    pub reports: BTreeMap<Name, ReportSpec>,
}
