//! What a report holds, before anything is rendered (pure).
//!
//! In: a [`ReportSpec`], the [`Measured`](crate::measure::Measured) KPIs of its period, what is known about its sources. Out: a
//! [`Report`], the one model that mail, terminal and later pages and spreadsheets are projections of, and the [`Letter`] that a
//! rendering of it gives. Deliberately absent: words, number formats, layout.

mod letter;
#[expect(clippy::module_inception, reason = "the report is what this module is about")]
mod report;
mod spec;

pub use crate::measure::Comparison;
pub use letter::{File, Image, Letter};
pub use report::{Block, Counts, Made, Notes, Report, SourceNote};
pub use spec::{Attachment, Missed, MissedRuns, Person, ReportSpec, Section, Send, Show};
