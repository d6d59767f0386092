//! Loading a folder of YAML, from outside: what is said about broken ones, and that good ones load whole.

use kpid::catalog::{Catalog, Loaded, Problems};
use kpid::formula::Reference;
use kpid::pipeline::{self, Outcome};
use kpid::report::History;
use std::fs;
use std::path::{Path, PathBuf};

fn environment(name: &str) -> Option<String> {
    match name {
        "CRM_URL" => Some("postgres://kpid:s3cr3t@db/crm".to_owned()),
        "EMPTY" => Some(String::new()),
        "FOUR" => Some("4".to_owned()),
        "NOT_A_URL" => Some("canary-secret".to_owned()),
        _ => None,
    }
}

fn load(folder: &Path) -> Result<Loaded, Problems> {
    Catalog::load(folder, &environment)
}

/// What is said about a folder, be it usable or not.
fn said(folder: &Path) -> String {
    match load(folder) {
        Ok(loaded) => loaded.warnings.to_string(),
        Err(problems) => problems.to_string(),
    }
}

/// Every folder of `tests/bad` breaks one rule; `expected.txt` in it is what is said. `KPID_BLESS=1` writes them anew: read the diff.
#[test]
fn every_broken_catalogue_is_explained() {
    let mut folders: Vec<PathBuf> =
        fs::read_dir("tests/bad").expect("tests/bad").map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    assert!(folders.len() >= 60, "only {} cases", folders.len());
    let mut wrong = Vec::new();
    for folder in folders {
        let (said, golden) = (said(&folder), folder.join("expected.txt"));
        if std::env::var_os("KPID_BLESS").is_some() {
            fs::write(&golden, &said).expect("write expected.txt");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if said != expected {
            wrong.push(format!("== {}\n-- expected\n{expected}-- said\n{said}", folder.display()));
        }
        let secrets = ["s3cr3t", "canary-secret", "hunter2"];
        assert!(!secrets.iter().any(|secret| said.contains(secret)), "a secret shows:\n{said}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder of its own for one test, with the given files; removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("kpid-catalog-{}-{test}", std::process::id()));
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("create the folder");
            fs::write(path, text).expect("write a file");
        }
        Folder(folder)
    }

    fn load(&self) -> Loaded {
        load(&self.0).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// What is said, without the folder's own path.
    fn said(&self) -> String {
        said(&self.0).replace(&self.0.display().to_string(), "DIR")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("remove the folder");
    }
}

const BASE: &str = "
settings:
  language: es
  timezone: Europe/Madrid
  mail: { from: 'KPIs <kpis@example.com>', server: 'smtp://localhost:25', rate: 30/second, allowed_domains: [Example.com] }
  admin: ops@example.com
databases:
  crm: { url: \"${CRM_URL}\", connections: \"${FOUR}\", timeout: 1m 30s, time_zone: UTC }
  web: { url: \"${WEB_URL:-sqlite://web.db}\" }
sources:
  leads:
    database: crm
    sql: |
      SELECT day, channel, count(*) AS created, max(size) AS biggest
      FROM leads WHERE day >= :start AND day < :end GROUP BY 1, 2
    time: day
    dimensions: [channel]
    measures: { created: sum, biggest: max }
    labels: { created: { es: altas, en: created }, channel: canal }
    fresh: { sql: SELECT max(day) FROM leads, within: 36h, otherwise: hold, hold_for: 2h }
  budget: { database: web, sql: 'SELECT n FROM budget WHERE day >= :start', measures: [n] }
";

#[test]
fn the_shipped_catalogue_loads() {
    let loaded = load(Path::new("kpis")).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.warnings.to_string(), "");
    assert!(loaded.catalog.kpis.len() >= 40 && !loaded.catalog.reports.is_empty());
}

#[test]
fn readers_of_the_shipped_catalogue_see_no_name_of_the_yaml() {
    let catalog = load(Path::new("kpis")).unwrap_or_else(|problems| panic!("{problems}")).catalog;
    let mut dimensions = std::collections::BTreeMap::new();
    for source in catalog.sources.values() {
        for name in source.measures.iter().map(|measure| &measure.name).chain(&source.dimensions) {
            let label = source.labels.get(name).unwrap_or_else(|| panic!("{}.{name} has no label", source.name));
            assert_ne!(label.get("es", "-"), "", "{}.{name}", source.name);
        }
        for name in &source.dimensions {
            let label = dimensions.entry(name.clone()).or_insert_with(|| source.labels[name].clone());
            assert_eq!(*label, source.labels[name], "sources that share {name} label it alike");
        }
    }
}

#[test]
fn edition_knows_how_things_are_called_and_whom_to_ask() {
    let catalog = load(Path::new("kpis")).unwrap_or_else(|problems| panic!("{problems}")).catalog;
    let spec = &catalog.reports["weekly_b2b"];
    let period = spec.calendar.parse("2026-W46").expect("a week");
    let nothing = Outcome { measured: Vec::new(), failures: Vec::new(), stale: Vec::new() };
    let made = pipeline::made(&catalog, period, period.window.end);
    let report = pipeline::edition(&catalog, spec, nothing, History::default(), made);
    let said = |reference: Reference| report.words.input(&reference).map(|text| text.get("es", "es").to_owned());
    let measure = |source: &str, measure: &str| Reference::Measure { source: source.into(), measure: measure.into() };
    assert_eq!(said(measure("spend", "marketing")).as_deref(), Some("gasto de marketing"));
    assert_eq!(said(Reference::Kpi("leads".into())).as_deref(), Some("Leads"));
    assert_eq!(said(measure("spend", "direction")), None, "a dimension is no input");
    assert_eq!(report.words.dimension("device").map(|text| text.get("en", "es")), Some("device"));
    assert_eq!(report.made.contact.as_deref(), Some("marketing-ops@example.com"));
    assert_eq!(report.made.catalog, Some(catalog.version.clone()));
}

#[test]
fn version_of_a_catalogue_is_that_of_its_files() {
    let version = |name: &str, files: &[(&str, &str)]| Folder::new(name, files).load().catalog.version;
    let first = version("version-a", &[("a.yaml", BASE), ("sub/b.yaml", "kpis:\n")]);
    assert_eq!(first, version("version-b", &[("sub/b.yaml", "kpis:\n"), ("a.yaml", BASE)]), "wherever the folder is");
    assert!(first.len() == 12 && first.bytes().all(|b| b.is_ascii_hexdigit()), "{first}");
    for other in [
        &[("a.yaml", BASE), ("sub/b.yaml", "kpis: \n")][..],
        &[("a.yaml", BASE), ("sub/c.yaml", "kpis:\n")],
        &[("a.yaml", BASE)],
    ] {
        assert_ne!(first, version("version-c", other), "{other:?}");
    }
}

#[test]
fn settings_and_databases_take_values_from_outside() {
    let loaded = Folder::new("outside", &[("a.yaml", BASE)]).load();
    let (settings, crm) = (&loaded.catalog.settings, &loaded.catalog.databases["crm"]);
    assert_eq!(loaded.warnings.to_string(), "");
    assert_eq!((&*settings.language, settings.locale.as_str(), settings.currency.as_str()), ("es", "es-ES", "EUR"));
    assert_eq!(settings.calendar.zone.iana_name(), Some("Europe/Madrid"));
    let mail = settings.mail.as_ref().expect("mail");
    assert_eq!(
        (mail.rate, mail.connections, &mail.allowed_domains[..]),
        (Some(1800.0), 4, &["example.com".to_owned()][..])
    );
    assert_eq!(crm.url.expose(), "postgres://kpid:s3cr3t@db/crm");
    assert_eq!((crm.connections, crm.timeout.as_secs(), crm.max_rows), (4, 90, 10_000));
    assert_eq!(loaded.catalog.databases["web"].url.expose(), "sqlite://web.db");
    assert!(!format!("{:?}", loaded.catalog).contains("s3cr3t"));
}

#[test]
fn a_secret_is_put_in_after_parsing_and_can_not_change_the_structure() {
    let folder = Folder::new("structure", &[("a.yaml", "databases:\n  crm: { url: \"${URL}\" }\n")]);
    let env = |_: &str| Some("sqlite://x.db, max_rows: 7 } # ${OTHER}".to_owned());
    let loaded = Catalog::load(&folder.0, &env).unwrap_or_else(|problems| panic!("{problems}"));
    let crm = &loaded.catalog.databases["crm"];
    assert_eq!((crm.url.expose(), crm.max_rows), ("sqlite://x.db, max_rows: 7 } # ${OTHER}", 10_000));
}

/// A folder whose one database has the URL `${what}`.
fn with_url(test: &str, what: &str, files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(test, files);
    let what = what.replace("DIR", &folder.0.display().to_string());
    let yaml = format!("settings: {{ language: en }}\ndatabases: {{ crm: {{ url: \"${{{what}}}\" }} }}\n");
    fs::write(folder.0.join("a.yaml"), yaml).expect("write a file");
    folder
}

#[test]
fn a_secret_file_loses_the_line_end_at_its_end() {
    for text in ["sqlite://x.db", "sqlite://x.db\n", "sqlite://x.db\r\n"] {
        let folder = with_url("secret", "file:DIR/url.txt", &[("url.txt", text)]);
        assert_eq!(folder.load().catalog.databases["crm"].url.expose(), "sqlite://x.db", "{text:?}");
    }
}

/// E-5
#[test]
fn a_secret_may_be_a_credential_of_systemd() {
    let folder = with_url("credential", "credential:crm.url", &[("given/crm.url", "sqlite://x.db\n")]);
    let given = folder.0.join("given").display().to_string();
    let env = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| given.clone());
    let loaded = Catalog::load(&folder.0, &env).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.catalog.databases["crm"].url.expose(), "sqlite://x.db");
}

/// E-5
#[test]
fn a_file_that_is_no_secret_is_refused_with_a_reason() {
    let large = "canary".repeat(20_000);
    for (text, why) in [
        ("canary\0", "holds a NUL, so it is no text"),
        (&large, "is larger than 64 KiB"),
        ("postgres://kpid:canary\nsecond@db/crm", "expected one line, found a line break or tab"),
    ] {
        let said = with_url("no-secret", "file:DIR/secret", &[("secret", text)]).said();
        assert!(said.contains(why) && said.contains("\n1 error") && !said.contains("canary"), "{said}");
    }
}

/// E-5
#[cfg(unix)]
#[test]
fn a_secret_that_everybody_may_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = with_url("mode", "file:DIR/secret", &[("secret", "sqlite://x.db")]);
    let said = |mode: u32| {
        fs::set_permissions(folder.0.join("secret"), fs::Permissions::from_mode(mode)).expect("set the mode");
        folder.said()
    };
    for mode in [0o600, 0o400, 0o640, 0o440] {
        assert_eq!(said(mode), "", "{mode:o}");
    }
    for mode in [0o644, 0o604, 0o666, 0o777] {
        let said = said(mode);
        let message = format!("everybody on this machine may read `DIR/secret` (mode {mode:04o}) [secret-mode]");
        let help = "run `chmod 0640 DIR/secret`, with the group of kpid's user, or `chmod 0600 DIR/secret`";
        assert!(said.starts_with("DIR/a.yaml:2:26: warning: ") && said.contains(&message), "{said}");
        assert!(said.contains(help), "{said}");
    }
}

#[test]
fn sources_know_their_columns() {
    use kpid::query::{Aggregate, Engine, Otherwise};
    let catalog = Folder::new("sources", &[("a.yaml", BASE)]).load().catalog;
    let (leads, budget) = (&catalog.sources["leads"], &catalog.sources["budget"]);
    let measures: Vec<_> = leads.measures.iter().map(|m| (&*m.name, m.aggregate, m.declared)).collect();
    assert_eq!(measures, [("created", Aggregate::Sum, true), ("biggest", Aggregate::Max, true)]);
    assert_eq!((leads.statement.engine, leads.time.as_deref()), (Engine::Postgres, Some("day")));
    let fresh = leads.fresh.as_ref().expect("fresh");
    assert_eq!(fresh.within.as_secs(), 36 * 3600);
    assert!(matches!(fresh.otherwise, Otherwise::Hold(time) if time.as_secs() == 7200));
    let label = |name: &str| leads.labels.get(name).map(|label| label.get("en", "es").to_owned());
    assert_eq!(["created", "channel", "biggest"].map(label), [Some("created".into()), Some("canal".into()), None]);
    assert_eq!((budget.time.as_deref(), budget.measures[0].declared), (None, false));
}

#[test]
fn kpis_keep_the_order_of_the_yaml_and_their_values_their_meaning() {
    use kpid::calendar::{Cadence, Over};
    use kpid::measure::{Goal, Level, Unit};
    let kpis = "
kpis:
  zeta: { formula: leads.created, good: up, where: { channel: [no, 08:30, 017, null] }, over: trailing 12 weeks }
  alpha:
    name: { es: Cuota, en: Share }
    formula: >-
      leads.created
      / total(leads.created)
    unit: percent
    decimals: 1
    breakdown: channel
    good: up
    target: { between: [20%, 0.3], near: 10%, by: { channel: { paid: [1%, 2%], organic: 5% } } }
  paid: { formula: leads.created, good: up, where: { channel: [true, 'true', False, false] } }
  budget_met: &common { formula: leads.created, good: up, unit: 'currency:USD', target: { formula: budget.n, per: month } }
  merged: { <<: *common, good: down, target: [{ from: 2026-01-01, value: 1_200.5, why: Plan }, { from: 2026-07-01, value: 2 }] }
";
    let catalog = Folder::new("kpis", &[("a.yaml", BASE), ("sub/b.yml", kpis)]).load().catalog;
    let ids: Vec<_> = catalog.kpis.iter().map(|kpi| &*kpi.id).collect();
    assert_eq!(ids, ["zeta", "alpha", "paid", "budget_met", "merged"]);
    let kpi = |name: &str| catalog.kpi(name).expect("a KPI");
    let kept: Vec<_> = kpi("zeta").filter["channel"].iter().map(Option::as_deref).collect();
    assert_eq!(kept, [None, Some("017"), Some("08:30"), Some("no")]);
    let kept: Vec<_> = kpi("paid").filter["channel"].iter().flatten().map(|value| &**value).collect();
    assert_eq!(kept, ["0", "1", "False", "false", "true"], "booleans are 1 and 0 in SQLite and MySQL");
    assert_eq!((kpi("zeta").over, kpi("zeta").name.get("es", "es")), (Some(Over::TrailingWeeks(12)), "Zeta"));
    let target = kpi("alpha").target.as_ref().expect("a target");
    assert!(matches!(target.goal, Goal::Level(Level::Between(low, high)) if (low, high) == (0.2, 0.3)));
    assert_eq!((target.near, target.by["channel"]["paid"]), (0.1, Level::Between(0.01, 0.02)));
    assert_eq!(kpi("budget_met").unit, Unit::Currency(Some("USD".to_owned())));
    assert!(
        matches!(&kpi("budget_met").target, Some(t) if t.per == Some(Cadence::Month) && matches!(t.goal, Goal::Formula(_)))
    );
    let Some(Goal::Dated(dated)) = kpi("merged").target.as_ref().map(|t| &t.goal) else { panic!("dated") };
    assert_eq!((dated[0].level, dated[0].why.as_deref(), dated.len()), (Level::Value(1200.5), Some("Plan"), 2));
    assert!(catalog.kpi("nobody").is_none());
}

#[test]
fn reports_reach_everybody_once_and_in_their_language() {
    let people = "
people:
  ana: { name: Ana Ruiz, email: ana@example.com }
  tom: { email: tom@example.com, language: en }
groups: { all: [ana, tom, pia@example.com] }
kpis:
  leads: { formula: leads.created, good: up }
reports:
  weekly:
    schedule: mondays at 08:00
    timezone: America/Bogota
    period: week
    to: [tom, all, Ana@example.com]
    missed: all
    within: 3d
    was: sales
    cc_admin: true
    sections: [{ title: Uno, text: Hola, kpis: [leads], show: table }]
";
    let catalog = Folder::new("reports", &[("a.yaml", BASE), ("b.yaml", people)]).load().catalog;
    let weekly = &catalog.reports["weekly"];
    let to: Vec<_> = weekly.to.iter().map(|p| (p.email.as_str(), &*p.language, p.locale.as_str())).collect();
    let expected =
        [("tom@example.com", "en", "en-GB"), ("ana@example.com", "es", "es-ES"), ("pia@example.com", "es", "es-ES")];
    assert_eq!(to, expected);
    assert_eq!(weekly.calendar.zone.iana_name(), Some("America/Bogota"));
    assert_eq!(
        (weekly.trend, weekly.compare.len(), weekly.cc_admin, weekly.title.get("es", "es")),
        (12, 1, true, "Weekly")
    );
    assert_eq!(weekly.was.as_deref(), Some("sales"));
    assert_eq!(weekly.missed.within.map(|within| within.as_secs()), Some(3 * 86_400));
}

#[test]
fn tests_of_kpis_name_inputs_moved_in_time() {
    let kpis = "
kpis:
  leads: { formula: leads.created, good: up }
  growth:
    formula: leads / previous(leads) - 1
    good: up
    tests:
      - { given: { leads: 3, previous(leads): 2 }, expect: 0.5 }
      - { given: { leads: 3, previous(leads): missing }, expect: missing }
";
    let folder = Folder::new("tests", &[("a.yaml", BASE), ("b.yaml", kpis)]);
    let tests = folder.load().catalog.tests;
    let shifts: Vec<_> =
        tests[0].given.iter().map(|((name, shift), value)| (name.to_string(), shift.previous, *value)).collect();
    assert_eq!(shifts, [("leads".to_owned(), 0, Some(3.0)), ("leads".to_owned(), 1, Some(2.0))]);
    assert_eq!((tests[1].given[1].1, tests[1].expect), (None, None));
    assert!(tests[1].place.to_string().ends_with("b.yaml:9"), "{}", tests[1].place);
}

/// CF-8: what YAML 1.1 and people's habits take for something else stays what was written, or is refused with the way to write it.
#[test]
fn a_value_is_taken_as_it_stands_or_refused_with_a_hint() {
    let said = |test: &str, kpi: &str| {
        let kpis = format!("kpis:\n  leads: {{ formula: leads.created, good: up, {kpi} }}\n");
        Folder::new(test, &[("a.yaml", BASE), ("b.yaml", &kpis)]).said()
    };
    for text in ["no", "08:30", "1_000", "on", "~x", "2026-11-22", "NaN", "1,5 €"] {
        let kpis =
            format!("kpis:\n  leads: {{ name: '{text}', formula: leads.created, good: up, tags: [no, 08:30] }}\n");
        let folder = Folder::new("as-it-stands", &[("a.yaml", BASE), ("b.yaml", &kpis)]);
        let kpi = folder.load().catalog.kpi("leads").expect("a KPI").clone();
        assert_eq!((kpi.name.get("en", "en"), &*kpi.tags), (text, &["no".to_owned(), "08:30".to_owned()][..]));
    }
    assert_eq!(said("thousand", "target: 1_000"), "");
    for (target, hint) in [
        ("1,5", "the decimal point is `.`"),
        ("NaN", "expected"),
        (".inf", "expected"),
        ("017", "expected"),
        ("'1000'", "expected"),
        ("08:30", "expected"),
        ("no", "expected"),
    ] {
        let said = said("refused", &format!("target: {target}"));
        assert!(said.contains("DIR/b.yaml:2:") && said.contains("error") && said.contains(hint), "{target}: {said}");
    }
    let utf16: Vec<u8> = "kpis:".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = Folder::new("utf16", &[("a.yaml", BASE), ("b.yaml", "")]);
    fs::write(folder.0.join("b.yaml"), [&[0xff, 0xfe], &*utf16].concat()).expect("write a file");
    assert!(folder.said().contains("is not UTF-8 text but UTF-16"), "{}", folder.said());
    let tab = Folder::new("tab", &[("a.yaml", BASE), ("b.yaml", "kpis:\n\tleads: 1\n")]).said();
    assert!(tab.contains("DIR/b.yaml:2:2: error") && tab.contains("spaces"), "{tab}");
}

#[test]
fn byte_order_mark_comments_and_empty_sections_are_no_problem() {
    let files =
        [("a.yaml", "\u{feff}settings: { language: en }\n"), ("b.yaml", "# nothing yet\n"), ("c.yaml", "kpis:\n")];
    assert_eq!(Folder::new("bom", &files).said(), "");
}

#[test]
fn hidden_files_and_other_kinds_are_not_read() {
    let files = [("a.yaml", BASE), (".b.yaml", "["), (".git/c.yaml", "["), ("d.yaml~", "["), ("e.json", "[")];
    assert_eq!(Folder::new("hidden", &files).said(), "");
}

#[test]
fn missing_folder_and_too_large_a_file_are_named() {
    let missing = said(Path::new("/no/such/folder"));
    assert!(missing.starts_with("/no/such/folder: error: `/no/such/folder` can't be read: No such file"), "{missing}");
    let large = "#".repeat((1 << 20) + 1);
    let said = Folder::new("large", &[("a.yaml", &large), ("b.yaml", "kpsi: {}\n")]).said();
    assert!(said.contains("DIR/a.yaml: error: `DIR/a.yaml` is larger than 1 MiB [unreadable]"), "{said}");
    assert!(said.contains("DIR/b.yaml:1:1: error: unknown key `kpsi` in a file"), "{said}");
}

/// CF-9
#[test]
fn a_folder_of_more_than_can_be_meant_is_refused() {
    let folder = Folder::new("hundred", &[]);
    fs::create_dir_all(&folder.0).expect("create the folder");
    let text = "#".repeat(1 << 20);
    (0..33).for_each(|file| fs::write(folder.0.join(format!("{file:02}.yaml")), &text).expect("write a file"));
    assert!(folder.said().starts_with("DIR: error: `DIR` holds more than 32 MiB of YAML"), "{}", folder.said());
    fs::remove_file(folder.0.join("32.yaml")).expect("remove a file");
    assert!(!folder.said().contains("more than 32 MiB"), "{}", folder.said());
}

#[test]
fn names_of_a_file_that_is_not_yaml_are_not_reported_as_unknown() {
    let files = [
        ("a.yaml", "kpis:\n  leads: { formula: leads.created\n"),
        ("b.yaml", "kpis:\n  x: { formula: leads + laeds, good: up }\n"),
    ];
    let said = Folder::new("broken", &files).said();
    assert!(said.contains("unknown KPI `laeds`") && !said.contains("unknown KPI `leads`"), "{said}");
}

/// CF-9
#[test]
fn no_bomb_takes_long_or_much() {
    let aliases = (0..9).fold("a0: &a0 [x]\n".to_owned(), |yaml, i| {
        yaml + &format!("a{}: &a{} [{}]\n", i + 1, i + 1, vec![format!("*a{i}"); 20].join(","))
    });
    let merges = (0..9).fold("a0: &a0 { k: v }\n".to_owned(), |yaml, i| {
        yaml + &format!("a{}: &a{} {{ <<: [{}] }}\n", i + 1, i + 1, vec![format!("*a{i}"); 20].join(","))
    });
    let deep_blocks =
        (0..10_000).fold(String::new(), |yaml, i| yaml + &" ".repeat(i.min(50)) + "a:\n") + &"- ".repeat(100_000);
    let flat = format!("kpis: [{}]", "a,".repeat(500_000));
    let keys = (0..100_000).fold("kpis:\n".to_owned(), |yaml, i| yaml + &format!("  a{i}:\n"));
    for yaml in
        [aliases, merges, deep_blocks, flat, "{".repeat(1 << 20), keys, "\"".repeat(1 << 20), "&a ".repeat(300_000)]
    {
        let started = std::time::Instant::now();
        let folder = Folder::new("bomb", &[("a.yaml", &yaml)]);
        assert!(load(&folder.0).is_err(), "{}", &yaml[..60]);
        // A bound that a debug build on a busy machine meets; a bomb takes minutes.
        assert!(started.elapsed().as_secs() < 20, "{:?}: {}", started.elapsed(), &yaml[..60]);
    }
}

mod any_bytes {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// What editors, merges and half-written files leave behind: never a panic, and every place is inside its file.
        #[test]
        fn broken_text_is_explained_and_never_panics(at in 0..BASE.len(), length in 0..40_usize, insert in "[ -~\n\t\"'|>&*${}\\[\\]:éñ日]{0,12}") {
            let start = (0..=at).rev().find(|at| BASE.is_char_boundary(*at)).expect("0 is one");
            let end = (start + length).min(BASE.len());
            let yaml = format!("{}{insert}{}", &BASE[..start], &BASE[end..]);
            let kpis = "kpis:\n  leads: { formula: leads.created, good: up, where: { channel: a } }\n";
            let folder = Folder::new("any", &[("a.yaml", &yaml), ("b.yaml", kpis)]);
            if let Err(problems) = load(&folder.0) {
                prop_assert!(problems.iter().all(|problem| problem.line() >= 1 && problem.column() >= 1));
                prop_assert!(!problems.to_string().is_empty() && !problems.graphical(80).is_empty());
            }
        }
    }
}
