//! Which stretch of time a report is about, and when it is due (pure).
//!
//! In: a [`Calendar`] (zone, first day of the week, first month of the fiscal year), instants, and the texts of the YAML.
//! Out: [`Period`]s with half-open instant [`Window`]s (`bounds`), the earlier periods that one is compared with
//! (`compare`), the wider windows of `over:` (`over`), machine labels (`label`), and the fire times of a [`Schedule`]
//! (`schedule`, read from `cron` fields or `words`).
//!
//! Days are civil: what the calendar on the wall of the zone shows. `instant` is the only place where wall time becomes
//! an instant, so a midnight or a fire time that the clock skips or repeats is decided once, the same way everywhere.
//! Absent: labels in words (the report's), and the present time, which comes in as an argument.

mod bounds;
pub mod clock;
mod compare;
mod cron;
mod instant;
mod label;
mod over;
mod period;
mod schedule;
mod words;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tiling;

pub use period::{Cadence, Calendar, Over, Period, PeriodError, Window};
pub use schedule::{Due, Schedule, ScheduleError};
