//! A problem of the YAML, with its place and its remedy.
//!
//! [`Problems`] prints the way compilers do: `file:line:column: error: message`, the line itself with a caret, help. The plain form
//! is for pipes, CI logs and golden tests; [`Problems::graphical`] is miette's form for a terminal. Passwords inside URLs are
//! masked in the lines shown, because CI logs are read by more people than the YAML.
//! Deliberately absent: exit codes and the choice of the form, which belong to the command line.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceSpan, SpanContents};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Whether the catalogue can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

/// A file of the folder, or the folder itself (with an empty text).
#[derive(Debug, Default)]
pub(super) struct File {
    pub name: String,
    pub text: String,
    line_starts: OnceLock<Vec<usize>>,
    shown: OnceLock<String>,
}

/// Bytes of one file.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub file: Arc<File>,
    pub span: Range<usize>,
}

/// One problem.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A short slug that names the rule: `unknown-key`.
    pub code: &'static str,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    pub(super) spot: Spot,
    /// Said beside the caret.
    pub(super) label: Option<String>,
    /// Other places that have to do with it.
    pub(super) related: Vec<(Spot, String)>,
}

/// All problems of a folder, by file and line.
#[derive(Debug)]
pub struct Problems {
    folder: String,
    list: Vec<Diagnostic>,
}

impl File {
    pub fn new(name: String, text: String) -> Self {
        File { name, text, ..File::default() }
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts
            .get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The text as it may be shown: as long as the original, passwords masked.
    fn shown(&self) -> &str {
        self.shown.get_or_init(|| mask_passwords(&self.text))
    }

    /// 0-based line of a byte.
    fn line_of(&self, byte: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= byte) - 1
    }

    /// The bytes of a 0-based line without its end.
    fn line(&self, line: usize) -> Range<usize> {
        let start = self.line_starts()[line];
        let end = self.line_starts().get(line + 1).map_or(self.text.len(), |next| next - 1);
        start..start + self.text[start..end].trim_end_matches('\r').len()
    }
}

impl Spot {
    /// 1-based line, and column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let line = self.file.line_of(self.span.start);
        let start = self.file.line_starts()[line];
        (line + 1, self.file.text[start..self.span.start].chars().count() + 1)
    }

    /// The part on the first line: a mapping's span would underline half a file.
    fn first_line(&self) -> SourceSpan {
        let line_end = self.file.line(self.file.line_of(self.span.start)).end;
        (self.span.start..self.span.end.clamp(self.span.start, line_end.max(self.span.start))).into()
    }

    /// `file:line:column`, or the folder's name alone.
    pub fn place(&self) -> String {
        if self.file.text.is_empty() {
            return self.file.name.clone();
        }
        let (line, column) = self.line_column();
        format!("{}:{line}:{column}", self.file.name)
    }
}

impl Diagnostic {
    /// An error of a whole file or folder.
    pub(super) fn of_whole(name: &str, code: &'static str, message: String, help: Option<&str>) -> Self {
        let spot = Spot { file: Arc::new(File::new(name.to_owned(), String::new())), span: 0..0 };
        let (help, label, related) = (help.map(str::to_owned), None, Vec::new());
        Diagnostic { severity: Severity::Error, code, message, help, spot, label, related }
    }

    /// The file as it is named in the output: the folder as given, then the path in it.
    pub fn file(&self) -> &str {
        &self.spot.file.name
    }

    /// 1-based.
    pub fn line(&self) -> usize {
        self.spot.line_column().0
    }

    /// 1-based, in characters.
    pub fn column(&self) -> usize {
        self.spot.line_column().1
    }
}

impl Problems {
    /// Sorts by place and drops what is said twice (an alias makes one line be read many times).
    pub(super) fn new(folder: String, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        list.dedup_by(|a, b| a.sort_key() == b.sort_key());
        Problems { folder, list }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn errors(&self) -> usize {
        self.list.iter().filter(|d| d.severity == Severity::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// `3 errors, 1 warning in kpis`
    pub fn summary(&self) -> String {
        let count = |n: usize, what: &str| match n {
            0 => None,
            1 => Some(format!("1 {what}")),
            _ => Some(format!("{n} {what}s")),
        };
        let counts = [count(self.errors(), "error"), count(self.warnings(), "warning")];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        if counts.is_empty() {
            return format!("no problems in {}", self.folder);
        }
        format!("{} in {}", counts.join(", "), self.folder)
    }

    /// The form for a terminal of the given width, with or without colours.
    pub fn graphical(&self, width: usize, colours: bool) -> String {
        let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_context_lines(0);
        let mut out = String::new();
        for diagnostic in &self.list {
            handler.render_report(&mut out, diagnostic).expect("writing to a string does not fail");
        }
        out + &self.summary() + "\n"
    }
}

impl Diagnostic {
    fn sort_key(&self) -> (&str, usize, Severity, &str, usize) {
        (&self.spot.file.name, self.spot.span.start, self.severity, &self.message, self.spot.span.end)
    }

    /// The source line with a caret under the span; the span's first line when it has several.
    fn write_snippet(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.spot.file;
        let line = file.line_of(self.spot.span.start);
        let bounds = file.line(line);
        let number = (line + 1).to_string();
        let start = self.spot.span.start.min(bounds.end);
        let end = self.spot.span.end.clamp(start, bounds.end);
        // Tabs stay tabs, so that the caret stands under its character at any tab width.
        let pad: String =
            file.text[bounds.start..start].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let carets = "^".repeat(file.text[start..end].chars().count().max(1));
        let label = self.label.as_deref().unwrap_or_default();
        writeln!(f, "{number:>4} | {}", &file.shown()[bounds])?;
        writeln!(f, "     | {}", format!("{pad}{carets} {label}").trim_end())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// The message alone; [`Problems`] adds the rest.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Diagnostic {
    fn write_plain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}: {} [{}]", self.spot.place(), self.severity, self.message, self.code)?;
        if !self.spot.file.text.is_empty() {
            self.write_snippet(f)?;
        }
        for (spot, what) in &self.related {
            writeln!(f, "     = {}: {what}", spot.place())?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "     = help: {}", help.replace('\n', "\n             "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.list {
            diagnostic.write_plain(f)?;
            writeln!(f)?;
        }
        writeln!(f, "{}", self.summary())
    }
}

impl std::error::Error for Problems {}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let elsewhere = self.related.iter().filter(|(spot, _)| !Arc::ptr_eq(&spot.file, &self.spot.file));
        let lines: Vec<String> = elsewhere
            .map(|(spot, what)| format!("{}: {what}", spot.place()))
            .chain(self.help.clone())
            .collect();
        if lines.is_empty() { None } else { Some(Box::new(lines.join("\n"))) }
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        if self.spot.file.text.is_empty() { None } else { Some(&*self.spot.file) }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let own = LabeledSpan::new_primary_with_span(self.label.clone(), self.spot.first_line());
        let here = self.related.iter().filter(|(spot, _)| Arc::ptr_eq(&spot.file, &self.spot.file));
        let others = here.map(|(spot, what)| LabeledSpan::new_with_span(Some(what.clone()), spot.first_line()));
        Some(Box::new(std::iter::once(own).chain(others)))
    }
}

impl miette::SourceCode for File {
    fn read_span<'a>(
        &'a self, span: &SourceSpan, before: usize, after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.shown().read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

/// `scheme://user:password@host` → `scheme://user:********@host`, byte for byte as long.
fn mask_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let authority = after.find(|c: char| c.is_whitespace() || "/?#\"'".contains(c)).unwrap_or(after.len());
        let password = after[..authority].rfind('@').and_then(|end| Some(after[..end].find(':')? + 1..end));
        let masked = password.map_or(0..0, |range| range);
        shown.push_str(&after[..masked.start]);
        shown.push_str(&"*".repeat(masked.len()));
        rest = &after[masked.end..];
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_in_a_url_is_masked_and_nothing_else() {
        let check = |text: &str, expected: &str| assert_eq!(mask_passwords(text), expected);
        check("url: postgres://ana:s3cr@t@db/crm # ://x:y", "url: postgres://ana:******@db/crm # ://x:y");
        check("a: \"mysql://u:p@h\"\nb: sqlite://x.db", "a: \"mysql://u:*@h\"\nb: sqlite://x.db");
        check("no url: here", "no url: here");
        check("postgres://ana@db:5432/x://", "postgres://ana@db:5432/x://");
    }

    fn problem(file: &Arc<File>, span: Range<usize>) -> Diagnostic {
        let spot = Spot { file: file.clone(), span };
        let message = "unknown key `formla`".to_owned();
        let help = Some("rename it".to_owned());
        Diagnostic { severity: Severity::Error, code: "unknown-key", message, help, spot, label: None, related: vec![] }
    }

    #[test]
    fn plain_form_has_place_line_caret_and_help() {
        let file = Arc::new(File::new("kpis/a.yaml".into(), "ñ: 1\r\n\tformla: 2\r\n".into()));
        let problems = Problems::new("kpis".into(), vec![problem(&file, 8..14), problem(&file, 8..14)]);
        assert_eq!(
            problems.to_string(),
            "kpis/a.yaml:2:2: error: unknown key `formla` [unknown-key]\n   2 | \tformla: 2\n     | \t^^^^^^\n     \
             = help: rename it\n\n1 error in kpis\n"
        );
    }

    #[test]
    fn terminal_form_shows_the_line_and_hides_the_password() {
        let file = Arc::new(File::new("kpis/a.yaml".into(), "url: mysql://u:s3cret@h/x\n".into()));
        let shown = Problems::new("kpis".into(), vec![problem(&file, 5..10)]).graphical(80, false);
        assert!(shown.contains("kpis/a.yaml:1:6") && shown.contains("mysql://u:******@h/x"), "{shown}");
        assert!(shown.ends_with("1 error in kpis\n"), "{shown}");
    }
}
