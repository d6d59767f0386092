//! An installation of any size: KPIs of every kind over the same few sources, and readings without a database.

use jiff::ToSpan;
use kpid::calendar::Calendar;
use kpid::catalog::Catalog;
use kpid::query::{Column, Need, Readings, Source, Stretch, Table};
use kpid::text::Name;
use std::fmt::Write;
use std::path::Path;

/// KPIs of one file.
const KPIS: usize = 10;

const CHANNELS: [&str; 4] = ["organic", "paid", "social", "direct"];
const DEVICES: [&str; 3] = ["desktop", "mobile", "tablet"];

/// Whether the KPIs are also measured by channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mix {
    Whole,
    BrokenDown,
}

const INSTALLATION: &str = "\
settings: { language: en, locale: en-GB, timezone: Europe/Madrid, currency: EUR, store: sqlite://kpid.db }
databases:
  db: { url: sqlite://there/is/none.db }
sources:
  base:
    database: db
    sql: SELECT count(*) AS customers FROM customers WHERE since < :end AND (until IS NULL OR until >= :start)
    measures: [customers]
";

/// Writes an installation of `count` KPIs, ten a file.
pub fn write(folder: &Path, count: usize, mix: Mix) -> std::io::Result<()> {
    let mut text = INSTALLATION.to_owned();
    for source in ["web", "shop", "crm"] {
        write!(
            text,
            "  {source}:\n    database: db\n    sql: |\n      SELECT day, channel, device, sum(visits) AS visits, sum(leads) AS leads, sum(revenue) AS revenue\n      \
             FROM {source} WHERE day >= :start AND day < :end GROUP BY 1, 2, 3\n    time: day\n    \
             dimensions: [channel, device]\n    measures: [visits, leads, revenue]\n"
        )
        .expect("a string takes all text");
    }
    std::fs::write(folder.join("installation.yaml"), text)?;
    for first in (0..count).step_by(KPIS) {
        let kpis: String = (first..count.min(first + KPIS)).map(|i| kpi(i, mix)).collect();
        std::fs::write(folder.join(format!("kpis{first:06}.yaml")), format!("kpis:\n{kpis}"))?;
    }
    Ok(())
}

/// The kinds go round with `i`; a KPI that names others names those of its own file.
fn kpi(i: usize, mix: Mix) -> String {
    let s = ["web", "shop", "crm"][i / KPIS % 3];
    let (one, four) = (i.saturating_sub(1), i.saturating_sub(4));
    let level = 100 + i % 900;
    let kind = match i % KPIS {
        0 => format!("formula: {s}.leads / {s}.visits\n    unit: percent\n    target: 0.{level}"),
        1 => format!("formula: {s}.revenue / previous({s}.revenue) - 1\n    unit: percent"),
        2 => format!(
            "formula: {s}.leads\n    where: {{ device: mobile }}\n    unit: count\n    target: {{ value: {level}, per: quarter }}"
        ),
        3 => format!(
            "formula: {s}.visits / total({s}.visits)\n    where: {{ channel: [organic, paid] }}\n    unit: percent"
        ),
        4 => format!("formula: kpi_{four} / previous(kpi_{four}) - kpi_{one}\n    unit: number"),
        5 => format!(
            "formula: if({s}.visits > {level}, {s}.revenue / {s}.visits, 0)\n    unit: currency\n    target: {{ formula: \"previous({s}.revenue / {s}.visits) * 1.05\" }}"
        ),
        6 => format!(
            "formula: {s}.leads / {s}.visits\n    at_least: {{ of: {s}.visits, n: {level} }}\n    unit: percent\n    target: {{ value: 0.05, near: 10% }}"
        ),
        7 => "formula: coalesce(base.customers / year_ago(base.customers) - 1, 0)\n    unit: percent".to_owned(),
        8 => format!(
            "formula: max({s}.leads, web.leads) + {level} * abs({s}.visits - year_ago({s}.visits))\n    over: trailing 4 weeks\n    unit: number"
        ),
        _ => format!(
            "formula: (kpi_{one} + kpi_{four}) / {level}\n    unit: number\n    target:\n      - {{ from: 2025-01-01, value: {level} }}\n      - {{ from: 2026-07-01, value: 2{level}, why: \"Budget\" }}"
        ),
    };
    // Customers have no channel.
    let breakdown = if mix == Mix::BrokenDown && i % KPIS != 7 { "\n    breakdown: channel" } else { "" };
    format!(
        "  kpi_{i}:\n    name: {{ es: \"Indicador {i}\", en: \"Indicator {i}\" }}\n    \
         description: {{ es: \"Lo que mide el indicador {i}\", en: \"What indicator {i} measures\" }}\n    \
         {kind}{breakdown}\n    good: up\n    owner: marketing@example.com\n    tags: [synthetic]\n"
    )
}

/// The installation of `folder`.
pub fn load(folder: &Path) -> anyhow::Result<Catalog> {
    let loaded = Catalog::load(folder, &|_| None);
    Ok(loaded.map_err(|problems| anyhow::anyhow!("{problems}"))?.catalog)
}

/// An answer to every need: a row a day, channel and device, or one row.
pub fn readings(needs: Vec<Need>, calendar: &Calendar) -> Readings {
    let mut readings = Readings::default();
    for need in needs {
        let table = if need.source.time.is_some() { dated(&need, calendar) } else { single(&need.source) };
        readings.insert(need.source.name.clone(), Stretch { window: need.window, result: Ok(table) });
    }
    readings
}

fn single(source: &Source) -> Table {
    let column = |_| Column { numbers: vec![1234.0], missing: Vec::new() };
    Table { measures: source.measures.iter().map(column).collect(), rows: 1, ..Table::default() }
}

fn dated(need: &Need, calendar: &Calendar) -> Table {
    let mut table = Table { dimensions: vec![Vec::new(); 2], ..Table::default() };
    table.measures = vec![Column::default(); need.source.measures.len()];
    let [channels, devices] =
        [&CHANNELS[..], &DEVICES[..]].map(|names| names.iter().map(|name| Name::from(*name)).collect::<Vec<_>>());
    let mut day = calendar.zone.to_datetime(need.window.start).to_zoned(calendar.zone.clone()).expect("a day");
    while day.timestamp() < need.window.end {
        for (channel, device) in channels.iter().flat_map(|channel| devices.iter().map(move |device| (channel, device)))
        {
            table.times.push(day.timestamp().as_nanosecond());
            table.dimensions[0].push(Some(channel.clone()));
            table.dimensions[1].push(Some(device.clone()));
            for (at, column) in table.measures.iter_mut().enumerate() {
                column.numbers.push((table.rows * 7919 % 1000 + at) as f64);
            }
            table.rows += 1;
        }
        day = day.saturating_add(1.day());
    }
    table
}
