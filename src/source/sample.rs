//! How a parameter's column is written, for engines that don't infer parameter types (MySQL and SQLite).
//!
//! The column is looked for in each table of the statement: an alias names none of them, and which table an unqualified
//! column belongs to only the server knows.

use crate::query::sql::{Occurrence, Statement};

/// The tables and column that `occurrence` may be compared with, the likeliest first.
pub(super) fn candidates<'a>(
    statement: &'a Statement,
    occurrence: &'a Occurrence,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    occurrence.compared.iter().flat_map(|compared| {
        let (named, others): (Vec<_>, Vec<_>) =
            statement.tables().iter().partition(|table| compared.table.as_ref() == Some(*table));
        named.into_iter().chain(others).map(|table| (table.as_str(), compared.column.as_str()))
    })
}

/// Gives one value of a column. Backticks, because SQLite takes an unknown name in double quotes for a string.
pub(super) fn sample_sql(table: &str, column: &str) -> String {
    let (table, column) = (quoted(table), quoted(column));
    format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
}

pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
