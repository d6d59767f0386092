//! How the column that a parameter is compared with is written, where its type doesn't tell: one value is looked at.
//!
//! The column is looked for in each table of the statement, since which of them an unqualified column belongs to only the
//! server knows. What a look told is kept for the session's life.

use super::bind::Form;
use super::session::Session;
use crate::query::sql::{Occurrence, Statement, TableName};
use std::collections::HashMap;

/// Table and column → how the column is written; `None` where there is no such column, or nothing in it.
pub(super) type Samples = HashMap<(TableName, String), Option<Form>>;

/// The form of the column that `occurrence` is compared with.
pub(super) async fn form_of<S: Session>(
    session: &mut S,
    statement: &Statement,
    occurrence: &Occurrence,
) -> Option<Form> {
    let compared = occurrence.compared.as_ref()?;
    let (named, others): (Vec<_>, Vec<_>) =
        statement.tables().iter().partition(|table| compared.table.as_ref() == Some(&table.name));
    for table in named.into_iter().chain(others) {
        let place = (table.clone(), compared.column.clone());
        let known = session.samples().get(&place).copied();
        let form = match known {
            Some(form) => form,
            None => session.sample(table, &compared.column).await,
        };
        session.samples().insert(place, form);
        if form.is_some() {
            return form;
        }
    }
    None
}

/// Gives one value of a column; `quote` is what the engine quotes names with.
pub(super) fn sample_sql(table: &TableName, column: &str, quote: char) -> String {
    let (table, column) = (quoted_table(table, quote), quoted(column, quote));
    format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
}

pub(super) fn quoted_table(table: &TableName, quote: char) -> String {
    let parts = table.qualifiers.iter().chain([&table.name]);
    parts.map(|part| quoted(part, quote)).collect::<Vec<_>>().join(".")
}

pub(super) fn quoted(name: &str, quote: char) -> String {
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_names_whatever_they_hold() {
        let check = |qualifiers: &[&str], name: &str, column, quote, expected| {
            let qualifiers = qualifiers.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(sample_sql(&TableName { qualifiers, name: name.to_owned() }, column, quote), expected);
        };
        check(&["shop"], "t", "day", '"', "SELECT \"day\" FROM \"shop\".\"t\" WHERE \"day\" IS NOT NULL LIMIT 1");
        check(&[], "t` SET x; --", "a`b", '`', "SELECT `a``b` FROM `t`` SET x; --` WHERE `a``b` IS NOT NULL LIMIT 1");
    }
}
