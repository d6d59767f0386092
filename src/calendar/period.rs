//! Periods: which days and instants a report is about.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// How long a report's period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cadence {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// What decides where periods begin: zone, first day of the week, first month of the fiscal year (1–12).
#[derive(Debug, Clone)]
pub struct Calendar {
    pub zone: TimeZone,
    pub week_starts: Weekday,
    pub fiscal_year_starts: i8,
}

/// Half-open, so two consecutive windows neither skip nor double-count midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A day, week, month, quarter or year of one calendar; or the elapsed part of a running one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    pub cadence: Cadence,
    /// The first day.
    pub first: Date,
    /// The day after the last day of the whole period.
    pub end: Date,
    /// `[start, end)`; ends at the elapsed instant when `running`.
    pub window: Window,
    pub running: bool,
}

/// `over:` a wider window that ends with the report's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Over {
    TrailingDays(u16),
    TrailingWeeks(u16),
    TrailingMonths(u16),
    MonthToDate,
    QuarterToDate,
    YearToDate,
}

/// Why a text names no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PeriodError(pub String);
