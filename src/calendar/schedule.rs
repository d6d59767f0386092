//! When a report is due: cron or words → instants.
//!
//! In: the text of the YAML and, at each question, a zone. Out: instants at which the report is due. The clock is the
//! caller's. What daylight saving does to a fire time depends on how it is written, as in Vixie cron:
//!
//! - Minute and hour without `*`, lists and ranges included, are **times of day**: one that the clock skips fires once, at
//!   the first instant after the gap; one that the clock repeats fires once, at the first.
//! - `*` in the minute or the hour (`*/15 * * * *`) is a **pulse**: it fires whenever the clock shows such a time, so in a
//!   repeated hour twice and in a skipped one not at all.
//!
//! croner searches wall time only and never sees the zone: its own rule takes a list of hours for a pulse, loses a
//! time of day whose gap ends on the next day, and gives up on gaps of more than two hours.

use super::instant::first_instant;
use super::{cron, words};
use croner::Cron;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::{fmt, iter};

const ACCEPTED: &str = "accepted: `mondays at 08:00`, `mondays and thursdays at 08:00`, `weekdays at 07:30`, \
    `daily at 08:00`, `day 5 at 09:00`, `last day of month at 18:00`, `first workday of month at 08:00`, \
    `last friday of month at 17:00`, `first day of quarter at 09:00`, \
    cron `0 8 * * MON` (minute, hour, day of month, month, weekday), \
    @hourly, @daily, @weekly (Sunday 00:00), @monthly, @yearly";

/// A schedule of one report, in wall-clock time of a zone given at each question.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// As written.
    pub text: String,
    cron: Cron,
    times_of_day: bool,
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    pub message: String,
    pub help: Option<String>,
}

/// A fire time that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    /// How many older ones came since the last question and are not made up for.
    pub skipped: usize,
}

impl ScheduleError {
    /// With all accepted forms as help.
    pub(super) fn new(text: &str, why: &str) -> Self {
        Self { message: format!("`{text}` is no schedule: {why}"), help: Some(ACCEPTED.into()) }
    }
}

impl Schedule {
    /// Cron with five fields, `@daily` and its like, or words.
    ///
    /// # Errors
    /// The text is none of them, or names a date that no year has.
    pub fn parse(text: &str) -> Result<Schedule, ScheduleError> {
        let text = text.trim();
        let is_cron = text.starts_with(|c: char| c.is_ascii_digit() || c == '*') && !text.contains(" at ");
        let cron = match text {
            _ if is_cron => cron::parse(text)?,
            _ if text.starts_with('@') => cron::parse(cron::nickname(text)?)?,
            _ => cron::parse(&words::cron_fields(text)?)?,
        };
        let fields = cron.as_str().split(' ');
        let times_of_day = fields.take(2).all(|field| !field.contains('*'));
        Ok(Schedule { text: text.to_owned(), cron, times_of_day })
    }

    /// The first fire time after `after`, which is not one itself; `None` when there is none before the year 5000.
    pub fn next(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        if self.times_of_day { self.next_time_of_day(zone, after) } else { self.next_pulse(zone, after) }
    }

    fn next_time_of_day(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        // Wall times up to the one shown at `after` begin at or before it, so the search may start there.
        let first = self.wall(zone.to_datetime(after), false);
        iter::successors(first, |wall| self.wall(*wall, false))
            .map(|wall| first_instant(zone, wall))
            .find(|at| *at > after)
    }

    /// Searches from one change of the zone's offset to the next: between two of them wall time runs like real time.
    fn next_pulse(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let (mut from, mut inclusive) = (after, false);
        loop {
            let offset = zone.to_offset(from);
            let wall = self.wall(offset.to_datetime(from), inclusive)?;
            let at = offset.to_timestamp(wall).ok()?;
            match zone.following(from).next() {
                Some(change) if change.timestamp() <= at => (from, inclusive) = (change.timestamp(), true),
                _ => return Some(at),
            }
        }
    }

    /// The first wall time of the pattern after `from`, or at it when `inclusive`.
    fn wall(&self, from: DateTime, inclusive: bool) -> Option<DateTime> {
        // The only error left for a pattern that was parsed is the end of the search, in the year 5000.
        self.cron.find_next_occurrence(&from, inclusive).ok()
    }

    /// The next `n` fire times after `after`, ascending.
    pub fn upcoming(&self, zone: &TimeZone, after: Timestamp, n: usize) -> Vec<Timestamp> {
        self.after(zone, after).take(n).collect()
    }

    fn after<'a>(&'a self, zone: &'a TimeZone, after: Timestamp) -> impl Iterator<Item = Timestamp> + 'a {
        iter::successors(self.next(zone, after), |at| self.next(zone, *at))
    }

    /// Newest fire time in `(last, now]`; older ones come back as a number: a week of downtime must not produce seven
    /// mails. `None` when there is none.
    pub fn due(&self, zone: &TimeZone, last: Timestamp, now: Timestamp) -> Option<Due> {
        let mut due = self.after(zone, last).take_while(|at| *at <= now);
        let first = Due { at: due.next()?, skipped: 0 };
        Some(due.fold(first, |older, at| Due { at, skipped: older.skipped + 1 }))
    }

    /// The five cron fields that say the same, with numbers for names.
    pub fn fields(&self) -> String {
        self.cron.pattern.to_string()
    }

    /// Advice for a schedule that some of its months lack a day for, such as the 31st; the schedule holds all the same.
    pub fn warning(&self) -> Option<String> {
        // `13 * +FRI` asks for rare days on purpose.
        let rare_on_purpose = self.cron.as_str().contains('+');
        // Four years hold a leap year, and for every fifth weekday a month without it.
        let mut months = (2025..=2028).flat_map(|year| (1..=12).map(move |month| date(year, month, 1)));
        let skipped = months.find(|month| self.asks_for(*month) && !self.fires_in(*month));
        skipped.filter(|_| !rare_on_purpose).map(|month| {
            format!(
                "`{}` does not fire in months without such a day, as in {}; \
                 `last day of month at …` or `last friday of month at …` fires in each",
                self.text,
                month.strftime("%B %Y")
            )
        })
    }

    fn asks_for(&self, month: Date) -> bool {
        self.cron.pattern.months.values().contains(&month.month().unsigned_abs().into())
    }

    fn fires_in(&self, month: Date) -> bool {
        self.wall(month.into(), true).is_some_and(|wall| wall.date() < month.saturating_add(1.month()))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The first fire times in Madrid from 2026-11-16 08:00 on, as wall time.
    fn check(text: &str, expected: &[&str]) {
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let upcoming = Schedule::parse(text).unwrap().upcoming(&zone, at("2026-11-16T07:00Z"), expected.len());
        let wall: Vec<_> = upcoming.iter().map(|at| zone.to_datetime(*at).strftime("%F %H:%M").to_string()).collect();
        assert_eq!(wall, expected, "{text}");
    }

    #[test]
    fn fire_times_follow_strictly_after() {
        check("0 8 * * MON", &["2026-11-23 08:00", "2026-11-30 08:00"]);
        check("mondays at 08:00", &["2026-11-23 08:00", "2026-11-30 08:00"]);
        check("0 8 * * 0", &["2026-11-22 08:00"]);
        check("0 8 * * 7", &["2026-11-22 08:00"]);
        check("@hourly", &["2026-11-16 09:00", "2026-11-16 10:00"]);
        check("@Daily", &["2026-11-17 00:00"]);
        check("@weekly", &["2026-11-22 00:00"]);
        check("@monthly", &["2026-12-01 00:00"]);
        check("@yearly", &["2027-01-01 00:00"]);
        check(
            "last day of month at 18:00",
            &["2026-11-30 18:00", "2026-12-31 18:00", "2027-01-31 18:00", "2027-02-28 18:00"],
        );
        check("first workday of month at 08:00", &["2026-12-01 08:00", "2027-01-01 08:00", "2027-02-01 08:00"]);
        check("last workday of month at 08:00", &["2026-11-30 08:00", "2026-12-31 08:00", "2027-01-29 08:00"]);
        check("last friday of month at 17:00", &["2026-11-27 17:00", "2026-12-25 17:00"]);
        check("first day of quarter at 09:00", &["2027-01-01 09:00", "2027-04-01 09:00"]);
        check("0 8 29 2 *", &["2028-02-29 08:00", "2032-02-29 08:00"]);
    }

    #[test]
    fn day_of_month_and_weekday_follow_vixie() {
        check("0 8 20 * MON", &["2026-11-20 08:00", "2026-11-23 08:00"]);
        check("0 8 */2 * MON", &["2026-11-23 08:00", "2026-12-07 08:00"]);
        check("0 8 13 * +FRI", &["2027-08-13 08:00"]);
    }

    #[test]
    fn newest_fire_time_is_due_and_older_ones_are_counted() {
        let daily = Schedule::parse("daily at 08:00").unwrap();
        let due = |last, now| daily.due(&TimeZone::UTC, at(last), at(now)).map(|due| (due.at, due.skipped));
        assert_eq!(due("2026-11-16T08:00Z", "2026-11-17T07:59:59Z"), None);
        assert_eq!(due("2026-11-16T08:00Z", "2026-11-17T08:00Z"), Some((at("2026-11-17T08:00Z"), 0)));
        assert_eq!(due("2026-11-16T07:59:59.5Z", "2026-11-22T09:00Z"), Some((at("2026-11-22T08:00Z"), 6)));
        assert_eq!(due("2026-11-17T08:00Z", "2026-11-16T08:00Z"), None);
    }

    fn refused(text: &str, message: &str) {
        let error = Schedule::parse(text).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.help.as_deref(), Some(ACCEPTED));
    }

    #[test]
    fn refusal_lists_the_accepted_forms() {
        refused("", "`` is no schedule: a time of day is missing (`… at 08:00`)");
        refused("@every 5m", "`@every 5m` is no schedule: there is no such nickname");
        refused("whenever at 08:00", "`whenever at 08:00` is no schedule: `whenever` is no day that is known");
        refused("5 mondays at 08:00", "`5 mondays at 08:00` is no schedule: `5 mondays` is no day that is known");
        refused("0 8 30 2 *", "`0 8 30 2 *` is no schedule: no year has such a date");
    }

    #[test]
    fn warning_tells_of_months_without_such_a_day() {
        let warning = |text| Schedule::parse(text).unwrap().warning();
        let expected = "`day 31 at 09:00` does not fire in months without such a day, as in February 2025; \
                        `last day of month at …` or `last friday of month at …` fires in each";
        assert_eq!(warning("day 31 at 09:00").as_deref(), Some(expected));
        for text in ["0 8 29 * *", "0 8 29 2 *", "0 8 * * FRI#5", "0 8 30,31 * *", "0 8 31W * *"] {
            assert!(warning(text).is_some(), "{text}");
        }
        for text in [
            "mondays at 08:00",
            "0 8 L * *",
            "0 8 28 * *",
            "0 8 31 1,3 *",
            "0 8 31 * MON",
            "*/5 * * * *",
            "0 8 13 * +FRI",
        ] {
            assert_eq!(warning(text), None, "{text}");
        }
    }

    #[test]
    fn schedule_prints_as_written() {
        assert_eq!(Schedule::parse(" Mondays at 8:00 ").unwrap().to_string(), "Mondays at 8:00");
    }
}
