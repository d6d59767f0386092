//! Tables of the sample company, free of any database engine.
//!
//! A [`Table`] says its columns and streams its rows; [`super::sql`] writes them as SQL text of one engine.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

/// One table: what it looks like and what is in it.
pub struct Table<'a> {
    /// The database it belongs to: `web`, `crm` or `erp`.
    pub database: &'static str,
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// Columns that queries select by: each gets an index.
    pub indexes: &'static [&'static str],
    /// Each as long as `columns`.
    pub rows: Box<dyn Iterator<Item = Vec<Cell>> + 'a>,
}

/// What a column holds. Every kind but the key may be NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Key,
    Int,
    /// A binary fraction.
    Real,
    /// An amount with two decimals.
    Money,
    Text,
    Day,
    /// A wall-clock time of the company's zone, without zone.
    Moment,
}

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Cents(i64),
    Text(&'static str),
    /// Days since 1970-01-01.
    Day(i64),
    /// Seconds of wall clock since 1970-01-01 00:00:00.
    Moment(i64),
}

impl Cell {
    pub fn flag(set: bool) -> Cell {
        Cell::Int(i64::from(set))
    }

    pub fn text(text: Option<&'static str>) -> Cell {
        text.map_or(Cell::Null, Cell::Text)
    }

    pub fn moment(moment: Option<i64>) -> Cell {
        moment.map_or(Cell::Null, Cell::Moment)
    }
}

pub const SECONDS_A_DAY: i64 = 86_400;

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The day `days` after 1970-01-01.
pub fn date(days: i64) -> Date {
    EPOCH.saturating_add(days.days())
}

/// Days from 1970-01-01 to `date`.
pub fn day_number(date: Date) -> i64 {
    EPOCH.duration_until(date).as_hours() / 24
}

/// The wall clock `seconds` after 1970-01-01 00:00:00.
pub fn date_time(seconds: i64) -> DateTime {
    let second = seconds.rem_euclid(SECONDS_A_DAY);
    let [hour, minute, second] = [second / 3600, second / 60 % 60, second % 60].map(|part| part as i8);
    date(seconds.div_euclid(SECONDS_A_DAY)).at(hour, minute, second, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn days_and_seconds_read_as_wall_clock() {
        let day = civil::date(2026, 11, 16);
        assert_eq!(date(day_number(day)), day);
        assert_eq!(date_time(day_number(day) * SECONDS_A_DAY + 82_799), day.at(22, 59, 59, 0));
    }
}
