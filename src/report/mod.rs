//! What a report holds, before anything is rendered (pure).
//!
//! In: a [`ReportSpec`], the [`Measured`](crate::measure::Measured) KPIs of its period, and the [`Facts`] of the run. Out: a
//! [`Report`], the one model that mail, terminal, pages and spreadsheets are projections of, and the [`Letter`] that a
//! rendering of it gives. Deliberately absent: words, number formats, layout.

mod facts;
#[cfg(test)]
mod fixture;
mod letter;
mod notes;
#[cfg(test)]
mod properties;
#[expect(clippy::module_inception, reason = "the report is what this module is about")]
mod report;
mod row;
mod spec;

pub use crate::measure::Comparison;
pub use facts::{Edition, Facts, History, Made, Words};
pub use letter::{File, Image, Letter};
pub use notes::{Failed, Notes, Restated, Retargeted, Small, Stale};
pub use report::{Block, Counts, Report};
pub use row::{Driver, Moved, Row, SegmentMove, Short, Streak};
pub use spec::{Attachment, Missed, MissedRuns, Person, ReportSpec, Section, Send, Show, TOP};
