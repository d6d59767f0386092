//! The rows of one answer → a [`Table`]: declared columns found, cells checked, rows ordered by time (pure).

use super::cell::Cell;
use super::{Column, Source, Table};
use crate::calendar::Window;
use crate::formula::Value;
use crate::text::Name;
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// The answer is not what the source declares, or a cell is not what its column should hold; fit to show a reader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAnswer(pub String);

/// What dates and times without zone mean.
#[derive(Debug, Clone, Copy)]
pub struct Zones<'a> {
    /// A date is a day of this zone, the report's.
    pub report: &'a TimeZone,
    /// A timestamp without zone is in this one, the database's.
    pub database: &'a TimeZone,
}

/// Takes the rows of `source` one by one.
#[derive(Debug)]
pub struct Collector<'a> {
    source: &'a Source,
    zones: Zones<'a>,
    window: Window,
    time: Option<usize>,
    dimensions: Vec<usize>,
    measures: Vec<usize>,
    /// Rows that came, those outside the window included.
    seen: usize,
    /// Segments repeat from row to row: each is kept once.
    segments: HashSet<Name>,
    table: Table,
}

impl<'a> Collector<'a> {
    /// For an answer with `columns`. Columns that the source doesn't declare are left alone.
    ///
    /// # Errors
    /// A declared column is missing, or there twice.
    pub fn new(zones: Zones<'a>, source: &'a Source, window: Window, columns: &[String]) -> Result<Self, BadAnswer> {
        let find = |name: &Name| position(columns, name);
        let time = source.time.as_ref().map(find).transpose()?;
        let dimensions = source.dimensions.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let measures = source.measures.iter().map(|measure| find(&measure.name)).collect::<Result<Vec<_>, _>>()?;
        let table = Table {
            dimensions: vec![Vec::new(); dimensions.len()],
            measures: vec![Column::default(); measures.len()],
            ..Table::default()
        };
        Ok(Self { source, zones, window, time, dimensions, measures, seen: 0, segments: HashSet::new(), table })
    }

    /// Takes a row; a dated one outside the window is left out.
    ///
    /// # Errors
    /// A cell that is not what its column should hold, or a second row where one is expected.
    pub fn push(&mut self, cells: &[Cell]) -> Result<(), BadAnswer> {
        self.seen += 1;
        match self.time {
            Some(column) => {
                let instant = self.instant(&cells[column])?;
                if instant < self.window.start || instant >= self.window.end {
                    return Ok(());
                }
                self.table.times.push(instant.as_nanosecond());
            }
            None if self.seen == 2 && self.dimensions.is_empty() => {
                let help = "aggregate in SQL, or declare time or dimensions";
                return Err(BadAnswer(format!("expected 1 row, got 2 or more: {help}")));
            }
            None => {}
        }
        for (at, column) in self.dimensions.iter().enumerate() {
            let segment = segment(&mut self.segments, &self.source.dimensions[at], &cells[*column])?;
            self.table.dimensions[at].push(segment);
        }
        for at in 0..self.measures.len() {
            self.measure(at, &cells[self.measures[at]])?;
        }
        self.table.rows += 1;
        Ok(())
    }

    /// The rows by time; equal times keep the order of the answer.
    pub fn finish(mut self) -> Table {
        if !self.table.times.is_sorted() {
            let mut order: Vec<usize> = (0..self.table.rows).collect();
            order.sort_by_key(|row| self.table.times[*row]);
            self.table = reordered(self.table, &order);
        }
        self.table
    }

    fn instant(&self, cell: &Cell) -> Result<jiff::Timestamp, BadAnswer> {
        cell.instant(self.zones.report, self.zones.database).ok_or_else(|| {
            let what = match cell {
                Cell::Null => "NULL",
                Cell::Text(_) => "a text that is no ISO date",
                _ => "no date",
            };
            let name = self.source.time.as_deref().unwrap_or_default();
            BadAnswer(format!("time column `{name}` holds {what} in row {}", self.seen))
        })
    }

    fn measure(&mut self, at: usize, cell: &Cell) -> Result<(), BadAnswer> {
        let name = &self.source.measures[at].name;
        let value = cell.number(|| format!("{}.{name}", self.source.name).into()).map_err(|found| {
            BadAnswer(format!("column `{name}` holds {found} where a number is expected: cast it in SQL"))
        })?;
        let column = &mut self.table.measures[at];
        column.numbers.push(value.number().unwrap_or(0.0));
        if let Value::Missing(reason) = value {
            column.missing.push((self.table.rows, reason));
        }
        Ok(())
    }
}

fn segment(known: &mut HashSet<Name>, dimension: &Name, cell: &Cell) -> Result<Option<Name>, BadAnswer> {
    let text = cell
        .text()
        .map_err(|found| BadAnswer(format!("dimension `{dimension}` holds {found}: cast it to text in SQL")))?;
    Ok(text.map(|text| match known.get(&*text) {
        Some(name) => name.clone(),
        None => {
            let name: Name = text.into();
            known.insert(name.clone());
            name
        }
    }))
}

fn reordered(table: Table, order: &[usize]) -> Table {
    let measures = table.measures.into_iter().map(|column| {
        let mut missing = column.missing.into_iter().collect::<std::collections::HashMap<_, _>>();
        Column {
            numbers: order.iter().map(|row| column.numbers[*row]).collect(),
            missing: order.iter().enumerate().filter_map(|(at, row)| Some((at, missing.remove(row)?))).collect(),
        }
    });
    Table {
        measures: measures.collect(),
        times: order.iter().map(|row| table.times[*row]).collect(),
        dimensions: table.dimensions.iter().map(|c| order.iter().map(|row| c[*row].clone()).collect()).collect(),
        rows: table.rows,
    }
}

/// What is wrong with `columns` as the answer of `source`: each declared one that is missing, or there twice.
pub fn flaws<'a>(source: &'a Source, columns: &'a [String]) -> impl Iterator<Item = BadAnswer> + 'a {
    source.columns().filter_map(|name| position(columns, name).err())
}

/// Where `name` stands among `columns`.
fn position(columns: &[String], name: &str) -> Result<usize, BadAnswer> {
    let mut places = columns.iter().enumerate().filter(|(_, column)| *column == name).map(|(at, _)| at);
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => Err(BadAnswer(format!("column `{name}` comes back more than once"))),
        (None, _) => {
            let near = columns.iter().find(|column| strsim::jaro_winkler(&column.to_lowercase(), name) > 0.85);
            let hint = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
            let all = columns.join(", ");
            Err(BadAnswer(format!("column `{name}` is not among those that came back ({all}){hint}")))
        }
    }
}
