//! What a reader must know to trust the numbers.

use super::{Facts, History, Row};
use crate::calendar::{Calendar, Period};
use crate::formula::{Formula, Reason, Value};
use crate::measure::{Goal, Kpi, Level, Measured, Measurement, Target, Verdict, Why};
use crate::text::{Name, Text};
use jiff::civil::Date;
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct Notes {
    pub failed: Vec<Failed>,
    /// Sources whose data is older than promised.
    pub stale: Vec<Stale>,
    /// Why values are missing, with the KPIs that each reason took; failed sources aside, which stand in `failed`.
    pub missing: Vec<(Reason, Vec<Text>)>,
    pub small: Vec<Small>,
    pub retargeted: Vec<Retargeted>,
    pub restated: Vec<Restated>,
    /// Whether the period has not ended yet.
    pub running: bool,
}

/// A source that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub source: Name,
    /// Fit to show a reader.
    pub why: String,
    /// The KPIs of the report that read it.
    pub kpis: Vec<Text>,
}

/// A source whose data is older than promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub source: Name,
    /// The day of its newest data; absent when it has none at all.
    pub newest: Option<Date>,
    /// The KPIs of the report that read it.
    pub kpis: Vec<Text>,
}

/// A sample that is too small to judge by.
#[derive(Debug, Clone, PartialEq)]
pub struct Small {
    pub kpi: Text,
    /// The sample; of several segments the largest of theirs.
    pub has: f64,
    pub needs: f64,
    /// How many segments are too small; 0 when the whole is.
    pub segments: usize,
}

/// A target that isn't what it was in the period before.
#[derive(Debug, Clone)]
pub struct Retargeted {
    pub kpi: Arc<Kpi>,
    /// What the earlier target would be for this period; absent when there was none.
    pub from: Option<Level>,
    /// What it is.
    pub to: Level,
    pub since: Date,
    pub why: Option<String>,
}

/// A number that an earlier edition told and that has changed since.
#[derive(Debug, Clone)]
pub struct Restated {
    pub kpi: Arc<Kpi>,
    pub period: Period,
    pub told: f64,
    pub now: f64,
}

impl Notes {
    /// What there is to say about `rows`, each KPI once.
    pub(super) fn of(rows: &[Arc<Row>], facts: &Facts, calendar: &Calendar) -> Notes {
        let concerned = |source: &Name| -> Vec<Text> {
            rows.iter().filter(|row| concerns(row, source)).map(|row| row.measured.kpi.name.clone()).collect()
        };
        let failed = facts.failed.iter().map(|note| Failed { kpis: concerned(&note.source), ..note.clone() });
        let stale = facts.stale.iter().map(|note| Stale { kpis: concerned(&note.source), ..note.clone() });
        Notes {
            failed: failed.collect(),
            stale: stale.collect(),
            missing: missing(rows, &facts.failed),
            small: rows.iter().filter_map(|row| small(&row.measured)).collect(),
            retargeted: rows.iter().filter_map(|row| retargeted(&row.measured, calendar)).collect(),
            restated: rows.iter().flat_map(|row| restated(&row.measured, &facts.history)).collect(),
            running: facts.made.period.running,
        }
    }
}

/// Whether what `source` says matters to the KPI: to its value, its sample or its target.
fn concerns(row: &Row, source: &Name) -> bool {
    let why = match &row.measured.whole.verdict {
        Verdict::NotJudged(Why::Missing(reason) | Why::TargetMissing(reason) | Why::SampleMissing(reason)) => {
            Some(reason)
        }
        _ => None,
    };
    let failed = matches!(why, Some(Reason::SourceFailed { source: failed, .. }) if failed == source);
    failed || row.measured.sources.contains(source)
}

fn missing(rows: &[Arc<Row>], failed: &[Failed]) -> Vec<(Reason, Vec<Text>)> {
    let told = |reason: &Reason| match reason {
        Reason::SourceFailed { source, .. } => failed.iter().any(|note| note.source == *source),
        _ => false,
    };
    let mut found: Vec<(Reason, Vec<Text>)> = Vec::new();
    for row in rows {
        let reason = match &row.measured.whole.verdict {
            Verdict::NotJudged(Why::Missing(reason) | Why::TargetMissing(reason) | Why::SampleMissing(reason)) => {
                reason
            }
            _ => continue,
        };
        if told(reason) {
            continue;
        }
        let name = row.measured.kpi.name.clone();
        match found.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(name),
            None => found.push((reason.clone(), vec![name])),
        }
    }
    found
}

/// The whole when its sample is too small; else the segments whose samples are.
fn small(measured: &Measured) -> Option<Small> {
    let sample = |measurement: &Measurement| match measurement.verdict {
        Verdict::NotJudged(Why::SmallSample { has, needs }) => Some((has, needs)),
        _ => None,
    };
    let kpi = measured.kpi.name.clone();
    if let Some((has, needs)) = sample(&measured.whole) {
        return Some(Small { kpi, has, needs, segments: 0 });
    }
    let samples: Vec<(f64, f64)> = measured.segments.iter().filter_map(sample).collect();
    let (has, needs) = samples.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Small { kpi, has, needs, segments: samples.len() })
}

/// A dated target that moved since the previous period ended.
fn retargeted(measured: &Measured, calendar: &Calendar) -> Option<Retargeted> {
    let (kpi, whole) = (&measured.kpi, &measured.whole);
    let (target, now) = (kpi.target.as_ref()?, whole.target.as_ref()?);
    let (Goal::Dated(steps), Some(since)) = (&target.goal, now.since) else { return None };
    let before = calendar.previous(whole.period).last();
    if since <= before {
        return None;
    }
    let on = |day: Date| steps.iter().rev().find(|step| step.from <= day).map(|step| step.level);
    // A step may only give a new reason.
    if on(before) == on(since) {
        return None;
    }
    // As if the earlier level held all through: for an amount per quarter both are then a week's part of it.
    let earlier = |level| {
        let earlier = Target { goal: Goal::Level(level), ..target.clone() };
        let no_formula = |_: &Formula| Value::Missing(Reason::NoRow { what: kpi.id.clone() });
        earlier.in_force(whole.period, calendar, no_formula).ok()
    };
    Some(Retargeted {
        kpi: kpi.clone(),
        from: on(before).and_then(earlier).map(|target| target.level),
        to: now.level,
        since,
        why: now.why.clone(),
    })
}

/// What was told last about each period that is shown again, where it is no longer so; oldest period first.
fn restated(measured: &Measured, history: &History) -> Vec<Restated> {
    let whole = (measured.whole.period, &measured.whole.value);
    let changes = measured.changes.iter().map(|change| (change.period, &change.value));
    let mut shown: Vec<(Period, f64)> = measured
        .trend
        .iter()
        .map(|point| (point.period, &point.value))
        .chain(changes)
        .chain([whole])
        .filter_map(|(period, value)| Some((period, value.number()?)))
        .collect();
    shown.sort_by_key(|(period, _)| period.window);
    shown.dedup_by_key(|(period, _)| *period);
    let told = |period: Period| {
        let editions = history.0.iter().rev().filter(|edition| edition.period == period);
        editions.filter_map(|edition| edition.values.get(&measured.kpi.id)).next().copied()
    };
    let restated = |(period, now): (Period, f64)| {
        let told = told(period)?;
        let differs = (told - now).abs() > SAME * told.abs().max(now.abs());
        differs.then(|| Restated { kpi: measured.kpi.clone(), period, told, now })
    };
    shown.into_iter().filter_map(restated).collect()
}

/// Databases add floats in an order of their own: less than this share apart is no difference.
const SAME: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Cadence;
    use crate::measure::fixture::{Row as Read, calendar, filter, formula, kpi, week, world};
    use crate::measure::{AtLeast, Dated};
    use crate::report::fixture::report;
    use crate::report::{Edition, Made};
    use jiff::civil::date;
    use std::collections::BTreeMap;

    const ROWS: [Read; 4] = [
        ("2025-11-12", "paid", "m", 80.0, 6.0, 0.0),
        ("2026-11-04", "paid", "m", 90.0, 9.0, 0.0),
        ("2026-11-11", "paid", "m", 100.0, 8.0, 0.0),
        ("2026-11-11", "organic", "m", 4.0, 1.0, 0.0),
    ];

    fn measured(kpi: Kpi) -> Measured {
        world(&ROWS, &[], vec![kpi]).measure("2026-W46")
    }

    fn facts() -> Facts {
        Facts::new(Made::new(week("2026-W46"), jiff::Timestamp::UNIX_EPOCH))
    }

    fn names(kpis: &[Text]) -> Vec<&str> {
        kpis.iter().map(|kpi| kpi.get("en", "en")).collect()
    }

    #[test]
    fn notes_on_a_source_name_the_kpis_it_matters_to() {
        let down = || Reason::SourceFailed { source: "budget".into(), why: "no answer".into() };
        let mut by_target = measured(kpi("target", "sales.leads"));
        by_target.whole.verdict = Verdict::NotJudged(Why::TargetMissing(down()));
        let mut by_value = measured(kpi("value", "base.customers"));
        by_value.whole.value = Value::Missing(down());
        by_value.whole.verdict = Verdict::NotJudged(Why::Missing(down()));
        by_value.sources = ["budget".into()].into();
        let mut elsewhere = measured(kpi("elsewhere", "base.customers"));
        let none = || Reason::NoRow { what: "base.customers".into() };
        elsewhere.whole.value = Value::Missing(none());
        elsewhere.whole.verdict = Verdict::NotJudged(Why::Missing(none()));
        let facts = Facts {
            failed: vec![Failed { source: "budget".into(), why: "no answer".to_owned(), kpis: Vec::new() }],
            stale: vec![Stale { source: "sales".into(), newest: Some(date(2026, 11, 12)), kpis: Vec::new() }],
            ..facts()
        };
        let notes = report(vec![by_target, by_value, elsewhere], facts).notes;
        assert_eq!(names(&notes.failed[0].kpis), ["target", "value"]);
        assert_eq!(names(&notes.stale[0].kpis), ["target"]);
        // Why the failed source took a value has been said.
        let what = |missing: &(Reason, Vec<Text>)| (missing.0.to_string(), missing.1.clone());
        let expected = ("no data for base.customers".to_owned(), vec![Text::from("elsewhere")]);
        assert_eq!(notes.missing.iter().map(what).collect::<Vec<_>>(), [expected]);
        assert!(!notes.running);
    }

    #[test]
    fn small_samples_are_told_of_the_whole_or_else_of_segments() {
        let sampled = |id: &str, n| Kpi {
            at_least: Some(AtLeast { of: formula("sales.visits"), n }),
            breakdown: Some("channel".into()),
            ..kpi(id, "sales.leads / sales.visits")
        };
        let kpis = vec![sampled("all", 200.0), sampled("some", 50.0), sampled("none", 1.0)];
        let notes = report(kpis.into_iter().map(measured).collect(), facts()).notes;
        let small = |kpi: &str, has, needs, segments| Small { kpi: kpi.into(), has, needs, segments };
        assert_eq!(notes.small, [small("all", 104.0, 200.0, 0), small("some", 4.0, 50.0, 1)]);
    }

    fn dated(steps: &[(Date, f64)], per: Option<Cadence>) -> Kpi {
        let step = |(from, value): &(Date, f64)| Dated {
            from: *from,
            level: Level::Value(*value),
            why: Some(format!("why {value}")),
        };
        let goal = Goal::Dated(steps.iter().map(step).collect());
        Kpi { target: Some(Target { goal, near: 0.05, per, by: BTreeMap::new() }), ..kpi("k", "sales.leads") }
    }

    #[test]
    fn target_that_moved_since_the_period_before_is_told() {
        let told = |steps: &[(Date, f64)]| {
            let notes = report(vec![measured(dated(steps, None))], facts()).notes;
            notes.retargeted.into_iter().map(|note| (note.from, note.to, note.since, note.why)).next()
        };
        let (long_ago, before, monday) = (date(2026, 1, 1), date(2026, 11, 8), date(2026, 11, 9));
        let value = Level::Value;
        let expected = Some((Some(value(7.0)), value(9.0), monday, Some("why 9".to_owned())));
        assert_eq!(told(&[(long_ago, 7.0), (monday, 9.0)]), expected);
        assert_eq!(told(&[(monday, 9.0)]), Some((None, value(9.0), monday, Some("why 9".to_owned()))));
        assert_eq!(told(&[(long_ago, 7.0), (before, 9.0)]), None, "the period before was judged by it, too");
        assert_eq!(told(&[(long_ago, 9.0), (monday, 9.0)]), None, "only its reason is new");
        assert_eq!(told(&[(long_ago, 9.0), (date(2026, 12, 1), 10.0)]), None, "not yet");
    }

    #[test]
    fn target_per_quarter_is_compared_as_this_periods_part_of_it() {
        let kpi = dated(&[(date(2026, 1, 1), 92.0), (date(2026, 11, 9), 184.0)], Some(Cadence::Quarter));
        let notes = report(vec![measured(kpi)], facts()).notes;
        let round = |level: Level| (level.bounds().0 * 1e9).round() / 1e9;
        assert_eq!((notes.retargeted[0].from.map(round), round(notes.retargeted[0].to)), (Some(7.0), 14.0));
    }

    fn edition(label: &str, values: &[(&str, f64)]) -> Edition {
        Edition { period: week(label), values: values.iter().map(|(id, value)| (Name::from(*id), *value)).collect() }
    }

    #[test]
    fn number_that_an_earlier_edition_told_otherwise_is_restated() {
        let restated = |kpi: Kpi, editions: Vec<Edition>| -> Vec<_> {
            let facts = Facts { history: History(editions), ..facts() };
            let notes = report(vec![measured(kpi)], facts).notes;
            notes.restated.iter().map(|note| (note.period.label(&calendar()), note.told, note.now)).collect()
        };
        let leads = || kpi("leads", "sales.leads");
        let told = |label: &str, value| edition(label, &[("leads", value), ("other", 1.0)]);
        let expected = [("2025-W46".to_owned(), 5.0, 6.0), ("2026-W45".to_owned(), 7.0, 9.0)];
        assert_eq!(restated(leads(), vec![told("2026-W45", 7.0), told("2025-W46", 5.0)]), expected);
        assert_eq!(restated(leads(), vec![told("2026-W45", 7.0), told("2026-W45", 9.0)]), [], "the last one said so");
        assert_eq!(restated(leads(), vec![told("2026-W45", 9.0 * (1.0 + 1e-12))]), [], "rounding");
        assert_eq!(restated(leads(), vec![told("2026-W30", 7.0)]), [], "not shown");
        assert_eq!(restated(leads(), vec![told("2026-W45", f64::NAN)]), [], "no number");
        let nobody = Kpi { filter: filter("channel", &["tv"]), ..kpi("leads", "sales.stock") };
        assert_eq!(restated(nobody, vec![told("2026-W45", 7.0)]), [], "missing now is told as missing");
    }

    #[test]
    fn running_period_is_told() {
        let mut facts = facts();
        facts.made.period.running = true;
        assert!(report(vec![measured(kpi("k", "sales.leads"))], facts).notes.running);
    }
}
