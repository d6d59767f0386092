//! `kpid demo`

use super::measure::{answer, exit_of, of_kpis, of_report};
use super::when::{Chosen, When};
use super::{Exit, installation, output, schema, scorecard, send, wrong};
use crate::calendar::{Cadence, clock};
use crate::catalog::Catalog;
use crate::daemon::log;
use crate::demo::{Scale, build, catalogue};
use crate::render::{Audience, Renderer, standalone};
use crate::report::{Person, Report};
use anyhow::Context;
use jiff::ToSpan;
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The report that the demo mails.
const REPORT: &str = "weekly_b2b";
/// Whose mails it also writes as files to look at: one who reads Spanish, one who reads English.
const READERS: [&str; 2] = ["ana", "tom"];

/// Build a sample company, measure it and mail its weekly report to a folder
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid demo\n  kpid demo --date 2026-11-22 --folder /tmp/kpid-demo\n  kpid demo --serve     see a scheduled report arrive\n\nThe same seed and date give the same company. Databases are made anew each\ntime, mails are added; YAML that is in the folder already is left as it is, so that you can\nedit it and look again."
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
    /// Run the daemon on it, with a report that is due within a minute or two
    #[arg(long, conflicts_with = "date")]
    serve: bool,
}

pub async fn run(args: Args) -> anyhow::Result<Exit> {
    let folder = &args.folder;
    let kpis = folder.join("kpis");
    catalogue::write(&kpis).with_context(|| format!("write {} (another place: --folder)", kpis.display()))?;
    let catalog = installation::load_with(&kpis, &|name| environment(folder, name))?;
    schema::refresh(&kpis)?;
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
    if args.serve {
        return serve(folder, &kpis, chosen.now.to_zoned(calendar.zone.clone())).await;
    }
    let everything = scorecard_of_all(&catalog, chosen).await?;
    let mailed = mail(&catalog, &when, folder).await?;
    Ok(if everything == Exit::Done { mailed } else { everything })
}

fn date(text: &str) -> anyhow::Result<Date> {
    text.parse().map_err(|_| wrong(format!("`{text}` is no day"), Some("write it like 2026-11-22".to_owned())))
}

/// The sample catalogue's variables: databases, store and mails lie in the demo's own folder whatever the user's environment says.
fn environment(folder: &Path, name: &str) -> Option<String> {
    let file = |name: &str| format!("sqlite://{}", folder.join(name).display());
    match name {
        "WEB_URL" => Some(file("web.db")),
        "CRM_URL" => Some(file("crm.db")),
        "ERP_URL" => Some(file("erp.db")),
        "KPID_STORE" => Some(file("kpid.db")),
        "KPID_MAIL" => Some(format!("file://{}", folder.join("mail").display())),
        _ => std::env::var(name).ok(),
    }
}

/// Runs the daemon on the sample company until Ctrl-C. A report of its own is due at the second full minute from `now`: at the first one
/// the daemon may still be starting.
async fn serve(folder: &Path, kpis: &Path, now: jiff::Zoned) -> anyhow::Result<Exit> {
    let due = &now + 2.minutes();
    let path = kpis.join("serve.yaml");
    let text = catalogue::SERVE.replace("{schedule}", &due.strftime("%-M %-H * * *").to_string());
    std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    let mails = folder.join("mail");
    eprintln!(
        "serving: the report `demo_now` is due at {}, its mails come to {}; Ctrl-C stops",
        due.strftime("%H:%M %Z"),
        mails.display()
    );
    let place = folder.to_owned();
    super::run::serve(kpis, Arc::new(move |name: &str| environment(&place, name)), log::Format::Text).await
}

async fn scorecard_of_all(catalog: &Catalog, chosen: Chosen) -> anyhow::Result<Exit> {
    let asked = of_kpis(catalog, &catalog.kpis, chosen)?;
    let outcome = answer(catalog, &installation::sources(catalog), &asked).await;
    let exit = exit_of(&outcome);
    output::line(scorecard::scorecard(&asked.report(catalog, outcome), &catalog.settings)?)?;
    Ok(exit)
}

async fn mail(catalog: &Catalog, when: &When, folder: &Path) -> anyhow::Result<Exit> {
    let asked = of_report(catalog, REPORT, when)?;
    let outcome = answer(catalog, &installation::sources(catalog), &asked).await;
    let exit = exit_of(&outcome);
    let report = asked.report(catalog, outcome);
    if !send::is_worth_sending(&report) {
        return Ok(Exit::Failed);
    }
    let kpis = folder.join("kpis");
    let renderer = installation::renderer(&kpis, catalog)?;
    output::print("\n")?;
    let sent = send::deliver(catalog, &renderer, &report, &asked.spec.to).await?;
    output::line(format_args!("\nthe mails are in {}; the same to look at:", folder.join("mail").display()))?;
    for person in READERS.iter().filter_map(|name| catalog.people.get(*name)) {
        show(&renderer, &report, person, &folder.join("report"))?;
    }
    let kpis = kpis.display();
    output::line(format_args!("\nnext: edit {kpis}, then kpid --dir {kpis} measure --report {REPORT}"))?;
    Ok(if sent == Exit::Done { exit } else { sent })
}

/// Writes what `person` got as files that a browser and a spreadsheet open, and says where they are.
fn show(renderer: &Renderer, report: &Report, person: &Person, folder: &Path) -> anyhow::Result<()> {
    let audience = Audience::of(person);
    let letter = renderer.letter(report, &audience)?;
    let folder = folder.join(&*audience.language);
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&folder))
            .and_then(|()| std::fs::write(&path, bytes))
            .with_context(|| format!("write {}", path.display()))
    };
    write("mail.html", standalone(&letter).as_bytes())?;
    write("page.html", renderer.page(report, &audience)?.as_bytes())?;
    for image in &letter.images {
        write(&format!("pictures/{}.png", image.name), &image.png)?;
    }
    for file in &letter.attachments {
        write(&file.name, &file.bytes)?;
    }
    output::line(format_args!("  {}/mail.html and page.html: as {} reads it", folder.display(), person.locale))
}
