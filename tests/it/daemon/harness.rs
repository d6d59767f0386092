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

use crate::installation::Folder;
use crate::smtp::{Answer, Entry, Event, Options, Server};
use crate::store::place::Place;
use jiff::{SignedDuration, Timestamp};
use kpid::catalog::Catalog;
use kpid::outbox::plan;
use kpid::store::{Role, Store};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
pub const LIMIT: Duration = Duration::from_secs(180);

/// Between two looks at what says nothing by itself.
const LOOK: Duration = Duration::from_millis(50);

/// One KPI of a table with a row a day, always 4: its target is met.
const KPIS: &str = "
databases: { crm: { url: \"${CRM}\" } }
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

    /// The reports from now on.
    pub fn declare(&self, reports: &str) {
        self.folder.write("kpis/reports.yaml", &format!("reports:\n{reports}"));
    }

    /// What the YAML's `${…}` stand for.
    fn env(&self) -> BTreeMap<&'static str, String> {
        let store = self.store.url().expose().to_owned();
        BTreeMap::from([("STORE", store), ("MAIL", self.mail.url()), ("CRM", self.crm.clone()), ("PORT", "0".to_owned())])
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
    pub fn daemon(&self) -> Start<'_> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut command = self.command(&["run", "--log", "json"]);
        command.env("PORT", port.to_string());
        Start { site: self, command, port, wrapped: Vec::new() }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
        command.args(args).current_dir(self.folder.path()).env_remove("KPID_DIR").env_remove("KPID_LOG").envs(self.env());
        command
    }

    /// A command beside the daemon.
    pub fn kpid(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
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
        until(|| (self.ask(sql) == answer).then_some(()), || format!("{sql}: {:?}, not {answer:?}", self.ask(sql)));
    }

    /// Waits until there was work and nothing is left of it: no run is open, and so no mail.
    #[track_caller]
    pub fn settled(&self) {
        let open = "SELECT COUNT(*) AS answer FROM run WHERE state IN ('due', 'running', 'rendered')";
        let some = "SELECT COUNT(*) AS answer FROM run";
        until(|| (self.ask(some) != "0" && self.ask(open) == "0").then_some(()), || {
            format!("{:?} {:?}", self.runs(), self.mails())
        });
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

/// A daemon about to be started.
pub struct Start<'s> {
    site: &'s Site,
    command: Command,
    port: u16,
    wrapped: Vec<String>,
}

impl Start<'_> {
    /// `POINT:NTH:abort` or `…:stop`, see `src/daemon/failpoint.rs`.
    pub fn dying_at(self, failpoint: &str) -> Self {
        self.env("KPID_FAILPOINT", failpoint)
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With another folder of YAML.
    pub fn dir(mut self, dir: &str) -> Self {
        self.command.args(["--dir", dir]);
        self
    }

    /// By another clock than the machine's.
    pub fn by(self, clock: &Clock) -> Self {
        self.env("LD_PRELOAD", clock.library.to_str().unwrap())
            .env("FAKETIME_TIMESTAMP_FILE", clock.file.to_str().unwrap())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    /// Under another program: what comes before the daemon's own command line.
    pub fn under(mut self, program: &[&str]) -> Self {
        self.wrapped = program.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    pub fn spawn(self) -> Daemon {
        let Start { site, mut command, port, wrapped } = self;
        if let Some((program, args)) = wrapped.split_first() {
            let mut outer = Command::new(program);
            outer.args(args).arg(command.get_program()).args(command.get_args()).current_dir(site.folder.path());
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => outer.env(name, value),
                    None => outer.env_remove(name),
                };
            }
            command = outer;
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Log::default());
        let (writer, lines) = (log.clone(), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || writer.fill(lines));
        Daemon { child, log, port }
    }

    /// Started, and at work.
    #[track_caller]
    pub fn serving(self) -> Daemon {
        let daemon = self.spawn();
        daemon.says("serving");
        daemon
    }
}

/// A wall clock that a test sets, also while programs go by it. It runs on from there; timers run as they do.
pub struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// `None` when this machine has no faketime.
    pub fn of(site: &Site, at: &str) -> Option<Clock> {
        if !crate::servers::has("faketime", &["-f", "+1", "true"]) {
            return None;
        }
        let folders = std::fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
        let library = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
        let library = library.expect("faketime has its library below /usr/lib");
        let clock = Clock { library, file: site.folder.path().join("clock") };
        clock.set(at);
        Some(clock)
    }

    /// `at` is now: `2026-03-29T00:59:58Z`.
    pub fn set(&self, at: &str) {
        let ahead = at.parse::<Timestamp>().unwrap().duration_since(Timestamp::now());
        // In one piece: programs read it all the time.
        let draft = self.file.with_extension("draft");
        std::fs::write(&draft, format!("{:+.3}\n", ahead.as_secs_f64())).unwrap();
        std::fs::rename(draft, &self.file).unwrap();
    }
}

/// A daemon that was started.
pub struct Daemon {
    child: Child,
    log: Arc<Log>,
    port: u16,
}

#[derive(Default)]
struct Log {
    told: Mutex<Lines>,
    more: Condvar,
}

#[derive(Default)]
struct Lines {
    lines: Vec<Value>,
    ended: bool,
}

impl Log {
    fn fill(&self, lines: impl BufRead) {
        for line in lines.lines().map_while(Result::ok) {
            // What the program says before its log begins is plain text.
            let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
            self.told().lines.push(line);
            self.more.notify_all();
        }
        self.told().ended = true;
        self.more.notify_all();
    }

    fn told(&self) -> MutexGuard<'_, Lines> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Daemon {
    /// Waits for a line of the log with that message, and gives its first.
    #[track_caller]
    pub fn says(&self, message: &str) -> Value {
        self.says_so(1, message, |_| true)
    }

    /// Waits until `count` lines have that message and are such, and gives the last of these.
    #[track_caller]
    pub fn says_so(&self, count: usize, message: &str, such: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LIMIT;
        let mut told = self.log.told();
        loop {
            let mut found = told.lines.iter().filter(|line| line["message"] == message && such(line));
            if let Some(line) = found.nth(count - 1) {
                return line.clone();
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!told.ended && !left.is_zero(), "never said {message:?}: {:#?}", told.lines);
            told = self.log.more.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What it has said so far, a line each.
    pub fn log(&self) -> Vec<Value> {
        self.log.told().lines.clone()
    }

    pub fn said(&self, message: &str) -> usize {
        self.log().iter().filter(|line| line["message"] == message).count()
    }

    /// Its name among the nodes.
    #[track_caller]
    pub fn node(&self) -> String {
        self.says("serving")["fields"]["node"].as_str().unwrap().to_owned()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `STOP`, `CONT`, `TERM`, `HUP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status().unwrap();
        assert!(sent.success(), "{name}");
    }

    /// As `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for an end that it comes to by itself. All of its log is there then.
    #[track_caller]
    pub fn dies(&mut self) -> ExitStatus {
        let status = until(|| self.child.try_wait().unwrap(), || "it lives on".to_owned());
        until(|| self.log.told().ended.then_some(()), || "its log is open".to_owned());
        status
    }

    /// Asks it to stop; it ends well.
    #[track_caller]
    pub fn stop(mut self) {
        self.signal("TERM");
        let status = self.dies();
        assert!(status.success(), "{status}: {:#?}", self.log());
    }

    /// Waits until a failpoint has stopped it.
    #[track_caller]
    pub fn stops(&self) {
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        until(|| state().contains(") T ").then_some(()), || state());
    }

    /// Status and body of a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// A series of `/metrics`, by name and labels as they stand there.
    pub fn metric(&self, series: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics");
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(value.parse().unwrap())
    }

    /// Waits until it has looked for what is due at that time or later, by its own clock.
    #[track_caller]
    pub fn has_planned(&self, at: &str) {
        let at = at.parse::<Timestamp>().unwrap().as_second() as f64;
        let looked = || self.metric("kpid_planner_last_run_timestamp_seconds").unwrap_or_default();
        until(|| (looked() > at + 1.0).then_some(()), || format!("{} < {at}", looked()));
    }

    #[track_caller]
    pub fn shows(&self, series: &str, value: f64) {
        let now = || self.metric(series);
        until(|| (now() == Some(value)).then_some(()), || format!("{series}: {:?}, not {value}", now()));
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Errors: it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
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

/// A header of a mail, unfolded.
pub fn header(entry: &Entry, name: &str) -> String {
    let text = String::from_utf8_lossy(&entry.bytes).replace("\r\n ", " ");
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("{name}: {head}")).to_owned()
}

/// The text of a mail, soft line breaks and line breaks taken out: enough to find words in.
pub fn words(entry: &Entry) -> String {
    String::from_utf8_lossy(&entry.bytes).replace("=\r\n", "").replace("\r\n", " ")
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
