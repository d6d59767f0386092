//! What a catalogue without errors holds in vain: sources that nothing reads, people that no report reaches, and settings without
//! effect. A part that is still empty, such as the reports of a new folder, is not held against the others.

use super::sections::{Declared, Section, Sections};
use crate::calendar::Schedule;
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::node::{Entry, Node, Value};
use crate::catalog::warnings::{self, Rule};
use crate::catalog::{Catalog, embedded};
use crate::formula::{Formula, Reference};
use crate::measure::{Goal, Kpi, Level};
use crate::query::sql::Made;
use crate::query::{Aggregate, Source};
use crate::report::{ReportSpec, Send};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

pub(super) fn check(cx: &Context, sections: &Sections, catalog: &Catalog) {
    let structure = Structure { cx, sections, catalog };
    structure.unused_data();
    structure.unreported();
    structure.unreached();
    for kpi in &catalog.kpis {
        sections.kpis.get(&kpi.id).into_iter().for_each(|declared| structure.near(kpi, &declared.node));
    }
    for source in catalog.sources.values() {
        sections.sources.get(&source.name).into_iter().for_each(|declared| structure.additive(source, &declared.node));
    }
    for report in catalog.reports.values() {
        sections.reports.get(&report.id).into_iter().for_each(|declared| structure.report(report, declared));
    }
}

/// Every formula of a KPI, and the keys that lead to it.
pub(super) fn formulas(kpi: &Kpi) -> Vec<(&Formula, &'static [&'static str])> {
    let mut all: Vec<(&Formula, &'static [&'static str])> = vec![(&kpi.formula, &["formula"])];
    all.extend(kpi.at_least.iter().map(|at_least| (&at_least.of, &["at_least", "of"][..])));
    if let Some(Goal::Formula(formula)) = kpi.target.as_ref().map(|target| &target.goal) {
        all.push((formula, &["target", "formula"]));
    }
    all
}

/// The value of a key.
pub(super) fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    entry(node, key).map(|entry| &*entry.node)
}

fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|entry| &*entry.key == key),
        _ => None,
    }
}

struct Structure<'a> {
    cx: &'a Context<'a>,
    sections: &'a Sections,
    catalog: &'a Catalog,
}

impl Structure<'_> {
    fn warn(&self, rule: &Rule, place: Place, message: String, help: &str) {
        self.cx.report(Problem::warning(rule, place, message).help(help));
    }

    /// Says of everything in `section` that `used` doesn't hold that it is in vain.
    fn unused(
        &self,
        section: &Section,
        used: &HashSet<&str>,
        rule: &Rule,
        message: impl Fn(&str) -> String,
        help: &str,
    ) {
        for declared in section.list.iter().filter(|declared| !used.contains(&*declared.name)) {
            self.warn(rule, declared.at, message(&declared.name), help);
        }
    }

    fn references(&self) -> impl Iterator<Item = &Reference> {
        let formulas = self.catalog.kpis.iter().flat_map(|kpi| formulas(kpi));
        formulas.flat_map(|(formula, _)| formula.leaves()).map(|leaf| &leaf.reference)
    }

    fn unused_data(&self) {
        if !self.catalog.kpis.is_empty() {
            let read = self.references().filter_map(|reference| match reference {
                Reference::Measure { source, .. } => Some(&**source),
                Reference::Kpi(_) => None,
            });
            let message = |name: &str| format!("no KPI reads source `{name}`");
            let help = "remove it, or write a KPI that reads it";
            self.unused(&self.sections.sources, &read.collect(), &warnings::UNUSED_SOURCE, message, help);
        }
        if !self.catalog.sources.is_empty() {
            let read = self.catalog.sources.values().map(|source| &*source.database).collect();
            let message = |name: &str| format!("no source reads database `{name}`");
            let help = "remove it, or write a source that reads it";
            self.unused(&self.sections.databases, &read, &warnings::UNUSED_DATABASE, message, help);
        }
    }

    fn unreported(&self) {
        if self.catalog.reports.is_empty() {
            return;
        }
        let shown = self.catalog.reports.values().flat_map(ReportSpec::kpis).map(|name| &**name);
        let named = self.references().filter_map(|reference| match reference {
            Reference::Kpi(name) => Some(&**name),
            Reference::Measure { .. } => None,
        });
        let message = |name: &str| format!("`{name}` is in no report, and no other KPI uses it");
        let help = "list it in a section of a report, or remove it";
        self.unused(&self.sections.kpis, &shown.chain(named).collect(), &warnings::UNREPORTED_KPI, message, help);
    }

    fn unreached(&self) {
        if self.catalog.reports.is_empty() {
            return;
        }
        let Catalog { reports, groups, people, settings, .. } = self.catalog;
        let reached = reports.values().flat_map(|report| &report.to).chain(groups.values().flatten());
        let reached: HashSet<&str> = reached.map(|person| &*person.email).chain(settings.admin.as_deref()).collect();
        let used = people.iter().filter(|(_, person)| reached.contains(&*person.email)).map(|(name, _)| &**name);
        let message = |name: &str| format!("`{name}` is in no group and gets no report");
        let help = "add them to a group or to the `to` of a report, or remove them";
        self.unused(&self.sections.people, &used.collect(), &warnings::UNREACHED_PERSON, message, help);
        let recipients = self.sections.reports.list.iter().filter_map(|report| child(&report.node, "to"));
        let named = recipients.flat_map(texts).collect();
        let message = |name: &str| format!("group `{name}` gets no report");
        let help = "add it to the `to` of a report, or remove it";
        self.unused(&self.sections.groups, &named, &warnings::UNUSED_GROUP, message, help);
    }

    /// A `near` that takes in everything, or nothing.
    fn near(&self, kpi: &Kpi, node: &Node) {
        let Some(target) = &kpi.target else { return };
        let Some(near) = child(node, "target").and_then(|node| entry(node, "near")) else { return };
        if target.near > 0.5 {
            let message = format!("a value may miss the target by {} % and still be near it", target.near * 100.0);
            self.warn(&warnings::WIDE_NEAR, near.at, message, "most targets have a `near` of 5% to 20%");
        }
        if matches!(target.goal, Goal::Level(Level::Value(0.0))) && target.by.is_empty() {
            let message = "nothing is near a target of 0: `near` is a share of it".to_owned();
            self.warn(
                &warnings::NEAR_ZERO,
                near.at,
                message,
                "remove `near`, or write a band: `between: [-0.01, 0.01]`",
            );
        }
    }

    /// Numbers that are added up over days or dimensions, and can't be.
    fn additive(&self, source: &Source, node: &Node) {
        let Some(sql) = child(node, "sql").filter(|_| source.time.is_some() || !source.dimensions.is_empty()) else {
            return;
        };
        let over = if source.time.is_some() { "days" } else { "dimensions" };
        for measure in source.measures.iter().filter(|measure| measure.aggregate == Aggregate::Sum) {
            let mut items = source.statement.items().iter();
            let Some(item) = items.find(|item| *item.name == *measure.name) else { continue };
            let (rule, what) = match item.made {
                Made::Distinct => (&warnings::DISTINCT_SUMMED, "counts each thing once, and"),
                Made::Average => (&warnings::AVERAGE_SUMMED, "is an average or a ratio, and"),
                Made::Otherwise => continue,
            };
            let message = format!("`{}` {what} is added up over {over}", measure.name);
            let help = "give it in a source without `time` and `dimensions`, which answers once per period; of a ratio give both parts";
            self.warn(rule, embedded::place(self.cx, sql, item.span.clone()), message, help);
        }
    }

    fn report(&self, report: &ReportSpec, declared: &Declared) {
        if let Some(trend) = entry(&declared.node, "trend").filter(|_| (1..4).contains(&report.trend)) {
            let message = format!("{} periods are too few to show a trend", report.trend);
            self.warn(&warnings::SHORT_TREND, trend.at, message, "write 4 or more, or 0 for none");
        }
        let schedule = report.schedule.as_ref().and_then(|schedule| again(report, schedule));
        if let Some((period, entry)) = schedule.zip(entry(&declared.node, "schedule")) {
            let message = format!("two editions in a row are about the same period, such as {period}");
            let help = "send it as often as its period ends, or set `to_date: true` for the running one";
            self.warn(&warnings::SAME_EDITION, entry.at, message, help);
        }
    }
}

/// A period that two fire times in a row report, looking at those of a year. One that is sent only on a change may well look often.
fn again(report: &ReportSpec, schedule: &Schedule) -> Option<String> {
    if report.to_date || report.send != Send::Always {
        return None;
    }
    let calendar = &report.calendar;
    // Any year would do; this one has 53 weeks.
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let end = start + SignedDuration::from_hours(366 * 24);
    let next = |at: &Timestamp| schedule.next(&calendar.zone, *at).filter(|at| *at < end);
    let periods = std::iter::successors(next(&start), next).map(|at| report.period_at(at));
    let mut before = None;
    for period in periods {
        if before.replace(period.window) == Some(period.window) {
            return Some(period.label(calendar));
        }
    }
    None
}

fn texts(list: &Node) -> Vec<&str> {
    let Value::List(items) = &list.value else { return Vec::new() };
    items.iter().filter_map(|item| scalar(item)).collect()
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, .. } => Some(text),
        _ => None,
    }
}
