//! What the daemon works from: one snapshot of a folder, whole or not at all.
//!
//! In: the folder and the environment. Out: its catalogue, with templates and texts that work, and the databases, all read at once; a run
//! keeps the snapshot that it began with, whatever is edited meanwhile. Loading blocks on files and takes a while with many of them: the
//! daemon does it away from its own threads ([`super::reload`]). Deliberately absent: connections, which a run opens.

use crate::calendar::clock;
use crate::catalog::{Catalog, Fingerprint, Loaded, Problems, Settings};
use crate::pipeline;
use crate::render::{Audience, RenderError, Renderer};
use crate::report::ReportSpec;
use crate::source::Sources;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Where the YAML is when nobody says otherwise.
pub const FOLDER: &str = "kpis";

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
    /// The YAML has errors; a template or a file of texts doesn't parse, or a template fails on a report.
    pub fn load(dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<(Installation, Problems), LoadError> {
        // First the fingerprint: of an edit in between it differs later, and the edit is read.
        let fingerprint = Fingerprint::of(dir, env);
        let Loaded { catalog, warnings } = Catalog::load(dir, env).map_err(LoadError::Catalog)?;
        let (renderer, sources) = (renderer(dir, &catalog)?, sources(&catalog));
        if dir.join("templates").exists() {
            try_templates(&renderer, &catalog)?;
        }
        Ok((Installation { dir: dir.to_owned(), catalog, renderer, sources, fingerprint }, warnings))
    }
}

impl Installation {
    /// Settings that are other ones in `edited` and hold from the start of the daemon to its end.
    pub fn fixed(&self, edited: &Installation) -> Vec<&'static str> {
        let (old, new) = (&self.catalog.settings, &edited.catalog.settings);
        let web = |settings: &Settings| settings.web.as_ref().map(|web| (web.listen, web.public_url.clone()));
        let mail = |settings: &Settings| settings.mail.as_ref().map(|mail| (mail.connections, mail.rate)).unzip();
        let changed = [
            ("settings.store", old.store.expose() != new.store.expose()),
            ("settings.web", web(old) != web(new)),
            ("settings.mail.connections", mail(old).0 != mail(new).0),
            ("settings.mail.rate", mail(old).1 != mail(new).1),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
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

/// Renders `spec` without a database, with all values and with none, for each language and locale that it has readers of.
///
/// # Errors
/// A template fails on it.
pub fn try_report(renderer: &Renderer, catalog: &Catalog, spec: &ReportSpec) -> Result<(), RenderError> {
    let stranger = catalog.stranger("reader@example.com");
    let samples = pipeline::samples(catalog, spec, clock::now());
    let mut seen = HashSet::new();
    for audience in spec.to.iter().chain([&stranger]).map(Audience::of) {
        if seen.insert(audience.clone()) {
            samples.iter().try_for_each(|report| renderer.try_templates(report, &audience))?;
        }
    }
    Ok(())
}

/// Each template once: the first report that has it stands for the others.
fn try_templates(renderer: &Renderer, catalog: &Catalog) -> Result<(), RenderError> {
    let mut seen = HashSet::new();
    let mut first = catalog.reports.values().filter(|spec| seen.insert(&spec.template));
    first.try_for_each(|spec| try_report(renderer, catalog, spec))
}

/// The databases of the installation.
pub fn sources(catalog: &Catalog) -> Sources {
    Sources::new(catalog.databases.values().cloned())
}
