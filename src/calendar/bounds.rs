//! Where periods begin and end.
//!
//! In: a day or an instant. Out: the [`Period`] of a cadence that holds it. Dates beyond the years −9999 to 9999
//! saturate: such a period is cut short, never a panic.

use super::instant::first_instant;
use super::period::{Cadence, Calendar, Period, Window};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

impl Calendar {
    /// The whole period that holds `day`.
    ///
    /// A day that the zone left out altogether (Samoa, 2011-12-30) is a period with an empty window.
    pub fn containing(&self, cadence: Cadence, day: Date) -> Period {
        let first = self.first(cadence, day);
        let end = first.saturating_add(match cadence {
            Cadence::Day => 1.day(),
            Cadence::Week => 7.days(),
            Cadence::Month => 1.month(),
            Cadence::Quarter => 3.months(),
            Cadence::Year => 1.year(),
        });
        let window = Window { start: self.midnight(first), end: self.midnight(end) };
        Period { cadence, first, until: end, end, window, running: false }
    }

    fn first(&self, cadence: Cadence, day: Date) -> Date {
        let month = day.first_of_month();
        let months_into_year = i64::from(day.month() - self.fiscal_year_starts).rem_euclid(12);
        match cadence {
            Cadence::Day => day,
            Cadence::Week => day.saturating_sub(i64::from(day.weekday().since(self.week_starts)).days()),
            Cadence::Month => month,
            Cadence::Quarter => month.saturating_sub((months_into_year % 3).months()),
            Cadence::Year => month.saturating_sub(months_into_year.months()),
        }
    }

    /// The first instant of `day`, which is not 00:00 where the clock skips it.
    fn midnight(&self, day: Date) -> Timestamp {
        first_instant(&self.zone, day.into())
    }

    /// The whole period whose window holds `at`.
    fn holding(&self, cadence: Cadence, at: Timestamp) -> Period {
        let period = self.containing(cadence, self.zone.to_datetime(at).date());
        // A clock set back over midnight shows yesterday's date again after today began.
        if at < period.window.end { period } else { self.containing(cadence, period.end) }
    }

    /// The last period that ended at or before `at`.
    pub fn last_complete(&self, cadence: Cadence, at: Timestamp) -> Period {
        self.previous(self.holding(cadence, at))
    }

    /// The period in which `at` lies, up to `at`; empty when it begins with `at`.
    pub fn running(&self, cadence: Cadence, at: Timestamp) -> Period {
        self.cut(self.holding(cadence, at), at)
    }

    /// `whole` as a running period that has elapsed up to `at`, or to its own end or start when `at` lies outside.
    pub(super) fn cut(&self, whole: Period, at: Timestamp) -> Period {
        let at = at.clamp(whole.window.start, whole.window.end);
        let day = self.holding(Cadence::Day, at);
        // A window that ends with a midnight does not touch the day which begins there.
        let until = if day.window.start < at { day.end } else { day.first };
        let window = Window { start: whole.window.start, end: at };
        Period { until: until.min(whole.end), window, running: true, ..whole }
    }

    /// The number of days of the whole period that holds `day`: what an amount `per:` that cadence is spread over.
    pub fn days(&self, cadence: Cadence, day: Date) -> i32 {
        let first = self.first(cadence, day);
        first.until(self.containing(cadence, first).end).map_or(0, |span| span.get_days())
    }

    /// Year and number of the week that begins with `first`. ISO 8601's rule with any first day of the week: a week
    /// belongs to the year in which its fourth day lies, and week 1 is the first that does.
    pub(super) fn week_number(first: Date) -> (i16, i16) {
        let fourth = first.saturating_add(3.days());
        (fourth.year(), (fourth.day_of_year() - 1) / 7 + 1)
    }

    /// The first day of that week; `None` when the year has no such week.
    pub(super) fn week(&self, year: i16, number: i16) -> Option<Date> {
        // 4 January lies in week 1 whatever day the week starts with.
        let week_1 = self.first(Cadence::Week, Date::new(year, 1, 4).ok()?);
        let first = week_1.checked_add(i64::from(number - 1).weeks()).ok()?;
        (Calendar::week_number(first) == (year, number)).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use jiff::tz::TimeZone;

    fn calendar(zone: &str, week_starts: Weekday, fiscal_year_starts: i8) -> Calendar {
        Calendar { zone: TimeZone::get(zone).unwrap(), week_starts, fiscal_year_starts }
    }

    fn madrid() -> Calendar {
        calendar("Europe/Madrid", Weekday::Monday, 1)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn check(calendar: &Calendar, cadence: Cadence, day: Date, first: Date, end: Date) {
        let period = calendar.containing(cadence, day);
        assert_eq!((period.first, period.end), (first, end), "{cadence} of {day}");
        assert_eq!(period.until, end);
        assert_eq!(period.last(), end.yesterday().unwrap());
    }

    #[test]
    fn whole_period_holds_the_day() {
        let day = date(2026, 11, 18);
        check(&madrid(), Cadence::Day, day, day, date(2026, 11, 19));
        check(&madrid(), Cadence::Week, day, date(2026, 11, 16), date(2026, 11, 23));
        check(&madrid(), Cadence::Month, day, date(2026, 11, 1), date(2026, 12, 1));
        check(&madrid(), Cadence::Quarter, day, date(2026, 10, 1), date(2027, 1, 1));
        check(&madrid(), Cadence::Year, day, date(2026, 1, 1), date(2027, 1, 1));
        let april_sunday = calendar("Europe/London", Weekday::Sunday, 4);
        check(&april_sunday, Cadence::Week, day, date(2026, 11, 15), date(2026, 11, 22));
        check(&april_sunday, Cadence::Quarter, day, date(2026, 10, 1), date(2027, 1, 1));
        check(&april_sunday, Cadence::Year, day, date(2026, 4, 1), date(2027, 4, 1));
        let february = calendar("UTC", Weekday::Monday, 2);
        check(&february, Cadence::Quarter, date(2026, 1, 31), date(2025, 11, 1), date(2026, 2, 1));
        check(&february, Cadence::Year, date(2026, 1, 31), date(2025, 2, 1), date(2026, 2, 1));
    }

    #[test]
    fn week_over_a_dst_change_has_169_or_167_hours() {
        let hours = |day| {
            let window = madrid().containing(Cadence::Week, day).window;
            window.end.duration_since(window.start).as_hours()
        };
        assert_eq!(hours(date(2026, 10, 25)), 169);
        assert_eq!(hours(date(2026, 3, 29)), 167);
    }

    #[test]
    fn day_without_midnight_begins_after_the_gap() {
        let cairo = calendar("Africa/Cairo", Weekday::Sunday, 7);
        let period = cairo.containing(Cadence::Day, date(2026, 4, 24));
        assert_eq!(period.window, Window { start: at("2026-04-23T22:00Z"), end: at("2026-04-24T21:00Z") });
    }

    #[test]
    fn last_complete_period_ended_at_or_before_the_instant() {
        // Monday 2026-11-16 00:00 in Madrid is 23:00 UTC of Sunday.
        let first = |at| madrid().last_complete(Cadence::Week, at).first;
        assert_eq!(first(at("2026-11-15T23:00:00Z")), date(2026, 11, 9));
        assert_eq!(first(at("2026-11-15T22:59:59Z")), date(2026, 11, 2));
        assert_eq!(madrid().last_complete(Cadence::Year, at("2026-11-16T07:00Z")).first, date(2025, 1, 1));
    }

    #[test]
    fn running_period_ends_at_the_instant() {
        let now = at("2026-11-18T09:30Z");
        let period = madrid().running(Cadence::Week, now);
        assert_eq!(
            (period.first, period.until, period.end),
            (date(2026, 11, 16), date(2026, 11, 19), date(2026, 11, 23))
        );
        assert_eq!(period.window, Window { start: at("2026-11-15T23:00Z"), end: now });
        assert!(period.running);
        assert_eq!(period.days().count(), 3);
        assert_eq!(period.last(), date(2026, 11, 18));
    }

    #[test]
    fn running_period_does_not_touch_the_day_that_begins_where_it_ends() {
        let monday = at("2026-11-15T23:00Z");
        let empty = madrid().running(Cadence::Week, monday);
        assert_eq!((empty.days().count(), empty.last()), (0, date(2026, 11, 16)));
        let month = madrid().running(Cadence::Month, monday);
        assert_eq!((month.days().count(), month.last()), (15, date(2026, 11, 15)));
    }

    #[test]
    fn clock_set_back_over_midnight_stays_in_the_new_day() {
        let newfoundland = calendar("America/St_Johns", Weekday::Monday, 1);
        // 2010-11-07 00:01 became 2010-11-06 23:01; this is the second 23:30.
        let period = newfoundland.running(Cadence::Day, at("2010-11-07T03:00Z"));
        assert_eq!((period.first, period.days().count()), (date(2010, 11, 7), 1));
    }

    #[test]
    fn days_of_the_cadence_are_counted() {
        let calendar = madrid();
        assert_eq!(calendar.days(Cadence::Day, date(2026, 3, 29)), 1);
        assert_eq!(calendar.days(Cadence::Week, date(2026, 3, 29)), 7);
        assert_eq!(calendar.days(Cadence::Month, date(2028, 2, 1)), 29);
        assert_eq!(calendar.days(Cadence::Quarter, date(2026, 2, 1)), 90);
        assert_eq!(calendar.days(Cadence::Year, date(2028, 2, 1)), 366);
    }

    #[test]
    fn sentinel_dates_do_not_panic() {
        for cadence in Cadence::ALL {
            for day in [Date::MIN, Date::MAX] {
                let period = calendar("Asia/Tokyo", Weekday::Sunday, 4).containing(cadence, day);
                assert!(period.window.start <= period.window.end);
            }
        }
    }
}
