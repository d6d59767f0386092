//! Tables as SQL text of one engine.
//!
//! The rows are the same text for all three; only the names of the types differ. No string holds a backslash, which
//! MariaDB and MySQL would read as an escape.

use super::table::{Cell, Kind, Table, date, date_time};
use crate::query::Engine;
use std::fmt;

/// Rows of one `INSERT`: enough that statements cost nothing, few enough for every engine's limits.
const ROWS: usize = 200;

/// The statements that create and fill `table`, in order.
pub fn statements(table: Table<'_>, engine: Engine) -> impl Iterator<Item = String> {
    let create = create(&table, engine);
    let name = table.name;
    let indexes = table.indexes.iter().map(move |column| format!("CREATE INDEX {name}_{column} ON {name} ({column})"));
    let mut rows = table.rows;
    let inserts = std::iter::from_fn(move || insert(name, rows.by_ref().take(ROWS)));
    // An index is built faster over rows that are there than row by row.
    std::iter::once(create).chain(inserts).chain(indexes)
}

fn create(table: &Table<'_>, engine: Engine) -> String {
    let columns: Vec<String> =
        table.columns.iter().map(|(name, kind)| format!("{name} {}", type_name(*kind, engine))).collect();
    format!("CREATE TABLE {} ({})", table.name, columns.join(", "))
}

fn type_name(kind: Kind, engine: Engine) -> &'static str {
    match (kind, engine) {
        (Kind::Key, Engine::Sqlite) => "INTEGER PRIMARY KEY",
        (Kind::Key, _) => "BIGINT PRIMARY KEY",
        (Kind::Int, _) => "BIGINT",
        (Kind::Real, _) => "DOUBLE PRECISION",
        (Kind::Money, _) => "NUMERIC(12, 2)",
        // Compared byte by byte: the engine's default finds all emoji equal.
        (Kind::Text, Engine::Mysql) => "VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        (Kind::Text, _) | (Kind::Day | Kind::Moment, Engine::Sqlite) => "TEXT",
        (Kind::Day, _) => "DATE",
        (Kind::Moment, Engine::Postgres) => "TIMESTAMP",
        (Kind::Moment, Engine::Mysql) => "DATETIME",
    }
}

/// None when there are no rows left.
fn insert(table: &str, rows: impl Iterator<Item = Vec<Cell>>) -> Option<String> {
    use fmt::Write;
    let mut sql = format!("INSERT INTO {table} VALUES ");
    let empty = sql.len();
    for row in rows {
        let mut open = if sql.len() == empty { "(" } else { ", (" };
        for cell in row {
            write!(sql, "{open}{cell}").expect("a string takes all text");
            open = ", ";
        }
        sql.push(')');
    }
    (sql.len() > empty).then_some(sql)
}

/// The literal that all three engines read alike.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Cell::Null => f.write_str("NULL"),
            Cell::Int(number) => write!(f, "{number}"),
            Cell::Real(number) => write!(f, "{number}"),
            Cell::Cents(cents) => write!(f, "{}.{:02}", cents / 100, cents % 100),
            Cell::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Cell::Day(days) => write!(f, "'{}'", date(days)),
            Cell::Moment(seconds) => {
                let moment = date_time(seconds);
                write!(f, "'{} {}'", moment.date(), moment.time())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_literals_of_every_engine() {
        let check = |cell: Cell, expected: &str| assert_eq!(cell.to_string(), expected);
        check(Cell::Null, "NULL");
        check(Cell::Real(2.25), "2.25");
        check(Cell::Cents(120_005), "1200.05");
        check(Cell::Text("L'Hospitalet"), "'L''Hospitalet'");
        check(Cell::Day(20_773), "'2026-11-16'");
        check(Cell::Moment(20_773 * 86_400 + 61), "'2026-11-16 00:01:01'");
    }

    #[test]
    fn table_is_created_filled_and_indexed() {
        let table = Table {
            database: "erp",
            name: "t",
            columns: &[("id", Kind::Key), ("at", Kind::Moment)],
            indexes: &["at"],
            rows: Box::new((1..=201).map(|id| vec![Cell::Int(id), Cell::Null])),
        };
        let statements: Vec<String> = statements(table, Engine::Postgres).collect();
        assert_eq!(statements[0], "CREATE TABLE t (id BIGINT PRIMARY KEY, at TIMESTAMP)");
        assert!(statements[1].starts_with("INSERT INTO t VALUES (1, NULL), (2, NULL)"), "{}", statements[1]);
        assert_eq!(statements[2..], ["INSERT INTO t VALUES (201, NULL)", "CREATE INDEX t_at ON t (at)"]);
    }
}
