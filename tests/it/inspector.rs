//! One KPI taken apart: as JSON, and on the preview's page in a real Chromium.

use crate::golden;
use crate::installation::Folder;
use crate::servers::say;
use kpid::preview::{Studio, inspect, serve};
use kpid::report::Person;
use serde_json::Value as Json;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A rate that names another KPI with a filter of its own and guards itself, with a name that a page must not take for markup; one
/// whose source can't be read; and one of a single measure whose target is computed.
const YAML: &str = r#"
settings: { language: en, locale: en-GB, timezone: UTC, currency: EUR }
databases:
  crm: { url: "${DB}" }
sources:
  visits:
    description: { en: Visits by day, es: Visitas por día }
    database: crm
    sql: |
      SELECT day, channel, device, visits, leads
      FROM visits -- :start is no day here
      WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel, device]
    measures: [visits, leads]
    labels: { visits: { en: Site visits, es: Visitas } }
    fresh: { sql: "SELECT max(day) FROM visits", within: 2 days }
  spend:
    database: crm
    sql: SELECT cost FROM spent
    measures: [cost]
kpis:
  rate:
    name: <img src=x onerror="document.title='hacked'"> & Co
    description: Of all visits
    formula: if(visits.visits > 0, coalesce(mobile / visits.visits + 0 * previous(mobile), 0), 1 / 0)
    breakdown: channel
    unit: percent
    good: up
    owner: ana@example.com
    target:
      - { from: 2026-01-01, value: 5% }
      - { from: 2026-11-01, value: 4%, why: <b>Winter</b> }
    at_least: { of: visits.visits, n: 60 }
  mobile: { name: Mobile leads, formula: visits.leads, where: { device: mobile }, unit: count, good: up, target: { formula: previous(mobile) * 2 } }
  cost: { name: Cost per lead, formula: spend.cost / visits.leads, unit: currency, good: down, target: 50 }
people:
  ana: { name: Ana Ruiz, email: ana@example.com, language: es, locale: es-ES }
reports:
  weekly:
    title: Weekly
    schedule: mondays at 08:00
    period: week
    compare: [previous, year_ago]
    trend: 6
    to: [ana]
    sections: [{ title: All, kpis: [rate, mobile, cost] }]
"#;

/// The last but three weeks are too few, and one has none at all.
const ROWS: &str = "CREATE TABLE visits (day text, channel text, device text, visits int, leads int);
    INSERT INTO visits VALUES
      ('2025-11-12', 'paid', 'mobile', 80, 4),
      ('2026-10-07', 'paid', 'mobile', 90, 5),
      ('2026-10-14', 'paid', 'mobile', 30, 2),
      ('2026-10-28', 'paid', 'mobile', 100, 3),
      ('2026-11-04', 'paid', 'mobile', 60, 3), ('2026-11-04', 'organic', 'desktop', 40, 1),
      ('2026-11-09', 'paid', 'mobile', 50, 4), ('2026-11-10', NULL, 'mobile', 20, 1),
      ('2026-11-15', 'organic', 'desktop', 50, 2);";

async fn studio(folder: &Folder) -> Arc<Studio> {
    let url = folder.sqlite("crm", ROWS).await;
    folder.write("kpis/all.yaml", YAML);
    let now = || "2026-11-16T08:00:00Z".parse().expect("an instant");
    Studio::open(folder.path().join("kpis"), Arc::new(move |name: &str| (name == "DB").then(|| url.clone())), now).await
}

/// The KPI in the weekly report, for `person` or anybody.
async fn inspected(studio: &Studio, kpi: &str, person: Option<&str>) -> Json {
    let edition = studio.edition("weekly", None).await.unwrap();
    let person: Person = studio.person(person).unwrap();
    inspect(&edition, edition.measured(kpi).unwrap(), &person).unwrap()
}

#[tokio::test]
async fn everything_about_a_kpi_is_told() {
    let folder = Folder::new();
    let studio = studio(&folder).await;
    for kpi in ["rate", "mobile", "cost"] {
        let told = format!("{:#}\n", inspected(&studio, kpi, None).await);
        assert!(!told.contains("sqlite:"), "no URL is told");
        golden::check(&format!("inspector/{kpi}.json"), &told.replace(&folder.path().display().to_string(), "FOLDER"));
    }
}

#[tokio::test]
async fn numbers_and_names_are_those_of_the_reader_and_the_page_is_the_installations() {
    let folder = Folder::new();
    let studio = studio(&folder).await;
    let told = inspected(&studio, "rate", Some("ana")).await;
    assert_eq!(told["whole"]["value"]["shown"], "4,2\u{a0}%");
    assert_eq!(told["sources"][0]["description"], "Visitas por día");
    assert_eq!((&told["language"], &told["locale"]), (&"en".into(), &"es-ES".into()));
}

#[tokio::test]
async fn contributions_add_up_to_the_change_and_the_tree_to_the_value() {
    let folder = Folder::new();
    let studio = studio(&folder).await;
    let told = inspected(&studio, "rate", None).await;
    let drivers = &told["comparisons"][0]["drivers"];
    let number = |value: &Json| value["number"].as_f64().unwrap();
    let sum: f64 = drivers["contributions"].as_array().unwrap().iter().map(|one| number(&one["amount"])).sum();
    let moved = number(&told["whole"]["value"]) - number(&told["comparisons"][0]["value"]);
    assert!((sum - moved).abs() < 1e-12 && moved != 0.0, "{sum} ≠ {moved}");
    assert_eq!(told["explanation"]["formulas"][0]["parts"][0]["value"], told["whole"]["value"]["number"]);
}

/// Without its tools (a browser among them) the test leaves itself out, loudly; under `KPID_TEST_ALL` that is a failure.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_it_and_can_be_walked_by_hand_and_keyboard() {
    let folder = Folder::new();
    let studio = studio(&folder).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(listener, studio));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/inspector/walk");
    let walked = Command::new(script).arg(url).arg(folder.path().join("kpis/all.yaml")).output().unwrap();
    server.abort();
    let (out, err) = (String::from_utf8_lossy(&walked.stdout), String::from_utf8_lossy(&walked.stderr));
    if walked.status.code() == Some(3) && std::env::var_os("KPID_TEST_ALL").is_none() {
        return say(&format!("left out: {err}"));
    }
    assert!(walked.status.success(), "{out}\n{err}");
    // All of them were walked: a script that ends early has proved less.
    assert_eq!(out.lines().filter(|line| line.starts_with("ok ")).count(), 14, "{out}");
}
