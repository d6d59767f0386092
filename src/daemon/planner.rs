//! Fire times → rows of the store: which runs there will be.

use super::node::Node;
use super::world::{Point, World};
use crate::outbox::{Cursor, Planned, plan};
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
        for spec in reports.values() {
            // A renamed report goes on where it was under its old name.
            let cursor = cursors.get(&spec.id).or_else(|| cursors.get(spec.was.as_ref()?));
            let Some(planned) = plan(spec, cursor, now) else { continue };
            // A cursor that only moves would be a write for every report every few seconds; where nothing came due the next look starts
            // from the old one and finds the same.
            if is_news(&planned, cursors.get(&spec.id)) {
                self.world.reached(Point::Planning).await;
                self.keep(spec, cursors.get(&spec.id), &planned).await?;
                self.world.reached(Point::Planned).await;
            }
        }
        let next = |spec: &ReportSpec| spec.schedule.as_ref()?.next(&spec.calendar.zone, now);
        Ok(reports.values().filter_map(next).min())
    }

    async fn keep(&self, spec: &ReportSpec, before: Option<&Cursor>, planned: &Planned) -> Result<(), StoreError> {
        let now = self.world.now();
        if !self.store.plan(&spec.id, before, planned, now).await? {
            return Ok(());
        }
        for slot in &planned.runs {
            tracing::info!(report = %spec.id, %slot, "due");
        }
        let Some(skipped) = &planned.skipped else { return Ok(()) };
        let (from, to, count, why) = (skipped.from, skipped.to, skipped.count, skipped.why);
        tracing::warn!(report = %spec.id, %from, %to, count, why, "fire times are not made up for");
        self.board.slots_skipped(&spec.id, count);
        let event = Event::Skipped { report: spec.id.clone(), from, to, count, why: why.to_owned() };
        self.tell(&format!("skipped|{}|{from}", spec.id), &spec.id, event).await
    }
}

fn is_news(planned: &Planned, stored: Option<&Cursor>) -> bool {
    let known = stored.is_some_and(|stored| stored.schedule == planned.cursor.schedule);
    !known || !planned.runs.is_empty() || planned.skipped.is_some()
}
