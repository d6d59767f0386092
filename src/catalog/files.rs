//! The folder → its YAML files as text.
//!
//! Every `*.yaml` and `*.yml` below the folder, in the order of their paths. Names that begin with `.` are skipped: editors and
//! mounted configuration keep their own there. Files that can't be text are refused here, so that YAML sees UTF-8 only.

use super::diagnostic::Diagnostic;
use super::snippet::File;
use crate::text::{Name, is_language};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAX_BYTES: u64 = 1 << 20;

/// Reads every file; those that can't be read come back as problems.
pub(super) fn read(folder: &Path) -> (Vec<Arc<File>>, Vec<Diagnostic>) {
    let mut paths = BTreeSet::new();
    let mut problems = Vec::new();
    if let Err((path, error)) = find(folder, &mut paths, &mut BTreeSet::new()) {
        let help = (path == folder).then_some(ELSEWHERE);
        problems.push(unreadable(&path, &format!("can't be read: {error}"), help));
    } else if paths.is_empty() {
        problems.push(unreadable(folder, "holds no `*.yaml` file", Some(ELSEWHERE)));
    }
    let mut files = Vec::new();
    for path in paths {
        match read_text(&path) {
            Ok(text) => files.push(Arc::new(File::new(path.display().to_string(), text))),
            Err((why, help)) => problems.push(unreadable(&path, &why, help)),
        }
    }
    (files, problems)
}

/// What changes when a file is edited, added, removed or renamed below `folder`, and with nothing else.
pub(super) fn version(folder: &Path, files: &[Arc<File>]) -> Name {
    let mut hash = Sha256::new();
    for file in files {
        let path = Path::new(&file.name);
        let path = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        // With its length in front no text can be taken for the path of the next.
        for part in [&path, &file.text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let digest: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    digest.into()
}

/// The languages that reports can be in: the built-in ones, and each that has its own file of messages.
pub(super) fn languages(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder.join("templates/texts")).into_iter().flatten().flatten();
    let own = files.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".ftl")?.to_owned()));
    own.filter(|name| is_language(name)).chain(["en", "es"].map(str::to_owned)).collect()
}

const ELSEWHERE: &str =
    "write a first file, or name the folder with `--dir` or `KPID_DIR`; `kpid demo` makes one to look at";

/// Adds the YAML files below `folder`. `seen` holds the real paths of the folders visited, since links may lead in circles.
fn find(
    folder: &Path,
    found: &mut BTreeSet<PathBuf>,
    seen: &mut BTreeSet<PathBuf>,
) -> Result<(), (PathBuf, io::Error)> {
    let at = |error| (folder.to_owned(), error);
    if !seen.insert(folder.canonicalize().map_err(at)?) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            find(&path, found, seen)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            found.insert(path);
        }
    }
    Ok(())
}

/// # Errors
/// What is wrong with the file, and what to do about it.
fn read_text(path: &Path) -> Result<String, (String, Option<&'static str>)> {
    // A pipe would be waited for.
    if fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return Err(("is not a file".to_owned(), None));
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Err((format!("can't be read: {error}"), None));
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(("is larger than 1 MiB".to_owned(), Some("split it: any file may hold any section")));
    }
    if matches!(bytes.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || bytes.contains(&0) {
        return Err(("is not UTF-8 text but UTF-16 or binary".to_owned(), Some("save it as UTF-8")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        (format!("is not UTF-8 text: see line {line}"), Some("save it as UTF-8"))
    })?;
    // A byte order mark is no part of the text, and columns would be off by one with it.
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn unreadable(path: &Path, why: &str, help: Option<&str>) -> Diagnostic {
    let name = path.display().to_string();
    Diagnostic::of_whole(&name, "unreadable", format!("`{name}` {why}"), help)
}
