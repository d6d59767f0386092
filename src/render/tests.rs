//! A small report of an invented company, rendered.

use super::*;
use crate::calendar::Cadence;
use crate::formula::Value;
use crate::measure::fixture::kpi;
use crate::measure::{
    Change, Comparison, Good, InForce, Kpi, Level, Measured, Measurement, SegmentChange, Unit, Verdict, Why, decompose,
};
use crate::report::{Facts, Made, Missed, MissedRuns, ReportSpec, Section, Send, Show, Stale};
use crate::text::{Name, Text};
use jiff::civil::{Weekday, date};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

fn calendar() -> Calendar {
    Calendar { zone: TimeZone::get("Europe/Madrid").unwrap(), week_starts: Weekday::Monday, fiscal_year_starts: 1 }
}

fn week() -> Period {
    calendar().containing(Cadence::Week, date(2026, 11, 9))
}

fn both(es: &str, en: &str) -> Text {
    Text::ByLanguage(BTreeMap::from([("es".into(), es.to_owned()), ("en".into(), en.to_owned())]))
}

/// One KPI with the values of its inputs a year ago, the week before and now.
struct Sample {
    kpi: Kpi,
    target: Option<Level>,
    inputs: [Vec<f64>; 3],
    /// Value of the breakdown, its number the week before and now.
    segments: Vec<(Option<Name>, f64, f64)>,
}

impl Sample {
    fn new(id: &str, name: Text, formula: &str, unit: Unit, good: Good, inputs: [&[f64]; 3]) -> Sample {
        let kpi = Kpi { name, unit, good: Some(good), ..kpi(id, formula) };
        Sample { kpi, target: None, inputs: inputs.map(<[f64]>::to_vec), segments: Vec::new() }
    }

    fn target(self, level: Level) -> Sample {
        Sample { target: Some(level), ..self }
    }

    fn measured(self) -> Measured {
        let numbers = |values: &[f64]| values.iter().map(|value| Value::Number(*value)).collect::<Vec<_>>();
        let [year_ago, previous, now] = self.inputs.map(|values| numbers(&values));
        let value = |inputs: &[Value]| self.kpi.formula.eval(|i| inputs[i].clone());
        let target = self.target.map(|level| InForce { level, near: 0.05, since: None, why: None });
        let whole = measurement(None, value(&now), target, self.kpi.good);
        let segments = |(name, _, now): &(Option<Name>, f64, f64)| {
            measurement(Some(("channel".into(), name.clone())), Value::Number(*now), None, self.kpi.good)
        };
        let change = |comparison, before: &[Value]| Change {
            comparison,
            period: week(),
            value: value(before),
            inputs: Vec::new(),
            drivers: decompose(&self.kpi.formula, before, &now),
            segments: self.segments.iter().map(|(name, from, to)| segment_change(name, *from, *to)).collect(),
        };
        Measured {
            whole,
            segments: self.segments.iter().map(segments).collect(),
            others: None,
            contrast: None,
            changes: vec![change(Comparison::Previous, &previous), change(Comparison::YearAgo, &year_ago)],
            trend: Vec::new(),
            kpi: Arc::new(self.kpi),
            sources: Default::default(),
        }
    }
}

fn segment_change(name: &Option<Name>, from: f64, to: f64) -> SegmentChange {
    SegmentChange { value: name.clone(), from: Value::Number(from), to: Value::Number(to), part: None }
}

fn measurement(
    segment: Option<(Name, Option<Name>)>,
    value: Value,
    target: Option<InForce>,
    good: Option<Good>,
) -> Measurement {
    let verdict = match (&value, &target) {
        (Value::Missing(reason), _) => Verdict::NotJudged(Why::Missing(reason.clone())),
        (Value::Number(_), None) => Verdict::NotJudged(Why::NoTarget),
        (Value::Number(number), Some(target)) => target.judge(*number, good.unwrap_or(Good::Neutral)),
    };
    Measurement { period: week(), segment, value, proportion: None, inputs: Vec::new(), sample: None, target, verdict }
}

fn measured() -> Vec<Measured> {
    let cac = Sample::new(
        "cac",
        both("Coste de adquisición de cliente (CAC)", "Customer acquisition cost (CAC)"),
        "(spend.marketing + spend.sales) / customer_base.new",
        Unit::Currency(None),
        Good::Down,
        [&[7000.0, 2600.0, 36.0], &[7400.0, 2680.0, 38.0], &[8600.0, 2900.0, 36.0]],
    );
    let mut leads = Sample::new(
        "leads",
        both("Leads", "Leads"),
        "leads.created",
        Unit::Count,
        Good::Up,
        [&[10890.0], &[12410.0], &[12345.0]],
    );
    leads.segments = vec![
        (Some("organic".into()), 5100.0, 5240.0),
        (Some("<script>alert('x')</script> & \"Otoño 🍂\"".into()), 4310.0, 4105.0),
        (None, 3000.0, 3000.0),
    ];
    leads.kpi.breakdown = Some("channel".into());
    let conversion = Sample::new(
        "conversion",
        both("Conversión de página de aterrizaje", "Landing page conversion"),
        "web.leads / web.visits",
        Unit::Percent,
        Good::Up,
        [&[410.0, 9800.0], &[455.0, 10200.0], &[441.0, 11460.0]],
    );
    let revenue = Sample::new(
        "revenue",
        both("Ventas", "Revenue"),
        "orders.total",
        Unit::Currency(None),
        Good::Up,
        [&[980_000.0], &[1_180_432.1], &[1_234_567.89]],
    );
    let growth = Sample::new("growth", both("Crecimiento", "Growth"), "sales / base - 1", Unit::Percent, Good::Up, {
        [&[1.0, 1.0], &[1.0, 1.0], &[1.0, 0.0]]
    });
    let response = Sample::new(
        "response",
        both("Tiempo de respuesta", "Response time"),
        "leads.hours",
        Unit::Hours,
        Good::Down,
        [&[5.0], &[3.1], &[3.1]],
    );
    let mut response = response.target(Level::Value(3.0)).measured();
    response.sources.insert("ads".into());
    vec![
        cac.target(Level::Value(250.0)).measured(),
        leads.target(Level::Value(12_000.0)).measured(),
        conversion.target(Level::Value(0.04)).measured(),
        revenue.target(Level::Value(1_150_000.0)).measured(),
        growth.target(Level::Value(0.02)).measured(),
        response,
    ]
}

fn report() -> Report {
    let section = |title: Text, text: Option<Text>, kpis: &[&str]| Section {
        title,
        text,
        kpis: kpis.iter().map(|id| Name::from(*id)).collect(),
        show: Show::Table,
    };
    let spec = ReportSpec {
        id: "weekly_b2b".into(),
        title: both("Informe semanal de ventas B2B", "Weekly B2B sales report"),
        schedule: None,
        calendar: calendar(),
        period: Cadence::Week,
        to_date: false,
        compare: vec![Comparison::Previous, Comparison::YearAgo],
        trend: 0,
        to: Vec::new(),
        cc_admin: false,
        send: Send::Always,
        attach: Vec::new(),
        missed: MissedRuns { policy: Missed::Latest, within: None },
        sections: vec![
            section(
                both("Captación", "Acquisition"),
                Some(both("Campaña de otoño en marcha.", "Autumn campaign running.")),
                &["leads", "conversion", "cac"],
            ),
            section(both("Ventas", "Sales"), None, &["revenue", "growth", "response"]),
        ],
        template: None,
    };
    let stale = Stale { source: "ads".into(), newest: Some(date(2026, 11, 13)), kpis: Vec::new() };
    let made = Made::new(week(), "2026-11-16T07:00:00Z".parse().unwrap());
    Report::build(&spec, measured(), Facts { stale: vec![stale], ..Facts::new(made) })
}

fn person(language: &str, locale: &str) -> Person {
    Person { name: None, email: "ana@example.com".into(), language: language.into(), locale: locale.into() }
}

fn letter(language: &str, locale: &str) -> Letter {
    let renderer = Renderer::new(None, "es".into(), "EUR").unwrap();
    renderer.render(&report(), &person(language, locale)).unwrap()
}

/// A folder of its own for templates.
fn folder(name: &str, file: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kpid-render-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file), text).unwrap();
    folder
}

#[test]
fn subject_carries_title_period_and_counts() {
    let expected =
        "Informe semanal de ventas B2B · 2026-W46 · 1 fuera de objetivo, 2 cerca, 2 en objetivo, 1 sin valorar";
    assert_eq!(letter("es", "es-ES").subject, expected);
    let expected = "Weekly B2B sales report · 2026-W46 · 1 off target, 2 near, 2 on target, 1 not judged";
    assert_eq!(letter("en", "en-GB").subject, expected);
}

#[test]
fn text_twin_reads_as_a_report() {
    let text = letter("es", "es-ES").text.replace('\u{a0}', " ");
    assert_eq!(text, include_str!("tests/weekly.es.txt"));
}

#[test]
fn rows_are_small_enough_for_many() {
    // A mail is clipped near 100 kB; three KPIs with three segments between them are a small part of that.
    let html = letter("es", "es-ES").html;
    let block = &html[html.find("<tbody>").unwrap()..html.find("</tbody>").unwrap()];
    assert!(block.len() / block.matches("<tr").count() < 450, "{block}");
}

#[test]
fn text_fits_78_columns() {
    for (language, locale) in [("es", "es-ES"), ("en", "en-US")] {
        for line in letter(language, locale).text.lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
    }
}

#[test]
fn values_are_never_markup() {
    let html = letter("en", "en-GB").html;
    assert!(html.contains("&lt;script&gt;alert"), "the campaign's name is shown");
    assert!(!html.contains("<script"), "and escaped");
    assert!(letter("en", "en-GB").text.contains("<script>alert('x')</script> & \"Otoño 🍂\": 4,105"));
}

#[test]
fn overridden_template_is_escaped_as_well() {
    let folder = folder("escaped", "report.html", "{% for row in blocks[0].rows %}{{ row.name }};{% endfor %}");
    let renderer = Renderer::new(Some(&folder), "es".into(), "EUR").unwrap();
    let html = renderer.render(&report(), &person("en", "en-GB")).unwrap().html;
    assert!(html.starts_with("Leads;organic;&lt;script&gt;"), "{html}");
}

#[test]
fn template_with_an_unknown_name_says_where() {
    let folder = folder("unknown", "subject.txt", "{{ title }} {{ verdict }}");
    let renderer = Renderer::new(Some(&folder), "es".into(), "EUR").unwrap();
    let error = renderer.render(&report(), &person("en", "en-GB")).unwrap_err().to_string();
    assert!(error.starts_with("template: ") && error.contains("subject.txt") && error.contains("verdict"), "{error}");
}

#[test]
fn html_and_text_show_the_same_values() {
    let Letter { html, text, .. } = letter("es", "es-ES");
    for value in ["319,44", "12.345", "3,8", "1.234.568", "5240", "3,1", "≤ 250", "≥ 4", "+20,4", "-0,6"] {
        assert!(html.contains(value) && text.contains(value), "{value}");
    }
}

#[test]
fn document_is_accessible_and_small() {
    let html = letter("es", "es-ES").html;
    assert!(html.starts_with("<!doctype html>\n<html lang=\"es\">\n<head>\n<meta charset=\"utf-8\">"));
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(html.len() < 90 * 1024);
}

#[test]
fn locale_that_is_none_is_an_error() {
    let renderer = Renderer::new(None, "es".into(), "EUR").unwrap();
    let error = renderer.render(&report(), &person("es", "español de España")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "CLDR knows no locale `español de España`; write language and region as in es-ES or en-GB"
    );
}

#[test]
fn period_is_labelled_with_its_days() {
    let check = |cadence, expected| {
        let period = calendar().containing(cadence, date(2026, 11, 9));
        assert_eq!(period_label(&period, &calendar()), expected);
    };
    check(Cadence::Day, "2026-11-09");
    check(Cadence::Week, "2026-W46 (2026-11-09 – 2026-11-15)");
    check(Cadence::Month, "2026-11 (2026-11-01 – 2026-11-30)");
    let running = calendar().running(Cadence::Week, "2026-11-11T12:00:00Z".parse().unwrap());
    assert_eq!(period_label(&running, &calendar()), "2026-W46 (2026-11-09 – 2026-11-11)");
}

#[test]
fn long_lines_break_at_spaces_and_keep_their_indent() {
    let check = |text, expected| assert_eq!(wrapped(text, 12), expected);
    check("one two three four", "one two\n  three four\n");
    check("  one two three", "  one two\n    three\n");
    check("12345678901234 a", "12345678901234\n  a\n");
    check("a 12\u{a0}34\u{a0}56 7890", "a 12\u{a0}34\u{a0}56\n  7890\n");
    check("\n\nx  \n", "\n\nx\n");
}
