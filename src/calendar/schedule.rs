//! When a report is due: cron or words → instants.

/// A schedule of one report, in wall-clock time of a zone given at each question.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub text: String,
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    pub message: String,
    pub help: Option<String>,
}
