//! The parts of a letter to the admin, put together one after the other.

use crate::render::texts::Texts;
use crate::render::view::Note;
use crate::text::harmless;

/// How many characters of a line are told.
const LONGEST: usize = 500;

/// A letter's parts from its title on.
pub(super) struct Told<'a> {
    texts: &'a Texts,
    pub title: String,
    pub summary: String,
    pub notes: Vec<Note>,
}

impl<'a> Told<'a> {
    pub(super) fn new(texts: &'a Texts, title: String, summary: String) -> Told<'a> {
        Told { texts, title, summary, notes: Vec::new() }
    }

    /// What the message `title` announces; left out when there is nothing to tell.
    pub(super) fn note(
        mut self,
        title: &str,
        lines: impl IntoIterator<Item = String>,
        verbatim: Vec<String>,
    ) -> Told<'a> {
        let note = Note { title: self.texts.word(title), lines: lines.into_iter().collect(), verbatim };
        self.notes.extend((!note.lines.is_empty() || !note.verbatim.is_empty()).then_some(note));
        self
    }

    pub(super) fn answer(self, words: Option<&str>) -> Told<'a> {
        self.note("notice-answer", [], words.map(line).into_iter().collect())
    }

    pub(super) fn next(self, line: String) -> Told<'a> {
        self.note("notice-next", [line], Vec::new())
    }

    pub(super) fn todo(self, line: String, commands: Vec<String>) -> Told<'a> {
        self.note("notice-todo", [line], commands)
    }

    /// What is to be typed names the folder that it is about.
    pub(super) fn about(mut self, folder: &str) -> Told<'a> {
        let todo = self.texts.word("notice-todo");
        let typed = self.notes.iter_mut().filter(|note| note.title == todo).flat_map(|note| &mut note.verbatim);
        for command in typed {
            if let Some(rest) = command.strip_prefix("kpid ") {
                *command = format!("kpid --dir {folder} {rest}");
            }
        }
        self
    }
}

/// What comes from outside as a line that is not too long.
pub(super) fn line(text: &str) -> String {
    let text = harmless(text.trim().into());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
