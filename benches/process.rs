//! This process and the others it starts: clocks, memory, and cases run apart.

use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What can be run in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
pub enum Case {
    Week,
    WeekKpid,
    WeekFloor,
    Kpis,
    KpisBrokenDown,
    Check,
    StartVersion,
    StartCheck,
    RenderStages,
    RenderLetter,
    RenderBook,
    RenderAll,
    Mailing,
    Chromium,
}

/// Wall time and the CPU time of all threads.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    pub wall: Duration,
    pub cpu: Duration,
}

pub struct Stopwatch {
    started: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch { cpu: cpu(), started: Instant::now() }
    }

    pub fn stop(&self) -> Spent {
        Spent { wall: self.started.elapsed(), cpu: cpu().saturating_sub(self.cpu) }
    }
}

fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("a process has used no negative time")
}

/// The most memory this process has had resident, in MiB.
pub fn peak_mib() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib.ok_or_else(|| anyhow::anyhow!("/proc/self/status has no VmHWM"))?.parse()?;
    Ok(kib / 1024.0)
}

/// Runs `case` in a new process with `env` and gives the figures it prints as its last line.
pub fn apart(case: Case, size: usize, env: &[(String, String)]) -> anyhow::Result<Value> {
    let name = clap::ValueEnum::to_possible_value(&case).expect("no case is skipped");
    let output = Command::new(std::env::current_exe()?)
        .args(["--case", name.get_name(), "--size", &size.to_string()])
        .envs(env.iter().cloned())
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "case {} ended with {}", name.get_name(), output.status);
    let printed = String::from_utf8(output.stdout)?;
    Ok(serde_json::from_str(printed.lines().last().unwrap_or_default())?)
}

/// What the figures were measured on.
pub fn machine() -> anyhow::Result<String> {
    let cpus = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("\t: unknown processor");
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!("{} cores of {model}, load {load}", std::thread::available_parallelism()?))
}
