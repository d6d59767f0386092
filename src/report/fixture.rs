//! A report of one section, for the tests of this module.

use super::{Facts, Missed, MissedRuns, Report, ReportSpec, Section, Send, Show};
use crate::calendar::Cadence;
use crate::measure::Measured;
use crate::measure::fixture::calendar;
use crate::text::Name;

/// A weekly report with these KPIs in these sections.
pub fn spec(sections: &[&[&str]]) -> ReportSpec {
    let section = |kpis: &&[&str]| Section {
        title: "Section".into(),
        text: None,
        kpis: kpis.iter().map(|id| Name::from(*id)).collect(),
        show: Show::Table,
    };
    ReportSpec {
        id: "weekly".into(),
        title: "Weekly".into(),
        schedule: None,
        calendar: calendar(),
        period: Cadence::Week,
        to_date: false,
        compare: Vec::new(),
        trend: 0,
        to: Vec::new(),
        cc_admin: false,
        send: Send::Always,
        attach: Vec::new(),
        missed: MissedRuns { policy: Missed::Latest, within: None },
        sections: sections.iter().map(section).collect(),
        template: None,
        was: None,
    }
}

/// All of `measured` in one section.
pub fn report(measured: Vec<Measured>, facts: Facts) -> Report {
    let ids: Vec<Name> = measured.iter().map(|one| one.kpi.id.clone()).collect();
    let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
    Report::build(&spec(&[&ids]), measured, facts)
}
