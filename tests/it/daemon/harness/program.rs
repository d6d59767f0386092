//! A daemon that was started: what it says, what it shows, and how it ends.

use super::{LIMIT, until};
use jiff::Timestamp;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

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
    pub(super) fn of(mut command: Command, port: u16) -> Daemon {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Log::default());
        let (writer, lines) = (log.clone(), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || writer.fill(lines));
        Daemon { child, log, port }
    }

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
        until(|| state().contains(") T ").then_some(()), state);
    }

    /// Status and body of a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.request("GET", path, "")
    }

    pub fn request(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}",
            body.len()
        );
        write!(stream, "{head}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{body}").unwrap();
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

    /// Waits until it is not ready, for that reason.
    #[track_caller]
    pub fn hindered_by(&self, why: &str) {
        let is = |(status, said): (u16, String)| (status == 503 && said.contains(why)).then_some(());
        until(|| is(self.get("/readyz")), || format!("{why}: {:?}", self.get("/readyz")));
    }

    /// Waits until it is ready.
    #[track_caller]
    pub fn ready(&self) {
        until(|| (self.get("/readyz").0 == 200).then_some(()), || self.get("/readyz").1);
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
