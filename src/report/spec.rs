//! A report as the YAML declares it, with every name resolved.

use crate::calendar::{Cadence, Calendar, Period, Schedule};
use crate::measure::{Comparison, Kpi, Request};
use crate::text::{Language, Name, Text};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// How many segments of a breakdown a report names one by one.
pub const TOP: usize = 8;

#[derive(Debug, Clone)]
pub struct ReportSpec {
    pub id: Name,
    pub title: Text,
    /// Absent: the report is only made by hand.
    pub schedule: Option<Schedule>,
    /// The report's own zone with the installation's weeks and fiscal years.
    pub calendar: Calendar,
    pub period: Cadence,
    /// Reports the running period instead of the last complete one.
    pub to_date: bool,
    pub compare: Vec<Comparison>,
    /// How many periods the trend shows, the report's own included; 0 is none.
    pub trend: u16,
    /// Groups expanded, every address once.
    pub to: Vec<Person>,
    pub cc_admin: bool,
    pub send: Send,
    pub attach: Vec<Attachment>,
    pub missed: MissedRuns,
    pub sections: Vec<Section>,
    pub template: Option<String>,
    /// The name it had before it was renamed.
    pub was: Option<Name>,
}

impl ReportSpec {
    /// A report by hand of some KPIs beside each other, against the period before and the year before.
    pub fn of_kpis(kpis: Vec<Name>, calendar: Calendar, period: Cadence) -> ReportSpec {
        let section = Section { title: Text::from(""), text: None, kpis, show: Show::Table };
        ReportSpec {
            id: "kpis".into(),
            title: Text::from("KPIs"),
            schedule: None,
            calendar,
            period,
            to_date: false,
            compare: vec![Comparison::Previous, Comparison::YearAgo],
            trend: 12,
            to: Vec::new(),
            cc_admin: false,
            send: Send::Always,
            attach: Vec::new(),
            missed: MissedRuns { policy: Missed::Latest, within: None },
            sections: vec![section],
            template: None,
            was: None,
        }
    }

    /// What an edition about `period` asks of `kpis`, which are those of [`ReportSpec::kpis`].
    pub fn request(&self, kpis: Vec<Arc<Kpi>>, period: Period) -> Request {
        Request { kpis, period, compare: self.compare.clone(), trend: self.trend, top: TOP }
    }

    /// What an edition that is due at `at` is about.
    pub fn period_at(&self, at: Timestamp) -> Period {
        match self.to_date {
            true => self.calendar.running(self.period, at),
            false => self.calendar.last_complete(self.period, at),
        }
    }

    /// Its KPIs in the order of its sections, each once.
    pub fn kpis(&self) -> impl Iterator<Item = &Name> {
        let mut seen = HashSet::new();
        self.sections.iter().flat_map(|section| &section.kpis).filter(move |kpi| seen.insert(*kpi))
    }
}

#[derive(Debug, Clone)]
pub struct Section {
    pub title: Text,
    /// Free Markdown above the KPIs.
    pub text: Option<Text>,
    pub kpis: Vec<Name>,
    pub show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    #[default]
    Cards,
    Table,
}

/// When a due report is really sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Send {
    #[default]
    Always,
    /// Only when something is near or missed.
    Attention,
    /// Only when a verdict changed since the last edition.
    Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    Xlsx,
    Csv,
    Html,
}

/// What happens to fire times that fell into downtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedRuns {
    pub policy: Missed,
    /// Older fire times are given up.
    pub within: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    #[default]
    Latest,
    All,
    Skip,
}

/// Somebody who gets reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: Option<String>,
    pub email: String,
    pub language: Language,
    /// A CLDR locale: `es-ES`.
    pub locale: String,
}
