//! KPIs and readings → measurements with verdicts and drivers (pure).

mod kpi;
mod target;
mod test;

pub use kpi::{AtLeast, Filter, Good, Kpi, Unit};
pub use target::{Dated, Goal, Level, Target};
pub use test::KpiTest;
