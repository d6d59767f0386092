//! `kpid why-not REPORT`: what became of one edition, and what to do about it.
//!
//! [`Evidence`] is all that YAML and store say of it; [`findings`] makes an [`Answer`] of that, without looking any further.

mod findings;
mod mails;

use super::{Exit, installation, output, store, when};
use crate::calendar::{Calendar, clock};
use crate::catalog::Settings;
use crate::report::ReportSpec;
use crate::store::{DeliveryFilter, Held, LastRun, ListedDelivery, ListedRun, Node, RunFilter, Skip, Store};
use findings::{Answer, answer};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use std::path::Path;

/// Say why a report did not go out, or that it did
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid why-not weekly_b2b\n  kpid why-not weekly_b2b --at 2026-11-16\n  kpid why-not weekly_b2b --json\n\nIt is about the last edition that was due, or the one that was at --at (a day means its last edition).\n\nExit codes: 0 answered, 1 the store fails, 2 wrong input"
)]
pub struct Args {
    /// The report's name
    report: String,
    /// The edition of then: 2026-11-16, 2026-11-16T08:00 or 2026-11-16T08:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is known of an edition.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub spec: &'a ReportSpec,
    /// Of the installation, whose zone times are said in.
    pub calendar: &'a Calendar,
    /// The version of the YAML.
    pub yaml: &'a str,
    /// What can't be there without a daemon having run.
    pub stored: Option<Stored>,
    /// The fire time in question; absent when there was none.
    pub slot: Option<Timestamp>,
    pub next: Option<Timestamp>,
    pub now: Timestamp,
}

/// What the store holds of it.
#[derive(Debug, Default)]
pub struct Stored {
    /// How far the report is planned; absent when no daemon has read it.
    pub planned: Option<LastRun>,
    pub nodes: Vec<Node>,
    pub heartbeat: Option<Timestamp>,
    pub held: Option<Held>,
    pub run: Option<ListedRun>,
    pub skip: Option<Skip>,
    /// Of the run.
    pub mails: Vec<ListedDelivery>,
    /// Another run of the report that is in hand.
    pub busy: Option<ListedRun>,
    /// The newest run by hand that is no older than the slot.
    pub by_hand: Option<ListedRun>,
}

pub async fn run(dir: &Path, args: Args) -> anyhow::Result<Exit> {
    let catalog = installation::load(dir)?;
    let spec = installation::report(&catalog, &args.report)?;
    let calendar = &catalog.settings.calendar;
    let now = clock::now();
    let until = args.at.as_deref().map_or(Ok(now), |text| end_of(text, calendar))?;
    let slot = last_due(spec, until);
    let evidence = Evidence {
        spec,
        calendar,
        yaml: &catalog.version,
        stored: stored(&catalog.settings, spec, slot, now).await?,
        slot,
        next: spec.schedule.as_ref().and_then(|schedule| schedule.next(&spec.calendar.zone, now)),
        now,
    };
    print(&answer(&evidence), &evidence, args.json)?;
    Ok(Exit::Done)
}

/// The instant of `text`; of a day its end.
fn end_of(text: &str, calendar: &Calendar) -> anyhow::Result<Timestamp> {
    let at = when::instant(text, calendar)?;
    let is_day = text.parse::<Timestamp>().is_err() && !text.contains(['T', 't', ' ']);
    Ok(if is_day { at.checked_add(SignedDuration::from_secs(24 * 3600 - 1)).unwrap_or(at) } else { at })
}

/// How far back a fire time is looked for, in days: near ones first, for they are found the faster.
const REACHES: [i64; 4] = [1, 35, 370, 5 * 366];

/// The report's last fire time at or before `until`.
fn last_due(spec: &ReportSpec, until: Timestamp) -> Option<Timestamp> {
    let schedule = spec.schedule.as_ref()?;
    let since = |days: i64| until.checked_sub((days * 24).hours()).unwrap_or(Timestamp::MIN);
    REACHES.iter().find_map(|days| schedule.due(&spec.calendar.zone, since(*days), until)).map(|due| due.at)
}

async fn stored(
    settings: &Settings,
    spec: &ReportSpec,
    slot: Option<Timestamp>,
    now: Timestamp,
) -> anyhow::Result<Option<Stored>> {
    let Some(store) = store::find(settings).await? else { return Ok(None) };
    Ok(Some(read(&store, spec, slot, now).await.map_err(store::explained)?))
}

async fn read(
    store: &Store,
    spec: &ReportSpec,
    slot: Option<Timestamp>,
    now: Timestamp,
) -> Result<Stored, crate::store::StoreError> {
    let (report, was) = (Some(&*spec.id), spec.was.as_deref());
    let all = RunFilter { report, was, limit: Some(1), ..RunFilter::default() };
    let scheduled = |slot: Timestamp| RunFilter {
        kind: Some(crate::outbox::Kind::Scheduled),
        since: Some(slot),
        before: Some(slot + 1.millisecond()),
        ..all.clone()
    };
    let busy = RunFilter { state: Some(crate::outbox::RunState::Running), ..all.clone() };
    let by_hand = RunFilter { kind: Some(crate::outbox::Kind::Manual), since: slot, ..all.clone() };
    let run = match slot {
        Some(slot) => store.runs(&scheduled(slot), now).await?.pop(),
        None => None,
    };
    let mails = match &run {
        Some(run) => {
            let filter = DeliveryFilter { run: Some(&run.run.id), ..DeliveryFilter::default() };
            store.deliveries(&filter, now).await?
        }
        None => Vec::new(),
    };
    let skips = store.skips((report, was), slot, now).await?;
    Ok(Stored {
        planned: store.last_runs(now).await?.into_iter().find(|last| last.report == spec.id),
        nodes: store.nodes(now).await?,
        heartbeat: store.heartbeat(now).await?,
        held: store.planning_held(now).await?,
        skip: skips.into_iter().find(|skip| slot.is_some_and(|slot| skip.from <= slot && slot <= skip.to)),
        busy: store.runs(&busy, now).await?.pop(),
        by_hand: store.runs(&by_hand, now).await?.pop(),
        run,
        mails,
    })
}

fn print(answer: &Answer, evidence: &Evidence, json: bool) -> anyhow::Result<()> {
    let Answer { verdict, why, mails, next_steps } = answer;
    if json {
        let stored = evidence.stored.as_ref();
        let json = json!({
            "report": &*evidence.spec.id,
            "slot": evidence.slot.map(|slot| slot.to_string()),
            "verdict": verdict,
            "why": why,
            "run": stored.and_then(|stored| stored.run.as_ref()).map(store::run_json),
            "mails": stored.map(|stored| stored.mails.iter().map(store::delivery_json).collect::<Vec<_>>()),
            "next_steps": next_steps,
            "next": evidence.next.map(|next| next.to_string()),
        });
        return output::line(format_args!("{json:#}"));
    }
    let mut text = why.join("\n");
    text.push('\n');
    mails.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    if !next_steps.is_empty() {
        text.push_str("what to do:\n");
        next_steps.iter().for_each(|step| text.push_str(&format!("  {step}\n")));
    }
    if let Some(next) = evidence.next {
        text.push_str(&format!("next edition: {}\n", when::said(next, evidence.calendar)));
    }
    output::print(&text)
}
