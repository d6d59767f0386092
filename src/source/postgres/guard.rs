//! What the server may send of a column: of long types only the beginning, or that there is something.
//!
//! The driver takes a row whole before any cap can see it, and one cell may be a gigabyte. Texts are cut where they are
//! longer than a cell may be, so that they are still found too long; types that no column can be read from are sent
//! empty. Types of extensions are left alone.

use crate::query::cell::MAX_TEXT;
use sqlx::TypeInfo;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

/// `sql` with its long columns, of the types `columns`, cut; as it is when it has none.
pub(super) fn guarded<'a>(sql: String, columns: impl Iterator<Item = &'a PgTypeInfo>) -> String {
    let columns: Vec<Option<String>> = columns.enumerate().map(|(at, info)| cut(&format!("c{at}"), info)).collect();
    if columns.iter().all(Option::is_none) {
        return sql;
    }
    let list = |name: &dyn Fn(usize) -> String| (0..columns.len()).map(name).collect::<Vec<_>>().join(", ");
    let names = list(&|at| format!("c{at}"));
    let sent = list(&|at| columns[at].clone().unwrap_or(format!("c{at}")));
    format!("SELECT {sent} FROM (\n{sql}\n) kpid ({names})")
}

fn cut(name: &str, info: &PgTypeInfo) -> Option<String> {
    match info.name() {
        "TEXT" | "VARCHAR" | "citext" => Some(format!("left({name}::text, {})", MAX_TEXT + 1)),
        "BYTEA" => Some(format!("substring({name}, 1, 0)")),
        literal @ ("JSON" | "JSONB") => Some(format!("CASE WHEN {name} IS NOT NULL THEN 'null'::{literal} END")),
        "xml" => Some(format!("CASE WHEN {name} IS NOT NULL THEN '<x/>'::xml END")),
        _ => matches!(info.kind(), PgTypeKind::Array(_)).then(|| format!("({name})[1:0]")),
    }
}
