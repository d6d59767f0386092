//! What `init` and `new` ask whoever sits at a terminal.

use crate::installation::Folder;
use crate::servers;
use std::path::Path;
use std::process::Command;

/// What the terminal showed, or `None` where this run has no Python to make one.
fn at_a_terminal(folder: &Path, args: &[&str], answers: &[&str]) -> Option<String> {
    if !servers::has("python3", &["--version"]) {
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/starter/terminal.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(env!("CARGO_BIN_EXE_kpid")).args(args).arg("--").args(answers);
    let output = command.current_dir(folder).env_remove("KPID_DIR").env("LANG", "C").output().expect("python runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    Some(out.replace('\r', ""))
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect("a file")
}

#[test]
fn three_questions_make_a_folder_and_a_wrong_answer_is_asked_again() {
    let folder = Folder::new();
    let Some(shown) = at_a_terminal(folder.path(), &["init"], &["", "fr", "es", "mxn"]) else { return };
    assert!(shown.contains("postgres or mysql? [sqlite] ") && shown.contains("  `fr` is none of them\n"), "{shown}");
    let settings = read(&folder, "kpis/settings.yaml");
    assert!(settings.contains("language: es\n") && settings.contains("currency: MXN\n"), "{settings}");
    assert!(folder.path().join("kpis/sample.db").exists());
}

#[test]
fn a_new_kpi_is_asked_for_what_was_not_said() {
    let folder = Folder::new();
    if at_a_terminal(folder.path(), &["init", "--yes"], &[]).is_none() {
        return;
    }
    let answers = ["shop.revenue / shop.visits", "currency", "up"];
    let shown = at_a_terminal(folder.path(), &["new", "kpi", "value_of_visits"], &answers).expect("Python is there");
    assert!(shown.contains("there are shop.visits, shop.orders, shop.revenue\nformula [shop.visits] "), "{shown}");
    let kpis = read(&folder, "kpis/kpis.yaml");
    for line in ["    formula: shop.revenue / shop.visits\n", "    unit: currency  #", "    good: up  #"] {
        assert!(kpis.contains(line), "{line} in\n{kpis}");
    }
}
