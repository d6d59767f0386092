//! A folder of YAML → [`Catalog`]: every name resolved, every formula parsed, all problems reported at once.
//!
//! The path: `files` reads the folder, `yaml` gives a tree per file with places, `resolve` reads the trees section by section
//! (`fields` for mappings, `scalar` for values) into the types of the layers that use them. Whatever is wrong goes to `context`,
//! and reading goes on; only at the end is it decided whether there is a catalogue.
//!
//! What may stand in the YAML is declared once, in the tables of `form`: readers check keys by them, and [`schema`] makes an editor's
//! JSON Schema of them, with the [`names`] of a folder where it is for one.
//!
//! Relative paths in URLs (`sqlite://demo/crm.db`) are left as they are: they mean the directory the program runs in.
//! Deliberately absent: connections (whether a column exists is asked by `check --connect`) and templates.

mod context;
mod currency;
mod definitions;
mod diagnostic;
mod embedded;
mod fields;
mod files;
mod fingerprint;
mod form;
mod interpolation;
mod names;
mod node;
mod resolve;
mod scalar;
mod schema;
mod settings;
mod snippet;
mod yaml;

pub use crate::text::suggest;
pub use definitions::{Definitions, Kind};
pub use diagnostic::{Diagnostic, Problems, Severity};
pub use fingerprint::Fingerprint;
pub use names::{Names, names};
pub use resolve::is_address;
pub use schema::{SCHEMA_FILE, schema};
pub use settings::{MailAuth, MailSettings, Settings, Web};

use crate::measure::{Kpi, KpiTest, Scenario};
use crate::query::{Database, Source};
use crate::report::{Person, ReportSpec};
use crate::text::Name;
use context::Context;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// A whole installation, checked. Maps are in the order of the YAML where order is seen, by name otherwise.
#[derive(Debug)]
pub struct Catalog {
    /// Of the files that were loaded: the first 12 hexadecimal digits of the SHA-256 of their paths and contents.
    pub version: Name,
    pub settings: Settings,
    pub databases: BTreeMap<Name, Database>,
    pub sources: BTreeMap<Name, Arc<Source>>,
    /// In the order of the YAML, so that listings read as the team wrote them.
    pub kpis: Vec<Arc<Kpi>>,
    /// The KPIs' own tests.
    pub tests: Vec<KpiTest>,
    /// Tests of KPIs over rows, in the order of the YAML.
    pub scenarios: Vec<Scenario>,
    pub people: BTreeMap<Name, Person>,
    pub groups: BTreeMap<Name, Vec<Person>>,
    pub reports: BTreeMap<Name, ReportSpec>,
    /// Where each of them is written.
    pub definitions: Definitions,
    /// Position in `kpis`.
    by_name: HashMap<Name, usize>,
}

/// A catalogue that can be used, and what is worth saying about it.
#[derive(Debug)]
pub struct Loaded {
    pub catalog: Catalog,
    pub warnings: Problems,
}

impl Catalog {
    /// Reads every `*.yaml` and `*.yml` below `folder`. `env` gives the environment variables that `${NAME}` may name.
    ///
    /// # Errors
    /// All problems of the folder, warnings among them, when at least one is an error.
    pub fn load(folder: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, Problems> {
        let (files, unreadable) = files::read(folder);
        let version = files::version(folder, &files);
        let languages = files::languages(folder);
        let cx = Context::new(folder.display().to_string(), files, languages, env, unreadable);
        let trees: Vec<_> = (0..cx.files()).filter_map(|file| yaml::parse(&cx, file)).collect();
        let catalog = resolve::resolve(&cx, &trees, version);
        match catalog {
            Some(catalog) if !cx.has_errors() => Ok(Loaded { catalog, warnings: cx.into_problems() }),
            _ => Err(cx.into_problems()),
        }
    }

    /// Somebody with that address who reads as the installation does.
    pub fn stranger(&self, address: &str) -> Person {
        let settings = &self.settings;
        Person {
            name: None,
            email: address.to_owned(),
            language: settings.language.clone(),
            locale: settings.locale.clone(),
        }
    }

    /// Whether a file of that name can belong to an installation: YAML, a template or a file of texts.
    pub fn reads(path: &Path) -> bool {
        files::belongs(path)
    }

    /// The KPI of that name.
    pub fn kpi(&self, name: &str) -> Option<&Arc<Kpi>> {
        self.by_name.get(name).map(|at| &self.kpis[*at])
    }
}
