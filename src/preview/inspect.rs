//! One KPI taken apart, as JSON for the page's inspector: definition, value, formula with the value of each part, comparisons with their
//! drivers, segments, trend, targets, sources and rows (pure).
//!
//! Numbers stand twice: plain, and as the reader's locale writes them (`shown`). What a failed source said stands beside its SQL and why
//! the value is not judged, not with each number that it lacks. No URL and no setting is in it.

mod source;

use super::Edition;
use crate::calendar::Calendar;
use crate::catalog::{Catalog, Kind};
use crate::formula::{Input, Reason, Reference, Value};
use crate::measure::{
    Change, Contribution, Dated, Explanation, Goal, Good, InForce, Kpi, Level, Measured, Measurement, Point,
    SegmentChange, Target, Verdict, Why,
};
use crate::pipeline;
use crate::render::{Format, UnknownLocale, data};
use crate::report::Person;
use crate::text::Text;
use serde_json::{Value as Json, json};

/// Everything about `measured`, a KPI of `edition`, for `person`.
///
/// # Errors
/// CLDR does not know the person's locale.
pub fn inspect(edition: &Edition, measured: &Measured, person: &Person) -> Result<Json, UnknownLocale> {
    let catalog = &edition.installation.catalog;
    let calendar = &edition.spec.calendar;
    let format = Format::new(&person.locale, &catalog.settings.currency)?;
    let view = View { catalog, calendar, measured, kpi: &measured.kpi, person, format };
    let model = pipeline::model(catalog);
    let period = edition.request.period;
    let how = Explanation::of(&measured.kpi, period, &model, calendar, &edition.readings);
    Ok(json!({
        "kpi": view.definition(),
        "language": &*catalog.settings.language,
        "locale": person.locale,
        "period": data::period(period, calendar),
        "as_of": edition.now.to_string(),
        "whole": view.measurement(&measured.whole),
        "inputs": view.inputs(),
        "explanation": data::explanation(&how, calendar),
        "comparisons": measured.changes.iter().map(|change| view.change(change)).collect::<Vec<_>>(),
        "breakdown": view.breakdown(),
        "trend": measured.trend.iter().map(|point| view.point(point)).collect::<Vec<_>>(),
        "history": measured.kpi.target.as_ref().map(|target| view.history(target)),
        "sources": measured.sources.iter().map(|name| source::source(&view, edition, name)).collect::<Vec<_>>(),
    }))
}

/// A KPI as somebody sees it.
struct View<'a> {
    catalog: &'a Catalog,
    calendar: &'a Calendar,
    measured: &'a Measured,
    kpi: &'a Kpi,
    person: &'a Person,
    format: Format,
}

impl View<'_> {
    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(&self.person.language, &self.catalog.settings.language)
    }

    fn definition(&self) -> Json {
        let kpi = self.kpi;
        let place = self.catalog.definitions.place(Kind::Kpi, &kpi.id);
        json!({
            "id": &*kpi.id,
            "name": self.text(&kpi.name),
            "description": kpi.description.as_ref().map(|text| self.text(text)),
            "formula": kpi.formula.text.trim(),
            "unit": data::unit(&kpi.unit),
            "good": kpi.good.map(Good::as_str),
            "where": data::filter(&kpi.filter),
            "over": kpi.over.map(|over| over.to_string()),
            "breakdown": kpi.breakdown.as_deref(),
            "at_least": kpi.at_least.as_ref().map(|at_least| json!({ "of": &*at_least.of.text, "n": at_least.n })),
            "owner": kpi.owner,
            "tags": kpi.tags,
            "place": place.map(|(file, line)| json!({ "file": file, "line": line })),
        })
    }

    fn measurement(&self, measurement: &Measurement) -> Json {
        json!({
            "value": self.value(&measurement.value),
            "target": self.target(measurement.target.as_ref()),
            "verdict": data::verdict(&measurement.verdict),
            "not_judged": not_judged(&measurement.verdict),
            "sample": measurement.sample.as_ref().map(plain),
        })
    }

    /// A value of the KPI.
    fn value(&self, value: &Value) -> Json {
        json!({
            "number": value.number(),
            "missing": value.reason().map(Reason::brief),
            "reason": data::reason(value),
            "shown": self.format.value(value, &self.kpi.unit, self.kpi.decimals),
        })
    }

    /// A difference between two values of the KPI.
    fn amount(&self, amount: f64) -> Json {
        json!({ "number": amount, "shown": self.format.amount(amount, &self.kpi.unit, self.kpi.decimals) })
    }

    fn level(&self, level: Level) -> Json {
        let (low, high) = level.bounds();
        json!({ "low": low, "high": high, "shown": self.format.target(level, self.kpi.good, &self.kpi.unit, self.kpi.decimals) })
    }

    fn target(&self, target: Option<&InForce>) -> Json {
        let Some(target) = target else { return Json::Null };
        let mut level = self.level(target.level);
        level["near"] = json!(target.near);
        level["since"] = json!(target.since.map(|day| day.to_string()));
        level["why"] = json!(target.why);
        level
    }

    /// Each input beside what it was in each of the earlier periods.
    fn inputs(&self) -> Json {
        let measured = self.measured;
        let input = |(at, (input, value)): (usize, &(Input, Value))| {
            let before = measured.changes.iter().map(|change| plain(&change.inputs[at].1)).collect::<Vec<_>>();
            json!({ "input": input.to_string(), "label": self.label(input), "value": plain(value), "before": before })
        };
        measured.whole.inputs.iter().enumerate().map(input).collect()
    }

    /// What readers call an input, if anything but its name.
    fn label(&self, input: &Input) -> Option<&str> {
        let text = match &input.reference {
            Reference::Kpi(id) => &self.catalog.kpi(id)?.name,
            Reference::Measure { source, measure } => self.catalog.sources.get(source)?.labels.get(measure)?,
        };
        Some(self.text(text))
    }

    fn change(&self, change: &Change) -> Json {
        let (kpi, now) = (self.kpi, &self.measured.whole.value);
        let drivers = change.drivers.as_ref().ok().map(|drivers| {
            json!({
                "change": self.amount(drivers.change),
                "exact": drivers.exact,
                "contributions": drivers.contributions.iter().map(|one| self.contribution(one)).collect::<Vec<_>>(),
            })
        });
        json!({
            "against": data::comparison(change.comparison),
            "period": change.period.label(self.calendar),
            "value": self.value(&change.value),
            "change": self.format.change(&change.value, now, &kpi.unit, kpi.decimals),
            "drivers": drivers,
            "no_drivers": change.drivers.as_ref().err().map(|reason| plain(&Value::Missing(reason.clone()))),
            "segments": change.segments.iter().map(|one| self.segment(one)).collect::<Vec<_>>(),
        })
    }

    fn contribution(&self, one: &Contribution) -> Json {
        json!({
            "input": one.input.to_string(),
            "label": self.label(&one.input),
            "from": plain(&one.from),
            "to": plain(&one.to),
            "amount": self.amount(one.amount),
        })
    }

    fn segment(&self, change: &SegmentChange) -> Json {
        json!({
            "segment": change.value.as_deref(),
            "from": self.value(&change.from),
            "to": self.value(&change.to),
            "rate": change.part.map(|part| self.amount(part.rate)),
            "mix": change.part.map(|part| self.amount(part.mix)),
            "amount": change.part.map(|part| self.amount(part.amount())),
        })
    }

    fn breakdown(&self) -> Json {
        let Some(dimension) = &self.kpi.breakdown else { return Json::Null };
        let segment = |one: &Measurement| {
            let mut fields = self.measurement(one);
            fields["segment"] = json!(one.segment.as_ref().and_then(|(_, value)| value.as_deref()));
            fields
        };
        json!({ "dimension": &**dimension, "segments": self.measured.segments.iter().map(segment).collect::<Vec<_>>() })
    }

    fn point(&self, point: &Point) -> Json {
        let period = point.period;
        json!({
            "label": period.label(self.calendar),
            "first": period.first.to_string(),
            "last": period.last().to_string(),
            "running": period.running,
            "value": self.value(&point.value),
            "target": self.target(point.target.as_ref()),
            "verdict": data::verdict(&point.verdict),
            "not_judged": not_judged(&point.verdict),
        })
    }

    /// Every target that the YAML sets, oldest first.
    fn history(&self, target: &Target) -> Json {
        let step =
            |step: &Dated| json!({ "from": step.from.to_string(), "level": self.level(step.level), "why": step.why });
        let (formula, steps) = match &target.goal {
            Goal::Level(level) => (None, vec![json!({ "from": null, "level": self.level(*level), "why": null })]),
            Goal::Dated(steps) => (None, steps.iter().map(step).collect()),
            Goal::Formula(formula) => (Some(formula.text.trim()), Vec::new()),
        };
        json!({ "steps": steps, "formula": formula, "per": target.per.map(|per| per.to_string()), "near": target.near })
    }
}

/// Why there is no verdict: a word for the page to translate, and the sentence that says it.
fn not_judged(verdict: &Verdict) -> Json {
    let Verdict::NotJudged(why) = verdict else { return Json::Null };
    let word = match why {
        Why::NoTarget => "no-target",
        Why::Missing(_) => "missing",
        Why::TargetMissing(_) => "target-missing",
        Why::SampleMissing(_) => "sample-missing",
        Why::SmallSample { .. } => "small-sample",
        Why::PeriodOpen => "period-open",
    };
    json!({ "word": word, "text": data::not_judged(verdict) })
}

/// A value of whatever unit.
fn plain(value: &Value) -> Json {
    json!({ "number": value.number(), "missing": value.reason().map(Reason::brief), "reason": data::reason(value) })
}
