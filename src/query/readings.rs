//! The answers of a run's queries, column by column.

use super::Source;
use crate::calendar::Window;
use crate::formula::Reason;
use crate::text::Name;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// One query's rows, ordered by time (stable within equal times). All columns are equally long.
#[derive(Debug, Default, Clone)]
pub struct Table {
    /// Of a dated source: the instant each row belongs to, as nanoseconds since the Unix epoch. A `date` is the start of that day
    /// in the report's zone. Empty for a source without `time`.
    pub times: Vec<i128>,
    /// One per dimension of the source, in its order: what each row's segment is; `None` is NULL.
    pub dimensions: Vec<Vec<Option<Name>>>,
    /// One per measure of the source, in its order.
    pub measures: Vec<Column>,
    pub rows: usize,
}

/// The numbers of one measure. Where a number is missing the reason stands in `missing` and the number is 0.
#[derive(Debug, Default, Clone)]
pub struct Column {
    pub numbers: Vec<f64>,
    /// By row, ascending.
    pub missing: Vec<(usize, Reason)>,
}

impl Column {
    /// Why the number of `row` is missing, if it is.
    pub fn missing_at(&self, row: usize) -> Option<&Reason> {
        let at = self.missing.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(&self.missing[at].1)
    }
}

/// One contiguous stretch of time of one source, read by one query.
#[derive(Debug)]
pub struct Stretch {
    pub window: Window,
    /// The rows, or why the query failed, fit to show a reader.
    pub result: Result<Table, Name>,
}

/// Everything the queries of one run answered.
#[derive(Debug, Default)]
pub struct Readings {
    stretches: HashMap<Name, Vec<Stretch>>,
    newest: BTreeMap<Name, Newest>,
    passing: BTreeSet<Name>,
}

/// When a source's newest data is from, `None` if it has none; or why that can't be said, fit to show a reader.
pub type Newest = Result<Option<Timestamp>, Name>;

impl Readings {
    pub fn insert(&mut self, source: Name, stretch: Stretch) {
        self.stretches.entry(source).or_default().push(stretch);
    }

    pub fn insert_newest(&mut self, source: Name, newest: Newest) {
        self.newest.insert(source, newest);
    }

    /// Of every source that was asked, by name.
    pub fn newest(&self) -> &BTreeMap<Name, Newest> {
        &self.newest
    }

    /// The failure of `source` may well have passed a little later: its server was busy, down or cut off.
    pub fn may_pass(&mut self, source: Name) {
        self.passing.insert(source);
    }

    /// Whether the failure of `source` may pass by itself.
    pub fn is_passing(&self, source: &str) -> bool {
        self.passing.contains(source)
    }

    /// Treats `source` as failed, whatever it answered.
    pub fn fail(&mut self, source: &str, why: Name) {
        for stretch in self.stretches.get_mut(source).into_iter().flatten() {
            stretch.result = Err(why.clone());
        }
    }

    pub fn stretches(&self, source: &str) -> &[Stretch] {
        self.stretches.get(source).map_or(&[], Vec::as_slice)
    }

    /// Source and reason of every query that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Name, &Name)> {
        let all = self.stretches.iter().flat_map(|(source, stretches)| stretches.iter().map(move |s| (source, s)));
        all.filter_map(|(source, stretch)| Some((source, stretch.result.as_ref().err()?)))
    }

    /// The rows of `source` that lie in `window`.
    ///
    /// # Errors
    /// The reason a reader is told, when the query that should have covered the window failed or was never planned.
    pub fn rows(&self, source: &Arc<Source>, window: Window) -> Result<(&Table, Range<usize>), Reason> {
        let failed = |why: &str| Reason::SourceFailed { source: source.name.clone(), why: why.into() };
        let covers = |stretch: &&Stretch| match source.time {
            Some(_) => stretch.window.start <= window.start && window.end <= stretch.window.end,
            None => stretch.window == window,
        };
        let stretch = self
            .stretches(&source.name)
            .iter()
            .find(covers)
            .ok_or_else(|| failed("it was not read for this period"))?;
        let table = stretch.result.as_ref().map_err(|why| failed(why))?;
        let range = match source.time {
            Some(_) => {
                let from = table.times.partition_point(|t| *t < window.start.as_nanosecond());
                from..table.times.partition_point(|t| *t < window.end.as_nanosecond())
            }
            None => 0..table.rows,
        };
        Ok((table, range))
    }
}
