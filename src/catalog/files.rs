//! The folder → its YAML files as text, and the templates beside them as bytes.
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

/// Of all files together: it is read every half minute by the daemon.
const MAX_TOTAL: usize = 32 << 20;

/// Reads every file; those that can't be read come back as problems.
pub(super) fn read(folder: &Path) -> (Vec<Arc<File>>, Vec<Diagnostic>) {
    let mut paths = BTreeSet::new();
    let mut problems = Vec::new();
    if let Err((path, error)) = find(folder, &["yaml", "yml"], &mut paths, &mut BTreeSet::new()) {
        let beside = folder.parent() == Some(Path::new(""));
        let absent = path == folder && beside && error.kind() == io::ErrorKind::NotFound;
        let help = if absent && is_inside() { Some(INSIDE) } else { (path == folder).then_some(ELSEWHERE) };
        problems.push(unreadable(&path, &format!("can't be read: {error}"), help));
    } else if paths.is_empty() {
        problems.push(unreadable(folder, "holds no `*.yaml` file", Some(ELSEWHERE)));
    }
    let mut files = Vec::new();
    let mut room = MAX_TOTAL;
    for path in paths {
        match read_text(&path) {
            Ok(text) if text.len() > room => {
                let why = "holds more than 32 MiB of YAML";
                problems.push(unreadable(folder, why, Some("keep files that are no part of kpid's elsewhere")));
                break;
            }
            Ok(text) => {
                room -= text.len();
                files.push(Arc::new(File::new(path.display().to_string(), text)));
            }
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

/// Whether a file of that name can belong to an installation: YAML, a template or a file of texts.
pub(super) fn belongs(path: &Path) -> bool {
    path.extension().is_some_and(|kind| ["yaml", "yml"].iter().chain(&TEMPLATES).any(|known| kind == *known))
}

/// The templates and texts below `folder/templates`, as far as they can be read: whoever renders says what is wrong with the others.
pub(super) fn templates(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = BTreeSet::new();
    if find(&folder.join("templates"), &TEMPLATES, &mut paths, &mut BTreeSet::new()).is_err() {
        // Absent is as good as empty, and the renderer says why a folder can't be listed.
        return Vec::new();
    }
    let is_file = |path: &PathBuf| fs::metadata(path).is_ok_and(|about| about.is_file());
    let read = |path: PathBuf| bytes(&path).ok().map(|bytes| (path, bytes));
    paths.into_iter().filter(is_file).filter_map(read).collect()
}

const TEMPLATES: [&str; 4] = ["html", "txt", "css", "ftl"];

const ELSEWHERE: &str = "`kpid init` writes one to begin with; another is named with `--dir` or `KPID_DIR`";

const INSIDE: &str = "you seem to be inside the folder: go up one, or name this one: `kpid --dir . check`";

/// Whether the working directory itself is a folder of kpid's: one of its files has a section of ours.
fn is_inside() -> bool {
    let files = fs::read_dir(".").into_iter().flatten().flatten().map(|entry| entry.path());
    let yaml = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml");
    let ours = |line: &str| ["settings:", "sources:", "kpis:", "reports:"].iter().any(|key| line.starts_with(key));
    files.filter(yaml).filter_map(|path| read_text(&path).ok()).any(|text| text.lines().any(ours))
}

/// Adds the files of those kinds below `folder`. `seen` holds the real paths of the folders visited, since links may lead in circles.
fn find(
    folder: &Path,
    kinds: &[&str],
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
            find(&path, kinds, found, seen)?;
        } else if path.extension().is_some_and(|kind| kinds.iter().any(|wanted| kind == *wanted)) {
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
    let bytes = bytes(path).map_err(|error| (format!("can't be read: {error}"), None))?;
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

/// The beginning of a file: enough to tell that it is too large.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, why: &str, help: Option<&str>) -> Diagnostic {
    let name = path.display().to_string();
    Diagnostic::of_whole(&name, "unreadable", format!("`{name}` {why}"), help)
}
