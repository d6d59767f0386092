//! Expected outputs that stand beside their inputs in `tests/golden/`; `KPID_BLESS=1` rewrites them and the diff is read.

use std::path::Path;

/// Compares `text` with the golden file `name`.
pub fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("KPID_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a golden file");
        return;
    }
    let expected =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; KPID_BLESS=1 writes it", path.display()));
    if text == expected {
        return;
    }
    // A whole mail twice would hide where it differs.
    let (mut found, mut wanted) = (text.lines(), expected.lines());
    let line = 1 + found.by_ref().zip(wanted.by_ref()).take_while(|(found, wanted)| found == wanted).count();
    let at = |text: &str| text.lines().nth(line - 1).unwrap_or("(the end)").to_owned();
    assert_eq!(at(text), at(&expected), "{}:{line} differs; if it should, KPID_BLESS=1 rewrites it", path.display());
    panic!("{} differs in how its lines end; if it should, KPID_BLESS=1 rewrites it", path.display());
}
