//! `kpid send REPORT --to ADDRESS`

use super::measure::{Asked, answer, exit_of, of_report};
use super::when::When;
use super::{Exit, installation, wrong};
use crate::catalog::{Catalog, MailSettings, is_address};
use crate::mail::{self, SendError, Server};
use crate::pipeline::{self, Outcome};
use crate::render::Renderer;
use crate::report::{History, Person, Report, ReportSpec};
use std::path::Path;

/// Measure a report and mail it, by hand
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid send weekly_b2b --to me@example.com\n  kpid send weekly_b2b --to me@example.com --period 2026-W46 --dry-run\n\nExit codes: 0 sent, 1 a mail could not be sent, 2 wrong input, 3 sent, but some sources could not be read"
)]
pub struct Args {
    /// The report's name
    report: String,
    /// Who gets it, instead of the report's own recipients; may stand several times
    #[arg(long, required = true, value_name = "ADDRESS")]
    to: Vec<String>,
    #[command(flatten)]
    when: When,
    /// Print the text of the mail instead of sending it
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let spec = installation::report(&catalog, &args.report)?;
    let people: Vec<Person> = args.to.iter().map(|address| person(&catalog, address)).collect::<anyhow::Result<_>>()?;
    let asked = of_report(&catalog, &args.report, &args.when)?;
    let outcome = answer(&catalog, &installation::sources(&catalog), &asked).await;
    let exit = exit_of(&outcome);
    let Some(report) = edition(&catalog, spec, outcome, &asked) else { return Ok(Exit::Partial) };
    let renderer = Renderer::new(None, catalog.settings.language.clone(), &catalog.settings.currency)?;
    if args.dry_run {
        for person in &people {
            let letter = renderer.render(&report, person)?;
            println!("To: {}\nSubject: {}\n\n{}", person.email, letter.subject, letter.text);
        }
        return Ok(exit);
    }
    let sent = deliver(&catalog, &renderer, &report, &people).await?;
    Ok(if sent == Exit::Done { exit } else { sent })
}

/// The person with that address, or a stranger who reads the installation's language.
fn person(catalog: &Catalog, address: &str) -> anyhow::Result<Person> {
    if let Some(person) = catalog.people.values().find(|person| person.email.eq_ignore_ascii_case(address)) {
        return Ok(person.clone());
    }
    let settings = &catalog.settings;
    let domain =
        is_address(address).then(|| address.rsplit_once('@')).flatten().map(|(_, domain)| domain.to_lowercase());
    let allowed = settings.mail.as_ref().map(|mail| mail.allowed_domains.as_slice()).unwrap_or_default();
    match domain {
        None => Err(wrong(format!("`{address}` is no address"), Some("write it like ana@example.com".to_owned()))),
        Some(domain) if !allowed.is_empty() && !allowed.contains(&domain) => {
            let help = format!("`settings.mail.allowed_domains` allows {}", allowed.join(", "));
            Err(wrong(format!("`{address}` may not get mails"), Some(help)))
        }
        Some(_) => Ok(Person {
            name: None,
            email: address.to_owned(),
            language: settings.language.clone(),
            locale: settings.locale.clone(),
        }),
    }
}

/// The edition to send; none, after saying so, when not one KPI has a value: an empty report helps nobody.
pub fn edition(catalog: &Catalog, spec: &ReportSpec, outcome: Outcome, asked: &Asked) -> Option<Report> {
    if outcome.measured.iter().all(|measured| measured.whole.value.is_missing()) {
        eprintln!("error: nothing is sent: no KPI of `{}` has a value", spec.id);
        for failure in &outcome.failures {
            eprintln!("  source {}: {}", failure.source, failure.why);
        }
        return None;
    }
    let made = pipeline::made(catalog, asked.request.period, asked.chosen.now);
    Some(pipeline::edition(catalog, spec, outcome, History::default(), made))
}

/// Sends `report` to each of `people` and says who got it. A mail that fails keeps no other from being sent; only where the server
/// can't be used at all the rest is not tried. Who got nothing is said on stderr, and the end is [`Exit::Failed`].
///
/// # Errors
/// There is no mail server to send with; nothing was sent.
pub async fn deliver(
    catalog: &Catalog,
    renderer: &Renderer,
    report: &Report,
    people: &[Person],
) -> anyhow::Result<Exit> {
    let help = || Some("add `mail: { from: …, server: … }` to `settings`".to_owned());
    let settings = catalog.settings.mail.as_ref().ok_or_else(|| wrong("there is no mail server", help()))?;
    let server = Server::parse(settings.server.expose()).map_err(|error| wrong(error.to_string(), None))?;
    let mut exit = Exit::Done;
    for (at, person) in people.iter().enumerate() {
        let Err(error) = send(&server, renderer, settings, report, person).await else {
            println!("{} got {}", person.email, report.id);
            continue;
        };
        exit = Exit::Failed;
        if let Some(SendError::Server { .. }) = error.downcast_ref() {
            let rest: Vec<&str> = people[at..].iter().map(|person| &*person.email).collect();
            eprintln!("error: {error:#}; {} did not reach {}", report.id, rest.join(", "));
            break;
        }
        eprintln!("error: {} did not reach {}: {error:#}", report.id, person.email);
    }
    Ok(exit)
}

async fn send(
    server: &Server,
    renderer: &Renderer,
    settings: &MailSettings,
    report: &Report,
    person: &Person,
) -> anyhow::Result<()> {
    let mail = pipeline::mail(renderer, settings, report, person)?;
    Ok(mail::send(server, &mail).await?)
}
