//! One cell of an answer, in the few forms that all engines share (pure).
//!
//! Engines decode into [`Cell`] by the type the server names; what a measure, a dimension or the time column may hold
//! is decided here, once. Nothing is coerced: text that looks like a number is text, and a boolean is no number.

use crate::formula::{Reason, Value};
use crate::text::{Name, harmless};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use std::borrow::Cow;

/// What a database, or a test in its place, answers in one column of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    /// Wide enough for every integer of every engine.
    Integer(i128),
    Float(f64),
    /// NUMERIC and DECIMAL as digits: reading them as a float rounds once, and correctly.
    Decimal(String),
    Bool(bool),
    Text(String),
    Date(Date),
    /// A timestamp without zone.
    Local(DateTime),
    Instant(Timestamp),
    /// A type that is none of these, by the server's name.
    Other(String),
}

/// Unix times above this are milliseconds: as seconds it is the year 5138.
pub const MILLISECONDS_FROM: i128 = 100_000_000_000;

impl Cell {
    /// The number of a measure; `what` names it as `source.measure`.
    ///
    /// # Errors
    /// What the cell is instead, when it is no number.
    pub fn number(&self, what: impl FnOnce() -> Name) -> Result<Value, Cow<'_, str>> {
        let number = match self {
            Cell::Null => return Ok(Value::Missing(Reason::Null { what: what() })),
            // Beyond 2^53 the nearest double: 15 significant digits stay.
            Cell::Integer(integer) => *integer as f64,
            Cell::Float(float) => *float,
            Cell::Decimal(digits) => digits.parse().map_err(|_| "an unreadable NUMERIC")?,
            Cell::Bool(_) => return Err("a boolean".into()),
            Cell::Text(_) => return Err("text".into()),
            Cell::Date(_) => return Err("a date".into()),
            Cell::Local(_) | Cell::Instant(_) => return Err("a timestamp".into()),
            Cell::Other(name) => return Err(name.into()),
        };
        match number.is_finite() {
            true => Ok(Value::Number(number)),
            false => Ok(Value::Missing(Reason::NotFinite { what: what() })),
        }
    }

    /// The instant a row belongs to: a date is the start of that day in `report`, a timestamp without zone is in `zone`.
    /// `None` when the cell dates nothing.
    pub fn instant(&self, report: &TimeZone, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Cell::Date(date) => report.to_timestamp(date.at(0, 0, 0, 0)).ok(),
            Cell::Local(local) => zone.to_timestamp(*local).ok(),
            Cell::Instant(instant) => Some(*instant),
            Cell::Integer(unix) => {
                let unix = i64::try_from(*unix).ok()?;
                match i128::from(unix).abs() > MILLISECONDS_FROM {
                    true => Timestamp::from_millisecond(unix).ok(),
                    false => Timestamp::from_second(unix).ok(),
                }
            }
            Cell::Text(text) => IsoText::parse(text)?.instant(report, zone),
            Cell::Null | Cell::Float(_) | Cell::Decimal(_) | Cell::Bool(_) | Cell::Other(_) => None,
        }
    }

    /// What the cell reads as in a listing or as a segment; `None` is NULL.
    ///
    /// # Errors
    /// The server's name of a type that has no plain text here.
    pub fn text(&self) -> Result<Option<Cow<'_, str>>, &str> {
        Ok(Some(match self {
            Cell::Null => return Ok(None),
            Cell::Integer(integer) => integer.to_string().into(),
            Cell::Float(float) => float.to_string().into(),
            Cell::Decimal(text) | Cell::Text(text) => text.into(),
            Cell::Bool(flag) => flag.to_string().into(),
            Cell::Date(date) => date.to_string().into(),
            Cell::Local(local) => local.to_string().into(),
            Cell::Instant(instant) => instant.to_string().into(),
            Cell::Other(name) => return Err(name),
        }))
    }

    /// Whether it is a text longer than [`MAX_TEXT`].
    pub fn is_too_long(&self) -> bool {
        matches!(self, Cell::Text(text) if text.len() > MAX_TEXT)
    }

    /// A fair estimate of the memory it takes, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Cell::Decimal(text) | Cell::Text(text) | Cell::Other(text) => 16 + text.len(),
            _ => 16,
        }
    }
}

/// How much data one answer may hold, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// How long one text may be, in bytes.
pub const MAX_TEXT: usize = 1 << 20;

/// Bytes of a text column; what is no UTF-8, and what does more than be read, becomes U+FFFD. Of a text that is too long by itself no more is copied than
/// shows that it is.
pub fn text(bytes: &[u8]) -> Cell {
    let bytes = bytes.get(..=MAX_TEXT).unwrap_or(bytes);
    Cell::Text(harmless(String::from_utf8_lossy(bytes)))
}

/// A date or date-time in ISO 8601's clothes, or a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IsoText {
    pub date: Date,
    pub time: Option<Time>,
    /// Between date and time.
    pub separator: char,
    pub offset: Option<Offset>,
}

impl IsoText {
    pub fn parse(text: &str) -> Option<IsoText> {
        if text.len() == "2026-11".len() {
            let date = format!("{text}-01").parse().ok()?;
            return Some(IsoText { date, time: None, separator: ' ', offset: None });
        }
        let pieces = Pieces::parse(text).ok()?;
        let separator = text.chars().nth("2026-11-16".len()).unwrap_or(' ');
        Some(IsoText { date: pieces.date(), time: pieces.time(), separator, offset: pieces.to_numeric_offset() })
    }

    fn instant(&self, report: &TimeZone, zone: &TimeZone) -> Option<Timestamp> {
        match (self.time, self.offset) {
            (None, _) => Cell::Date(self.date).instant(report, zone),
            (Some(time), None) => Cell::Local(self.date.to_datetime(time)).instant(report, zone),
            (Some(time), Some(offset)) => offset.to_timestamp(self.date.to_datetime(time)).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(cell: Cell) -> Option<String> {
        let zone = |name| TimeZone::get(name).unwrap();
        cell.instant(&zone("America/New_York"), &zone("Europe/Madrid")).map(|instant| instant.to_string())
    }

    #[test]
    fn every_form_of_a_date_gives_its_instant() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(instant(Cell::Text(text.into())).as_deref(), expected, "{text}");
        };
        check("2026-11-16", Some("2026-11-16T05:00:00Z"));
        check("2026-11", Some("2026-11-01T04:00:00Z"));
        check("2026-11-16 00:00", Some("2026-11-15T23:00:00Z"));
        check("2026-11-16T00:00:00.5", Some("2026-11-15T23:00:00.5Z"));
        check("2026-11-16T00:00:00Z", Some("2026-11-16T00:00:00Z"));
        check("2026-11-16 00:00:00+02", Some("2026-11-15T22:00:00Z"));
        check("16/11/2026", None);
        check("", None);
        check("ñandú-7", None);
    }

    #[test]
    fn unix_times_are_seconds_or_milliseconds() {
        assert_eq!(instant(Cell::Integer(1_794_787_200)).as_deref(), Some("2026-11-16T00:00:00Z"));
        assert_eq!(instant(Cell::Integer(1_794_787_200_000)).as_deref(), Some("2026-11-16T00:00:00Z"));
        assert_eq!(instant(Cell::Integer(i128::MAX)), None);
    }

    #[test]
    fn measure_is_a_number_or_missing_and_never_coerced() {
        let check = |cell: Cell, expected: Result<Value, &str>| {
            assert_eq!(cell.number(|| "s.m".into()), expected.map_err(Cow::from), "{cell:?}");
        };
        let nines = "99999999999999999999999999999999999999";
        check(Cell::Decimal(nines.into()), Ok(Value::Number(1e38)));
        check(Cell::Decimal("12.30".into()), Ok(Value::Number(12.3)));
        check(Cell::Integer(u64::MAX.into()), Ok(Value::Number(18_446_744_073_709_551_615.0)));
        check(Cell::Decimal("NaN".into()), Ok(Value::Missing(Reason::NotFinite { what: "s.m".into() })));
        check(Cell::Float(f64::INFINITY), Ok(Value::Missing(Reason::NotFinite { what: "s.m".into() })));
        check(Cell::Null, Ok(Value::Missing(Reason::Null { what: "s.m".into() })));
        check(Cell::Text("7".into()), Err("text"));
        check(Cell::Bool(true), Err("a boolean"));
        check(Cell::Other("INTERVAL".into()), Err("INTERVAL"));
    }
}
