//! An installation that the real program serves, to be killed, stopped, cut off and asked.
//!
//! ```ignore
//! let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(3), ""), |_| Answer::Usual);
//! site.last_served(hours(1));                       // the daily report has been known for an hour: its slot is due
//! let daemon = site.daemon().dying_at("accepted:1:abort").serving();
//! daemon.dies();
//! site.passes(hours(1));                            // leases and waiting times have run down
//! let daemon = site.daemon().serving();
//! site.settled();                                   // no run and no mail is open any more
//! ```
//! Everything is waited for, with one limit ([`LIMIT`]) that no machine should need: for a line of the log ([`Daemon::says`]), for what
//! the store holds ([`Site::becomes`]), for the mail server. Daemons end with the test, whatever state they are in.

mod clock;
mod letters;
mod program;
mod start;

pub use clock::Clock;
pub use letters::{header, words};
pub use program::Daemon;
pub use start::Start;

use crate::installation::Folder;
use crate::servers::free_port;
use crate::smtp::{Answer, Entry, Event, Options, Server};
use crate::store::place::Place;
use jiff::{SignedDuration, Timestamp};
use kpid::catalog::Catalog;
use kpid::outbox::plan;
use kpid::store::{Role, Store};
use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Longer than anything here takes.
pub const LIMIT: Duration = Duration::from_secs(300);

/// Between two looks at what says nothing by itself.
const LOOK: Duration = Duration::from_millis(50);

/// One KPI of a table with a row a day, always 4: its target is met.
const KPIS: &str = "
databases: { crm: { url: \"${CRM}\", allow_privileged: true } }
sources:
  leads: { database: crm, sql: \"SELECT day, created FROM leads WHERE day >= :start AND day < :end\", time: day, measures: [created] }
kpis: { leads: { name: Leads, formula: leads.created, unit: count, good: up, target: 3 } }
";

pub const SETTINGS: &str = "
settings:
  language: en
  timezone: UTC
  store: \"${STORE}\"
  admin: admin@example.com
  mail: { from: kpis@example.com, server: \"${MAIL}\" }
  web: { listen: \"127.0.0.1:${PORT}\" }
";

/// A table of leads with a row for each day of three years round now, for SQLite.
pub const LEADS: &str = "CREATE TABLE leads (day TEXT, created INT); \
    WITH RECURSIVE days(day) AS (SELECT date('2025-06-01') UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < '2028-06-01') \
    INSERT INTO leads SELECT day, 4 FROM days;";

pub const ADMIN: &str = "admin@example.com";

/// A report as a line of the YAML; `more` are further keys.
pub fn report(name: &str, schedule: &str, to: &[String], more: &str) -> String {
    let to = to.join(", ");
    let sections = "[{ title: Leads, kpis: [leads] }]";
    format!("  {name}: {{ schedule: \"{schedule}\", period: day, to: [{to}], sections: {sections}, {more} }}\n")
}

/// `r0@example.org` and so on.
pub fn readers(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("r{n}@example.org")).collect()
}

/// Daily, in the minute that has just begun: for a site that was [`Site::last_served`] before, due at once and only once.
pub fn this_minute() -> String {
    Timestamp::now().strftime("daily at %H:%M").to_string()
}

pub fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Tests that hold wherever the store is: each is a module with one test a place.
macro_rules! on_each_store {
    ($($(#[$about:meta])* fn $test:ident($place:ident: Place) $body:block)*) => {$(
        $(#[$about])*
        mod $test {
            use super::*;

            fn holds($place: Place) $body

            #[test]
            fn on_sqlite() {
                holds(Place::sqlite());
            }

            #[test]
            fn on_postgres() {
                let Some(place) = Place::postgres() else { return };
                holds(place);
            }
        }
    )*};
}
pub(super) use on_each_store;

/// A folder, a store and a mail server.
pub struct Site {
    pub folder: Folder,
    pub store: Place,
    pub mail: Server,
    crm: String,
}

impl Site {
    /// `reports` are lines of [`report`].
    pub fn new(store: Place, reports: &str, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> Site {
        Site::with_mail(store, reports, Server::start(script))
    }

    pub fn with_options(store: Place, reports: &str, options: Options) -> Site {
        Site::with_mail(store, reports, Server::with(options, |_| Answer::Usual))
    }

    fn with_mail(store: Place, reports: &str, mail: Server) -> Site {
        let folder = Folder::new();
        let crm = block_on(folder.sqlite("crm", LEADS));
        folder.write("kpis/settings.yaml", SETTINGS);
        folder.write("kpis/kpis.yaml", KPIS);
        let site = Site { folder, store, mail, crm };
        site.declare(reports);
        site
    }

    /// Measures in another database than its own file.
    pub fn measures(&mut self, url: &str) {
        url.clone_into(&mut self.crm);
    }

    /// Runs statements on its own file of leads.
    pub fn fill(&self, sql: &str) {
        block_on(self.folder.sqlite("crm", sql));
    }

    /// A daemon by `clock`, which shows `at` as soon as all `reports` are known: however long its start took, what comes due from then
    /// on is its own.
    #[track_caller]
    pub fn serving_from(&self, at: &str, clock: &Clock, reports: usize) -> Daemon {
        let daemon = self.daemon().by(clock).serving();
        self.becomes("SELECT COUNT(*) AS answer FROM report_cursor", &reports.to_string());
        clock.set(at);
        daemon
    }

    /// The reports from now on.
    pub fn declare(&self, reports: &str) {
        self.folder.write("kpis/reports.yaml", &format!("reports:\n{reports}"));
    }

    /// What the YAML's `${…}` stand for.
    fn env(&self) -> BTreeMap<&'static str, String> {
        let store = self.store.url().expose().to_owned();
        BTreeMap::from([
            ("STORE", store),
            ("MAIL", self.mail.url()),
            ("CRM", self.crm.clone()),
            ("PORT", "0".to_owned()),
        ])
    }

    /// As if a daemon had last planned so long ago: what came due since is due.
    pub fn last_served(&self, ago: SignedDuration) {
        let (env, then) = (self.env(), Timestamp::now() - ago);
        let loaded = Catalog::load(&self.folder.path().join("kpis"), &|name| env.get(name).cloned());
        let catalog = loaded.unwrap_or_else(|problems| panic!("{problems}")).catalog;
        block_on(async {
            let store = Store::open(&self.store.url(), Role::Daemon, 1, then).await.unwrap();
            for spec in catalog.reports.values() {
                let planned = plan(spec, None, then).expect("it has a schedule");
                assert!(store.plan(&spec.id, None, &planned, then).await.unwrap());
            }
        });
    }

    /// A daemon of this installation, not yet started.
    pub fn daemon(&self) -> Start {
        let port = free_port();
        let mut command = self.command(&["run", "--log", "json"]);
        command.env("PORT", port.to_string());
        Start::new(command, port)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("KPID_DIR")
            .env_remove("KPID_LOG")
            .envs(self.env());
        command
    }

    /// A command beside the daemon.
    pub fn kpid(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command that succeeds prints when it runs under another program.
    #[track_caller]
    pub fn told_under(&self, program: &[&str], args: &[&str]) -> String {
        let output = start::under(self.command(args), program).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command that succeeds prints.
    #[track_caller]
    pub fn told(&self, args: &[&str]) -> String {
        let output = self.kpid(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The rows of a query's column `answer`, joined with commas.
    pub fn ask(&self, sql: &str) -> String {
        block_on(self.store.ask(sql))
    }

    /// Each run of a report and its state, in the order of their slots; letters to the admin are not among them.
    pub fn runs(&self) -> String {
        self.ask("SELECT report || ' ' || state AS answer FROM run WHERE kind <> 'alert' ORDER BY slot_ms, report")
    }

    /// How many mails to readers are in each state: `1 queued,2 sent`.
    pub fn mails(&self) -> String {
        self.ask(
            "SELECT COUNT(*) || ' ' || delivery.state AS answer FROM delivery JOIN run ON run.run = delivery.run \
             WHERE kind <> 'alert' GROUP BY delivery.state ORDER BY delivery.state",
        )
    }

    /// Waits until a query's answer is that.
    #[track_caller]
    pub fn becomes(&self, sql: &str, answer: &str) {
        until(
            || (self.ask(sql) == answer).then_some(()),
            || format!("{sql}: {:?}, not {answer:?}; {} {}", self.ask(sql), self.runs(), self.mails()),
        );
    }

    /// Waits until there was work and nothing is left of it: no run is open, and so no mail.
    #[track_caller]
    pub fn settled(&self) {
        let open = "SELECT COUNT(*) AS answer FROM run WHERE state IN ('due', 'running', 'rendered')";
        let some = "SELECT COUNT(*) AS answer FROM run";
        until(
            || (self.ask(some) != "0" && self.ask(open) == "0").then_some(()),
            || format!("{:?} {:?}", self.runs(), self.mails()),
        );
    }

    /// Leases and waiting times of the store run down as they would in that time; of rows of `owner` only, if it is given.
    pub fn passes(&self, time: SignedDuration) {
        self.passes_for("", time);
    }

    /// The same for what one node holds.
    pub fn passes_for(&self, owner: &str, time: SignedDuration) {
        let ms = time.as_millis();
        let (of, queued) = match owner {
            "" => (String::new(), format!("next_ms = next_ms - {ms},")),
            owner => (format!("WHERE owner = '{owner}'"), String::new()),
        };
        let sql = format!(
            "UPDATE run SET lease_until = lease_until - {ms}, not_before = not_before - {ms}, started_ms = started_ms - {ms} {of};
             UPDATE delivery SET {queued} lease_until = lease_until - {ms} {of};"
        );
        block_on(self.store.run(&sql));
    }

    /// The run that waits has been tried as often as runs are, but for once, and is due.
    pub fn comes_to_its_last_attempt(&self) {
        let tried = || self.ask("SELECT COUNT(*) AS answer FROM run WHERE attempt >= 14") != "0";
        until(
            || {
                block_on(self.store.run("UPDATE run SET attempt = 14, not_before = 0 WHERE state = 'due'"));
                tried().then_some(())
            },
            || self.runs(),
        );
    }

    /// What waits in the queue has waited so much longer. Leases are left alone.
    pub fn queue_waits(&self, time: SignedDuration) {
        let ms = time.as_millis();
        block_on(self.store.run(&format!("UPDATE delivery SET next_ms = next_ms - {ms} WHERE state = 'queued'")));
    }

    /// The mails that a recipient got.
    pub fn got(&self, to: &str) -> Vec<Entry> {
        self.mail.ledger().into_iter().filter(|entry| entry.to == to).collect()
    }

    /// The subjects of what the admin was told, in the order of their arrival.
    pub fn letters(&self) -> Vec<String> {
        self.got(ADMIN).iter().map(|entry| header(entry, "Subject")).collect()
    }

    #[track_caller]
    pub fn each_got_one(&self, readers: &[String]) {
        for reader in readers {
            assert_eq!(self.got(reader).len(), 1, "{reader}: {:#?}", self.mail.ledger());
        }
    }

    /// … but `more` of them, or fewer, a second one, identical to the byte.
    #[track_caller]
    pub fn each_got_one_and_at_most_twins(&self, readers: &[String], more: usize) {
        let mut twins = 0;
        for reader in readers {
            let got = self.got(reader);
            assert!(!got.is_empty(), "{reader} got nothing: {:#?}", self.mail.ledger());
            let same = |entry: &Entry| (entry.sha256.clone(), entry.message_id.clone(), header(entry, "Date"));
            assert!(got.iter().all(|entry| same(entry) == same(&got[0])), "{got:#?}");
            twins += got.len() - 1;
        }
        assert!(twins <= more, "{twins} twins: {:#?}", self.mail.ledger());
    }
}

/// Waits until there is one.
///
/// # Panics
/// There is none after [`LIMIT`].
#[track_caller]
pub fn until<T>(mut look: impl FnMut() -> Option<T>, otherwise: impl Fn() -> String) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{}", otherwise());
        std::thread::park_timeout(LOOK);
    }
}

/// On a runtime that lives as long as the tests: connections that are kept stay with it.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap()).block_on(work)
}
