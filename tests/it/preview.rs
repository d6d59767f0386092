//! `kpid preview`: the studio by itself, over HTTP, and in a real browser.

mod browser;
pub mod command;
mod http;
mod studio;

use crate::installation::Folder;
use jiff::Timestamp;
use kpid::preview::Studio;
use std::sync::Arc;

/// Two KPIs over two sources of one database, a report with two readers. The second week has 12 leads.
const YAML: &str = r#"
settings:
  language: en
  locale: en-GB
  timezone: UTC
  currency: EUR
  mail: { from: "Figures <kpis@example.com>", server: "smtp://mailer:s3cr3t@mail.example.com" }
databases:
  crm: { url: "${DB}" }
sources:
  leads:
    database: crm
    sql: SELECT day, channel, created FROM leads WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel]
    measures: [created]
  spend:
    database: crm
    sql: SELECT sum(cost) AS cost FROM spend WHERE day >= :start AND day < :end
    measures: [cost]
kpis:
  leads_total:
    name: { en: Leads, es: Contactos }
    formula: leads.created
    breakdown: channel
    unit: count
    good: up
    target: 10
  cost_per_lead:
    name: { en: Cost per lead, es: Coste por contacto }
    formula: spend.cost / leads.created
    unit: currency
    good: down
    target: 50
people:
  ana: { name: Ana Ruiz, email: ana@example.com, language: es, locale: es-ES }
  tom: { name: Tom Hill, email: tom@example.com, language: en, locale: en-GB }
reports:
  weekly:
    title: { en: Weekly figures, es: Cifras de la semana }
    schedule: mondays at 08:00
    period: week
    compare: [previous]
    trend: 2
    to: [ana]
    attach: [csv]
    sections: [{ title: { en: All, es: Todo }, kpis: [leads_total, cost_per_lead] }]
"#;

const ROWS: &str = "CREATE TABLE leads (day text, channel text, created int);
    INSERT INTO leads VALUES ('2026-11-02', 'paid', 4), ('2026-11-09', 'paid', 5), ('2026-11-15', 'organic', 7);
    CREATE TABLE spend (day text, cost real);
    INSERT INTO spend VALUES ('2026-11-03', 300), ('2026-11-10', 480);";

/// Monday morning after the second week.
fn now() -> Timestamp {
    "2026-11-16T08:00:00Z".parse().unwrap()
}

/// A folder with the installation in `kpis/`, and the URL of its database.
async fn installation() -> (Folder, String) {
    let folder = Folder::new();
    let url = folder.sqlite("crm", ROWS).await;
    folder.write("kpis/all.yaml", YAML);
    (folder, url)
}

/// The studio of the folder's `kpis/`.
async fn studio(folder: &Folder, url: &str) -> Arc<Studio> {
    let url = url.to_owned();
    let env = move |name: &str| (name == "DB").then(|| url.clone());
    Studio::open(folder.path().join("kpis"), Arc::new(env), now).await
}

/// Saves the YAML with `from` replaced, which must be in it.
fn edit(folder: &Folder, from: &str, to: &str) {
    assert!(YAML.contains(from), "{from}");
    folder.write("kpis/all.yaml", &YAML.replace(from, to));
}
