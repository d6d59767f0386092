//! How a daemon is started: where it dies, by which clock it goes, what it runs under.

use super::clock::Clock;
use super::program::Daemon;
use std::process::Command;

/// A daemon about to be started.
pub struct Start {
    command: Command,
    port: u16,
    under: Vec<String>,
}

impl Start {
    pub(super) fn new(command: Command, port: u16) -> Start {
        Start { command, port, under: Vec::new() }
    }

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
        self.under = program.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    pub fn spawn(self) -> Daemon {
        let Start { command, port, under: program } = self;
        let program: Vec<&str> = program.iter().map(String::as_str).collect();
        Daemon::of(under(command, &program), port)
    }

    /// Started, and at work.
    #[track_caller]
    pub fn serving(self) -> Daemon {
        let daemon = self.spawn();
        daemon.says("serving");
        daemon
    }
}

/// `command` run by `program`, which has arguments before it.
pub(super) fn under(command: Command, program: &[&str]) -> Command {
    let Some((program, args)) = program.split_first() else { return command };
    let mut outer = Command::new(program);
    outer.args(args).arg(command.get_program()).args(command.get_args());
    outer.current_dir(command.get_current_dir().expect("the site's folder"));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer
}
