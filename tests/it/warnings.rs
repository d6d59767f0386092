//! Warnings, from outside: every code is found where its explanation says so, and not where the explanation says it is right; comments
//! silence it; what takes a database is asked of SQLite and PostgreSQL.

use crate::cli::kpid;
use crate::installation::Folder;
use crate::servers;
use kpid::catalog::warnings::{Found, Rule};
use serde_json::Value as Json;
use std::path::Path;

/// An installation without a warning. Examples are further files of it; one with `settings` has them in place of these.
const SETTINGS: &str = "
settings:
  language: en
  timezone: Europe/Madrid
  currency: EUR
  mail: { from: kpis@example.com, server: 'file://mail' }
";

const BASE: &str = "
databases:
  crm: { url: \"${CRM_URL:-sqlite://crm.db}\", allow_privileged: true }
sources:
  leads:
    database: crm
    sql: >-
      SELECT day, channel, device, count(*) AS created, sum(is_mql) AS mqls FROM leads
      WHERE day >= :start_date AND day < :end_date GROUP BY 1, 2, 3
    time: day
    dimensions: [channel, device]
    measures: [created, mqls]
    units: { created: count, mqls: count }
  spend:
    database: crm
    sql: SELECT day, channel, cost FROM spend WHERE day >= :start_date AND day < :end_date
    time: day
    dimensions: [channel]
    measures: [cost]
    units: { cost: currency }
  times:
    database: crm
    sql: SELECT avg(answer) AS answer, avg(deal) AS deal FROM times WHERE day >= :start_date AND day < :end_date
    measures: [answer, deal]
    units: { answer: hours, deal: days }
kpis:
  new_leads: { formula: leads.created, unit: count, good: up }
  cost_per_lead: { formula: spend.cost / leads.created, unit: currency, good: down }
  answer_time: { formula: times.answer, unit: hours, good: down }
people:
  ana: { email: ana@example.com }
reports:
  weekly:
    schedule: mondays at 08:00
    period: week
    to: [ana]
    sections: [{ title: All, kpis: [new_leads, cost_per_lead, answer_time] }]
";

/// Every day of the last two years: one lead of the same channel, some cost, and the times of one deal.
fn days() -> String {
    let today = kpid::calendar::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = |back: i64| today.saturating_sub(jiff::Span::new().days(back)).to_string();
    let all: Vec<String> = (0..730).map(day).collect();
    let rows = |rest: &str| all.iter().map(|day| format!("('{day}', {rest})")).collect::<Vec<_>>().join(", ");
    format!(
        "CREATE TABLE leads (day date, channel text, device text, is_mql int);
         CREATE TABLE spend (day date, channel text, cost float);
         CREATE TABLE times (day date, answer float, deal float);
         INSERT INTO leads VALUES {}; INSERT INTO spend VALUES {}; INSERT INTO times VALUES {};",
        rows("'web', 'mobile', 1"),
        rows("'web', 10"),
        rows("5, 20")
    )
}

fn installation(example: &str) -> Folder {
    let folder = Folder::new();
    folder.write("kpis/base.yaml", BASE);
    folder.write("kpis/example.yaml", example);
    if !example.contains("settings") {
        folder.write("kpis/settings.yaml", SETTINGS);
    }
    folder
}

/// What `check` says, as JSON.
#[track_caller]
fn problems(folder: &Path, args: &[&str]) -> Vec<Json> {
    let ran = kpid(folder, &[&["check", "--json"], args].concat());
    let said: Json = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}{}", ran.out, ran.err));
    let list = said["problems"].as_array().unwrap_or_else(|| panic!("errors: {said:#}"));
    list.clone()
}

fn codes(problems: &[Json]) -> Vec<&str> {
    problems.iter().map(|problem| problem["code"].as_str().expect("a code")).collect()
}

/// The wrong example and the right one.
fn examples(rule: &Rule) -> [String; 2] {
    let block = |part: &str| part.split_once("\n```").expect("the end of a block").0.to_owned();
    let parts: Vec<&str> = rule.explanation().split("```yaml\n").skip(1).collect();
    let [wrong, right] = parts.as_slice() else { panic!("{}: two examples", rule.code) };
    [block(wrong), block(right)]
}

async fn said_of(rule: &Rule, example: &str) -> Vec<Json> {
    let folder = installation(example);
    for (name, mode) in [("open.secret", 0o644), ("kept.secret", 0o600)] {
        let path = folder.write(name, "secret");
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }
    if rule.found != Found::Connected {
        return problems(folder.path(), &[]);
    }
    folder.sqlite("crm", &days()).await;
    problems(folder.path(), &["--connect"])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_explanation_breaks_its_rule_in_one_example_and_keeps_it_in_the_other() {
    for rule in Rule::all().filter(|rule| rule.code != "W060") {
        let [wrong, right] = examples(rule);
        let (wrong, right) = (said_of(rule, &wrong).await, said_of(rule, &right).await);
        assert!(codes(&wrong).contains(&rule.code), "{}: the wrong example is fine: {wrong:#?}", rule.code);
        assert!(!codes(&right).contains(&rule.code), "{}: the right example is wrong: {right:#?}", rule.code);
    }
}

#[test]
fn base_of_the_examples_has_no_warning() {
    let folder = installation("");
    assert_eq!(problems(folder.path(), &[]), Vec::<Json>::new());
}

/// A KPI whose target is out of reach, allowed by a comment with that code.
fn dream(code: &str) -> String {
    format!(
        "kpis:
  # allow {code}: the goal of the board for 2030
  dream: {{ formula: leads.created, unit: count, good: up, target: 1_000_000 }}
reports:
  monthly: {{ period: month, to: [ana], sections: [{{ title: Leads, kpis: [dream] }}] }}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn comment_about_the_databases_is_judged_only_once_they_were_asked() {
    let folder = installation(&dream("W061"));
    folder.sqlite("crm", &days()).await;
    assert_eq!(problems(folder.path(), &[]), Vec::<Json>::new());
    assert_eq!(problems(folder.path(), &["--connect"]), Vec::<Json>::new());
    let ran = kpid(folder.path(), &["check", "--connect", "--all", "--deny-warnings"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("all right, databases included (1 warning allowed by comments)\n"), "{}", ran.out);
    let said = "kpis/example.yaml:3:3: allowed: the target of `dream`, ≥\u{a0}1,000,000, was never even near: ";
    assert!(ran.err.starts_with(said) && ran.err.ends_with(" [W061]\n"), "{}", ran.err);

    let folder = installation(&dream("W062"));
    folder.sqlite("crm", &days()).await;
    assert_eq!(problems(folder.path(), &[]), Vec::<Json>::new());
    assert_eq!(codes(&problems(folder.path(), &["--connect"])), ["W016", "W061"]);
}

#[test]
fn formulas_that_make_sense_in_their_units_have_no_warning() {
    let example = "
sources:
  shop:
    database: crm
    sql: SELECT day, a, b, c, d, e, f, g FROM shop WHERE day >= :start_date AND day < :end_date
    time: day
    measures: [revenue, price, orders, hours, hours_of_one, dollars, usd_eur]
    units: { revenue: currency, price: currency, orders: count, hours: hours, hours_of_one: hours, dollars: 'currency:USD',
      usd_eur: ratio }
kpis:
  sold: { formula: shop.revenue / shop.price, unit: count, good: up }
  rest: { formula: shop.orders - shop.revenue / shop.price, unit: count, good: up }
  staff: { formula: shop.hours / shop.hours_of_one, unit: count, good: up, at_least: { of: shop.revenue / shop.price, n: 9 } }
  turnover: { formula: shop.dollars * shop.usd_eur + shop.revenue, unit: currency, good: up }
  one: { formula: shop.revenue / total(shop.price), unit: percent, good: up }
  other: { formula: shop.hours / shop.hours_of_one, unit: percent, good: up }
  either: { formula: one + other - one * other, unit: percent, good: up }
  rounded: { formula: round(100 * shop.revenue / shop.price) / 100, unit: percent, good: up }
reports:
  monthly:
    period: month
    to: [ana]
    sections: [{ title: All, kpis: [sold, rest, staff, turnover, one, other, either, rounded] }]
";
    assert_eq!(problems(installation(example).path(), &[]), Vec::<Json>::new());
    let changed = |from: &str, to: &str| {
        assert!(example.contains(from), "{from}");
        let said = problems(installation(&example.replace(from, to)).path(), &[]);
        codes(&said).join(" ")
    };
    assert_eq!(changed("shop.hours_of_one, unit: count", "shop.hours_of_one, unit: hours"), "");
    assert_eq!(changed("shop.price, unit: count", "shop.price, unit: currency"), "W035");
    assert_eq!(changed("shop.dollars * shop.usd_eur", "shop.dollars"), "W030");
    assert_eq!(changed("one + other - one * other", "one + other"), "W034");
    assert_eq!(changed("shop.price) / 100", "shop.price)"), "W037");
}

#[tokio::test(flavor = "multi_thread")]
async fn periods_that_are_too_small_to_judge_put_no_target_out_of_reach() {
    let example = |n: u32| {
        let at_least = format!("at_least: {{ of: leads.created, n: {n} }}");
        let kpi = format!("formula: leads.created, unit: count, good: up, target: 1_000_000, {at_least}");
        let sections = "sections: [{ title: Leads, kpis: [dream] }]";
        format!("kpis:\n  dream: {{ {kpi} }}\nreports:\n  monthly: {{ period: month, to: [ana], {sections} }}\n")
    };
    for (n, expected) in [(1, &["W061"][..]), (1000, &[])] {
        let folder = installation(&example(n));
        folder.sqlite("crm", &days()).await;
        let said = problems(folder.path(), &["--connect"]);
        assert_eq!(codes(&said), expected, "{said:#?}");
    }
}

#[test]
fn denied_warnings_end_with_2_and_allowed_ones_do_not() {
    let kpi = "  a: { formula: leads.mqls / leads.created, unit: percent, good: up, target: 25 }\n";
    let report = "reports: { b: { period: month, to: [ana], sections: [{ title: A, kpis: [a] }] } }\n";
    let folder = installation(&format!("kpis:\n{kpi}{report}"));
    let ran = kpid(folder.path(), &["check"]);
    assert!(ran.code == 0 && ran.err.contains("kpis/example.yaml:2:78: warning: 25 is 2500 %"), "{}", ran.err);
    let denied = kpid(folder.path(), &["check", "--deny-warnings"]);
    assert!(denied.code == 2 && denied.out.contains(": 1 warning, denied by --deny-warnings\n"), "{}", denied.out);
    assert!(!denied.out.contains("all right"), "{}", denied.out);
    folder.write("kpis/example.yaml", &format!("kpis:\n  # allow W012: it is meant\n{kpi}{report}"));
    let ran = kpid(folder.path(), &["check", "--deny-warnings"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let ran = kpid(folder.path(), &["check", "--json"]);
    let said: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&said["problems"], &said["allowed"][0]["code"]), (&Json::Array(vec![]), &Json::from("W012")));
}

#[test]
fn help_explains_a_code_in_either_case_and_lists_all() {
    let folder = Folder::new();
    let one = kpid(folder.path(), &["help", "w012"]);
    assert!(one.code == 0 && one.out.starts_with("W012: a target above the whole\n\n"), "{}", one.out);
    assert!(one.out.contains("Wrong:\n\n    kpis:\n") && one.out.ends_with("\n    # allow W012: why it is fine\n"));
    let all = kpid(folder.path(), &["help", "warnings"]).out;
    for rule in Rule::all() {
        assert!(all.contains(&format!("  {}  {}\n", rule.code, rule.title())), "{}: {all}", rule.code);
    }
    assert!(one.out.lines().chain(all.lines()).all(|line| line.chars().count() <= 100));
    let unknown = kpid(folder.path(), &["help", "W999"]);
    assert!(unknown.code == 2 && unknown.err.contains("`kpid help warnings`"), "{}", unknown.err);
}

/// The same questions as of SQLite, and who may write.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_asked_as_well() {
    let Some(crm) = servers::postgres() else { return };
    crm.run(&days());
    let name = format!("kpid_reader_{}", std::process::id());
    crm.run(&format!("CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT SELECT ON leads, spend, times TO {name}"));
    let (scheme, rest) = crm.url().split_once("://").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let reader = format!("{scheme}://{name}:x@{host}");
    let visitors = "sources:
  visitors:
    database: crm
    sql: SELECT day, count(DISTINCT channel) AS people FROM leads WHERE day >= :start_date AND day < :end_date GROUP BY 1
    time: day
    measures: [people]
  broken: { database: crm, sql: SELECT sum(nothing) AS n FROM leads WHERE day >= :start_date, measures: [n] }
kpis:
  people: { formula: visitors.people + broken.n, unit: count, good: up }
";
    let folder = installation(&(visitors.to_owned() + dream("W040").trim_start_matches("kpis:\n")));
    let of = |url: &str| {
        folder.write("kpis/base.yaml", &BASE.replace("${CRM_URL:-sqlite://crm.db}", url));
        problems(folder.path(), &["--connect"])
    };
    let said = of(&reader);
    crm.run(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
    let line = |code: &str| {
        let found: Vec<&Json> = said.iter().filter(|problem| problem["code"] == code).collect();
        let [one] = found.as_slice() else { panic!("{code}: {said:#?}") };
        format!("{}:{}: {}", one["file"].as_str().unwrap(), one["line"], one["message"].as_str().unwrap())
    };
    let error = line("source");
    assert!(error.starts_with("kpis/example.yaml:7: source `broken`: ") && error.contains("nothing"), "{error}");
    let sums = line("W062");
    assert!(
        sums.starts_with("kpis/example.yaml:2: `people` of ") && sums.contains(" is 1 when asked at once"),
        "{sums}"
    );
    assert!(line("W061").starts_with("kpis/example.yaml:11: the target of `dream`"), "{said:#?}");
    assert!(!codes(&said).contains(&"W060"), "{said:#?}");
    let admin = of(crm.url());
    assert!(codes(&admin).contains(&"W060"), "{admin:#?}");
}
