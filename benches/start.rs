//! Starting the program, beside a program that does nothing.

use crate::figures::{Table, median, milliseconds};
use crate::process::{Case, apart, peak_mib};
use clap::Parser;
use kpid::cli;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TURNS: usize = 50;

pub fn table() -> anyhow::Result<Table> {
    let kpid = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
        command.args(args);
        command
    };
    let folder = shipped();
    let dir = folder.to_string_lossy();
    let mut commands = [
        Command::new("/bin/true"),
        kpid(&["--version"]),
        kpid(&["check", "--dir", &dir]),
        kpid(&["schema", "--here", "--dir", &dir]),
    ];
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..=TURNS {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            times.push(once(command)?);
        }
    }
    // The first turn only brings the files into memory.
    let [floor, version, check, schema] = times.map(|times| milliseconds(median(times.into_iter().skip(1))));
    let row = |what: &str, ms: f64, peak: Value| json!({ "command": what, "start_to_end_ms": ms, "above_true_ms": ms - floor, "peak_MiB": peak });
    let rows = vec![
        row("/bin/true", floor, "".into()),
        row("kpid --version", version, apart(Case::StartVersion, 0, &[])?["peak"].clone()),
        row("kpid check --dir kpis/", check, apart(Case::StartCheck, 0, &[])?["peak"].clone()),
        row("kpid schema --here --dir kpis/", schema, "".into()),
    ];
    Ok(Table { title: "Starting the program", aim: "unnoticed: a few milliseconds", rows, left_out: Vec::new() })
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kpis")
}

fn once(command: &mut Command) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status()?;
    let time = started.elapsed();
    anyhow::ensure!(status.success(), "{command:?} ended with {status}");
    Ok(time)
}

/// The same code inside this program, for its memory.
pub fn version() -> anyhow::Result<Value> {
    let shown = cli::Args::try_parse_from(["kpid", "--version"]).err().map(|version| version.to_string());
    anyhow::ensure!(shown.is_some(), "--version prints nothing");
    Ok(json!({ "peak": peak_mib()? }))
}

pub async fn check() -> anyhow::Result<Value> {
    let args = cli::Args::try_parse_from(["kpid", "check", "--dir", &shipped().to_string_lossy()])?;
    anyhow::ensure!(cli::run(args).await? == cli::Exit::Done, "the shipped catalogue is not usable");
    Ok(json!({ "peak": peak_mib()? }))
}
