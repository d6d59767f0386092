//! `kpid diff` on real git repositories and SQLite files.

mod comment;
mod recipe;
mod revisions;

use crate::cli::Ran;
use crate::installation::Folder;
use crate::{golden, servers};
use serde_json::Value as Json;
use std::path::Path;
use std::process::Command;

const YAML: &str = r#"
settings:
  { language: es, locale: es-ES, timezone: Europe/Madrid, currency: EUR, mail: { from: kpis@example.com, server: "file://mail" } }
databases:
  crm: { url: "sqlite://crm.db" }
sources:
  leads:
    database: crm
    sql: |
      SELECT day, channel, sum(created) AS created, sum(won) AS won
      FROM leads
      WHERE day >= :start AND day < :end
      GROUP BY 1, 2
    time: day
    dimensions: [channel]
    measures: [created, won]
kpis:
  leads_total: { name: { es: Leads, en: Leads }, formula: leads.created, unit: count, good: up, target: 10 }
  close_ratio:
    name: { es: Tasa de cierre, en: Close ratio }
    formula: leads.won / leads_total
    unit: percent
    good: up
    target: [{ from: 2026-01-01, value: 20%, why: Budget }]
  won_total: { name: Won, formula: leads.won, unit: count, good: up }
people:
  ana: { name: Ana Ruiz, email: ana@example.com }
  tom: { name: Tom Hill, email: tom@example.com, language: en, locale: en-GB }
groups:
  board: [ana]
reports:
  weekly:
    title: Weekly
    schedule: mondays at 08:00
    period: week
    to: [board]
    sections: [{ title: All, kpis: [leads_total, close_ratio, won_total] }]
"#;

const ROWS: &str = "CREATE TABLE leads (day text, channel text, created int, won int);
    INSERT INTO leads VALUES ('2026-10-27', 'paid', 20, 5), ('2026-11-03', 'paid', 12, 3), ('2026-11-03', 'test', 3, 0),
        ('2026-11-10', 'paid', 11, 2), ('2026-11-10', 'test', 4, 4);";

/// What an afternoon of edits makes of it.
fn edited() -> String {
    let edits = [
        ("WHERE day >= :start", "WHERE channel <> 'test' AND day >= :start"),
        ("value: 20%, why: Budget", "value: 19%, why: New budget"),
        ("mondays at 08:00", "mondays at 07:30"),
        ("board: [ana]", "board: [ana, tom]"),
        ("  won_total:", "  customers_won:"),
        ("close_ratio, won_total]", "close_ratio, customers_won, leads_each_day]"),
        (
            "people:\n",
            "  leads_each_day: { name: Leads a day, formula: leads_total / 7, unit: number, good: up }\npeople:\n",
        ),
    ];
    edits.iter().fold(YAML.to_owned(), |yaml, (from, to)| {
        assert!(yaml.contains(from), "{from}");
        yaml.replace(from, to)
    })
}

/// A repository that holds the installation in `marketing/kpis`; `None` where this run has no git.
struct Repository {
    folder: Folder,
}

impl Repository {
    async fn new() -> Option<Repository> {
        if !servers::has("git", &["--version"]) {
            return None;
        }
        let repository = Repository { folder: Folder::new() };
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write(YAML);
        repository.commit();
        repository.folder.sqlite("crm", ROWS).await;
        Some(repository)
    }

    fn write(&self, yaml: &str) {
        self.folder.write("marketing/kpis/all.yaml", yaml);
    }

    fn commit(&self) {
        self.git(&["add", "marketing"]);
        self.git(&["commit", "-q", "-m", "as it is"]);
    }

    fn git(&self, args: &[&str]) {
        git(self.folder.path(), args);
    }

    /// `kpid diff` of the folder below the top, as of Wednesday 2026-11-18.
    fn diff(&self, args: &[&str]) -> Ran {
        let fixed = ["--dir", "marketing/kpis", "diff", "--as-of", "2026-11-18T08:00"];
        kpid(self.folder.path(), &[&fixed, args].concat(), &[])
    }
}

/// The same commits have the same names wherever and whenever they are made.
pub fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args);
    for (name, value) in [("NAME", "Ana"), ("EMAIL", "ana@example.com"), ("DATE", "2026-11-16T08:00:00Z")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs kpid in a folder that git thinks nothing above of; its temporary files go to `tmp` there.
fn kpid(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let tmp = folder.join("tmp");
    std::fs::create_dir_all(&tmp).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    command.args(args).current_dir(folder).env_remove("KPID_DIR").env("TMPDIR", &tmp);
    command.env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap()).envs(env.iter().copied());
    let output = command.output().expect("kpid runs");
    let left: Vec<_> = tmp.read_dir().unwrap().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn an_afternoon_of_edits_is_told_in_every_form() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&edited());
    for (file, args) in [
        ("text.txt", &[][..]),
        ("connect.txt", &["--connect"]),
        ("diff.json", &["--json", "--connect", "--periods", "2"]),
        ("comment.md", &["HEAD", "--format", "markdown", "--connect"]),
    ] {
        let ran = repository.diff(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        golden::check(&format!("diff/{file}"), &ran.out);
    }
    let json = |args: &[&str]| serde_json::from_str::<Json>(&repository.diff(args).out).expect("JSON");
    assert_eq!(json(&["--format", "json"]), json(&["--json"]));
}

#[tokio::test]
async fn edit_of_comments_and_formatting_changes_nothing() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&format!(
        "# Ours.\n{}",
        YAML.replace("[ana]", "[ ana ]").replace("sum(won) AS won", "sum(won)  AS won")
    ));
    let ran = repository.diff(&["--exit-code", "--connect"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("\nnothing changes\n"), "{}", ran.out);
    assert!(repository.diff(&["--format", "markdown"]).out.starts_with("### KPIs: nothing changes\n"));
}

#[tokio::test]
async fn exit_code_tells_that_something_changes_when_it_is_asked_for() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&edited());
    assert_eq!((repository.diff(&[]).code, repository.diff(&["--exit-code"]).code), (0, 1));
}

#[tokio::test]
async fn source_that_does_not_answer_is_said_and_the_others_are_measured() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&edited().replace("sqlite://crm.db", "sqlite://gone.db"));
    let ran = repository.diff(&["--connect", "--exit-code"]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""));
    assert!(ran.out.contains("new: source leads could not be read: "), "{}", ran.out);
    assert!(ran.out.contains("● met → ○ not judged"), "{}", ran.out);
    let ran = repository.diff(&["--connect", "--json"]);
    let json: Json = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((ran.code, &json["effects"]["failures"][0]["side"]), (3, &"new".into()));
}

#[tokio::test]
async fn periods_are_paired_by_their_days_where_the_sides_do_not_end_with_the_same() {
    let folder = Folder::new();
    folder.write("old/all.yaml", &YAML.replace("Europe/Madrid", "UTC"));
    folder.write("new/all.yaml", &YAML.replace("Europe/Madrid", "America/Los_Angeles"));
    folder.sqlite("crm", ROWS).await;
    // Monday in UTC, still Sunday in Los Angeles.
    let args = ["diff", "old", "new", "--as-of", "2026-11-16T03:00Z", "--connect", "--periods", "2"];
    let ran = kpid(folder.path(), &args, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    golden::check("diff/zones.txt", &ran.out);
    let json: Json = serde_json::from_str(&kpid(folder.path(), &[&args[..], &["--json"]].concat(), &[]).out).unwrap();
    let total = json["effects"]["kpis"].as_array().unwrap().iter().find(|kpi| kpi["kpi"] == "leads_total").unwrap();
    let value = |side: &Json| side.get("value").and_then(Json::as_f64);
    let period = |p: &Json| (p["period"].as_str().unwrap().to_owned(), value(&p["old"]), value(&p["new"]));
    let periods: Vec<_> = total["periods"].as_array().unwrap().iter().map(period).collect();
    let expected = [
        ("2026-W44".to_owned(), None, Some(20.0)),
        ("2026-W45".to_owned(), Some(15.0), Some(15.0)),
        ("2026-W46".to_owned(), Some(15.0), None),
    ];
    assert_eq!(periods, expected);
}

#[tokio::test]
async fn no_secret_is_in_any_output() {
    let Some(repository) = Repository::new().await else { return };
    let canaries = |number: usize| {
        let url = format!("postgres://canary:canary{number}@localhost:1/crm?password=canary{number}&sslmode=disable");
        let server = format!("smtp://canary:canary{number}@127.0.0.1:25");
        YAML.replace("sqlite://crm.db", &url).replace("file://mail", &server)
    };
    repository.write(&canaries(1));
    repository.commit();
    repository.write(&canaries(2).replace("localhost", "127.0.0.1"));
    for args in [&[][..], &["--json"], &["--format", "markdown"], &["--connect"], &["--connect", "--json"]] {
        let ran = repository.diff(args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("sslmode=disable") && said.contains("with another password"), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}
