//! What earlier editions told.

use super::db::args;
use super::{Store, StoreError};
use crate::calendar::Window;
use crate::text::Name;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What one edition told of whole KPIs.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub run: String,
    pub slot: Timestamp,
    /// The period's label.
    pub period: String,
    pub window: Window,
    /// Of the KPIs that had a value.
    pub values: BTreeMap<Name, f64>,
    /// Of all.
    pub verdicts: BTreeMap<Name, String>,
}

impl Store {
    /// The last `most` editions of slots before `before` that somebody got or will get, oldest first; those under the report's former
    /// name `was` are its own as well.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn history(
        &self,
        (report, was): (&Name, Option<&Name>),
        before: Timestamp,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<Told>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let sql = "SELECT run, slot_ms, period, period_start, period_end FROM run WHERE report IN ($1, $4) AND slot_ms < $2 \
                   AND kind <> 'alert' AND state IN ('rendered', 'delivered', 'partly') ORDER BY slot_ms DESC, run LIMIT $3";
        let mut told = Vec::new();
        for row in tx.rows(sql, args![report, before, most, was.unwrap_or(report)]).await?.iter().rev() {
            let run: String = row.get("run")?;
            let sql = "SELECT kpi, value, verdict FROM measurement WHERE run = $1 AND segment = ''";
            let (mut values, mut verdicts) = (BTreeMap::new(), BTreeMap::new());
            for kept in tx.rows(sql, args![&run]).await? {
                let kpi: Name = kept.get::<String>("kpi")?.into();
                verdicts.insert(kpi.clone(), kept.get("verdict")?);
                if let Some(value) = kept.get("value")? {
                    values.insert(kpi, value);
                }
            }
            let window = Window { start: row.time("period_start")?, end: row.time("period_end")? };
            told.push(Told { run, slot: row.time("slot_ms")?, period: row.get("period")?, window, values, verdicts });
        }
        tx.commit().await?;
        Ok(told)
    }
}
