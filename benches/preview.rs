//! `kpid preview`: from a save until the page shows it, beside a whole `kpid render` of the same folder in the same run.
//!
//! The folder is the sample catalogue over the sample company; each save is a file renamed into place, as careful editors do it. An event
//! is heard by a listener like the page's, the mail is asked for when it is, and has come when its last byte has.

mod page;
mod stages;

use crate::figures::{Table, median, milliseconds, ranked};
use crate::home::{Home, TODAY, folder};
use anyhow::{Context, ensure};
use kpid::demo::{Scale, catalogue};
use page::Page;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const REPORT: &str = "weekly_b2b";
/// Saves of each kind, after one that warms caches up.
const TURNS: usize = 40;

pub async fn tables() -> anyhow::Result<Vec<Table>> {
    let desk = Desk::new().await?;
    let tables = vec![pages(&desk)?, stages::table(&desk).await?];
    desk.remove().await?;
    Ok(tables)
}

fn pages(desk: &Desk) -> anyhow::Result<Table> {
    let page = Page::open(desk)?;
    let mut rows = Vec::new();
    for edit in &EDITS {
        rows.push(edited(desk, &page, edit)?);
    }
    Ok(Table {
        title: "From a save until the weekly report's mail has come, and until all that the page asks for has",
        aim: "at most 300 ms where no query is another one",
        rows,
        left_out: Vec::new(),
    })
}

/// Times from the same save, and of rendering the folder as it then is by a process that knows nothing.
fn edited(desk: &Desk, page: &Page, edit: &Edit) -> anyhow::Result<Value> {
    let mail = format!("/mail/{REPORT}");
    let (mut event, mut mailed, mut paged, mut process) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut before = page.get(&mail)?;
    for turn in 0..=TURNS {
        let saved = desk.save(edit, 2 * turn)?;
        event.push(page.heard()?.duration_since(saved));
        let now = page.get(&mail)?;
        mailed.push(saved.elapsed());
        ensure!(now != before && now.contains("</html>"), "an edit of {} is not in the mail", edit.what);
        before = now;
        let saved = desk.save(edit, 2 * turn + 1)?;
        page.heard()?;
        page.get("/api/state")?;
        page.get(&format!("/api/report/{REPORT}"))?;
        before.clone_from(&page.get(&mail)?);
        paged.push(saved.elapsed());
        process.push(desk.render()?);
    }
    let told: Value = serde_json::from_str(&page.get(&format!("/api/report/{REPORT}"))?)?;
    let mut row = json!({ "edit": edit.what, "queries": told["queries"]["asked"] });
    for (name, times) in [("event", event), ("mail", mailed), ("page", paged), ("kpid_render", process)] {
        let times = &times[1..];
        row[format!("{name}_ms")] = milliseconds(median(times.iter().copied())).into();
        row[format!("{name}_p95_ms")] = milliseconds(ranked(times.iter().copied(), 0.95)).into();
    }
    Ok(row)
}

/// What is saved.
struct Edit {
    what: &'static str,
    file: &'static str,
    /// As the catalogue has it.
    from: &'static str,
    /// `{n}` is another number each time.
    to: &'static str,
}

const EDITS: [Edit; 3] = [
    Edit {
        what: "the report's title",
        file: "reports.yaml",
        from: "\"Marketing y ventas\"",
        to: "\"Marketing y ventas {n}\"",
    },
    Edit {
        what: "a KPI's formula",
        file: "leads.yaml",
        from: "formula: contacts.created\n",
        to: "formula: contacts.created + {n}\n",
    },
    Edit {
        what: "a source's SQL",
        file: "sources/crm.yaml",
        from: "count(*) AS created, sum(is_mql)",
        to: "count(*) + {n} AS created, sum(is_mql)",
    },
];

/// The sample company with a catalogue of its own to edit.
struct Desk {
    home: Home,
    folder: PathBuf,
}

impl Desk {
    async fn new() -> anyhow::Result<Desk> {
        let folder = folder("desk")?;
        catalogue::write(&folder.join("kpis"))?;
        Ok(Desk { home: Home::sqlite(Scale::default().sessions).await?, folder })
    }

    fn kpis(&self) -> PathBuf {
        self.folder.join("kpis")
    }

    /// The moment of the save.
    fn save(&self, edit: &Edit, n: usize) -> anyhow::Result<Instant> {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kpis").join(edit.file);
        let text = std::fs::read_to_string(shipped)?;
        ensure!(text.contains(edit.from), "{} has no `{}`", edit.file, edit.from);
        let half = self.folder.join("half");
        std::fs::write(&half, text.replacen(edit.from, &edit.to.replace("{n}", &(n + 1).to_string()), 1))?;
        let now = Instant::now();
        std::fs::rename(half, self.kpis().join(edit.file))?;
        Ok(now)
    }

    /// kpid on the folder, as of the morning on which the company is seen.
    fn kpid(&self, command: &str) -> Command {
        let mut kpid = Command::new(env!("CARGO_BIN_EXE_kpid"));
        kpid.arg("--dir").arg(self.kpis()).args([command, REPORT, "--as-of", &format!("{TODAY}T08:00")]);
        kpid.envs(self.home.env());
        kpid
    }

    /// How long a whole process takes to give the mail's HTML.
    fn render(&self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let output = self.kpid("render").args(["--format", "html"]).output().context("kpid render")?;
        let took = begun.elapsed();
        ensure!(output.status.success(), "kpid render: {}", String::from_utf8_lossy(&output.stderr));
        Ok(took)
    }

    async fn remove(self) -> anyhow::Result<()> {
        std::fs::remove_dir_all(&self.folder)?;
        self.home.remove().await
    }
}
