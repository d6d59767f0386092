//! F-3 and F-5: 500 reports of 10 recipients each that are due in the same minute, and what memory that takes.

use super::daemon::{Home, Place, Running};
use super::{left_out, next_minute, percentile, seconds};
use crate::figures::Table;
use anyhow::ensure;
use jiff::Timestamp;
use kpid::outbox::DeliveryState;
use kpid::store::{DeliveryFilter, RunFilter};
use serde_json::json;
use std::fmt::Write;
use std::time::{Duration, Instant};

const REPORTS: usize = 500;
const RECIPIENTS: usize = 10;

pub async fn table(places: &[Place]) -> anyhow::Result<Table> {
    let mut rows = Vec::new();
    for place in places {
        rows.push(burst(place).await?);
    }
    let title = "Eight o'clock (F-3, F-5): 500 reports of 10 recipients due in one minute, 20 ms queries, 10 sessions to smtp-sink";
    let aim = "planned <= 2 s, p99 begun <= 30 s, rendered <= 60 s, accepted <= 120 s; idle <= 40 MiB, peak <= 256 MiB";
    Ok(Table { title, aim, rows, left_out: left_out(places) })
}

async fn burst(place: &Place) -> anyhow::Result<serde_json::Value> {
    let (_sink, port) = Running::sink()?;
    let mail = format!("mail: {{ from: kpis@example.com, server: \"smtp://127.0.0.1:{port}\", connections: 10 }}");
    let slot = next_minute(Duration::from_secs(20));
    let home = Home::new(place, "burst", &mail, &yaml(slot)).await?;
    std::fs::File::create(home.folder.join("source.db"))?;
    let source = format!("databases: {{ d: {{ url: \"sqlite://{}\" }} }}\n", home.folder.join("source.db").display());
    std::fs::write(home.kpis().join("databases.yaml"), source)?;
    let daemon = Running::kpid(&home)?;
    daemon.says("serving", 1).await?;
    let idle = daemon.status("VmRSS")? / 1024.0;
    let store = home.store().await?;
    let until = Instant::now() + Duration::from_secs(400);
    loop {
        let sent = store.stats(Timestamp::now()).await?.deliveries.get(&DeliveryState::Sent).copied().unwrap_or(0);
        if sent as usize == REPORTS * RECIPIENTS {
            break;
        }
        ensure!(Instant::now() < until, "only {sent} mails went");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let peak = daemon.status("VmHWM")? / 1024.0;
    let runs = store.runs(&RunFilter::default(), Timestamp::now()).await?;
    let mails = store.deliveries(&DeliveryFilter::default(), Timestamp::now()).await?;
    let since = |at: Timestamp| seconds(slot, at);
    let latest = |times: Vec<f64>| times.into_iter().fold(0.0, f64::max);
    let planned = latest(runs.iter().map(|run| since(run.run.created)).collect());
    let mut begun: Vec<f64> = runs.iter().filter_map(|run| Some(since(run.run.started?))).collect();
    let rendered = latest(mails.iter().map(|mail| since(mail.delivery.created)).collect());
    let accepted = latest(mails.iter().filter_map(|mail| Some(since(mail.delivery.sent?))).collect());
    ensure!(begun.len() == REPORTS, "{} runs were begun", begun.len());
    drop(daemon);
    home.remove().await?;
    Ok(json!({
        "store": place.name(), "planned_s": planned, "begun_p99_s": percentile(&mut begun, 0.99), "rendered_s": rendered,
        "accepted_s": accepted, "idle_MiB": idle, "peak_MiB": peak,
    }))
}

/// A query of some 20 ms: what SQLite counts up to.
fn yaml(slot: Timestamp) -> String {
    let query =
        "WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < 100000) SELECT max(x) AS n FROM s";
    let mut yaml = format!("sources: {{ s: {{ database: d, sql: \"{query}\", measures: [n] }} }}\n");
    yaml.push_str("kpis: { k: { formula: s.n, unit: count, good: up, target: 10 } }\nreports:\n");
    let schedule = slot.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-M %-H * * *").to_string();
    for report in 0..REPORTS {
        let to: Vec<String> = (0..RECIPIENTS).map(|n| format!("r{report}-{n}@example.com")).collect();
        let to = to.join(", ");
        // Writing to a String can't fail.
        _ = writeln!(
            yaml,
            "  r{report}: {{ title: Report {report}, schedule: \"{schedule}\", period: day, trend: 0, compare: [], to: [{to}], sections: [{{ title: All, kpis: [k] }}] }}"
        );
    }
    yaml
}
