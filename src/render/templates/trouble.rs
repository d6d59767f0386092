//! What is wrong with a template, said as the YAML's problems are: place, message, the line itself, what to do.

use super::fuel::Metered;
use crate::text::suggest;
use std::collections::BTreeMap;
use std::fmt;
use tera::ErrorKind;

/// Template, and line and column from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub template: String,
    pub line: usize,
    pub column: usize,
}

/// One problem of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub spot: Spot,
    pub message: String,
    pub help: Option<String>,
    /// The line, and how many characters of it are meant.
    shown: String,
    width: usize,
    /// Where the template was included, innermost first.
    from: Vec<Spot>,
}

/// The texts of templates as their authors wrote them, and as Tera runs them.
#[derive(Debug, Default)]
pub(super) struct Texts(pub BTreeMap<String, (String, Metered)>);

impl Trouble {
    /// Of `length` bytes at byte `at` of a template's own text.
    pub(super) fn at(template: &str, text: &str, at: usize, length: usize, message: String) -> Trouble {
        let (line, column) = line_column(text, at);
        let shown = text.lines().nth(line - 1).unwrap_or_default().to_owned();
        let width = text[at..].chars().take(length.max(1)).count();
        let spot = Spot { template: template.to_owned(), line, column };
        Trouble { spot, message, help: None, shown, width, from: Vec::new() }
    }

    fn without_place(template: &str, message: String) -> Trouble {
        let spot = Spot { template: template.to_owned(), line: 1, column: 1 };
        Trouble { spot, message, help: None, shown: String::new(), width: 0, from: Vec::new() }
    }

    pub(super) fn help(self, help: Option<String>) -> Trouble {
        Trouble { help, ..self }
    }
}

/// "did you mean", or what there is.
pub(super) fn help<'n>(unknown: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    /// How many names are worth reading.
    const LISTED: usize = 24;
    if let Some(near) = suggest(unknown, known.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let mut known: Vec<&str> = known.filter(|name| !name.starts_with("__")).collect();
    known.sort_unstable();
    known.dedup();
    match known.len() {
        0 => None,
        1..=LISTED => Some(format!("there are {}", known.join(", "))),
        _ => None,
    }
}

impl Texts {
    /// What Tera says, in our form: places are those of the author's text, and its drawing is ours.
    pub fn explain(&self, error: &tera::Error, template: &str) -> Trouble {
        let (report, is_metered) = match error.kind() {
            ErrorKind::RenderingError(report) => (report, true),
            ErrorKind::SyntaxError(report) => (report, false),
            // What is found when all templates are put together comes drawn already.
            kind => {
                return self
                    .drawn(&kind.to_string())
                    .unwrap_or_else(|| Trouble::without_place(template, kind.to_string()));
            }
        };
        let range = &report.span().range;
        let mut trouble = self.trouble(report.filename(), range.start, range.len(), report.message(), is_metered);
        let drawing = error.to_string();
        trouble.from = drawing.lines().filter_map(|line| self.called_from(line)).collect();
        trouble
    }

    fn trouble(&self, template: &str, at: usize, length: usize, message: &str, is_metered: bool) -> Trouble {
        let Some((text, metered)) = self.0.get(template) else {
            return Trouble::without_place(template, message.to_owned());
        };
        let begin = if is_metered { metered.original(at) } else { at };
        let end = if is_metered { metered.original(at + length) } else { at + length };
        let begin = text.floor_char_boundary(begin);
        let named = text.get(begin..end).unwrap_or_default();
        let (message, known) = plain(message, named);
        let trouble = Trouble::at(template, text, begin, end.saturating_sub(begin), message);
        match known {
            // Only what is none, or a text, has no names of its own.
            Some((_, known)) if known.is_empty() => {
                trouble.help(Some("what stands before it may be absent: ask for it with `if` first".to_owned()))
            }
            Some((unknown, known)) => {
                trouble.help(help(&unknown, known.split(", ").filter(|name| !name.starts_with("__"))))
            }
            None => trouble,
        }
    }

    /// The first of the problems that Tera has drawn: `error: …`, then ` --> template:line:column`.
    fn drawn(&self, drawing: &str) -> Option<Trouble> {
        let (message, rest) = drawing.strip_prefix("error: ")?.split_once("--> ")?;
        let spot = spot(rest.lines().next()?)?;
        let (text, _) = self.0.get(&spot.template)?;
        let at = byte(text, &spot);
        let message = message.trim_end();
        // The caret's line tells how many characters are meant.
        let width = rest.lines().nth(3).map_or(1, |line| line.matches('^').count());
        let unknown = message.strip_prefix("Unknown template `").and_then(|rest| rest.strip_suffix('`'));
        let known = self.0.keys().map(String::as_str);
        let trouble = Trouble::at(&spot.template, text, at, width, message.to_owned());
        Some(trouble.help(unknown.map(|unknown| {
            let near = suggest(unknown, known).map(|near| format!("did you mean `{near}`?"));
            near.unwrap_or_else(|| "only files of the folder of templates can be included".to_owned())
        })))
    }

    /// Of `note: called from template:line:column`.
    fn called_from(&self, line: &str) -> Option<Spot> {
        let spot = spot(line.strip_prefix("note: called from ")?)?;
        let (text, metered) = self.0.get(&spot.template)?;
        let (line, column) = line_column(text, metered.original(byte(&metered.text, &spot)));
        Some(Spot { line, column, ..spot })
    }
}

/// The message in words of our own where we know better, and the name that is unknown with those that are known.
fn plain(message: &str, named: &str) -> (String, Option<(String, String)>) {
    let named = named.trim();
    let unknown = |what: &str| {
        let (name, rest) = message.strip_prefix(what)?.strip_prefix(" `")?.split_once("` is not defined.")?;
        let known = rest.split_once(": ").map_or("", |(_, known)| known);
        Some((format!("there is no `{name}` here"), Some((name.to_owned(), known.to_owned()))))
    };
    if let Some(found) = unknown("Field").or_else(|| unknown("Variable")) {
        return found;
    }
    let is_undefined =
        message.ends_with("got `undefined`") || message == "Tried to render a variable that is undefined";
    if is_undefined && !named.is_empty() {
        return (format!("there is no `{named}` here"), None);
    }
    (message.to_owned(), None)
}

fn spot(text: &str) -> Option<Spot> {
    let (rest, column) = text.trim().rsplit_once(':')?;
    let (template, line) = rest.rsplit_once(':')?;
    Some(Spot { template: template.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
}

fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (1 + before.matches('\n').count(), 1 + line.chars().count())
}

fn byte(text: &str, spot: &Spot) -> usize {
    let line = text.split_inclusive('\n').take(spot.line - 1).map(str::len).sum::<usize>();
    let column = text[line..].char_indices().nth(spot.column.saturating_sub(1));
    line + column.map_or(0, |(at, _)| at)
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.template, self.line, self.column)
    }
}

impl Trouble {
    /// The line with a caret, what to do, and where it was included: what stands below the message.
    pub fn details(&self) -> String {
        /// A longer line is no help on a screen.
        const WIDEST: usize = 400;
        let mut out = String::new();
        if !self.shown.is_empty() && self.shown.len() <= WIDEST {
            let pad: String =
                self.shown.chars().take(self.spot.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let room = self.shown.chars().count().saturating_sub(self.spot.column - 1);
            let carets = "^".repeat(self.width.min(room).max(1));
            out += &format!("\n{:>4} | {}\n     | {pad}{carets}", self.spot.line, self.shown);
        }
        for spot in &self.from {
            out += &format!("\n     = included at {spot}");
        }
        if let Some(help) = &self.help {
            out += &format!("\n     = help: {help}");
        }
        out
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}{}", self.spot, self.message, self.details())
    }
}
