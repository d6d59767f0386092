//! What the daemon works from: one snapshot of a folder, whole or not at all.
//!
//! In: the folder and the environment. Out: its catalogue, with templates and texts that parse, and the databases, all read at once; a run
//! keeps the snapshot that it began with, whatever is edited meanwhile. Loading blocks on files and takes a while with many of them: the
//! daemon does it away from its own threads ([`super::reload`]). Deliberately absent: connections, which a run opens.

use crate::catalog::{Catalog, Fingerprint, Loaded, Problems};
use crate::render::{RenderError, Renderer};
use crate::source::Sources;
use std::path::{Path, PathBuf};

/// The environment variables that a folder's `${…}` may name.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

#[derive(Debug)]
pub struct Installation {
    pub dir: PathBuf,
    pub catalog: Catalog,
    pub renderer: Renderer,
    pub sources: Sources,
    /// Of all that it was read from.
    pub fingerprint: Fingerprint,
}

/// Why a folder can't be worked from.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// All problems, a paragraph each.
    #[error("{0}")]
    Catalog(Problems),
    #[error(transparent)]
    Templates(#[from] RenderError),
}

impl LoadError {
    /// The first problem with its place, for a log.
    pub fn in_a_line(&self) -> String {
        match self {
            LoadError::Catalog(problems) => problems.in_a_line(),
            LoadError::Templates(error) => error.to_string(),
        }
    }
}

impl Installation {
    /// The installation of `dir`, and what is worth saying about it.
    ///
    /// # Errors
    /// The YAML has errors, or a template or a file of texts doesn't parse.
    pub fn load(dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<(Installation, Problems), LoadError> {
        // First the fingerprint: of an edit in between it differs later, and the edit is read.
        let fingerprint = Fingerprint::of(dir, env);
        let Loaded { catalog, warnings } = Catalog::load(dir, env).map_err(LoadError::Catalog)?;
        let (renderer, sources) = (renderer(dir, &catalog)?, sources(&catalog));
        Ok((Installation { dir: dir.to_owned(), catalog, renderer, sources, fingerprint }, warnings))
    }
}

/// The templates and texts of the installation, over those built in.
///
/// # Errors
/// One of them can't be read or doesn't parse.
pub fn renderer(dir: &Path, catalog: &Catalog) -> Result<Renderer, RenderError> {
    let settings = &catalog.settings;
    Renderer::new(Some(&dir.join("templates")), settings.language.clone(), &settings.currency)
}

/// The databases of the installation.
pub fn sources(catalog: &Catalog) -> Sources {
    Sources::new(catalog.databases.values().cloned())
}
