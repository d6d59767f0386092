//! Edits of the folder → new snapshots of the installation, or why there is none.
//!
//! The folder is watched; what is saved in a burst is read once, when it has been quiet for a moment. A look every half minute is the net
//! below: it finds what the watch missed, and secrets that were rotated. All or nothing: a folder with an error, or one that lost all of its
//! reports, is refused and the daemon works on with what it has. [`Reloads::next`] yields each outcome once, and whoever asks does the
//! swap; so the planner can first plan with the old snapshot up to that moment.
//! Deliberately absent: signals (the daemon calls [`Reloads::force`] on SIGHUP) and any opinion about what a change means.

mod watch;

use super::installation::{Environment, Installation, LoadError};
use crate::catalog::{Fingerprint, Problems};
use crate::text::Name;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, sleep_until};
pub(crate) use watch::Watch;

/// What came of an edit.
#[derive(Debug)]
pub enum Outcome {
    /// A new snapshot to work with.
    Taken {
        installation: Arc<Installation>,
        warnings: Problems,
        /// Reports that it no longer has.
        gone: Vec<Name>,
    },
    /// The old one stays. Told once, however often the same is found.
    Refused(Refusal),
    /// The folder is again as the snapshot in use: after a refusal, or because a look was forced.
    Unchanged,
}

/// Why an edited folder is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Wrong(#[from] LoadError),
    #[error("{0} has no report any more, and {1} in use; if that is meant, restart kpid")]
    Emptied(String, String),
    #[error("the folder could not be read, which is a fault of kpid's: {0}")]
    Failed(#[from] JoinError),
}

impl Refusal {
    /// The first problem with its place, for a log; `Display` gives all of them.
    pub fn in_a_line(&self) -> String {
        match self {
            Refusal::Wrong(error) => error.in_a_line(),
            Refusal::Emptied(..) | Refusal::Failed(_) => self.to_string(),
        }
    }
}

/// How long things take.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Nothing more is edited for so long: the burst is over.
    quiet: Duration,
    /// A burst is read after that even if it goes on.
    patience: Duration,
    /// Between two looks that nothing asked for.
    poll: Duration,
}

const PACE: Pace =
    Pace { quiet: Duration::from_millis(500), patience: Duration::from_secs(5), poll: Duration::from_secs(30) };

/// The installation's folder, watched.
pub struct Reloads {
    env: Arc<Environment>,
    pace: Pace,
    /// The last one that was taken.
    current: Arc<Installation>,
    /// Of the folder as it was last read.
    seen: Fingerprint,
    /// What the folder is refused for, if it is.
    refused: Option<String>,
    watch: Watch,
    /// The first and the last edit not yet looked at.
    edited: Option<(Instant, Instant)>,
    polled: Instant,
    forced: bool,
    looking: Option<Looking>,
}

/// A look under way.
struct Looking {
    /// Its outcome is told even if nothing is new.
    forced: bool,
    task: JoinHandle<Look>,
}

/// The folder read anew; `None` when it is as it was.
type Look = Option<(Fingerprint, Result<(Installation, Problems), LoadError>)>;

impl Reloads {
    /// Watches the folder of `current`; `env` is what its `${…}` may name. Must be called in a Tokio runtime.
    pub fn new(current: Arc<Installation>, env: Arc<Environment>) -> Reloads {
        Reloads::with_pace(current, env, PACE)
    }

    fn with_pace(current: Arc<Installation>, env: Arc<Environment>, pace: Pace) -> Reloads {
        let now = Instant::now();
        let (seen, watch) = (current.fingerprint, Watch::new());
        // What was edited since `current` was read is found at once.
        let edited = Some((now, now));
        Reloads { env, pace, current, seen, refused: None, watch, edited, polled: now, forced: false, looking: None }
    }

    /// Looks now, and tells what it found even if nothing is new.
    pub fn force(&mut self) {
        self.forced = true;
    }

    /// The next outcome. May be dropped and asked again without losing one.
    pub async fn next(&mut self) -> Outcome {
        loop {
            if self.looking.is_none() {
                self.wait().await;
                self.looking = Some(self.look());
            }
            let Some(looking) = &mut self.looking else { continue };
            let (look, forced) = ((&mut looking.task).await, looking.forced);
            self.looking = None;
            if let Some(outcome) = self.judge(look, forced) {
                return outcome;
            }
        }
    }

    /// Until a burst of edits is over, or it is time for a look.
    async fn wait(&mut self) {
        while !self.forced {
            let poll = self.polled + self.pace.poll;
            let burst = self.edited.map(|(first, last)| (last + self.pace.quiet).min(first + self.pace.patience));
            tokio::select! {
                () = self.watch.touched() => {
                    let now = Instant::now();
                    self.edited = Some((self.edited.map_or(now, |(first, _)| first), now));
                }
                () = sleep_until(burst.map_or(poll, |burst| burst.min(poll))) => return,
            }
        }
    }

    /// Reads the folder on a thread that may block.
    fn look(&mut self) -> Looking {
        (self.edited, self.polled) = (None, Instant::now());
        let (env, dir, watch) = (Arc::clone(&self.env), self.current.dir.clone(), self.watch.clone());
        // Forced once more from now on, there is another look: this one may have passed the edit already.
        let forced = std::mem::take(&mut self.forced);
        let known = (!forced).then_some(self.seen);
        let task = tokio::task::spawn_blocking(move || {
            watch.cover(&dir);
            look(&dir, &*env, known)
        });
        Looking { forced, task }
    }

    /// What is worth telling.
    fn judge(&mut self, look: Result<Look, JoinError>, forced: bool) -> Option<Outcome> {
        let (fingerprint, read) = match look {
            Ok(None) => return None,
            Ok(Some(look)) => look,
            Err(failed) => return self.refuse(failed.into(), forced),
        };
        self.seen = fingerprint;
        let (installation, warnings) = match read {
            Ok(read) => read,
            Err(error) => return self.refuse(error.into(), forced),
        };
        let (old, new) = (&self.current.catalog.reports, &installation.catalog.reports);
        if installation.fingerprint == self.current.fingerprint {
            return (self.refused.take().is_some() || forced).then_some(Outcome::Unchanged);
        }
        if new.is_empty() && !old.is_empty() {
            let had = if old.len() == 1 { "one is".to_owned() } else { format!("{} are", old.len()) };
            return self.refuse(Refusal::Emptied(installation.dir.display().to_string(), had), forced);
        }
        let gone = old.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
        (self.current, self.refused) = (Arc::new(installation), None);
        Some(Outcome::Taken { installation: Arc::clone(&self.current), warnings, gone })
    }

    fn refuse(&mut self, refusal: Refusal, forced: bool) -> Option<Outcome> {
        let why = Some(refusal.in_a_line());
        let known = self.refused == why;
        self.refused = why;
        (forced || !known).then_some(Outcome::Refused(refusal))
    }
}

/// Loads `dir` unless it is as `known`.
fn look(dir: &Path, env: &Environment, known: Option<Fingerprint>) -> Look {
    let fingerprint = Fingerprint::of(dir, env);
    (known != Some(fingerprint)).then(|| (fingerprint, Installation::load(dir, env)))
}

#[cfg(test)]
mod tests;
