//! Tokens → the places where a statement reads the clock, or makes days of timestamps.

use super::token::{Kind, Tokens};
use super::{Engine, SqlProblem};
use std::ops::Range;

/// Clocks that need no parentheses.
const WORDS: [&str; 8] = [
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];
const FUNCTIONS: [&str; 10] = [
    "now",
    "curdate",
    "curtime",
    "sysdate",
    "getdate",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "unix_timestamp",
];
/// In SQLite these read the clock for `'now'`, and without any argument.
const SQLITE_FUNCTIONS: [&str; 6] = ["date", "time", "datetime", "julianday", "unixepoch", "strftime"];

pub(super) fn clocks(tokens: &Tokens, engine: Engine) -> Vec<SqlProblem> {
    let places = (0..tokens.iter().len()).filter(|&i| !tokens.qualified(i) && is_clock(tokens, i, engine));
    places.map(|i| advise(tokens, i)).collect()
}

fn is_clock(tokens: &Tokens, i: usize, engine: Engine) -> bool {
    let (before, token) = (tokens.get(i, -1), tokens.get(i, 0));
    let empty_call = tokens.get(i, 1).is("(") && tokens.get(i, 2).is(")");
    match token.kind {
        Kind::Word if before.is("as") => false,
        // With an argument `unix_timestamp` converts and the others state their precision.
        Kind::Word if token.is("unix_timestamp") => empty_call,
        Kind::Word => {
            let sqlite = engine == Engine::Sqlite && empty_call && token.is_any(&SQLITE_FUNCTIONS);
            sqlite || token.is_any(&WORDS) || (tokens.get(i, 1).is("(") && token.is_any(&FUNCTIONS))
        }
        Kind::Text if engine == Engine::Sqlite => {
            let argument = before.is_any(&["(", ","]) && tokens.get(i, 1).is_any(&[")", ","]);
            argument && token.text.eq_ignore_ascii_case("'now'")
        }
        Kind::Text if engine == Engine::Postgres => {
            let special =
                ["'now'", "'today'", "'yesterday'", "'tomorrow'"].iter().any(|s| token.text.eq_ignore_ascii_case(s));
            special && (tokens.get(i, 1).is("::") || before.is_any(&["date", "timestamp", "timestamptz"]))
        }
        _ => false,
    }
}

/// The first place where a day is made of a timestamp: `date(t)`, `t::date`, `cast(t AS date)`, `date_trunc('day', t)`.
pub(super) fn day_cut(tokens: &Tokens) -> Option<Range<usize>> {
    const CUTS: [&str; 5] = ["date", "date_trunc", "strftime", "to_char", "date_format"];
    let cuts = |&i: &usize| {
        let (before, token, after) = (tokens.get(i, -1), tokens.get(i, 0), tokens.get(i, 1));
        let cast = before.is("::") || (before.is("as") && after.is(")"));
        !tokens.qualified(i) && ((token.is_any(&CUTS) && after.is("(")) || (token.is("date") && cast))
    };
    (0..tokens.iter().len()).find(cuts).map(|i| tokens.get(i, 0).span())
}

fn advise(tokens: &Tokens, i: usize) -> SqlProblem {
    let token = tokens.get(i, 0);
    let call = if tokens.get(i, 1).is("(") { "()" } else { "" };
    let message = format!("`{}{call}` makes the numbers depend on the moment the query runs", token.text);
    SqlProblem::new(token.span(), message).help("use :end (or :end_date), the end of the period that is reported")
}
