//! `kpid send REPORT --to ADDRESS`

use super::measure::{answer, exit_of, of_report};
use super::when::When;
use super::{Exit, installation, output, wrong};
use crate::catalog::{Catalog, MailSettings};
use crate::mail::{self, SendError, Server};
use crate::pipeline::{self, Mailing};
use crate::render::{Audience, Letter, Renderer};
use crate::report::{Person, Report};
use std::collections::HashSet;
use std::path::Path;

/// Measure a report and mail it, by hand
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid send weekly_b2b --to me@example.com\n  kpid send weekly_b2b --to me@example.com --period 2026-W46 --dry-run\n\nExit codes: 0 sent, 1 a mail could not be sent or no KPI has a value, 2 wrong input, 3 some sources could not be read"
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
    let mut people: Vec<Person> =
        args.to.iter().map(|to| installation::person(&catalog, to)).collect::<anyhow::Result<_>>()?;
    let mut seen = HashSet::new();
    // Named twice, by name and by address, they still get one mail.
    people.retain(|person| seen.insert(person.email.to_lowercase()));
    let renderer = installation::renderer(dir, &catalog)?;
    let asked = of_report(&catalog, &args.report, &args.when)?;
    let outcome = answer(&catalog, &installation::sources(&catalog), &asked).await;
    let exit = exit_of(&outcome);
    let report = asked.report(&catalog, outcome);
    if !is_worth_sending(&report) {
        return Ok(Exit::Failed);
    }
    if args.dry_run {
        for person in &people {
            let Letter { subject, text, .. } = renderer.letter(&report, &Audience::of(person))?;
            output::line(format_args!("To: {}\nSubject: {subject}\n\n{text}", person.email))?;
        }
        return Ok(exit);
    }
    let sent = deliver(&catalog, &renderer, &report, &people).await?;
    if let Server::Folder(folder) = server(mail_settings(&catalog)?)? {
        output::line(format_args!("not sent: `mail.server` is the folder {}", folder.display()))?;
    }
    Ok(if sent == Exit::Done { exit } else { sent })
}

/// False, after saying so, when not one KPI has a value: an empty report helps nobody.
pub fn is_worth_sending(report: &Report) -> bool {
    if report.rows().any(|row| !row.measured.whole.value.is_missing()) {
        return true;
    }
    eprintln!("error: nothing is sent: no KPI of `{}` has a value", report.id);
    for failed in &report.notes.failed {
        eprintln!("  source {}: {}", failed.source, failed.why);
    }
    false
}

/// How mail is sent.
///
/// # Errors
/// The installation doesn't say.
pub fn mail_settings(catalog: &Catalog) -> anyhow::Result<&MailSettings> {
    let help = || Some("add `mail: { from: …, server: … }` to `settings`".to_owned());
    catalog.settings.mail.as_ref().ok_or_else(|| wrong("there is no mail server", help()))
}

fn server(settings: &MailSettings) -> anyhow::Result<Server> {
    pipeline::mail_server(settings).map_err(|error| wrong(error.to_string(), None))
}

/// Sends `report` to each of `people` and says who got it. A mail that fails keeps no other from being sent; only where the server
/// can't be used at all the rest is not tried. Who got nothing is said on stderr, and the end is [`Exit::Failed`].
///
/// # Errors
/// There is no mail server to send with, and nothing was sent; or it can't be said who got it.
pub async fn deliver(
    catalog: &Catalog,
    renderer: &Renderer,
    report: &Report,
    people: &[Person],
) -> anyhow::Result<Exit> {
    let settings = mail_settings(catalog)?;
    let server = server(settings)?;
    let mut mailing = Mailing::new(renderer, settings, report);
    let mut exit = Exit::Done;
    // That it can't be said keeps no mail from being sent.
    let mut told = Ok(());
    for (at, person) in people.iter().enumerate() {
        let sent: anyhow::Result<String> = match mailing.to(person) {
            Ok(mail) => mail::send(&server, &mail).await.map_err(Into::into),
            Err(error) => Err(error.into()),
        };
        let error = match sent {
            Ok(answer) => {
                told = told.and(output::line(done(&server, person, report, &answer)));
                continue;
            }
            Err(error) => error,
        };
        exit = Exit::Failed;
        if let Some(SendError::Server { .. }) = error.downcast_ref() {
            let rest: Vec<&str> = people[at..].iter().map(|person| &*person.email).collect();
            eprintln!("error: {error:#}; {} did not reach {}", report.id, rest.join(", "));
            break;
        }
        eprintln!("error: {} did not reach {}: {error:#}", report.id, person.email);
    }
    told.map(|()| exit)
}

/// A file is nothing that anybody got.
fn done(server: &Server, person: &Person, report: &Report, answer: &str) -> String {
    match server {
        Server::Folder(_) => format!("{} for {} is {answer}", report.id, person.email),
        Server::Smtp(_) => format!("{} got {}", person.email, report.id),
    }
}
