//! What OLD and NEW mean: a folder, or a folder as of a git revision; loaded, or explained.

use super::git::Extract;
use crate::catalog::{Catalog, Problems};
use crate::change::Side;
use crate::cli::{installation, wrong};
use crate::render::Format;
use std::path::{Path, PathBuf};

/// Where one side is read from.
pub struct Place {
    /// As the output calls it.
    pub label: String,
    folder: PathBuf,
    /// Removed as soon as the side is loaded.
    extract: Option<Extract>,
}

impl Place {
    /// The working folder.
    pub fn working(dir: &Path) -> Place {
        Place { label: dir.display().to_string(), folder: dir.to_owned(), extract: None }
    }

    /// A folder of that name, else `dir` as of a revision of that name.
    ///
    /// # Errors
    /// It is neither.
    pub fn of(dir: &Path, text: &str) -> anyhow::Result<Place> {
        if Path::new(text).is_dir() {
            return Ok(Place::working(Path::new(text)));
        }
        if text.starts_with('-') || text.is_empty() {
            let message = format!("`{text}` is neither a folder nor a git revision");
            return Err(wrong(
                message,
                Some("no revision begins with `-`; a folder can be written ./-name".to_owned()),
            ));
        }
        let extract = Extract::of(dir, text)?;
        let label = format!("{} ({})", extract.name, extract.commit);
        Ok(Place { label, folder: extract.folder(), extract: Some(extract) })
    }

    /// The problems of the folder, under the name that the user knows it by.
    fn explain(&self, role: &str, problems: &Problems) {
        eprintln!("error: {role} can't be used: {}", self.label);
        match &self.extract {
            None => installation::show(problems),
            Some(extract) => {
                let folder = extract.folder().display().to_string();
                eprint!("{}", problems.to_string().replace(&folder, &extract.name));
            }
        }
    }

    /// Loads the side; `None` after its problems were shown as those of `role`.
    ///
    /// # Errors
    /// The locale of its settings is none.
    pub fn load(self, role: &str) -> anyhow::Result<Option<Side>> {
        let catalog = match Catalog::load(&self.folder, &|name| std::env::var(name).ok()) {
            Ok(loaded) => loaded.catalog,
            Err(problems) => {
                self.explain(role, &problems);
                return Ok(None);
            }
        };
        let format = Format::new(&catalog.settings.locale, &catalog.settings.currency)?;
        Ok(Some(Side { templates: Catalog::templates(&self.folder), catalog, format }))
    }
}
