//! What a node does for the company of nodes: shows that it lives, sees who else does, and keeps the store tidy.

use super::node::{Node, guard};
use super::world::World;
use crate::render::Event;
use crate::store::{Keep, StoreError};
use crate::text::Name;
use crate::web;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::time::Duration;

/// A clock that leaps further has been set wrong, or put right: somebody should look before a month of reports goes out.
const LEAP: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Nodes that were seen since then are alive.
const ALIVE: SignedDuration = SignedDuration::from_secs(60);
/// How long nodes may hold different catalogues, while an edit is rolled out.
const ROLLOUT: SignedDuration = SignedDuration::from_mins(5);
/// So little room, in bytes, is worth a word.
const LITTLE: u64 = 100_000_000;
/// A clock this far from the store's is worth a word.
const SKEW: SignedDuration = SignedDuration::from_secs(2);

impl<W: World> Node<W> {
    /// Why nothing new may be planned now, if so. The clock having leapt since the last heartbeat of any node holds planning for all,
    /// until somebody resumes it.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn may_plan(&self) -> Result<Option<String>, StoreError> {
        let now = self.world.now();
        let beat = self.store.heartbeat(now).await?;
        if let Some(from) = beat.filter(|beat| now.duration_since(*beat) > LEAP) {
            let why = format!("the clock has leapt from {from} to {now}");
            self.store.hold_planning(&why, now).await?;
            tracing::error!(why, "nothing is planned until `kpid resume`");
            self.tell(&format!("leap|{from}"), &Name::from(""), Event::ClockJumped { from }).await?;
        }
        Ok(self.store.planning_held(now).await?.map(|held| held.why))
    }

    /// One beat of the heart: leases, the node's own row, the dead, and the board.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn pulse(&self, config: &str, reports: &BTreeSet<Name>) -> Result<(), StoreError> {
        self.beat().await?;
        // Before this node's own heartbeat hides how long there was none.
        self.may_plan().await?;
        self.store.beat(&self.id, &self.host, env!("CARGO_PKG_VERSION"), config, self.world.now()).await?;
        let rescued = self.rescue().await?;
        if rescued > 0 {
            tracing::warn!(rescued, "took over what another node was sending when it died");
        }
        self.watch_room().await?;
        self.watch_company(config).await?;
        self.show(reports).await
    }

    /// Whether the disk of the store is about to be full.
    async fn watch_room(&self) -> Result<(), StoreError> {
        let Some((folder, free)) = self.store.room().filter(|(_, free)| *free < LITTLE) else { return Ok(()) };
        let place = folder.display().to_string();
        tracing::warn!(place, free, "the disk of the store is nearly full");
        let key = format!("room|{}", self.world.now().strftime("%F"));
        self.tell(&key, &Name::from(""), Event::NearlyFull { place, free }).await
    }

    /// Whether the other nodes work from the same catalogue, and by the same clock.
    async fn watch_company(&self, config: &str) -> Result<(), StoreError> {
        let asked = self.world.now();
        let least = self.store.skew(asked).await?;
        let now = self.world.now();
        // The store looked at its clock at some moment between: a wait for a busy store is no difference.
        let skew = SignedDuration::ZERO.clamp(least, least + now.duration_since(asked).max(SignedDuration::ZERO));
        self.board.clock_skew(skew);
        if skew.abs() > SKEW {
            tracing::warn!(?skew, "this node's clock differs from the store's");
            let event = Event::ClockSkew { node: self.host.clone(), skew };
            self.tell(&format!("skew|{}|{}", self.id, now.strftime("%F")), &Name::from(""), event).await?;
        }
        let nodes = self.store.nodes(now).await?;
        let alive: Vec<_> = nodes.iter().filter(|node| now.duration_since(node.seen) < ALIVE).collect();
        let differ = alive.iter().any(|node| node.config != config);
        self.board.nodes(alive.len(), differ);
        let since = {
            let mut since = guard(&self.differs);
            *since = if differ { since.or(Some(now)) } else { None };
            *since
        };
        if let Some(since) = since.filter(|since| now.duration_since(*since) > ROLLOUT) {
            let nodes = alive.iter().map(|node| (node.host.clone(), node.config.clone())).collect();
            self.tell(&format!("differ|{since}"), &Name::from(""), Event::Differ { since, nodes }).await?;
        }
        Ok(())
    }

    async fn show(&self, reports: &BTreeSet<Name>) -> Result<(), StoreError> {
        let now = self.world.now();
        let stats = self.store.stats(now).await?;
        let mine = stats.reports.into_iter().filter(|report| reports.contains(&report.report));
        let shown = web::Stats {
            deliveries: stats.deliveries.into_iter().map(|(state, count)| (state, count.into())).collect(),
            oldest_queued: stats.oldest_queued,
            last_success: mine.filter_map(|report| Some((report.report, report.success?))).collect(),
        };
        self.board.store_says(&shown, now);
        Ok(())
    }

    /// Removes what is older than it is kept.
    ///
    /// # Errors
    /// The store did not answer; the next time makes up for it.
    pub async fn prune(&self, within: Duration) -> Result<(), StoreError> {
        let pruned = self.store.prune(Keep::covering(within), self.world.now()).await?;
        tracing::debug!(?pruned, "tidied up");
        Ok(())
    }
}
