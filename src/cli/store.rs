//! The store for the commands that read or change it: opened beside the daemon, never made.

use super::{installation, when, wrong};
use crate::calendar::{Calendar, clock};
use crate::catalog::{Catalog, Settings};
use crate::outbox::{DeliveryState, RunState, expires};
use crate::store::{DeliveryFilter, ListedDelivery, ListedRun, Node, Role, RunFilter, Store, StoreError};
use comfy_table::{Cell, Color};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value as Json, json};
use std::path::Path;

/// How much of an id tables show: enough to be told apart.
pub const SHORT: usize = 8;

/// # Errors
/// No daemon has made it yet; or it can't be used.
pub async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let help = "`kpid run` makes it; `settings.store` says where, from the folder that kpid is started in";
    find(settings).await?.ok_or_else(|| wrong("no daemon has run here yet: there is no store", Some(help.to_owned())))
}

/// `None` where no daemon has run yet.
///
/// # Errors
/// It can't be used.
pub async fn find(settings: &Settings) -> anyhow::Result<Option<Store>> {
    let url = settings.store.expose();
    let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    if file.is_some_and(|file| !Path::new(file).exists()) {
        return Ok(None);
    }
    Store::open(&settings.store, Role::Tool, 1, clock::now()).await.map(Some).map_err(explained)
}

/// What the store refuses is for the user to change; anything else failed outside.
pub fn explained(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Refused(why) => wrong(why, None),
        other => other.into(),
    }
}

/// A run or a mail.
pub enum Found {
    Run(ListedRun),
    Mail(ListedDelivery),
}

/// What has the id that begins with `text`.
///
/// # Errors
/// Nothing does, or several do.
pub async fn by_id(store: &Store, text: &str) -> anyhow::Result<Found> {
    let (id, now) = (text.to_lowercase(), clock::now());
    let few = Some(3);
    let runs = RunFilter { id: Some(&id), limit: few, ..RunFilter::default() };
    let mails = DeliveryFilter { id: Some(&id), limit: few, ..DeliveryFilter::default() };
    let runs = store.runs(&runs, now).await.map_err(explained)?.into_iter().map(Found::Run);
    let mails = store.deliveries(&mails, now).await.map_err(explained)?.into_iter().map(Found::Mail);
    let mut found: Vec<Found> = runs.chain(mails).collect();
    match found.len() {
        0 => Err(wrong(
            format!("no run or mail has an id that begins with `{text}`"),
            Some("`kpid runs` and `kpid outbox` list them".to_owned()),
        )),
        1 => Ok(found.remove(0)),
        _ => {
            let ids: Vec<&str> = found.iter().map(Found::id).collect();
            Err(wrong(
                format!("several ids begin with `{text}`: {}", ids.join(", ")),
                Some("write more of it".to_owned()),
            ))
        }
    }
}

impl Found {
    fn id(&self) -> &str {
        match self {
            Found::Run(run) => &run.run.id,
            Found::Mail(mail) => &mail.delivery.id,
        }
    }
}

/// The run whose id begins with `text`; that of a mail is its run's.
///
/// # Errors
/// As for [`by_id`].
pub async fn run_by_id(store: &Store, text: &str) -> anyhow::Result<ListedRun> {
    let run = match by_id(store, text).await? {
        Found::Run(run) => return Ok(run),
        Found::Mail(mail) => mail.delivery.run,
    };
    let filter = RunFilter { id: Some(&run), limit: Some(1), ..RunFilter::default() };
    let run = store.runs(&filter, clock::now()).await.map_err(explained)?.pop();
    run.ok_or_else(|| wrong("the run of that mail is no longer kept", None))
}

/// A report of the catalogue, or one of which the store still knows runs.
///
/// # Errors
/// It is neither.
pub async fn known_report(store: &Store, catalog: &Catalog, name: &str) -> anyhow::Result<()> {
    let filter = RunFilter { report: Some(name), limit: Some(1), ..RunFilter::default() };
    if store.runs(&filter, clock::now()).await.map_err(explained)?.is_empty() {
        installation::report(catalog, name)?;
    }
    Ok(())
}

/// Until when mails that a person queues are tried.
pub fn until(catalog: &Catalog, report: &str, now: Timestamp) -> Timestamp {
    catalog.report_or_renamed(report).map_or(now + 24.hours(), |spec| expires(spec, now))
}

/// The daemon that works on the store, as sentences name it; `None` when none does.
pub fn alive(nodes: &[Node]) -> Option<String> {
    let node = nodes.iter().find(|node| node.is_alive())?;
    let others = nodes.iter().filter(|node| node.is_alive()).count() - 1;
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    Some(format!("{} (kpid {}, YAML {}){more}", node.host, node.version, node.config))
}

/// That no daemon runs, and when one last did.
pub fn dead(nodes: &[Node], heartbeat: Option<Timestamp>, calendar: &Calendar) -> String {
    match (nodes.first(), heartbeat) {
        (Some(node), _) => {
            format!("no daemon is running: {} was last seen {}", node.host, when::said(node.seen, calendar))
        }
        (None, Some(seen)) => format!("no daemon is running: the last was seen {}", when::said(seen, calendar)),
        (None, None) => "no daemon is running, nor ever was".to_owned(),
    }
}

pub fn run_state(state: RunState) -> Cell {
    let colour = match state {
        RunState::Delivered => Color::Green,
        RunState::Partly => Color::Yellow,
        RunState::Failed | RunState::Poisoned => Color::Red,
        RunState::Skipped => Color::DarkGrey,
        RunState::Due | RunState::Running | RunState::Rendered => Color::Reset,
    };
    Cell::new(state.as_str()).fg(colour)
}

pub fn delivery_state(state: DeliveryState) -> Cell {
    let colour = match state {
        DeliveryState::Sent => Color::Green,
        DeliveryState::Held => Color::Yellow,
        DeliveryState::Bounced | DeliveryState::Expired => Color::Red,
        DeliveryState::Cancelled => Color::DarkGrey,
        DeliveryState::Queued | DeliveryState::Sending => Color::Reset,
    };
    Cell::new(state.as_str()).fg(colour)
}

/// The beginning of an id.
pub fn shortened(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

/// How many mails are in which state: `3 sent, 1 bounced`.
pub fn mails(run: &ListedRun) -> String {
    let parts = run.mails.iter().map(|(state, count)| format!("{count} {}", state.as_str()));
    parts.collect::<Vec<_>>().join(", ")
}

pub fn run_json(listed: &ListedRun) -> Json {
    let run = &listed.run;
    let mails = listed.mails.iter().map(|(state, count)| (state.as_str().to_owned(), json!(count)));
    json!({
        "run": run.id,
        "report": &*run.report,
        "kind": run.kind.as_str(),
        "slot": run.slot.to_string(),
        "period": listed.period,
        "state": run.state.as_str(),
        "reason": run.reason,
        "attempt": run.attempt,
        "crashes": run.crashes,
        "next": (!run.state.is_final()).then(|| listed.next.max(run.created).to_string()),
        "started": run.started.map(|at| at.to_string()),
        "done": run.done.map(|at| at.to_string()),
        "yaml": listed.config,
        "mails": serde_json::Map::from_iter(mails),
    })
}

pub fn delivery_json(listed: &ListedDelivery) -> Json {
    let mail = &listed.delivery;
    let open = !mail.state.is_final();
    json!({
        "mail": mail.id,
        "run": mail.run,
        "report": &*mail.report,
        "slot": mail.slot.to_string(),
        "period": listed.period,
        "to": mail.recipient.email,
        "name": mail.recipient.name,
        "state": mail.state.as_str(),
        "revision": mail.revision,
        "without_attachments": mail.light,
        "attempt": mail.attempt,
        "next": open.then(|| mail.next.to_string()),
        "expires": open.then(|| mail.expires.to_string()),
        "sent": mail.sent.map(|at| at.to_string()),
        "trouble": mail.class,
        "answer": mail.reply,
    })
}
