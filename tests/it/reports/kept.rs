//! Editions kept in `tests/golden/reports/`, each folder a case: `input.yaml` over `rows.sql`, and per locale what its readers get.
//!
//! The HTML of a case stands once where the other locales differ in words and numbers alone, which their plain text shows.

use super::edition::{self, Edition, Rendered, audience};
use super::python;
use crate::checklist::findings;
use crate::golden;
use crate::installation::Folder;
use crate::mail::python::{Part, Python};
use kpid::report::{File, History};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

/// A Monday morning: the week that is reported is 2026-W47.
const MONDAY: &str = "2026-11-23T08:00";

/// What is kept of an edition for the readers of one locale.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    /// Subject and plain text.
    Text,
    /// The HTML and the mail around it as well.
    Mail,
    /// And the cells of the workbook, and the CSV.
    Files,
}

const SMALL: [(&str, Keep); 2] = [("es-ES", Keep::Files), ("en-US", Keep::Text)];

async fn edition_of(
    case: &str,
    report: &str,
    as_of: &str,
    history: impl Fn(&kpid::calendar::Calendar) -> History,
) -> Edition {
    let folder = Folder::new();
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/reports").join(case).join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let catalog = edition::catalog(&folder, &read("input.yaml"), &read("rows.sql")).await;
    let history = history(&catalog.settings.calendar);
    edition::made(&catalog, report, as_of, history).await
}

async fn small(case: &str) -> Edition {
    edition_of(case, "weekly", MONDAY, |_| History::default()).await
}

/// Compares what readers get with what is kept, and that it is the same when it is made again.
fn check(case: &str, edition: &Edition, locales: &[(&str, Keep)]) {
    for (locale, keep) in locales {
        let kept = |name: &str, text: &str| golden::check(&format!("reports/{case}/{locale}/{name}"), text);
        let letter = edition.letter(&audience(locale));
        kept("subject.txt", &format!("{}\n", letter.subject));
        kept("mail.txt", &letter.text);
        if *keep == Keep::Text {
            continue;
        }
        let rendered = edition.rendered(&audience(locale));
        assert!(letter == rendered.letter, "{case} in {locale} differs when it is made again");
        kept("mail.html", &rendered.letter.html);
        if let Some(mail) = mail(&rendered) {
            kept("mail.eml.txt", &mail);
        }
        if *keep == Keep::Mail {
            continue;
        }
        if let Some(cells) = cells(&rendered.xlsx) {
            kept("cells.txt", &cells);
        }
        if !rendered.letter.attachments.is_empty() && rendered.csv.len() < 20_000 {
            kept("report.csv", &rendered.csv);
        }
    }
}

fn cells(xlsx: &[u8]) -> Option<String> {
    let folder = Folder::new();
    let path = folder.path().join("report.xlsx");
    std::fs::write(&path, xlsx).unwrap();
    python::run(include_str!("cells.py"), &[&path])
}

/// Headers, and the tree of parts with a digest of each.
fn mail(rendered: &Rendered) -> Option<String> {
    let message = Python::start()?.read(&rendered.eml);
    assert_eq!(message.defects(), Vec::<&String>::new());
    let mut text = String::new();
    for (name, value) in &message.headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    part(&message, 0, &mut text);
    let [plain, html] = ["text/plain", "text/html"].map(|kind| {
        let bodies = message.walk().into_iter().filter(|part| part.kind == kind && part.file.is_none());
        bodies.map(Part::text).next().unwrap()
    });
    assert_eq!(plain, rendered.letter.text);
    // Names of pictures became addresses.
    assert_eq!(html.lines().count(), rendered.letter.html.lines().count());
    let attached: Vec<Vec<u8>> = message
        .walk()
        .iter()
        .filter(|part| part.disposition.as_deref() == Some("attachment"))
        .map(|p| p.bytes())
        .collect();
    let files: Vec<&Vec<u8>> = rendered.letter.attachments.iter().map(|File { bytes, .. }| bytes).collect();
    assert_eq!(attached.iter().collect::<Vec<_>>(), files);
    Some(text)
}

fn part(part: &Part, depth: usize, text: &mut String) {
    write!(text, "\n{:1$}{2}", "", depth * 2, part.kind).unwrap();
    let bytes = part.bytes();
    let digest: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let said = [&part.charset, &part.encoding, &part.disposition, &part.file, &part.id];
    for said in said.into_iter().flatten() {
        write!(text, " · {said}").unwrap();
    }
    if part.parts.is_empty() {
        write!(text, " · {} bytes, sha256 {digest}", bytes.len()).unwrap();
    }
    part.parts.iter().for_each(|inner| self::part(inner, depth + 1, text));
    if depth == 0 {
        text.push('\n');
    }
}

#[tokio::test]
async fn demo_week() {
    let folder = Folder::new();
    let catalog = edition::demo(folder.path(), "2026-11-23").await;
    let edition = edition::made(&catalog, "weekly_b2b", MONDAY, History::default()).await;
    let locales = [("es-ES", Keep::Files), ("en-GB", Keep::Mail), ("es-MX", Keep::Text), ("en-US", Keep::Text)];
    check("demo_week", &edition, &locales);
}

#[tokio::test]
async fn everything_missing() {
    check("missing", &small("missing").await, &SMALL);
}

#[tokio::test]
async fn one_database_down() {
    check("database_down", &small("database_down").await, &SMALL);
}

#[tokio::test]
async fn first_week_ever() {
    check("first_week", &small("first_week").await, &SMALL);
    let bare = edition_of("first_week", "bare", MONDAY, |_| History::default()).await;
    check("first_week/bare", &bare, &[("es-ES", Keep::Mail), ("en-US", Keep::Text)]);
}

#[tokio::test]
async fn running_period() {
    let edition = edition_of("running", "daily", "2026-11-25T12:00", |_| History::default()).await;
    check("running", &edition, &SMALL);
}

#[tokio::test]
async fn hostile_names() {
    let edition = small("hostile").await;
    check("hostile", &edition, &SMALL);
    let Rendered { letter, page, .. } = edition.rendered(&audience("es-ES"));
    for html in [&letter.html, &page] {
        for markup in
            ["<script", "<b>&amp;</b>", "<b>bold", "<u>", "<img src=x", "campaña <i>", "</style><img", "=\"javascript:"]
        {
            assert!(!html.contains(markup), "{markup} in {html}");
        }
        assert!(html.contains("&lt;script&gt;alert("));
    }
}

#[tokio::test]
async fn negative_and_huge_numbers() {
    let all = [("es-ES", Keep::Files), ("es-MX", Keep::Text), ("en-GB", Keep::Text), ("en-US", Keep::Text)];
    check("extremes", &small("extremes").await, &all);
}

#[tokio::test]
async fn zero_targets() {
    check("zero_targets", &small("zero_targets").await, &SMALL);
}

#[tokio::test]
async fn target_that_moved_and_values_restated() {
    let edition = edition_of("moved_target", "weekly", MONDAY, |calendar| {
        let told = |label, values: &[(&str, f64)]| edition::told(calendar, label, values);
        // Two editions about W46: what was told last counts.
        History(vec![
            told("2026-W45", &[("leads_total", 41.0), ("cost_per_lead", 3.5)]),
            told("2026-W46", &[("leads_total", 12.0)]),
            told("2026-W46", &[("leads_total", 44.0), ("cost_per_lead", 10.0 / 3.0)]),
        ])
    })
    .await;
    check("moved_target", &edition, &SMALL);
}

/// KPIs enough for three mails.
fn many() -> String {
    let mut yaml = String::from(
        "settings: { language: en, locale: en-GB, timezone: Europe/Madrid, mail: { from: kpis@example.com, server: \"file://mail\" } }
databases: { crm: { url: \"${DB}\" } }
sources:
  leads:
    database: crm
    sql: SELECT day, channel, created, cost FROM leads WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel]
    measures: [created, cost]
kpis:
",
    );
    for n in 1..=120 {
        let unit = ["count", "currency", "percent"][n % 3];
        writeln!(
            yaml,
            "  kpi_{n}: {{ name: \"KPI number {n}, called at some length\", description: \"What KPI {n} means in a sentence of the usual length.\", formula: leads.cost / leads.created * {n} / 100, unit: {unit}, good: up, target: {}, breakdown: channel }}",
            n as f64 / [50.0, 20.0, 30.0][n / 3 % 3]
        )
        .unwrap();
    }
    yaml.push_str("reports:\n  weekly:\n    title: Everything\n    period: week\n    compare: [previous, year_ago]\n    trend: 6\n    attach: [xlsx]\n    sections:\n");
    for section in 0..6 {
        let kpis: Vec<String> = (1..=20).map(|n| format!("kpi_{}", section * 20 + n)).collect();
        let show = ["cards", "table"][section % 2];
        writeln!(yaml, "      - {{ title: Section {section}, show: {show}, kpis: [{}] }}", kpis.join(", ")).unwrap();
    }
    yaml
}

#[tokio::test]
async fn mail_of_120_kpis_is_shortened_and_says_so() {
    let folder = Folder::new();
    let mut sql = String::from("CREATE TABLE leads (day text, channel text, created int, cost real);\n");
    for week in 0..8 {
        for channel in 0..12 {
            let day = 22 + 7 * week;
            let (created, cost) = (10 + (channel * 7 + week * 3) % 11, 30 + (channel * 13 + week * 17) % 40);
            writeln!(
                sql,
                "INSERT INTO leads VALUES (date('2026-12-30', '-{day} days'), 'channel {channel}', {created}, {cost});"
            )
            .unwrap();
        }
    }
    let catalog = edition::catalog(&folder, &many(), &sql).await;
    let edition = edition::made(&catalog, "weekly", MONDAY, History::default()).await;
    check("many", &edition, &[("en-GB", Keep::Text)]);
    let rendered = edition.rendered(&audience("en-GB"));
    let Rendered { letter, page, eml, .. } = &rendered;
    for n in 1..=120 {
        let name = format!("KPI number {n}, called at some length");
        assert!(letter.text.contains(&name) && page.contains(&name), "{name}");
    }
    assert!(letter.html.contains("Shortened: ") && !letter.text.contains("Shortened"), "{}", letter.html);
    assert!(letter.html.contains("All rows are in the attachment."));
    let eml = String::from_utf8_lossy(eml);
    let html = eml.split("Content-Type: text/html").nth(1).unwrap().split("\r\n--").next().unwrap();
    assert!((60 << 10..=90 << 10).contains(&html.len()), "{} bytes of HTML as it is sent", html.len());
    // What stands in the mail is whole: no row of a breakdown without its KPI, no picture that nothing names.
    for image in &letter.images {
        assert!(letter.html.contains(&format!("cid:{}\"", image.name)), "{}", image.name);
    }
    let named = letter.html.split("src=\"cid:").skip(1).map(|rest| rest.split('"').next().unwrap());
    let there: Vec<&str> = letter.images.iter().map(|image| &*image.name).collect();
    assert!(named.into_iter().all(|name| there.contains(&name)));
}

/// In all clients, both schemes and every width; the demo's own mails are in `checklist`.
#[tokio::test]
async fn mails_of_every_case_pass_the_checklist() {
    let folder = Folder::new();
    let mut mails = Vec::new();
    for (case, report, as_of) in [
        ("missing", "weekly", MONDAY),
        ("database_down", "weekly", MONDAY),
        ("first_week", "weekly", MONDAY),
        ("first_week", "bare", MONDAY),
        ("running", "daily", "2026-11-25T12:00"),
        ("hostile", "weekly", MONDAY),
        ("extremes", "weekly", MONDAY),
        ("zero_targets", "weekly", MONDAY),
        ("moved_target", "weekly", MONDAY),
    ] {
        let edition = edition_of(case, report, as_of, |_| History::default()).await;
        let path = folder.path().join(format!("{case}-{report}.eml"));
        std::fs::write(&path, edition.rendered(&audience("es-ES")).eml).unwrap();
        mails.push(path);
    }
    if let Some(findings) = findings(&mails) {
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

/// Read, built and rendered again.
#[tokio::test]
async fn same_data_are_the_same_bytes_in_every_format() {
    for case in ["hostile", "missing", "moved_target"] {
        let (first, again) = (small(case).await, small(case).await);
        for locale in ["es-ES", "en-US"] {
            let audience = audience(locale);
            let (first, again) = (first.rendered(&audience), again.rendered(&audience));
            assert!(first == again, "{case} in {locale}: {:?}", first.differences(&again));
        }
    }
}
