//! A line of progress on a terminal, for work that takes longer than a second.

use crate::source::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Shows nothing within the first second, and nothing at all unless stderr is a terminal.
pub struct Line {
    bar: ProgressBar,
    started: Instant,
}

const PATIENCE: Duration = Duration::from_secs(1);

impl Line {
    pub fn new() -> Line {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template("{bar:24} {pos}/{len} queries · {msg}").expect("a valid template"));
        Line { bar, started: Instant::now() }
    }

    pub fn update(&self, progress: &Progress) {
        self.bar.set_length(progress.total as u64);
        self.bar.set_message(progress.source.to_string());
        self.bar.set_position(progress.done as u64);
        if self.bar.is_hidden() && self.started.elapsed() > PATIENCE && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
