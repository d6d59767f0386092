//! The driver: who goes on next, and how far time passes when nobody can.
//!
//! Each turn lets one step of one node go on to its next gate, or starts one. Time passes only when nothing is left to do at the moment,
//! so that a node without faults is always in time; hours in which nothing is owed are leapt over. Looks that would find nothing are
//! left out: the books know.

use super::actor::{Actor, Done, Elapsed, Job, What};
use super::agenda::Choice;
use super::dice::Dice;
use super::invariants::{Books, Doer, Violation, ensure, instant};
use super::model::Edition;
use super::world::{Gate, Outside};
use crate::daemon::node::guard;
use crate::daemon::world::World;
use crate::store::Store;
use crate::text::Name;
use crate::web::Board;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

pub struct Sim {
    pub outside: Arc<Mutex<Outside>>,
    pub store: Store,
    pub board: Board,
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
    pub born: u32,
    read: i64,
    begun: u64,
    pub told: Told,
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

/// A node without faults for so long has seen everything, and has lost no lease.
pub const SOUND: SignedDuration = SignedDuration::from_secs(100);
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
        let safe = sound.flat_map(Actor::claims).collect();
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
            Done::Begun(begun) => {
                let job = actor.make(begun.0, begun.1);
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
}
