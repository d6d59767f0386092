//! What can be done at a moment, and when the next such moment comes.
//!
//! Looks that would find nothing are left out, for the books know; so hours in which nothing is owed are leapt over.

use super::actor::{Actor, Elapsed, What};
use super::invariants::{Violation, instant};
use super::run::{SOUND, Sim};
use super::world::Fake;
use crate::daemon::node::Node;
use crate::daemon::world::World;
use crate::outbox::LEASE;
use crate::store::rig::Change;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A way to go on.
#[derive(Debug, Clone, Copy)]
pub enum Choice {
    /// A step that waits.
    GoOn(usize),
    Start(What),
}

/// Clocks of nodes differ by that much at most.
pub const SKEW: SignedDuration = SignedDuration::from_secs(2);

impl Sim {
    /// What was to happen by now.
    pub fn happen(&mut self) {
        let now = self.elapsed;
        for _ in 0..self.arrivals.extract_if(.., |at| *at <= now).count() {
            self.arrive();
        }
        if self.server_back.take_if(|at| *at <= now).is_some() {
            self.outside.lock().unwrap().server_down = false;
        }
        let outside = &self.outside;
        self.sources_back.retain(|report, at| *at > now || !outside.lock().unwrap().sources_down.remove(report));
        for actor in &mut self.actors {
            if actor.paused.take_if(|at| *at <= now).is_some() {
                actor.sound = now;
            }
            if actor.cut.take_if(|at| *at <= now).is_some() {
                actor.sound = now;
                actor.trouble.set(None);
            }
        }
    }

    fn arrive(&mut self) {
        self.born += 1;
        let skew = self.dice.millis(0, 2 * SKEW.as_millis() as i64) - SKEW;
        let (store, trouble) = self.store.troubled();
        let world = Fake { outside: self.outside.clone(), skew };
        let name = (format!("node{}", self.born), "host".to_owned());
        let node = Arc::new(Node::new(name, store, world, self.board.clone()));
        let at = self.elapsed;
        self.told.say(|| format!("{at:#} {} starts", node.id));
        self.actors.push(Actor {
            node,
            trouble,
            edition: self.editions.len() - 1,
            planned: false,
            jobs: Vec::new(),
            queue: Default::default(),
            paused: None,
            cut: None,
            sound: at,
            leaving: false,
            plan_at: at,
            look_at: at,
            mail_at: at,
            pulse_at: at,
        });
    }

    pub fn choices(&mut self) -> Vec<(usize, Choice)> {
        let mut choices = Vec::new();
        let next = self.next_fire();
        for (index, actor) in self.actors.iter().enumerate().filter(|(_, actor)| actor.paused.is_none()) {
            let due = |at: Elapsed| at <= self.elapsed;
            let now = actor.node.world.now();
            let ready = actor.jobs.iter().enumerate().filter(|(_, job)| due(job.until));
            choices.extend(ready.map(|(job, _)| (index, Choice::GoOn(job))));
            let mut start = |what| choices.push((index, Choice::Start(what)));
            if due(actor.plan_at) && !actor.has(What::Plan) && self.wants_plan(actor, next, now) {
                start(What::Plan);
            }
            if due(actor.look_at) && actor.may_begin() && self.wants_run(now) {
                start(What::Begin);
            }
            if due(actor.mail_at) && actor.may_take() && self.wants_mail(now) {
                start(What::Take);
            }
            if actor.may_send() {
                start(What::Send);
            }
            if due(actor.pulse_at) && !actor.has(What::Pulse) && self.wants_pulse(actor, now) {
                start(What::Pulse);
            }
            if actor.leaving && actor.jobs.is_empty() {
                start(What::Leave);
            }
        }
        choices
    }

    fn next_fire(&mut self) -> Option<Timestamp> {
        self.books.next_fire(&self.editions[self.editions.len() - 1].papers, &self.edited)
    }

    fn wants_plan(&self, actor: &Actor, next: Option<Timestamp>, now: Timestamp) -> bool {
        let news = actor.edition + 1 < self.editions.len() || !actor.planned;
        !actor.leaving && (news || next.is_some_and(|next| next <= now))
    }

    fn wants_run(&self, now: Timestamp) -> bool {
        let busy: BTreeSet<&str> =
            self.books.runs.open().filter(|run| run.state == "running").map(|run| &*run.of).collect();
        self.books.runs.open().any(|run| match &*run.state {
            "due" => instant(run.until) <= now && !busy.contains(&*run.of),
            "running" => instant(run.lease) <= now,
            _ => false,
        })
    }

    fn wants_mail(&self, now: Timestamp) -> bool {
        self.books.deliveries.open().any(|mail| mail.state == "queued" && instant(mail.at) <= now)
    }

    fn wants_pulse(&self, actor: &Actor, now: Timestamp) -> bool {
        let dead = |mail: &Change| mail.state == "sending" && instant(mail.lease) <= now;
        actor.claims().next().is_some() || self.books.deliveries.open().any(dead)
    }

    /// To the next moment at which anything can be done.
    pub fn leap(&mut self) -> Result<(), Violation> {
        let now = self.now();
        let sound = self.actors.iter().filter(|actor| actor.sound + SOUND < self.elapsed && !actor.leaving);
        let has_place: Vec<bool> = sound.map(|actor| actor.may_begin() && actor.look_at <= self.elapsed).collect();
        if !has_place.is_empty() {
            self.books.nothing_is_stuck(now, has_place.contains(&true))?;
        }
        let mut moments: Vec<Elapsed> = self.arrivals.clone();
        moments.extend(self.server_back.iter().chain(self.sources_back.values()));
        for actor in &self.actors {
            moments.extend(actor.paused.iter().chain(&actor.cut));
            if actor.paused.is_none() {
                moments.extend(actor.jobs.iter().map(|job| job.until));
                moments.extend([actor.plan_at, actor.look_at, actor.mail_at, actor.pulse_at]);
            }
        }
        // By then each node's clock shows it.
        let on_wall = |at: Timestamp| self.elapsed + at.duration_since(now) + SKEW;
        moments.extend(self.books.runs.open().filter(|run| run.state == "due").map(|run| on_wall(instant(run.until))));
        moments.extend(
            self.books.deliveries.open().filter(|mail| mail.state == "queued").map(|mail| on_wall(instant(mail.at))),
        );
        let leased = self.books.open().filter(|row| row.owner.is_some());
        moments.extend(leased.map(|row| on_wall(instant(row.lease))));
        moments.extend(self.next_fire().map(|at| self.elapsed + at.duration_since(now) + SKEW));
        let next = moments.into_iter().filter(|at| *at > self.elapsed).min();
        let pass = next.map_or(SignedDuration::from_secs(60), |next| next - self.elapsed);
        self.pass(pass);
        Ok(())
    }

    pub fn pass(&mut self, time: SignedDuration) {
        self.elapsed += time;
        self.outside.lock().unwrap().now += time;
        self.told.say(|| format!("{time:#} pass"));
    }

    /// Whether everything that was begun has come to an end.
    pub fn is_done(&self) -> bool {
        self.books.open().next().is_none() && self.actors.iter().all(|actor| actor.jobs.is_empty() && actor.planned)
    }
}

/// For how long leases hold that nobody renews.
pub fn lease() -> SignedDuration {
    SignedDuration::try_from(LEASE).unwrap()
}
