//! An installation at one moment, and the editions that were made of it: gone with the next save.

use super::Edition;
use crate::calendar::{Cadence, Period};
use crate::catalog::Catalog;
use crate::daemon::installation::Installation;
use crate::report::ReportSpec;
use crate::text::{Name, Text};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

#[derive(Debug)]
pub(super) struct Shot {
    pub installation: Arc<Installation>,
    /// The moment from which the data is seen.
    pub now: Timestamp,
    /// The one that was asked for last stands last.
    editions: Mutex<VecDeque<((Name, Period), Place)>>,
}

/// Editions at a time: more than anybody steps to and fro between.
const KEPT: usize = 32;

/// Where an edition is, or will be when it is measured.
type Place = Arc<OnceCell<Arc<Edition>>>;

impl Shot {
    pub fn new(installation: Arc<Installation>, now: Timestamp) -> Shot {
        Shot { installation, now, editions: Mutex::default() }
    }

    /// The place of the edition of `report` about `period`, the same for all who ask.
    pub fn place(&self, report: &Name, period: Period) -> Place {
        let mut editions = self.editions.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (report.clone(), period);
        let known = editions.iter().position(|(other, _)| *other == key).and_then(|at| editions.remove(at));
        let (key, place) = known.unwrap_or_else(|| (key, Place::default()));
        editions.push_back((key, Arc::clone(&place)));
        if editions.len() > KEPT {
            editions.pop_front();
        }
        place
    }

    /// The report of that name; KPIs that stand in none have one to be looked at.
    pub fn spec(&self, report: &str) -> Option<ReportSpec> {
        let catalog = &self.installation.catalog;
        catalog.reports.get(report).cloned().or_else(|| unlisted(catalog).filter(|spec| &*spec.id == report))
    }

    /// All reports that can be shown.
    pub fn specs(&self) -> Vec<ReportSpec> {
        let catalog = &self.installation.catalog;
        let own = unlisted(catalog).filter(|spec| !catalog.reports.contains_key(&spec.id));
        catalog.reports.values().cloned().chain(own).collect()
    }
}

/// The KPIs that stand in no report, so that a new one can be looked at before it is in one.
fn unlisted(catalog: &Catalog) -> Option<ReportSpec> {
    let listed: HashSet<&Name> = catalog.reports.values().flat_map(ReportSpec::kpis).collect();
    let kpis: Vec<Name> = catalog.kpis.iter().map(|kpi| kpi.id.clone()).filter(|id| !listed.contains(id)).collect();
    let title = [("en", "KPIs in no report"), ("es", "KPI sin informe")].map(|(l, t)| (l.into(), t.to_owned()));
    let calendar = catalog.settings.calendar.clone();
    (!kpis.is_empty()).then(|| ReportSpec {
        id: "in_no_report".into(),
        title: Text::ByLanguage(BTreeMap::from(title)),
        ..ReportSpec::of_kpis(kpis, calendar, Cadence::Week)
    })
}
