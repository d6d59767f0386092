//! Whether templates and texts of the installation work: they are loaded, and every report is rendered once without a database.

use crate::catalog::Catalog;
use crate::daemon::installation;
use crate::render::{RenderError, TemplateError, TextsError};
use serde_json::json;
use std::fmt;
use std::path::Path;

/// What is wrong with a file of the folder of templates, in the form of the YAML's problems.
#[derive(Debug)]
pub struct Flaw {
    file: String,
    line: usize,
    column: usize,
    message: String,
    help: Option<String>,
    /// The line itself, and what else stands below the message.
    details: String,
    /// The reports that can't be rendered; empty when none can.
    reports: Vec<String>,
}

/// All that can be found without a database.
pub fn flaws(dir: &Path, catalog: &Catalog) -> Vec<Flaw> {
    let folder = dir.join("templates");
    let renderer = match installation::renderer(dir, catalog) {
        Ok(renderer) => renderer,
        Err(error) => return vec![Flaw::new(&folder, &error)],
    };
    let mut flaws: Vec<Flaw> = Vec::new();
    for spec in catalog.reports.values() {
        let Err(error) = installation::try_report(&renderer, catalog, spec) else { continue };
        let flaw = Flaw { reports: vec![spec.id.to_string()], ..Flaw::new(&folder, &error) };
        // A template that all reports share is wrong once.
        match flaws.iter_mut().find(|known| known.said() == flaw.said()) {
            Some(known) => known.reports.extend(flaw.reports),
            None => flaws.push(flaw),
        }
    }
    flaws
}

impl Flaw {
    fn new(folder: &Path, error: &RenderError) -> Flaw {
        let at = |file: &Path, line: usize, message: String| Flaw {
            file: file.display().to_string(),
            line,
            column: 1,
            message,
            help: None,
            details: String::new(),
            reports: Vec::new(),
        };
        match error {
            RenderError::Template(TemplateError::Wrong(trouble)) => Flaw {
                column: trouble.spot.column,
                help: trouble.help.clone(),
                details: trouble.details(),
                ..at(&folder.join(&trouble.spot.template), trouble.spot.line, trouble.message.clone())
            },
            RenderError::Template(TemplateError::Missing { name, near }) => {
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write it: `kpid help templates` has an example".to_owned(),
                };
                let details = format!("\n     = help: {help}");
                Flaw { help: Some(help), details, ..at(&folder.join(name), 1, "there is no such template".to_owned()) }
            }
            RenderError::Template(TemplateError::Endless { name }) => at(&folder.join(name), 1, error.to_string()),
            RenderError::EmptySubject => at(&folder.join("subject.txt"), 1, error.to_string()),
            RenderError::Texts(TextsError::Message { path, line, why }) => at(path, *line, why.clone()),
            error => at(folder, 1, error.to_string()),
        }
    }

    fn said(&self) -> (&str, usize, &str) {
        (&self.file, self.line, &self.message)
    }

    /// The message, and whom it keeps from being rendered.
    fn message(&self) -> String {
        let reports: Vec<String> = self.reports.iter().map(|report| format!("`{report}`")).collect();
        match reports.len() {
            0 => self.message.clone(),
            1 => format!("report {}: {}", reports[0], self.message),
            _ => format!("reports {}: {}", reports.join(", "), self.message),
        }
    }

    pub fn json(&self) -> serde_json::Value {
        json!({
            "severity": "error",
            "code": "template",
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message(),
            "help": self.help,
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flaw { file, line, column, details, .. } = self;
        write!(f, "{file}:{line}:{column}: error: {} [template]{details}", self.message())
    }
}
