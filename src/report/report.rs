//! One edition of a report: the measured KPIs in the order of the YAML, and what of them needs attention.

use super::{Comparison, ReportSpec, Section, Show};
use crate::calendar::{Calendar, Period};
use crate::formula::Reason;
use crate::measure::{Good, Measured, Verdict};
use crate::text::{Name, Text};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// A report of one period, as facts: every projection of it shows the same numbers.
#[derive(Debug, Clone)]
pub struct Report {
    pub id: Name,
    pub title: Text,
    pub calendar: Calendar,
    pub compare: Vec<Comparison>,
    pub blocks: Vec<Block>,
    pub counts: Counts,
    /// Missed first, the furthest from its target leading; then near, likewise. Each KPI once.
    pub attention: Vec<Arc<Measured>>,
    pub notes: Notes,
    pub made: Made,
}

/// A section with its rows.
#[derive(Debug, Clone)]
pub struct Block {
    pub title: Text,
    pub text: Option<Text>,
    pub show: Show,
    pub rows: Vec<Arc<Measured>>,
}

/// Verdicts on the whole of each KPI; a KPI that stands in two sections counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub met: usize,
    pub near: usize,
    pub missed: usize,
    pub not_judged: usize,
}

/// What a reader must know to trust the numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notes {
    /// Sources whose data is older than promised.
    pub stale: Vec<SourceNote>,
    pub failed: Vec<SourceNote>,
    /// Why values are missing, with the KPIs that each reason took. Sources in `failed` are reasons here, too.
    pub missing: Vec<(Reason, Vec<Text>)>,
}

/// Something about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNote {
    pub source: Name,
    /// Fit to show a reader.
    pub text: String,
}

/// When and about what an edition was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub period: Period,
    /// The moment whose data it shows.
    pub as_of: Timestamp,
}

impl Report {
    /// Arranges `measured` as `spec` says. `measured` holds every KPI that a section of `spec` names; others are left out.
    pub fn build(
        spec: &ReportSpec,
        measured: Vec<Measured>,
        stale: Vec<SourceNote>,
        failed: Vec<SourceNote>,
        made: Made,
    ) -> Report {
        let by_id: HashMap<Name, Arc<Measured>> =
            measured.into_iter().map(|measured| (measured.kpi.id.clone(), Arc::new(measured))).collect();
        let row = |id: &Name| by_id.get(id).expect("every KPI of the report was measured").clone();
        let block = |section: &Section| Block {
            title: section.title.clone(),
            text: section.text.clone(),
            show: section.show,
            rows: section.kpis.iter().map(row).collect(),
        };
        let blocks: Vec<Block> = spec.sections.iter().map(block).collect();
        let once = once(&blocks);
        Report {
            id: spec.id.clone(),
            title: spec.title.clone(),
            calendar: spec.calendar.clone(),
            compare: spec.compare.clone(),
            counts: Counts::of(&once),
            attention: attention(&once),
            notes: Notes { stale, failed, missing: missing(&once) },
            blocks,
            made,
        }
    }

    /// The KPI called `id`, if the report shows it.
    pub fn kpi(&self, id: &str) -> Option<&Measured> {
        self.blocks.iter().flat_map(|block| &block.rows).find(|row| &*row.kpi.id == id).map(|row| &**row)
    }
}

impl Counts {
    fn of(rows: &[Arc<Measured>]) -> Counts {
        let mut counts = Counts::default();
        for row in rows {
            match row.whole.verdict {
                Verdict::Met => counts.met += 1,
                Verdict::Near => counts.near += 1,
                Verdict::Missed => counts.missed += 1,
                Verdict::NotJudged(_) => counts.not_judged += 1,
            }
        }
        counts
    }
}

/// Every KPI once, where it first stands.
fn once(blocks: &[Block]) -> Vec<Arc<Measured>> {
    let mut rows: Vec<Arc<Measured>> = Vec::new();
    for row in blocks.iter().flat_map(|block| &block.rows) {
        if rows.iter().all(|seen| seen.kpi.id != row.kpi.id) {
            rows.push(row.clone());
        }
    }
    rows
}

fn attention(rows: &[Arc<Measured>]) -> Vec<Arc<Measured>> {
    let with = |verdict: Verdict| {
        let mut rows: Vec<_> = rows.iter().filter(|row| row.whole.verdict == verdict).cloned().collect();
        rows.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
        rows
    };
    [with(Verdict::Missed), with(Verdict::Near)].concat()
}

/// How far a KPI is from its target, as a share of the target, so that euros and percentages can stand in one order.
/// Infinite for a target of 0: no miss of it is small.
fn distance(row: &Measured) -> f64 {
    let Some((target, value)) = row.whole.target.as_ref().zip(row.whole.value.number()) else { return 0.0 };
    let (short, bound) = target.level.shortfall(value, row.kpi.good.unwrap_or(Good::Neutral));
    if short == 0.0 { 0.0 } else { short / bound.abs() }
}

fn missing(rows: &[Arc<Measured>]) -> Vec<(Reason, Vec<Text>)> {
    let mut found: Vec<(Reason, Vec<Text>)> = Vec::new();
    for row in rows {
        let Some(reason) = row.whole.value.reason() else { continue };
        let name = row.kpi.name.clone();
        match found.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(name),
            None => found.push((reason.clone(), vec![name])),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Cadence;
    use crate::formula::Value;
    use crate::measure::fixture::{calendar, kpi};
    use crate::measure::{InForce, Kpi, Level, Measurement, Why};
    use crate::report::{Missed, MissedRuns, Send};
    use jiff::civil::date;

    fn measured(id: &str, value: Value, level: Level, good: Option<Good>) -> Measured {
        let kpi = Kpi { good, ..kpi(id, "a.b") };
        let target = InForce { level, near: 0.1, since: None, why: None };
        let verdict = match &value {
            Value::Number(value) => target.judge(*value, good.unwrap_or(Good::Neutral)),
            Value::Missing(reason) => Verdict::NotJudged(Why::Missing(reason.clone())),
        };
        let period = calendar().containing(Cadence::Week, date(2026, 11, 9));
        let whole = Measurement {
            period,
            segment: None,
            value,
            inputs: Vec::new(),
            sample: None,
            target: Some(target),
            verdict,
        };
        Measured {
            kpi: Arc::new(kpi),
            whole,
            segments: Vec::new(),
            changes: Vec::new(),
            trend: Vec::new(),
            sources: Default::default(),
        }
    }

    fn report(sections: &[&[&str]], measured: Vec<Measured>) -> Report {
        let section = |kpis: &&[&str]| Section {
            title: "Section".into(),
            text: None,
            kpis: kpis.iter().map(|id| Name::from(*id)).collect(),
            show: Show::Table,
        };
        let spec = ReportSpec {
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
        };
        let made =
            Made { period: calendar().containing(Cadence::Week, date(2026, 11, 9)), as_of: Timestamp::UNIX_EPOCH };
        Report::build(&spec, measured, Vec::new(), Vec::new(), made)
    }

    fn number(id: &str, value: f64, target: f64, good: Good) -> Measured {
        measured(id, Value::Number(value), Level::Value(target), Some(good))
    }

    #[test]
    fn attention_is_ordered_by_share_of_the_target_missed_before_near() {
        let rows = vec![
            number("euros", 800_000.0, 1_000_000.0, Good::Up),
            number("near", 95.0, 100.0, Good::Up),
            number("nearer", 98.0, 100.0, Good::Up),
            number("met", 100.0, 100.0, Good::Up),
            number("share", 0.01, 0.04, Good::Up),
            number("zero", 1.0, 0.0, Good::Down),
            measured("band", Value::Number(60.0), Level::Between(20.0, 30.0), None),
        ];
        let report = report(&[&["euros", "nearer", "near", "met"], &["share", "zero", "band"]], rows);
        let order: Vec<&str> = report.attention.iter().map(|row| &*row.kpi.id).collect();
        assert_eq!(order, ["zero", "band", "share", "euros", "near", "nearer"]);
        assert_eq!(report.counts, Counts { met: 1, near: 2, missed: 4, not_judged: 0 });
    }

    #[test]
    fn kpi_in_two_sections_counts_once_and_stands_in_both() {
        let report =
            report(&[&["a", "b"], &["a"]], vec![number("a", 1.0, 2.0, Good::Up), number("b", 2.0, 2.0, Good::Up)]);
        assert_eq!(report.counts, Counts { met: 1, near: 0, missed: 1, not_judged: 0 });
        assert_eq!(report.attention.len(), 1);
        assert_eq!(report.blocks.iter().map(|block| block.rows.len()).collect::<Vec<_>>(), [2, 1]);
        assert!(report.kpi("b").is_some() && report.kpi("c").is_none());
    }

    #[test]
    fn missing_values_are_grouped_by_reason() {
        let down = || Reason::SourceFailed { source: "spend".into(), why: "no answer".into() };
        let missing = |id, reason| measured(id, Value::Missing(reason), Level::Value(1.0), Some(Good::Up));
        let rows = vec![
            missing("cac", down()),
            missing("clv", Reason::NoRow { what: "orders.total".into() }),
            missing("roi", down()),
        ];
        let report = report(&[&["cac", "clv", "roi"]], rows);
        let expected = vec![
            (down(), vec!["cac".into(), "roi".into()]),
            (Reason::NoRow { what: "orders.total".into() }, vec!["clv".into()]),
        ];
        assert_eq!(report.notes.missing, expected);
        assert_eq!(report.counts.not_judged, 3);
        assert!(report.attention.is_empty());
    }
}
