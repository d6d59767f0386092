//! What is wrong with a file of the folder of templates, in the form of the YAML's problems: place, message, the line itself, help.

use super::{RenderError, TemplateError, TextsError};
use std::path::Path;

/// A problem of a template or a file of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub file: String,
    /// From 1, as the column.
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub help: Option<String>,
    /// The line itself with a caret, and what else stands below the message, help among it.
    pub details: String,
}

impl RenderError {
    /// The place in the `folder` of templates that is to be mended.
    pub fn flaw(&self, folder: &Path) -> Flaw {
        let at = |file: &Path, line: usize, message: String| Flaw {
            file: file.display().to_string(),
            line,
            column: 1,
            message,
            help: None,
            details: String::new(),
        };
        match self {
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
            RenderError::Template(TemplateError::Endless { name }) => at(&folder.join(name), 1, self.to_string()),
            RenderError::EmptySubject => at(&folder.join("subject.txt"), 1, self.to_string()),
            RenderError::Texts(TextsError::Message { path, line, why }) => at(path, *line, why.clone()),
            error => at(folder, 1, error.to_string()),
        }
    }
}
