//! `tests/faults.md` says which test proves each fault that kpid must survive. This keeps it true: every fault has its line, every test
//! that a line names is there, and every test that says in its doc comment which fault it proves stands in that line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Kind of fault, and how many there are.
const FAULTS: [(&str, u32); 8] =
    [("CR", 10), ("SM", 18), ("DB", 14), ("CK", 9), ("DS", 6), ("CF", 9), ("HA", 8), ("ML", 12)];

#[test]
fn every_fault_is_proven_by_a_test_that_is_there() {
    let lines = lines();
    let sources = sources();
    let mut wrong = Vec::new();
    for id in ids() {
        let Some(cell) = lines.get(&id) else {
            wrong.push(format!("{id} has no line"));
            continue;
        };
        let tests: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if tests.is_empty() && !cell.contains("Not run:") {
            wrong.push(format!("{id} names no test, and doesn't say `Not run:` and why"));
        }
        wrong.extend(tests.iter().filter(|test| !is_there(test, &sources)).map(|test| format!("{id}: no test {test}")));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn what_a_test_says_it_proves_stands_in_the_table() {
    let (lines, known) = (lines(), ids());
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (test, ids) in claims(&text) {
            let missing = ids.iter().filter(|id| known.contains(*id));
            let missing = missing.filter(|id| !lines.get(*id).is_some_and(|cell| cell.contains(&format!("::{test}`"))));
            wrong.extend(missing.map(|id| format!("{id}: {test} ({})", path.display())));
        }
    }
    assert!(wrong.is_empty(), "these prove more than tests/faults.md says:\n{}\n", wrong.join("\n"));
}

fn ids() -> BTreeSet<String> {
    FAULTS.iter().flat_map(|(kind, count)| (1..=*count).map(move |n| format!("{kind}-{n}"))).collect()
}

/// Fault → the last cell of its line.
fn lines() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(root().join("tests/faults.md")).unwrap();
    let cells = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        Some(((*cells.first()?).to_owned(), (*cells.get(2)?).to_owned()))
    });
    cells.collect()
}

/// `smtp::doubt::every_answer_has_a_deadline`: a function of that name in a file whose path holds the rest.
fn is_there(test: &str, sources: &[(PathBuf, String)]) -> bool {
    let Some((modules, name)) = test.rsplit_once("::") else { return false };
    let modules: Vec<&str> = modules.split("::").filter(|module| *module != "tests").collect();
    let named = |path: &Path| {
        let path = path.with_extension("");
        let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).filter(|part| *part != "mod").collect();
        parts.ends_with(&modules) || path.ends_with(Path::new(&modules.join("/")).join("tests"))
    };
    sources.iter().any(|(path, text)| named(path) && text.contains(&format!("fn {name}(")))
}

/// Every Rust file of `src` and `tests/it`.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src"), root().join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push((path.clone(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Each test with the ids that its doc comment begins with: `/// CR-7, A3: what is left.`
fn claims(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("/// ") {
            let head = doc.split(':').next().unwrap_or(doc);
            let words = head.split([',', ' ', ';']).map(|word| word.trim_end_matches('.'));
            said.extend(words.filter(|word| word.contains('-')).map(str::to_owned));
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|(before, _)| !before.contains("//")) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push((name, std::mem::take(&mut said)));
        } else if !line.starts_with("#[") {
            said.clear();
        }
    }
    found
}

#[test]
fn claims_are_read_from_doc_comments() {
    let text = "/// CR-7, A3: held.\n#[test]\nfn one() {}\n/// Nothing.\nfn two() {}\n";
    assert_eq!(claims(text), [("one".into(), vec!["CR-7".into()]), ("two".into(), vec![])]);
}
