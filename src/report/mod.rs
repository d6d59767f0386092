//! What a report holds, before anything is rendered (pure).

mod spec;

pub use spec::{Attachment, Comparison, Missed, MissedRuns, Person, ReportSpec, Section, Send, Show};
