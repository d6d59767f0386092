//! What a source is and what it answers, without a database (pure).
//!
//! A [`Source`] is a named query of the YAML; [`sql`] reads its text; a [`Need`] is one source over one window;
//! [`Readings`] are the answers of a run, made of [`Cell`]s by a [`Collector`]. The edge that turns needs into readings is `source`.

pub mod cell;
mod database;
mod readings;
mod rows;
pub mod sql;

pub use cell::Cell;
pub use database::{Database, Engine, must_encrypt};
pub use readings::{Column, Newest, Readings, Stretch, Table};
pub use rows::{BadAnswer, Collector, Zones, flaws};

use crate::calendar::Window;
use crate::text::{Name, Text};
use sql::Statement;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A named query over one database.
#[derive(Debug)]
pub struct Source {
    pub name: Name,
    pub database: Name,
    pub description: Option<Text>,
    pub statement: Statement,
    /// The column that dates a row. With it one query serves every period; without it the query runs once a period.
    pub time: Option<Name>,
    pub dimensions: Vec<Name>,
    pub measures: Vec<Measure>,
    /// What readers see for a measure or a dimension.
    pub labels: BTreeMap<Name, Text>,
    pub fresh: Option<Fresh>,
}

/// A numeric column of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub name: Name,
    pub aggregate: Aggregate,
    /// Whether the YAML names the aggregate (`{ created: sum }`) or leaves it to the default (`[created]`).
    pub declared: bool,
}

/// How the rows of a measure are combined over time. Over dimensions `Sum`, `First` and `Last` add up, `Min` and `Max` don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aggregate {
    #[default]
    Sum,
    Min,
    Max,
    First,
    Last,
}

/// A source's freshness contract.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Answers one timestamp: that of the newest data.
    pub statement: Statement,
    /// How much older than the period's end (or than now, if earlier) the newest data may be.
    pub within: Duration,
    pub otherwise: Otherwise,
}

/// What to do about stale data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Otherwise {
    /// Report it, and say so beside each KPI.
    #[default]
    Warn,
    /// Wait up to the given time for fresh data, then warn.
    Hold(Duration),
    /// Treat the source as failed.
    Fail,
}

impl Source {
    /// The columns that its answer must have: that which dates a row, dimensions, measures.
    pub fn columns(&self) -> impl Iterator<Item = &Name> {
        let measures = self.measures.iter().map(|measure| &measure.name);
        self.time.iter().chain(&self.dimensions).chain(measures)
    }

    /// The position of `measure` among the source's measures.
    pub fn measure(&self, measure: &str) -> Option<usize> {
        self.measures.iter().position(|m| &*m.name == measure)
    }

    /// The position of `dimension` among the source's dimensions.
    pub fn dimension(&self, dimension: &str) -> Option<usize> {
        self.dimensions.iter().position(|d| &**d == dimension)
    }
}

/// One query to run: what it asks of a source over one window.
#[derive(Debug, Clone)]
pub struct Need {
    pub source: Arc<Source>,
    pub window: Window,
    pub asks: Asks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asks {
    /// The source's rows.
    Rows,
    /// When its newest data is from, by its `fresh` query; that may use the parameters of the window, so that an old edition can be
    /// asked about again.
    Newest,
}

impl Need {
    pub fn rows(source: Arc<Source>, window: Window) -> Need {
        Need { source, window, asks: Asks::Rows }
    }

    pub fn newest(source: Arc<Source>, window: Window) -> Need {
        Need { source, window, asks: Asks::Newest }
    }
}
