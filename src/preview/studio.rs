//! The folder as the page shows it: the last good installation, what is wrong now, and the editions that were looked at.
//!
//! In: the folder, what its `${…}` may name, a clock. Out: a [`State`] with a number that grows at each save, and editions on demand. The
//! data is that of one moment, which [`Studio::refresh`] renews, so that the windows of a running period stay the same from save to save.

use super::problem::{self, Problem};
use super::shot::Shot;
use super::{Cache, Edition, Stats};
use crate::calendar::PeriodError;
use crate::catalog::{Catalog, Fingerprint, Problems};
use crate::daemon::installation::{Environment, Installation};
use crate::daemon::reload::Watch;
use crate::render::{Audience, UnknownLocale};
use crate::report::Person;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

/// Nothing more is written for so long: the save is over. An editor's several writes of one file lie closer together.
const QUIET: Duration = Duration::from_millis(30);
/// A burst is read after that even if it goes on.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks that nothing asked for: where watching fails, edits are found all the same.
const POLL: Duration = Duration::from_secs(2);

/// A folder that is being edited.
pub struct Studio {
    pub dir: PathBuf,
    env: Arc<Environment>,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    cache: Cache,
    state: watch::Sender<Arc<State>>,
    /// Held by who makes the next state.
    turn: tokio::sync::Mutex<()>,
}

/// What there is to show since a save.
#[derive(Debug)]
pub struct State {
    /// Grows with each save, also a broken one.
    pub generation: u64,
    /// Of the last folder without errors; `None` while there was none.
    pub(super) shot: Option<Arc<Shot>>,
    /// Of the folder as it is now, warnings among them.
    pub problems: Vec<Problem>,
    /// In which the page speaks.
    pub audience: Audience,
    /// Of the folder when it was read.
    seen: Fingerprint,
}

/// What was asked for that there isn't.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the folder has errors")]
    Broken,
    #[error("there is no {0} `{1}`")]
    Unknown(&'static str, String),
    #[error("{0}")]
    Locale(#[from] UnknownLocale),
    #[error("{0}")]
    Period(#[from] PeriodError),
}

impl Studio {
    /// Reads `dir` for the first time; a folder with errors is shown as one. Must be called in a Tokio runtime.
    pub async fn open(
        dir: PathBuf,
        env: Arc<Environment>,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Arc<Studio> {
        let (fingerprint, read) = read(dir.clone(), Arc::clone(&env), None).await.expect("nothing is known yet");
        let now = clock();
        let state = State { generation: 1, ..state(read, fingerprint, None, now) };
        let state = watch::Sender::new(Arc::new(state));
        Arc::new(Studio { dir, env, clock: Box::new(clock), cache: Cache::default(), state, turn: Default::default() })
    }

    /// What there is to show.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.borrow())
    }

    /// Hears of each new state.
    pub fn changes(&self) -> watch::Receiver<Arc<State>> {
        self.state.subscribe()
    }

    pub fn stats(&self) -> Stats {
        self.cache.stats()
    }

    /// Reads the folder if it is another one than it was. Returns whether there is a new state.
    pub async fn saved(&self) -> bool {
        let _turn = self.turn.lock().await;
        let before = self.state();
        let new = read(self.dir.clone(), Arc::clone(&self.env), Some(before.seen)).await;
        let Some((fingerprint, read)) = new else { return false };
        let now = before.shot.as_ref().map_or_else(|| (self.clock)(), |shot| shot.now);
        self.publish(state(read, fingerprint, before.shot.clone(), now));
        true
    }

    /// Reads everything anew: the folder, the clock, and at the next look the databases.
    pub async fn refresh(&self) {
        let _turn = self.turn.lock().await;
        self.cache.forget();
        let new = read(self.dir.clone(), Arc::clone(&self.env), None).await;
        let (fingerprint, read) = new.expect("nothing is taken as known");
        let now = (self.clock)();
        let kept = self.state().shot.as_ref().map(|shot| Arc::new(Shot::new(Arc::clone(&shot.installation), now)));
        self.publish(state(read, fingerprint, kept, now));
    }

    /// Reads every save, for ever.
    pub async fn watch(&self) {
        let watch = Watch::new();
        loop {
            let (dir, covered) = (self.dir.clone(), watch.clone());
            // A folder that was put in the place of the old one is another one to the system.
            spawn_blocking(move || covered.cover(&dir)).await.expect("watching does not panic");
            self.saved().await;
            if timeout(POLL, watch.touched()).await.is_ok() {
                let patience = Instant::now() + PATIENCE;
                while timeout_at(patience.min(Instant::now() + QUIET), watch.touched()).await.is_ok() {}
            }
        }
    }

    /// The edition of `report` about the period of that label, or the one that is due; measured once for all who ask.
    ///
    /// # Errors
    /// There is no such report or period, or no folder without errors yet.
    pub async fn edition(&self, report: &str, period: Option<&str>) -> Result<Arc<Edition>, Refused> {
        let shot = self.shot()?;
        let spec = shot.spec(report).ok_or_else(|| Refused::Unknown("report", report.to_owned()))?;
        let period = match period {
            Some(label) => spec.calendar.named(label, shot.now)?,
            None => spec.period_at(shot.now),
        };
        let cell = shot.place(&spec.id, period);
        let installation = Arc::clone(&shot.installation);
        let measure = async || Arc::new(Edition::measure(installation, spec, (period, shot.now), &self.cache).await);
        Ok(Arc::clone(cell.get_or_init(measure).await))
    }

    /// The person of that name, or somebody who reads as the installation does.
    ///
    /// # Errors
    /// There is nobody of that name, or no folder without errors yet.
    pub fn person(&self, name: Option<&str>) -> Result<Person, Refused> {
        let shot = self.shot()?;
        let catalog = &shot.installation.catalog;
        match name.filter(|name| !name.is_empty()) {
            None => Ok(catalog.stranger("reader@example.com")),
            Some(name) => catalog.people.get(name).cloned().ok_or_else(|| Refused::Unknown("person", name.to_owned())),
        }
    }

    fn shot(&self) -> Result<Arc<Shot>, Refused> {
        self.state().shot.clone().ok_or(Refused::Broken)
    }

    fn publish(&self, state: State) {
        self.state.send_modify(|current| *current = Arc::new(State { generation: current.generation + 1, ..state }));
    }
}

impl State {
    /// Whether what is shown is not what the folder says now.
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == "error")
    }
}

/// Why the folder can't be used, and what its settings say of the page all the same.
struct Broken {
    problems: Vec<Problem>,
    audience: Option<Audience>,
}

type Read = Result<(Installation, Problems), Broken>;

/// The folder, unless it is as `known`.
async fn read(dir: PathBuf, env: Arc<Environment>, known: Option<Fingerprint>) -> Option<(Fingerprint, Read)> {
    let (folder, variables) = (dir.clone(), Arc::clone(&env));
    let fingerprint =
        spawn_blocking(move || Fingerprint::of(&folder, &*variables)).await.expect("hashing does not panic");
    if known == Some(fingerprint) {
        return None;
    }
    let load = move || {
        Installation::load(&dir, &*env).map_err(|error| Broken {
            problems: problem::of_load(&dir, &error),
            audience: Catalog::load_settings(&dir, &*env).ok().map(|loaded| audience(&loaded.catalog)),
        })
    };
    let fault = |failed| format!("the folder could not be read, which is a fault of kpid's: {failed}");
    let read = spawn_blocking(load).await;
    let faulty = |failed| Broken { problems: vec![problem::of_words("fault", fault(failed))], audience: None };
    Some((fingerprint, read.unwrap_or_else(|failed| Err(faulty(failed)))))
}

/// What `read` gives to show; `kept` stays where it gives nothing. Its generation is whoever publishes it's.
fn state(read: Read, seen: Fingerprint, kept: Option<Arc<Shot>>, now: Timestamp) -> State {
    let (shot, problems, spoken) = match read {
        Ok((installation, warnings)) => {
            let problems = problem::of_yaml(&warnings);
            (Some(Arc::new(Shot::new(Arc::new(installation), now))), problems, None)
        }
        Err(Broken { problems, audience }) => (kept, problems, audience),
    };
    let shown = || shot.as_ref().map(|shot| audience(&shot.installation.catalog));
    let english = || Audience { language: "en".into(), locale: "en-GB".to_owned() };
    let audience = spoken.or_else(shown).unwrap_or_else(english);
    State { generation: 0, shot, problems, audience, seen }
}

/// Whoever the installation writes to that it knows nothing of.
fn audience(catalog: &Catalog) -> Audience {
    Audience { language: catalog.settings.language.clone(), locale: catalog.settings.locale.clone() }
}
