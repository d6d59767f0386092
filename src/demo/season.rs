//! When the company is busy: the days that the data covers, seasons, weekdays, holidays, growth.

use super::table::{SECONDS_A_DAY, date, day_number};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// The days of the sample, as days since 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// First day of customer relations and accounting. Earlier than `start`, so that deals are under way when the visits begin.
    pub history: i64,
    /// First day of web visits: the first of a month, two full years before the month of `end`.
    pub start: i64,
    /// The day after the last day with data: a Monday.
    pub end: i64,
}

/// Visits by month, January first: in Spain August is empty and autumn is full.
const MONTHS: [f64; 12] = [0.95, 1.02, 1.08, 0.98, 1.05, 1.03, 0.88, 0.55, 1.04, 1.12, 1.15, 0.82];

/// Visits by weekday, Monday first: business customers rest at weekends.
const WEEKDAYS: [f64; 7] = [1.18, 1.22, 1.2, 1.14, 0.92, 0.34, 0.4];

/// National holidays that fall on a fixed day, as (month, day).
const HOLIDAYS: [(i8, i8); 9] = [(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)];

/// How long a deal may have been under way when the visits begin, in days.
const PIPELINE: i64 = 120;

impl Span {
    /// Two years and up to one month, up to the last ISO week that was over before `today` began.
    pub fn before(today: Date) -> Span {
        let since_monday = today.weekday().since(Weekday::Monday);
        let end = today.saturating_sub(i64::from(since_monday).days());
        let start = day_number(end.first_of_month().saturating_sub(24.months()));
        Span { history: start - PIPELINE, start, end: day_number(end) }
    }

    /// Whether something at `moment` (seconds of wall clock) has happened yet.
    pub fn knows(self, moment: i64) -> bool {
        moment < self.end * SECONDS_A_DAY
    }

    /// How busy `day` is; 1 is a plain weekday in the middle of the sample.
    pub fn activity(self, day: i64) -> f64 {
        let date = date(day);
        let holiday = if is_holiday(date) { 0.4 } else { 1.0 };
        let growth = 0.8 + 0.4 * (day - self.start) as f64 / (self.end - self.start) as f64;
        MONTHS[usize::from(date.month().unsigned_abs()) - 1] * WEEKDAYS[weekday(day)] * holiday * growth
    }
}

/// 0 is Monday.
pub fn weekday(day: i64) -> usize {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

pub fn is_weekend(day: i64) -> bool {
    weekday(day) >= 5
}

/// Whether offices are open on `day`.
pub fn is_business(day: i64) -> bool {
    !is_weekend(day) && !is_holiday(date(day))
}

/// `day` itself, or the first business day after it.
pub fn next_business(day: i64) -> i64 {
    (day..).find(|d| is_business(*d)).expect("no run of holidays is endless")
}

fn is_holiday(date: Date) -> bool {
    HOLIDAYS.contains(&(date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn sample_ends_with_the_last_closed_week() {
        let check = |today: Date, start: Date, end: Date| {
            let span = Span::before(today);
            assert_eq!((date(span.start), date(span.end)), (start, end), "{today}");
        };
        // A Sunday: its own week is still open.
        check(civil::date(2026, 11, 22), civil::date(2024, 11, 1), civil::date(2026, 11, 16));
        check(civil::date(2026, 11, 23), civil::date(2024, 11, 1), civil::date(2026, 11, 23));
        check(civil::date(2027, 1, 1), civil::date(2024, 12, 1), civil::date(2026, 12, 28));
    }

    #[test]
    fn offices_rest_at_weekends_and_on_holidays() {
        let check = |from: Date, open: Date| assert_eq!(date(next_business(day_number(from))), open);
        check(civil::date(2026, 11, 20), civil::date(2026, 11, 20));
        check(civil::date(2026, 11, 21), civil::date(2026, 11, 23));
        check(civil::date(2026, 12, 25), civil::date(2026, 12, 28));
    }
}
