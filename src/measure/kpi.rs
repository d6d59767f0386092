//! What a KPI is, with every name resolved.

use super::target::{Goal, Target};
use crate::calendar::Over;
use crate::formula::Formula;
pub use crate::query::Unit;
use crate::text::{Name, Text};
use std::collections::{BTreeMap, BTreeSet};

/// A key performance indicator: a formula, how to read it, and what it should be.
#[derive(Debug, Clone)]
pub struct Kpi {
    pub id: Name,
    pub name: Text,
    pub description: Option<Text>,
    pub formula: Formula,
    pub unit: Unit,
    /// Digits after the decimal point; by the unit when absent.
    pub decimals: Option<u8>,
    /// Absent only where the target is a band.
    pub good: Option<Good>,
    pub target: Option<Target>,
    /// `where`: the segments it keeps.
    pub filter: Filter,
    /// The dimension it is also measured by.
    pub breakdown: Option<Name>,
    pub over: Option<Over>,
    pub at_least: Option<AtLeast>,
    pub owner: Option<String>,
    pub tags: Vec<String>,
}

impl Kpi {
    /// Its own formula and those that it is judged by: of its target and of its sample.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let target = self.target.iter().filter_map(|target| match &target.goal {
            Goal::Formula(formula) => Some(formula),
            Goal::Level(_) | Goal::Dated(_) => None,
        });
        [&self.formula].into_iter().chain(target).chain(self.at_least.as_ref().map(|at_least| &at_least.of))
    }
}

/// Dimension → the values kept. Empty keeps everything. `None` among the values is NULL.
pub type Filter = BTreeMap<Name, BTreeSet<Option<Name>>>;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Good {
    Up,
    Down,
    Neutral,
}

impl Good {
    /// As the YAML writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Good::Up => "up",
            Good::Down => "down",
            Good::Neutral => "neutral",
        }
    }
}

/// The sample below which a KPI is shown but not judged.
#[derive(Debug, Clone)]
pub struct AtLeast {
    pub of: Formula,
    pub n: f64,
}
