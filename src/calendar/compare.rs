//! The earlier periods that a period is compared with.
//!
//! Like is compared with like: a whole period with whole ones, a running one with the same elapsed part of the earlier
//! ones. The same part is told by the calendar on the wall, not in hours: Wednesday 09:30 of a week, the 15th 09:30 of a
//! month, the 15th 09:30 of a quarter's second month. Where the earlier month lacks that day it has elapsed in full.

use super::instant::first_instant;
use super::period::{Cadence, Calendar, Period};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan, Unit};

impl Calendar {
    /// The period before.
    pub fn previous(&self, period: Period) -> Period {
        self.back(period, 1)
    }

    /// The period `n` periods earlier; 0 is the period itself.
    pub fn back(&self, period: Period, n: u16) -> Period {
        let count = i64::from(n);
        let distance = match period.cadence {
            Cadence::Day => count.days(),
            Cadence::Week => count.weeks(),
            Cadence::Month => count.months(),
            Cadence::Quarter => (3 * count).months(),
            // More years than a calendar has are no span.
            Cadence::Year => count.min(9_999).years(),
        };
        self.like(period, period.first.saturating_sub(distance))
    }

    /// The same period of the year before: the day (28 February for the 29th), the week of the same number (the last for
    /// a week 53 that the year before lacks), the month, the fiscal quarter, the fiscal year.
    pub fn year_ago(&self, period: Period) -> Period {
        let day = match period.cadence {
            Cadence::Week => {
                let (year, number) = Calendar::week_number(period.first);
                self.week(year - 1, number).or_else(|| self.week(year - 1, 52)).unwrap_or(Date::MIN)
            }
            _ => period.first.saturating_sub(1.year()),
        };
        self.like(period, day)
    }

    /// `n` periods that end with this one, oldest first.
    pub fn trend(&self, period: Period, n: u16) -> Vec<Period> {
        (0..n).rev().map(|back| self.back(period, back)).collect()
    }

    /// The period that holds `day`, elapsed as far as `period` is.
    fn like(&self, period: Period, day: Date) -> Period {
        let whole = self.containing(period.cadence, day);
        match period.running {
            // An instant in a repeated hour would not survive the way over wall time.
            true if whole.first == period.first => period,
            true => self.cut(whole, self.same_point(period, whole)),
            false => whole,
        }
    }

    /// The instant at which `earlier` had elapsed as far as `period` has.
    fn same_point(&self, period: Period, earlier: Period) -> Timestamp {
        let now = self.zone.to_datetime(period.window.end).max(period.first.into());
        // Counted from the beginning of the month where there is one: a quarter's days have no other equals.
        let (from, earlier_from, limit) = match period.cadence {
            Cadence::Day | Cadence::Week => (period.first, earlier.first, earlier.end),
            Cadence::Month | Cadence::Quarter | Cadence::Year => {
                let month = now.date().first_of_month();
                let earlier_month = earlier.first.saturating_add(months_between(period.first, month).months());
                (month, earlier_month, earlier_month.saturating_add(1.month()))
            }
        };
        let days = now.date().duration_since(from);
        let same = DateTime::from_parts(earlier_from.saturating_add(days), now.time());
        first_instant(&self.zone, same.min(DateTime::from_parts(limit, Time::midnight())))
    }
}

/// Months from one first of a month to another.
fn months_between(from: Date, to: Date) -> i32 {
    from.until((Unit::Month, to)).map_or(0, |span| span.get_months())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use jiff::tz::TimeZone;

    fn madrid() -> Calendar {
        Calendar { zone: TimeZone::get("Europe/Madrid").unwrap(), week_starts: Weekday::Monday, fiscal_year_starts: 1 }
    }

    fn local(text: &str) -> Timestamp {
        text.parse::<DateTime>().unwrap().to_zoned(madrid().zone).unwrap().timestamp()
    }

    /// Labels of the period before and of the year before.
    fn check(label: &str, previous: &str, year_ago: &str) {
        let calendar = madrid();
        let period = calendar.parse(label).unwrap();
        assert_eq!(calendar.previous(period).label(&calendar), previous, "before {label}");
        assert_eq!(calendar.year_ago(period).label(&calendar), year_ago, "a year before {label}");
    }

    #[test]
    fn whole_periods_are_compared_with_whole_ones() {
        check("2026-11-16", "2026-11-15", "2025-11-16");
        check("2028-02-29", "2028-02-28", "2027-02-28");
        check("2026-W46", "2026-W45", "2025-W46");
        check("2026-W53", "2026-W52", "2025-W52");
        check("2027-W01", "2026-W53", "2026-W01");
        check("2026-03", "2026-02", "2025-03");
        check("2026-Q1", "2025-Q4", "2025-Q1");
        check("2026", "2025", "2025");
    }

    /// Where the period running at `at` is cut in the period before and in the year before.
    fn check_running(cadence: Cadence, at: &str, previous: &str, year_ago: &str) {
        let calendar = madrid();
        let period = calendar.running(cadence, local(at));
        for (earlier, end) in [(calendar.previous(period), previous), (calendar.year_ago(period), year_ago)] {
            assert_eq!(earlier.window.end, local(end), "{cadence} at {at}");
            assert!(earlier.running);
        }
    }

    #[test]
    fn running_periods_are_compared_with_the_same_elapsed_part() {
        check_running(Cadence::Day, "2026-11-18T09:30", "2026-11-17T09:30", "2025-11-18T09:30");
        check_running(Cadence::Week, "2026-11-18T09:30", "2026-11-11T09:30", "2025-11-19T09:30");
        check_running(Cadence::Week, "2026-10-02T09:30", "2026-09-25T09:30", "2025-10-03T09:30");
        check_running(Cadence::Month, "2026-11-18T09:30", "2026-10-18T09:30", "2025-11-18T09:30");
        check_running(Cadence::Quarter, "2026-11-18T09:30", "2026-08-18T09:30", "2025-11-18T09:30");
        check_running(Cadence::Year, "2028-07-15T09:30", "2027-07-15T09:30", "2027-07-15T09:30");
    }

    #[test]
    fn month_that_lacks_the_day_has_elapsed_in_full() {
        check_running(Cadence::Month, "2026-03-31T09:30", "2026-03-01T00:00", "2025-03-31T09:30");
        check_running(Cadence::Quarter, "2026-05-31T09:30", "2026-03-01T00:00", "2025-05-31T09:30");
        check_running(Cadence::Year, "2028-02-29T09:30", "2027-03-01T00:00", "2027-03-01T00:00");
    }

    #[test]
    fn elapsed_part_is_told_by_the_clock_on_the_wall() {
        // Between these two Mondays the clock went back: 169 hours apart, both at 08:00.
        check_running(Cadence::Week, "2026-10-26T08:00", "2026-10-19T08:00", "2025-10-27T08:00");
        // 02:30 did not exist in the week before: the first instant after the gap.
        check_running(Cadence::Week, "2026-04-05T02:30", "2026-03-29T03:00", "2025-04-06T02:30");
    }

    #[test]
    fn trend_ends_with_the_period_and_is_cut_alike() {
        let calendar = madrid();
        let march = calendar.running(Cadence::Month, local("2026-03-31T09:30"));
        let trend = calendar.trend(march, 3);
        let ends: Vec<_> = trend.iter().map(|period| period.window.end).collect();
        assert_eq!(ends, [local("2026-01-31T09:30"), local("2026-03-01T00:00"), local("2026-03-31T09:30")]);
        assert_eq!(trend.last(), Some(&march));
        assert!(calendar.trend(march, 0).is_empty());
    }

    #[test]
    fn trend_in_a_repeated_hour_ends_with_the_period_itself() {
        // The second 02:30 of that night.
        let now = "2026-10-25T01:30Z".parse().unwrap();
        let day = madrid().running(Cadence::Day, now);
        assert_eq!(madrid().trend(day, 2).last(), Some(&day));
    }

    #[test]
    fn distance_beyond_the_calendar_saturates() {
        for cadence in Cadence::ALL {
            let period = madrid().containing(cadence, date(2026, 11, 16));
            assert!(madrid().back(period, u16::MAX).first < period.first);
        }
    }
}
