//! One edition of a report: the measured KPIs in the order of the YAML, and what of them needs attention.

use super::{Attachment, Comparison, Facts, Made, Notes, ReportSpec, Row, Section, Show, Words};
use crate::calendar::Calendar;
use crate::formula::Reference;
use crate::measure::{Measured, Verdict};
use crate::text::{Name, Text};
use std::collections::{HashMap, HashSet};
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
    /// Missed first, the furthest from its target leading; then near, likewise; those on late data at the end. One that is computed
    /// from another stands behind it. Each KPI once.
    pub attention: Vec<Arc<Row>>,
    pub notes: Notes,
    pub words: Words,
    pub attach: Vec<Attachment>,
    pub template: Option<String>,
    pub made: Made,
}

/// A section with its rows.
#[derive(Debug, Clone)]
pub struct Block {
    pub title: Text,
    pub text: Option<Text>,
    pub show: Show,
    pub rows: Vec<Arc<Row>>,
}

/// Verdicts on the whole of each KPI; a KPI that stands in two sections counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub met: usize,
    pub near: usize,
    pub missed: usize,
    pub not_judged: usize,
}

impl Report {
    /// Arranges `measured` as `spec` says. KPIs that no section names are left out, and so are those that were not measured.
    pub fn build(spec: &ReportSpec, measured: Vec<Measured>, facts: Facts) -> Report {
        let row = |measured: Measured| {
            let late = facts.stale.iter().any(|stale| measured.sources.contains(&stale.source));
            (measured.kpi.id.clone(), Arc::new(Row::new(measured, late)))
        };
        let by_id: HashMap<Name, Arc<Row>> = measured.into_iter().map(row).collect();
        let block = |section: &Section| Block {
            title: section.title.clone(),
            text: section.text.clone(),
            show: section.show,
            rows: section.kpis.iter().filter_map(|id| by_id.get(id).cloned()).collect(),
        };
        let once: Vec<Arc<Row>> = spec.kpis().filter_map(|id| by_id.get(id).cloned()).collect();
        Report {
            id: spec.id.clone(),
            title: spec.title.clone(),
            calendar: spec.calendar.clone(),
            compare: spec.compare.clone(),
            blocks: spec.sections.iter().map(block).collect(),
            counts: Counts::of(&once),
            attention: attention(&once),
            notes: Notes::of(&once, &facts, &spec.calendar),
            words: facts.words,
            attach: spec.attach.clone(),
            template: spec.template.clone(),
            made: facts.made,
        }
    }

    /// Every KPI once, where it first stands.
    pub fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        let mut seen = HashSet::new();
        let all = self.blocks.iter().flat_map(|block| &block.rows);
        all.filter(move |row| seen.insert(&row.measured.kpi.id))
    }
}

impl Counts {
    fn of(rows: &[Arc<Row>]) -> Counts {
        let mut counts = Counts::default();
        for row in rows {
            match row.measured.whole.verdict {
                Verdict::Met => counts.met += 1,
                Verdict::Near => counts.near += 1,
                Verdict::Missed => counts.missed += 1,
                Verdict::NotJudged(_) => counts.not_judged += 1,
            }
        }
        counts
    }
}

/// Those on whole data first: what the rest of it will say is not known yet.
fn attention(rows: &[Arc<Row>]) -> Vec<Arc<Row>> {
    let share = |row: &Row| row.short.map_or(0.0, |short| short.share);
    let with = |verdict: Verdict, late: bool| {
        let of = |row: &&Arc<Row>| row.measured.whole.verdict == verdict && row.late == late;
        let mut rows: Vec<_> = rows.iter().filter(of).cloned().collect();
        rows.sort_by(|a, b| share(b).total_cmp(&share(a)));
        grouped(rows)
    };
    let groups = [(Verdict::Missed, false), (Verdict::Near, false), (Verdict::Missed, true), (Verdict::Near, true)];
    groups.into_iter().flat_map(|(verdict, late)| with(verdict, late)).collect()
}

/// `rows` with each that is computed from another of them behind that one, as a growth behind what grows.
fn grouped(rows: Vec<Arc<Row>>) -> Vec<Arc<Row>> {
    let reads = |row: &Row, other: &Row| {
        let id = &other.measured.kpi.id;
        row.measured
            .kpi
            .formula
            .inputs()
            .iter()
            .any(|input| matches!(&input.reference, Reference::Kpi(name) if name == id))
    };
    let (derived, first): (Vec<_>, Vec<_>) =
        rows.iter().cloned().partition(|row| rows.iter().any(|other| reads(row, other)));
    let mut groups: Vec<Vec<Arc<Row>>> = first.into_iter().map(|row| vec![row]).collect();
    for row in derived {
        match groups.iter_mut().find(|group| group.iter().any(|other| reads(&row, other))) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Cadence;
    use crate::formula::{Reason, Value};
    use crate::measure::fixture::{calendar, kpi};
    use crate::measure::{Good, InForce, Kpi, Level, Measurement, Why};
    use crate::report::fixture::spec;
    use jiff::Timestamp;
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
            proportion: None,
            inputs: Vec::new(),
            sample: None,
            target: Some(target),
            verdict,
        };
        Measured {
            kpi: Arc::new(kpi),
            whole,
            segments: Vec::new(),
            others: None,
            contrast: None,
            changes: Vec::new(),
            trend: Vec::new(),
            sources: Default::default(),
        }
    }

    fn report(sections: &[&[&str]], measured: Vec<Measured>) -> Report {
        let made = Made::new(calendar().containing(Cadence::Week, date(2026, 11, 9)), Timestamp::UNIX_EPOCH);
        Report::build(&spec(sections), measured, Facts::new(made))
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
        let order: Vec<&str> = report.attention.iter().map(|row| &*row.measured.kpi.id).collect();
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
        let once: Vec<&str> = report.rows().map(|row| &*row.measured.kpi.id).collect();
        assert_eq!(once, ["a", "b"]);
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
