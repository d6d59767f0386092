//! `kpid test` from outside: tests over rows, what is said of those that fail, and the report that CI servers read.

use crate::cli::kpid;
use crate::installation::Folder;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::process::Command;

const YAML: &str = r#"
settings: { language: en, timezone: Europe/Madrid, currency: EUR }
databases: { web: { url: "sqlite://web.db", time_zone: UTC } }
sources:
  visits:
    database: web
    sql: SELECT at, device, channel, visits, leads, rest FROM visits WHERE at >= :start AND at < :end
    time: at
    dimensions: [device, channel]
    measures: [visits, leads, rest]
  base: { database: web, sql: "SELECT n FROM base WHERE day < :end AND day >= :start", measures: [n] }
kpis:
  conversion:
    formula: visits.leads / visits.visits
    where: { device: mobile }
    breakdown: channel
    unit: percent
    good: up
    target: { value: 4%, near: 5% }
    tests:
      - { given: { visits.leads: 1, visits.visits: 4 }, expect: 0.2 }
  growth: { formula: base.n / previous(base.n) - 1, unit: percent, good: up }
  yearly: { formula: base.n, over: trailing 12 months, good: up }
  twice: { formula: growth * 2, unit: percent, good: up }
tests:
  a_week:
    period: 2026-W46
    rows:
      visits:
        # 23:30 in Greenwich is the next day in Madrid.
        - { at: "2026-11-08 23:30:00", device: mobile, channel: "p&<\"\e[1m", visits: 50, leads: 1 }
        - { at: 2026-11-10, device: mobile, channel: null, visits: 50, leads: 2 }
        - { at: 2026-11-10, device: desktop, channel: null, visits: 50, leads: 50 }
      base: [{ n: 12 }, { n: 10, period: 2026-W45 }]
    expect:
      conversion: { value: VALUE, verdict: VERDICT, target: 4%, by: { channel: { null: 4%, SEGMENT: 2% } } }
      growth: 20%
      twice: { value: 0.4, within: 0.001 }
      yearly: 12
  nothing_given:
    period: 2026-W46
    rows: { visits: [] }
    expect: { growth: missing, conversion: { value: missing, verdict: not_judged } }
  so_far:
    period: 2026-W46
    as_of: 2026-11-10T12:00
    rows:
      visits:
        - { at: 2026-11-09, device: mobile, visits: 10, leads: 1 }
    expect: { conversion: { value: 10%, verdict: not_judged } }
"#;

fn folder(value: &str, verdict: &str, segment: &str) -> Folder {
    let folder = Folder::new();
    let yaml = YAML.replace("VALUE", value).replace("VERDICT", verdict).replace("SEGMENT", segment);
    folder.write("kpis/all.yaml", &yaml);
    folder
}

fn right() -> Folder {
    let folder = folder("3%", "missed", r#""p&<\"\e[1m""#);
    let yaml = std::fs::read_to_string(folder.path().join("kpis/all.yaml")).unwrap();
    folder.write("kpis/all.yaml", &yaml.replace("expect: 0.2", "expect: 0.25"));
    folder
}

#[test]
fn rows_give_kpis_verdicts_targets_and_segments() {
    let folder = right();
    let ran = kpid(folder.path(), &["test"]);
    assert_eq!((ran.out.as_str(), ran.code), ("8 passed, 0 failed, 0 KPIs without tests\n", 0), "{}", ran.err);
}

#[test]
fn a_failure_says_what_came_instead_and_from_what() {
    let folder = folder("4%", "met", "organic");
    let ran = kpid(folder.path(), &["test", "a_week"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let expected = "kpis/all.yaml:36: conversion in a_week: value: expected 0.04, got 0.03
    verdict: expected met, got missed: 0.03 against at least 0.04, near from 0.038 on
    channel organic: no such segment: there are null, p&<\"\u{FFFD}[1m
    conversion = visits.leads / visits.visits
      visits.leads   2026-W46, device mobile  3
      visits.visits  2026-W46, device mobile  100

3 passed, 1 failed, 0 KPIs without tests
";
    assert_eq!(ran.out, expected);
    let own = kpid(folder.path(), &["test", "conversion"]).out;
    assert!(
        own.starts_with("kpis/all.yaml:21: conversion: expected 0.2, got 0.25\n    conversion = visits.leads"),
        "{own}"
    );
}

#[test]
fn a_source_that_the_test_does_not_give_is_the_reason() {
    let folder = right();
    let yaml = std::fs::read_to_string(folder.path().join("kpis/all.yaml")).unwrap();
    folder.write("kpis/all.yaml", &yaml.replace("growth: missing", "growth: 1"));
    let ran = kpid(folder.path(), &["test", "growth", "--json"]);
    let rows: Json = serde_json::from_str(&ran.out).unwrap();
    let why = "source base failed: the test gives no rows of it";
    assert_eq!(rows[1]["failure"], json!(format!("value: expected 1, got missing ({why})")));
    let read =
        json!({ "input": "base.n", "period": "2026-W45", "over": null, "where": {}, "value": null, "missing": why });
    assert_eq!((rows[1]["test"].as_str(), &rows[1]["read"][1]), (Some("nothing_given"), &read));
}

#[test]
fn names_are_of_kpis_or_tests_and_untested_ones_are_listed() {
    let folder = right();
    let ran = kpid(folder.path(), &["test", "so_fat"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (2, "error: there is no KPI or test `so_fat`\nhelp: did you mean `so_far`?\n")
    );
    folder.write("kpis/more.yaml", "kpis: { alone: { formula: base.n, good: up } }\n");
    assert_eq!(kpid(folder.path(), &["test", "--untested"]).out, "alone\n");
    let summary = "8 passed, 0 failed, 1 KPI without tests (`kpid test --untested` lists them)\n";
    assert_eq!(kpid(folder.path(), &["test"]).out, summary);
}

/// Python's reading of a report: attributes of all elements, and the text of failures.
const READ: &str = "
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
print(json.dumps([[e.tag, e.attrib, e.text if e.tag in ('failure', 'error') else None] for e in root.iter()]))
";

/// A report's elements: their names, attributes, and the texts of failures and errors.
pub fn read(report: &Path) -> Vec<(String, Json, Option<String>)> {
    let python = Command::new("python3").args(["-c", READ]).arg(report).output();
    let read = python.expect("python3");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).unwrap()
}

#[test]
fn another_program_reads_the_junit_report() {
    let folder = folder("4%", "met", "organic");
    let ran = kpid(folder.path(), &["test", "--junit", "report.xml"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let all = read(&folder.path().join("report.xml"));
    let of = |tag: &str| all.iter().filter(|(name, ..)| name == tag).collect::<Vec<_>>();
    for (_, attributes, _) in of("testsuites").into_iter().chain(of("testsuite")) {
        assert_eq!((&attributes["tests"], &attributes["failures"]), (&json!("8"), &json!("2")));
    }
    assert_eq!(of("testsuite")[0].1["name"], "kpis/all.yaml");
    let case = &of("testcase")[1].1;
    let expected =
        json!({ "classname": "conversion", "name": "a_week", "file": "kpis/all.yaml", "line": "36", "time": "0" });
    assert_eq!((of("testcase").len(), case), (8, &expected));
    let (_, failure, text) = of("failure")[1];
    assert_eq!(failure["message"], "value: expected 0.04, got 0.03");
    let text = text.as_deref().unwrap();
    assert!(text.starts_with("kpis/all.yaml:36\nvalue: ") && text.contains("null, p&<\"\u{FFFD}[1m"), "{text}");
}

#[test]
fn a_folder_with_errors_leaves_no_results_of_the_last_run() {
    let folder = right();
    assert_eq!(kpid(folder.path(), &["test", "--junit", "report.xml"]).code, 0);
    folder.write("kpis/wrong.yaml", "kpis:\n  a: { formla: \"<&\" }\n");
    let ran = kpid(folder.path(), &["test", "--junit", "report.xml", "--json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("kpis/wrong.yaml:2:8: error: unknown key `formla`"), "{}", ran.err);
    let all = read(&folder.path().join("report.xml"));
    let of = |tag: &str| all.iter().filter(|(name, ..)| name == tag).collect::<Vec<_>>();
    let suite = &of("testsuite")[0].1;
    assert_eq!((&suite["name"], &suite["failures"]), (&json!("kpis/wrong.yaml"), &json!("0")));
    assert_eq!(suite["errors"], json!(of("error").len().to_string()));
    let case = &of("testcase").iter().find(|(_, case, _)| case["classname"] == "unknown-key").unwrap().1;
    assert_eq!((&case["file"], &case["line"]), (&json!("kpis/wrong.yaml"), &json!("2")));
    let (_, error, text) = of("error").into_iter().find(|(_, error, _)| error["type"] == "unknown-key").unwrap();
    assert!(error["message"].as_str().unwrap().starts_with("unknown key `formla`"), "{error}");
    assert!(text.as_deref().unwrap().starts_with("kpis/wrong.yaml:2:8: unknown key `formla`"), "{text:?}");
    let rows: Json = serde_json::from_str(&ran.out).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["code"] == "unknown-key").unwrap();
    assert_eq!((&row["place"], &row["failure"]), (&json!("kpis/wrong.yaml:2"), &error["message"]));
}
