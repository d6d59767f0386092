//! From one day or month to another, as CLDR's interval patterns write it: what both ends share stands once.

use super::{Dates, Order};
use icu_datetime::fieldsets::enums::{CalendarPeriodFieldSet, DateFieldSet};
use icu_datetime::fieldsets::{M, MD, YM, YMD};
use jiff::civil::Date;

impl Dates {
    /// `16–22 nov 2026`
    pub fn range_medium(&self, first: Date, last: Date) -> String {
        self.days(first, last, DateFieldSet::YMD(YMD::medium()), DateFieldSet::MD(MD::medium()))
    }

    /// `enero–marzo de 2026`, `abril de 2025 – marzo de 2026`
    pub fn months(&self, first: Date, last: Date) -> String {
        let full = |date| self.stretch(date, CalendarPeriodFieldSet::YM(YM::long()));
        let month = |date| self.stretch(date, CalendarPeriodFieldSet::M(M::long()));
        match (first.year() == last.year(), first.month() == last.month(), self.order) {
            (true, true, _) => full(first),
            (true, false, Order::Year) => format!("{}{}{}", full(first), self.close(), month(last)),
            (true, false, _) => format!("{}{}{}", month(first), self.close(), full(last)),
            (false, ..) => format!("{}{}{}", full(first), self.wide(), full(last)),
        }
    }

    pub(super) fn days(&self, first: Date, last: Date, full: DateFieldSet, in_year: DateFieldSet) -> String {
        match (first == last, first.year() == last.year(), first.month() == last.month()) {
            (true, ..) => self.date(last, full),
            (_, true, true) => self.within_month(first, last, full),
            (_, true, false) if self.order == Order::Year => {
                format!("{}{}{}", self.date(first, full), self.wide(), self.date(last, in_year))
            }
            (_, true, false) => format!("{}{}{}", self.date(first, in_year), self.wide(), self.date(last, full)),
            _ => format!("{}{}{}", self.date(first, full), self.wide(), self.date(last, full)),
        }
    }

    /// The date of `last` with both days in the place of its own.
    fn within_month(&self, first: Date, last: Date, full: DateFieldSet) -> String {
        let written = self.date(last, full);
        let Some((start, end)) = self.day_in(&written, last) else { return written };
        let (day, rest) = (&written[start..end], &written[end..]);
        // A dot or 日 belongs to each day, a comma to the date.
        let mark = rest.chars().next().filter(|c| matches!(c, '.' | '日' | '일')).map_or(String::new(), String::from);
        let zero = if day.chars().count() == 2 && first.day() < 10 && self.is_padded(full, last) { "0" } else { "" };
        let first = self.number(super::day_number(first));
        format!("{}{zero}{first}{mark}{}{day}{rest}", &written[..start], self.close())
    }

    /// Whether days below ten are written with two figures.
    fn is_padded(&self, full: DateFieldSet, date: Date) -> bool {
        let ninth = date.with().day(9).build().unwrap_or(date);
        self.date(ninth, full).contains("09")
    }

    /// Where the day of `date` stands in `written`: the figures that mean it, from the side on which days stand.
    fn day_in(&self, written: &str, date: Date) -> Option<(usize, usize)> {
        let day = self.number(super::day_number(date));
        let mut runs = Vec::new();
        let mut start = None;
        for (at, c) in written.char_indices().chain([(written.len(), ' ')]) {
            match (c.is_numeric(), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    runs.push((from, at));
                    start = None;
                }
                _ => {}
            }
        }
        let is_day = |(from, to): &(usize, usize)| {
            let run = &written[*from..*to];
            run == day || run.strip_prefix('0') == Some(&day)
        };
        if self.order == Order::Year { runs.into_iter().rfind(is_day) } else { runs.into_iter().find(is_day) }
    }

    pub(super) fn find_order(&self) -> Order {
        let date = Date::constant(2026, 11, 22);
        let written = self.date(date, DateFieldSet::YMD(YMD::long()));
        let at = |text: &str| written.find(text).unwrap_or(usize::MAX);
        let (day, year) = (at(&self.number(22)), at(&self.plain_year(date)));
        match () {
            () if year < day => Order::Year,
            // `November 22`; numeric months stand behind the day, but in the United States.
            () if day > 0 && written.chars().next().is_some_and(char::is_alphabetic) => Order::Month,
            () => Order::Day,
        }
    }

    /// Between two days of one month.
    fn close(&self) -> &'static str {
        let region = self.locale.id.region.map(|region| region.as_str().to_owned()).unwrap_or_default();
        match (self.locale.id.language.as_str(), region.as_str()) {
            ("en", "GB" | "US" | "") | ("pt", "BR" | "") => "\u{2009}–\u{2009}",
            ("ja", _) => "～",
            ("ko", _) => "~",
            _ => "–",
        }
    }

    /// Between dates of more than one word.
    fn wide(&self) -> &'static str {
        match self.locale.id.language.as_str() {
            "sv" | "da" | "nb" | "no" | "nn" => "–",
            "ja" => "～",
            "ko" => "~",
            "ar" | "he" | "ru" => " – ",
            _ => "\u{2009}–\u{2009}",
        }
    }
}
