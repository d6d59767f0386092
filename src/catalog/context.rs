//! What every reader of the YAML shares: the files, the environment, and the list of problems found so far.
//!
//! Problems are only ever added (through a shared reference, so that readers nest freely) and turned into [`Problems`] at the end:
//! no reader stops another.

use super::diagnostic::{Diagnostic, Problems, Severity};
use super::silence::Silences;
use super::snippet::{File, Spot};
use super::warnings::Rule;
use crate::text::suggest;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of one file. Files are at most 1 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    file: u32,
    start: u32,
    end: u32,
}

/// A problem about to be reported.
#[derive(Debug)]
pub(super) struct Problem {
    severity: Severity,
    code: &'static str,
    place: Place,
    message: String,
    label: Option<String>,
    help: Option<String>,
    also: Vec<(Place, String)>,
}

/// A name that nothing has.
pub(super) struct Unknown<'a> {
    /// What it should be: "measure".
    pub what: &'a str,
    pub name: &'a str,
    /// Whose: the source of a measure.
    pub of: Option<&'a str>,
    pub place: Place,
    pub help: Option<String>,
}

pub(super) struct Context<'a> {
    folder: String,
    files: Vec<Arc<File>>,
    /// Those that reports can be in.
    pub languages: BTreeSet<String>,
    pub env: &'a dyn Fn(&str) -> Option<String>,
    found: RefCell<Vec<Diagnostic>>,
    /// Files that aren't YAML: what they define is not known.
    broken: RefCell<Vec<u32>>,
    /// Whether some file is not even text: it may define anything.
    unread: bool,
    suggestions_left: Cell<u32>,
}

impl Place {
    pub fn new(file: u32, bytes: Range<usize>) -> Self {
        let short = |byte: usize| u32::try_from(byte).expect("files are at most 1 MiB");
        Place { file, start: short(bytes.start), end: short(bytes.end) }
    }

    pub fn bytes(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` begins behind it in the same file.
    pub fn is_before(self, other: Place) -> bool {
        self.file == other.file && self.start <= other.start
    }

    /// A part of the same file.
    pub fn at(self, bytes: Range<usize>) -> Place {
        Place::new(self.file, bytes)
    }
}

impl Problem {
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        let (label, help, also) = (None, None, Vec::new());
        Problem { severity: Severity::Error, code, place, message: message.into(), label, help, also }
    }

    pub fn warning(rule: &Rule, place: Place, message: impl Into<String>) -> Self {
        Problem { severity: Severity::Warning, ..Problem::error(rule.code, place, message) }
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        Problem { help: Some(help.into()), ..self }
    }

    pub fn maybe_help(self, help: Option<String>) -> Self {
        Problem { help, ..self }
    }

    pub fn did_you_mean(self, near: Option<&str>) -> Self {
        Problem { label: near.map(|near| format!("did you mean `{near}`?")), ..self }
    }

    /// Another place that has to do with it.
    pub fn also(mut self, place: Place, what: impl Into<String>) -> Self {
        self.also.push((place, what.into()));
        self
    }
}

impl<'a> Context<'a> {
    /// How many unknown names get a "did you mean". Each costs a look at every known name.
    const SUGGESTIONS: u32 = 200;

    /// `found`: what was wrong with reading the files.
    pub fn new(
        folder: String,
        files: Vec<Arc<File>>,
        languages: BTreeSet<String>,
        env: &'a dyn Fn(&str) -> Option<String>,
        found: Vec<Diagnostic>,
    ) -> Self {
        let unread = !found.is_empty();
        let (found, broken) = (RefCell::new(found), RefCell::default());
        Context { folder, files, languages, env, found, broken, unread, suggestions_left: Cell::new(Self::SUGGESTIONS) }
    }

    /// How many files there are: each is named by its position.
    pub fn files(&self) -> u32 {
        u32::try_from(self.files.len()).expect("32 MiB hold no more files")
    }

    pub fn text(&self, file: u32) -> &str {
        &self.files[file as usize].text
    }

    /// What stands in the YAML at a place.
    pub fn source(&self, place: Place) -> &str {
        &self.text(place.file)[place.bytes()]
    }

    /// The same for a message: the first line, at most 40 characters.
    pub fn excerpt(&self, place: Place) -> String {
        cut(self.source(place))
    }

    /// What follows a place in its line.
    pub fn behind(&self, place: Place) -> &str {
        self.text(place.file)[place.bytes().end..].lines().next().unwrap_or_default()
    }

    /// `text`, read at `place`, for a message: as it is if the YAML says so, else (it came from the environment, and may be a secret)
    /// what the YAML says in its place.
    pub fn shown(&self, place: Place, text: &str) -> String {
        let source = self.source(place);
        if source.contains("${") { cut(source) } else { cut(text) }
    }

    /// The file as it is named in the output, and the line.
    pub fn test_place(&self, place: Place) -> crate::measure::Place {
        let spot = self.spot(place);
        crate::measure::Place { file: spot.file.name.clone(), line: spot.line_column().0 }
    }

    pub fn report(&self, problem: Problem) {
        let Problem { severity, code, place, message, label, help, also } = problem;
        let related = also.into_iter().map(|(place, what)| (self.spot(place), what)).collect();
        let spot = self.spot(place);
        self.found.borrow_mut().push(Diagnostic { severity, code, message, help, spot, label, related });
    }

    /// `None`, after reporting: the usual end of a reader that found something wrong.
    pub fn refuse<T>(&self, problem: Problem) -> Option<T> {
        self.report(problem);
        None
    }

    /// Warns about the folder as a whole; not when a part of it could not be read.
    pub fn warn_folder(&self, rule: &Rule, message: &str, help: &str) {
        if !self.broken.borrow().is_empty() || self.files.is_empty() {
            return;
        }
        let mut warning = Diagnostic::of_whole(&self.folder, rule.code, message.to_owned(), Some(help));
        warning.severity = Severity::Warning;
        self.found.borrow_mut().push(warning);
    }

    /// Says that this file could not be read as YAML.
    pub fn broken(&self, file: u32) {
        self.broken.borrow_mut().push(file);
    }

    /// Says that a part of the file that holds `place` could not be read.
    pub fn broken_at(&self, place: Place) {
        self.broken(place.file);
    }

    /// Reports a name that nothing has; unless a file that could not be read may define it, for then the other problem says enough.
    pub fn unknown<'n>(&self, unknown: Unknown, known: impl Iterator<Item = &'n str> + Clone) {
        let Unknown { what, name, of, place, help } = unknown;
        if self.unread || self.broken.borrow().iter().any(|file| defines(self.text(*file), name)) {
            return;
        }
        let of = of.map_or(String::new(), |owner| format!(" of `{owner}`"));
        let problem = Problem::error("unknown-name", place, format!("unknown {what} `{name}`{of}"));
        let near = self.near(name, known.clone());
        let help = help.or_else(|| if near.is_none() { listed(known) } else { None });
        self.report(problem.did_you_mean(near).maybe_help(help));
    }

    /// The known name that is most like `name`.
    pub fn near<'n>(&self, name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        let left = self.suggestions_left.get();
        self.suggestions_left.set(left.saturating_sub(1));
        if left == 0 { None } else { suggest(name, known) }
    }

    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many were found so far.
    pub fn errors(&self) -> usize {
        self.found.borrow().iter().filter(|found| found.severity == Severity::Error).count()
    }

    /// `things`: those that have names, each from its name to its end. What is allowed in place is set aside.
    pub fn into_problems(self, things: Vec<Spot>) -> Problems {
        let whole = !self.has_errors();
        let mut found = self.found.into_inner();
        let mut silences = Silences::read(self.files.iter(), &mut found);
        silences.add_things(things);
        Problems::new(self.folder, found).silenced_by(silences, whole)
    }

    pub fn spot(&self, place: Place) -> Spot {
        Spot { file: Arc::clone(&self.files[place.file as usize]), span: place.bytes() }
    }
}

/// ``there are `crm`, `erp`, …``, by name; `None` when there is nothing.
fn listed<'n>(known: impl Iterator<Item = &'n str>) -> Option<String> {
    const LISTED: usize = 12;
    let known: BTreeSet<&str> = known.collect();
    let known: Vec<String> = known.into_iter().take(LISTED + 1).map(|name| format!("`{name}`")).collect();
    match known.len() {
        0 => None,
        1 => Some(format!("there is only {}", known[0])),
        2..=LISTED => Some(format!("there are {}", known.join(", "))),
        _ => Some(format!("there are {}, …", known[..LISTED].join(", "))),
    }
}

fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Whether a line of `text` looks like `name: …`.
fn defines(text: &str, name: &str) -> bool {
    let key = |line: &str| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':'));
    text.lines().any(key)
}
