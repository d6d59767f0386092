//! The engine's own catalogue → [`Table`]s: one query for all tables that the role may read.
//!
//! Every row of the answer is a column: schema, table, column, type, whether it is part of a key, and the engine's estimate of the
//! table's rows. No name goes into the query, so that none has to be quoted.

use super::{Column, Holds, Table};
use crate::query::Engine;
use crate::source::cell::Cell;

/// The query; where one view that no longer works would make it fail, also that of tables alone.
pub(super) fn sql(engine: Engine) -> (String, Option<String>) {
    match engine {
        Engine::Sqlite => (SQLITE.replace("{kinds}", "'table', 'view'"), Some(SQLITE.replace("{kinds}", "'table'"))),
        Engine::Postgres => (POSTGRES.to_owned(), None),
        Engine::Mysql => (MYSQL.to_owned(), None),
    }
}

const SQLITE: &str = "\
SELECT NULL, m.name, c.name, lower(c.type),
       c.pk > 0 OR EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) AS f WHERE f.\"from\" = c.name), NULL
FROM sqlite_master AS m, pragma_table_info(m.name) AS c
WHERE m.type IN ({kinds}) AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY m.name, c.cid";

const POSTGRES: &str = "\
SELECT nullif(n.nspname, 'public')::text, c.relname::text, a.attname::text,
       CASE WHEN t.typtype = 'e' THEN 'enum' ELSE format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) END,
       EXISTS (SELECT 1 FROM pg_constraint k
               WHERE k.conrelid = c.oid AND k.contype IN ('p', 'f') AND a.attnum = ANY (k.conkey)),
       CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum";

const MYSQL: &str = "\
SELECT NULL, c.table_name, c.column_name, c.data_type,
       c.column_key = 'PRI' OR EXISTS (
         SELECT 1 FROM information_schema.key_column_usage AS k
         WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
           AND k.referenced_table_name IS NOT NULL),
       t.table_rows
FROM information_schema.columns AS c
JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE()
ORDER BY c.table_name, c.ordinal_position";

/// The tables of the answer, in its order.
pub(super) fn tables(engine: Engine, rows: Vec<Vec<Cell>>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let text = |at: usize| row.get(at).and_then(|cell| cell.text().ok()?.map(|text| text.into_owned()));
        let (Some(table), Some(name), Some(kind)) = (text(1), text(2), text(3)) else { continue };
        let schema = text(0);
        let key = matches!(row.get(4), Some(Cell::Bool(true) | Cell::Integer(1)));
        let column = Column { name, holds: holds(engine, &kind), kind, key };
        match tables.last_mut().filter(|last| last.schema == schema && last.name == table) {
            Some(last) => last.columns.push(column),
            None => {
                let estimate = text(5).and_then(|rows| rows.parse().ok());
                tables.push(Table { schema, name: table, columns: vec![column], estimate });
            }
        }
    }
    tables
}

fn holds(engine: Engine, kind: &str) -> Holds {
    let has = |parts: &[&str]| parts.iter().any(|part| kind.contains(part));
    match engine {
        // https://www.sqlite.org/datatype3.html#determination_of_column_affinity, and the names that have a meaning to people.
        Engine::Sqlite if has(&["bool"]) => Holds::Flag,
        Engine::Sqlite if kind == "date" => Holds::Day,
        Engine::Sqlite if has(&["date", "time"]) => Holds::Local,
        Engine::Sqlite if has(&["int", "real", "floa", "doub", "dec", "num"]) => Holds::Number,
        Engine::Sqlite if has(&["char", "text", "clob"]) => Holds::Text,
        Engine::Sqlite => Holds::Other,
        _ => match kind {
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => Holds::Number,
            "tinyint" | "mediumint" | "int" | "decimal" | "float" | "double" => Holds::Number,
            "boolean" => Holds::Flag,
            "text" | "character varying" | "character" | "citext" | "enum" => Holds::Text,
            "char" | "varchar" | "tinytext" | "mediumtext" | "longtext" | "set" => Holds::Text,
            "date" => Holds::Day,
            "datetime" | "timestamp without time zone" => Holds::Local,
            "timestamp" | "timestamp with time zone" => Holds::Instant,
            _ => Holds::Other,
        },
    }
}
