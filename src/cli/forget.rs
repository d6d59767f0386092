//! `kpid forget ADDRESS`

use super::{Exit, counted, installation, output, store, wrong};
use crate::calendar::clock;
use crate::catalog::Catalog;
use crate::outbox::recipient_key;
use crate::store::DeliveryFilter;
use serde_json::json;
use std::io::{BufRead, IsTerminal};
use std::path::Path;

/// Take an address out of the store for good
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid forget ana@example.com\n  kpid forget ana@example.com --yes --json\n\nMails to it that are not sent are stopped; those that were sent stay as facts about nobody. Take the address out of the YAML first, or the next report brings it back. Backups and mailboxes are yours to look after.\n\nExit codes: 0 forgotten, 1 the store fails, 2 wrong input, not confirmed, or no daemon has run here yet"
)]
pub struct Args {
    address: String,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let address = args.address.trim();
    if !address.contains('@') {
        return Err(wrong(format!("`{address}` is no address"), Some("write it like ana@example.com".to_owned())));
    }
    let catalog = installation::load_settings(dir)?;
    let store = store::open(&catalog.settings).await?;
    let filter = DeliveryFilter { recipient: Some(address), ..DeliveryFilter::default() };
    let mails = store.deliveries(&filter, clock::now()).await.map_err(store::explained)?;
    let open = mails.iter().filter(|mail| !mail.delivery.state.is_final()).count();
    if !args.yes
        && !confirmed(&format!("{} to it, {open} of them not sent yet", counted(mails.len(), "mail")), address)?
    {
        return Err(wrong("nothing was forgotten", Some("say `--yes`, or answer `y` on a terminal".to_owned())));
    }
    let forgotten = store.forget(address, clock::now()).await.map_err(store::explained)?;
    let named = naming(&catalog, address);
    if args.json {
        let json = json!({
            "mails": forgotten.mails,
            "stopped": forgotten.stopped,
            "suppressions": forgotten.suppressions,
            "texts": forgotten.texts,
            "letters_under_way": forgotten.letters,
            "yaml": named,
        });
        output::line(format_args!("{json:#}"))?;
    } else {
        let mails = counted(usize::try_from(forgotten.mails)?, "mail");
        output::line(format_args!("{address} is forgotten: {mails} to it, {} stopped unsent", forgotten.stopped))?;
    }
    if forgotten.letters > 0 {
        let letters = counted(usize::try_from(forgotten.letters)?, "letter");
        eprintln!(
            "warning: {letters} to the admin still under way may name it; say this again when they are delivered"
        );
    }
    if !named.is_empty() {
        eprintln!("warning: the YAML still names it, so that it comes back: {}", named.join(", "));
    }
    Ok(Exit::Done)
}

/// Asks, where there is somebody to ask.
fn confirmed(what: &str, address: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("forget {address} for good ({what})? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Where the catalogue names the address.
fn naming(catalog: &Catalog, address: &str) -> Vec<String> {
    let key = recipient_key(address);
    let is = |email: &str| recipient_key(email) == key;
    let people =
        catalog.people.iter().filter(|(_, person)| is(&person.email)).map(|(name, _)| format!("people.{name}"));
    let groups = catalog.groups.iter().filter(|(_, members)| members.iter().any(|person| is(&person.email)));
    let reports = catalog.reports.values().filter(|report| report.to.iter().any(|person| is(&person.email)));
    let admin = catalog.settings.admin.iter().filter(|admin| is(admin)).map(|_| "settings.admin".to_owned());
    people
        .chain(groups.map(|(name, _)| format!("groups.{name}")))
        .chain(reports.map(|report| format!("reports.{}", report.id)))
        .chain(admin)
        .collect()
}
