//! A run: one report for one slot.

use crate::text::Name;
use jiff::Timestamp;

/// Why there is a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its schedule said so.
    Scheduled,
    /// Somebody asked for it.
    Manual,
    /// The admin is told of something: the run has no report to measure, its letter comes with it.
    Alert,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunState {
    /// Waits for its time and a worker.
    Due,
    /// A worker measures and renders it.
    Running,
    /// Its mails are frozen and queued.
    Rendered,
    /// Everyone got it.
    Delivered,
    /// Some didn't.
    Partly,
    /// Nobody got it, or nothing could be rendered.
    Failed,
    /// On purpose nothing was sent: the condition of `send:` did not hold.
    Skipped,
    /// It took the program down again and again; waits for somebody to look.
    Poisoned,
}

/// A run as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub id: String,
    pub report: Name,
    pub kind: Kind,
    /// The scheduled instant, which decides the period; of a manual run the moment it was asked for.
    pub slot: Timestamp,
    pub state: RunState,
    /// Why it waits, failed or was skipped, in words for the admin.
    pub reason: Option<String>,
    /// How often it was begun and ended without a result.
    pub attempt: u32,
    /// How often it was begun and never ended: its worker died.
    pub crashes: u32,
    /// How many fire times between the run before and this one are given up. Counted when the run is claimed, 0 until then.
    pub skipped: u32,
    pub created: Timestamp,
    /// When it was first begun.
    pub started: Option<Timestamp>,
    /// When it reached a final state.
    pub done: Option<Timestamp>,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Scheduled => "scheduled",
            Kind::Manual => "manual",
            Kind::Alert => "alert",
        }
    }

    /// `None` for a word of a newer version.
    pub fn parse(text: &str) -> Option<Kind> {
        [Kind::Scheduled, Kind::Manual, Kind::Alert].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl RunState {
    pub const ALL: [RunState; 8] = [
        RunState::Due,
        RunState::Running,
        RunState::Rendered,
        RunState::Delivered,
        RunState::Partly,
        RunState::Failed,
        RunState::Skipped,
        RunState::Poisoned,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Due => "due",
            RunState::Running => "running",
            RunState::Rendered => "rendered",
            RunState::Delivered => "delivered",
            RunState::Partly => "partly",
            RunState::Failed => "failed",
            RunState::Skipped => "skipped",
            RunState::Poisoned => "poisoned",
        }
    }

    /// `None` for a word of a newer version.
    pub fn parse(text: &str) -> Option<RunState> {
        RunState::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more happens by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, RunState::Due | RunState::Running | RunState::Rendered)
    }
}
