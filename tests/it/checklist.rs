//! Mails against the checklist of `tests/checklist/check`, and each of its rules against a mail that breaks it.
//!
//! Without its tools (a browser among them) a test leaves itself out, loudly; under `KPID_TEST_ALL` that is a failure.

mod faults;

use crate::installation::Folder;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the checklist says: a line a finding, `FILE: RULE: WHAT`. `None` where its tools are missing.
pub fn findings(mails: &[PathBuf]) -> Option<Vec<String>> {
    let check = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checklist/check");
    let output = Command::new(check).args(mails).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0 | 1) => Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()),
        Some(3) if std::env::var_os("KPID_TEST_ALL").is_none() => {
            // Past the test harness, which captures what `eprintln!` prints.
            write!(std::io::stderr(), "left out: {errors}").expect("standard error is open");
            None
        }
        code => panic!("{code:?}: {errors}"),
    }
}

#[test]
fn the_demos_mails_pass_in_both_languages() {
    let folder = Folder::new();
    let demo = Command::new(env!("CARGO_BIN_EXE_kpid"))
        .args(["demo", "--date", "2026-11-23", "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let mails: Vec<PathBuf> =
        std::fs::read_dir(folder.path().join("mail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let of = |person: &str| mails.iter().find(|mail| mail.to_string_lossy().contains(person)).unwrap().clone();
    let Some(findings) = findings(&[of("ana"), of("tom")]) else { return };
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// All in one go, as a browser is slow to start: every fault is found, by the rules that it breaks and by no other.
#[test]
fn each_rule_finds_its_fault_and_a_good_mail_has_none() {
    let folder = Folder::new();
    let faults = faults::all();
    let path = |name: &str| folder.path().join(format!("{}.eml", name.replace(' ', "_")));
    for fault in &faults {
        std::fs::write(path(fault.name), fault.mail()).unwrap();
        if let Some(json) = fault.json {
            std::fs::write(path(fault.name).with_extension("json"), json).unwrap();
        }
    }
    let mails: Vec<PathBuf> = faults.iter().map(|fault| path(fault.name)).collect();
    let Some(findings) = findings(&mails) else { return };
    let mut wrong = Vec::new();
    for fault in &faults {
        let start = format!("{}: ", path(fault.name).display());
        let lines: Vec<&str> = findings.iter().filter_map(|line| line.strip_prefix(&*start)).collect();
        let rules: BTreeSet<&str> = lines.iter().filter_map(|line| line.split(": ").next()).collect();
        let expected = fault.rules.iter().copied().collect();
        if rules != expected || !fault.words.iter().all(|words| lines.iter().any(|line| line.contains(words))) {
            wrong.push(format!(
                "{}: expected {expected:?} with {:?}, got\n{}",
                fault.name,
                fault.words,
                lines.join("\n")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
