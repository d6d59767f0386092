//! The fake world: a clock that stands until the driver moves it, sources and a mail server that fail by the dice.
//!
//! Wherever the real world takes time, the fake one parks at a [`Gate`]: the future gives way once, and goes on when it is polled again.

use super::dice::Dice;
use super::model::Paper;
use crate::calendar::Window;
use crate::daemon::world::{Hold, MakeError, Making, Point, World};
use crate::mail::{Mail, SendError};
use crate::outbox::{Artifact, Kind, OnUnknown, Recipient, Run, Sender};
use crate::pipeline::Pressed;
use crate::render::Event;
use crate::store::{Edition, Told};
use crate::text::Name;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

/// Where a step waits for the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    At(Point),
    /// The sources are read.
    Source,
    /// Connecting, and the envelope.
    Envelope,
    /// The message goes out; the server has no claim to it before its end.
    Data,
    /// Its end was sent, the answer is on its way.
    Reply,
    /// The store did not take a result, it is offered again soon.
    Pause,
}

/// A mail that the server took responsibility for.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub id: String,
    pub to: String,
    pub bytes: u64,
}

/// What all nodes share beside the store, and what the invariants are told of it.
pub struct Outside {
    /// By the clock on the wall, which is set now and then.
    pub now: Timestamp,
    pub dice: Dice,
    /// Whether anything fails but what always does.
    pub wild: bool,
    pub on_unknown: OnUnknown,
    pub papers: BTreeMap<Name, Paper>,
    pub server_down: bool,
    /// Reports whose source does not answer.
    pub sources_down: BTreeSet<Name>,
    /// Reports one of whose sources is broken for good: their editions have a gap.
    pub gaps: BTreeSet<Name>,
    pub parked: Option<(Gate, SignedDuration)>,
    pub ledger: Vec<Accepted>,
    /// Mails that the server refused for good.
    pub refused: BTreeSet<String>,
    /// How often a mail was left between the end of its message and the store's word of it.
    pub copies: HashMap<String, u32>,
    /// The same, or on the way there.
    pub doubts: HashMap<String, u32>,
    /// Why a run may end without letters.
    pub quiet: BTreeSet<String>,
    pub failing: BTreeSet<String>,
}

/// How one node sees it.
#[derive(Clone)]
pub struct Fake {
    pub outside: Arc<Mutex<Outside>>,
    /// How far its clock is off.
    pub skew: SignedDuration,
}

pub const ADMIN: &str = "admin@example.com";
/// The server knows no such address.
pub const GONE: &str = "gone@example.com";
/// The server takes only small mails for it.
pub const SMALL: &str = "small@example.com";

impl Fake {
    pub fn outside(&self) -> MutexGuard<'_, Outside> {
        self.outside.lock().unwrap()
    }

    pub async fn park(&self, gate: Gate, time: SignedDuration) {
        let mut waited = false;
        poll_fn(|_| {
            if std::mem::replace(&mut waited, true) {
                return Poll::Ready(());
            }
            self.outside().parked = Some((gate, time));
            Poll::Pending
        })
        .await;
    }

    /// How long something takes, mostly `usual` milliseconds at most, sometimes up to `longest` seconds.
    pub fn takes(&self, usual: i64, longest: i64) -> SignedDuration {
        let mut outside = self.outside();
        match outside.wild && outside.dice.one_in(12) {
            true => outside.dice.seconds(1, longest),
            false => outside.dice.millis(0, usual),
        }
    }

    /// Whether the wild world does something that it does once in `n` times.
    pub fn strikes(&self, n: usize) -> bool {
        let mut outside = self.outside();
        outside.wild && outside.dice.one_in(n)
    }

    fn artifact(&self, audience: &str, text: &str) -> Artifact {
        let nonce = self.outside().dice.roll();
        let body = |size: &str| format!("Content-Type: text/plain\r\n\r\n{size} {text} {nonce}\r\n").into_bytes();
        Artifact {
            audience: audience.to_owned(),
            subject: text.to_owned(),
            body: body("full"),
            light: Some(body("light")),
            rendered: self.now(),
            sender: Sender { from: "kpis@example.com".to_owned(), ..Sender::default() },
        }
    }

    fn edition(&self, run: &Run) -> Edition {
        let quiet = self.strikes(25).then(|| "nothing to tell".to_owned());
        let (paper, life) = {
            let mut outside = self.outside();
            if quiet.is_some() {
                outside.quiet.insert(run.id.clone());
            }
            (outside.papers[&run.report].clone(), outside.dice.pick(&[1, 3, 24]))
        };
        let to = |email: &&str| Recipient { name: None, email: (*email).to_owned(), audience: "en|en".to_owned() };
        Edition {
            period: "a day".to_owned(),
            window: Window { start: run.slot - 24.hours(), end: run.slot },
            config: "1".into(),
            artifacts: vec![self.artifact("en|en", &format!("{} of {}", run.report, run.slot))],
            recipients: paper.to.iter().map(to).collect(),
            kept: Vec::new(),
            expires: self.now() + life.hours(),
            quiet,
        }
    }
}

impl Outside {
    /// A fault hit the mail between its last look and the store's word; `ended`: after the end of its message.
    pub fn doubt(&mut self, id: &str, ended: bool) {
        *self.doubts.entry(id.to_owned()).or_default() += 1;
        if ended {
            *self.copies.entry(id.to_owned()).or_default() += 1;
        }
    }
}

impl World for Fake {
    type Session = ();

    fn now(&self) -> Timestamp {
        self.outside().now + self.skew
    }

    async fn pause(&self, time: Duration) {
        let late = self.takes(5_000, 30);
        self.park(Gate::Pause, SignedDuration::try_from(time).unwrap() + late).await;
    }

    fn names(&self, report: &Name) -> (Name, Option<Name>) {
        (report.clone(), None)
    }

    async fn make(&self, run: &Run, told: Vec<Told>) -> Result<Making, MakeError> {
        assert!(told.iter().all(|told| told.slot < run.slot), "an edition is told of later ones");
        assert_ne!(run.kind, Kind::Alert, "a letter to the administrator is measured");
        self.park(Gate::Source, self.takes(2_000, 300)).await;
        if self.strikes(30) {
            self.outside().failing.insert(run.id.clone());
            return Err(MakeError::Broken("a panic".to_owned()));
        }
        if self.strikes(60) {
            self.outside().quiet.insert(run.id.clone());
            return Err(MakeError::Late("older than `within` allows".to_owned()));
        }
        let silent = self.outside().sources_down.contains(&run.report);
        let edition = self.edition(run);
        let source = || Name::from("shop");
        let hold = self.strikes(15).then(|| {
            let until = run.slot + self.outside().dice.seconds(0, 3600);
            Hold { until, sources: vec![(source(), None)] }
        });
        if silent {
            self.outside().failing.insert(run.id.clone());
        }
        let broken = self.outside().gaps.contains(&run.report);
        let failed = (silent || broken).then(|| (source(), "no answer".to_owned())).into_iter().collect();
        Ok(Making { pressed: Pressed { edition, empty: silent }, failed, may_pass: silent, hold })
    }

    fn session(&self) {}

    async fn send(
        &self,
        (): &mut (),
        mail: &Mail,
        go: impl Future<Output = bool> + Send,
        lost: impl Future<Output = ()> + Send,
    ) -> Result<String, SendError> {
        let ended = Mutex::new(false);
        let (mut lost, mut handed_over) = (pin!(lost), pin!(self.hand_over(mail, go, &ended)));
        let mut is_lost = false;
        poll_fn(|cx| {
            is_lost = is_lost || lost.as_mut().poll(cx).is_ready();
            if is_lost && !*ended.lock().unwrap() {
                return Poll::Ready(Err(SendError::NotOurs));
            }
            handed_over.as_mut().poll(cx)
        })
        .await
    }

    fn relay(&self) -> String {
        "mail".to_owned()
    }

    fn on_unknown(&self) -> OnUnknown {
        self.outside().on_unknown
    }

    fn letter(&self, event: Event) -> Option<(Artifact, Vec<Recipient>)> {
        let text = format!("{event:?}");
        let letter = self.artifact("admin", text.split([' ', '(']).next().unwrap_or_default());
        Some((letter, vec![Recipient { name: None, email: ADMIN.to_owned(), audience: "admin".to_owned() }]))
    }

    async fn reached(&self, point: Point) {
        self.park(Gate::At(point), self.takes(50, 2)).await;
    }
}
