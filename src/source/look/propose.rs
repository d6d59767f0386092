//! The columns of a table → the SQL of a source over it (pure).
//!
//! Which column dates a row, which are dimensions and which can be added up is guessed from names, types and counts. What could name a
//! person is never a dimension. The day of a row is cut in the report's zone, by the means of the engine; where the engine can't, rows
//! are put together by the hour, or not at all, and kpid finds the day.

use super::words::{DATES, FIRST, LATER, PEOPLE, PERSONAL, is, is_amount};
use super::{Column, Holds, Table};
use crate::query::Engine;
use crate::source::bind::{Form, zone_name};
use crate::source::sample::quoted;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// A source over one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub sql: String,
    /// The column of the answer that dates a row.
    pub time: String,
    pub dimensions: Vec<String>,
    pub measures: Vec<String>,
    /// Asks when the newest row is from.
    pub fresh: String,
    pub newest: Option<String>,
    /// Columns that were left out on purpose.
    pub left_out: Vec<(String, LeftOut)>,
}

/// Why a column is no part of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It may tell whom a row is about.
    Personal,
    Key,
    /// Every row has the same value, or none.
    Single,
    /// It has more different values than a reader would look at.
    Many,
    /// With the other dimensions it would make too many rows.
    Room,
    /// Its sum would mean nothing.
    NoSum,
}

/// What is known of a table besides its columns.
pub(super) struct Facts<'a> {
    pub engine: Engine,
    pub quote: char,
    /// The zone that days are cut in.
    pub report: &'a TimeZone,
    /// The zone that the database's timestamps without zone are in.
    pub own: &'a TimeZone,
    pub max_rows: usize,
    pub time: &'a str,
    pub form: Form,
    pub distinct: &'a [Distinct],
    pub newest: Option<String>,
}

/// What was counted in a column of text.
pub(super) struct Distinct {
    pub column: String,
    /// How many different ones there are.
    pub values: u64,
    /// In how many rows there is one.
    pub filled: u64,
}

/// The most different values that a dimension may have.
const MOST: u64 = 50;
/// The days that one query should have room for.
const DAYS: u64 = 120;

/// The columns that may date a row, the likeliest first.
pub(super) fn dating(columns: &[Column]) -> Vec<&Column> {
    let rank = |column: &Column| {
        let has = |words: &[&str]| is(&column.name, words);
        let typed = matches!(column.holds, Holds::Day | Holds::Local | Holds::Instant);
        let written = matches!(column.holds, Holds::Text | Holds::Number | Holds::Other) && !column.key;
        match () {
            () if has(&PERSONAL) || !(typed || written && has(&DATES) || written && has(&FIRST)) => None,
            () if has(&FIRST) => Some(0),
            () if has(&LATER) => Some(3),
            () if has(&DATES) => Some(1),
            () => Some(2),
        }
    };
    let mut ranked: Vec<(u8, &Column)> = columns.iter().filter_map(|column| Some((rank(column)?, column))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, column)| column).collect()
}

pub(super) fn propose(table: &Table, facts: Facts<'_>) -> Proposal {
    let mut names = Vec::new();
    let (cut, alias) = facts.cut();
    let time = unique(alias, &mut names);
    let mut left_out = Vec::new();
    let dimensions: Vec<(&Column, String)> = facts
        .dimensions(table, &mut left_out)
        .into_iter()
        .map(|column| (column, unique(&column.name, &mut names)))
        .collect();
    let count = unique("count", &mut names);
    let added = added(table, facts.time, &mut left_out);
    let sums: Vec<(&Column, String)> =
        added.into_iter().map(|column| (column, unique(&column.name, &mut names))).collect();
    let quote = |name: &str| quoted(name, facts.quote);
    let keys = dimensions.iter().map(|(column, name)| named(&quote(&column.name), &quote(name)));
    let first = [named(&cut, &quote(&time))].into_iter().chain(keys);
    let values = sums.iter().map(|(column, name)| {
        let value = match (column.holds, facts.engine) {
            (Holds::Flag, Engine::Postgres) => format!("CASE WHEN {} THEN 1 ELSE 0 END", quote(&column.name)),
            _ => quote(&column.name),
        };
        format!("coalesce(sum({value}), 0) AS {}", quote(name))
    });
    let values = [format!("count(*) AS {}", quote(&count))].into_iter().chain(values);
    let (dated, from) = (quote(facts.time), table.quoted(facts.quote));
    let places = (1..=dimensions.len() + 1).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT {},\n       {}\nFROM {from}\nWHERE {dated} >= :start AND {dated} < :end\nGROUP BY {places}\n",
        first.collect::<Vec<_>>().join(", "),
        values.collect::<Vec<_>>().join(",\n       "),
    );
    Proposal {
        sql,
        time,
        dimensions: dimensions.into_iter().map(|(_, name)| name).collect(),
        measures: [count].into_iter().chain(sums.into_iter().map(|(_, name)| name)).collect(),
        fresh: format!("SELECT max({dated}) FROM {from}"),
        newest: facts.newest,
        left_out,
    }
}

/// `column AS alias`, or the column alone where they are the same.
fn named(column: &str, alias: &str) -> String {
    if column == alias { column.to_owned() } else { format!("{column} AS {alias}") }
}

impl Facts<'_> {
    /// What dates a row of the answer, and what to call it.
    fn cut(&self) -> (String, &'static str) {
        let column = quoted(self.time, self.quote);
        let same = self.own == self.report;
        let (own, whole_hours) = (zone_name(self.own).replace('\'', ""), hourly(self.report));
        let both_whole = whole_hours && hourly(self.own);
        let local = |sql: String| (format!("date({sql})"), "day");
        match (self.form, self.engine) {
            (Form::Day | Form::DayText, _) => (column, "day"),
            (Form::Local | Form::Instant, _) if same => local(column),
            (Form::Local, Engine::Postgres) => local(format!("{column} AT TIME ZONE '{own}' AT TIME ZONE :timezone")),
            (Form::Instant, Engine::Postgres) => local(format!("{column} AT TIME ZONE :timezone")),
            // The session, which shows a TIMESTAMP, is in the database's zone.
            (Form::Local | Form::Instant, Engine::Mysql) => local(format!("convert_tz({column}, '{own}', :timezone)")),
            (Form::Text { offset: None, .. }, _) if same => (format!("substr({column}, 1, 10)"), "day"),
            // Each row of another offset may have its own.
            (Form::Text { offset: Some(offset), .. }, _) if offset != Offset::UTC => (column, "moment"),
            (Form::Text { offset, .. }, _) if if offset.is_some() { whole_hours } else { both_whole } => {
                let zulu = if offset.is_some() { ":00Z" } else { ":00" };
                let hour = format!("substr({column}, 1, 13)");
                let text = match self.engine {
                    Engine::Mysql => format!("concat({hour}, '{zulu}')"),
                    _ => format!("{hour} || '{zulu}'"),
                };
                (text, "hour")
            }
            (Form::Seconds, _) if whole_hours => (format!("{column} - {column} % 3600"), "hour"),
            (Form::Milliseconds, _) if whole_hours => (format!("{column} - {column} % 3600000"), "hour"),
            _ => (column, "moment"),
        }
    }

    /// Columns of few values, in the table's order, as long as all their combinations have room in one answer.
    fn dimensions<'t>(&self, table: &'t Table, left_out: &mut Vec<(String, LeftOut)>) -> Vec<&'t Column> {
        let room = u64::try_from(self.max_rows).unwrap_or(u64::MAX) / DAYS;
        let (mut kept, mut combinations) = (Vec::new(), 1);
        // Times kept as text are no dimensions that anybody would expect.
        let is_word = |column: &&Column| column.holds == Holds::Text && !is(&column.name, &DATES);
        for column in table.columns.iter().filter(|column| is_word(column) && column.name != self.time) {
            let Some(Distinct { values, filled, .. }) = self.distinct.iter().find(|of| of.column == column.name) else {
                continue;
            };
            let why = match values {
                _ if is(&column.name, &PERSONAL) || is(&column.name, &PEOPLE) => Some(LeftOut::Personal),
                _ if column.key => Some(LeftOut::Key),
                0 | 1 => Some(LeftOut::Single),
                values if *values > MOST => Some(LeftOut::Many),
                values if 10 * values >= 9 * filled => Some(LeftOut::Personal),
                values if combinations * values > room => Some(LeftOut::Room),
                _ => None,
            };
            match why {
                Some(why) => left_out.push((column.name.clone(), why)),
                None => {
                    combinations *= values;
                    kept.push(column);
                }
            }
        }
        kept
    }
}

/// Columns whose values can be added up.
fn added<'t>(table: &'t Table, time: &str, left_out: &mut Vec<(String, LeftOut)>) -> Vec<&'t Column> {
    let numbers = table.columns.iter().filter(|column| matches!(column.holds, Holds::Number | Holds::Flag));
    let mut kept = Vec::new();
    for column in numbers.filter(|column| column.name != time && !column.key) {
        match is_amount(&column.name) {
            true => kept.push(column),
            false => left_out.push((column.name.clone(), LeftOut::NoSum)),
        }
    }
    kept
}

/// Whether the zone's days begin on the hour, of UTC as well.
fn hourly(zone: &TimeZone) -> bool {
    let year = |month: i64| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * (365 * 56 + 30 * month));
    [0, 6].into_iter().all(|month| zone.to_offset(year(month)).seconds() % 3600 == 0)
}

/// `name` as formulas can name it, another one than those before.
fn unique(name: &str, taken: &mut Vec<String>) -> String {
    let mut plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    if !plain.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        plain.insert(0, '_');
    }
    if ["nan", "inf", "infinity", "true", "false", "null"].contains(&&*plain.to_lowercase()) {
        plain.push('_');
    }
    let numbered = (1..).map(|n| if n == 1 { plain.clone() } else { format!("{plain}_{n}") });
    let free = |name: &String| !taken.iter().any(|taken| taken.to_lowercase() == name.to_lowercase());
    let name = { numbered }.find(free).expect("there are more numbers than names");
    taken.push(name.clone());
    name
}

#[cfg(test)]
mod tests;
