//! `kpid outbox`: the mails of all runs, and what a person may do to them.

use super::scorecard::plain_table;
use super::store::Found;
use super::{Exit, counted, installation, output, store, when, wrong};
use crate::calendar::{Calendar, clock};
use crate::catalog::Catalog;
use crate::outbox::{DeliveryState, Recipient};
use crate::render::Audience;
use crate::store::{DeliveryFilter, ListedDelivery, Resend, Store};
use clap::Subcommand;
use comfy_table::Cell;
use serde_json::{Value as Json, json};
use std::path::Path;

/// List the mails that were or will be sent; try again, stop or repeat them
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  kpid outbox --state bounced\n  kpid outbox --to ana@example.com\n  kpid outbox retry 3kq7\n  kpid outbox resend 3kq7 --failed\n  kpid outbox resend 3kq7 --to ana@example.com\n  kpid outbox suppress ana@example.com --report weekly_b2b\n\nIds of runs and mails may be shortened as long as they are unique.\n\nStates: queued, sending, sent, bounced (refused for good), expired (not sent in time), held (perhaps sent; you decide: retry or cancel), cancelled.\n\nExit codes: 0 done, 1 the store fails, 2 wrong input, it can't be done, or no daemon has run here yet"
)]
pub struct Args {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List mails, the newest first (the same as without a word)
    List(List),
    /// Try again what bounced, expired or is held: the same mail; or a run that failed or was poisoned
    Retry(Ids),
    /// Stop mails that are not sent yet, or a whole run
    Cancel(Ids),
    /// Send a run's frozen mail once more, as a new mail
    Resend(Again),
    /// Send an address no more mail of a report, or none at all
    Suppress(Reader),
    /// Take that back
    Allow(Reader),
    /// List who wants no mail
    Suppressed(Json_),
}

#[derive(Debug, clap::Args)]
struct List {
    /// Only of this run
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Only of this report
    #[arg(long)]
    report: Option<String>,
    /// Only in this state
    #[arg(long, value_parser = state)]
    state: Option<DeliveryState>,
    /// Only to this address
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 30)]
    limit: u32,
    #[command(flatten)]
    print: Json_,
}

#[derive(Debug, clap::Args)]
struct Ids {
    /// Of runs or mails
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    print: Json_,
}

#[derive(Debug, clap::Args)]
struct Again {
    /// The id of the run
    run: String,
    /// To all whose mail bounced, expired or is held
    #[arg(long, conflicts_with = "to", required_unless_present = "to")]
    failed: bool,
    /// To this address or person, whether they had it or not; may stand several times
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<String>,
    #[command(flatten)]
    print: Json_,
}

#[derive(Debug, clap::Args)]
struct Reader {
    address: String,
    /// Only about this report; all mail when absent
    #[arg(long)]
    report: Option<String>,
    #[command(flatten)]
    print: Json_,
}

#[derive(Debug, clap::Args)]
struct Json_ {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn state(text: &str) -> Result<DeliveryState, String> {
    let all = || DeliveryState::ALL.map(DeliveryState::as_str).join(", ");
    DeliveryState::parse(text).ok_or_else(|| format!("the states are {}", all()))
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load_settings(dir)?;
    let store = store::open(&catalog.settings).await?;
    match args.act.unwrap_or(Act::List(args.list)) {
        Act::List(args) => list(&store, &catalog, args).await?,
        Act::Retry(args) => retry(&store, &catalog, args).await?,
        Act::Cancel(args) => cancel(&store, args).await?,
        Act::Resend(args) => resend(&store, &catalog, args).await?,
        Act::Suppress(args) => suppress(&store, &catalog, args).await?,
        Act::Allow(args) => allow(&store, args).await?,
        Act::Suppressed(args) => suppressed(&store, &catalog, &args).await?,
    }
    Ok(Exit::Done)
}

async fn list(store: &Store, catalog: &Catalog, args: List) -> anyhow::Result<()> {
    let run = match &args.run {
        Some(id) => Some(store::run_by_id(store, id).await?.run.id),
        None => None,
    };
    if let Some(report) = &args.report {
        store::known_report(store, catalog, report).await?;
    }
    let filter = DeliveryFilter {
        id: None,
        run: run.as_deref(),
        report: args.report.as_deref(),
        state: args.state,
        recipient: args.to.as_deref(),
        limit: Some(args.limit),
    };
    let mails = store.deliveries(&filter, clock::now()).await.map_err(store::explained)?;
    if args.print.json {
        let mails = mails.iter().map(store::delivery_json);
        return output::line(format_args!("{:#}", Json::Array(mails.collect())));
    }
    match mails.is_empty() {
        true => output::line("no such mail"),
        false => output::print(&table(&mails, &catalog.settings.calendar)),
    }
}

fn table(mails: &[ListedDelivery], calendar: &Calendar) -> String {
    let zone = calendar.zone.iana_name().unwrap_or("local time");
    let mut table = plain_table();
    table.set_header(["Mail", "Run", "Report", "Period", "To", "State", &format!("At ({zone})"), "Answer"]);
    for listed in mails {
        let mail = &listed.delivery;
        let period = listed.period.as_deref().unwrap_or(mail.kind.as_str());
        table.add_row([
            Cell::new(store::shortened(&mail.id)),
            Cell::new(store::shortened(&mail.run)),
            Cell::new(&mail.report),
            Cell::new(period),
            Cell::new(&mail.recipient.email),
            store::delivery_state(mail.state),
            Cell::new(moment(listed, calendar)),
            Cell::new(answer(listed)),
        ]);
    }
    format!("{}\n", table.trim_fmt())
}

/// When it was sent, or will be tried.
fn moment(listed: &ListedDelivery, calendar: &Calendar) -> String {
    let mail = &listed.delivery;
    match (mail.state, mail.sent) {
        (DeliveryState::Queued, _) => when::short(mail.next, calendar),
        (_, Some(sent)) => when::short(sent, calendar),
        _ => String::new(),
    }
}

/// What the server said, else what is wrong.
fn answer(listed: &ListedDelivery) -> String {
    let mail = &listed.delivery;
    mail.reply.clone().or_else(|| mail.class.clone()).unwrap_or_default()
}

async fn retry(store: &Store, catalog: &Catalog, args: Ids) -> anyhow::Result<()> {
    let mut done = Vec::new();
    for id in &args.ids {
        let now = clock::now();
        done.push(match store::by_id(store, id).await? {
            Found::Run(run) => {
                let expires = store::until(catalog, &run.run.report, now);
                let mails = store.retry_run(&run.run.id, expires, now).await.map_err(store::explained)?;
                let what = match mails {
                    0 => "is due again".to_owned(),
                    mails => format!("has {} queued again", counted(mails, "mail")),
                };
                (format!("run {} of {} {what}", store::shortened(&run.run.id), run.run.report), run.run.id)
            }
            Found::Mail(mail) => {
                let mail = mail.delivery;
                let expires = store::until(catalog, &mail.report, now);
                store.retry_delivery(&mail.id, expires, now).await.map_err(store::explained)?;
                (format!("the mail of {} to {} is queued again", mail.report, mail.recipient.email), mail.id)
            }
        });
    }
    say(done, &args.print)
}

async fn cancel(store: &Store, args: Ids) -> anyhow::Result<()> {
    let mut done = Vec::new();
    for id in &args.ids {
        done.push(match store::by_id(store, id).await? {
            Found::Run(run) => {
                let mails = store.cancel_run(&run.run.id, clock::now()).await.map_err(store::explained)?;
                let mails = if mails == 0 { String::new() } else { format!(", {} with it", counted(mails, "mail")) };
                let id = store::shortened(&run.run.id);
                (format!("run {id} of {} is stopped{mails}", run.run.report), run.run.id)
            }
            Found::Mail(mail) => {
                let mail = mail.delivery;
                store.cancel_delivery(&mail.id, clock::now()).await.map_err(store::explained)?;
                (format!("the mail of {} to {} is stopped", mail.report, mail.recipient.email), mail.id)
            }
        });
    }
    say(done, &args.print)
}

/// What was done, and to which id.
fn say(done: Vec<(String, String)>, print: &Json_) -> anyhow::Result<()> {
    if print.json {
        let rows = done.into_iter().map(|(what, id)| json!({ "id": id, "done": what }));
        return output::line(format_args!("{:#}", Json::Array(rows.collect())));
    }
    done.iter().try_for_each(|(what, _)| output::line(what))
}

async fn resend(store: &Store, catalog: &Catalog, args: Again) -> anyhow::Result<()> {
    let run = store::run_by_id(store, &args.run).await?;
    let recipients: Vec<Recipient> = args.to.iter().map(|to| recipient(catalog, to)).collect::<anyhow::Result<_>>()?;
    let to = if args.failed { Resend::Failed } else { Resend::To(&recipients) };
    let now = clock::now();
    let expires = store::until(catalog, &run.run.report, now);
    let ids = store.resend(&run.run.id, to, expires, now).await.map_err(store::explained)?;
    let filter = DeliveryFilter { run: Some(&run.run.id), ..DeliveryFilter::default() };
    let mails = store.deliveries(&filter, now).await.map_err(store::explained)?;
    let mails = mails.into_iter().filter(|mail| ids.contains(&mail.delivery.id));
    let queued = |mail: ListedDelivery| {
        let mail = mail.delivery;
        (format!("a new mail of {} to {} is queued", mail.report, mail.recipient.email), mail.id)
    };
    say(mails.map(queued).collect(), &args.print)
}

/// Who `text` is, and what they read.
fn recipient(catalog: &Catalog, text: &str) -> anyhow::Result<Recipient> {
    let person = installation::person(catalog, text)?;
    let audience = Audience::of(&person);
    let audience = format!("{}|{}", audience.language, audience.locale);
    Ok(Recipient { name: person.name, email: person.email, audience })
}

async fn suppress(store: &Store, catalog: &Catalog, args: Reader) -> anyhow::Result<()> {
    let report = args.report.as_deref().map(|name| installation::report(catalog, name)).transpose()?;
    let report = report.map(|report| &report.id);
    if !args.address.contains('@') {
        return Err(wrong(format!("`{}` is no address", args.address), None));
    }
    let stopped = store.suppress(&args.address, report, "by hand", clock::now()).await.map_err(store::explained)?;
    let scope = report.map_or("no mail at all", |report| report);
    let scope = if report.is_some() { format!("no mail of {scope}") } else { scope.to_owned() };
    let stopped = if stopped == 0 { String::new() } else { format!("; {} stopped", counted(stopped, "mail")) };
    say(vec![(format!("{} gets {scope} from now on{stopped}", args.address), args.address)], &args.print)
}

async fn allow(store: &Store, args: Reader) -> anyhow::Result<()> {
    let report = args.report.as_deref().map(Into::into);
    if store.unsuppress(&args.address, report.as_ref(), clock::now()).await.map_err(store::explained)? {
        let scope = report.map_or("all its reports".to_owned(), |report| report.to_string());
        return say(vec![(format!("{} gets mail of {scope} again", args.address), args.address)], &args.print);
    }
    let help = "`kpid outbox suppressed` lists who wants no mail, and of which report";
    Err(wrong(format!("nothing like that is suppressed for {}", args.address), Some(help.to_owned())))
}

async fn suppressed(store: &Store, catalog: &Catalog, args: &Json_) -> anyhow::Result<()> {
    let found = store.suppressed(None, None, clock::now()).await.map_err(store::explained)?;
    if args.json {
        let rows = found.iter().map(|one| {
            let (since, report) = (one.since.to_string(), one.report.as_deref());
            json!({ "address": one.recipient, "report": report, "since": since, "why": one.why })
        });
        return output::line(format_args!("{:#}", Json::Array(rows.collect())));
    }
    if found.is_empty() {
        return output::line("everybody gets what they are sent");
    }
    found.iter().try_for_each(|one| {
        let scope = one.report.as_ref().map_or("no mail at all".to_owned(), |report| format!("no mail of {report}"));
        let since = when::said(one.since, &catalog.settings.calendar);
        output::line(format_args!("{} gets {scope} since {since}: {}", one.recipient, one.why))
    })
}
