//! `# allow W012: why it is fine`: warnings that somebody looked at and accepts, said where they arise.
//!
//! In: the YAML's own comments (what looks like one inside a text or a query is none) and what was found. Out: what is still to
//! say. A comment counts for its line, one that stands alone for the line below it; it covers the warnings of that line and, where
//! that is the line of a thing's name or of the `|` of a query, those of the whole thing or query. It must say why, and one that covers nothing is a warning itself,
//! so that none outlives its reason.

use super::diagnostic::{Diagnostic, Severity};
use super::snippet::{File, Spot};
use super::warnings::{Found, NO_REASON, NOTHING_ALLOWED, Rule, UNKNOWN_CODE};
use super::yaml;
use crate::text::suggest;
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// One code that one comment allows.
#[derive(Debug)]
struct Silence {
    /// The code in the comment.
    spot: Spot,
    rule: &'static Rule,
    /// 0-based, where it counts.
    line: usize,
    used: Cell<bool>,
}

/// What the comments of a folder allow.
#[derive(Debug, Default)]
pub(super) struct Silences {
    list: Vec<Silence>,
    /// What can be excused as a whole: things from their name to their end, and texts of several lines.
    things: Vec<Spot>,
}

impl Silences {
    /// Reads the comments of `files`. Those that are wrong in themselves are said in `found`.
    pub fn read<'a>(files: impl Iterator<Item = &'a Arc<File>>, found: &mut Vec<Diagnostic>) -> Silences {
        let mut silences = Silences::default();
        for file in files.filter(|file| file.text.to_ascii_lowercase().contains("allow")) {
            let scalars = yaml::scalars(&file.text);
            silences.things.extend(scalars.iter().filter_map(|span| below_its_key(file, span)));
            let comments = comments(file, scalars);
            let lines: Vec<usize> = comments.iter().map(|bytes| file.line_of(bytes.start)).collect();
            let alone = |at: usize| file.text[file.line(lines[at])].trim_start().starts_with('#');
            for (at, bytes) in comments.iter().enumerate() {
                // Comments that stand one above the other count for the same line.
                let below = (at..comments.len())
                    .take_while(|next| alone(*next) && lines[*next] == lines[at] + (next - at))
                    .last()
                    .map(|last| lines[last] + 1);
                silences.comment(file, bytes, below.unwrap_or(lines[at]), found);
            }
        }
        silences
    }

    /// # allow W012, W013: why
    fn comment(&mut self, file: &Arc<File>, bytes: &Range<usize>, line: usize, found: &mut Vec<Diagnostic>) {
        let Some((codes, reason)) = allowed(&file.text[bytes.clone()]) else { return };
        let spot = |part: &str| {
            let start = part.as_ptr() as usize - file.text.as_ptr() as usize;
            Spot { file: Arc::clone(file), span: start..start + part.len() }
        };
        for code in codes {
            match Rule::of_code(code) {
                Some(rule) => self.list.push(Silence { spot: spot(code), rule, line, used: Cell::new(false) }),
                None => {
                    let near = suggest(code, Rule::all().map(|rule| rule.code));
                    let label = near.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("there is no warning `{code}` to allow");
                    let help = "`kpid help warnings` lists them all";
                    found.push(Diagnostic { label, ..warning(&UNKNOWN_CODE, spot(code), message, help) });
                }
            }
        }
        if reason.is_empty() {
            let message = "a warning is allowed without a reason".to_owned();
            let help = "say after a colon why it is fine: `# allow W012: the goal of the launch month`";
            found.push(warning(&NO_REASON, Spot { file: Arc::clone(file), span: bytes.clone() }, message, help));
        }
    }

    /// Says which things there are, so that they can be excused as a whole.
    pub fn add_things(&mut self, things: Vec<Spot>) {
        self.things.extend(things);
    }

    /// Whether the comments cover a problem; errors they never do.
    pub fn covers(&self, problem: &Diagnostic) -> bool {
        if problem.severity == Severity::Error || self.list.is_empty() {
            return false;
        }
        let Spot { file, span } = &problem.spot;
        let own = file.line_of(span.start);
        let within = |thing: &&Spot| Arc::ptr_eq(&thing.file, file) && thing.span.contains(&span.start);
        let around: Vec<usize> =
            self.things.iter().filter(within).map(|thing| file.line_of(thing.span.start)).collect();
        let covers = |silence: &&Silence| {
            let here = Arc::ptr_eq(&silence.spot.file, file) && silence.rule.code == problem.code;
            here && (silence.line == own || around.contains(&silence.line))
        };
        let mut all = self.list.iter().filter(covers).peekable();
        let covered = all.peek().is_some();
        all.for_each(|silence| silence.used.set(true));
        covered
    }

    /// Those that cover nothing of what can be found by then.
    pub fn unused(&self, found: Found) -> impl Iterator<Item = Diagnostic> {
        let idle = self.list.iter().filter(move |silence| silence.rule.found == found && !silence.used.get());
        idle.map(|silence| {
            let message = format!("there is no {} here to allow", silence.rule.code);
            let help = "remove the comment, or put it on the line of the warning, or of the name of the thing it is in";
            warning(&NOTHING_ALLOWED, silence.spot.clone(), message, help)
        })
    }
}

fn warning(rule: &Rule, spot: Spot, message: String, help: &str) -> Diagnostic {
    let (label, related, help) = (None, Vec::new(), Some(help.to_owned()));
    Diagnostic { severity: Severity::Warning, code: rule.code, message, help, spot, label, related }
}

/// The bytes of every comment: from a `#` that begins a line or stands after a space, and in no scalar, to the end of the line.
fn comments(file: &File, scalars: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let scalars: Vec<Range<usize>> = scalars.into_iter().map(|span| written(file, span)).collect();
    let inside = |at: usize| {
        let next = scalars.partition_point(|scalar| scalar.start <= at);
        next.checked_sub(1).is_some_and(|before| scalars[before].contains(&at))
    };
    let begins = |at: &usize| file.text[..*at].chars().next_back().is_none_or(char::is_whitespace) && !inside(*at);
    let first = |line: Range<usize>| {
        let marks = file.text[line.clone()].match_indices('#').map(|(at, _)| line.start + at);
        marks.into_iter().find(begins).map(|start| start..line.end)
    };
    (0..file.lines()).filter_map(|line| first(file.line(line))).collect()
}

/// A scalar that begins on a line of its own, such as a query after `sql: |`, and the line above it, of its key.
fn below_its_key(file: &Arc<File>, scalar: &Range<usize>) -> Option<Spot> {
    let first = file.line_of(scalar.start);
    let is_blank = |range: Range<usize>| file.text[range].trim().is_empty();
    let key = (0..first).rev().find(|line| !is_blank(file.line(*line)))?;
    let begins = is_blank(file.line(first).start..scalar.start);
    begins.then(|| Spot { file: Arc::clone(file), span: file.line(key).start..scalar.end })
}

/// The part of a scalar that is its text. What the parser gives of a block reaches to the next key: lines further out than the
/// first are not its own.
fn written(file: &File, span: Range<usize>) -> Range<usize> {
    if file.text[span.clone()].starts_with(['"', '\'']) {
        return span;
    }
    let first = file.line_of(span.start);
    let margin = span.start - file.line(first).start;
    let is_own = |line: &usize| {
        let line = &file.text[file.line(*line)];
        line.trim().is_empty() || line.len() - line.trim_start().len() >= margin
    };
    let last = (first..=file.line_of(span.end)).take_while(is_own).last().unwrap_or(first);
    span.start..span.end.min(file.line(last).end)
}

/// The codes and the reason of a comment that allows something; any other comment is only a comment.
fn allowed(comment: &str) -> Option<(Vec<&str>, &str)> {
    let (word, rest) = comment.trim_start_matches('#').trim_start().split_at_checked("allow".len())?;
    if !word.eq_ignore_ascii_case("allow") {
        return None;
    }
    let (codes, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let codes: Vec<&str> = codes.split([' ', ',', '\t']).filter(|code| !code.is_empty()).collect();
    let is_code = |code: &&str| {
        let mut rest = code.chars();
        matches!(rest.next(), Some('W' | 'w')) && rest.clone().next().is_some() && rest.all(|c| c.is_ascii_digit())
    };
    let first_is_code = rest.starts_with([' ', '\t']) && codes.first().is_some_and(is_code);
    first_is_code.then(|| {
        let words = codes.iter().take_while(|code| is_code(code)).count();
        (codes[..words].to_vec(), reason.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_comment_with_a_code_allows_something() {
        let check = |comment: &str, expected: Option<(&[&str], &str)>| {
            let read = allowed(comment);
            assert_eq!(read.as_ref().map(|(codes, reason)| (codes.as_slice(), *reason)), expected, "{comment}");
        };
        check("# allow W012: the launch", Some((&["W012"], "the launch")));
        check("#allow w012, W013 : both: fine", Some((&["w012", "W013"], "both: fine")));
        check("# Allow w012: yes", Some((&["w012"], "yes")));
        check("# allow W012", Some((&["W012"], "")));
        check("# allow W012 because it is fine", Some((&["W012"], "")));
        check("# allow people to see it: yes", None);
        check("# allowW012: no", None);
        check("# we allow W012: no", None);
    }
}
