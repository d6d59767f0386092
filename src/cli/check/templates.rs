//! Whether templates and texts of the installation work: they are loaded, and every report is rendered once without a database.

use crate::catalog::Catalog;
use crate::daemon::installation;
use crate::render::Flaw;
use serde_json::json;
use std::fmt;
use std::path::Path;

/// A problem of templates or texts, and whom it keeps from being rendered.
#[derive(Debug)]
pub struct Unrendered {
    flaw: Flaw,
    /// The reports that can't be rendered; empty when none can.
    reports: Vec<String>,
}

/// All that can be found without a database.
pub fn flaws(dir: &Path, catalog: &Catalog) -> Vec<Unrendered> {
    let folder = dir.join("templates");
    let renderer = match installation::renderer(dir, catalog) {
        Ok(renderer) => renderer,
        Err(error) => return vec![Unrendered { flaw: error.flaw(&folder), reports: Vec::new() }],
    };
    let mut flaws: Vec<Unrendered> = Vec::new();
    for spec in catalog.reports.values() {
        let Err(error) = installation::try_report(&renderer, catalog, spec) else { continue };
        let flaw = Unrendered { flaw: error.flaw(&folder), reports: vec![spec.id.to_string()] };
        // A template that all reports share is wrong once.
        match flaws.iter_mut().find(|known| known.said() == flaw.said()) {
            Some(known) => known.reports.extend(flaw.reports),
            None => flaws.push(flaw),
        }
    }
    flaws
}

impl Unrendered {
    fn said(&self) -> (&str, usize, &str) {
        (&self.flaw.file, self.flaw.line, &self.flaw.message)
    }

    /// The message, and whom it keeps from being rendered.
    fn message(&self) -> String {
        let reports: Vec<String> = self.reports.iter().map(|report| format!("`{report}`")).collect();
        match reports.len() {
            0 => self.flaw.message.clone(),
            1 => format!("report {}: {}", reports[0], self.flaw.message),
            _ => format!("reports {}: {}", reports.join(", "), self.flaw.message),
        }
    }

    pub fn json(&self) -> serde_json::Value {
        json!({
            "severity": "error",
            "code": "template",
            "file": self.flaw.file,
            "line": self.flaw.line,
            "column": self.flaw.column,
            "message": self.message(),
            "help": self.flaw.help,
        })
    }
}

impl fmt::Display for Unrendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flaw { file, line, column, details, .. } = &self.flaw;
        write!(f, "{file}:{line}:{column}: error: {} [template]{details}", self.message())
    }
}
