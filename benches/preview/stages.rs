//! The same without a process between: where the time of a changed title goes.

use super::{Desk, EDITS, REPORT, TURNS};
use crate::figures::{Table, median, milliseconds, ranked};
use crate::home::TODAY;
use anyhow::ensure;
use kpid::mail::Body;
use kpid::preview::Studio;
use kpid::render::Audience;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

const STAGES: [&str; 5] =
    ["load: hash, YAML, templates", "measure from kept answers", "letter", "attachments", "MIME body"];

pub async fn table(desk: &Desk) -> anyhow::Result<Table> {
    let env = desk.home.env();
    let now = TODAY.at(8, 0, 0, 0).in_tz("Europe/Madrid")?.timestamp();
    let known = move |name: &str| env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let studio = Studio::open(desk.kpis(), Arc::new(known), move || now).await;
    let mut times = [const { Vec::new() }; STAGES.len()];
    for turn in 0..=TURNS {
        let mut since = Instant::now();
        let mut taken = |at: usize| {
            times[at].push(since.elapsed());
            since = Instant::now();
        };
        let saved = desk.save(&EDITS[0], 10_000 + turn)?;
        ensure!(studio.saved().await, "the save of {saved:?} is none");
        taken(0);
        let edition = studio.edition(REPORT, None).await?;
        taken(1);
        let (renderer, audience) = (&edition.installation.renderer, Audience::of(&studio.person(None)?));
        let mut report = edition.report.clone();
        report.attach.clear();
        let mut letter = renderer.letter(&report, &audience)?;
        taken(2);
        let attach = edition.report.attach.iter();
        letter.attachments = attach.map(|kind| renderer.file(&report, &audience, *kind)).collect::<Result<_, _>>()?;
        taken(3);
        ensure!(Body::new(&letter)?.size() > 0, "an empty mail");
        taken(4);
    }
    let row = |(stage, times): (&str, &Vec<_>)| {
        let of = |share| milliseconds(ranked(times[1..].iter().copied(), share));
        json!({ "stage": stage, "ms": milliseconds(median(times[1..].iter().copied())), "p95_ms": of(0.95) })
    };
    Ok(Table {
        title: "The same without HTTP, and without waiting 30 ms for the end of the save",
        aim: "together well within the 300 ms",
        rows: STAGES.into_iter().zip(&times).map(row).collect(),
        left_out: Vec::new(),
    })
}
