//! The templates: those built in, and the installation's own, which stand in for them by name (edge: Tera).
//!
//! A folder `templates/` may hold any `.html`, `.txt` and `.css` file. One that is named like a built-in template takes its place;
//! the others can be included, or named by a report. Only what lies in that folder can be included: everything is read when the
//! templates are loaded, and a link that leads out of the folder is refused. HTML is always escaped. What a template writes is
//! capped, and `range()` is gone, so that no loop is longer than the report it runs over.

use std::io::Write;
use std::path::{Path, PathBuf};
use tera::{Context, ErrorKind, Kwargs, State, Tera};

/// The templates that ship, by the names under which a folder may override them.
pub const BUILT_IN: [(&str, &str); 14] = [
    built_in!("report.html"),
    built_in!("report.txt"),
    built_in!("subject.txt"),
    built_in!("partials/adapt.css"),
    built_in!("partials/body.html"),
    built_in!("partials/card.html"),
    built_in!("partials/chart.html"),
    built_in!("partials/foot.html"),
    built_in!("partials/head.html"),
    built_in!("partials/mail.css"),
    built_in!("partials/parts.html"),
    built_in!("partials/table.html"),
    built_in!("web/page.css"),
    built_in!("web/page.html"),
];

macro_rules! built_in {
    ($name:literal) => {
        ($name, include_str!(concat!("../../templates/", $name)))
    };
}
use built_in;

/// What a template may write at the most, in bytes.
const LONGEST: usize = 5 << 20;
/// What a template file may hold at the most, in bytes.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("read template {}: {why}", path.display())]
    Read { path: PathBuf, why: std::io::Error },
    #[error("template {} leads out of the folder of templates; copy the file instead of linking it", path.display())]
    Outside { path: PathBuf },
    #[error("template {} is larger than 1 MiB", path.display())]
    Large { path: PathBuf },
    #[error("there is no template `{name}` in {}", folder.display())]
    Missing { name: String, folder: PathBuf },
    /// The template's own text is wrong, or names what there isn't.
    #[error("template {place}: {message}")]
    Wrong { place: String, message: String },
    #[error("template `{name}` writes more than 5 MiB")]
    Endless { name: String },
}

/// All templates, parsed.
#[derive(Debug)]
pub struct Templates {
    tera: Tera,
}

impl Templates {
    /// The built-in templates, and over them those of `folder`.
    ///
    /// # Errors
    /// A file can't be read, lies elsewhere or is no template.
    pub fn load(folder: Option<&Path>) -> Result<Templates, TemplateError> {
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.register_function("range", |_: Kwargs, _: &State| -> tera::TeraResult<bool> {
            Err(tera::Error::message("`range` is not to be had in templates; loop over what the report holds"))
        });
        let mut texts: Vec<(String, String)> =
            BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        if let Some(folder) = folder.filter(|folder| folder.exists()) {
            for (name, text) in files(folder)? {
                texts.retain(|(known, _)| *known != name);
                texts.push((name, text));
            }
        }
        tera.add_raw_templates(texts).map_err(|error| explained(&error, "templates"))?;
        Ok(Templates { tera })
    }

    pub fn has(&self, name: &str) -> bool {
        self.tera.contains_template(name)
    }

    /// What template `name` makes of `context`.
    ///
    /// # Errors
    /// It names what there isn't, or writes without end.
    pub fn render(&self, name: &str, context: &Context) -> Result<String, TemplateError> {
        let mut page = Page::default();
        let done = self.tera.render_to(name, context, &mut page);
        if page.full {
            return Err(TemplateError::Endless { name: name.to_owned() });
        }
        done.map_err(|error| explained(&error, name))?;
        Ok(String::from_utf8(page.bytes).expect("templates and values are UTF-8"))
    }
}

/// Output that refuses to grow without end.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    full: bool,
}

impl Write for Page {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        self.full |= self.bytes.len() + more.len() > LONGEST;
        if self.full {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every template file below `folder`, by its path from there.
fn files(folder: &Path) -> Result<Vec<(String, String)>, TemplateError> {
    let read = |path: &Path, why| TemplateError::Read { path: path.to_owned(), why };
    let root = folder.canonicalize().map_err(|why| read(folder, why))?;
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().map_err(|why| read(&folder, why))? {
            let path = entry.map_err(|why| read(&folder, why))?.path();
            let real = path.canonicalize().map_err(|why| read(&path, why))?;
            if !real.starts_with(&root) {
                return Err(TemplateError::Outside { path });
            }
            // A link to a folder within would be read twice, or for ever.
            if path.is_dir() && real == path {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "html" || kind == "txt" || kind == "css") {
                found.push((name(&root, &path), text(&path)?));
            }
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

fn text(path: &Path) -> Result<String, TemplateError> {
    let read = |why| TemplateError::Read { path: path.to_owned(), why };
    if path.metadata().map_err(read)?.len() > LARGEST {
        return Err(TemplateError::Large { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map_err(read)
}

/// `error` with template, line and column, and the line itself.
fn explained(error: &tera::Error, template: &str) -> TemplateError {
    let (place, message) = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span();
            let place = format!("{}:{}:{}", report.filename(), span.start_line, span.start_col + 1);
            // Tera's drawing of the line begins with what we have said.
            let drawing = error.to_string();
            let line = drawing.lines().skip(2).collect::<Vec<_>>().join("\n");
            (place, format!("{}\n{line}", report.message()))
        }
        kind => (template.to_owned(), kind.to_string()),
    };
    TemplateError::Wrong { place, message: message.trim_end().to_owned() }
}
