//! What goes wrong, by the dice: death, pauses, lost connections, failing commits, clocks that are set, edits.

use super::actor::{Actor, Elapsed, Job, What};
use super::agenda::lease;
use super::model::{Paper, Pattern};
use super::run::Sim;
use super::world::{GONE, Gate, Outside, SMALL};
use crate::daemon::simulation::dice::Dice;
use crate::daemon::world::Point;
use crate::outbox::OnUnknown;
use crate::report::{Missed, MissedRuns};
use crate::store::rig::Wanted;
use crate::text::Name;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

const READERS: [&str; 5] = ["ana@example.com", "bea@example.com", "tom@example.com", GONE, SMALL];
const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];
/// Days before clocks are changed somewhere, and one on which they are not.
const DAYS: [&str; 4] =
    ["2026-10-24T15:00:00Z", "2026-10-31T20:00:00Z", "2027-03-27T12:00:00Z", "2027-06-09T03:00:00Z"];

/// The installation and the outside at the start.
pub fn outside(dice: &mut Dice) -> Outside {
    let now: Timestamp = dice.pick(&DAYS).parse().unwrap();
    let now = now + dice.seconds(0, 6 * 3600);
    let papers = (0..5).map(|n| paper(format!("report{n}").as_str().into(), dice));
    let papers: BTreeMap<Name, Paper> = papers.map(|paper| (paper.id.clone(), paper)).collect();
    Outside {
        now,
        gaps: papers.keys().filter(|_| dice.one_in(8)).cloned().collect(),
        papers,
        dice: Dice::new(dice.roll()),
        wild: true,
        on_unknown: if dice.one_in(3) { OnUnknown::Hold } else { OnUnknown::Resend },
        server_down: false,
        sources_down: Default::default(),
        parked: None,
        ledger: Vec::new(),
        refused: Default::default(),
        copies: Default::default(),
        doubts: Default::default(),
        quiet: Default::default(),
        failing: Default::default(),
    }
}

fn paper(id: Name, dice: &mut Dice) -> Paper {
    let policy = dice.pick(&[Missed::Latest, Missed::All, Missed::Skip]);
    let within = dice.pick(&[None, None, Some(0), Some(1), Some(30)]).map(|hours| Duration::from_secs(hours * 3600));
    let mut to: Vec<&str> = READERS.into_iter().filter(|_| dice.one_in(2)).collect();
    if to.is_empty() {
        to.push(READERS[0]);
    }
    Paper {
        id,
        pattern: pattern(dice),
        zone: TimeZone::get(dice.pick(&ZONES)).unwrap(),
        missed: MissedRuns { policy, within },
        to,
    }
}

fn pattern(dice: &mut Dice) -> Pattern {
    let hour = dice.below(24) as i8;
    let minute = dice.pick(&[0, 15, 30]);
    match dice.below(8) {
        0 => Pattern::Every { minutes: dice.pick(&[30, 60]) },
        1 => Pattern::At { hours: vec![2], minute: 30, weekday: None },
        2 | 3 => Pattern::At { hours: vec![hour / 2, 12 + hour / 2], minute, weekday: None },
        4 => Pattern::At { hours: vec![hour], minute, weekday: Some(dice.below(7) as i8) },
        _ => Pattern::At { hours: vec![hour], minute, weekday: None },
    }
}

impl Sim {
    /// One fault, of whatever kind.
    pub fn mischief(&mut self) {
        self.told.faults += 1;
        let victim = self.victim();
        match (self.dice.below(24), victim) {
            (0..=5, Some(victim)) => self.kill(victim),
            (6..=10, Some(victim)) => {
                let time = if self.dice.one_in(8) { self.dice.seconds(600, 7200) } else { self.dice.seconds(5, 200) };
                self.pause(victim, time);
            }
            (11..=13, Some(victim)) => {
                let time = self.dice.seconds(5, 200);
                self.cut(victim, time);
            }
            (14..=16, Some(victim)) => self.break_commit(victim),
            (17, Some(victim)) => {
                self.told.say(|| format!("{} is told to end", self.actors[victim].node.id));
                self.leave(victim);
            }
            (18, _) => self.set_clock(),
            (19, _) => self.suspend(),
            (20, _) => self.edit(),
            (21 | 22, _) => {
                let time = self.dice.seconds(10, 3600);
                self.outside.lock().unwrap().server_down = true;
                self.server_back = Some(self.elapsed + time);
            }
            _ => {
                let time = self.dice.seconds(10, 1800);
                let reports: Vec<Name> = self.editions[0].papers.keys().cloned().collect();
                let report = reports[self.dice.below(reports.len())].clone();
                self.outside.lock().unwrap().sources_down.insert(report.clone());
                self.sources_back.insert(report, self.elapsed + time);
            }
        }
    }

    /// A node that works, rather one that is just sending something.
    fn victim(&mut self) -> Option<usize> {
        let works = |actor: &Actor| actor.paused.is_none() && actor.cut.is_none() && !actor.leaving;
        let all: Vec<usize> = (0..self.actors.len()).filter(|index| works(&self.actors[*index])).collect();
        let sends = |index: &usize| self.actors[*index].jobs.iter().any(|job| job.window().is_some());
        let sending: Vec<usize> = all.iter().copied().filter(sends).collect();
        let among = if sending.is_empty() || self.dice.one_in(2) { all } else { sending };
        (!among.is_empty()).then(|| self.dice.pick(&among))
    }

    /// As by SIGKILL, or a power cut; another one starts later.
    fn kill(&mut self, victim: usize) {
        self.told.say(|| format!("{} dies", self.actors[victim].node.id));
        self.doubt(victim, |ended| ended);
        self.actors.swap_remove(victim);
        let later = if self.dice.one_in(6) { self.dice.seconds(600, 36_000) } else { self.dice.seconds(1, 120) };
        self.arrivals.push(self.elapsed + later);
    }

    /// As by SIGSTOP; its lease may end meanwhile.
    fn pause(&mut self, victim: usize, time: SignedDuration) {
        self.told.say(|| format!("{} is stopped for {time:#}", self.actors[victim].node.id));
        self.doubt(victim, |_| time > lease() / 4);
        let until = self.elapsed + time;
        let actor = &mut self.actors[victim];
        (actor.paused, actor.sound) = (Some(until), until);
    }

    fn cut(&mut self, victim: usize, time: SignedDuration) {
        self.told.say(|| format!("{} is cut off for {time:#}", self.actors[victim].node.id));
        self.doubt(victim, |ended| ended);
        let until = self.elapsed + time;
        let actor = &mut self.actors[victim];
        actor.trouble.set(Some(Wanted::Cut));
        (actor.cut, actor.sound) = (Some(until), until);
    }

    /// One of its next commits fails, rather one of a planner's.
    fn break_commit(&mut self, victim: usize) {
        let nth = self.dice.pick(&[0, 1, 1, 2]);
        let wanted = self.dice.pick(&[Wanted::Refused(nth), Wanted::Unheard(nth)]);
        let plans = |actor: &Actor| {
            let about_to = |job: &Job| job.gate == Some(Gate::At(Point::Planning));
            actor.cut.is_none() && actor.jobs.iter().any(about_to)
        };
        let victim = self.actors.iter().position(plans).unwrap_or(victim);
        self.told.say(|| format!("{wanted:?} for {}", self.actors[victim].node.id));
        self.actors[victim].trouble.set(Some(wanted));
        self.actors[victim].sound = self.actors[victim].sound.max(self.elapsed);
    }

    /// A clean stop: what is being made is given up, what is being sent is sent.
    fn leave(&mut self, victim: usize) {
        let actor = &mut self.actors[victim];
        actor.leaving = true;
        actor.sound = self.elapsed;
        actor.jobs.retain(|job| job.what == What::Send);
        actor.queue.clear();
        self.arrivals.push(self.elapsed + self.dice.seconds(1, 60));
    }

    /// The clock on the wall is set, for all nodes, as that of their database is.
    fn set_clock(&mut self) {
        let by = self.dice.seconds(60, 5 * 3600);
        let by = if self.dice.one_in(2) { by } else { -by };
        self.told.say(|| format!("the clock is set by {by:#}"));
        self.outside.lock().unwrap().now += by;
        self.shaken(self.elapsed);
    }

    /// The lid is closed.
    fn suspend(&mut self) {
        let time = self.dice.seconds(600, 30 * 3600);
        self.told.say(|| format!("all are suspended for {time:#}"));
        for actor in &mut self.actors {
            // What waits for a timer goes on waiting: timers don't count this time.
            actor.jobs.iter_mut().for_each(|job| job.until += time);
        }
        self.pass(time);
        self.shaken(self.elapsed);
    }

    fn shaken(&mut self, at: Elapsed) {
        for index in 0..self.actors.len() {
            self.doubt(index, |_| true);
            let actor = &mut self.actors[index];
            actor.sound = actor.sound.max(at);
        }
    }

    fn edit(&mut self) {
        let old = &self.editions[self.editions.len() - 1];
        let names: Vec<Name> = old.papers.keys().cloned().collect();
        let name = &names[self.dice.below(names.len())];
        let paper = Paper { pattern: pattern(&mut self.dice), ..old.papers[name].clone() };
        self.told.say(|| format!("{name} is edited: {:?}", paper.pattern));
        self.books.edited(name);
        self.edited.insert(name.clone(), self.now());
        self.editions.push(old.with(paper));
        self.shaken(self.elapsed);
    }

    /// Notes which mails of the node are between their last look and the store's word; `copy` says of which another copy may go out.
    fn doubt(&mut self, victim: usize, copy: impl Fn(bool) -> bool) {
        let mut outside = self.outside.lock().unwrap();
        for (id, ended) in self.actors[victim].jobs.iter().filter_map(|job| job.window()) {
            outside.doubt(id, copy(ended));
        }
    }

    /// From now on nothing fails that need not.
    pub fn heal(&mut self) {
        self.told.say(|| "faults end".to_owned());
        let at = self.elapsed;
        {
            let mut outside = self.outside.lock().unwrap();
            (outside.wild, outside.server_down) = (false, false);
            outside.sources_down.clear();
        }
        (self.server_back, self.sources_back) = (None, BTreeMap::new());
        self.arrivals.iter_mut().for_each(|arrival| *arrival = at);
        for actor in &mut self.actors {
            actor.trouble.set(None);
            (actor.paused, actor.cut) = (None, None);
            actor.sound = at;
        }
    }
}
