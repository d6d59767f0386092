//! KPIs and readings → measurements with verdicts and drivers (pure).
//!
//! A [`Request`] says which KPIs in which period beside which others; [`Request::needs`] names the queries, each once, and
//! [`Request::measure`] turns their answers into [`Measured`]. A [`Model`] holds what formulas may name.
//! A [`KpiTest`] tries a formula on given inputs, a [`Scenario`] whole KPIs on given rows. A missing value is a fact
//! of a measurement, never a failure of the whole. Deliberately absent: SQL, time of day, texts and number formats.

mod breakdown;
mod drivers;
mod evaluate;
#[cfg(test)]
pub(crate) mod fixture;
mod kpi;
mod measurement;
mod model;
mod plan;
mod proportion;
mod rows;
mod scenario;
mod segments;
mod target;
mod test;

pub use breakdown::Others;
pub use drivers::{Contribution, Drivers, decompose};
pub use kpi::{AtLeast, Filter, Good, Kpi, Unit};
pub use measurement::{Change, Comparison, Measured, Measurement, Point, Request};
pub use model::Model;
pub use proportion::{Contrast, Proportion};
pub use scenario::{
    Answers, Asked, Difference, Expectation, Expected, GivenRow, Judged, Mismatch, Read, Scenario, Segment, Wanted,
};
pub use segments::{Part, SegmentChange};
pub use target::{Dated, Goal, InForce, Level, Target, Verdict, Why};
pub use test::{KpiTest, Place, TestFailure};
