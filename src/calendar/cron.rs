//! From five cron fields to a pattern over wall time.
//!
//! croner matches dates and times; this module gives it numbers only, one checked field after the other. Left to itself
//! croner takes a month's name in the weekday field for a number (`MAY` is Friday) and names no field in its errors.

use super::schedule::ScheduleError;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::date;

/// A field: its name, what it accepts, and names for its numbers, counted from `first`.
struct Field {
    name: &'static str,
    accepted: &'static str,
    names: &'static [&'static str],
    first: usize,
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", accepted: "0–59", names: &[], first: 0 },
    Field { name: "hour", accepted: "0–23", names: &[], first: 0 },
    Field {
        name: "day of month",
        accepted: "1–31, `L` (last day), `LW` (last workday), `15W` (workday nearest to the 15th)",
        names: &[],
        first: 0,
    },
    Field {
        name: "month",
        accepted: "1–12 or JAN–DEC",
        names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        first: 1,
    },
    Field {
        name: "weekday",
        accepted: "0–7 or SUN–SAT (0 and 7 are Sunday), `MON#1` (first Monday), `FRI#L` (last Friday)",
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        first: 0,
    },
];

/// Minute, hour, day of month, month and weekday, in crontab's dialect with `L`, `W` and `#`.
///
/// Day of month and weekday both given: either suffices, unless one of them begins with `*` (Vixie's rule).
///
/// # Errors
/// Another number of fields, a field that can't be read, or a date that no year has.
pub(super) fn parse(text: &str) -> Result<Cron, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let Ok(fields) = <[&str; 5]>::try_from(fields.as_slice()) else { return Err(wrong_count(text, &fields)) };
    let mut numbers = Vec::with_capacity(5);
    for (i, (field, rule)) in fields.iter().zip(&FIELDS).enumerate() {
        let number = rule.numbers(field).filter(|number| readable(i, number));
        numbers.push(number.ok_or_else(|| rule.error(text, field))?);
    }
    let both_days = numbers[2].starts_with('*') || numbers[4].starts_with('*');
    let cron =
        parser(both_days).parse(&numbers.join(" ")).map_err(|error| ScheduleError::new(text, &error.to_string()))?;
    // croner searches up to the year 5000.
    match cron.find_next_occurrence(&date(2000, 1, 1).at(0, 0, 0, 0), true) {
        Ok(_) => Ok(cron),
        Err(_) => Err(ScheduleError::new(text, "no year has such a date")),
    }
}

fn wrong_count(text: &str, fields: &[&str]) -> ScheduleError {
    let mut error = ScheduleError::new(
        text,
        &format!("cron has 5 fields (minute, hour, day of month, month, weekday), this has {}", fields.len()),
    );
    if fields.len() == 6 {
        let without_seconds = fields[1..].join(" ");
        error.help = Some(format!("there are no seconds; leave the first field out: `{without_seconds}`"));
    }
    error
}

fn parser(both_days: bool) -> CronParser {
    CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).dom_and_dow(both_days).build()
}

/// Whether the field alone, all others `*`, is a pattern.
fn readable(i: usize, field: &str) -> bool {
    let mut alone = ["*"; 5];
    alone[i] = field;
    field.split(',').all(|item| !item.is_empty()) && parser(false).parse(&alone.join(" ")).is_ok()
}

impl Field {
    /// `field` with names replaced by numbers; `None` when it holds a word that is no name of this field.
    fn numbers(&self, field: &str) -> Option<String> {
        let field = field.to_ascii_uppercase();
        let mut numbers = String::new();
        for token in field.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            let word = token.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            match self.names.iter().position(|name| *name == word) {
                // A range ends with Sunday as 7, so that `FRI-SUN` ascends.
                Some(0) if self.first == 0 && numbers.ends_with('-') => numbers.push('7'),
                Some(i) => numbers.push_str(&(i + self.first).to_string()),
                // Of letters croner itself reads L and W.
                None if word.bytes().all(|b| b.is_ascii_digit() || b == b'L' || b == b'W') => numbers.push_str(word),
                None => return None,
            }
            numbers.push_str(&token[word.len()..]);
        }
        Some(numbers)
    }

    fn error(&self, text: &str, field: &str) -> ScheduleError {
        let mut error = ScheduleError::new(text, &format!("`{field}` is no {}", self.name));
        error.help = Some(format!(
            "accepted: {}; lists `1,15`, ascending ranges `1-5`, steps `*/5` or `10-50/5`, any `*`",
            self.accepted
        ));
        error
    }
}

/// The fields for which one of crontab's nicknames stands.
///
/// # Errors
/// crontab has no such nickname, or it is no time (`@reboot`).
pub(super) fn nickname(text: &str) -> Result<&'static str, ScheduleError> {
    match text.to_ascii_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(ScheduleError::new(text, "there is no such nickname")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text).unwrap().pattern.to_string(), expected);
    }

    #[test]
    fn names_become_numbers_in_their_own_field() {
        check("0 8 * * MON", "0 8 * * 1");
        check("0 8 * jan-Mar tue,thu", "0 8 * 1-3 2,4");
        check("0 8 * * fri-sun", "0 8 * * 5-7");
        check("0 8 * * mon#1", "0 8 * * 1#1");
        check("0 8 * * fri#L", "0 8 * * 5#L");
        check("*/15 8-18/2 L * *", "*/15 8-18/2 L * *");
    }

    fn refused(text: &str, message: &str, help: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!(error.message, format!("`{text}` is no schedule: {message}"));
        let actual = error.help.unwrap();
        assert!(actual.contains(help), "{actual}");
    }

    #[test]
    fn refusal_names_the_field_and_what_it_accepts() {
        refused("60 8 * * *", "`60` is no minute", "accepted: 0–59;");
        refused("0 24 * * *", "`24` is no hour", "accepted: 0–23;");
        refused("0 8 32 * *", "`32` is no day of month", "`LW` (last workday)");
        refused("0 8 0 * *", "`0` is no day of month", "1–31");
        refused("0 8 * 13 *", "`13` is no month", "1–12 or JAN–DEC");
        refused("0 8 * * 8", "`8` is no weekday", "0–7 or SUN–SAT");
        refused("0 8 * * MAY", "`MAY` is no weekday", "SUN–SAT");
        refused("0 8 * MON *", "`MON` is no month", "JAN–DEC");
        refused("0 8 MON * *", "`MON` is no day of month", "1–31");
        refused("0 8 * * 1SUN", "`1SUN` is no weekday", "SUN–SAT");
        refused("0 22-2 * * *", "`22-2` is no hour", "ascending ranges");
        refused("0,, 8 * * *", "`0,,` is no minute", "lists");
        refused("5/10 8 * * *", "`5/10` is no minute", "steps `*/5` or `10-50/5`");
        refused("*/0 8 * * *", "`*/0` is no minute", "steps");
        refused("0 8 * * MON#6", "`MON#6` is no weekday", "MON#1");
        refused("é 8 * * *", "`é` is no minute", "0–59");
    }

    #[test]
    fn seconds_are_refused_with_a_hint() {
        let counted = |n| format!("cron has 5 fields (minute, hour, day of month, month, weekday), this has {n}");
        refused("0 0 8 * * MON", &counted(6), "there are no seconds; leave the first field out: `0 8 * * MON`");
        refused("0 8 * *", &counted(4), "mondays at 08:00");
    }

    #[test]
    fn dates_that_no_year_has_are_refused() {
        for text in ["0 8 30 2 *", "0 8 31 2,4,6,9,11 *", "0 8 31W 2 *"] {
            refused(text, "no year has such a date", "mondays at 08:00");
        }
        check("0 8 29 2 *", "0 8 29 2 *");
        check("0 8 30 2 MON", "0 8 30 2 1");
    }
}
