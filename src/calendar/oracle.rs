//! [`Schedule`] around changes of the clock: known cases, and an independent oracle that walks every minute.
//!
//! The oracle shares no code with the schedule but the zone's offsets: it reads cron into sets of numbers itself, looks at
//! the clock minute after minute, and knows no gaps or repetitions. A time of day fires when the clock first shows it or
//! jumps over it; a pulse fires whenever the clock shows it.

use super::Schedule;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeSet;

const PATTERNS: [&str; 42] = [
    "30 2 * * *",
    "30 2,14 * * *",
    "0,30 2 * * *",
    "30 1,13 * * *",
    "30 1 * * *",
    "0 0 * * *",
    "30 0 * * *",
    "1 0 * * *",
    "30 23 * * *",
    "59 23 * * *",
    "0 2 * * *",
    "0 3 * * *",
    "0 1-3 * * *",
    "15 0-4/2 * * *",
    "10-50/20 2 * * *",
    "0 8 * * 1",
    "30 2 * * 0",
    "30 2 * * 7",
    "0 2 * * 0,6",
    "0 8 * * 1-5",
    "30 23 * * 6",
    "0 0 * * 5",
    "0 0 1 * *",
    "30 2 29 3 *",
    "30 1 25 10 0",
    "0 2 */2 * 0",
    "30 0,1,2,3,23 * * *",
    "45 1 * 3,10,11 *",
    "0 12 13 * 5",
    "5 4 * * *",
    "*/15 * * * *",
    "* * * * *",
    "*/30 2 * * *",
    "30 * * * *",
    "0 */2 * * *",
    "*/7 1-3 * * *",
    "* 2 * * 0",
    "15 */3 * * *",
    "0-59/15 1 * * *",
    "*/20 0 * * *",
    "30 */1 * * 0",
    "0 * * 3,10 *",
];

/// Zones, each with an instant shortly before one of its changes.
const CHANGES: [(&str, &str); 19] = [
    ("America/New_York", "2026-03-08T06:00Z"),
    ("America/New_York", "2026-11-01T05:00Z"),
    ("Europe/Madrid", "2026-03-29T00:00Z"),
    ("Europe/Madrid", "2026-10-25T00:00Z"),
    ("Europe/Dublin", "2026-10-25T00:00Z"),
    ("Africa/Cairo", "2026-04-23T21:00Z"),
    ("Africa/Cairo", "2026-10-29T20:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T14:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:00Z"),
    ("America/Sao_Paulo", "2018-11-04T02:00Z"),
    ("America/Sao_Paulo", "2019-02-17T01:00Z"),
    ("America/St_Johns", "2010-03-14T03:00Z"),
    ("America/St_Johns", "2010-11-07T02:00Z"),
    ("America/Nuuk", "2026-03-29T00:00Z"),
    ("America/Havana", "2026-03-08T04:00Z"),
    ("America/Havana", "2026-11-01T04:00Z"),
    ("Asia/Tehran", "2022-03-21T20:00Z"),
    ("Pacific/Apia", "2011-12-30T09:00Z"),
    ("Asia/Kathmandu", "2026-11-16T00:00Z"),
];

/// Cron as sets of numbers.
struct Sets {
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: BTreeSet<i8>,
    months: BTreeSet<i8>,
    weekdays: BTreeSet<i8>,
    either_day: bool,
    pulse: bool,
}

impl Sets {
    fn read(pattern: &str) -> Sets {
        let fields: Vec<&str> = pattern.split(' ').collect();
        let star = |i: usize| fields[i].starts_with('*');
        Sets {
            minutes: set(fields[0], 0, 59),
            hours: set(fields[1], 0, 23),
            days: set(fields[2], 1, 31),
            months: set(fields[3], 1, 12),
            weekdays: set(fields[4], 0, 7).into_iter().map(|day| day % 7).collect(),
            either_day: !star(2) && !star(4),
            pulse: star(0) || star(1),
        }
    }

    fn shows(&self, wall: DateTime) -> bool {
        let day = self.days.contains(&wall.day());
        let weekday = self.weekdays.contains(&wall.weekday().to_sunday_zero_offset());
        self.minutes.contains(&wall.minute())
            && self.hours.contains(&wall.hour())
            && self.months.contains(&wall.month())
            && if self.either_day { day || weekday } else { day && weekday }
    }
}

fn set(field: &str, min: i8, max: i8) -> BTreeSet<i8> {
    let item = |item: &str| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().unwrap(), to.parse().unwrap()),
            None if range == "*" => (min, max),
            None => (range.parse().unwrap(), range.parse().unwrap()),
        };
        (from..=to).step_by(step.parse().unwrap())
    };
    field.split(',').flat_map(item).collect()
}

/// Every minute of real time with what the clock shows.
fn minutes(zone: &TimeZone, start: Timestamp, hours: i64) -> Vec<(Timestamp, DateTime)> {
    (0..hours * 60).map(|minute| start + minute.minutes()).map(|at| (at, zone.to_datetime(at))).collect()
}

fn oracle(sets: &Sets, minutes: &[(Timestamp, DateTime)]) -> Vec<Timestamp> {
    let mut latest = minutes[0].1.saturating_sub(1.minute());
    let mut fires = Vec::new();
    for (at, wall) in minutes {
        // What the clock shows for the first time now, with all that it jumped over; empty while it repeats itself.
        let jumped = wall.duration_since(latest).as_mins();
        let mut new = (1..=jumped).map(|minute| latest.saturating_add(SignedDuration::from_mins(minute)));
        let fire = if sets.pulse { sets.shows(*wall) } else { new.any(|wall| sets.shows(wall)) };
        fires.extend(fire.then_some(*at));
        latest = latest.max(*wall);
    }
    fires
}

#[test]
fn schedule_fires_when_the_minute_walking_oracle_does() {
    for (name, change) in CHANGES {
        let zone = TimeZone::get(name).unwrap();
        let start = change.parse::<Timestamp>().unwrap() - 20.hours();
        let minutes = minutes(&zone, start, 44);
        for pattern in PATTERNS {
            let expected = oracle(&Sets::read(pattern), &minutes);
            let schedule = Schedule::parse(pattern).unwrap();
            let end = minutes.last().unwrap().0;
            // One more than expected, so that a fire time too many shows.
            let mut actual = schedule.upcoming(&zone, start - 1.second(), expected.len() + 1);
            actual.retain(|at| *at <= end);
            assert_eq!(actual, expected, "{pattern} in {name} around {change}");
        }
    }
}

#[test]
fn next_does_not_depend_on_where_in_a_repeated_hour_it_is_asked() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let minutes = minutes(&zone, "2026-11-01T04:00Z".parse().unwrap(), 4);
    for pattern in ["30 1 * * *", "0,30 1,2 * * *", "*/15 * * * *", "30 * * * *"] {
        let fires = oracle(&Sets::read(pattern), &minutes);
        let schedule = Schedule::parse(pattern).unwrap();
        for (at, _) in &minutes {
            let Some(expected) = fires.iter().find(|fire| *fire > at) else { break };
            assert_eq!(schedule.next(&zone, *at), Some(*expected), "{pattern} after {at}");
        }
    }
}

fn check(text: &str, zone_name: &str, after: &str, expected: &[&str]) {
    let zone = TimeZone::get(zone_name).unwrap();
    let upcoming = Schedule::parse(text).unwrap().upcoming(&zone, after.parse().unwrap(), expected.len());
    let expected: Vec<Timestamp> = expected.iter().map(|at| at.parse().unwrap()).collect();
    assert_eq!(upcoming, expected, "{text} in {zone_name}");
}

#[test]
fn skipped_time_fires_once_after_the_gap() {
    check("30 2 * * *", "America/New_York", "2026-03-08T05:00Z", &["2026-03-08T07:00Z", "2026-03-09T06:30Z"]);
    check("30 2,14 * * *", "America/New_York", "2026-03-08T05:00Z", &["2026-03-08T07:00Z", "2026-03-08T18:30Z"]);
    check("0,30 2 * * *", "America/New_York", "2026-03-08T05:00Z", &["2026-03-08T07:00Z", "2026-03-09T06:00Z"]);
    check("0 0 * * FRI", "Africa/Cairo", "2026-04-23T12:00Z", &["2026-04-23T22:00Z"]);
    check("30 23 * * SAT", "America/Nuuk", "2026-03-28T12:00Z", &["2026-03-29T01:00Z"]);
    check("0 8 * * FRI", "Pacific/Apia", "2011-12-29T20:00Z", &["2011-12-30T10:00Z"]);
}

#[test]
fn repeated_time_fires_once_at_the_first() {
    check("30 1 * * *", "America/New_York", "2026-11-01T04:00Z", &["2026-11-01T05:30Z", "2026-11-02T06:30Z"]);
    check("30 1,13 * * *", "America/New_York", "2026-11-01T05:30Z", &["2026-11-01T18:30Z"]);
}

#[test]
fn pulse_follows_real_time() {
    check("*/30 * * * *", "America/New_York", "2026-03-08T06:31Z", &["2026-03-08T07:00Z", "2026-03-08T07:30Z"]);
    check("30 * * * *", "America/New_York", "2026-11-01T05:00Z", &["2026-11-01T05:30Z", "2026-11-01T06:30Z"]);
    check("0 */2 * * *", "America/New_York", "2026-03-08T05:30Z", &["2026-03-08T08:00Z"]);
}

#[test]
fn pulse_that_a_zone_always_skips_never_fires() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let schedule = Schedule::parse("*/30 2 * 3 0#2").unwrap();
    assert_eq!(schedule.next(&zone, "2026-11-16T07:00Z".parse().unwrap()), None);
}
