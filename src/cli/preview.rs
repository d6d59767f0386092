//! `kpid preview`

use super::when::{When, instant};
use super::{Exit, installation, output, wrong};
use crate::calendar::clock;
use crate::catalog::{Catalog, Settings};
use crate::preview::{Studio, serve};
use crate::report::ReportSpec;
use anyhow::{Context, anyhow};
use jiff::Timestamp;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio::net::TcpListener;

const EXAMPLES: &str = "\
Examples:
  kpid preview                            every report, in the browser
  kpid preview weekly_b2b --to ana        one report, as Ana will get it
  kpid preview weekly_b2b --period 2026-W46
  kpid --dir demo/kpis preview --open     after `kpid demo`

Save a file of the folder, YAML or template, and the page shows it at once. A
database is asked again only when a query, the database or the period changed.
The page is for this machine alone; Ctrl-C stops it.

Exit codes: 0 stopped by Ctrl-C, 1 it could not listen, 2 wrong input";

/// The first port that is tried, and how many more.
const PORT: u16 = 8322;
const TRIES: u16 = 20;

/// Show reports in the browser while their YAML is being edited
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The report to begin with; any other can be picked on the page
    report: Option<String>,
    /// As this person gets it: a name of `people`
    #[arg(long, value_name = "PERSON")]
    to: Option<String>,
    #[command(flatten)]
    when: When,
    /// Where the page is served; the next free port when absent
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Let other machines look, with --listen: whoever reaches it sees every number
    #[arg(long, requires = "listen")]
    allow_remote: bool,
    /// Open the browser
    #[arg(long)]
    open: bool,
}

pub async fn run(dir: &Path, mut args: Args) -> anyhow::Result<Exit> {
    if !dir.is_dir() {
        let help = "name the folder with `--dir` or `KPID_DIR`; `kpid init` writes a first one".to_owned();
        return Err(wrong(format!("there is no folder `{}`", dir.display()), Some(help)));
    }
    let as_of = as_of(dir, &mut args)?;
    let listener = listener(&args).await?;
    let address = listener.local_addr().context("listen")?;
    let studio = Studio::open(dir.to_owned(), Arc::new(|name: &str| std::env::var(name).ok()), move || {
        as_of.unwrap_or_else(clock::now)
    });
    let studio = studio.await;
    let url = format!("http://{address}/{}", beginning(&args));
    output::line(format_args!("{} is shown at {url}", dir.display()))?;
    let problems = studio.state().problems.len();
    if problems > 0 {
        eprintln!("it has {}: the page shows them", super::counted(problems, "problem"));
    }
    eprintln!("edit and save; Ctrl-C stops");
    if args.open {
        open(&url);
    }
    tokio::select! {
        done = serve(listener, studio) => done.map(|()| Exit::Done).context("serve the page"),
        stopped = tokio::signal::ctrl_c() => stopped.map(|()| Exit::Done).context("wait for Ctrl-C"),
    }
}

/// What is asked for is compared with the folder where that can be read; what is wrong with the folder is the page's to show. A period
/// without a report is that of the only one.
fn as_of(dir: &Path, args: &mut Args) -> anyhow::Result<Option<Timestamp>> {
    let loaded = Catalog::load(dir, &|name| std::env::var(name).ok()).ok().map(|loaded| loaded.catalog);
    let settings = Settings::default();
    let calendar = loaded.as_ref().map_or(&settings.calendar, |catalog| &catalog.settings.calendar);
    let as_of = args.when.as_of.as_ref().map(|text| instant(text, calendar)).transpose()?;
    let Some(catalog) = &loaded else { return Ok(as_of) };
    let specs: Vec<&ReportSpec> = match &args.report {
        Some(name) => vec![installation::report(catalog, name)?],
        None => catalog.reports.values().collect(),
    };
    // A period that is none at all is told first: naming the report would not make it one.
    for spec in &specs {
        args.when.choose(&spec.calendar, spec.period, spec.to_date)?;
    }
    if args.when.period.is_some() {
        let [only] = specs[..] else {
            let help = "name the report as well: kpid preview REPORT --period PERIOD".to_owned();
            return Err(wrong("periods differ from report to report", Some(help)));
        };
        args.report = Some(only.id.to_string());
    }
    if let Some(name) = &args.to {
        installation::member(catalog, name)?;
    }
    Ok(as_of)
}

/// A port of this machine, or what `--listen` says.
async fn listener(args: &Args) -> anyhow::Result<TcpListener> {
    if let Some(address) = args.listen {
        if !address.ip().is_loopback() && !args.allow_remote {
            let help = "add --allow-remote if whoever reaches it may see every number".to_owned();
            return Err(wrong(format!("{address} can be reached by other machines"), Some(help)));
        }
        return match TcpListener::bind(address).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                let help = "help: something else is served there; leave out --listen for a free port";
                Err(anyhow!("listen on {address}: {error}\n{help}"))
            }
            bound => bound.with_context(|| format!("listen on {address}")),
        };
    }
    let mut port = PORT;
    loop {
        match TcpListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse && port < PORT + TRIES => port += 1,
            bound => return bound.with_context(|| format!("listen on 127.0.0.1:{port}")),
        }
    }
}

/// What the page begins with, as the part of its address that it keeps its state in. Names and periods need no escaping.
fn beginning(args: &Args) -> String {
    let asked = [("report", &args.report), ("to", &args.to), ("period", &args.when.period)];
    let parts = asked.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?)));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("#{}", parts.join("&")) }
}

/// Hands the address to the desktop; without one the printed address is there to be clicked.
fn open(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started =
        Command::new(opener).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = started {
        eprintln!("the browser can't be opened ({opener}: {error}): open the address by hand");
    }
}
