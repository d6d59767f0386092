//! KPIs, sources and reports in words and links, ready for the templates.

use super::lineage::Thing;
use super::{Catalogue, Dates, Format, Texts};
use crate::calendar::Cadence;
use crate::formula::{Formula, Input, Reference};
use crate::measure::{Filter, Goal, Good, Kpi, Level, Target, Unit};
use crate::query::{Aggregate, Source};
use crate::render::words::cadence_arg;
use crate::report::{Attachment, Person, ReportSpec};
use crate::text::{Name, Text};
use serde::Serialize;
use std::collections::HashMap;

pub(super) struct Explainer<'a> {
    catalogue: &'a Catalogue<'a>,
    kpis: HashMap<Name, &'a Kpi>,
    format: &'a Format,
    dates: &'a Dates,
    texts: &'a Texts,
    languages: [&'a str; 2],
}

/// To the page of a thing, from the site's root.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    name: String,
    page: String,
}

/// A part of a formula as the YAML writes it: a name with its page, or what stands between names (`page` is empty).
#[derive(Debug, Serialize)]
struct Part {
    text: String,
    page: String,
}

#[derive(Debug, Serialize)]
pub(super) struct KpiView {
    id: String,
    name: String,
    page: String,
    about: String,
    formula: Vec<Part>,
    in_words: String,
    unit: String,
    good: String,
    targets: Vec<String>,
    near: String,
    only: Vec<String>,
    window: String,
    breakdown: String,
    sample: String,
    owner: String,
    tags: Vec<String>,
    tests: usize,
    reports: Vec<Link>,
}

#[derive(Debug, Serialize)]
pub(super) struct SourceView {
    id: String,
    page: String,
    about: String,
    database: String,
    sql: String,
    time: String,
    dimensions: Vec<String>,
    measures: Vec<String>,
    fresh: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ReportView {
    id: String,
    name: String,
    page: String,
    schedule: String,
    zone: String,
    period: String,
    readers: Vec<String>,
    attached: String,
    sections: Vec<SectionView>,
}

#[derive(Debug, Serialize)]
struct SectionView {
    title: String,
    kpis: Vec<Link>,
}

impl<'a> Explainer<'a> {
    pub fn new(
        catalogue: &'a Catalogue<'a>,
        format: &'a Format,
        dates: &'a Dates,
        texts: &'a Texts,
        languages: [&'a str; 2],
    ) -> Explainer<'a> {
        let kpis = catalogue.kpis.iter().map(|kpi| (kpi.id.clone(), &**kpi)).collect();
        Explainer { catalogue, kpis, format, dates, texts, languages }
    }

    pub fn link(&self, thing: &Thing) -> Link {
        Link { name: self.name(thing), page: thing.page() }
    }

    /// What readers call it; a source by its own name.
    pub fn name(&self, thing: &Thing) -> String {
        match thing {
            Thing::Source(name) => name.to_string(),
            Thing::Kpi(name) => self.text(&self.kpis[name].name),
            Thing::Report(name) => self.text(&self.catalogue.reports[name].title),
        }
    }

    pub fn kpi(&self, kpi: &Kpi) -> KpiView {
        let reports = self.catalogue.reports.values().filter(|report| report.kpis().any(|id| *id == kpi.id));
        KpiView {
            id: kpi.id.to_string(),
            name: self.text(&kpi.name),
            page: Thing::Kpi(kpi.id.clone()).page(),
            about: self.optional(kpi.description.as_ref()),
            formula: parts(&kpi.formula),
            in_words: self.in_words(&kpi.formula),
            unit: self.texts.unit(&kpi.unit, self.format.currency()),
            good: self.good(kpi.good),
            targets: kpi.target.as_ref().map_or_else(Vec::new, |target| self.targets(kpi, target)),
            near: kpi.target.as_ref().map_or_else(String::new, |target| {
                let share = self.format.number(target.near, &Unit::Percent, None);
                self.texts.say("site-near", &[("share", share.into())])
            }),
            only: self.only(&kpi.filter),
            window: kpi.over.map_or_else(String::new, |over| self.texts.window(over, self.format)),
            breakdown: kpi.breakdown.as_ref().map_or_else(String::new, |name| self.label(name)),
            sample: kpi.at_least.as_ref().map_or_else(String::new, |least| {
                let n = self.format.exact(least.n);
                self.texts.say("site-sample-is", &[("n", n.into()), ("of", self.in_words(&least.of).into())])
            }),
            owner: kpi.owner.clone().unwrap_or_default(),
            tags: kpi.tags.clone(),
            tests: (self.catalogue.tests)(&kpi.id),
            reports: reports.map(|report| self.link(&Thing::Report(report.id.clone()))).collect(),
        }
    }

    pub fn source(&self, source: &Source) -> SourceView {
        let labelled = |name: &Name| match source.labels.get(name) {
            Some(label) if self.text(label) != **name => format!("{name} ({})", self.text(label)),
            _ => name.to_string(),
        };
        let measure = |measure: &crate::query::Measure| match measure.aggregate {
            Aggregate::Sum => labelled(&measure.name),
            other => format!("{} · {}", labelled(&measure.name), other.as_str()),
        };
        SourceView {
            id: source.name.to_string(),
            page: Thing::Source(source.name.clone()).page(),
            about: self.optional(source.description.as_ref()),
            database: source.database.to_string(),
            sql: source.statement.text.trim().to_owned(),
            time: source.time.as_deref().unwrap_or_default().to_owned(),
            dimensions: source.dimensions.iter().map(labelled).collect(),
            measures: source.measures.iter().map(measure).collect(),
            fresh: source.fresh.as_ref().map_or_else(String::new, |fresh| {
                let within = self.format.duration(fresh.within.as_secs_f64() / 60.0, &Unit::Minutes, self.texts);
                self.texts.say("site-fresh-within", &[("duration", within.into())])
            }),
        }
    }

    pub fn report(&self, report: &ReportSpec) -> ReportView {
        let schedule = report.schedule.as_ref().map(ToString::to_string);
        let reader = |person: &Person| person.name.clone().unwrap_or_else(|| person.email.clone());
        let attached = report.attach.iter().map(|kind| match kind {
            Attachment::Xlsx => "XLSX",
            Attachment::Csv => "CSV",
            Attachment::Html => "HTML",
        });
        let section = |section: &crate::report::Section| SectionView {
            title: self.text(&section.title),
            kpis: section.kpis.iter().map(|kpi| self.link(&Thing::Kpi(kpi.clone()))).collect(),
        };
        ReportView {
            id: report.id.to_string(),
            name: self.text(&report.title),
            page: Thing::Report(report.id.clone()).page(),
            schedule: schedule.unwrap_or_else(|| self.texts.word("site-schedule-none")),
            zone: report.calendar.zone.iana_name().unwrap_or_default().to_owned(),
            period: self.texts.say("site-cadence", &[cadence_arg(report.period)]),
            readers: report.to.iter().map(reader).collect(),
            attached: self.texts.commas(&attached.collect::<Vec<_>>()),
            sections: report.sections.iter().map(section).collect(),
        }
    }

    /// A line for each target in force or to come; of a dated one each date.
    fn targets(&self, kpi: &Kpi, target: &Target) -> Vec<String> {
        let level = |level: Level| self.per(target.per, self.format.target(level, kpi.good, &kpi.unit, kpi.decimals));
        let mut lines: Vec<String> = match &target.goal {
            Goal::Level(whole) => vec![level(*whole)],
            Goal::Formula(formula) => vec![self.per(target.per, self.in_words(formula))],
            Goal::Dated(steps) => steps
                .iter()
                .map(|step| {
                    let mut args =
                        vec![("level", level(step.level).into()), ("day", self.dates.long(step.from).into())];
                    args.extend(step.why.as_ref().map(|why| ("why", why.as_str().into())));
                    let id = if step.why.is_some() { "site-target-since-why" } else { "site-target-since" };
                    self.texts.say(id, &args)
                })
                .collect(),
        };
        let segments = target.by.values().flatten();
        lines.extend(segments.map(|(segment, own)| {
            let args = [("level", level(*own).into()), ("segment", (&**segment).into())];
            self.texts.say("site-target-by", &args)
        }));
        lines
    }

    fn per(&self, per: Option<Cadence>, target: String) -> String {
        match per {
            Some(cadence) => self.texts.say("site-target-per", &[("target", target.into()), cadence_arg(cadence)]),
            None => target,
        }
    }

    fn good(&self, good: Option<Good>) -> String {
        self.texts.word(match good {
            Some(Good::Up) => "good-up",
            Some(Good::Down) => "good-down",
            Some(Good::Neutral) | None => "good-neutral",
        })
    }

    fn only(&self, filter: &Filter) -> Vec<String> {
        let kept = filter.iter().map(|(dimension, values)| {
            let empty = self.texts.word("segment-empty");
            let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or(&empty)).collect();
            let args = [("dimension", self.label(dimension).into()), ("values", self.texts.commas(&values).into())];
            self.texts.say("site-where-is", &args)
        });
        kept.collect()
    }

    /// The formula as readers of the reports see it.
    fn in_words(&self, formula: &Formula) -> String {
        formula.in_words(
            |input| self.input(input),
            |number| self.format.exact(number),
            |name, parts| self.texts.function(name, parts),
        )
    }

    fn input(&self, input: &Input) -> String {
        self.texts.input(input, |reference| match reference {
            Reference::Kpi(name) => Some(self.text(&self.kpis[name].name)),
            Reference::Measure { source, measure } => {
                self.catalogue.sources[source].labels.get(measure).map(|label| self.text(label))
            }
        })
    }

    /// What readers call a dimension: as the first source that labels it.
    fn label(&self, dimension: &Name) -> String {
        let label = self.catalogue.sources.values().find_map(|source| source.labels.get(dimension));
        label.map_or_else(|| dimension.to_string(), |label| self.text(label))
    }

    fn text(&self, text: &Text) -> String {
        text.get(self.languages[0], self.languages[1]).to_owned()
    }

    fn optional(&self, text: Option<&Text>) -> String {
        text.map_or_else(String::new, |text| self.text(text))
    }
}

/// The formula cut into names, which lead to their pages, and the rest.
fn parts(formula: &Formula) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut push = |text: &str, page: String| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), page });
        }
    };
    for leaf in formula.leaves() {
        let thing = match &leaf.reference {
            Reference::Measure { source, .. } => Thing::Source(source.clone()),
            Reference::Kpi(name) => Thing::Kpi(name.clone()),
        };
        push(&formula.text[from..leaf.span.start], String::new());
        push(&formula.text[leaf.span.clone()], thing.page());
        from = leaf.span.end;
    }
    push(&formula.text[from..], String::new());
    parts
}
