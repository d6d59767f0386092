//! What a report holds, before anything is rendered (pure).

mod spec;

pub use crate::measure::Comparison;
pub use spec::{Attachment, Missed, MissedRuns, Person, ReportSpec, Section, Send, Show};
