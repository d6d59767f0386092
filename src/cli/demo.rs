//! `kpid demo`

use super::measure::{answer, exit_of, of_kpis, of_report};
use super::when::{Chosen, When};
use super::{Exit, installation, scorecard, send, wrong};
use crate::calendar::{Cadence, clock};
use crate::catalog::Catalog;
use crate::demo::{Scale, build, catalogue};
use crate::render::Renderer;
use anyhow::Context;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// The report that the demo mails.
const REPORT: &str = "weekly_b2b";

/// Build a sample company, measure it and mail its weekly report to a folder
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid demo\n  kpid demo --date 2026-11-22 --folder /tmp/kpid-demo\n\nThe same seed and date give the same company. Databases and mails are made anew\neach time; YAML that is in the folder already is left as it is, so that you can\nedit it and look again."
)]
pub struct Args {
    /// Where databases, YAML and mails go
    #[arg(long, default_value = "demo", value_name = "FOLDER")]
    folder: PathBuf,
    /// As if it were 08:00 on that day; today when absent
    #[arg(long, value_name = "DAY")]
    date: Option<String>,
    /// Another seed makes another company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// About how many web visits in two years
    #[arg(long, default_value_t = Scale::default().sessions, value_name = "COUNT")]
    sessions: u32,
}

pub async fn run(args: Args) -> anyhow::Result<Exit> {
    let folder = &args.folder;
    let kpis = folder.join("kpis");
    catalogue::write(&kpis).with_context(|| format!("write {} (another place: --folder)", kpis.display()))?;
    let catalog = installation::load_with(&kpis, &|name| environment(folder, name))?;
    let calendar = &catalog.settings.calendar;
    let as_of = match &args.date {
        Some(day) => format!("{}T08:00", date(day)?),
        None => clock::now().to_zoned(calendar.zone.clone()).datetime().to_string(),
    };
    let when = When { period: None, as_of: Some(as_of) };
    let chosen = when.choose(calendar, Cadence::Week, false)?;
    let today = chosen.now.to_zoned(calendar.zone.clone()).date();
    let built = build(folder, args.seed, today, Scale { sessions: args.sessions }).await?;
    eprintln!(
        "built a company in {}: {} visits, {} leads, {} customers, {} orders",
        folder.display(),
        built.sessions,
        built.leads,
        built.customers,
        built.orders
    );
    let everything = scorecard_of_all(&catalog, chosen).await?;
    let mailed = mail(&catalog, &when, folder).await?;
    Ok(if everything == Exit::Done { mailed } else { everything })
}

fn date(text: &str) -> anyhow::Result<Date> {
    text.parse().map_err(|_| wrong(format!("`{text}` is no day"), Some("write it like 2026-11-22".to_owned())))
}

/// The sample catalogue's variables: databases and mails lie in the demo's own folder whatever the user's environment says.
fn environment(folder: &Path, name: &str) -> Option<String> {
    let file = |name: &str| format!("sqlite://{}", folder.join(name).display());
    match name {
        "WEB_URL" => Some(file("web.db")),
        "CRM_URL" => Some(file("crm.db")),
        "ERP_URL" => Some(file("erp.db")),
        "KPID_MAIL" => Some(format!("file://{}", folder.join("mail").display())),
        _ => std::env::var(name).ok(),
    }
}

async fn scorecard_of_all(catalog: &Catalog, chosen: Chosen) -> anyhow::Result<Exit> {
    let asked = of_kpis(catalog, catalog.kpis.clone(), chosen);
    let outcome = answer(catalog, &installation::sources(catalog), &asked).await;
    println!("{}", scorecard::scorecard(&outcome, &asked, &catalog.settings)?);
    Ok(exit_of(&outcome))
}

async fn mail(catalog: &Catalog, when: &When, folder: &Path) -> anyhow::Result<Exit> {
    let spec = installation::report(catalog, REPORT)?;
    let asked = of_report(catalog, REPORT, when)?;
    let outcome = answer(catalog, &installation::sources(catalog), &asked).await;
    let exit = exit_of(&outcome);
    let Some(report) = send::edition(catalog, spec, outcome, &asked) else { return Ok(Exit::Partial) };
    let renderer = Renderer::new(None, catalog.settings.language.clone(), &catalog.settings.currency)?;
    println!();
    let sent = send::deliver(catalog, &renderer, &report, &spec.to).await?;
    let (mails, kpis) = (folder.join("mail"), folder.join("kpis"));
    println!(
        "the mails are in {}; next: edit {}, then kpid --dir {} measure",
        mails.display(),
        kpis.display(),
        kpis.display()
    );
    Ok(if sent == Exit::Done { exit } else { sent })
}
