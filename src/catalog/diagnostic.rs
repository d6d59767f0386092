//! A problem of the YAML, with its place and its remedy.
//!
//! [`Problems`] prints the way compilers do: `file:line:column: error: message`, the line itself with a caret, help. The plain form
//! is for pipes, CI logs and golden tests; [`Problems::graphical`] is miette's form for a terminal. Passwords inside URLs are
//! masked in the lines shown, because CI logs are read by more people than the YAML.
//! Deliberately absent: exit codes and the choice of the form, which belong to the command line.

use super::silence::Silences;
use super::snippet::{File, Spot, crop};
use super::warnings::Found;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use std::fmt;
use std::sync::Arc;

/// Whether the catalogue can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

/// One problem.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub severity: Severity,
    /// What names the rule: a short slug of an error, `unknown-key`; the code of a warning, `W012`.
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
    /// Warnings that the YAML allows where they arise.
    allowed: Vec<Diagnostic>,
    silences: Silences,
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

    /// `kpis/a.yaml:3:5: unknown key …; did you mean `formula`?`
    pub fn in_a_line(&self) -> String {
        let near = self.label.as_ref().map_or(String::new(), |label| format!("; {label}"));
        format!("{}: {}{near}", self.spot.place(), self.message)
    }

    /// 1-based.
    pub fn line(&self) -> usize {
        self.spot.line_column().0
    }

    /// 1-based, in characters.
    pub fn column(&self) -> usize {
        self.spot.line_column().1
    }

    /// The line itself with a caret under what is meant, passwords masked; `None` for a whole file or folder.
    pub fn snippet(&self) -> Option<impl fmt::Display> {
        (!self.spot.file.text.is_empty()).then_some(fmt::from_fn(|f| self.write_snippet(f)))
    }
}

impl Problems {
    /// Sorts by place and drops what is said twice (an alias makes one line be read many times).
    pub(super) fn new(folder: String, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        list.dedup_by(|a, b| a.sort_key() == b.sort_key());
        Problems { folder, list, allowed: Vec::new(), silences: Silences::default() }
    }

    /// Without what `silences` cover. `whole`: everything that reading can find was looked for, so that those without use are known.
    pub(super) fn silenced_by(self, silences: Silences, whole: bool) -> Self {
        let found = Problems { list: Vec::new(), silences, ..self }.and(self.list);
        if whole { found.all_found(Found::Reading) } else { found }
    }

    /// These and `more`, which was found later, without what the YAML allows.
    #[must_use]
    pub fn and(self, more: impl IntoIterator<Item = Diagnostic>) -> Self {
        let Problems { folder, mut list, mut allowed, silences } = self;
        let (covered, said): (Vec<_>, Vec<_>) = more.into_iter().partition(|problem| silences.covers(problem));
        list.extend(said);
        allowed.extend(covered);
        let sorted = |list| Problems::new(folder.clone(), list).list;
        Problems { list: sorted(list), allowed: sorted(allowed), folder, silences }
    }

    /// Once all that can be `found` in this way is among them: says which comments allow nothing.
    #[must_use]
    pub fn all_found(self, found: Found) -> Self {
        let unused: Vec<Diagnostic> = self.silences.unused(found).collect();
        self.and(unused)
    }

    /// The warnings that the YAML allows where they arise.
    pub fn allowed(&self) -> impl Iterator<Item = &Diagnostic> {
        self.allowed.iter()
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
        let counts = if counts.is_empty() { "no problems".to_owned() } else { counts.join(", ") };
        let allowed = count(self.allowed.len(), "warning").map_or(String::new(), |count| format!(", {count} allowed"));
        format!("{counts} in {}{allowed}", self.folder)
    }

    /// The first error for a log, and how many more there are: `kpis/a.yaml:3:5: unknown key …; did you mean `formula`? (and 2 more)`.
    pub fn in_a_line(&self) -> String {
        let Some(first) = self.list.iter().find(|problem| problem.severity == Severity::Error) else {
            return self.summary();
        };
        let more = match self.errors() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        first.in_a_line() + &more
    }

    /// The form for a terminal of so many columns: coloured unless `NO_COLOR` is set.
    pub fn graphical(&self, columns: usize) -> String {
        self.drawn(GraphicalTheme::default(), columns)
    }

    fn drawn(&self, theme: GraphicalTheme, columns: usize) -> String {
        let handler = GraphicalReportHandler::new_themed(theme).with_width(columns);
        let mut out = String::new();
        for diagnostic in &self.list {
            handler.render_report(&mut out, diagnostic).expect("writing to a string does not fail");
            out.push('\n');
        }
        if self.list.is_empty() { out } else { out + &self.summary() + "\n" }
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
        let (before, line, after) = crop(file.shown(), bounds, start);
        let end = end.min(line.end);
        // Tabs stay tabs, so that the caret stands under its character at any tab width.
        let pad = before.chars().chain(file.text[line.start..start].chars());
        let pad: String = pad.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let carets = "^".repeat(file.text[start..end].chars().count().max(1));
        let label = self.label.as_deref().unwrap_or_default();
        writeln!(f, "{number:>4} | {before}{}{after}", &file.shown()[line])?;
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
    /// Whether miette can draw the line with its neighbours: not those of a folder, and none that would fill the screen.
    fn is_drawn(&self) -> bool {
        let file = &self.spot.file;
        let line = file.line_of(self.spot.span.start);
        let short = |line: usize| file.line(line).len() <= 400;
        !file.text.is_empty() && (line.saturating_sub(1)..file.lines().min(line + 2)).all(short)
    }

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
        if self.list.is_empty() { Ok(()) } else { writeln!(f, "{}", self.summary()) }
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
        let own = (!self.is_drawn()).then(|| format!("at {}", self.spot.place()));
        let related = elsewhere.map(|(spot, what)| format!("{}: {what}", spot.place()));
        let lines: Vec<String> = own.into_iter().chain(related).chain(self.help.clone()).collect();
        if lines.is_empty() { None } else { Some(Box::new(lines.join("\n"))) }
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        if self.is_drawn() { Some(&*self.spot.file) } else { None }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let own = LabeledSpan::new_primary_with_span(self.label.clone(), self.spot.first_line());
        let here = self.related.iter().filter(|(spot, _)| Arc::ptr_eq(&spot.file, &self.spot.file));
        let others = here.map(|(spot, what)| LabeledSpan::new_with_span(Some(what.clone()), spot.first_line()));
        Some(Box::new(std::iter::once(own).chain(others)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

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
        let shown =
            Problems::new("kpis".into(), vec![problem(&file, 5..10)]).drawn(GraphicalTheme::unicode_nocolor(), 80);
        assert!(shown.contains("kpis/a.yaml:1:6") && shown.contains("mysql://u:******@h/x"), "{shown}");
        assert!(shown.ends_with("1 error in kpis\n"), "{shown}");
    }

    #[test]
    fn terminal_form_wraps_help_at_the_terminals_width() {
        let file = Arc::new(File::new("a.yaml".into(), "formla: 1\n".into()));
        let help = Some("a KPI has the keys `name`, `formula`, `unit`, `good`, `target`".to_owned());
        let problems = Problems::new("kpis".into(), vec![Diagnostic { help, ..problem(&file, 0..6) }]);
        let widest = |columns| {
            let shown = problems.drawn(GraphicalTheme::unicode_nocolor(), columns);
            shown.lines().map(|line| line.chars().count()).max().unwrap()
        };
        assert!(widest(40) <= 40 && widest(120) > 40, "{}", widest(40));
    }
}
