//! The other way to make a picture of a report: a browser without a window. kpid and the browser run in turns, each as a process of
//! its own, from its start to its end.
//!
//! kpid loads its catalogue, measures, and makes the whole mail: HTML, text, pictures, workbook, MIME. The browser only draws the
//! finished page, and of it what 700 × 1,200 pixels show: less than a mail's picture would need, which is in its favour.

use crate::edition::{Forty, audience};
use crate::family::Family;
use crate::figures::{Table, cpus, median, milliseconds, ranked, walls};
use crate::home::folder;
use crate::process::{Case, Spent, apart};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = "chromium";
/// Measured turns, after one that brings files into memory.
const TURNS: usize = 9;

pub fn table() -> anyhow::Result<Table> {
    let title = "The whole mail with its pictures and XLSX, against one screenshot by Chromium";
    let mut table = Table { title, aim: "a small part of it", rows: Vec::new(), left_out: Vec::new() };
    match Command::new(PROGRAM).arg("--version").stderr(Stdio::null()).output() {
        Ok(version) if version.status.success() => {
            eprintln!("{}", String::from_utf8_lossy(&version.stdout).trim());
            table.rows = apart(Case::Chromium, 0, &[])?.as_array().cloned().unwrap_or_default();
        }
        Ok(version) => table.left_out.push(format!("Chromium ended with {}", version.status)),
        Err(why) => table.left_out.push(format!("Chromium ({PROGRAM}: {why})")),
    }
    Ok(table)
}

/// kpid and the browser in turns.
pub fn compare() -> anyhow::Result<Value> {
    let folder = folder("chromium")?;
    let forty = Forty::new()?;
    let page = forty.renderer.page(&forty.report(&[]), &audience("es-ES"))?;
    std::fs::write(folder.join("page.html"), page)?;
    let family = Family::new()?;
    let (mut kpid, mut browser) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let ours = family.run(&mut this()?)?;
        let theirs = family.run(&mut screenshot(&folder))?;
        // A refusal to start would look fast.
        anyhow::ensure!(folder.join("page.png").exists(), "Chromium made no picture");
        std::fs::remove_file(folder.join("page.png"))?;
        if turn > 0 {
            kpid.push(ours);
            browser.push(theirs);
        }
    }
    // Too short a run to be looked at from outside; what it says of itself counts shared pages in full.
    let own = apart(Case::RenderBook, 0, &[])?["peak_MiB"].as_f64().unwrap_or_default();
    let peaks = [own, family.peak_mib(&mut screenshot(&folder))?];
    std::fs::remove_dir_all(&folder)?;
    let [ours, theirs] =
        [("kpid, the whole mail", &kpid, peaks[0]), ("Chromium, the page", &browser, peaks[1])].map(row);
    let share = |key: &str| theirs[key].as_f64().unwrap_or_default() / ours[key].as_f64().unwrap_or_default();
    let ratio = json!({
        "": "times as much",
        "wall_ms": share("wall_ms"),
        "least_ms": share("least_ms"),
        "CPU_ms": share("CPU_ms"),
        "peak_MiB": share("peak_MiB"),
    });
    Ok(json!([ours, theirs, ratio]))
}

fn row((name, runs, peak): (&str, &Vec<Spent>, f64)) -> Value {
    json!({
        "": name,
        "wall_ms": milliseconds(median(walls(runs))),
        "least_ms": milliseconds(ranked(walls(runs), 0.0)),
        "CPU_ms": milliseconds(median(cpus(runs))),
        "peak_MiB": peak,
    })
}

fn this() -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--case", "render-book"]).stdout(Stdio::null());
    Ok(command)
}

fn screenshot(folder: &Path) -> Command {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut command = Command::new(PROGRAM);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
        .args(["--disable-extensions", "--disable-background-networking", "--disable-component-update"])
        .arg("--window-size=700,1200")
        .arg(format!("--user-data-dir={}", at("profile")))
        .arg(format!("--screenshot={}", at("page.png")))
        .arg(format!("file://{}", at("page.html")))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
