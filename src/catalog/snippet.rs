//! Files and places in them, as they are shown: lines, columns, passwords masked, long lines cropped.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

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

impl File {
    pub fn new(name: String, text: String) -> Self {
        File { name, text, ..File::default() }
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts
            .get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The text as it may be shown: as long as the original, passwords masked.
    pub fn shown(&self) -> &str {
        self.shown.get_or_init(|| mask_passwords(&self.text))
    }

    pub fn lines(&self) -> usize {
        self.line_starts().len()
    }

    /// 0-based line of a byte.
    pub fn line_of(&self, byte: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= byte) - 1
    }

    /// The bytes of a 0-based line without its end.
    pub fn line(&self, line: usize) -> Range<usize> {
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
    pub fn first_line(&self) -> SourceSpan {
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

impl SourceCode for File {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
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

/// The part of a line around `at` that is worth showing, and what stands for the parts left out: a file may be one endless line.
pub(super) fn crop(text: &str, line: Range<usize>, at: usize) -> (&'static str, Range<usize>, &'static str) {
    const AROUND: usize = 100;
    let start = if at - line.start > AROUND { text.ceil_char_boundary(at - AROUND) } else { line.start };
    let end = if line.end - at > AROUND { text.floor_char_boundary(at + AROUND) } else { line.end };
    (if start > line.start { "…" } else { "" }, start..end, if end < line.end { "…" } else { "" })
}

/// `scheme://user:password@host` → `scheme://user:********@host`, and what `password=` gives as well; byte for byte as long.
fn mask_passwords(text: &str) -> String {
    let masked = mask_users(text);
    let mut shown = String::with_capacity(masked.len());
    let mut rest = &*masked;
    while let Some(at) = rest.find("password=") {
        let (before, after) = rest.split_at(at + "password=".len());
        let end = after.find(|c: char| c.is_whitespace() || "&#\"'".contains(c)).unwrap_or(after.len());
        shown.push_str(before);
        shown.push_str(&"*".repeat(end));
        rest = &after[end..];
    }
    shown + rest
}

fn mask_users(text: &str) -> String {
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
        check("a: \"mysql://h/d?user=u&password=p&x=1\"", "a: \"mysql://h/d?user=u&password=*&x=1\"");
        check("postgres://ana@db:5432/x://", "postgres://ana@db:5432/x://");
    }
}
