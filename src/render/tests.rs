//! Letters and pages of a small report. Whole ones are kept in `tests/golden/reports/`; here is what holds of each.

use super::*;
use crate::calendar::Cadence;
use crate::measure::fixture::{Row, calendar, kpi, week, world};
use crate::measure::{Comparison, Goal, Kpi, Level, Target, Unit};
use crate::report::{Facts, Made, ReportSpec};
use std::path::PathBuf;

const HOSTILE: &str = "<script>alert('x')</script> & \"Otoño 🍂\"";

fn rows() -> Vec<Row<'static>> {
    let week = |day, factor: f64| {
        let row = move |channel, visits, leads| (day, channel, "m", visits * factor, leads * factor, 0.0);
        [row(HOSTILE, 900.0, 40.0), row("organic", 400.0, 25.0), row("paid", 300.0, 9.0), row("tv", 90.0, 1.0)]
    };
    [week("2026-11-04", 1.0), week("2026-11-11", 0.75)].concat()
}

fn kpis() -> Vec<Kpi> {
    let target =
        |value| Some(Target { goal: Goal::Level(Level::Value(value)), near: 0.05, per: None, by: Default::default() });
    let leads = Kpi {
        unit: Unit::Count,
        breakdown: Some("channel".into()),
        target: target(60.0),
        ..kpi("leads", "sales.leads")
    };
    let rate = Kpi { unit: Unit::Percent, target: target(0.04), ..kpi("rate", "sales.leads / sales.visits") };
    vec![Kpi { name: "Leads de la semana, con un nombre que no es corto".into(), ..leads }, rate]
}

fn report() -> Report {
    let measured: Vec<_> = kpis().into_iter().map(|kpi| world(&rows(), &[], vec![kpi]).measure("2026-W46")).collect();
    let ids = measured.iter().map(|measured| measured.kpi.id.clone()).collect();
    let spec = ReportSpec {
        title: "Informe".into(),
        compare: vec![Comparison::Previous, Comparison::YearAgo],
        ..ReportSpec::of_kpis(ids, calendar(), Cadence::Week)
    };
    let made = Made::new(week("2026-W46"), "2026-11-16T07:00:00Z".parse().unwrap());
    Report::build(&spec, measured, Facts::new(made))
}

fn audience(locale: &str) -> Audience {
    Audience { language: locale[..2].into(), locale: locale.to_owned() }
}

fn renderer() -> Renderer {
    Renderer::new(None, "es".into(), "EUR").unwrap()
}

fn letter(locale: &str) -> Letter {
    renderer().letter(&report(), &audience(locale)).unwrap()
}

/// A folder of its own for one template, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, file: &str, text: &str) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("kpid-render-{}-{name}", std::process::id())));
        std::fs::create_dir_all(&folder.0).unwrap();
        std::fs::write(folder.0.join(file), text).unwrap();
        folder
    }

    fn renderer(&self) -> Renderer {
        Renderer::new(Some(&self.0), "es".into(), "EUR").unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn subject_is_one_line_of_title_period_and_counts() {
    assert_eq!(letter("es-ES").subject, "Informe · 9–15 nov 2026 · 1 fuera de objetivo, 1 en objetivo");
    let folder = Folder::new("subject", "subject.txt", "{{ title }}\n\n  {{ summary }}\n");
    let subject = folder.renderer().letter(&report(), &audience("en-GB")).unwrap().subject;
    assert_eq!(subject, "Informe 1 off target, 1 on target");
}

#[test]
fn empty_subject_is_an_error_and_names_its_template() {
    let folder = Folder::new("no-subject", "subject.txt", "{% if link %}\n \u{a0}{% endif %}\n");
    let error = folder.renderer().letter(&report(), &audience("en-GB")).unwrap_err();
    assert_eq!(error.to_string(), "template subject.txt gives nothing; a mail needs a subject");
}

#[test]
fn glossary_writes_the_numbers_of_formulas_as_the_reader_does() {
    let world = world(&rows(), &[], vec![kpi("gross", "sales.leads * 1.21 / 1000")]);
    let spec = ReportSpec::of_kpis(vec!["gross".into()], calendar(), Cadence::Week);
    let facts = Facts::new(Made::new(week("2026-W46"), "2026-11-16T07:00:00Z".parse().unwrap()));
    let report = Report::build(&spec, vec![world.measure("2026-W46")], facts);
    let check = |locale, expected| {
        let context = renderer().context(&report, &audience(locale)).unwrap();
        assert_eq!(context["glossary"][0]["formula"], expected);
    };
    check("es-ES", "leads (sales) × 1,21 ÷ 1000");
    check("en-GB", "leads (sales) × 1.21 ÷ 1,000");
}

#[test]
fn text_fits_78_columns() {
    for locale in ["es-ES", "en-US"] {
        for line in letter(locale).text.lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
    }
}

#[test]
fn values_are_never_markup() {
    let letter = letter("en-GB");
    let page = renderer().page(&report(), &audience("en-GB")).unwrap();
    for html in [&letter.html, &page] {
        assert!(html.contains("&lt;script&gt;alert"), "the channel's name is shown");
        assert!(!html.contains("<script"), "and escaped");
    }
    assert!(letter.text.contains(&format!("{HOSTILE}: 30")), "{}", letter.text);
}

#[test]
fn overridden_template_is_escaped_as_well() {
    let template = "{% for part in blocks[0].rows[0].parts.rows %}{{ part.name }};{% endfor %}";
    let folder = Folder::new("escaped", "report.html", template);
    let html = folder.renderer().letter(&report(), &audience("en-GB")).unwrap().html;
    assert!(html.starts_with("&lt;script&gt;alert(") && html.contains(";organic;"), "{html}");
}

#[test]
fn template_with_an_unknown_name_says_where() {
    let folder = Folder::new("unknown", "subject.txt", "{{ title }} {{ verdict }}");
    let error = Renderer::new(Some(&folder.0), "es".into(), "EUR").unwrap_err().to_string();
    assert!(error.starts_with("template subject.txt:1:") && error.contains("verdict"), "{error}");
}

#[test]
fn letter_has_the_pictures_that_its_html_names() {
    let letter = letter("es-ES");
    let names: Vec<&str> = letter.images.iter().map(|image| &*image.name).collect();
    assert_eq!(names, ["trend-1", "trend-2", "bar"]);
    let folder = Folder::new("pictures", "report.html", "<img src=\"cid:bar\"><p>cid:trend-1</p>");
    let images = folder.renderer().letter(&report(), &audience("es-ES")).unwrap().images;
    assert_eq!(images.iter().map(|image| &*image.name).collect::<Vec<_>>(), ["bar"]);
}

#[test]
fn document_says_its_language_and_page_needs_nothing_else() {
    let html = letter("es-ES").html;
    assert!(html.starts_with("<!doctype html>\n<html lang=\"es\" dir=\"ltr\">"), "{html}");
    let page = renderer().page(&report(), &audience("es-ES")).unwrap();
    for outside in ["src=", "url(", "@import", "<script", "<link", "cid:"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for document in [html, page] {
        assert_eq!(document.matches("<h1").count(), 1);
    }
}

#[test]
fn language_without_texts_reads_as_the_installations() {
    let letter = renderer().letter(&report(), &audience("de-DE")).unwrap();
    assert!(
        letter.html.contains("<html lang=\"es\"") && letter.subject.contains("fuera de objetivo"),
        "{}",
        letter.subject
    );
}

#[test]
fn locale_that_is_none_is_an_error() {
    let audience = Audience { language: "es".into(), locale: "español de España".to_owned() };
    let error = renderer().letter(&report(), &audience).unwrap_err();
    let expected = "CLDR knows no locale `español de España`; write language and region as in es-ES or en-GB";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn long_lines_break_at_spaces_and_keep_their_indent() {
    let check = |text: &str, expected| assert_eq!(wrap::wrapped(text, 12), expected);
    check("one two three four", "one two\n  three four\n");
    check("  one two three", "  one two\n    three\n");
    check("12345678901234 a", "1234567890\n  1234 a\n");
    check(&format!("{}one two three", " ".repeat(200)), "      one\n        two\n        thre\n        e\n");
    check("see https://a.example/b c", "see\n  https://a.example/b\n  c\n");
    check("⚡⚡⚡ ⚡⚡⚡", "⚡⚡⚡\n  ⚡⚡⚡\n");
    check("a 12\u{a0}34\u{a0}56 7890", "a 12\u{a0}34\u{a0}56\n  7890\n");
    check("\n\nx  \n", "\n\nx\n");
}

/// A1, A10
#[test]
fn late_edition_says_by_how_much_and_how_many_were_left_out_before_it() {
    let mut report = report();
    report.made.scheduled = Some("2026-11-16T07:00:00Z".parse().unwrap());
    let punctual = renderer().letter(&report, &audience("es-ES")).unwrap();
    assert!(!punctual.text.contains("retraso") && !punctual.text.contains("omitido"), "{}", punctual.text);
    report.made.late = Some(jiff::SignedDuration::from_mins(125));
    report.made.skipped = 1;
    for (locale, late, skipped) in [
        ("es-ES", "07:00 · con 2 h 5 min de retraso · Datos", "Se ha omitido una edición programada antes de esta."),
        ("en-GB", "07:00 · late by 2 h 5 min · Data", "One scheduled edition before this one was left out."),
    ] {
        let letter = renderer().letter(&report, &audience(locale)).unwrap();
        let page = renderer().page(&report, &audience(locale)).unwrap();
        let plain = letter.text.replace("\n  ", " ").replace('\u{a0}', " ");
        for said in [plain, letter.html.replace('\u{a0}', " "), page.replace('\u{a0}', " ")] {
            assert!(said.contains(late) && said.contains(skipped), "{said}");
        }
        let json = renderer().json(&report, &audience(locale)).unwrap();
        assert_eq!((&json["late_seconds"], &json["skipped"]), (&7500.into(), &1.into()));
    }
    report.made.skipped = 3;
    let letter = renderer().letter(&report, &audience("es-ES")).unwrap();
    assert!(letter.text.contains("Se han omitido 3 ediciones programadas antes de esta."), "{}", letter.text);
}
