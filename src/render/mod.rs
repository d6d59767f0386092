//! [`Report`] → what its readers of one language and locale get: a [`Letter`] (subject, HTML, plain text, pictures, attachments), a
//! web page, a spreadsheet, CSV, JSON (edge: Tera, charts, spreadsheets).
//!
//! In: a report, and an [`Audience`]. Numbers become text in `format` (which the terminal uses as well) and `dates`, words come from
//! the message files of `texts`, and `view` joins them once for all; the templates only lay out, so that each can be overridden
//! by a file of the same name without touching a number. Deliberately absent: the mail itself, and who gets it.

mod affix;
mod attach;
pub mod chart;
pub mod data;
mod dates;
mod flaw;
mod format;
mod markdown;
mod notice;
mod shorten;
pub mod site;
mod standalone;
mod templates;
mod texts;
mod view;
mod words;
mod wrap;

pub use crate::report::{File, Image, Letter};
use dates::Dates;
pub use flaw::Flaw;
pub use format::{Format, MISSING, UnknownLocale};
pub use notice::{Due, Event, Mail, Notice};
pub use shorten::{LIMIT, encoded_size};
pub use standalone::standalone;
pub use templates::{BUILT_IN, TemplateError, Trouble};
pub use texts::{AllTexts, Texts, TextsError};

use crate::report::{Attachment, Person, Report};
use crate::text::Language;
use std::cell::Cell;
use std::collections::HashSet;
use std::path::Path;
use templates::Templates;
use tera::Context;
use view::{Medium, Reader, View};

/// What plain mail is wrapped at.
const COLUMNS: usize = 78;

/// Renders reports for the readers of one installation.
#[derive(Debug)]
pub struct Renderer {
    templates: Templates,
    texts: AllTexts,
    language: Language,
    currency: String,
}

/// Readers who see the same: one rendering serves them all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Audience {
    pub language: Language,
    /// A CLDR locale: `es-ES`.
    pub locale: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Texts(#[from] TextsError),
    #[error(transparent)]
    Locale(#[from] UnknownLocale),
    #[error("template subject.txt gives nothing; a mail needs a subject")]
    EmptySubject,
    #[error("make the spreadsheet: {0}")]
    Spreadsheet(String),
}

impl Audience {
    pub fn of(person: &Person) -> Audience {
        Audience { language: person.language.clone(), locale: person.locale.clone() }
    }
}

impl Renderer {
    /// `templates` is a folder whose files stand in for the built-in templates and texts of the same name; `language` and `currency`
    /// are the installation's, for texts that lack the reader's language and amounts that name no currency.
    ///
    /// # Errors
    /// A template or a file of texts can't be read or parsed.
    pub fn new(templates: Option<&Path>, language: Language, currency: &str) -> Result<Renderer, RenderError> {
        let texts = AllTexts::load(templates)?;
        let words = texts.for_language(&[]).words().into_keys();
        Ok(Renderer { templates: Templates::load(templates, words)?, texts, language, currency: currency.to_owned() })
    }

    /// The languages that there are texts in, by name.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.texts.languages()
    }

    /// The letter of `report`, with what it wants attached.
    ///
    /// # Errors
    /// An overridden template fails on this report, or the locale is none.
    pub fn letter(&self, report: &Report, audience: &Audience) -> Result<Letter, RenderError> {
        let reading = self.reading(audience)?;
        let (mut view, whole) = self.view(report, &reading, Medium::Mail)?;
        let text = self.templates.render("report.txt", &whole)?;
        // What nothing was cut from is what the text was made of.
        let whole = Cell::new(Some(whole));
        let note = |shown: usize, count: usize| reading.shortened(shown, count, report);
        let html = shorten::fitting(&mut view, note, &reading.definitions(report), |view| {
            self.templates.render(template(report), &whole.take().unwrap_or_else(|| context(view)))
        })?;
        let attachments = report.attach.iter().map(|kind| self.file(report, audience, *kind));
        let named: HashSet<&str> = html.split(['"', '\'']).filter_map(|text| text.strip_prefix("cid:")).collect();
        let images = view::images(report).into_iter().filter(|image| named.contains(&*image.name)).collect();
        Ok(Letter {
            subject: view.subject,
            images,
            html,
            text: wrap::wrapped(&text, COLUMNS),
            attachments: attachments.collect::<Result<_, _>>()?,
        })
    }

    /// The report as a page of its own: no file beside it, nothing from elsewhere, no script.
    ///
    /// # Errors
    /// As for [`Renderer::letter`].
    pub fn page(&self, report: &Report, audience: &Audience) -> Result<String, RenderError> {
        let (_, context) = self.view(report, &self.reading(audience)?, Medium::Page)?;
        Ok(self.templates.render("web/page.html", &context)?)
    }

    /// The report as a file to keep.
    ///
    /// # Errors
    /// As for [`Renderer::letter`].
    pub fn file(&self, report: &Report, audience: &Audience, kind: Attachment) -> Result<File, RenderError> {
        let reading = self.reading(audience)?;
        let reader = reading.reader(report, Medium::Page);
        match kind {
            Attachment::Xlsx => attach::xlsx(&reader).map_err(|why| RenderError::Spreadsheet(why.to_string())),
            Attachment::Csv => Ok(attach::csv(&reader)),
            Attachment::Html => Ok(File {
                name: attach::file_name(&reader, "html"),
                kind: "text/html; charset=utf-8",
                bytes: self.page(report, audience)?.into_bytes(),
            }),
        }
    }

    /// Everything the report has, for programs; beside each number what the audience sees.
    ///
    /// # Errors
    /// The locale is none.
    pub fn json(&self, report: &Report, audience: &Audience) -> Result<serde_json::Value, RenderError> {
        let Reading { format, languages, .. } = self.reading(audience)?;
        Ok(data::report(report, &format, languages))
    }

    /// What the mail's templates are given, for who writes one.
    ///
    /// # Errors
    /// As for [`Renderer::letter`].
    pub fn context(&self, report: &Report, audience: &Audience) -> Result<serde_json::Value, RenderError> {
        let (view, _) = self.view(report, &self.reading(audience)?, Medium::Mail)?;
        Ok(serde_json::to_value(&view).expect("a view is plain data"))
    }

    /// Renders every template that `report` uses, and keeps nothing: no picture is drawn, no file is made.
    ///
    /// # Errors
    /// As for [`Renderer::letter`].
    pub fn try_templates(&self, report: &Report, audience: &Audience) -> Result<(), RenderError> {
        let (_, context) = self.view(report, &self.reading(audience)?, Medium::Mail)?;
        self.templates.render("report.txt", &context)?;
        self.templates.render(template(report), &context)?;
        self.page(report, audience).map(drop)
    }

    fn reading<'a>(&'a self, audience: &'a Audience) -> Result<Reading<'a>, RenderError> {
        let languages = [&*audience.language, &*self.language];
        let texts = self.texts.for_language(&languages);
        Ok(Reading {
            format: Format::new(&audience.locale, &self.currency)?,
            dates: Dates::new(&texts, &audience.locale)?,
            texts,
            languages,
        })
    }

    /// What the templates are given, as it is and as Tera takes it; the subject is one of them and in it.
    fn view(&self, report: &Report, reading: &Reading, medium: Medium) -> Result<(View, Context), RenderError> {
        let mut view = reading.reader(report, medium).view();
        let mut context = context(&view);
        let subject = self.templates.render("subject.txt", &context)?;
        view.subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        if view.subject.is_empty() {
            return Err(RenderError::EmptySubject);
        }
        context.insert("subject", &view.subject);
        Ok((view, context))
    }
}

impl Reading<'_> {
    fn reader<'r>(&'r self, report: &'r Report, medium: Medium) -> Reader<'r> {
        let Reading { format, texts, dates, languages } = self;
        Reader { report, format, texts, dates, languages: *languages, medium, places: view::places(report) }
    }

    /// Says that a table was cut, and where all of it is.
    fn shortened(&self, shown: usize, count: usize, report: &Report) -> String {
        let args = [("shown", self.format.whole(shown as f64).into()), ("count", self.format.count(count))];
        let cut = self.texts.say("shortened", &args);
        let whole = match (&report.made.link, report.attach.is_empty()) {
            (Some(_), _) => "shortened-link",
            (None, false) => "shortened-attached",
            (None, true) => "shortened-text",
        };
        format!("{cut} {}", self.texts.word(whole))
    }

    /// Says that the glossary is not there, and where it is; a CSV has none.
    fn definitions(&self, report: &Report) -> String {
        let attached = report.attach.iter().any(|kind| *kind != Attachment::Csv);
        self.texts.word(if attached { "shortened-definitions" } else { "shortened-definitions-text" })
    }
}

/// With which numbers and words an audience reads.
struct Reading<'a> {
    format: Format,
    texts: Texts,
    dates: Dates,
    languages: [&'a str; 2],
}

/// Of the mail's HTML.
fn template(report: &Report) -> &str {
    report.template.as_deref().unwrap_or("report.html")
}

fn context(view: &View) -> Context {
    Context::from_serialize(view).expect("a view is a map of plain data")
}

#[cfg(test)]
mod tests;
