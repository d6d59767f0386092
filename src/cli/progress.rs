//! A line of progress on a terminal, for work that takes longer than a second.

use crate::source::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// Shows nothing within the first second, and nothing at all unless stderr is a terminal.
pub struct Line {
    bar: ProgressBar,
}

const PATIENCE: Duration = Duration::from_secs(1);

impl Line {
    pub fn new() -> Line {
        Line::saying("reading the databases")
    }

    pub fn saying(message: &'static str) -> Line {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} · {msg}").expect("a valid template"));
        bar.set_message(message);
        Line { bar }
    }

    pub fn update(&self, progress: &Progress) {
        self.bar.set_message(format!("{} of {} queries · {}", progress.done, progress.total, progress.source));
    }

    /// Waits for `work`, and begins to show what comes of it when that takes longer than a second.
    pub async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        if std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(PATIENCE);
        }
        work.await
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
