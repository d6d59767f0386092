//! A node of the simulation and its steps: futures that are polled from gate to gate.

use super::world::{Fake, Gate};
use crate::daemon::courier::InHand;
use crate::daemon::hand::Held;
use crate::daemon::node::Node;
use crate::daemon::world::{Point, World};
use crate::outbox::Run;
use crate::report::ReportSpec;
use crate::store::StoreError;
use crate::store::rig::Trouble;
use crate::text::Name;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// Time since the simulation began; the wall clock may be set, this one can't.
pub type Elapsed = SignedDuration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    Plan,
    Begin,
    Make,
    Take,
    Send,
    Pulse,
    Leave,
}

/// What a step ended with.
pub enum Done {
    Well,
    Planned,
    Begun(Box<(Run, Held)>),
    Taken(Vec<InHand>),
    Badly(StoreError),
}

pub struct Job {
    pub what: What,
    pub step: Pin<Box<dyn Future<Output = Done>>>,
    /// Where it waits, and until when.
    pub gate: Option<Gate>,
    pub until: Elapsed,
    /// What it works on.
    pub claim: Option<(String, i64)>,
}

pub struct Actor {
    pub node: Arc<Node<Fake>>,
    pub trouble: Arc<Trouble>,
    /// Which edition of the reports it works by.
    pub edition: usize,
    pub planned: bool,
    pub jobs: Vec<Job>,
    pub queue: VecDeque<InHand>,
    /// Stopped as by SIGSTOP until then.
    pub paused: Option<Elapsed>,
    /// Cut off from the store until then.
    pub cut: Option<Elapsed>,
    /// Since when nothing has happened to it.
    pub sound: Elapsed,
    /// Told to end.
    pub leaving: bool,
    /// When it looks next for what to plan, make, send and keep.
    pub plan_at: Elapsed,
    pub look_at: Elapsed,
    pub mail_at: Elapsed,
    pub pulse_at: Elapsed,
}

const MAKES: usize = 4;
const SENDS: usize = 3;

impl Job {
    /// Goes on to the next gate, or the end.
    pub async fn advance(&mut self, world: &Fake) -> Option<Done> {
        poll_fn(|cx| match self.step.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if world.outside().parked.is_some() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Whether a mail may be out that the store doesn't know of: after the last look, and for sure after the message's end.
    pub fn window(&self) -> Option<(&str, bool)> {
        let id = &self.claim.as_ref().filter(|_| self.what == What::Send)?.0;
        match self.gate? {
            Gate::At(Point::Looked) | Gate::Data => Some((id, false)),
            Gate::At(Point::Accepted) | Gate::Reply | Gate::Pause => Some((id, true)),
            _ => None,
        }
    }
}

impl Actor {
    pub fn has(&self, what: What) -> bool {
        self.jobs.iter().any(|job| job.what == what)
    }

    fn count(&self, what: What) -> usize {
        self.jobs.iter().filter(|job| job.what == what).count()
    }

    pub fn may_begin(&self) -> bool {
        !self.leaving && !self.has(What::Begin) && self.count(What::Make) < MAKES
    }

    pub fn may_take(&self) -> bool {
        !self.leaving && !self.has(What::Take) && self.queue.is_empty()
    }

    pub fn may_send(&self) -> bool {
        !self.leaving && !self.queue.is_empty() && self.count(What::Send) < SENDS
    }

    /// What it has in hand, and with what epoch.
    pub fn claims(&self) -> impl Iterator<Item = (String, i64)> {
        let queued = self.queue.iter().map(|item| (item.held.claim.id.clone(), item.held.claim.epoch));
        self.jobs.iter().filter_map(|job| job.claim.clone()).chain(queued)
    }

    pub fn plan(&self, reports: &Arc<BTreeMap<Name, ReportSpec>>) -> Job {
        let (node, reports) = (self.node.clone(), reports.clone());
        job(What::Plan, None, async move {
            if node.may_plan().await?.is_none() {
                node.plan(&reports).await?;
            }
            Ok(Done::Planned)
        })
    }

    pub fn begin(&self) -> Job {
        let node = self.node.clone();
        job(What::Begin, None, async move {
            Ok(node.begin().await?.map_or(Done::Well, |begun| Done::Begun(Box::new(begun))))
        })
    }

    pub fn make(&self, run: Run, held: Held) -> Job {
        let (node, claim) = (self.node.clone(), (held.claim.id.clone(), held.claim.epoch));
        job(What::Make, Some(claim), async move { node.produce(run, held).await.map(|()| Done::Well) })
    }

    pub fn take(&self, most: u32) -> Job {
        let node = self.node.clone();
        job(What::Take, None, async move { node.take(most).await.map(Done::Taken) })
    }

    pub fn send(&self, item: InHand) -> Job {
        let (node, claim) = (self.node.clone(), (item.held.claim.id.clone(), item.held.claim.epoch));
        job(What::Send, Some(claim), async move { node.deliver(&mut (), item).await.map(|()| Done::Well) })
    }

    /// The heart: in full now and then, for what it tells the board costs the most.
    pub fn pulse(&self, full: bool, reports: BTreeSet<Name>) -> Job {
        let (node, edition) = (self.node.clone(), self.edition);
        job(What::Pulse, None, async move {
            if full {
                node.pulse(&edition.to_string(), &reports).await?;
            } else {
                node.beat().await?;
                node.rescue().await?;
            }
            Ok(Done::Well)
        })
    }

    /// A clean stop, when no dialogue is open any more.
    pub fn leave(&self) -> Job {
        let node = self.node.clone();
        job(What::Leave, None, async move { node.store.release(&node.id, node.world.now()).await.map(|()| Done::Well) })
    }
}

fn job(
    what: What,
    claim: Option<(String, i64)>,
    step: impl Future<Output = Result<Done, StoreError>> + 'static,
) -> Job {
    let step = Box::pin(async move { step.await.unwrap_or_else(Done::Badly) });
    Job { what, step, gate: None, until: Elapsed::ZERO, claim }
}
