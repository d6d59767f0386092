//! Which stretch of time a report is about, and when it is due (pure).

pub mod clock;
mod period;
mod schedule;

pub use period::{Cadence, Calendar, Over, Period, PeriodError, Window};
pub use schedule::{Schedule, ScheduleError};
