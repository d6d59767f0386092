//! Schedules in words: `mondays at 08:00`, `last workday of month at 18:00`.
//!
//! Words become cron fields, so that there is one meaning for both. Deliberately few forms; anything else is refused with
//! a list of them rather than guessed at.

use super::schedule::ScheduleError;

/// Words that make a sentence nicer and mean nothing.
const FILLERS: [&str; 7] = ["every", "each", "on", "of", "the", "and", "a"];

const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The five cron fields that say the same as `text`.
///
/// # Errors
/// No ` at `, no time of day after it, or no day that is known before it.
pub(super) fn cron_fields(text: &str) -> Result<String, ScheduleError> {
    let lower = text.to_ascii_lowercase();
    let (days, time) =
        lower.rsplit_once(" at ").ok_or_else(|| ScheduleError::new(text, "a time of day is missing (`… at 08:00`)"))?;
    let (hour, minute) = time_of_day(time.trim())
        .ok_or_else(|| ScheduleError::new(text, &format!("`{}` is no time of day (00:00–23:59)", time.trim())))?;
    let day_fields = day_fields(days)
        .ok_or_else(|| ScheduleError::new(text, &format!("`{}` is no day that is known", days.trim())))?;
    Ok(format!("{minute} {hour} {day_fields}"))
}

fn time_of_day(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let well_formed = (1..=2).contains(&hour.len()) && minute.len() == 2 && digits(hour) && digits(minute);
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    (well_formed && hour < 24 && minute < 60).then_some((hour, minute))
}

/// Day of month, month and weekday.
fn day_fields(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split([' ', ',', '\t']).filter(|word| !word.is_empty() && !FILLERS.contains(word)).collect();
    match words[..] {
        ["day" | "days" | "daily"] => Some("* * *".into()),
        ["weekday" | "weekdays" | "workday" | "workdays"] => Some("* * 1-5".into()),
        ["weekend" | "weekends"] => Some("* * 0,6".into()),
        ["first", "day", unit] => Some(format!("1 {} *", first_month(unit)?)),
        ["last", "day", unit] => Some(format!("L {} *", last_month(unit)?)),
        ["first", "workday" | "weekday", unit] => Some(format!("1W {} *", first_month(unit)?)),
        ["last", "workday" | "weekday", unit] => Some(format!("LW {} *", last_month(unit)?)),
        [nth, day, "month"] if ordinal(nth).is_some() => Some(format!("* * {}#{}", weekday(day)?, ordinal(nth)?)),
        ["day" | "days", ref numbers @ .., "month"] | ["day" | "days", ref numbers @ ..] => {
            Some(format!("{} * *", list(numbers, day_of_month)?))
        }
        ref days => Some(format!("* * {}", list(days, weekday)?)),
    }
}

/// Every word read by `number`, as a cron list; `None` without any word.
fn list(words: &[&str], number: impl Fn(&str) -> Option<usize>) -> Option<String> {
    let numbers: Option<Vec<String>> = words.iter().map(|word| Some(number(word)?.to_string())).collect();
    numbers.filter(|numbers| !numbers.is_empty()).map(|numbers| numbers.join(","))
}

fn day_of_month(word: &str) -> Option<usize> {
    word.parse().ok().filter(|day| (1..=31).contains(day))
}

/// `monday`, `mondays` or `mon`; Sunday is 0.
fn weekday(word: &str) -> Option<usize> {
    WEEKDAYS.iter().position(|day| word == *day || word.strip_suffix('s') == Some(day) || word == &day[..3])
}

fn ordinal(word: &str) -> Option<&'static str> {
    match word {
        "first" => Some("1"),
        "second" => Some("2"),
        "third" => Some("3"),
        "fourth" => Some("4"),
        "last" => Some("L"),
        _ => None,
    }
}

/// The months with which months, calendar quarters or calendar years begin.
fn first_month(unit: &str) -> Option<&'static str> {
    match unit {
        "month" => Some("*"),
        "quarter" => Some("1,4,7,10"),
        "year" => Some("1"),
        _ => None,
    }
}

fn last_month(unit: &str) -> Option<&'static str> {
    match unit {
        "month" => Some("*"),
        "quarter" => Some("3,6,9,12"),
        "year" => Some("12"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(cron_fields(text).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn words_become_cron_fields() {
        check("mondays at 08:00", "0 8 * * 1");
        check("every Monday at 8:00", "0 8 * * 1");
        check("mon, wed and fri at 7:05", "5 7 * * 1,3,5");
        check("mondays and thursdays at 08:00", "0 8 * * 1,4");
        check("on sundays at 23:59", "59 23 * * 0");
        check("daily at 08:00", "0 8 * * *");
        check("every day at 00:00", "0 0 * * *");
        check("weekdays at 07:30", "30 7 * * 1-5");
        check("every weekday at 07:30", "30 7 * * 1-5");
        check("weekends at 10:00", "0 10 * * 0,6");
        check("day 5 at 09:00", "0 9 5 * *");
        check("day 5 of the month at 09:00", "0 9 5 * *");
        check("days 1 and 15 of every month at 09:00", "0 9 1,15 * *");
        check("first day of month at 09:00", "0 9 1 * *");
        check("last day of month at 18:00", "0 18 L * *");
        check("the last day of each month at 18:00", "0 18 L * *");
        check("first workday of month at 08:00", "0 8 1W * *");
        check("last workday of month at 18:00", "0 18 LW * *");
        check("first monday of month at 08:00", "0 8 * * 1#1");
        check("last friday of month at 17:00", "0 17 * * 5#L");
        check("first day of quarter at 09:00", "0 9 1 1,4,7,10 *");
        check("last workday of quarter at 09:00", "0 9 LW 3,6,9,12 *");
        check("last day of year at 09:00", "0 9 L 12 *");
    }

    fn refused(text: &str, why: &str) {
        let error = cron_fields(text).unwrap_err();
        assert_eq!(error.message, format!("`{text}` is no schedule: {why}"));
        assert!(error.help.unwrap().contains("`last friday of month at 17:00`"));
    }

    #[test]
    fn refusal_names_what_is_not_understood() {
        refused("mondays", "a time of day is missing (`… at 08:00`)");
        refused("mondays at 8", "`8` is no time of day (00:00–23:59)");
        refused("mondays at 24:00", "`24:00` is no time of day (00:00–23:59)");
        refused("mondays at 08:60", "`08:60` is no time of day (00:00–23:59)");
        refused("mondays at +8:00", "`+8:00` is no time of day (00:00–23:59)");
        refused("every at 08:00", "`every` is no day that is known");
        refused("every second monday at 08:00", "`every second monday` is no day that is known");
        refused("fortnightly at 08:00", "`fortnightly` is no day that is known");
        refused("day 32 at 08:00", "`day 32` is no day that is known");
        refused("days of month at 08:00", "`days of month` is no day that is known");
        refused("first monday of quarter at 08:00", "`first monday of quarter` is no day that is known");
    }
}
