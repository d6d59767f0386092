//! F-7: how long after its time a report reaches the mail server, while nothing else is to do.

use super::daemon::{Home, Place, Running};
use super::{left_out, percentile, seconds};
use crate::figures::Table;
use anyhow::ensure;
use jiff::Timestamp;
use kpid::store::DeliveryFilter;
use serde_json::json;
use std::time::{Duration, Instant};

const YAML: &str = "\
sources: { s: { database: d, sql: SELECT 1 AS n, measures: [n] } }
kpis: { k: { formula: s.n, unit: count, good: up, target: 10 } }
reports: { r: { title: Report, schedule: \"* * * * *\", period: day, to: [a@example.com], sections: [{ title: All, kpis: [k] }] } }
";

pub async fn table(places: &[Place], minutes: u32) -> anyhow::Result<Table> {
    let mut rows = Vec::new();
    for place in places {
        rows.push(punctual(place, minutes).await?);
    }
    let title = "Punctuality (F-7): a report every minute, from its time to the server's 250";
    Ok(Table { title, aim: "p50 <= 1 s, p99 <= 3 s", rows, left_out: left_out(places) })
}

async fn punctual(place: &Place, minutes: u32) -> anyhow::Result<serde_json::Value> {
    let (_sink, port) = Running::sink()?;
    let mail = format!("mail: {{ from: kpis@example.com, server: \"smtp://127.0.0.1:{port}\" }}");
    let home = Home::new(place, "punctual", &mail, YAML).await?;
    std::fs::File::create(home.folder.join("source.db"))?;
    let source = format!("databases: {{ d: {{ url: \"sqlite://{}\" }} }}\n", home.folder.join("source.db").display());
    std::fs::write(home.kpis().join("databases.yaml"), source)?;
    let daemon = Running::kpid(&home)?;
    daemon.says("serving", 1).await?;
    let store = home.store().await?;
    let until = Instant::now() + Duration::from_secs(60 * u64::from(minutes) + 120);
    let mut late: Vec<f64> = loop {
        let mails = store.deliveries(&DeliveryFilter::default(), Timestamp::now()).await?;
        let sent: Vec<f64> =
            mails.iter().filter_map(|mail| Some(seconds(mail.delivery.slot, mail.delivery.sent?))).collect();
        if sent.len() >= minutes as usize {
            break sent;
        }
        ensure!(Instant::now() < until, "only {} of {minutes} reports came", sent.len());
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    drop(daemon);
    home.remove().await?;
    let worst = late.iter().copied().fold(0.0, f64::max);
    Ok(json!({ "store": place.name(), "reports": late.len(), "p50_s": percentile(&mut late, 0.5), "worst_s": worst }))
}
