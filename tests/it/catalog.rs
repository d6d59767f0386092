//! Loading a folder of YAML, from outside: what is said about broken ones, and that good ones load whole.

use kpid::catalog::{Catalog, Loaded, Problems};
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
        assert!(!said.contains("s3cr3t") && !said.contains("canary-secret"), "a secret shows:\n{said}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
