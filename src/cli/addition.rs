//! One more thing for a folder: its block goes to the end of its section, and stays there only if the folder
//! has no more errors with it than without. It may have some: adding what a report already names mends one.

use super::{Explained, counted, installation, schema, wrong};
use crate::catalog::{Catalog, Kind, Problems, SCHEMA_FILE, Severity, insert, name_flaw};
use anyhow::Context;
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// A thing and its YAML, written as if it stood at the left margin.
pub struct Addition {
    pub kind: Kind,
    pub name: String,
    pub block: String,
}

impl Addition {
    /// Writes it below `dir`: to `file`, or to that with the most of its kind. Gives `file:line` of its name.
    ///
    /// # Errors
    /// The file can't take it; or the folder would have errors by it, which are printed, and nothing is changed.
    pub fn write(&self, dir: &Path, file: Option<&Path>) -> anyhow::Result<String> {
        // Two at once would each write what they had read.
        let folder = fs::File::open(dir).with_context(|| format!("open {}", dir.display()))?;
        folder.lock().with_context(|| format!("lock {}", dir.display()))?;
        let path = self.path(dir, file)?;
        let before = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
        };
        let text = before.clone().unwrap_or_else(|| first_line(dir, &path));
        let inserted = insert::insert(&text, self.kind.section(), &self.block)
            .map_err(|error| wrong(format!("{}: {error}", path.display()), None))?;
        let (_, problems_before) = read(dir);
        write(&path, &inserted.text)?;
        let (catalog, problems) = read(dir);
        let is_there =
            catalog.is_some_and(|catalog| catalog.definitions.place(self.kind, &(&*self.name).into()).is_some());
        if !is_there || has_more(&problems, &problems_before) {
            installation::show(&problems);
            if fs::read_to_string(&path).ok().as_deref() != Some(&*inserted.text) {
                let what =
                    format!("{} was edited meanwhile: take the {} out by hand", path.display(), self.kind.what());
                return Err(wrong(what, None));
            }
            match &before {
                Some(text) => write(&path, text)?,
                None => fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?,
            }
            eprintln!("error: with this {} the folder would not load: nothing was changed", self.kind.what());
            return Err(Explained.into());
        }
        if problems.errors() > 0 {
            eprintln!("warning: the folder still has {}: `kpid check` lists them", counted(problems.errors(), "error"));
        }
        // So that editors complete the new name, too.
        if dir.join(SCHEMA_FILE).exists() {
            schema::refresh(dir)?;
        }
        Ok(format!("{}:{}", path.display(), inserted.line))
    }

    fn path(&self, dir: &Path, file: Option<&Path>) -> anyhow::Result<PathBuf> {
        let Some(file) = file else {
            let section = self.kind.section();
            return Ok(insert::home(dir, section).unwrap_or_else(|| dir.join(format!("{section}.yaml"))));
        };
        let below = file.strip_prefix(dir).unwrap_or(file);
        let plain =
            |part: Component| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.'));
        let is_yaml = below.extension().is_some_and(|kind| kind == "yaml" || kind == "yml");
        if !is_yaml || !below.components().all(plain) {
            let help = format!("name a file of {}: leads.yaml, sales/leads.yaml", dir.display());
            return Err(wrong(format!("`{}` would not be read", file.display()), Some(help)));
        }
        Ok(dir.join(below))
    }
}

/// As much of the catalogue as can be used, and what is wrong.
fn read(dir: &Path) -> (Option<Catalog>, Problems) {
    match Catalog::load_settings(dir, &|name| std::env::var(name).ok()) {
        Ok(loaded) => (Some(loaded.catalog), loaded.warnings),
        Err(problems) => (None, problems),
    }
}

/// Whether some error is there more often than before, wherever in its file it is now.
fn has_more(now: &Problems, before: &Problems) -> bool {
    let errors = |problems: &Problems| -> Vec<(String, String)> {
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
        errors.map(|problem| (problem.file().to_owned(), problem.message.clone())).collect()
    };
    let (now, before) = (errors(now), errors(before));
    let count = |all: &[(String, String)], one| all.iter().filter(|other| *other == one).count();
    now.iter().any(|error| count(&now, error) > count(&before, error))
}

/// # Errors
/// Nothing of `kind` can be called `name`, or something is already.
pub fn check_name(catalog: &Catalog, kind: Kind, name: &str) -> anyhow::Result<()> {
    if let Some(flaw) = name_flaw(name) {
        let help = "write it like `cost_per_lead`; what readers see is its `name`".to_owned();
        return Err(wrong(format!("the {} name `{name}` {flaw}", kind.what()), Some(help)));
    }
    match catalog.definitions.place(kind, &name.into()) {
        None => Ok(()),
        Some((file, line)) => Err(wrong(format!("there is a {} `{name}` already: {file}:{line}", kind.what()), None)),
    }
}

/// How editors find the schema, where there is one.
fn first_line(dir: &Path, path: &Path) -> String {
    let depth = path.strip_prefix(dir).map_or(1, |below| below.components().count());
    match dir.join(SCHEMA_FILE).exists() {
        true => format!("# yaml-language-server: $schema={}{SCHEMA_FILE}\n", "../".repeat(depth - 1)),
        false => String::new(),
    }
}

/// The whole file or, if that fails, the one that was there; a link stays one.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // Neither catalogue nor editors read names that begin with a dot.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unfinished = folder.join(format!(".{name}.{}.unfinished", std::process::id()));
        let written = fs::File::create(&unfinished).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            if let Ok(about) = fs::metadata(&path) {
                file.set_permissions(about.permissions())?;
            }
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&unfinished, &path)).inspect_err(|_| {
            // It may not even be there; the error that is told says why.
            let _ = fs::remove_file(&unfinished);
        })
    };
    write().with_context(|| format!("write {}", path.display()))
}
