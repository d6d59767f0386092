//! Machine labels of periods: `2026-W46`, `2026-10`, `2026-Q3`, `2026`, `2026-11-16`.
//!
//! What `--period` takes and what stored rows and file names carry. Labels in words are the report's.

use super::period::{Cadence, Calendar, Period, PeriodError};
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};

const ACCEPTED: &str =
    "2026-W46 (week), 2026-10 (month), 2026-Q3 (quarter), 2026 (year), 2026-11-16 (day), of the years 1900 to 2999";

impl Calendar {
    /// The whole period that a label names; the inverse of [`Period::label`].
    ///
    /// # Errors
    /// The text has none of these forms, or names a week, month or day that the year does not have.
    pub fn parse(&self, text: &str) -> Result<Period, PeriodError> {
        let label = text.trim().to_ascii_uppercase();
        let parts: Vec<&str> = label.split('-').collect();
        let malformed = || PeriodError(format!("`{text}` is no period; accepted: {ACCEPTED}"));
        let absent = |why: String| PeriodError(format!("`{text}`: {why}"));

        let year = digits(parts[0], 4).filter(|year| (1900..=2999).contains(year)).ok_or_else(malformed)?;
        let (cadence, day) = match parts[1..] {
            [] => (Cadence::Year, Some(self.fiscal_year(year))),
            [part] if part.starts_with('W') => {
                let number = digits(&part[1..], 2).ok_or_else(malformed)?;
                let first = self.week(year, number).ok_or_else(|| absent(self.weeks_of(year)))?;
                (Cadence::Week, Some(first))
            }
            [part] if part.starts_with('Q') => {
                let number = digits(&part[1..], 1).ok_or_else(malformed)?;
                let in_year = (1..=4).contains(&number);
                (Cadence::Quarter, in_year.then(|| self.fiscal_year(year) + (3 * (number - 1)).months()))
            }
            [part] => {
                let month = digits(part, 2).ok_or_else(malformed)?;
                (Cadence::Month, civil(year, month, 1))
            }
            [month, day] => {
                let (month, day) = digits(month, 2).zip(digits(day, 2)).ok_or_else(malformed)?;
                (Cadence::Day, civil(year, month, day))
            }
            _ => return Err(malformed()),
        };
        let day = day.ok_or_else(|| absent(format!("there is no such {cadence}")))?;
        Ok(self.containing(cadence, day))
    }

    /// The first day of the fiscal year named `year`, the calendar year in which it ends.
    fn fiscal_year(&self, year: i16) -> Date {
        let begins = if self.fiscal_year_starts == 1 { year } else { year - 1 };
        Date::constant(begins, self.fiscal_year_starts, 1)
    }

    fn weeks_of(&self, year: i16) -> String {
        let last = if self.week(year, 53).is_some() { 53 } else { 52 };
        format!("{year} has the weeks W01 to W{last}")
    }
}

impl Calendar {
    /// The instant that `text` means: 2026-11-16, 2026-11-16T08:00, both on the clock of the calendar's zone, or
    /// 2026-11-16T08:00:00Z.
    ///
    /// # Errors
    /// It means none.
    pub fn moment(&self, text: &str) -> Result<Timestamp, PeriodError> {
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(instant);
        }
        let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(Into::into));
        let accepted = "accepted: 2026-11-16, 2026-11-16T08:00 or 2026-11-16T08:00:00Z";
        let local = local.map_err(|_| PeriodError(format!("`{text}` is no time; {accepted}")))?;
        let zoned = local.to_zoned(self.zone.clone());
        zoned.map(|zoned| zoned.timestamp()).map_err(|_| PeriodError(format!("`{text}` is too far away")))
    }
}

impl Period {
    /// The label that [`Calendar::parse`] reads back as the whole period. Week, quarter and year are those of `calendar`.
    pub fn label(&self, calendar: &Calendar) -> String {
        let first = self.first;
        match self.cadence {
            Cadence::Day => first.to_string(),
            Cadence::Week => {
                let (year, number) = Calendar::week_number(first);
                format!("{year:04}-W{number:02}")
            }
            Cadence::Month => format!("{:04}-{:02}", first.year(), first.month()),
            Cadence::Quarter => {
                let year = calendar.containing(Cadence::Year, first);
                let months = i32::from(first.month() - calendar.fiscal_year_starts).rem_euclid(12);
                format!("{:04}-Q{}", year.last().year(), months / 3 + 1)
            }
            Cadence::Year => format!("{:04}", calendar.containing(Cadence::Year, first).last().year()),
        }
    }
}

/// Exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<i16> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use jiff::tz::TimeZone;

    fn calendar(week_starts: Weekday, fiscal_year_starts: i8) -> Calendar {
        Calendar { zone: TimeZone::UTC, week_starts, fiscal_year_starts }
    }

    fn check(calendar: &Calendar, label: &str, first: Date, end: Date) {
        let period = calendar.parse(label).unwrap();
        assert_eq!((period.first, period.end), (first, end), "{label}");
        assert_eq!(period.label(calendar), label);
    }

    #[test]
    fn labels_name_periods() {
        let calendar = calendar(Weekday::Monday, 1);
        check(&calendar, "2026-11-16", date(2026, 11, 16), date(2026, 11, 17));
        check(&calendar, "2026-W46", date(2026, 11, 9), date(2026, 11, 16));
        check(&calendar, "2026-W53", date(2026, 12, 28), date(2027, 1, 4));
        check(&calendar, "2026-W01", date(2025, 12, 29), date(2026, 1, 5));
        check(&calendar, "2026-10", date(2026, 10, 1), date(2026, 11, 1));
        check(&calendar, "2026-Q3", date(2026, 7, 1), date(2026, 10, 1));
        check(&calendar, "2026", date(2026, 1, 1), date(2027, 1, 1));
    }

    #[test]
    fn fiscal_years_are_named_after_the_year_in_which_they_end() {
        let april = calendar(Weekday::Monday, 4);
        check(&april, "2026", date(2025, 4, 1), date(2026, 4, 1));
        check(&april, "2026-Q1", date(2025, 4, 1), date(2025, 7, 1));
        check(&april, "2026-Q4", date(2026, 1, 1), date(2026, 4, 1));
        check(&april, "2026-01", date(2026, 1, 1), date(2026, 2, 1));
    }

    #[test]
    fn weeks_with_another_first_day_follow_their_fourth_day() {
        let sunday = calendar(Weekday::Sunday, 1);
        // The fourth day, Wednesday 31 December 2025, puts it into 2025.
        check(&sunday, "2025-W53", date(2025, 12, 28), date(2026, 1, 4));
        check(&sunday, "2026-W01", date(2026, 1, 4), date(2026, 1, 11));
    }

    #[test]
    fn lower_case_is_accepted() {
        let calendar = calendar(Weekday::Monday, 1);
        assert_eq!(calendar.parse(" 2026-w46 "), calendar.parse("2026-W46"));
    }

    fn refused(text: &str, expected: &str) {
        let error = calendar(Weekday::Monday, 1).parse(text).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn refusal_says_what_is_accepted() {
        for text in
            ["", "last week", "26", "20260", "2026-W6", "2026-1", "2026-Q", "2026-+1", "1-2-3-4", "0026", "2026-é"]
        {
            refused(text, &format!("`{text}` is no period; accepted: {ACCEPTED}"));
        }
    }

    #[test]
    fn refusal_says_what_the_year_has() {
        refused("2027-W53", "`2027-W53`: 2027 has the weeks W01 to W52");
        refused("2026-W54", "`2026-W54`: 2026 has the weeks W01 to W53");
        refused("2026-W00", "`2026-W00`: 2026 has the weeks W01 to W53");
        refused("2026-13", "`2026-13`: there is no such month");
        refused("2026-Q5", "`2026-Q5`: there is no such quarter");
        refused("2026-02-29", "`2026-02-29`: there is no such day");
    }
}
