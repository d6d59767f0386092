//! Fire times → rows of the store: which runs there will be.

use super::node::Node;
use super::world::{Point, World};
use crate::outbox::{Cursor, Planned, Skipped, plan};
use crate::render::Event;
use crate::report::ReportSpec;
use crate::store::StoreError;
use crate::text::Name;
use jiff::Timestamp;
use std::collections::BTreeMap;

impl<W: World> Node<W> {
    /// Looks at every schedule and stores what has come due since the last look, and what of it is given up. A fire time that another
    /// node stored is left alone. Gives when the next one comes.
    ///
    /// # Errors
    /// The store did not answer; the next look makes up for it.
    pub async fn plan(&self, reports: &BTreeMap<Name, ReportSpec>) -> Result<Option<Timestamp>, StoreError> {
        let now = self.world.now();
        let cursors = self.store.cursors(now).await?;
        let mut failed = None;
        for spec in reports.values() {
            // A renamed report goes on where it was under its old name.
            let cursor = cursors.get(&spec.id).or_else(|| cursors.get(spec.was.as_ref()?));
            let Some(planned) = plan(spec, cursor, now) else { continue };
            // A cursor that only moves would be a write for every report every few seconds; where nothing came due the next look starts
            // from the old one and finds the same.
            if is_news(&planned, cursors.get(&spec.id)) {
                self.world.reached(Point::Planning).await;
                if let (None, Some(was)) = (cursors.get(&spec.id), spec.was.as_ref()) {
                    self.store.suppress_as(was, &spec.id, now).await?;
                }
                // One report that can't be planned now keeps no other from it.
                failed = self.keep(spec, cursors.get(&spec.id), &planned).await.err().or(failed);
                self.world.reached(Point::Planned).await;
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let next = |spec: &ReportSpec| spec.schedule.as_ref()?.next(&spec.calendar.zone, now);
        Ok(reports.values().filter_map(next).min())
    }

    async fn keep(&self, spec: &ReportSpec, before: Option<&Cursor>, planned: &Planned) -> Result<(), StoreError> {
        let now = self.world.now();
        if let Some(Skipped { from, to, count, why }) = planned.skipped.clone() {
            // Told first, as everything that nobody would look for again.
            let event = Event::Skipped { report: spec.id.clone(), from, to, count, why: why.to_owned() };
            self.tell(&format!("skipped|{}|{from}", spec.id), &spec.id, event).await?;
        }
        if !self.store.plan(&spec.id, before, planned, now).await? {
            return Ok(());
        }
        for slot in &planned.runs {
            tracing::info!(report = %spec.id, %slot, "due");
        }
        if let Some(Skipped { from, to, count, why }) = &planned.skipped {
            tracing::warn!(report = %spec.id, %from, %to, count, why, "fire times are not made up for");
            self.board.slots_skipped(&spec.id, *count);
        }
        Ok(())
    }
}

fn is_news(planned: &Planned, stored: Option<&Cursor>) -> bool {
    let known = stored.is_some_and(|stored| stored.schedule == planned.cursor.schedule);
    !known || !planned.runs.is_empty() || planned.skipped.is_some()
}
