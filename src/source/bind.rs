//! What `:start`, `:end`, `:start_date`, `:end_date` and `:timezone` are bound to (pure).
//!
//! The form follows what a parameter is compared with, so that a day, a local time, an instant, ISO text and unix time
//! all compare right with a half-open window. A window's end that falls inside a day counts that day in for columns of
//! days: their rows are dated by the start of the day, which lies before that end.

use super::access::Access;
use crate::calendar::Window;
use crate::query::cell::{Cell, IsoText, MILLISECONDS_FROM};
use crate::query::sql::Param;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};

/// What a parameter is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// Days of the report's calendar.
    Day,
    /// Timestamps without zone.
    Local,
    /// Timestamps with zone.
    Instant,
    /// ISO text; `None` is in the database's zone.
    Text {
        separator: char,
        offset: Option<Offset>,
    },
    /// ISO text of days alone.
    DayText,
    Seconds,
    Milliseconds,
}

/// ISO text whose column is unknown.
pub(super) const PLAIN_TEXT: Form = Form::Text { separator: ' ', offset: None };

/// A value to bind.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    Day(Date),
    Local(DateTime),
    Instant(Timestamp),
    Text(String),
    Integer(i64),
}

impl Form {
    /// The form in which a column that holds `sample` is written; `None` when the sample tells nothing.
    pub fn of(sample: &Cell) -> Option<Form> {
        match sample {
            Cell::Date(_) => Some(Form::Day),
            Cell::Local(_) => Some(Form::Local),
            Cell::Instant(_) => Some(Form::Instant),
            Cell::Integer(unix) if *unix > MILLISECONDS_FROM => Some(Form::Milliseconds),
            Cell::Integer(_) => Some(Form::Seconds),
            Cell::Text(text) => {
                let iso = IsoText::parse(text)?;
                Some(match iso.time {
                    None => Form::DayText,
                    Some(_) => Form::Text { separator: iso.separator, offset: iso.offset },
                })
            }
            Cell::Null | Cell::Float(_) | Cell::Decimal(_) | Cell::Bool(_) | Cell::Other(_) => None,
        }
    }
}

/// The value of `param` in `form`.
pub(super) fn bind(access: &Access, window: Window, param: Param, form: Form) -> Bound {
    let instant = match param {
        Param::Start | Param::StartDate => window.start,
        Param::End | Param::EndDate => window.end,
        Param::Timezone => return Bound::Text(zone_name(&access.report)),
    };
    if matches!(param, Param::StartDate | Param::EndDate) {
        return calendar_day(access, first_day(instant, &access.report), form);
    }
    match form {
        Form::Day => Bound::Day(first_day(instant, &access.report)),
        Form::DayText => Bound::Text(first_day(instant, &access.report).to_string()),
        Form::Local => Bound::Local(access.zone().to_datetime(instant)),
        Form::Instant => Bound::Instant(instant),
        Form::Text { separator, offset } => {
            let zone = offset.map_or_else(|| access.zone().clone(), |offset| clock_of(access, offset, instant));
            Bound::Text(shortest(zone.to_datetime(instant), separator))
        }
        Form::Seconds => Bound::Integer(instant.as_second()),
        Form::Milliseconds => Bound::Integer(instant.as_millisecond()),
    }
}

/// The clock by which text with `offset` is written. Where the database's or the report's zone has that offset in a part of the year
/// it is that zone's, since the rows of the other part have the other offset; UTC is nobody's local time.
fn clock_of(access: &Access, offset: Offset, instant: Timestamp) -> TimeZone {
    const HALF_A_YEAR: SignedDuration = SignedDuration::from_hours(183 * 24);
    let half_a_year_ago = instant.checked_sub(HALF_A_YEAR).unwrap_or(instant);
    let has = |zone: &&TimeZone| [instant, half_a_year_ago].iter().any(|at| zone.to_offset(*at) == offset);
    let local = [access.zone(), &access.report].into_iter().filter(|_| offset != Offset::UTC).find(has);
    local.cloned().unwrap_or_else(|| TimeZone::fixed(offset))
}

/// `:start_date` and `:end_date` stay days, except where only an instant can be compared.
fn calendar_day(access: &Access, day: Date, form: Form) -> Bound {
    match form {
        Form::Day => Bound::Day(day),
        Form::Local => Bound::Local(day.at(0, 0, 0, 0)),
        Form::Instant => match day.to_zoned(access.report.clone()) {
            Ok(start) => Bound::Instant(start.timestamp()),
            Err(_) => Bound::Day(day),
        },
        Form::Text { .. } | Form::DayText | Form::Seconds | Form::Milliseconds => Bound::Text(day.to_string()),
    }
}

/// The first day that begins at or after `instant`.
fn first_day(instant: Timestamp, zone: &TimeZone) -> Date {
    let zoned = Zoned::new(instant, zone.clone());
    let begins_here = zoned.start_of_day().is_ok_and(|start| start.timestamp() == instant);
    match begins_here {
        true => zoned.date(),
        false => zoned.date().tomorrow().unwrap_or(Date::MAX),
    }
}

/// The shortest text of `local`. Text compares letter by letter, and a shorter text comes before all that begin with
/// it: `2026-11-16` is ≤ `2026-11-16`, `2026-11-16 00:00` and `2026-11-16T00:00:00.000Z` alike, while
/// `'2026-11-16' < '2026-11-16 00:00:00'` would lose the first day of a column of days.
fn shortest(local: DateTime, separator: char) -> String {
    let (date, time) = (local.date(), local.time());
    match (time.second(), time.subsec_nanosecond()) {
        (0, 0) if time == Time::midnight() => date.to_string(),
        (0, 0) => format!("{date}{separator}{:02}:{:02}", time.hour(), time.minute()),
        _ => format!("{date}{separator}{time}"),
    }
}

/// The IANA name of `zone`, or its offset as `+02:00`.
pub(super) fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => offset_text(zone.to_offset(Timestamp::UNIX_EPOCH)),
    }
}

/// `+02:00`, as SQL writes an offset.
pub(super) fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::access::tests::access;

    fn bound(report: &str, database: &str, start: &str, form: Form) -> Bound {
        let mut access = access("sqlite://crm.db");
        access.report = TimeZone::get(report).unwrap();
        access.database.time_zone = Some(TimeZone::get(database).unwrap());
        let start = start.parse().unwrap();
        bind(&access, Window { start, end: start }, Param::Start, form)
    }

    #[test]
    fn days_are_of_the_reports_calendar_whatever_the_database_writes() {
        let midnight = "2026-11-16T05:00:00Z";
        let check = |form, expected| {
            assert_eq!(bound("America/New_York", "UTC", midnight, form), expected, "{form:?}");
        };
        check(Form::Day, Bound::Day("2026-11-16".parse().unwrap()));
        check(Form::DayText, Bound::Text("2026-11-16".into()));
        check(Form::Local, Bound::Local("2026-11-16T05:00".parse().unwrap()));
        check(PLAIN_TEXT, Bound::Text("2026-11-16 05:00".into()));
        check(Form::Seconds, Bound::Integer(1_794_805_200));
        check(Form::Milliseconds, Bound::Integer(1_794_805_200_000));
    }

    #[test]
    fn text_is_the_shortest_that_sorts_before_every_form_of_the_instant() {
        let check = |start: &str, form, expected: &str| {
            let Bound::Text(text) = bound("Europe/Madrid", "Europe/Madrid", start, form) else { unreachable!() };
            assert_eq!(text, expected);
        };
        check("2026-11-15T23:00:00Z", PLAIN_TEXT, "2026-11-16");
        check("2026-11-16T09:30:00Z", PLAIN_TEXT, "2026-11-16 10:30");
        check("2026-11-16T09:30:05Z", PLAIN_TEXT, "2026-11-16 10:30:05");
        let zulu = Form::of(&Cell::Text("2026-01-01T10:00:00Z".into())).unwrap();
        check("2026-11-15T23:00:00Z", zulu, "2026-11-15T23:00");
    }

    #[test]
    fn text_with_offset_follows_the_clock_that_changes_it() {
        let check = |sample: &str, start: &str, expected: &str| {
            let form = Form::of(&Cell::Text(sample.into())).unwrap();
            assert_eq!(bound("Europe/Madrid", "UTC", start, form), Bound::Text(expected.into()), "{sample}");
        };
        let (winter, summer) = ("2026-01-12T10:00:00+01:00", "2026-07-06T10:00:00+02:00");
        check(winter, "2026-07-05T22:00:00Z", "2026-07-06");
        check(summer, "2026-01-11T23:00:00Z", "2026-01-12");
        check("2026-01-12T10:00:00+00:00", "2026-07-05T22:00:00Z", "2026-07-05T22:00");
        check("2026-01-12T10:00:00-03:00", "2026-07-05T22:00:00Z", "2026-07-05T19:00");
    }

    #[test]
    fn running_day_counts_in_for_columns_of_days() {
        let noon = "2026-11-18T11:00:00Z";
        assert_eq!(
            bound("Europe/Madrid", "UTC", noon, Form::Day),
            Bound::Day("2026-11-19".parse().unwrap()),
            "rows of the 18th lie before noon of the 18th"
        );
    }

    #[test]
    fn midnight_that_a_zone_skips_still_begins_its_day() {
        let one_oclock = "2026-04-23T22:00:00Z";
        assert_eq!(bound("Africa/Cairo", "UTC", one_oclock, Form::Day), Bound::Day("2026-04-24".parse().unwrap()));
    }

    #[test]
    fn offsets_read_as_sql_writes_them() {
        let check = |seconds, expected| assert_eq!(offset_text(Offset::from_seconds(seconds).unwrap()), expected);
        check(0, "+00:00");
        check(19_800, "+05:30");
        check(-12_600, "-03:30");
    }
}
