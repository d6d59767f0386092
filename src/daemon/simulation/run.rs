//! The driver: who goes on next, and how far time passes when nobody can.
//!
//! Each turn lets one step of one node go on to its next gate, or starts one. Time passes only when nothing is left to do at the moment,
//! so that a node without faults is always in time; hours in which nothing is owed are leapt over. Looks that would find nothing are
//! left out: the books know.

use super::actor::{Actor, Done, Elapsed, Job, What};
use super::dice::Dice;
use super::invariants::{Books, Doer, Violation, ensure, instant};
use super::model::Paper;
use super::world::{Fake, Gate, Outside};
use crate::daemon::node::{Node, guard};
use crate::daemon::world::World;
use crate::outbox::LEASE;
use crate::report::ReportSpec;
use crate::store::Store;
use crate::store::rig::Change;
use crate::text::Name;
use crate::web::Board;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

pub struct Sim {
    pub outside: Arc<Mutex<Outside>>,
    store: Store,
    board: Board,
    pub books: Books,
    pub actors: Vec<Actor>,
    /// When nodes start.
    pub arrivals: Vec<Elapsed>,
    /// When the mail server and the sources of reports work again.
    pub server_back: Option<Elapsed>,
    pub sources_back: BTreeMap<Name, Elapsed>,
    /// Each edit of the reports makes one.
    pub editions: Vec<Edition>,
    pub edited: BTreeMap<Name, Timestamp>,
    pub dice: Dice,
    pub elapsed: Elapsed,
    born: u32,
    read: i64,
    begun: u64,
    pub told: Told,
}

/// The reports as they are declared at a time.
pub struct Edition {
    pub papers: BTreeMap<Name, Paper>,
    pub specs: Arc<BTreeMap<Name, ReportSpec>>,
}

impl Edition {
    pub fn new(papers: BTreeMap<Name, Paper>) -> Edition {
        let specs = papers.iter().map(|(id, paper)| (id.clone(), paper.spec())).collect();
        Edition { papers, specs: Arc::new(specs) }
    }

    pub fn with(&self, paper: Paper) -> Edition {
        let (mut papers, mut specs) = (self.papers.clone(), (*self.specs).clone());
        specs.insert(paper.id.clone(), paper.spec());
        papers.insert(paper.id.clone(), paper);
        Edition { papers, specs: Arc::new(specs) }
    }
}

/// How a simulation went.
#[derive(Default)]
pub struct Told {
    pub turns: u32,
    pub faults: u32,
    trace: DefaultHasher,
    /// In words, when somebody wants to read it.
    pub tale: Option<Vec<String>>,
}

impl Told {
    pub fn say(&mut self, what: impl Fn() -> String) {
        if let Some(tale) = &mut self.tale {
            tale.push(what());
        }
    }

    pub fn trace(&self) -> u64 {
        self.trace.finish()
    }
}

/// Clocks of nodes differ by that much at most.
pub const SKEW: SignedDuration = SignedDuration::from_secs(2);
/// A node without faults for so long has seen everything, and has lost no lease.
const SOUND: SignedDuration = SignedDuration::from_secs(100);
const BEAT: SignedDuration = SignedDuration::from_secs(15);

impl Sim {
    pub async fn new(store: Store, outside: Outside, dice: Dice, tale: bool) -> Sim {
        store.keep_journal().await;
        let editions = vec![Edition::new(outside.papers.clone())];
        Sim {
            board: Board::new(outside.now),
            outside: Arc::new(Mutex::new(outside)),
            store,
            books: Books::default(),
            actors: Vec::new(),
            arrivals: vec![Elapsed::ZERO; 3],
            server_back: None,
            sources_back: BTreeMap::new(),
            editions,
            edited: BTreeMap::new(),
            dice,
            elapsed: Elapsed::ZERO,
            born: 0,
            read: 0,
            begun: 0,
            told: Told { tale: tale.then(Vec::new), ..Told::default() },
        }
    }

    pub fn now(&self) -> Timestamp {
        self.outside.lock().unwrap().now
    }

    /// One step, or some time.
    pub async fn turn(&mut self) -> Result<(), Violation> {
        self.told.turns += 1;
        self.happen();
        let choices = self.choices();
        if choices.is_empty() {
            return self.leap();
        }
        let (actor, choice) = self.dice.pick(&choices);
        let job = match choice {
            Choice::GoOn(job) => self.actors[actor].jobs.swap_remove(job),
            Choice::Start(what) => self.start(actor, what),
        };
        self.go_on(actor, job).await
    }

    /// What was to happen by now.
    fn happen(&mut self) {
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

    fn choices(&mut self) -> Vec<(usize, Choice)> {
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

    fn start(&mut self, index: usize, what: What) -> Job {
        let at = self.elapsed;
        let full = self.dice.one_in(6);
        let soon = at + self.dice.seconds(1, 5);
        let actor = &mut self.actors[index];
        match what {
            What::Plan => {
                actor.plan_at = at + SignedDuration::from_secs(5);
                actor.plan(&self.editions[actor.edition].specs)
            }
            What::Take => {
                actor.mail_at = soon;
                actor.take(self.dice.pick(&[1, 5, 50]))
            }
            What::Send => {
                let item = actor.queue.pop_front().expect("it was seen");
                actor.send(item)
            }
            What::Pulse => {
                actor.pulse_at = at + BEAT;
                actor.pulse(full, self.editions[0].papers.keys().cloned().collect())
            }
            What::Leave => actor.leave(),
            What::Begin | What::Make => {
                actor.look_at = soon;
                actor.begin()
            }
        }
    }

    /// Lets the step go on and looks at what it did.
    async fn go_on(&mut self, index: usize, mut job: Job) -> Result<(), Violation> {
        let actor = &self.actors[index];
        let (world, trouble, armed) = (&actor.node.world, &actor.trouble, actor.trouble.is_armed());
        let before = trouble.begun();
        world.outside().parked = None;
        let done = job.advance(world).await;
        let parked = world.outside().parked.take();
        let wrote = trouble.begun() != before;
        let failed = armed && !trouble.is_armed();
        self.told.say(|| format!("{:#} {} {:?} {:?} {parked:?}", self.elapsed, actor.node.id, job.what, job.claim));
        (&actor.node.id, job.what, self.elapsed.as_millis(), parked.map(|(gate, _)| format!("{gate:?}")))
            .hash(&mut self.told.trace);
        if let Some((Gate::Reply, _)) = parked
            && let Some((id, _)) = &job.claim
        {
            self.sent_blindly(index, id);
        }
        if failed {
            // Nobody knows how far it came.
            self.actors[index].sound = self.elapsed;
            if let Some((id, _)) = job.claim.as_ref().filter(|_| job.what == What::Send) {
                self.outside.lock().unwrap().doubt(id, false);
            }
        }
        if wrote {
            self.begun += 1;
            self.check(index, &job).await?;
        }
        match done {
            Some(done) => self.ended(index, job.what, done),
            None => {
                let (gate, time) = parked.expect("it waits somewhere");
                (job.gate, job.until) = (Some(gate), self.elapsed + time);
                self.actors[index].jobs.push(job);
                Ok(())
            }
        }
    }

    /// The end of a message went out while its node could not reach the store: within its lease that is right, and the fault may last
    /// until others send it again.
    fn sent_blindly(&mut self, index: usize, id: &str) {
        let actor = &self.actors[index];
        let ours = self.books.deliveries.open().any(|mail| {
            mail.id == *id
                && mail.owner.as_ref() == Some(&actor.node.id)
                && instant(mail.lease) > actor.node.world.now()
        });
        if actor.cut.is_some() && ours {
            self.outside.lock().unwrap().doubt(id, true);
        }
    }

    async fn check(&mut self, index: usize, job: &Job) -> Result<(), Violation> {
        let (changes, read) = self.store.journal(self.read).await;
        self.read = read;
        for change in &changes {
            self.told.say(|| format!("        {change:?}"));
        }
        let sound = self.actors.iter().filter(|actor| actor.sound + SOUND < self.elapsed);
        let safe = sound.flat_map(Actor::claims).cloned().collect();
        let actor = &self.actors[index];
        let by = Doer {
            node: &actor.node.id,
            now: actor.node.world.now(),
            claim: job.claim.as_ref(),
            papers: &self.editions[actor.edition].papers,
            safe: &safe,
        };
        self.books.note(changes, &self.outside.lock().unwrap(), &by)
    }

    fn ended(&mut self, index: usize, what: What, done: Done) -> Result<(), Violation> {
        let (elapsed, newest) = (self.elapsed, self.editions.len() - 1);
        let actor = &mut self.actors[index];
        match done {
            Done::Well if what == What::Leave => {
                self.actors.swap_remove(index);
            }
            Done::Well => {}
            // An edit is taken over after a last look by what was declared before.
            Done::Planned if actor.edition < newest => (actor.edition, actor.planned) = (newest, false),
            Done::Planned => actor.planned = true,
            Done::Begun(run, held) => {
                let job = actor.make(run, held);
                actor.jobs.push(job);
                actor.look_at = elapsed;
            }
            Done::Taken(items) => {
                let now = actor.node.world.now();
                if let Some(until) = guard(&actor.node.breaker).held(now) {
                    actor.mail_at = elapsed + until.duration_since(now);
                }
                actor.queue.extend(items);
            }
            Done::Badly(error) => {
                let why = actor.cut.is_some() || actor.sound + SOUND > elapsed;
                ensure!(why, "A17", "{} failed to {what:?}: {error}", actor.node.id);
                if what == What::Leave {
                    self.actors.swap_remove(index);
                }
            }
        }
        Ok(())
    }

    /// To the next moment at which anything can be done.
    fn leap(&mut self) -> Result<(), Violation> {
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

#[derive(Debug, Clone, Copy)]
enum Choice {
    /// A step that waits.
    GoOn(usize),
    Start(What),
}

/// For how long leases hold that nobody renews.
pub fn lease() -> SignedDuration {
    SignedDuration::try_from(LEASE).unwrap()
}
