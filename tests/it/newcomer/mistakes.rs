//! Errors as they are printed, read by somebody who does what they say at the very place that they name.

use super::Newcomer;

/// One paragraph of what `kpid check` says.
#[derive(Debug, PartialEq)]
pub struct Said {
    file: String,
    /// From 1, as the column.
    line: usize,
    column: usize,
    pub message: String,
    /// The characters that are underlined.
    marked: String,
    /// What stands beside the underline.
    label: String,
    pub help: String,
}

/// All that have a place.
pub fn read(stderr: &str) -> Vec<Said> {
    stderr.split("\n\n").filter(|paragraph| paragraph.contains(" = help: ")).map(Said::read).collect()
}

impl Said {
    fn read(paragraph: &str) -> Said {
        let lines: Vec<&str> = paragraph.lines().collect();
        let [head, code, caret, help] = lines[..] else { panic!("{paragraph}") };
        let [file, line, column, _, message] = head.splitn(5, ':').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let (code, caret) = (code.split_once(" | ").unwrap().1, caret.split_once(" | ").unwrap().1);
        let label = caret.trim_start().trim_start_matches('^');
        let (from, to) = (caret.find('^').unwrap(), caret.len() - label.len());
        let column = column.parse().unwrap();
        assert_eq!(from + 1, column, "the underline is where the column says: {paragraph}");
        Said {
            file: file.to_owned(),
            line: line.parse().unwrap(),
            column,
            message: message.trim().to_owned(),
            marked: code[from..to.min(code.len())].to_owned(),
            label: label.trim().to_owned(),
            help: help.split_once("= help: ").unwrap().1.to_owned(),
        }
    }

    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }

    /// The word that is proposed instead.
    pub fn suggestion(&self) -> Option<&str> {
        self.label.strip_prefix("did you mean `")?.strip_suffix("`?")
    }
}

impl Newcomer {
    /// What `kpid check` refuses, in the order of the file.
    pub fn errors(&self) -> Vec<Said> {
        let ran = self.kpid(&["check"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        let errors = read(&ran.err);
        let counted = if errors.len() == 1 { "1 error".to_owned() } else { format!("{} errors", errors.len()) };
        assert!(ran.err.ends_with(&format!("\n\n{counted} in kpis\n")), "{}", ran.err);
        errors
    }

    /// Writes `instead` over what is underlined, and saves.
    pub fn mend(&self, error: &Said, instead: &str) {
        let mut lines = self.lines(error);
        let line = &mut lines[error.line - 1];
        let from = error.column - 1;
        assert!(line[from..].starts_with(&error.marked), "{} is not in {line}", error.marked);
        line.replace_range(from..from + error.marked.len(), instead);
        self.folder.write(&error.file, &(lines.join("\n") + "\n"));
    }

    /// Gives the thing whose name is underlined a key, and saves.
    pub fn add_below(&self, error: &Said, key: &str) {
        let mut lines = self.lines(error);
        lines.insert(error.line, " ".repeat(error.column + 1) + key);
        self.folder.write(&error.file, &(lines.join("\n") + "\n"));
    }

    fn lines(&self, error: &Said) -> Vec<String> {
        self.read(&error.file).lines().map(str::to_owned).collect()
    }
}
