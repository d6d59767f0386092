//! What must hold after every step, told of each row that changed by the store's journal: the promises A1–A4 and A8–A11.
//!
//! The books mirror the store. A change that no rule allows is a [`Violation`], named after the promise that it breaks.

use super::model::Paper;
use super::planned::Plan;
use super::world::{Accepted, Outside};
use crate::outbox::{DeliveryState, OnUnknown, RunState};
use crate::store::rig::Change;
use crate::text::Name;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub promise: &'static str,
    pub what: String,
}

macro_rules! ensure {
    ($holds:expr, $promise:literal, $($what:tt)*) => {
        if !$holds {
            return Err(Violation { promise: $promise, what: format!($($what)*) });
        }
    };
}

pub(super) use ensure;

/// Who has just taken a step.
pub struct Doer<'a> {
    pub node: &'a str,
    /// By its own clock.
    pub now: Timestamp,
    /// What the step holds; absent where it holds nothing yet, or speaks for all that the node holds.
    pub claim: Option<&'a (String, i64)>,
    /// The reports as this node knows them.
    pub papers: &'a BTreeMap<Name, Paper>,
    /// What nodes have in hand that had no fault for longer than a lease: nobody may take it.
    pub safe: &'a BTreeSet<(String, i64)>,
}

/// A mirror of the store.
#[derive(Default)]
pub struct Books {
    pub runs: Rows,
    pub deliveries: Rows,
    /// The fire times of each report up to here are planned.
    pub cursors: BTreeMap<Name, Change>,
    of_run: BTreeMap<String, BTreeSet<String>>,
    slots: BTreeMap<(String, i64), String>,
    copies: HashMap<String, (u32, u64)>,
    seen: usize,
    /// The first fire time of each report that is not planned yet.
    next: BTreeMap<Name, Option<Timestamp>>,
}

/// Rows of a table by name, with those apart that are in a final state.
#[derive(Default)]
pub struct Rows {
    open: BTreeMap<String, Change>,
    closed: BTreeMap<String, Change>,
}

impl Rows {
    fn get(&self, id: &str) -> Option<&Change> {
        self.open.get(id).or_else(|| self.closed.get(id))
    }

    /// Gives the row as it was.
    fn put(&mut self, row: Change, is_final: bool) -> Option<Change> {
        let id = row.id.clone();
        let (to, from) = if is_final { (&mut self.closed, &mut self.open) } else { (&mut self.open, &mut self.closed) };
        let other = from.remove(&id);
        to.insert(id, row).or(other)
    }

    pub fn open(&self) -> impl Iterator<Item = &Change> {
        self.open.values()
    }

    pub fn len(&self) -> usize {
        self.open.len() + self.closed.len()
    }
}

impl Books {
    /// The rows that a step changed, and what the mail server took meanwhile.
    pub fn note(&mut self, changes: Vec<Change>, outside: &Outside, by: &Doer) -> Result<(), Violation> {
        for accepted in &outside.ledger[self.seen..] {
            self.mailed(accepted, outside)?;
        }
        self.seen = outside.ledger.len();
        let mut planned: BTreeMap<Name, Plan> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        for change in changes {
            match &*change.table {
                "run" => {
                    touched.insert(change.id.clone());
                    if self.runs.get(&change.id).is_none() && change.word == "scheduled" {
                        planned.entry((&*change.of).into()).or_default().runs.push(instant(change.at));
                    }
                    self.run(change, by)?;
                }
                "delivery" => {
                    touched.insert(change.of.clone());
                    self.delivery(change, outside, by)?;
                }
                "report_cursor" => {
                    let plan = planned.entry((&*change.id).into()).or_default();
                    let before = self.cursors.insert((&*change.id).into(), change.clone());
                    ensure!(before.as_ref().is_none_or(|before| before.at <= change.at), "A9", "{change:?} goes back");
                    self.next.remove(&*change.id);
                    plan.cursor = Some((before, change));
                }
                _ => planned.entry((&*change.id).into()).or_default().skips.push(change),
            }
        }
        planned.iter().try_for_each(|(report, plan)| plan.check(&by.papers[report]))?;
        touched.iter().try_for_each(|run| self.consistent(run, outside))
    }

    fn mailed(&mut self, mail: &Accepted, outside: &Outside) -> Result<(), Violation> {
        let known = self.deliveries.get(&mail.id).filter(|delivery| delivery.word == mail.to);
        ensure!(known.is_some(), "A3", "nobody asked for {mail:?}");
        let (count, bytes) = self.copies.entry(mail.id.clone()).or_insert((0, mail.bytes));
        ensure!(*bytes == mail.bytes, "A3", "a copy of {} differs", mail.id);
        *count += 1;
        let excused = outside.copies.get(&mail.id).copied().unwrap_or_default();
        // Where a person is to decide nothing goes out twice, whatever happens.
        let excused = if outside.on_unknown == OnUnknown::Hold { 0 } else { excused };
        ensure!(*count <= 1 + excused, "A3", "{} went out {count} times, with {excused} faults in between", mail.id);
        Ok(())
    }

    fn run(&mut self, new: Change, by: &Doer) -> Result<(), Violation> {
        let state = RunState::parse(&new.state).expect("a state");
        let old = self.runs.put(new.clone(), state.is_final());
        match &old {
            None if new.word == "scheduled" => {
                let twin = self.slots.insert((new.of.clone(), new.at), new.id.clone());
                ensure!(twin.is_none(), "A2", "{} has two runs for {}", new.of, instant(new.at));
            }
            None => {}
            Some(old) => {
                fenced(old, &new, by, state == RunState::Running)?;
                // Whoever puts a run off has not died of it.
                let survived = new.count == 0 && state == RunState::Due;
                ensure!(survived || (old.count..=old.count + 1).contains(&new.count), "A7", "{old:?} → {new:?}");
            }
        }
        if state == RunState::Running {
            let mut others = self.runs.open().filter(|run| run.id != new.id && run.of == new.of);
            let twin = others.find(|run| run.state == "running");
            ensure!(twin.is_none(), "A11", "{new:?} runs beside {twin:?}");
        }
        Ok(())
    }

    fn delivery(&mut self, new: Change, outside: &Outside, by: &Doer) -> Result<(), Violation> {
        let state = DeliveryState::parse(&new.state).expect("a state");
        self.of_run.entry(new.of.clone()).or_default().insert(new.id.clone());
        let Some(old) = self.deliveries.put(new.clone(), state.is_final()) else { return Ok(()) };
        let accepted = self.copies.contains_key(&new.id);
        if state != DeliveryState::Sent || !accepted {
            fenced(&old, &new, by, state == DeliveryState::Sending)?;
        }
        if old.state == new.state {
            return Ok(());
        }
        ensure!(old.state != "sent", "A4", "{old:?} → {new:?}");
        let doubted = outside.doubts.contains_key(&new.id);
        match state {
            DeliveryState::Sent => ensure!(accepted, "A4", "{} is `sent`, and the server has none", new.id),
            DeliveryState::Bounced => ensure!(outside.refused.contains(&new.id), "A5", "{new:?} was never refused"),
            DeliveryState::Held => {
                ensure!(doubted && outside.on_unknown == OnUnknown::Hold, "A5", "{new:?} is in no doubt");
            }
            // The longest pause between two attempts is an hour and a fifth.
            DeliveryState::Expired => {
                ensure!(by.now + 73.minutes() > instant(new.until), "A5", "{new:?} is given up at {}", by.now);
            }
            DeliveryState::Cancelled => ensure!(false, "A5", "nobody cancelled {new:?}"),
            DeliveryState::Queued | DeliveryState::Sending => {}
        }
        Ok(())
    }

    /// The run says what its deliveries say.
    fn consistent(&self, id: &str, outside: &Outside) -> Result<(), Violation> {
        let run = self.runs.get(id).expect("it was noted");
        let none = BTreeSet::new();
        let deliveries: Vec<&Change> =
            self.of_run.get(id).unwrap_or(&none).iter().filter_map(|delivery| self.deliveries.get(delivery)).collect();
        let sent = deliveries.iter().filter(|delivery| delivery.state == "sent").count();
        let open = deliveries.iter().any(|delivery| self.deliveries.open.contains_key(&delivery.id));
        let expected = match (deliveries.len(), sent) {
            (0, _) => return self.without_letters(run, outside),
            _ if open => "rendered",
            (_, 0) => "failed",
            (all, sent) if all == sent => "delivered",
            _ => "partly",
        };
        ensure!(run.state == expected, "A5", "{run:?} should be {expected}: {deliveries:?}");
        if run.word == "scheduled" {
            let to: BTreeSet<&str> = deliveries.iter().map(|delivery| &*delivery.word).collect();
            let wanted: BTreeSet<&str> = outside.papers[&*run.of].to.iter().copied().collect();
            ensure!(to == wanted && deliveries.len() == wanted.len(), "A5", "{run:?} goes to {to:?}");
        }
        Ok(())
    }

    fn without_letters(&self, run: &Change, outside: &Outside) -> Result<(), Violation> {
        let why = match &*run.state {
            "due" | "running" => true,
            "failed" => outside.failing.contains(&run.id),
            "skipped" => outside.quiet.contains(&run.id),
            "poisoned" => run.count >= 3,
            _ => false,
        };
        ensure!(why, "A5", "{run:?} should not be");
        Ok(())
    }
}

/// Whoever writes holds the claim, or takes it over from one whose lease is dead.
fn fenced(old: &Change, new: &Change, by: &Doer, in_work: bool) -> Result<(), Violation> {
    let now = by.now.as_millisecond();
    if in_work && new.epoch != old.epoch {
        ensure!(new.epoch == old.epoch + 1 && new.owner.as_deref() == Some(by.node), "A8", "{old:?} → {new:?}");
        let Some(owner) = &old.owner else { return Ok(()) };
        ensure!(old.lease <= now, "A8", "{} takes {old:?}, which is alive", by.node);
        ensure!(
            !by.safe.contains(&(old.id.clone(), old.epoch)),
            "A7",
            "{} takes {old:?} from the sound node {owner}",
            by.node
        );
        return Ok(());
    }
    if let Some(owner) = &old.owner {
        let held = by.claim.is_none_or(|(id, epoch)| *id == old.id && *epoch == old.epoch);
        ensure!(owner == by.node && held, "A8", "{} with {:?} writes {old:?} → {new:?}", by.node, by.claim);
    }
    Ok(())
}

/// How long a dead worker's work may lie there while a sound node lives, with clocks that differ and steps that take time.
const RESCUE: SignedDuration = SignedDuration::from_secs(20 + 5);
/// How late a fire time may be planned then.
const LATE: SignedDuration = SignedDuration::from_secs(60);

impl Books {
    /// The first fire time that is not planned yet, of all reports; a report that was `edited` owes none before that.
    pub fn next_fire(
        &mut self,
        papers: &BTreeMap<Name, Paper>,
        edited: &BTreeMap<Name, Timestamp>,
    ) -> Option<Timestamp> {
        for (report, paper) in papers {
            let Some(cursor) = self.cursors.get(report).filter(|_| !self.next.contains_key(report)) else { continue };
            let planned = edited.get(report).map_or(instant(cursor.at), |edited| instant(cursor.at).max(*edited));
            self.next.insert(report.clone(), paper.pattern.next(&paper.zone, planned));
        }
        self.next.values().flatten().min().copied()
    }

    pub fn edited(&mut self, report: &Name) {
        self.next.remove(report);
    }

    /// For a moment when a sound node has had time to see everything.
    /// `has_place`: and is not full of runs.
    pub fn nothing_is_stuck(&self, now: Timestamp, has_place: bool) -> Result<(), Violation> {
        let runs = self.runs.open().filter(|_| has_place);
        for row in runs.chain(self.deliveries.open()) {
            let dead = row.owner.is_some() && row.lease < i64::MAX && instant(row.lease) + RESCUE < now;
            ensure!(!dead, "A7", "at {now} still {row:?}");
        }
        for (report, next) in &self.next {
            let late = next.is_some_and(|next| next + LATE < now);
            ensure!(!late, "A1", "at {now} {report} is planned until {:?}, not {next:?}", self.cursors[report].at);
        }
        Ok(())
    }

    /// Runs and deliveries that are in no final state.
    pub fn open(&self) -> impl Iterator<Item = &Change> {
        self.runs.open().chain(self.deliveries.open())
    }
}

pub fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
