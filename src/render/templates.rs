//! The templates: those built in, and the installation's own, which stand in for them by name (edge: Tera).
//!
//! A folder `templates/` may hold any `.html`, `.txt` and `.css` file. One that is named like a built-in template takes its place;
//! the others can be included, or named by a report. Only what lies in that folder can be included: everything is read when the
//! templates are loaded, and a link that leads out of the folder is refused. HTML is always escaped: what may stand as it is is
//! marked so where it is made, and no template can mark anything else. Names that stand for nothing are errors, in conditions as
//! well (`names`); what a template writes is capped, and how long it may go on is limited (`fuel`).

mod folder;
mod fuel;
mod names;
mod scan;
mod trouble;

#[cfg(test)]
mod tests;

pub use trouble::Trouble;

use crate::text::suggest;
use fuel::Metered;
use names::Known;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use tera::{Context, Kwargs, State, StringInput, Tera, TeraResult, Value};
use trouble::Texts;

/// The templates that ship, by the names under which a folder may override them.
pub const BUILT_IN: [(&str, &str); 16] = [
    built_in!("notice.html"),
    built_in!("notice.txt"),
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
/// How deep templates may include each other.
const DEEPEST: usize = 20;
/// Tera calls itself for each include, block and component: as deep as it allows them there is room for all.
const STACK: usize = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("read template {}: {why}", path.display())]
    Read { path: PathBuf, why: std::io::Error },
    #[error("template {} leads out of the folder of templates; copy the file instead of linking it", path.display())]
    Outside { path: PathBuf },
    #[error("template {} is larger than 1 MiB", path.display())]
    Large { path: PathBuf },
    #[error("{} holds more than 200 templates; keep other files elsewhere", folder.display())]
    Many { folder: PathBuf },
    #[error("there is no template `{name}`{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    Missing { name: String, near: Option<String> },
    /// The template's own text is wrong, or names what there isn't.
    #[error("template {0}")]
    Wrong(Box<Trouble>),
    #[error("templates include each other more than 20 deep: {name} begins a chain")]
    Deep { name: String },
    #[error("template `{name}` writes more than 5 MiB")]
    Endless { name: String },
    /// A fault of Tera's.
    #[error("template `{name}` can't be rendered: Tera failed")]
    Failed { name: String },
}

impl From<Trouble> for TemplateError {
    fn from(trouble: Trouble) -> TemplateError {
        TemplateError::Wrong(Box::new(trouble))
    }
}

/// All templates, parsed.
#[derive(Debug)]
pub struct Templates {
    tera: Tera,
    texts: Texts,
}

impl Templates {
    /// The built-in templates, and over them those of `folder`. `words` are the names of the texts that templates may use.
    ///
    /// # Errors
    /// A file can't be read, lies elsewhere, is no template, or names what there isn't.
    pub fn load(folder: Option<&Path>, words: impl Iterator<Item = String>) -> Result<Templates, TemplateError> {
        let mut texts = Texts::default();
        let mut add = |name: &str, text: &str| {
            texts.0.insert(name.to_owned(), (text.to_owned(), Metered::default()));
        };
        BUILT_IN.iter().for_each(|(name, text)| add(name, text));
        if let Some(folder) = folder.filter(|folder| folder.exists()) {
            folder::files(folder)?.iter().for_each(|(name, text)| add(name, text));
        }
        let plain = texts.0.iter().map(|(name, (text, _))| (name, text));
        new().add_raw_templates(plain).map_err(|error| texts.explain(&error, "templates"))?;
        let names = texts.0.iter().map(|(name, (text, _))| (&**name, &**text));
        if let Some(trouble) = Known::new(words).unknown(names).into_iter().next() {
            return Err(trouble.into());
        }
        if let Some(name) = too_deep(&texts) {
            return Err(TemplateError::Deep { name });
        }
        texts.0.values_mut().for_each(|(text, metered)| *metered = Metered::of(text));
        let mut tera = new();
        let metered = texts.0.iter().map(|(name, (_, metered))| (name, &metered.text));
        tera.add_raw_templates(metered).map_err(|error| texts.explain(&error, "templates"))?;
        Ok(Templates { tera, texts })
    }

    /// That there is a template called `name`.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, name: &str) -> Result<(), TemplateError> {
        if self.texts.0.contains_key(name) {
            return Ok(());
        }
        // A report can name neither a partial nor the text.
        let known = self.texts.0.keys().filter(|known| known.ends_with(".html") && !known.contains('/'));
        let near = suggest(name, known.map(String::as_str)).map(str::to_owned);
        Err(TemplateError::Missing { name: name.to_owned(), near })
    }

    /// What template `name` makes of `context`.
    ///
    /// # Errors
    /// There is none, it names what there isn't, or goes on without end.
    pub fn render(&self, name: &str, context: &Context) -> Result<String, TemplateError> {
        self.find(name)?;
        let mut page = Page::default();
        let work = || fuel::limited(|| self.tera.render_to(name, context, &mut page));
        let done = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            thread.ok().and_then(|thread| thread.join().ok())
        });
        let done = done.ok_or_else(|| TemplateError::Failed { name: name.to_owned() })?;
        if page.full {
            return Err(TemplateError::Endless { name: name.to_owned() });
        }
        done.map_err(|error| self.texts.explain(&error, name))?;
        Ok(String::from_utf8(page.bytes).expect("templates and values are UTF-8"))
    }
}

/// Tera without templates, with everything that those of a folder may do.
fn new() -> Tera {
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    fuel::register(&mut tera);
    tera.register_filter("safe", |text: StringInput, _: Kwargs, _: &State| -> TeraResult<Value> {
        let message = "HTML is always escaped: `safe` is for `text_html`, `svg` and `wide`, which are HTML already";
        if text.is_safe() { Ok(text.into_value()) } else { Err(tera::Error::message(message)) }
    });
    tera
}

/// A template from which includes lead too deep. Circles have been refused.
fn too_deep(texts: &Texts) -> Option<String> {
    fn depth<'t>(texts: &'t Texts, name: &'t str, known: &mut BTreeMap<&'t str, usize>) -> usize {
        if let Some(depth) = known.get(name) {
            return *depth;
        }
        let tags = texts.0.get(name).map_or(Vec::new(), |(text, _)| scan::tags(text));
        let inner = tags.iter().filter(|tag| matches!(tag.keyword(), "include" | "extends"));
        let inner = inner.filter_map(|tag| tag.tokens.get(1)?.quoted());
        let depth = 1 + inner.map(|name| depth(texts, name, known)).max().unwrap_or(0);
        known.insert(name, depth);
        depth
    }
    let mut known = BTreeMap::new();
    texts.0.keys().find(|name| depth(texts, name, &mut known) > DEEPEST).cloned()
}

/// Serializes what is HTML already, so that templates leave it as it is.
pub(super) fn as_html<S: serde::Serializer>(html: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&Value::safe_string(html), serializer)
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
