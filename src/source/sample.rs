//! How the column that a parameter is compared with is written, where its type doesn't tell: one value is looked at.
//!
//! The column is looked for in each table of the statement, since which of them an unqualified column belongs to only the
//! server knows. What a look told is kept for the session's life.

use super::bind::Form;
use super::session::Session;
use crate::query::sql::{Occurrence, Statement};
use std::collections::HashMap;

/// Table and column → how the column is written; `None` where there is no such column, or nothing in it.
pub(super) type Samples = HashMap<(String, String), Option<Form>>;

/// The form of the column that `occurrence` is compared with.
pub(super) async fn form_of<S: Session>(
    session: &mut S,
    statement: &Statement,
    occurrence: &Occurrence,
) -> Option<Form> {
    let compared = occurrence.compared.as_ref()?;
    let (named, others): (Vec<_>, Vec<_>) =
        statement.tables().iter().partition(|table| compared.table.as_ref() == Some(*table));
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
pub(super) fn sample_sql(table: &str, column: &str, quote: char) -> String {
    let (table, column) = (quoted(table, quote), quoted(column, quote));
    format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
}

pub(super) fn quoted(name: &str, quote: char) -> String {
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}
