//! The binary as its users meet it: arguments in, stdout, stderr and exit code out.

use crate::installation::Folder;
use serde_json::Value as Json;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run of kpid gave.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn kpid(folder: &Path, args: &[&str]) -> Ran {
    kpid_into(Stdio::piped(), folder, args)
}

fn kpid_into(stdout: impl Into<Stdio>, folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    let command = command.args(args).current_dir(folder).env_remove("KPID_DIR").env_remove("KPID_MAIL").stdout(stdout);
    let Output { status, stdout, stderr } = command.output().expect("kpid runs");
    Ran {
        code: status.code().expect("an exit code"),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    }
}

const YAML: &str = r#"
settings: { language: en, locale: en-GB, timezone: Europe/Madrid, currency: EUR }
databases:
  crm: { url: "sqlite://crm.db" }
  erp: { url: "sqlite://gone.db" }
sources:
  leads:
    database: crm
    sql: SELECT day, channel, created FROM leads WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel]
    measures: [created]
  spend:
    database: erp
    sql: SELECT sum(cost) AS cost FROM spend WHERE day >= :start AND day < :end
    measures: [cost]
kpis:
  leads_total:
    name: Leads
    formula: leads.created
    breakdown: channel
    unit: count
    good: up
    target: 10
    tests:
      - { given: { leads.created: 4 }, expect: 4 }
  cost_per_lead:
    name: Cost per lead
    formula: spend.cost / leads.created
    unit: currency
    good: down
    target: 50
    tests:
      - { given: { spend.cost: 100, leads.created: 0 }, expect: missing }
reports:
  weekly:
    title: Weekly
    schedule: mondays at 08:00
    period: week
    to: [ana@example.com]
    sections: [{ title: All, kpis: [leads_total, cost_per_lead] }]
"#;

pub async fn installation() -> Folder {
    let folder = Folder::new();
    folder.write("kpis/all.yaml", YAML);
    let rows = "CREATE TABLE leads (day text, channel text, created int);
        INSERT INTO leads VALUES ('2026-11-02', 'paid', 4), ('2026-11-09', 'paid', 5), ('2026-11-15', 'organic', 7);";
    folder.sqlite("crm", rows).await;
    folder
}

/// The same, with mails that become files, or go to `KPID_MAIL`.
pub fn with_mail() -> String {
    let mail = r#"currency: EUR, mail: { from: kpis@example.com, server: "${KPID_MAIL:-file://mail}" } }"#;
    YAML.replace("currency: EUR }", mail)
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let ran = kpid(Path::new("."), &["--help"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("kpid measure cac --period 2026-W46") && ran.out.contains("Exit codes:"), "{}", ran.out);
    let topic = kpid(Path::new("."), &["help", "language"]);
    assert!(topic.out.contains("year_ago"), "{}", topic.out);
    let measure = kpid(Path::new("."), &["help", "measure"]);
    assert!(measure.out.contains("Usage: kpid measure") && measure.out.contains("--dir"), "{}", measure.out);
    let unknown = kpid(Path::new("."), &["help", "nonsense"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("there is no help for `nonsense`"), "{}", unknown.err);
    let check = |topic: &str, expected: &str| {
        let ran = kpid(Path::new("."), &["help", topic]);
        assert_eq!((ran.code, ran.err), (2, format!("error: {expected}\n")), "{topic}");
    };
    check(
        "unknown-name",
        "there is no page about `unknown-name`\nhelp: the message says it all; `kpid help language` has the grammar",
    );
    check("W12", "there is no help for `W12`\nhelp: did you mean `W012`?");
    check("W999", "no warning has the code `W999`\nhelp: `kpid help warnings` lists all");
    check("mesure", "there is no help for `mesure`\nhelp: did you mean `measure`?");
    assert!(kpid(Path::new("."), &["completions", "bash"]).out.contains("_kpid"));
}

#[test]
fn missing_folder_and_wrong_flag_are_usage_errors() {
    let folder = Folder::new();
    let ran = kpid(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("kpis: error: `kpis` can't be read") && ran.err.contains("--dir"), "{}", ran.err);
    assert_eq!(kpid(folder.path(), &["measure", "--nonsense"]).code, 2);
}

#[tokio::test]
async fn check_says_when_reports_are_due_and_connect_what_databases_lack() {
    let folder = installation().await;
    let ran = kpid(folder.path(), &["check"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("2 KPIs, 2 sources, 2 databases, 1 report, 0 people: all right\n"), "{}", ran.out);
    assert_eq!(ran.out.matches("Europe/Madrid  reports 20").count(), 5, "{}", ran.out);
    let ran = kpid(folder.path(), &["check", "--connect"]);
    assert_eq!(ran.code, 3);
    let errors: Vec<&str> = ran.err.lines().filter(|line| line.contains("error:")).collect();
    assert_eq!(
        errors,
        ["kpis/all.yaml:5:3: error: connect to database `erp`: the file gone.db does not exist [database]"]
    );
    assert!(ran.out.contains(": the YAML is right, what it says of databases is not\n"), "{}", ran.out);
    folder.write("kpis/all.yaml", &YAML.replace("measures: [created]", "measures: [craeted]"));
    let ran = kpid(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("kpis/all.yaml:") && ran.err.contains("did you mean `craeted`?"), "{}", ran.err);
    folder.write("kpis/all.yaml", &YAML.replace("created", "craeted").replace("channel, craeted", "channel, created"));
    let ran = kpid(folder.path(), &["check", "--connect"]);
    assert!(
        ran.err.contains("error: source `leads`: column `craeted` is not among those that came back (")
            && ran.err.contains("did you mean `created`?"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn a_dead_database_fails_only_the_kpis_that_need_it() {
    let folder = installation().await;
    let ran = kpid(folder.path(), &["measure", "--period", "2026-W46", "--json"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let json: Json = serde_json::from_str(&ran.out).expect("JSON");
    let [leads, cost] = json["kpis"].as_array().expect("a list").as_slice() else { panic!("{json}") };
    assert_eq!((&leads["value"], &leads["verdict"]), (&12.0.into(), &"met".into()));
    assert_eq!((&cost["value"], &cost["verdict"]), (&Json::Null, &"not judged".into()));
    assert!(cost["missing"].as_str().expect("a reason").contains("source spend failed"), "{cost}");
    assert_eq!(json["failures"][0]["source"], "spend");
    let table = kpid(folder.path(), &["measure", "--period", "2026-W46"]);
    assert_eq!(table.code, 3);
    assert!(table.out.contains("● met") && table.out.contains("source spend could not be read"), "{}", table.out);
    assert!(table.out.ends_with("\ncost_per_lead is not judged: source spend failed\n"), "{}", table.out);
    let explained = kpid(folder.path(), &["explain", "cost_per_lead", "--period", "2026-W46"]);
    assert_eq!(explained.out.matches("does not exist").count(), 1, "{}", explained.out);
    assert!(!table.out.contains('\u{1b}'), "no colour where there is no terminal");
    let report = kpid(folder.path(), &["measure", "--report", "weekly", "--period", "2026-W46"]);
    assert!(report.out.contains("\n All ") && !table.out.contains("\n All "), "{}", report.out);
}

#[tokio::test]
async fn measures_print_as_csv_in_long_form() {
    let folder = installation().await;
    let ran = kpid(folder.path(), &["measure", "leads_total", "--period", "2026-W46", "--csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expected = "\
period,kpi,dimension,segment,value,missing,unit,target_low,target_high,verdict
2026-W46,leads_total,,,12,,count,10,10,met
2026-W46,leads_total,channel,organic,7,,count,,,not judged
2026-W46,leads_total,channel,paid,5,,count,,,not judged
";
    assert_eq!(ran.out, expected);
}

#[tokio::test]
async fn explain_shows_inputs_drivers_and_sql() {
    let folder = installation().await;
    let ran = kpid(folder.path(), &["explain", "leads_total", "--period", "2026-W46"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("  the same by channel:\n            +7  organic\n"), "{}", ran.out);
    for part in ["formula    leads.created", "value      12", "Against 2026-W45: +8", "organic", "FROM leads WHERE"] {
        assert!(ran.out.contains(part), "{part} in\n{}", ran.out);
    }
}

#[tokio::test]
async fn explain_shows_what_each_part_of_a_formula_gave() {
    let folder = installation().await;
    let ran = kpid(folder.path(), &["explain", "cost_per_lead", "--period", "2026-W46"]);
    let steps = "
Step by step
  spend.cost / leads.created → missing: source spend failed
    spend.cost → missing: source spend failed
    leads.created → 12
";
    assert!(ran.out.contains(steps), "{}", ran.out);
    let single = kpid(folder.path(), &["explain", "leads_total", "--period", "2026-W46"]);
    assert!(!single.out.contains("Step by step"), "{}", single.out);
    let json = kpid(folder.path(), &["explain", "cost_per_lead", "--period", "2026-W46", "--json"]);
    let json: Json = serde_json::from_str(&json.out).expect("JSON");
    let formula = &json["explanation"]["formulas"][0];
    assert_eq!((&formula["text"], &formula["parts"][2]["value"]), (&"spend.cost / leads.created".into(), &12.0.into()));
}

#[tokio::test]
async fn wrong_names_and_times_are_explained() {
    let folder = installation().await;
    let check = |args: &[&str], expected: &str| {
        let ran = kpid(folder.path(), args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    };
    check(&["measure", "lead_total"], "there is no KPI `lead_total`\nhelp: did you mean `leads_total`?");
    check(&["source", "lead"], "there is no source `lead`\nhelp: did you mean `leads`?");
    check(&["measure", "--report", "weekli"], "did you mean `weekly`?");
    check(&["measure", "--period", "2026-W54"], "2026-W54");
    check(&["measure", "--period", "2999-W01"], "2999-W01 has not begun");
    check(&["measure", "--as-of", "yesterday"], "`yesterday` is no time");
    check(&["measure", "--as-of", "9999-12-31"], "`9999-12-31` is too far away");
    check(&["explain", "x"], "there is no KPI `x`\nhelp: there are leads_total, cost_per_lead");
    check(
        &["send", "weekly", "--to", "Ana <ana@example.com>"],
        "`Ana <ana@example.com>` is neither a person nor an address",
    );
    check(
        &["send", "weekly", "--to", "ana @example.com"],
        "help: write a name of `people`, or an address like ana@example.com",
    );
    folder.write("kpis/all.yaml", "settings: { language: en }");
    check(&["explain", "x"], "there is no KPI `x`\nhelp: there is none at all yet");
}

#[tokio::test]
async fn a_group_is_nobody_to_render_for_but_its_members_are() {
    let folder = installation().await;
    let people = "
people: { ana: { email: ana@example.com }, tom: { email: tom@example.com } }
groups: { direccion: [ana, tom, ceo@example.com] }
";
    folder.write("kpis/all.yaml", &format!("{}{people}", with_mail()));
    for command in ["render", "send"] {
        let ran = kpid(folder.path(), &[command, "weekly", "--to", "direccion"]);
        let expected = "error: `direccion` is a group: name one of ana, tom, ceo@example.com\n";
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (2, "", expected), "{command}");
        let ran = kpid(folder.path(), &[command, "weekly", "--to", "anna"]);
        assert!(ran.err.ends_with("help: did you mean `ana`?\n"), "{}", ran.err);
    }
}

#[tokio::test]
async fn source_shows_rows_and_tests_pass_or_fail() {
    let folder = installation().await;
    let ran = kpid(folder.path(), &["source", "leads", "--period", "2026-W46", "--limit", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("1 row, and there are more"), "{}", ran.out);
    let ran = kpid(folder.path(), &["source", "spend"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("gone.db does not exist"), "{}", ran.err);
    let ran = kpid(folder.path(), &["test"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "2 passed, 0 failed, 0 KPIs without tests\n"));
    folder.write("kpis/all.yaml", &YAML.replace("expect: 4", "expect: 5"));
    let ran = kpid(folder.path(), &["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("leads_total: expected 5, got 4"), "{}", ran.out);
}

#[tokio::test]
async fn a_mail_that_fails_keeps_no_other_from_being_sent() {
    let folder = installation().await;
    folder.write("kpis/all.yaml", &with_mail());
    // A folder stands where Ana's mail should.
    folder.write("mail/weekly.2026-W46.1794812400000.ana=40example.com.eml/in_the_way", "");
    // Ana twice: she still gets one.
    let to = ["--to", "ana@example.com", "--to", "tom@example.com", "--to", "Ana@Example.com"];
    let ran = kpid(folder.path(), &[&["send", "weekly", "--as-of", "2026-11-16T08:00"], &to[..]].concat());
    assert_eq!(ran.code, 1, "{}", ran.err);
    let written = "weekly for tom@example.com is written to mail/weekly.2026-W46.1794812400000.tom=40example.com.eml";
    assert_eq!(ran.out, format!("{written}\nnot sent: `mail.server` is the folder mail\n"));
    assert!(ran.err.starts_with("error: weekly did not reach ana@example.com: write mail to "), "{}", ran.err);
    assert!(folder.path().join("mail/weekly.2026-W46.1794812400000.tom=40example.com.eml").is_file());

    // Port 1 of this machine: nobody listens there.
    let dead = r#"currency: EUR, mail: { from: kpis@example.com, server: "smtp://127.0.0.1:1" } }"#;
    folder.write("kpis/all.yaml", &YAML.replace("currency: EUR }", dead));
    let ran = kpid(folder.path(), &[&["send", "weekly", "--as-of", "2026-11-16T08:00"], &to[..]].concat());
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.starts_with("error: mail server 127.0.0.1:1: "), "{}", ran.err);
    assert!(ran.err.ends_with("; weekly did not reach ana@example.com, tom@example.com\n"), "{}", ran.err);
}

/// Commands that print a result, and what each ends with.
const PRINTING: [(&[&str], i32); 18] = [
    (&["check"], 0),
    (&["check", "--json"], 0),
    (&["reports"], 0),
    (&["reports", "--json"], 0),
    (&["why-not", "weekly"], 0),
    (&["measure", "--report", "weekly", "--period", "2026-W46"], 3),
    (&["measure", "leads_total", "--period", "2026-W46", "--json"], 0),
    (&["measure", "leads_total", "--period", "2026-W46", "--csv"], 0),
    (&["explain", "cost_per_lead", "--period", "2026-W46"], 3),
    (&["explain", "leads_total", "--period", "2026-W46", "--json"], 0),
    (&["source", "leads"], 0),
    (&["test"], 0),
    (&["render", "weekly", "--period", "2026-W46"], 3),
    (&["send", "weekly", "--to", "a@b.es", "--period", "2026-W46", "--dry-run"], 3),
    (&["completions", "bash"], 0),
    (&["help", "language"], 0),
    (&["help", "measure"], 0),
    (&["--help"], 0),
];

#[tokio::test]
async fn nobody_reading_any_more_ends_a_command_as_it_would_have_ended() {
    let folder = installation().await;
    folder.write("kpis/all.yaml", &with_mail());
    for (args, code) in PRINTING {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ran = kpid_into(writer, folder.path(), args);
        assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{args:?}");
    }
}

/// On Linux, which has a device for that.
#[tokio::test]
async fn result_that_cannot_be_written_is_an_error() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let folder = installation().await;
    folder.write("kpis/all.yaml", &with_mail());
    for args in [&["check"][..], &["measure", "leads_total"], &["completions", "bash"]] {
        let ran = kpid_into(full.try_clone().expect("the device"), folder.path(), args);
        assert_eq!(ran.code, 1, "{args:?}");
        assert_eq!(ran.err, "error: write to standard output: No space left on device (os error 28)\n", "{args:?}");
    }
}

#[test]
fn the_demo_measures_and_mails_on_its_own() {
    let folder = Folder::new();
    let ran = kpid(folder.path(), &["demo", "--date", "2026-11-22"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    assert!(ran.out.contains("2026-W46"), "{}", ran.out);
    let mails = std::fs::read_dir(folder.path().join("demo/mail")).expect("a folder of mails").count();
    assert_eq!(mails, 3, "Ana, Lucía and Tom");
    let again = kpid(folder.path(), &["--dir", "demo/kpis", "check", "--connect"]);
    assert_eq!(again.code, 0, "{}", again.err);
    let tests = kpid(folder.path(), &["--dir", "demo/kpis", "test"]);
    assert_eq!(tests.code, 0, "{}", tests.out);
}
