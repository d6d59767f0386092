//! Periods: which days and instants a report is about.
//!
//! The types only; a [`Calendar`] makes them (`bounds`, `compare`, `label`, `over`).

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::fmt;
use std::str::FromStr;

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
///
/// A fiscal year is named after the calendar year in which it ends, as in accounting: with `fiscal_year_starts: 4`,
/// 2026 runs from April 2025 to March 2026 and 2026-Q1 begins in April 2025. With 1 it is the calendar year.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The day after the last day that `window` touches: `end`, unless `running`.
    pub until: Date,
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

/// Why a text names no period, cadence or `over:` window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PeriodError(pub String);

impl Period {
    /// The days that the window touches, ascending: all of a whole period, those up to the elapsed instant of a running
    /// one, the day that has only begun included.
    pub fn days(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take_while(move |day| *day < self.until)
    }

    /// The last of [`Period::days`]; the first day when a running period has not begun to elapse.
    pub fn last(self) -> Date {
        self.until.saturating_sub(1.day()).max(self.first)
    }
}

impl Cadence {
    pub const ALL: [Cadence; 5] = [Cadence::Day, Cadence::Week, Cadence::Month, Cadence::Quarter, Cadence::Year];
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Cadence::Day => "day",
            Cadence::Week => "week",
            Cadence::Month => "month",
            Cadence::Quarter => "quarter",
            Cadence::Year => "year",
        })
    }
}

impl FromStr for Cadence {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        Cadence::ALL.into_iter().find(|cadence| cadence.to_string() == text).ok_or_else(|| {
            PeriodError(format!("`{text}` is no length of a period; accepted: day, week, month, quarter, year"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cadence_prints_as_it_is_read() {
        for cadence in Cadence::ALL {
            assert_eq!(cadence.to_string().parse(), Ok(cadence));
        }
        let error = "weekly".parse::<Cadence>().unwrap_err();
        assert_eq!(error.to_string(), "`weekly` is no length of a period; accepted: day, week, month, quarter, year");
    }
}
