//! The installation's folder of templates → their names and texts. Everything is read at once, so that nothing else can be included.

use super::TemplateError;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a template file may hold at the most, in bytes.
const LARGEST: u64 = 1 << 20;
/// How many there may be: a folder of more is not one of templates.
const MOST: usize = 200;

/// Every template file below `folder`, by its path from there. Names that begin with `.` are an editor's own.
pub(super) fn files(folder: &Path) -> Result<Vec<(String, String)>, TemplateError> {
    let root = folder.canonicalize().map_err(unread(folder))?;
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().map_err(unread(&folder))? {
            let path = entry.map_err(unread(&folder))?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                continue;
            }
            let real = path.canonicalize().map_err(unread(&path))?;
            if !real.starts_with(&root) {
                return Err(TemplateError::Outside { path });
            }
            // A link to a folder within would be read twice, or for ever.
            if real.is_dir() && real == path {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "html" || kind == "txt" || kind == "css") {
                found.push((name(&root, &path), text(&path, &real)?));
            }
        }
        if found.len() > MOST {
            return Err(TemplateError::Many { folder: root });
        }
    }
    found.sort();
    Ok(found)
}

/// With `/` on every system, as templates include each other.
fn name(root: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(root).expect("found below the root");
    inner.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn text(path: &Path, real: &Path) -> Result<String, TemplateError> {
    // A pipe would be waited for.
    if !real.is_file() {
        return Err(unread(path)(std::io::Error::other("it is not a file")));
    }
    let mut text = String::new();
    let read = std::fs::File::open(real).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
    if text.len() as u64 > LARGEST {
        return Err(TemplateError::Large { path: path.to_owned() });
    }
    read.map_err(unread(path))?;
    // A byte order mark would be printed in front of everything.
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn unread(path: &Path) -> impl Fn(std::io::Error) -> TemplateError {
    let path: PathBuf = path.to_owned();
    move |why| TemplateError::Read { path: path.clone(), why }
}
