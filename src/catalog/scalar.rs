//! What single values look like: numbers, switches, choices, durations, texts, names.
//!
//! The grammar is the language's own. Numbers: `12`, `-3`, `1.5`, `1_000_000`, `1e6`, written plain. Switches: `true`, `false`.
//! Durations: `30s`, `90m`, `36h`, `3d`, `1w`, also `1h 30m`; a day is 24 hours here.

use super::context::{Context, Problem};
use super::fields::{describe, list, wrong_type};
use super::form::{Choice, Pattern};
use super::node::{Node, Value};
use super::warnings;
use crate::text::Name;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The text of a scalar of any style.
pub(super) fn text<'a>(cx: &Context, node: &'a Node) -> Option<&'a str> {
    let Value::Scalar { text, .. } = &node.value else {
        return wrong_type(cx, node, "a text");
    };
    if node.is_null() {
        return wrong_type(cx, node, "a text");
    }
    // A control character in a text ends up in mail headers, logs and terminals.
    if let Some(found) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        let message = format!("control character U+{:04X} in a text", u32::from(found));
        return cx.refuse(Problem::error("control-character", node.place, message).help("remove it"));
    }
    Some(text)
}

/// A text of one line that isn't empty.
pub(super) fn line(cx: &Context, node: &Node) -> Option<String> {
    let text = text(cx, node)?;
    if text.trim().is_empty() {
        return cx.refuse(Problem::error("empty-text", node.place, "the text is empty"));
    }
    if text.trim_end().contains(['\n', '\t', '\u{2028}', '\u{2029}']) {
        let problem = Problem::error("control-character", node.place, "expected one line, found a line break or tab");
        return cx.refuse(problem.help("write it on one line"));
    }
    Some(text.trim().to_owned())
}

/// A number of this language; its text otherwise says what is wrong with it.
pub(super) fn parse_number(text: &str) -> Result<f64, Option<&'static str>> {
    let help = match text {
        _ if text.starts_with(['>', '<', '≥', '≤']) => Some(DIRECTION),
        _ if text.contains(',') => Some("write the decimal point as `.` and thousands as `1_000`"),
        ".nan" | ".NaN" | ".inf" | "-.inf" | ".Inf" | "nan" | "NaN" | "inf" | "-inf" | "infinity" => {
            Some("only finite numbers are allowed")
        }
        _ if text.starts_with('+') => Some("leave the `+` out"),
        _ if text.starts_with('.') || text.starts_with("-.") => Some("write the zero before the point: `0.5`"),
        _ if text.ends_with('%') => Some("a percentage can't stand here; write the number itself: `0.1` for 10 %"),
        _ if text.matches('.').count() > 1 && in_groups(text, |c| c == '.') || in_groups(text, char::is_whitespace) => {
            Some("write thousands as `60_000`, without a point or space")
        }
        _ if text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| is_sign(c)) => {
            Some("write only the number: what it counts in is the KPI's `unit`")
        }
        _ => None,
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    // `_` only between digits.
    let grouped = |s: &str| s.split('_').all(digits);
    if whole.len() > 1 && whole.starts_with('0') && grouped(whole) {
        return Err(Some("leave the leading zeros out"));
    }
    let exponent_ok = exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)));
    if help.is_some() || !grouped(whole) || !fraction.is_none_or(grouped) || !exponent_ok {
        return Err(help);
    }
    let number: f64 = text.replace('_', "").parse().map_err(|_| None)?;
    if number.is_finite() { Ok(number) } else { Err(Some("the number is too large")) }
}

/// What to do about `>= 75`.
pub(super) const DIRECTION: &str = "write only the number: the direction comes from `good`";

/// `€`, `$`, `h`: what people put behind an amount.
fn is_sign(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '€' | '$' | '£' | '¥')
}

/// Whether these are digits in groups of three, as in `1 000`.
fn in_groups(text: &str, between: fn(char) -> bool) -> bool {
    let mut groups = text.strip_prefix('-').unwrap_or(text).split(between);
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().is_some_and(|first| first.len() <= 3 && digits(first) && !first.starts_with('0'));
    let rest: Vec<&str> = groups.collect();
    first && !rest.is_empty() && rest.iter().all(|group| group.len() == 3 && digits(group))
}

/// `1.000` and `12.500`: nobody writes zeros at the end of a decimal, but half of Europe writes thousands so.
fn warn_of_a_thousand(cx: &Context, node: &Node, text: &str, number: f64) {
    if text.ends_with('0') && in_groups(text, |c| c == '.') {
        let message = format!("`{text}` is {number}: the point is a decimal point");
        let help = format!("write `{}` for thousands, or `{number:?}`", text.replace('.', "_"));
        cx.report(Problem::warning(&warnings::THOUSANDS, node.place, message).help(help));
    }
}

pub(super) fn number(cx: &Context, node: &Node) -> Option<f64> {
    match node.plain().map(parse_number) {
        Some(Ok(number)) => {
            warn_of_a_thousand(cx, node, node.plain().unwrap_or_default(), number);
            Some(number)
        }
        Some(Err(help)) => not(cx, node, "a number", help),
        None => match &node.value {
            Value::Scalar { text, .. } => {
                not(cx, node, "a number", parse_number(text).map_or_else(|help| help, |_| Some("remove the quotes")))
            }
            _ => wrong_type(cx, node, "a number"),
        },
    }
}

/// A whole number in a range.
pub(super) fn integer(cx: &Context, node: &Node, range: RangeInclusive<u32>) -> Option<u32> {
    let number = number(cx, node)?;
    let (low, high) = (f64::from(*range.start()), f64::from(*range.end()));
    if number.fract() == 0.0 && (low..=high).contains(&number) {
        // Exact: it lies between two numbers of the type.
        return Some(number as u32);
    }
    let message = format!("expected a whole number from {low} to {high}, found {}", describe(cx, node));
    cx.refuse(Problem::error("out-of-range", node.place, message))
}

pub(super) fn boolean(cx: &Context, node: &Node) -> Option<bool> {
    match node.plain() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => wrong_type(cx, node, "`true` or `false`"),
    }
}

pub(super) static PERCENT: Pattern = Pattern { doc: "a percentage: `10%`", regex: "^-?[0-9][0-9_.eE+-]*\\s*%$" };

/// `10%` → 0.1.
pub(super) fn percent(cx: &Context, node: &Node) -> Option<f64> {
    let Value::Scalar { text, .. } = &node.value else {
        return wrong_type(cx, node, "a percentage such as `10%`");
    };
    match text.strip_suffix('%').map(|number| parse_number(number.trim_end())) {
        Some(Ok(number)) => Some(number / 100.0),
        Some(Err(help)) => not(cx, node, "a percentage such as `10%`", help),
        None => {
            let help = parse_number(text).ok().map(|number| match number > 1.0 && number <= 100.0 {
                true => format!("write `{text}%`"),
                false => format!("`{}%` if you mean {text} of the target", number * 100.0),
            });
            let message = format!("expected a percentage such as `10%`, found {}", describe(cx, node));
            cx.refuse(Problem::error("wrong-type", node.place, message).maybe_help(help))
        }
    }
}

fn not<T>(cx: &Context, node: &Node, expected: &str, help: Option<&str>) -> Option<T> {
    let message = format!("expected {expected}, found {}", describe(cx, node));
    cx.refuse(Problem::error("wrong-type", node.place, message).maybe_help(help.map(str::to_owned)))
}

/// One of a few words.
pub(super) fn choice<T: Copy>(cx: &Context, node: &Node, choices: &[Choice<T>]) -> Option<T> {
    let names = || choices.iter().map(|(name, ..)| *name);
    let Value::Scalar { text, .. } = &node.value else {
        return wrong_type(cx, node, &format!("one of {}", list(names())));
    };
    choices.iter().find(|(name, ..)| name == text).map(|(_, value, _)| *value).or_else(|| {
        let message = format!("expected one of {}, found {}", list(names()), describe(cx, node));
        cx.refuse(Problem::error("wrong-value", node.place, message).did_you_mean(cx.near(text, names())))
    })
}

/// What `FromStr` reads, its error being the message.
pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(cx: &Context, node: &Node) -> Option<T> {
    let text = line(cx, node)?;
    text.parse()
        .map_or_else(|error: T::Err| cx.refuse(Problem::error("wrong-value", node.place, error.to_string())), Some)
}

/// Every form that jiff takes has a number and a letter behind it.
pub(super) static DURATION: Pattern = Pattern {
    doc: "a duration: `30s`, `90m`, `36h`, `3d`, `1w`, `1h 30m`; a day is 24 hours",
    regex: r"[0-9]\s*\p{L}",
};

pub(super) fn duration(cx: &Context, node: &Node) -> Option<Duration> {
    let text = line(cx, node)?;
    parse_duration(&text).or_else(|| {
        let message = format!("expected a duration such as `30s`, `90m`, `36h` or `3d`, found {}", describe(cx, node));
        let help = parse_number(&text).ok().map(|_| "add the unit: `s`, `m`, `h` or `d`".to_owned());
        cx.refuse(Problem::error("wrong-value", node.place, message).maybe_help(help))
    })
}

/// Longer than nothing and at most ten years.
fn parse_duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.parse().ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let exact = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    let exact = Duration::try_from(exact).ok()?;
    (!exact.is_zero() && exact <= Duration::from_secs(3653 * 86_400)).then_some(exact)
}

/// What a formula would read as something else. Names of functions are no trouble: a function has `(` behind it.
const RESERVED: [&str; 6] = ["nan", "inf", "infinity", "true", "false", "null"];

/// Why a text can't be a name.
pub fn name_flaw(text: &str) -> Option<&'static str> {
    let mut chars = text.chars();
    if !chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') {
        return Some("must begin with a letter or `_`");
    }
    if !chars.all(|c| c.is_alphanumeric() || c == '_') {
        return Some("may hold only letters, digits and `_`");
    }
    RESERVED.contains(&text.to_lowercase().as_str()).then_some("can't stand in a formula")
}

/// A name that stands as a value: a column, a reference.
pub(super) fn name(cx: &Context, node: &Node) -> Option<Name> {
    let text = line(cx, node)?;
    match name_flaw(&text) {
        None => Some(text.into()),
        Some(flaw) => cx.refuse(Problem::error("bad-name", node.place, format!("the name `{text}` {flaw}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_our_grammar_and_not_yamls() {
        let check = |text: &str, expected: Option<f64>| assert_eq!(parse_number(text).ok(), expected, "{text}");
        check("250", Some(250.0));
        check("-3", Some(-3.0));
        check("0.04", Some(0.04));
        check("1_200_000", Some(1_200_000.0));
        check("1e3", Some(1000.0));
        check("1.5E-3", Some(0.0015));
        check("0", Some(0.0));
        for refused in [
            "1,5", "017", "00", ".5", "5.", "+3", ".nan", "nan", "inf", "1e999", "0x10", "1_", "_1", "1__0", "", "-",
            "e3", "1e", "12:30",
        ] {
            check(refused, None);
        }
    }

    #[test]
    fn what_people_write_for_a_number_is_told_how_to_be_one() {
        let check = |text: &str, help: &str| {
            let said = parse_number(text).expect_err("no number").unwrap_or_default();
            assert!(said.contains(help), "{text}: {said}");
        };
        check(">= 75", "comes from `good`");
        check("< 75%", "comes from `good`");
        check("75 €", "KPI's `unit`");
        check("36h", "KPI's `unit`");
        check("60 000", "`60_000`");
        check("60\u{a0}000", "`60_000`");
        check("1.000.000", "`60_000`");
    }

    #[test]
    fn thousands_are_groups_of_three_behind_a_whole_number() {
        let check = |text: &str, expected: bool| assert_eq!(in_groups(text, |c| c == '.'), expected, "{text}");
        for grouped in ["1.000", "45.000", "-12.500", "1.234.567"] {
            check(grouped, true);
        }
        for other in ["0.125", "0.500", "1.5", "1.0000", "1000.000", "1.00", "1", "", ".000"] {
            check(other, false);
        }
    }

    #[test]
    fn duration_has_a_unit_and_an_end() {
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(parse_duration(text).map(|d| d.as_secs()), seconds, "{text}");
        };
        check("30s", Some(30));
        check("36h", Some(36 * 3600));
        check("3d", Some(3 * 86_400));
        check("1h 30m", Some(5400));
        check("1w", Some(7 * 86_400));
        for refused in ["30", "0s", "-5m", "1 month", "2y", "soon", "", "99999d"] {
            check(refused, None);
        }
    }

    #[test]
    fn names_are_identifiers_of_any_alphabet_and_no_literals() {
        let check = |text: &str, good: bool| assert_eq!(name_flaw(text).is_none(), good, "{text}");
        for good in ["cac", "año_2", "_x", "日本", "total"] {
            check(good, true);
        }
        for bad in ["2x", "a-b", "a b", "a.b", "", "NaN", "true", "€"] {
            check(bad, false);
        }
    }
}
