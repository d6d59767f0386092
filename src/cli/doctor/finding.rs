//! What a check found, and how it is shown: a line with a sign, and below it what to do.

use crate::cli::output;
use crate::text::harmless;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// About one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    about: String,
    state: State,
    message: String,
    /// What to do, or what to type, a line each.
    advice: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// It works, or can't be told; somebody should look.
    Warning,
    Failed,
}

impl Finding {
    pub fn good(about: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding::new(about.into(), State::Good, message.into())
    }

    pub fn warning(about: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding::new(about.into(), State::Warning, message.into())
    }

    pub fn failed(about: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding::new(about.into(), State::Failed, message.into())
    }

    fn new(about: String, state: State, message: String) -> Finding {
        Finding { about, state, message: harmless(message.into()), advice: Vec::new() }
    }

    pub fn advice(mut self, line: impl Into<String>) -> Finding {
        self.advice.push(harmless(line.into().into()));
        self
    }

    pub fn is_failure(&self) -> bool {
        self.state == State::Failed
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Good => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
        }
    }

    fn sign(self) -> (&'static str, &'static str) {
        match self {
            State::Good => ("✓", "\x1b[32m"),
            State::Warning => ("!", "\x1b[33m"),
            State::Failed => ("✗", "\x1b[31m"),
        }
    }
}

pub fn json(findings: &[Finding]) -> Json {
    let one = |finding: &Finding| {
        let Finding { about, state, message, advice } = finding;
        json!({ "about": about, "state": state.word(), "message": message, "advice": advice })
    };
    json!({ "ok": !findings.iter().any(Finding::is_failure), "checks": findings.iter().map(one).collect::<Vec<_>>() })
}

/// For people; in colour on a terminal that wants it.
pub fn text(findings: &[Finding]) -> String {
    let coloured = output::is_coloured();
    let width = findings.iter().map(|finding| finding.about.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Finding { about, state, message, advice } in findings {
        let (sign, colour) = state.sign();
        let sign = if coloured { format!("{colour}{sign}\x1b[0m") } else { sign.to_owned() };
        writeln!(text, "{sign} {about:width$}  {message}").expect("a string takes all");
        for line in advice {
            writeln!(text, "    {line}").expect("a string takes all");
        }
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let verdict = match (count(State::Failed), count(State::Warning)) {
        (0, 0) => "all is well".to_owned(),
        (0, warnings) => format!("nothing is broken; to look at: {warnings}"),
        (failed, 0) => format!("broken: {failed}"),
        (failed, warnings) => format!("broken: {failed}; to look at: {warnings}"),
    };
    text + "\n" + &verdict + "\n"
}

/// `1.2 GB`, for disks and memory.
pub fn bytes(count: u64) -> String {
    match count {
        1_000_000_000.. => format!("{:.1} GB", count as f64 / 1e9),
        _ => format!("{} MB", count / 1_000_000),
    }
}
