//! `kpid init`

use super::{done, kpid};
use crate::installation::Folder;
use crate::servers;
use kpid::catalog::Catalog;
use serde_json::Value as Json;
use std::fs;

const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

#[test]
fn every_starter_folder_loads_without_a_word_and_passes_its_tests() {
    for engine in ENGINES {
        for language in ["es", "en"] {
            let folder = Folder::new();
            let flags = ["init", "--engine", engine, "--language", language, "--currency", "mxn"];
            let ran = done(folder.path(), &[], &flags);
            assert_eq!(ran.err, "", "{engine} {language}");
            assert!(ran.out.contains("kpid measure "), "{}", ran.out);
            let loaded = Catalog::load(&folder.path().join("kpis"), &|_| None);
            let loaded = loaded.unwrap_or_else(|problems| panic!("{engine} {language}: {problems}"));
            assert!(loaded.warnings.is_empty(), "{engine} {language}: {}", loaded.warnings);
            assert_eq!(loaded.catalog.settings.currency, "MXN");
            assert_eq!(&*loaded.catalog.settings.language, language);
            let check = done(folder.path(), &[], &["check"]);
            assert_eq!(check.err, "", "{engine} {language}");
            let test = done(folder.path(), &[], &["test"]);
            assert!(test.out.contains("3 passed, 0 failed"), "{}", test.out);
            assert_eq!(folder.path().join("kpis/sample.db").exists(), engine == "sqlite");
        }
    }
}

#[test]
fn the_sample_gives_a_first_report_at_once() {
    let folder = Folder::new();
    done(folder.path(), &[], &["init", "tienda", "--yes", "--language", "es"]);
    let dir = ["--dir", "tienda"];
    done(folder.path(), &[], &[&dir[..], &["check", "--connect"]].concat());
    let measured = done(folder.path(), &[], &[&dir[..], &["measure", "--json"]].concat());
    let values: Vec<f64> = values(&measured.out);
    assert!(values.len() == 4 && values.iter().all(|value| *value > 0.0), "{}", measured.out);
    let report = done(folder.path(), &[], &[&dir[..], &["render", "weekly"]].concat());
    assert!(
        report.out.contains("La semana de la tienda") && report.out.contains("Tasa de conversión"),
        "{}",
        report.out
    );
    let sent = done(folder.path(), &[], &[&dir[..], &["send", "weekly", "--to", "usted"]].concat());
    assert!(sent.out.starts_with("weekly for usted@example.com is written to tienda/mails/"), "{}", sent.out);
    assert_eq!(fs::read_dir(folder.path().join("tienda/mails")).expect("mails").count(), 1);
}

fn values(json: &str) -> Vec<f64> {
    let json: Json = serde_json::from_str(json).expect("JSON");
    let kpis = json["kpis"].as_array().expect("a list").iter();
    kpis.map(|kpi| kpi["value"].as_f64().unwrap_or_else(|| panic!("{kpi}"))).collect()
}

#[test]
fn servers_compute_the_same_example_without_a_table() {
    let sqlite = Folder::new();
    done(sqlite.path(), &[], &["init", "--yes"]);
    let expected = values(&done(sqlite.path(), &[], &["measure", "--json"]).out);
    for (engine, server) in [("postgres", servers::postgres()), ("mysql", servers::mysql())] {
        let Some(server) = server else { continue };
        let (folder, env) = (Folder::new(), [("SHOP_URL", server.url())]);
        done(folder.path(), &[], &["init", "--yes", "--engine", engine]);
        assert_eq!(values(&done(folder.path(), &env, &["measure", "--json"]).out), expected, "{engine}");
        done(folder.path(), &env, &["render", "weekly"]);
    }
}

#[test]
fn what_nobody_said_is_taken_from_around_and_told() {
    let folder = Folder::new();
    let env = [("LANG", "es_MX.UTF-8"), ("TZ", "America/Mexico_City")];
    let ran = done(folder.path(), &env, &["init"]);
    let told = "--engine sqlite, as nothing else was said\n--language es, as nothing else was said\n\
        --currency EUR, as nothing else was said\n";
    assert_eq!(ran.err, told);
    let settings = fs::read_to_string(folder.path().join("kpis/settings.yaml")).expect("settings");
    for line in ["language: es", "locale: es-MX ", "timezone: America/Mexico_City", "currency: EUR"] {
        assert!(settings.contains(line), "{line} in\n{settings}");
    }
    assert!(settings.starts_with("# yaml-language-server: $schema=.kpid.schema.json\n"), "{settings}");
    let schema = fs::read_to_string(folder.path().join("kpis/.kpid.schema.json")).expect("a schema");
    assert!(schema.contains("shop.visits"), "the schema knows the folder's names");
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let folder = Folder::new();
    let mine = folder.write("kpis/mine.yaml", "people: {}\n");
    let ran = kpid(folder.path(), &[], &["init", "--yes"]);
    assert_eq!(ran.code, 2);
    let expected = "error: kpis/mine.yaml is there already, and nothing is overwritten\nhelp: name another folder: \
        kpid init FOLDER; or add to this one: kpid --dir kpis new kpi NAME\n";
    assert!(ran.err.ends_with(expected), "{}", ran.err);
    assert_eq!(fs::read_dir(folder.path().join("kpis")).expect("the folder").count(), 1);
    assert_eq!(fs::read_to_string(mine).expect("mine"), "people: {}\n");
    folder.write("third/sample.db", "mine");
    let ran = kpid(folder.path(), &[], &["init", "third", "--yes"]);
    assert!(ran.code == 2 && ran.err.contains("third/sample.db is there already"), "{}", ran.err);
}

#[test]
fn a_fresh_clone_keeps_its_gitignore_and_is_told_what_to_add() {
    let folder = Folder::new();
    for (mine, lacking) in [("target/\nmails/\n", "  kpid.db*\n"), ("kpid.db*\r\nmails/\r\n", "")] {
        let clone = format!("clone {}", lacking.len());
        let path = folder.write(&format!("{clone}/.gitignore"), mine);
        folder.write(&format!("{clone}/README.md"), "# Mine\n");
        let ran = done(&folder.path().join(&clone), &[], &["init", ".", "--yes"]);
        assert_eq!(fs::read_to_string(path).expect("mine"), mine);
        let told = "\n./.gitignore is left as it is; add what kpid writes beside the YAML:\n";
        assert_eq!(ran.out.split_once(told).map_or("", |(_, told)| told), lacking, "{}", ran.out);
        done(&folder.path().join(&clone), &[], &["--dir", ".", "check"]);
    }
}

#[test]
fn printed_commands_survive_the_shell() {
    let folder = Folder::new();
    let ran = done(folder.path(), &[], &["init", "Ana's (new) kpis", "--yes"]);
    assert!(ran.out.contains(r"  kpid --dir 'Ana'\''s (new) kpis' measure "), "{}", ran.out);
}

#[test]
fn wrong_answers_are_explained() {
    let folder = Folder::new();
    let check = |args: &[&str], expected: &str| {
        let ran = kpid(folder.path(), &[], &[&["init", "--yes"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    };
    check(&["--currency", "EURO"], "unknown currency `EURO`\nhelp: three letters (ISO 4217): EUR, USD, MXN");
    check(&["--timezone", "Madrid"], "unknown time zone `Madrid`\nhelp: write it like Europe/Madrid");
    check(&["--engine", "oracle"], "possible values: sqlite, postgres, mysql");
    check(&["50%"], "`50%` can't be written in a URL as it is");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing was written");
}
