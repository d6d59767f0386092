//! The columns of a table → the SQL of a source over it (pure).
//!
//! Which column dates a row, which are dimensions and which can be added up is guessed from names, types and counts. What could name a
//! person is never a dimension. The day of a row is cut in the report's zone, by the means of the engine; where the engine can't, rows
//! are put together by the hour, or not at all, and kpid finds the day.

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
    /// How many different values a column has.
    pub distinct: &'a [(String, u64)],
    pub newest: Option<String>,
}

/// The most different values that a dimension may have.
const MOST: u64 = 50;
/// The days that one query should have room for.
const DAYS: u64 = 120;

/// Words of a column's name by which a row's person could be told.
const PERSONAL: [&str; 36] = [
    "email", "mail", "correo", "phone", "telephone", "telefono", "tel", "cell", "fax", "name", "nombre", "firstname",
    "lastname", "fullname", "surname", "username", "apellido", "apellidos", "address", "street", "calle", "domicilio",
    "dni", "nif", "nie", "cif", "ssn", "passport", "iban", "ip", "birth", "birthday", "dob", "nacimiento", "password",
    "token",
];
/// Words of numbers that mean nothing when added up.
const NOT_ADDED: [&str; 24] = [
    "id", "key", "year", "month", "week", "age", "rate", "ratio", "percent", "percentage", "pct", "score", "avg", "mean",
    "median", "lat", "lon", "lng", "latitude", "longitude", "zip", "postcode", "code", "version",
];
/// Words of dates that are not when a row came to be.
const LATER: [&str; 17] = [
    "updated", "modified", "changed", "deleted", "closed", "ended", "end", "until", "due", "expires", "expired",
    "cancelled", "canceled", "lost", "hasta", "fin", "baja",
];
const FIRST: [&str; 7] = ["created", "inserted", "creado", "creada", "creacion", "alta", "registered"];
const DATES: [&str; 16] = [
    "at", "on", "date", "day", "time", "timestamp", "datetime", "ts", "when", "since", "started", "start", "fecha", "dia",
    "día", "hora",
];

/// The columns that may date a row, the likeliest first.
pub(super) fn dating(columns: &[Column]) -> Vec<&Column> {
    let rank = |column: &Column| {
        let has = |words: &[&str]| words_of(&column.name).iter().any(|word| words.contains(&&**word));
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
    let dimensions: Vec<(&Column, String)> =
        facts.dimensions(table, &mut left_out).into_iter().map(|column| (column, unique(&column.name, &mut names))).collect();
    let count = unique("count", &mut names);
    let added = added(table, facts.time, &mut left_out);
    let sums: Vec<(&Column, String)> =
        added.into_iter().map(|column| (column, unique(&column.name, &mut names))).collect();
    let quote = |name: &str| quoted(name, facts.quote);
    let keys = dimensions.iter().map(|(column, name)| named(&quote(&column.name), &quote(name)));
    let first = [format!("{cut} AS {}", quote(&time))].into_iter().chain(keys);
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
        let local = |sql: String| (format!("date({sql})"), "day");
        match (self.form, self.engine) {
            (Form::Day | Form::DayText, _) => (column, "day"),
            (Form::Local | Form::Instant, _) if same => local(column),
            (Form::Local, Engine::Postgres) => local(format!("{column} AT TIME ZONE '{own}' AT TIME ZONE :timezone")),
            (Form::Instant, Engine::Postgres) => local(format!("{column} AT TIME ZONE :timezone")),
            // The session, which shows a TIMESTAMP, is in the database's zone.
            (Form::Local | Form::Instant, Engine::Mysql) => local(format!("convert_tz({column}, '{own}', :timezone)")),
            (Form::Text { offset: None, .. }, _) if same => (format!("substr({column}, 1, 10)"), "day"),
            (Form::Text { offset: Some(offset), .. }, _) if offset != Offset::UTC => {
                (format!("substr({column}, 1, 10)"), "day")
            }
            (Form::Text { offset, .. }, _) if whole_hours => {
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
        for column in table.columns.iter().filter(|column| column.holds == Holds::Text && column.name != self.time) {
            let Some((_, values)) = self.distinct.iter().find(|(name, _)| *name == column.name) else { continue };
            let why = match values {
                _ if is(&column.name, &PERSONAL) => Some(LeftOut::Personal),
                _ if column.key => Some(LeftOut::Key),
                0 | 1 => Some(LeftOut::Single),
                values if *values > MOST => Some(LeftOut::Many),
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
        match [&NOT_ADDED[..], &PERSONAL, &DATES].into_iter().any(|words| is(&column.name, words)) {
            true => left_out.push((column.name.clone(), LeftOut::NoSum)),
            false => kept.push(column),
        }
    }
    kept
}

/// Whether one of the words is in the name.
fn is(name: &str, words: &[&str]) -> bool {
    words_of(name).iter().any(|word| words.contains(&&**word))
}

/// `createdAt`, `created_at`, `Created At` → created, at. Also the name as a whole.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        if (begins || !c.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.push(name.to_lowercase());
    words
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
mod tests {
    use super::*;
    use crate::query::sql::Statement;
    use crate::source::bind::PLAIN_TEXT;

    fn column(name: &str, holds: Holds) -> Column {
        Column { name: name.to_owned(), kind: String::new(), key: name == "id" || name.ends_with("_id"), holds }
    }

    fn orders() -> Table {
        let columns = vec![
            column("id", Holds::Number),
            column("customer_id", Holds::Number),
            column("updated_at", Holds::Local),
            column("created_at", Holds::Local),
            column("channel", Holds::Text),
            column("email", Holds::Text),
            column("Order Total", Holds::Number),
            column("conversion_rate", Holds::Number),
            column("is_new", Holds::Flag),
            column("note", Holds::Text),
        ];
        Table { schema: Some("shop".to_owned()), name: "orders".to_owned(), columns, estimate: None }
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn proposed(table: &Table, engine: Engine, form: Form, own: &TimeZone, report: &TimeZone) -> Proposal {
        let distinct = [("channel", 4), ("email", 7), ("note", 900)].map(|(name, count)| (name.to_owned(), count));
        let quote = super::super::quote(engine);
        let time = "created_at";
        let newest = None;
        let facts = Facts { engine, quote, report, own, max_rows: 10_000, time, form, distinct: &distinct, newest };
        propose(table, facts)
    }

    #[test]
    fn a_source_counts_adds_up_and_never_names_people() {
        let madrid = zone("Europe/Madrid");
        let proposal = proposed(&orders(), Engine::Postgres, Form::Local, &madrid, &madrid);
        let expected = "SELECT date(\"created_at\") AS \"day\", \"channel\",\n       count(*) AS \"count\",\n       \
            coalesce(sum(\"Order Total\"), 0) AS \"Order_Total\",\n       \
            coalesce(sum(CASE WHEN \"is_new\" THEN 1 ELSE 0 END), 0) AS \"is_new\"\n\
            FROM \"shop\".\"orders\"\nWHERE \"created_at\" >= :start AND \"created_at\" < :end\nGROUP BY 1, 2\n";
        assert_eq!(proposal.sql, expected);
        assert_eq!((proposal.dimensions, proposal.measures), (vec!["channel".to_owned()], vec![
            "count".to_owned(),
            "Order_Total".to_owned(),
            "is_new".to_owned()
        ]));
        let left_out = [("email", LeftOut::Personal), ("note", LeftOut::Many), ("conversion_rate", LeftOut::NoSum)];
        assert_eq!(proposal.left_out, left_out.map(|(name, why)| (name.to_owned(), why)));
        assert_eq!(proposal.fresh, "SELECT max(\"created_at\") FROM \"shop\".\"orders\"");
    }

    #[test]
    fn days_are_the_reports_by_the_means_of_the_engine() {
        let (madrid, utc, india) = (zone("Europe/Madrid"), zone("UTC"), zone("Asia/Kolkata"));
        let check = |engine, form, own: &TimeZone, report: &TimeZone, expected: &str| {
            let sql = proposed(&orders(), engine, form, own, report).sql;
            let first = sql.lines().next().unwrap();
            assert!(first.starts_with(&format!("SELECT {expected}, ")), "{first}");
            let statement = Statement::parse(&sql, engine).unwrap();
            assert!(own == report || statement.day_of_session().is_none(), "{sql}");
        };
        let zulu = Form::Text { separator: 'T', offset: Some(Offset::UTC) };
        check(Engine::Sqlite, Form::DayText, &madrid, &madrid, "`created_at` AS `day`");
        check(Engine::Sqlite, PLAIN_TEXT, &madrid, &madrid, "substr(`created_at`, 1, 10) AS `day`");
        check(Engine::Sqlite, PLAIN_TEXT, &utc, &madrid, "substr(`created_at`, 1, 13) || ':00' AS `hour`");
        check(Engine::Mysql, zulu, &madrid, &madrid, "concat(substr(`created_at`, 1, 13), ':00Z') AS `hour`");
        check(Engine::Sqlite, Form::Seconds, &utc, &madrid, "`created_at` - `created_at` % 3600 AS `hour`");
        check(Engine::Sqlite, Form::Seconds, &utc, &india, "`created_at` AS `moment`");
        check(Engine::Mysql, Form::Instant, &utc, &madrid, "date(convert_tz(`created_at`, 'UTC', :timezone)) AS `day`");
        let both = "date(\"created_at\" AT TIME ZONE 'UTC' AT TIME ZONE :timezone) AS \"day\"";
        check(Engine::Postgres, Form::Local, &utc, &madrid, both);
        check(Engine::Postgres, Form::Instant, &utc, &madrid, "date(\"created_at\" AT TIME ZONE :timezone) AS \"day\"");
    }

    #[test]
    fn the_column_that_dates_a_row_is_when_it_came_to_be() {
        let check = |columns: &[(&str, Holds)], expected: &[&str]| {
            let columns: Vec<Column> = columns.iter().map(|(name, holds)| column(name, *holds)).collect();
            assert_eq!(dating(&columns).iter().map(|column| &*column.name).collect::<Vec<_>>(), expected);
        };
        let typed = [("updated_at", Holds::Local), ("stay", Holds::Day), ("orderedAt", Holds::Local)];
        check(&typed, &["orderedAt", "stay", "updated_at"]);
        check(&[("fecha_alta", Holds::Text), ("fecha", Holds::Text)], &["fecha_alta", "fecha"]);
        check(&[("birth_date", Holds::Day), ("data", Holds::Text), ("total", Holds::Number)], &[]);
    }

    #[test]
    fn names_are_such_that_formulas_can_name_them() {
        let mut taken = Vec::new();
        let names = ["Total (€)", "2x", "NaN", "total____", "año"].map(|name| unique(name, &mut taken));
        assert_eq!(names, ["Total____", "_2x", "NaN_", "total_____2", "año"]);
    }

    #[test]
    fn dimensions_have_room_together() {
        let table = Table { columns: ["a", "b"].map(|name| column(name, Holds::Text)).to_vec(), ..orders() };
        let utc = TimeZone::UTC;
        let distinct = ["a", "b"].map(|name| (name.to_owned(), 40));
        let facts = Facts {
            engine: Engine::Sqlite,
            quote: '`',
            report: &utc,
            own: &utc,
            max_rows: 10_000,
            time: "t",
            form: Form::Day,
            distinct: &distinct,
            newest: None,
        };
        let proposal = propose(&table, facts);
        assert_eq!(proposal.dimensions, ["a"]);
        assert_eq!(proposal.left_out, [("b".to_owned(), LeftOut::Room)]);
    }
}
