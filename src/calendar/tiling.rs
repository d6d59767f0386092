//! Property: the periods of every cadence tile the calendar, in days and in instants, whatever the zone does to its clock.

use super::{Cadence, Calendar, Over, Period};
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

/// Gaps at midnight, half-hour and negative daylight saving, a day left out, offsets of 45 minutes, clocks that went back
/// over midnight, and zones that gave daylight saving up.
const ZONES: [&str; 20] = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Nuuk",
    "America/Caracas",
    "Europe/Madrid",
    "Europe/Dublin",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
];

fn calendars() -> impl Strategy<Value = Calendar> {
    (0..ZONES.len(), 0..7i8, 1..=12i8).prop_map(|(zone, weekday, fiscal_year_starts)| Calendar {
        zone: TimeZone::get(ZONES[zone]).unwrap(),
        week_starts: Weekday::from_monday_zero_offset(weekday).unwrap(),
        fiscal_year_starts,
    })
}

fn cadences() -> impl Strategy<Value = Cadence> {
    prop::sample::select(Cadence::ALL.to_vec())
}

/// 2000-01-01 to 2037-12-31.
fn days() -> impl Strategy<Value = Date> {
    (0..13_880i64).prop_map(|days| date(2000, 1, 1) + days.days())
}

fn instants() -> impl Strategy<Value = Timestamp> {
    (946_684_800..2_145_916_800i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn starts(cadence: Cadence, day: Date, calendar: &Calendar) -> bool {
    let months = (day.month() - calendar.fiscal_year_starts).rem_euclid(12);
    match cadence {
        Cadence::Day => true,
        Cadence::Week => day.weekday() == calendar.week_starts,
        Cadence::Month => day.day() == 1,
        Cadence::Quarter => day.day() == 1 && months % 3 == 0,
        Cadence::Year => day.day() == 1 && months == 0,
    }
}

proptest! {
    #[test]
    fn period_holds_its_days_and_nothing_else(calendar in calendars(), cadence in cadences(), day in days()) {
        let period = calendar.containing(cadence, day);
        prop_assert!(period.first <= day && day < period.end);
        let first_days: Vec<Date> = period.days().filter(|day| starts(cadence, *day, &calendar)).collect();
        prop_assert_eq!(first_days.first(), Some(&period.first));
        prop_assert!(cadence == Cadence::Day || first_days.len() == 1);
        prop_assert!(starts(cadence, period.end, &calendar));
        prop_assert_eq!(period.days().count(), usize::try_from(calendar.days(cadence, day)).unwrap());
        for day in [period.first, period.last()] {
            prop_assert_eq!(calendar.containing(cadence, day), period);
        }
    }

    #[test]
    fn period_ends_where_the_next_begins(calendar in calendars(), cadence in cadences(), day in days()) {
        let period = calendar.containing(cadence, day);
        let next = calendar.containing(cadence, period.end);
        prop_assert_eq!((period.end, period.window.end), (next.first, next.window.start));
        prop_assert!(period.window.start <= period.window.end);
        prop_assert_eq!(calendar.previous(next), period);
        prop_assert_eq!(calendar.back(next, 1), period);
    }

    #[test]
    fn label_names_the_period(calendar in calendars(), cadence in cadences(), day in days()) {
        let period = calendar.containing(cadence, day);
        prop_assert_eq!(calendar.parse(&period.label(&calendar)), Ok(period));
    }

    #[test]
    fn trend_is_a_chain(calendar in calendars(), cadence in cadences(), day in days(), n in 1..30u16) {
        let period = calendar.containing(cadence, day);
        let trend = calendar.trend(period, n);
        prop_assert_eq!(trend.len(), usize::from(n));
        prop_assert!(trend.windows(2).all(|pair| pair[0].window.end == pair[1].window.start));
        prop_assert_eq!(trend.last(), Some(&period));
    }

    #[test]
    fn year_ago_is_about_a_year_ago(calendar in calendars(), cadence in cadences(), day in days()) {
        let period = calendar.containing(cadence, day);
        let earlier = calendar.year_ago(period);
        let days = period.first.duration_since(earlier.first).as_hours() / 24;
        prop_assert!((364..=371).contains(&days), "{days} days");
        prop_assert!(cadence == Cadence::Week || days <= 366);
    }

    #[test]
    fn every_instant_lies_in_one_running_period(calendar in calendars(), cadence in cadences(), at in instants()) {
        let complete = calendar.last_complete(cadence, at);
        let running = calendar.running(cadence, at);
        prop_assert!(!complete.running && running.running);
        prop_assert_eq!(complete.window.end, running.window.start);
        prop_assert_eq!(running.window.end, at);
        prop_assert!(at < calendar.containing(cadence, running.first).window.end);
        prop_assert!(running.days().count() > 0 || running.window.start == at);
    }

    #[test]
    fn earlier_part_stays_within_its_period(calendar in calendars(), cadence in cadences(), at in instants()) {
        let running = calendar.running(cadence, at);
        prop_assert_eq!(calendar.back(running, 0), running);
        for earlier in [calendar.previous(running), calendar.year_ago(running)] {
            let whole = calendar.containing(cadence, earlier.first);
            prop_assert!(earlier.running);
            prop_assert_eq!(earlier.window.start, whole.window.start);
            prop_assert!(earlier.window.start <= earlier.window.end && earlier.window.end <= whole.window.end);
            prop_assert_eq!((earlier.first, earlier.end), (whole.first, whole.end));
            prop_assert!(earlier.until <= whole.end);
        }
    }

    #[test]
    fn trailing_periods_are_the_trend(calendar in calendars(), day in days(), n in 1..40u16) {
        let joined = |period: Period| (calendar.back(period, n - 1).window.start, period.window.end);
        for (cadence, over) in [
            (Cadence::Day, Over::TrailingDays(n)),
            (Cadence::Week, Over::TrailingWeeks(n)),
            (Cadence::Month, Over::TrailingMonths(n)),
        ] {
            let period = calendar.containing(cadence, day);
            let window = calendar.window(over, period);
            prop_assert_eq!((window.start, window.end), joined(period));
        }
    }
}

/// No sampling here: every day of the years, so that no single transition is missed.
#[test]
fn days_tile_every_zone_from_2000_to_2037() {
    for zone in ZONES {
        let calendar =
            Calendar { zone: TimeZone::get(zone).unwrap(), week_starts: Weekday::Monday, fiscal_year_starts: 1 };
        let mut end = calendar.containing(Cadence::Day, date(1999, 12, 31)).window.end;
        for day in date(2000, 1, 1).series(1.day()).take_while(|day| day.year() < 2038) {
            let window = calendar.containing(Cadence::Day, day).window;
            let left_out = zone == "Pacific/Apia" && day == date(2011, 12, 30);
            assert_eq!(window.start, end, "{day} in {zone}");
            assert_eq!(window.start == window.end, left_out, "{day} in {zone}");
            end = window.end;
        }
    }
}
