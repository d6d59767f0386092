//! What is wrong, in one form for YAML, templates and databases: place, message, the line itself, what to do.

use crate::catalog::{Diagnostic, Kind, Problems, Severity};
use crate::daemon::installation::{Installation, LoadError};
use crate::pipeline::Failure;
use crate::render::RenderError;
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `error` or `warning`.
    pub severity: String,
    pub code: String,
    /// As it is named on the command line; empty where no file is to blame.
    pub file: String,
    /// From 1, as the column; 0 where no line is to blame.
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub help: Option<String>,
    /// The line itself, with a caret below what is meant.
    pub snippet: Option<String>,
}

/// Of a folder's YAML.
pub(super) fn of_yaml(problems: &Problems) -> Vec<Problem> {
    problems.iter().map(of_diagnostic).collect()
}

fn of_diagnostic(problem: &Diagnostic) -> Problem {
    Problem {
        severity: problem.severity.to_string(),
        code: problem.code.to_owned(),
        file: problem.file().to_owned(),
        line: problem.line(),
        column: problem.column(),
        message: problem.message.clone(),
        help: problem.help.clone(),
        snippet: problem.snippet().map(|lines| lines.to_string()),
    }
}

/// Why the folder `dir` can't be worked from.
pub(super) fn of_load(dir: &Path, error: &LoadError) -> Vec<Problem> {
    match error {
        LoadError::Catalog(problems) => of_yaml(problems),
        LoadError::Templates(error) => vec![of_render(dir, error)],
    }
}

/// Of a template or text of the folder `dir`.
pub(super) fn of_render(dir: &Path, error: &RenderError) -> Problem {
    let flaw = error.flaw(&dir.join("templates"));
    // Below the message stand the line, its caret, where it was included, and the help, which has a place of its own here.
    let snippet: Vec<&str> = flaw.details.lines().filter(|line| line.contains(" | ")).collect();
    Problem {
        severity: "error".to_owned(),
        code: "template".to_owned(),
        file: flaw.file,
        line: flaw.line,
        column: flaw.column,
        message: flaw.message,
        help: flaw.help,
        snippet: (!snippet.is_empty()).then(|| snippet.join("\n")),
    }
}

/// Of a source that could not be read, at its definition.
pub(super) fn of_failure(installation: &Installation, failure: &Failure) -> Problem {
    let message = format!("source `{}` could not be read: {}", failure.source, failure.why);
    let definitions = &installation.catalog.definitions;
    let named = (Kind::Source, &failure.source);
    let problem = definitions.problem(Severity::Error, "source", named, message.clone(), None);
    problem.as_ref().map_or_else(|| of_words("source", message), of_diagnostic)
}

/// Of the program, or of what was asked: no file is to blame.
pub(super) fn of_words(code: &str, message: String) -> Problem {
    Problem {
        severity: "error".to_owned(),
        code: code.to_owned(),
        file: String::new(),
        line: 0,
        column: 0,
        message,
        help: None,
        snippet: None,
    }
}
