//! Days, times and periods as a reader writes them.
//!
//! In: civil dates and times, [`Period`]s of a [`Calendar`]. Out: words. Names and order of day, month and year are CLDR's (ICU4X); its
//! ranges are not in the stable part, so a range is made of its two ends here, as CLDR's interval patterns do. What stands around
//! (`week 47`, `4th quarter of 2026`) is in the messages. All dates are Gregorian: so are the periods.

mod range;
#[cfg(test)]
mod tests;

use super::format::UnknownLocale;
use super::texts::{Arg, Texts};
use crate::calendar::{Cadence, Calendar, Period};
use crate::text::cldr;
use fixed_decimal::Decimal;
use icu_calendar::Gregorian;
use icu_datetime::fieldsets::enums::{CalendarPeriodFieldSet, DateFieldSet};
use icu_datetime::fieldsets::{E, MD, T, Y, YM, YMD};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;
use jiff::civil::{Date, DateTime, Time};

/// Writes dates for one reader.
#[derive(Debug)]
pub struct Dates {
    texts: Texts,
    locale: Locale,
    digits: DecimalFormatter,
    order: Order,
}

/// What a date begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Day,
    Month,
    Year,
}

impl Dates {
    /// Dates that fit among `texts`: of `locale` if that is of the same language, else of the language's own usual locale, since a
    /// Spanish month has no place in an English sentence.
    ///
    /// # Errors
    /// `locale` is none, or CLDR knows nothing of it.
    pub fn new(texts: &Texts, locale: &str) -> Result<Dates, UnknownLocale> {
        let unknown = || UnknownLocale(locale.to_owned());
        let own = cldr::locale(locale).ok_or_else(unknown)?;
        let language = texts.language();
        let locale = match own.id.language.as_str() == language {
            true => own,
            false => cldr::locale(cldr::default_locale(language)).unwrap_or(own),
        };
        let digits = DecimalFormatter::try_new((&locale).into(), Default::default()).map_err(|_| unknown())?;
        let mut dates = Dates { texts: texts.clone(), locale, digits, order: Order::Day };
        dates.order = dates.find_order();
        Ok(dates)
    }

    /// `16 de noviembre de 2026`, `November 16, 2026`
    pub fn long(&self, date: Date) -> String {
        self.date(date, DateFieldSet::YMD(YMD::long()))
    }

    /// `16 nov 2026`
    pub fn medium(&self, date: Date) -> String {
        self.date(date, DateFieldSet::YMD(YMD::medium()))
    }

    /// `16 de noviembre`
    pub fn day_month(&self, date: Date) -> String {
        self.date(date, DateFieldSet::MD(MD::long()))
    }

    /// `16 nov`: for the ends of a chart.
    pub fn day_month_short(&self, date: Date) -> String {
        self.date(date, DateFieldSet::MD(MD::medium()))
    }

    /// `noviembre de 2026`
    pub fn month(&self, date: Date) -> String {
        self.stretch(date, CalendarPeriodFieldSet::YM(YM::long()))
    }

    /// `nov 2026`
    pub fn month_short(&self, date: Date) -> String {
        self.stretch(date, CalendarPeriodFieldSet::YM(YM::medium()))
    }

    /// `lunes`
    pub fn weekday(&self, date: Date) -> String {
        self.date(date, DateFieldSet::E(E::long()))
    }

    /// `lunes 16 de noviembre de 2026`
    pub fn day(&self, date: Date) -> String {
        self.texts.say(
            "period-day",
            &[
                ("weekday", self.weekday(date).into()),
                ("date", self.long(date).into()),
                ("order", self.order.word().into()),
            ],
        )
    }

    /// `9:30`, `9:30 AM`
    pub fn time(&self, time: Time) -> String {
        let [hour, minute] = [time.hour(), time.minute()].map(|part| u8::try_from(part).unwrap_or(0));
        let formatter = NoCalendarFormatter::try_new((&self.locale).into(), T::hm());
        let time = icu_datetime::input::Time::try_new(hour, minute, 0, 0);
        formatter.ok().zip(time.ok()).map_or(String::new(), |(formatter, time)| formatter.format(&time).to_string())
    }

    /// `23 de noviembre de 2026, 8:00`
    pub fn moment(&self, at: DateTime) -> String {
        self.at(self.long(at.date()), at.time())
    }

    /// `miércoles 18, 9:30`: of a day whose month is known.
    pub fn moment_in_month(&self, at: DateTime) -> String {
        let day = match self.order {
            Order::Day => self.number(day_number(at.date())),
            Order::Month | Order::Year => self.day_month(at.date()),
        };
        self.at(self.weekday_with(at.date(), day), at.time())
    }

    fn at(&self, day: String, time: Time) -> String {
        self.texts.say("moment", &[("day", day.into()), ("time", self.time(time).into())])
    }

    fn weekday_with(&self, date: Date, day: String) -> String {
        self.texts.say(
            "weekday-day",
            &[("weekday", self.weekday(date).into()), ("day", day.into()), ("order", self.order.word().into())],
        )
    }

    /// `period` in a line: `lunes 16 a domingo 22 de noviembre de 2026 · semana 47`, `4.º trimestre de 2026`; a running one with how
    /// far it has come.
    pub fn period(&self, period: &Period, calendar: &Calendar) -> String {
        let whole = match period.cadence {
            Cadence::Day => self.day(period.first),
            Cadence::Week => {
                let days = self.week(period.first, before(period.end));
                self.texts.say(
                    "period-week",
                    &[("days", days.into()), ("number", self.number(number(period, calendar)).into())],
                )
            }
            Cadence::Month => self.month(period.first),
            Cadence::Quarter => self.fiscal("quarter", period, calendar),
            Cadence::Year => self.year(period, calendar),
        };
        if !period.running {
            return whole;
        }
        let until = self.until(period, calendar);
        self.texts.say("period-running", &[("period", whole.into()), ("until", until.into())])
    }

    /// The same for a subject or a table: `16–22 nov 2026`, `T4 2026`, `nov 2026`. Of a running one the days it has touched.
    pub fn period_short(&self, period: &Period, calendar: &Calendar) -> String {
        match period.cadence {
            Cadence::Day => self.medium(period.first),
            Cadence::Week => self.range_medium(period.first, period.last()),
            _ if period.running => self.range_medium(period.first, period.last()),
            Cadence::Month => self.month_short(period.first),
            Cadence::Quarter => self.fiscal("quarter-short", period, calendar),
            Cadence::Year if calendar.fiscal_year_starts == 1 => self.plain_year(period.first),
            Cadence::Year => self.fiscal("year-short", period, calendar),
        }
    }

    /// A period beneath a chart: `16 nov` of the day or week that begins then, else as short as it is.
    pub fn tick(&self, period: &Period, calendar: &Calendar) -> String {
        match period.cadence {
            Cadence::Day | Cadence::Week => self.day_month_short(period.first),
            _ => self.period_short(period, calendar),
        }
    }

    /// How far a running period has come: `miércoles 18, 9:30`.
    pub fn until(&self, period: &Period, calendar: &Calendar) -> String {
        let until = calendar.zone.to_datetime(period.window.end);
        match period.cadence {
            Cadence::Day | Cadence::Week | Cadence::Month => self.moment_in_month(until),
            Cadence::Quarter | Cadence::Year => self.moment(until),
        }
    }

    fn week(&self, first: Date, last: Date) -> String {
        let span = match (first.year() == last.year(), first.month() == last.month()) {
            (true, true) => "month",
            (true, false) => "year",
            (false, _) => "years",
        };
        let arguments: [(&str, Arg); 8] = [
            ("order", self.order.word().into()),
            ("span", span.into()),
            ("first-weekday", self.weekday(first).into()),
            ("first-day", self.number(day_number(first)).into()),
            ("first-month", self.day_month(first).into()),
            ("first-date", self.long(first).into()),
            ("last-weekday", self.weekday(last).into()),
            ("last-date", self.long(last).into()),
        ];
        self.texts.say("week-days", &arguments)
    }

    fn year(&self, period: &Period, calendar: &Calendar) -> String {
        match calendar.fiscal_year_starts {
            1 => self.plain_year(period.first),
            _ => self.fiscal("year", period, calendar),
        }
    }

    /// `period-quarter` or, where years don't begin in January, `period-fiscal-quarter`, and likewise for the others.
    fn fiscal(&self, what: &str, period: &Period, calendar: &Calendar) -> String {
        let year = calendar.containing(Cadence::Year, period.first).last();
        let mut arguments = vec![("year", self.plain_year(year).into())];
        if period.cadence == Cadence::Quarter {
            let number = number(period, calendar);
            arguments.push(("number", Arg::count(number, self.number(number))));
        }
        let fiscal = calendar.fiscal_year_starts != 1;
        if fiscal && !what.ends_with("short") {
            arguments.push(("months", self.months(period.first, before(period.end)).into()));
        }
        let id = if fiscal { format!("period-fiscal-{what}") } else { format!("period-{what}") };
        self.texts.say(&id, &arguments)
    }

    fn number(&self, number: usize) -> String {
        self.digits.format(&Decimal::from(number)).to_string()
    }

    fn plain_year(&self, day: Date) -> String {
        self.stretch(day, CalendarPeriodFieldSet::Y(Y::medium()))
    }

    fn date(&self, date: Date, fields: DateFieldSet) -> String {
        let formatter = FixedCalendarDateTimeFormatter::try_new((&self.locale).into(), fields);
        let written = formatter.ok().zip(gregorian(date)).map(|(formatter, date)| formatter.format(&date).to_string());
        written.unwrap_or_else(|| date.to_string())
    }

    fn stretch(&self, date: Date, fields: CalendarPeriodFieldSet) -> String {
        // In CLDR 48 as ICU4X 2.4 has it, Brazil's pattern for `novembro de 2026` is faulty; Portugal's is the same.
        let faulty = self.locale.id.language.as_str() == "pt" && fields == CalendarPeriodFieldSet::YM(YM::long());
        let portugal = faulty.then(|| cldr::locale("pt-PT")).flatten();
        let formatter =
            FixedCalendarDateTimeFormatter::try_new(portugal.as_ref().unwrap_or(&self.locale).into(), fields);
        let written = formatter.ok().zip(gregorian(date)).map(|(formatter, date)| formatter.format(&date).to_string());
        written.unwrap_or_else(|| date.to_string())
    }
}

/// Of the week or quarter in its year: the last figures of `2026-W46`.
fn number(period: &Period, calendar: &Calendar) -> usize {
    let label = period.label(calendar);
    label.rsplit(['W', 'Q']).next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The day before the one with which the next period begins.
fn before(end: Date) -> Date {
    end.yesterday().unwrap_or(end)
}

fn day_number(date: Date) -> usize {
    usize::try_from(date.day()).unwrap_or(0)
}

fn gregorian(date: Date) -> Option<icu_calendar::Date<Gregorian>> {
    let [month, day] = [date.month(), date.day()].map(|part| u8::try_from(part).unwrap_or(1));
    icu_calendar::Date::try_new_gregorian(date.year().into(), month, day).ok()
}

impl Order {
    fn word(self) -> &'static str {
        match self {
            Order::Day => "day",
            Order::Month => "month",
            Order::Year => "year",
        }
    }
}
