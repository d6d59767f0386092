//! `kpid docs`: whole, the same each time, without secrets, and as people see it in a browser.

use crate::cli::Ran;
use crate::installation::Folder;
use crate::servers::say;
use kpid::demo::catalogue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

const CANARY: &str = "c4n4ry-8Qz";

/// `kpid docs -o site` on the folder's `kpis/`, with a password wherever one can stand.
fn docs(folder: &Folder, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    command.args(["docs", "-o", "site"]).args(args).current_dir(folder.path()).env_remove("KPID_DIR");
    command.env("CRM_URL", format!("postgres://ana:{CANARY}@db.example.net/crm"));
    command.env("KPID_MAIL", format!("smtp://mailer:{CANARY}@mail.example.net"));
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The same to its good end: path below the site → text.
fn site(folder: &Folder, args: &[&str]) -> BTreeMap<PathBuf, String> {
    let ran = docs(folder, args);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let mut files = BTreeMap::new();
    read(&folder.path().join("site"), Path::new(""), &mut files);
    files
}

fn read(root: &Path, below: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        match root.join(&path).is_dir() {
            true => read(root, &path, files),
            false => drop(files.insert(path.clone(), std::fs::read_to_string(root.join(&path)).unwrap())),
        }
    }
}

/// The catalogue that ships.
fn shipped() -> Folder {
    let folder = Folder::new();
    catalogue::write(&folder.path().join("kpis")).unwrap();
    folder
}

/// Where the page's links and files lead, from the site's root.
fn targets(page: &Path, text: &str) -> Vec<PathBuf> {
    let attributes = ["href=\"", "src=\""].into_iter().flat_map(|name| text.split(name).skip(1));
    let leads = attributes.map(|rest| rest.split('"').next().unwrap());
    leads
        .map(|target| {
            page.parent().unwrap().join(target).components().fold(PathBuf::new(), |mut path, part| {
                match part {
                    Component::ParentDir => assert!(path.pop(), "{}: {target}", page.display()),
                    part => path.push(part),
                }
                path
            })
        })
        .collect()
}

#[test]
fn everything_has_its_page_and_every_link_leads_to_a_file() {
    for (language, title) in [("es", "Catálogo de KPI"), ("en", "KPI catalogue")] {
        let folder = shipped();
        let files = site(&folder, &["--language", language]);
        let pages = files.iter().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "html"));
        let mut links = 0;
        for (page, text) in pages {
            assert!(text.contains(title) && text.contains(&format!("<html lang=\"{language}\"")), "{}", page.display());
            assert!(!text.contains("{{") && !text.contains("{%"), "{}", page.display());
            for target in targets(page, text) {
                assert!(files.contains_key(&target), "{} leads to {}", page.display(), target.display());
                links += 1;
            }
        }
        assert!(links > 1000, "{links}");
        let installation = crate::installation::Installation::load(&folder.path().join("kpis"), &BTreeMap::new());
        let catalog = &installation.catalog;
        let kpis = catalog.kpis.iter().map(|kpi| format!("kpi/{}.html", kpi.id));
        let sources = catalog.sources.keys().map(|name| format!("source/{name}.html"));
        let reports = catalog.reports.keys().map(|name| format!("report/{name}.html"));
        for page in kpis.chain(sources).chain(reports) {
            assert!(files.contains_key(Path::new(&page)), "{page}");
        }
    }
}

#[test]
fn a_kpi_is_explained_in_words_with_its_target_owner_tests_and_place() {
    let cac = site(&shipped(), &["--language", "en"])[Path::new("kpi/cac.html")].replace('\u{a0}', " ");
    for expected in [
        "(marketing spend + sales spend) ÷ new customers",
        "≤ €2,500 from 1 July 2026: Lanzamiento de EcoFlow",
        "near within 5.0%",
        "<dt>Owner</dt><dd>marketing@example.com</dd>",
        "<dt>Tests</dt><dd>4</dd>",
        "<code>costs.yaml:4</code>",
        "<a href=\"../kpi/clv_to_cac.html\">CLV to CAC ratio</a>",
        "<a href=\"../source/acquisitions.html\">acquisitions.customers</a>",
    ] {
        assert!(cac.contains(expected), "{expected}\n{cac}");
    }
}

#[test]
fn the_same_yaml_gives_the_same_files_and_who_is_gone_loses_the_page() {
    let folder = shipped();
    let first = site(&folder, &[]);
    assert_eq!(first, site(&folder, &[]));
    let block = "kpis:\n  short_lived: { name: Short-lived, formula: leads, unit: count, good: up }\n";
    let added = folder.write("kpis/added.yaml", block);
    let more = site(&folder, &[]);
    assert!(more.contains_key(Path::new("kpi/short_lived.html")));
    std::fs::remove_file(added).unwrap();
    assert_eq!(first, site(&folder, &[]));
}

#[test]
fn what_somebody_else_put_there_is_left_alone() {
    let folder = shipped();
    folder.write("site/thesis.txt", "years of work");
    let ran = docs(&folder, &[]);
    assert_eq!(ran.code, 2);
    let expected = "error: `site` holds other files\nhelp: name a new folder, or one that `kpid docs` wrote before\n";
    assert_eq!(ran.err, expected);
    assert_eq!(std::fs::read_dir(folder.path().join("site")).unwrap().count(), 1);
}

#[test]
fn a_file_of_somebody_else_where_a_page_would_be_is_left_alone() {
    let folder = shipped();
    let pages = site(&folder, &[]);
    let shadowed = Path::new("kpi/short_lived.html");
    folder.write("site/kpi/short_lived.html", "years of work");
    let block = "kpis:\n  short_lived: { name: Short-lived, formula: leads, unit: count, good: up }\n";
    folder.write("kpis/added.yaml", block);
    let ran = docs(&folder, &[]);
    let expected = "error: `site/kpi/short_lived.html` was not written by `kpid docs`\n\
                    help: move it away, or name another folder\n";
    assert_eq!((ran.code, ran.err.as_str()), (2, expected));
    let mut files = BTreeMap::new();
    read(&folder.path().join("site"), Path::new(""), &mut files);
    assert_eq!(files.remove(shadowed).as_deref(), Some("years of work"));
    assert_eq!(files, pages, "nothing was written");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let folder = shipped();
    site(&folder, &[]);
    let elsewhere = folder.write("elsewhere/cac.html", "years of work");
    let below = folder.path().join("site");
    for (link, target) in [("kpi/cac.html", elsewhere.as_path()), ("kpi", elsewhere.parent().unwrap())] {
        let link = below.join(link);
        if link.is_dir() {
            std::fs::remove_dir_all(&link).unwrap();
        } else {
            std::fs::remove_file(&link).unwrap();
        }
        std::os::unix::fs::symlink(target, &link).unwrap();
        let ran = docs(&folder, &[]);
        let name = link.strip_prefix(folder.path()).unwrap().display();
        let expected = format!(
            "error: `{name}` is a link, which `kpid docs` does not follow\nhelp: move it away, or name another folder\n"
        );
        assert_eq!((ran.code, ran.err), (2, expected));
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "years of work");
    }
}

#[cfg(unix)]
#[test]
fn a_first_run_that_fails_halfway_can_be_run_again() {
    let folder = shipped();
    // No file may become larger than 8 KB: the list is smaller, the page of all KPIs is not.
    let halfway = "trap '' XFSZ; ulimit -f 16; exec \"$0\" docs -o site";
    let run = Command::new("sh").args(["-c", halfway, env!("CARGO_BIN_EXE_kpid")]).current_dir(folder.path()).output();
    let ran = run.unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.code() == Some(1) && err.starts_with("error: write site/index.html"), "{err}");
    let mut files = BTreeMap::new();
    read(&folder.path().join("site"), Path::new(""), &mut files);
    assert!(files.contains_key(Path::new(".kpid-docs")));
    assert_eq!(site(&folder, &[]), site(&shipped(), &[]));
}

#[test]
fn a_language_without_texts_is_refused() {
    let ran = docs(&shipped(), &["--language", "fr"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: there are no texts in `fr`\nhelp: there are en, es\n"));
}

#[test]
fn neither_readers_addresses_nor_urls_nor_passwords_are_in_it() {
    let files = site(&shipped(), &[]);
    let people = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/kpis/people.yaml")).unwrap();
    let words = people.split(|c: char| c.is_whitespace() || ",{}\"".contains(c));
    let addresses: BTreeSet<&str> = words.filter(|word| word.contains('@')).collect();
    assert!(addresses.len() > 2, "{addresses:?}");
    for (path, text) in &files {
        for secret in addresses.iter().copied().chain([CANARY, "example.net", "postgres:", "sqlite:", "smtp:"]) {
            assert!(!text.contains(secret), "{}: {secret}", path.display());
        }
    }
    assert!(files[Path::new("report/weekly_b2b.html")].contains("Tom Hill"), "readers are named");
}

/// Everything that people write, as hostile as YAML lets it be.
const HOSTILE: &str = r#"
settings: { language: en, timezone: UTC, currency: EUR, mail: { from: kpis@example.com, server: "file://mail" } }
databases: { crm: { url: "sqlite://crm.db" } }
sources:
  leads:
    database: crm
    description: "<script>alert('source')</script>"
    sql: SELECT day, channel, "<script>alert('sql')</script>" AS created FROM leads WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel]
    measures: [created]
    labels: { created: "<script>alert('label')</script>", channel: "\"><script>alert('dimension')</script>" }
kpis:
  total:
    name: "\"'><script>alert('name')</script>"
    description: "<img src=x onerror=alert('description')> {{ words }} {% if %}"
    formula: leads.created
    where: { channel: "<script>alert('segment')</script>" }
    unit: count
    good: up
    target: [{ from: 2026-01-01, value: 5, why: "<script>alert('why')</script>" }]
    tags: ["<script>alert('tag')</script>"]
people:
  ana: { name: "<script>alert('person')</script>", email: ana@example.com }
reports:
  weekly:
    title: "</title><script>alert('title')</script>"
    schedule: mondays at 08:00
    period: week
    to: [ana]
    sections: [{ title: "<script>alert('section')</script>", kpis: [total] }]
"#;

#[test]
fn hostile_names_are_text() {
    let folder = Folder::new();
    folder.write("kpis/all.yaml", HOSTILE);
    let files = site(&folder, &[]);
    for (path, text) in files.iter().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "html")) {
        let scripts = text.matches("<script").count();
        assert_eq!(scripts, text.matches("<script src=\"").count(), "{}", path.display());
        assert!(!text.contains("<img") && !text.contains("\"'>"), "{}", path.display());
    }
    let all: String = files.into_values().collect();
    let said = ["source", "sql", "label", "dimension", "name", "description", "segment", "why", "tag"];
    for what in said.into_iter().chain(["person", "title", "section"]) {
        let quoted =
            [format!("alert('{what}')"), format!("alert(&#39;{what}&#39;)"), format!("alert(&#x27;{what}&#x27;)")];
        assert!(quoted.iter().any(|text| all.contains(text)), "{what} is nowhere");
    }
}

/// The pages in a real Chromium. Without its tools the test leaves itself out, loudly; under `KPID_TEST_ALL` that is a failure.
#[test]
fn everybody_can_read_it_at_any_width_in_light_and_dark() {
    let folder = shipped();
    site(&folder, &["--language", "en"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/site/walk");
    let walked = Command::new(script).arg(folder.path().join("site")).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&walked.stdout), String::from_utf8_lossy(&walked.stderr));
    if walked.status.code() == Some(3) && std::env::var_os("KPID_TEST_ALL").is_none() {
        return say(&format!("left out: {err}"));
    }
    assert!(walked.status.success(), "{out}\n{err}");
    // All of them were walked: a script that ends early has proved less.
    assert_eq!(out.lines().filter(|line| line.starts_with("ok ")).count(), 8, "{out}");
}
