//! Which rows of a window a filter keeps.
//!
//! A breakdown asks for each segment in turn. So that this costs no look at every row a time, the rows of a segment are found
//! once for all segments of a dimension.

use super::kpi::Filter;
use crate::calendar::Window;
use crate::formula::Reason;
use crate::query::{Readings, Source, Table};
use crate::text::Name;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// The rows of one run.
pub(super) struct Rows<'a> {
    readings: &'a Readings,
    /// By table and position of the dimension.
    places: RefCell<HashMap<(*const Table, usize), Places<'a>>>,
}

/// Segment → its rows, ascending.
type Places<'a> = HashMap<&'a Option<Name>, Vec<usize>>;

impl<'a> Rows<'a> {
    pub fn new(readings: &'a Readings) -> Self {
        Rows { readings, places: RefCell::default() }
    }

    /// The rows of `source` in `window` that `filter` keeps, ascending.
    ///
    /// # Errors
    /// The source was not read, or lacks a dimension of the filter.
    pub fn kept(
        &self,
        source: &Arc<Source>,
        window: Window,
        filter: &Filter,
    ) -> Result<(&'a Table, Vec<usize>), Reason> {
        let (table, range) = self.readings.rows(source, window)?;
        let mut columns = Vec::with_capacity(filter.len());
        for (dimension, values) in filter {
            let index = source.dimension(dimension).ok_or_else(|| Reason::SourceFailed {
                source: source.name.clone(),
                why: format!("it has no dimension {dimension}").into(),
            })?;
            columns.push((index, values));
        }
        let keeps =
            |row: &usize| columns.iter().all(|(index, values)| values.contains(&table.dimensions[*index][*row]));
        let segments = columns.iter().filter_map(|(index, values)| self.segment(table, *index, values, &range));
        let rows = match segments.min_by_key(Vec::len) {
            Some(rows) => rows.into_iter().filter(keeps).collect(),
            None => range.filter(keeps).collect(),
        };
        Ok((table, rows))
    }

    /// The rows of the only one of `values`; `None` when they are none or several.
    fn segment(
        &self,
        table: &'a Table,
        index: usize,
        values: &BTreeSet<Option<Name>>,
        range: &Range<usize>,
    ) -> Option<Vec<usize>> {
        let value = values.first().filter(|_| values.len() == 1)?;
        let mut known = self.places.borrow_mut();
        let places = known.entry((std::ptr::from_ref(table), index)).or_insert_with(|| {
            let mut places = Places::new();
            for (row, segment) in table.dimensions[index].iter().enumerate() {
                places.entry(segment).or_default().push(row);
            }
            places
        });
        let rows = places.get(value).map_or(&[][..], Vec::as_slice);
        let [from, to] = [range.start, range.end].map(|end| rows.partition_point(|row| *row < end));
        Some(rows[from..to].to_vec())
    }
}
