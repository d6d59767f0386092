//! What a database holds, looked at and never shown: tables, columns, counts, the newest date (edge: sqlx).
//!
//! In: a read-only session of any engine. Out: [`Table`]s, their [`Extent`] and, for one table, the [`Proposal`] of a source. No value
//! of a row leaves this module but the newest date. Every question is bounded: by time on the server, and by looking at the first rows
//! only where all of them could be many. What takes too long is not known, which is no error.
//! `describe` asks the engine's own catalogue, `propose` turns columns into SQL without a database, `words` reads their names.

mod describe;
mod propose;
mod words;

pub use propose::{LeftOut, Proposal};

use super::access::Access;
use super::bind::{Form, PLAIN_TEXT};
use super::cell::Cell;
use super::error::SourceError;
use super::run::{self, GRACE, begun};
use super::sample::{quoted, quoted_table, sample_sql};
use super::session::{Prepared, Session, close, promptly};
use crate::query::Engine;
use crate::query::sql::TableName;
use propose::{Distinct, Facts};
use std::time::{Duration, Instant};

/// How long one look at a table's rows may take.
const LOOK: Duration = Duration::from_secs(5);
/// How long looking at the rows of many tables may take before the others are left unknown.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many rows are counted where the engine keeps no estimate.
const COUNTED: u64 = 100_000;
/// How many rows tell how many different values a column has.
const SAMPLED: u64 = 10_000;
/// Columns that a description may have in all.
const COLUMNS: usize = 200_000;

/// A table or view that the role may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// PostgreSQL's schema, unless it is `public`.
    pub schema: Option<String>,
    pub name: String,
    pub columns: Vec<Column>,
    /// What the engine itself believes, where it keeps count.
    estimate: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As the engine names it.
    pub kind: String,
    /// Part of a primary or foreign key.
    pub key: bool,
    holds: Holds,
}

/// What a column's declared type says of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Number,
    Flag,
    Text,
    Day,
    /// Timestamps without zone.
    Local,
    /// Timestamps with zone.
    Instant,
    Other,
}

/// How much a table holds, and up to when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// `None` where counting took too long.
    pub rows: Option<Count>,
    /// The column that dates its rows.
    pub time: Option<String>,
    /// Its greatest value.
    pub newest: Option<String>,
}

/// A number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Exactly(u64),
    /// By the engine's own statistics.
    About(u64),
    MoreThan(u64),
}

impl Table {
    /// As it is named on the command line: with its schema, unless that is the usual one.
    pub fn shown(&self) -> String {
        self.schema.iter().chain([&self.name]).cloned().collect::<Vec<_>>().join(".")
    }

    fn quoted(&self, quote: char) -> String {
        quoted_table(&self.named(), quote)
    }

    fn named(&self) -> TableName {
        TableName { qualifiers: self.schema.iter().cloned().collect(), name: self.name.clone() }
    }
}

/// The mark that `engine` quotes names with. In SQLite an unknown name in double quotes would be a text.
fn quote(engine: Engine) -> char {
    if engine == Engine::Postgres { '"' } else { '`' }
}

/// `access` for questions that nobody waits long for, about more columns than a source may have rows.
pub(super) fn hurried(mut access: Access) -> Access {
    access.database.timeout = access.database.timeout.min(LOOK);
    access.database.max_rows = COLUMNS;
    access
}

pub(super) async fn tables<S: Session>(access: &Access) -> Result<Vec<Table>, SourceError> {
    let mut look = Look::<S>::begin(access).await?;
    let (all, tables_alone) = describe::sql(access.database.engine);
    let rows = match (look.ask(all).await, tables_alone) {
        (Err(SourceError::Refused { .. }), Some(tables_alone)) => look.ask(tables_alone).await?,
        (rows, _) => rows?,
    };
    look.end().await;
    Ok(describe::tables(access.database.engine, rows))
}

pub(super) async fn extents<S: Session>(access: &Access, tables: &[Table]) -> Result<Vec<Extent>, SourceError> {
    let started = Instant::now();
    let mut look = Look::<S>::begin(access).await?;
    let mut extents = Vec::new();
    for table in tables {
        let in_time = started.elapsed() < PATIENCE;
        extents.push(if in_time { look.extent(table).await?.0 } else { Extent::default() });
    }
    look.end().await;
    Ok(extents)
}

/// Why no source over a table can be proposed: no column dates its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undated {
    /// The column whose text looks like dd/mm/yyyy, and the SQL that makes a day of it.
    pub day_first: Option<(String, String)>,
}

/// `room`: how many rows the source may answer.
pub(super) async fn proposal<S: Session>(
    access: &Access,
    table: &Table,
    room: usize,
) -> Result<Result<Proposal, Undated>, SourceError> {
    let mut look = Look::<S>::begin(access).await?;
    let (extent, form) = look.extent(table).await?;
    let Some((time, form)) = extent.time.zip(form) else {
        let day_first = look.day_first(table).await?;
        look.end().await;
        return Ok(Err(Undated { day_first }));
    };
    let distinct = look.distinct(table).await?;
    look.end().await;
    let facts = Facts {
        engine: access.database.engine,
        quote: quote(access.database.engine),
        report: &access.report,
        own: access.zone(),
        max_rows: room,
        time: &time,
        form,
        distinct: &distinct,
        newest: extent.newest,
    };
    Ok(Ok(propose::propose(table, facts)))
}

/// A session that looks.
struct Look<'a, S> {
    session: S,
    access: &'a Access,
}

impl<'a, S: Session> Look<'a, S> {
    async fn begin(access: &'a Access) -> Result<Look<'a, S>, SourceError> {
        Ok(Look { session: begun::<S>(access).await?, access })
    }

    async fn end(self) {
        close(self.session).await;
    }

    async fn ask(&mut self, sql: String) -> Result<Vec<Vec<Cell>>, SourceError> {
        let prepared = Prepared { sql, bounds: Vec::new(), columns: Vec::new() };
        let limit = self.access.database.timeout + GRACE;
        let mut rows = Vec::new();
        let drained = run::drain::<S>(self.access, self.session.rows(&prepared), |cells| {
            rows.push(cells);
            Ok(())
        });
        let drained = tokio::time::timeout(limit, drained).await;
        drained.unwrap_or_else(|_| Err(run::too_slow(self.access).into())).map_err(|failure| failure.error)?;
        Ok(rows)
    }

    /// The first cell of the answer to `sql`; `None` where the database has no answer in time, or refuses the question.
    async fn try_ask(&mut self, sql: String) -> Result<Option<Vec<Cell>>, SourceError> {
        match self.ask(sql).await {
            Ok(rows) => Ok(rows.into_iter().next()),
            Err(SourceError::TooSlow { .. } | SourceError::Refused { .. } | SourceError::Locked { .. }) => {
                let recovered = async { self.session.recover().await.map_err(|error| S::explain(self.access, &error)) };
                promptly(self.access, recovered).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Size, newest date, and how the column that dates the rows is written.
    async fn extent(&mut self, table: &Table) -> Result<(Extent, Option<Form>), SourceError> {
        let rows = self.rows(table).await?;
        let quote = quote(self.access.database.engine);
        for column in propose::dating(&table.columns) {
            let Some(form) = self.form(table, column).await else { continue };
            let sql = format!("SELECT max({}) FROM {}", quoted(&column.name, quote), table.quoted(quote));
            let newest = self.try_ask(sql).await?.and_then(|cells| cells.into_iter().next());
            if newest.as_ref().is_none_or(|newest| is_time(newest, form)) {
                let newest = newest.and_then(|newest| shown(&newest, form));
                return Ok((Extent { rows, time: Some(column.name.clone()), newest }, Some(form)));
            }
        }
        Ok((Extent { rows, ..Extent::default() }, None))
    }

    async fn rows(&mut self, table: &Table) -> Result<Option<Count>, SourceError> {
        if let Some(estimate) = table.estimate.filter(|estimate| *estimate >= COUNTED) {
            return Ok(Some(Count::About(estimate)));
        }
        let quoted = table.quoted(quote(self.access.database.engine));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT {}) AS few", COUNTED + 1);
        let count = self.try_ask(sql).await?.as_deref().and_then(number);
        Ok(count.map(|count| if count > COUNTED { Count::MoreThan(COUNTED) } else { Count::Exactly(count) }))
    }

    /// How the moments of `column` are written, by its type or by one of its values.
    async fn form(&mut self, table: &Table, column: &Column) -> Option<Form> {
        let engine = self.access.database.engine;
        let (typed, declared) = match column.holds {
            Holds::Day => (Some(Form::Day), Some(Form::DayText)),
            Holds::Local => (Some(Form::Local), Some(PLAIN_TEXT)),
            Holds::Instant => (Some(Form::Instant), None),
            _ => (None, None),
        };
        // SQLite's types are only declared: what is there counts.
        if engine != Engine::Sqlite && typed.is_some() {
            return typed;
        }
        let form = self.session.sample(&table.named(), &column.name).await.or(declared)?;
        // A number is nothing that PostgreSQL could compare with a time.
        (!is_unix(form) || engine != Engine::Postgres).then_some(form)
    }

    /// The column that would date the rows if its days were written the other way round.
    async fn day_first(&mut self, table: &Table) -> Result<Option<(String, String)>, SourceError> {
        let engine = self.access.database.engine;
        for column in propose::dating(&table.columns).into_iter().filter(|column| column.holds == Holds::Text) {
            let sql = sample_sql(&table.named(), &column.name, quote(engine));
            let cells = self.try_ask(sql).await?.unwrap_or_default();
            let text = cells.first().and_then(|cell| cell.text().ok().flatten());
            if text.is_some_and(|text| is_day_first(&text)) {
                let day = from_day_first(engine, &quoted(&column.name, quote(engine)));
                return Ok(Some((column.name.clone(), day)));
            }
        }
        Ok(None)
    }

    /// How many values, and different ones, each column that could be a dimension has among the first rows.
    async fn distinct(&mut self, table: &Table) -> Result<Vec<Distinct>, SourceError> {
        let quote = quote(self.access.database.engine);
        let columns: Vec<&Column> = table.columns.iter().filter(|column| column.holds == Holds::Text).collect();
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let list = |shown: &dyn Fn(String) -> String| {
            columns.iter().map(|column| shown(quoted(&column.name, quote))).collect::<Vec<_>>().join(", ")
        };
        let sql = format!(
            "SELECT {} FROM (SELECT {} FROM {} LIMIT {SAMPLED}) AS few",
            list(&|name| format!("count(DISTINCT {name}), count({name})")),
            list(&|name| name),
            table.quoted(quote),
        );
        let counts = self.try_ask(sql).await?.unwrap_or_default();
        let counted = |(column, counts): (&&Column, &[Cell])| {
            let (values, filled) = (number(counts)?, number(counts.get(1..)?)?);
            Some(Distinct { column: column.name.clone(), values, filled })
        };
        Ok(columns.iter().zip(counts.chunks(2)).filter_map(counted).collect())
    }
}

/// Whether `text` begins with a day as dd/mm/yyyy.
fn is_day_first(text: &str) -> bool {
    text.get(..10).is_some_and(|day| jiff::civil::Date::strptime("%d/%m/%Y", day).is_ok())
}

/// The day that a text column of dd/mm/yyyy says.
fn from_day_first(engine: Engine, column: &str) -> String {
    match engine {
        Engine::Sqlite => {
            format!("substr({column}, 7, 4) || '-' || substr({column}, 4, 2) || '-' || substr({column}, 1, 2)")
        }
        Engine::Postgres => format!("to_date({column}, 'DD/MM/YYYY')"),
        Engine::Mysql => format!("str_to_date(left({column}, 10), '%d/%m/%Y')"),
    }
}

fn is_unix(form: Form) -> bool {
    matches!(form, Form::Seconds | Form::Milliseconds)
}

/// Whether the newest value is a time: a number of this millennium, not the 28 of a month.
fn is_time(newest: &Cell, form: Form) -> bool {
    const MILLENNIUM: i128 = 946_684_800;
    !is_unix(form) || !matches!(newest, Cell::Integer(number) if *number < MILLENNIUM)
}

/// The whole number in the first cell.
fn number(cells: &[Cell]) -> Option<u64> {
    match cells.first()? {
        Cell::Integer(number) => u64::try_from(*number).ok(),
        other => other.text().ok()??.parse().ok(),
    }
}

/// A date as people read it.
fn shown(cell: &Cell, form: Form) -> Option<String> {
    let unix = |scale: i64| match cell {
        Cell::Integer(unix) => jiff::Timestamp::from_second(i64::try_from(*unix).ok()? / scale).ok(),
        _ => None,
    };
    match form {
        Form::Seconds => Some(unix(1)?.to_string()),
        Form::Milliseconds => Some(unix(1000)?.to_string()),
        _ => cell.text().ok()?.map(|text| text.chars().take(25).collect()),
    }
}
