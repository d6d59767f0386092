//! [`Report`] → [`Letter`]: subject, HTML and text for one reader (edge: Tera).
//!
//! In: a report, and a person with language and locale. Out: their letter. Numbers become text in `format` (which the terminal uses
//! as well), words in `labels`, and `view` joins both; the templates only lay out, so that each can be overridden by a file of the
//! same name without touching a number. HTML is always escaped: values come from databases. Deliberately absent: the mail itself.

mod affix;
mod dates;
mod format;
mod labels;
mod texts;
mod view;
mod words;

pub use crate::report::{File, Image, Letter};
pub use dates::Dates;
pub use format::{Format, MISSING, UnknownLocale};
pub use texts::{AllTexts, Arg, Texts, TextsError, isolated};

use crate::calendar::{Cadence, Calendar, Period};
use crate::report::{Person, Report};
use crate::text::Language;
use std::path::{Path, PathBuf};
use tera::{Context, Tera};
use view::Reader;

/// The templates, by the names under which a folder may override them.
const TEMPLATES: [(&str, &str); 3] = [
    (HTML, include_str!("../../templates/report.html")),
    (TEXT, include_str!("../../templates/report.txt")),
    (SUBJECT, include_str!("../../templates/subject.txt")),
];
const HTML: &str = "report.html";
const TEXT: &str = "report.txt";
const SUBJECT: &str = "subject.txt";

/// What plain mail is wrapped at.
const COLUMNS: usize = 78;

/// Renders reports for the readers of one installation.
#[derive(Debug)]
pub struct Renderer {
    tera: Tera,
    language: Language,
    currency: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("read template {}: {why}", path.display())]
    Read { path: PathBuf, why: std::io::Error },
    /// The template's own text is wrong, or names what there isn't; says where.
    #[error("template: {0}")]
    Template(#[from] tera::Error),
    #[error(transparent)]
    Locale(#[from] UnknownLocale),
}

impl Renderer {
    /// `templates` is a folder whose files stand in for the built-in templates of the same name; `language` and `currency` are the
    /// installation's, for texts that lack the reader's language and amounts that name no currency.
    ///
    /// # Errors
    /// A template can't be read or parsed.
    pub fn new(templates: Option<&Path>, language: Language, currency: &str) -> Result<Renderer, RenderError> {
        let mut tera = Tera::new();
        // By name, not by Tera's habit of looking at suffixes: no other template exists that HTML could be made from.
        tera.autoescape_on([HTML]);
        let texts: Vec<(&str, String)> = TEMPLATES
            .iter()
            .map(|(name, built_in)| Ok((*name, template(templates, name, built_in)?)))
            .collect::<Result<_, RenderError>>()?;
        tera.add_raw_templates(texts)?;
        Ok(Renderer { tera, language, currency: currency.to_owned() })
    }

    /// The letter of `report` in the person's language and locale.
    ///
    /// # Errors
    /// An overridden template fails on this report, or the locale is none.
    pub fn render(&self, report: &Report, person: &Person) -> Result<Letter, RenderError> {
        let format = Format::new(&person.locale, &self.currency)?;
        let languages = [&*person.language, &*self.language];
        let reader = Reader { report, format: &format, labels: labels::labels(languages), languages };
        let context = Context::from_serialize(&reader.view())?;
        let subject = self.tera.render(SUBJECT, &context)?;
        Ok(Letter {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            html: self.tera.render(HTML, &context)?,
            text: wrapped(&self.tera.render(TEXT, &context)?, COLUMNS),
            images: Vec::new(),
            attachments: Vec::new(),
        })
    }
}

fn template(folder: Option<&Path>, name: &str, built_in: &str) -> Result<String, RenderError> {
    let Some(path) = folder.map(|folder| folder.join(name)) else { return Ok(built_in.to_owned()) };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(built_in.to_owned()),
        Err(why) => Err(RenderError::Read { path, why }),
    }
}

/// `2026-W46 (2026-11-09 – 2026-11-15)`; a running period ends with the last day it has touched.
pub fn period_label(period: &Period, calendar: &Calendar) -> String {
    let label = period.label(calendar);
    match period.cadence {
        Cadence::Day => label,
        _ => format!("{label} ({} – {})", period.first, period.last()),
    }
}

/// Lines of at most `columns` characters, broken at spaces (a no-break space is none); what follows a break is indented by two more
/// than the line. A longer word stands alone.
fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        let line = line.trim_end_matches(' ');
        let indent = line.len() - line.trim_start_matches(' ').len();
        let mut width = indent;
        out.push_str(&line[..indent]);
        for (index, word) in line[indent..].split(' ').enumerate() {
            let length = word.chars().count();
            if index > 0 && width + 1 + length > columns {
                out.push('\n');
                out.push_str(&" ".repeat(indent + 2));
                width = indent + 2;
            } else if index > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;
