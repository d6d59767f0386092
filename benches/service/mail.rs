//! F-1: 5,000 mails of 30 kB over ten sessions, each claimed and its result committed, beside Postfix's `smtp-source`, which keeps nothing.

use super::daemon::{Home, Place, Running, postfix};
use super::left_out;
use crate::figures::{Table, median};
use anyhow::{Context, ensure};
use jiff::{Timestamp, ToSpan};
use kpid::calendar::Window;
use kpid::outbox::{Artifact, DeliveryState, Recipient, Sender};
use kpid::store::{DeliveryFilter, Edition};
use serde_json::json;
use std::process::Command;
use std::time::{Duration, Instant};

const MAILS: usize = 5_000;
const BYTES: usize = 30_000;
const SESSIONS: u32 = 10;
const TURNS: usize = 3;

pub async fn table(places: &[Place]) -> anyhow::Result<Table> {
    let mut rows = Vec::new();
    for place in places {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            theirs.push(peer()?);
            ours.push(kpid(place).await?);
        }
        let rate = |times: Vec<Duration>| MAILS as f64 / median(times).as_secs_f64();
        let (ours, theirs) = (rate(ours), rate(theirs));
        rows.push(json!({ "store": place.name(), "kpid_mails_per_s": ours, "smtp-source_mails_per_s": theirs, "ratio": ours / theirs }));
    }
    let title = "Mail throughput (F-1): 5,000 mails of 30 kB, 10 sessions, claim and result committed per mail";
    Ok(Table { title, aim: "ratio >= 0.60, and never below 200 mails/s", rows, left_out: left_out(places) })
}

fn peer() -> anyhow::Result<Duration> {
    let (_sink, port) = Running::sink()?;
    let started = Instant::now();
    let (sessions, mails, bytes) = (SESSIONS.to_string(), MAILS.to_string(), BYTES.to_string());
    let status = Command::new(postfix("smtp-source"))
        .args(["-s", &sessions, "-m", &mails, "-l", &bytes, "-f", "a@example.com", "-t", "b@example.com"])
        .arg(format!("127.0.0.1:{port}"))
        .status()
        .context("start smtp-source (tests/servers/install)")?;
    ensure!(status.success(), "smtp-source ended with {status}");
    Ok(started.elapsed())
}

/// From the moment at which the mails are due until the last one is noted as sent; the daemon is already running.
async fn kpid(place: &Place) -> anyhow::Result<Duration> {
    let (_sink, port) = Running::sink()?;
    let mail =
        format!("mail: {{ from: kpis@example.com, server: \"smtp://127.0.0.1:{port}\", connections: {SESSIONS} }}");
    let home = Home::new(place, "mail", &mail, "").await?;
    let daemon = Running::kpid(&home)?;
    daemon.says("serving", 1).await?;
    let store = home.store().await?;
    let now = Timestamp::now();
    let run = store.order(&"throughput".into(), "bench", now).await?;
    let (_, claim) = store.claim_run("bench", now).await?.context("the run that was just ordered")?;
    ensure!(claim.id == run, "another run was due");
    ensure!(store.finish_run(&claim, &edition(now), now).await?, "the run was taken over");
    let done = DeliveryFilter { state: Some(DeliveryState::Sent), ..DeliveryFilter::default() };
    let until = Instant::now() + Duration::from_secs(300);
    let sent = loop {
        let stats = store.stats(Timestamp::now()).await?;
        if stats.deliveries.get(&DeliveryState::Sent).copied().unwrap_or(0) as usize == MAILS {
            break store.deliveries(&done, Timestamp::now()).await?;
        }
        ensure!(Instant::now() < until, "not all mails went: {stats:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let times = || sent.iter().filter_map(|sent| sent.delivery.sent);
    let (first, last) = (times().min().context("a first mail")?, times().max().context("a last mail")?);
    drop(daemon);
    home.remove().await?;
    Ok(last.duration_since(first).try_into()?)
}

fn edition(now: Timestamp) -> Edition {
    let line = "Ventas de la semana, en euros y por canal; el resto en la hoja adjunta.....\r\n";
    let body = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{}", line.repeat(BYTES / line.len()));
    let audience = "es|es-ES".to_owned();
    let recipient = |n| Recipient { name: None, email: format!("reader{n}@example.com"), audience: audience.clone() };
    let sender = Sender { from: "kpis@example.com".to_owned(), reply_to: None, public_url: None };
    let subject = "Marketing y ventas".to_owned();
    Edition {
        period: "2026-W46".to_owned(),
        window: Window { start: now - 168.hours(), end: now },
        config: "bench".into(),
        artifacts: vec![Artifact {
            audience: audience.clone(),
            subject,
            body: body.into_bytes(),
            light: None,
            rendered: now,
            sender,
        }],
        recipients: (0..MAILS).map(recipient).collect(),
        kept: Vec::new(),
        expires: now + 24.hours(),
        quiet: None,
    }
}
