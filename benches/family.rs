//! Programs that start others, measured with all of them.
//!
//! A browser is a dozen processes, some of which outlive the first. This process adopts what they leave, so that the system adds
//! their CPU time to that of its children. Only on Linux.

use crate::process::Spent;
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions};
use std::collections::HashMap;
use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long what a program leaves behind may take to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at memory.
const PAUSE: Duration = Duration::from_millis(5);

pub struct Family {
    own: Pid,
}

impl Family {
    pub fn new() -> anyhow::Result<Family> {
        let own = rustix::process::getpid();
        rustix::process::set_child_subreaper(Some(own))?;
        Ok(Family { own })
    }

    /// From the start of `command` to its end; the CPU time is also that of all it started, in the ticks the system counts by.
    pub fn run(&self, command: &mut Command) -> anyhow::Result<Spent> {
        let before = children_cpu()?;
        let started = Instant::now();
        let status = command.status()?;
        let wall = started.elapsed();
        anyhow::ensure!(status.success(), "{command:?} ended with {status}");
        adopted()?;
        Ok(Spent { wall, cpu: children_cpu()?.saturating_sub(before) })
    }

    /// The most memory that `command` and all it started had at once, in MiB: shared pages once, in parts. Looking takes time, so
    /// this is a run of its own.
    pub fn peak_mib(&self, command: &mut Command) -> anyhow::Result<f64> {
        let mut child = command.spawn()?;
        let mut peak: f64 = 0.0;
        while is_running(&mut child)? {
            peak = peak.max(self.descendants()?.into_iter().map(kib).sum());
            std::thread::sleep(PAUSE);
        }
        adopted()?;
        Ok(peak / 1024.0)
    }

    fn descendants(&self) -> anyhow::Result<Vec<i32>> {
        let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
        for entry in fs::read_dir("/proc")? {
            let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            if let Some(parent) = field(&format!("/proc/{pid}/stat"), 1) {
                children.entry(parent as i32).or_default().push(pid);
            }
        }
        let mut found = Vec::new();
        let mut parents = vec![self.own.as_raw_nonzero().get()];
        while let Some(parent) = parents.pop() {
            let own = children.remove(&parent).unwrap_or_default();
            found.extend(&own);
            parents.extend(own);
        }
        Ok(found)
    }
}

fn is_running(child: &mut Child) -> std::io::Result<bool> {
    Ok(child.try_wait()?.is_none())
}

/// Waits for what was left to this process.
fn adopted() -> anyhow::Result<()> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(PAUSE),
            Err(Errno::CHILD) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!("something goes on running after its program has ended")
}

fn children_cpu() -> anyhow::Result<Duration> {
    let [user, system] = [13, 14].map(|index| field("/proc/self/stat", index).unwrap_or_default());
    Ok(Duration::from_secs_f64((user + system) / rustix::param::clock_ticks_per_second() as f64))
}

/// Field `index` after the name of the program, which may hold spaces, of `/proc/PID/stat`; none when the process has ended.
fn field(path: &str, index: usize) -> Option<f64> {
    let stat = fs::read_to_string(path).ok()?;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(index)?.parse().ok()
}

/// The memory of a process, with its part of what it shares.
fn kib(pid: i32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}
