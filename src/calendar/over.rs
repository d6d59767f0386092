//! `over:` windows wider than the report's period.

use super::instant::first_instant;
use super::period::{Cadence, Calendar, Over, Period, PeriodError, Window};
use jiff::ToSpan;
use std::fmt;
use std::str::FromStr;

impl Calendar {
    /// The window of `over` that ends where `period` does.
    ///
    /// Trailing days, weeks and months are counted back on the calendar from the day after the last one, so three months
    /// up to 31 May begin on 1 March, not on the 3rd; from a running period they begin at its time of day. Month, quarter
    /// and year to date begin with the month, fiscal quarter or fiscal year that holds the period's last day: the month
    /// to date of a quarter is its last month.
    pub fn window(&self, over: Over, period: Period) -> Window {
        let end = if period.running { self.zone.to_datetime(period.window.end) } else { period.end.into() };
        let trailing = |span| first_instant(&self.zone, end.saturating_sub(span));
        let to_date = |cadence| self.containing(cadence, period.last()).window.start;
        let start = match over {
            Over::TrailingDays(n) => trailing(i64::from(n).days()),
            Over::TrailingWeeks(n) => trailing(i64::from(n).weeks()),
            Over::TrailingMonths(n) => trailing(i64::from(n).months()),
            Over::MonthToDate => to_date(Cadence::Month),
            Over::QuarterToDate => to_date(Cadence::Quarter),
            Over::YearToDate => to_date(Cadence::Year),
        };
        Window { start, end: period.window.end }
    }
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Over::TrailingDays(n) => (n, "day"),
            Over::TrailingWeeks(n) => (n, "week"),
            Over::TrailingMonths(n) => (n, "month"),
            Over::MonthToDate => return f.write_str("month_to_date"),
            Over::QuarterToDate => return f.write_str("quarter_to_date"),
            Over::YearToDate => return f.write_str("year_to_date"),
        };
        write!(f, "trailing {n} {unit}{}", if *n == 1 { "" } else { "s" })
    }
}

impl FromStr for Over {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let over = match words[..] {
            ["month_to_date"] => Some(Over::MonthToDate),
            ["quarter_to_date"] => Some(Over::QuarterToDate),
            ["year_to_date"] => Some(Over::YearToDate),
            ["trailing", n, unit] => trailing(n, unit),
            _ => None,
        };
        over.ok_or_else(|| {
            PeriodError(format!(
                "`{text}` is no window; accepted: trailing 90 days, trailing 12 weeks, trailing 3 months, \
                 month_to_date, quarter_to_date, year_to_date"
            ))
        })
    }
}

fn trailing(n: &str, unit: &str) -> Option<Over> {
    let n = n.parse().ok().filter(|n| *n > 0)?;
    match unit {
        "day" | "days" => Some(Over::TrailingDays(n)),
        "week" | "weeks" => Some(Over::TrailingWeeks(n)),
        "month" | "months" => Some(Over::TrailingMonths(n)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{DateTime, Weekday};
    use jiff::tz::TimeZone;

    fn april() -> Calendar {
        Calendar { zone: TimeZone::get("Europe/Madrid").unwrap(), week_starts: Weekday::Monday, fiscal_year_starts: 4 }
    }

    fn assert_window(over: &str, period: Period, start: &str, end: &str) {
        let window = april().window(over.parse().unwrap(), period);
        let wall = |at| april().zone.to_datetime(at);
        let expected = (start.parse::<DateTime>().unwrap(), end.parse::<DateTime>().unwrap());
        assert_eq!((wall(window.start), wall(window.end)), expected, "{over} of {period:?}");
    }

    fn check(over: &str, label: &str, start: &str, end: &str) {
        assert_window(over, april().parse(label).unwrap(), start, end);
    }

    #[test]
    fn trailing_windows_never_lose_the_31st() {
        check("trailing 3 months", "2026-05", "2026-03-01", "2026-06-01");
        check("trailing 1 month", "2026-02-28", "2026-02-01", "2026-03-01");
        check("trailing 12 months", "2028-02-29", "2027-03-01", "2028-03-01");
        check("trailing 1 month", "2026-12-31", "2026-12-01", "2027-01-01");
        check("trailing 12 weeks", "2026-W46", "2026-08-24", "2026-11-16");
        check("trailing 90 days", "2026-11-15", "2026-08-18", "2026-11-16");
    }

    #[test]
    fn windows_to_date_begin_with_what_holds_the_last_day() {
        // Week 40 of 2026 runs from Monday 28 September to Sunday 4 October.
        check("month_to_date", "2026-W40", "2026-10-01", "2026-10-05");
        check("quarter_to_date", "2026-W40", "2026-10-01", "2026-10-05");
        check("year_to_date", "2026-W40", "2026-04-01", "2026-10-05");
        check("year_to_date", "2026-03", "2025-04-01", "2026-04-01");
        check("month_to_date", "2027-Q2", "2026-09-01", "2026-10-01");
    }

    #[test]
    fn running_period_keeps_its_time_of_day() {
        let now = "2026-10-26T08:30Z".parse().unwrap();
        let week = april().running(Cadence::Week, now);
        assert_window("trailing 7 days", week, "2026-10-19T09:30", "2026-10-26T09:30");
        assert_window("trailing 1 month", week, "2026-09-26T09:30", "2026-10-26T09:30");
        assert_window("month_to_date", week, "2026-10-01", "2026-10-26T09:30");
    }

    #[test]
    fn running_period_that_begins_now_is_empty_to_date() {
        let midnight = "2026-10-31T23:00Z".parse().unwrap();
        let month = april().running(Cadence::Month, midnight);
        assert_window("month_to_date", month, "2026-11-01", "2026-11-01");
    }

    #[test]
    fn window_prints_as_it_is_read() {
        for text in [
            "trailing 1 day",
            "trailing 90 days",
            "trailing 1 week",
            "trailing 12 weeks",
            "trailing 3 months",
            "month_to_date",
            "quarter_to_date",
            "year_to_date",
        ] {
            assert_eq!(text.parse::<Over>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refusal_says_what_is_accepted() {
        for text in
            ["", "trailing", "trailing 0 days", "trailing -3 days", "trailing 3 years", "trailing 70000 days", "mtd"]
        {
            let error = text.parse::<Over>().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "`{text}` is no window; accepted: trailing 90 days, trailing 12 weeks, trailing 3 months, \
                     month_to_date, quarter_to_date, year_to_date"
                )
            );
        }
    }
}
