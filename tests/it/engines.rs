//! The sample company on every engine: the same numbers, whichever database stands where.

use crate::installation::{Folder, Installation};
use crate::servers::{self, Database};
use jiff::civil::date;
use kpid::demo::{Company, DATABASES, Scale};
use kpid::formula::Value;
use kpid::measure::{Measured, Point};
use kpid::query::Engine;
use std::collections::BTreeMap;
use std::path::Path;

/// One sample company, small enough to be written to servers in a moment.
fn company() -> Company {
    Company::new(1, date(2026, 11, 22), Scale { sessions: 10_000 })
}

/// A database of the company on some engine; the server's is dropped with this value.
struct Home {
    url: String,
    _database: Option<Database>,
}

async fn home(company: &Company, folder: &Folder, database: &str, engine: Engine) -> Option<Home> {
    let script = || company.statements(database, engine).collect::<Vec<_>>().join(";\n");
    let server = match engine {
        Engine::Sqlite => {
            let url = folder.sqlite(database, &script()).await;
            return Some(Home { url, _database: None });
        }
        Engine::Postgres => servers::postgres()?,
        Engine::Mysql => servers::mysql()?,
    };
    server.run(&script());
    Some(Home { url: server.url().to_owned(), _database: Some(server) })
}

/// The shipped catalogue with each database on the engine given, in the order web, crm, erp.
async fn installation(engines: [Engine; 3]) -> Option<(Installation, Vec<Home>, Folder)> {
    let (company, folder) = (company(), Folder::new());
    let mut homes = Vec::new();
    for (database, engine) in DATABASES.into_iter().zip(engines) {
        homes.push(home(&company, &folder, database, engine).await?);
    }
    let names = ["WEB_URL", "CRM_URL", "ERP_URL"].map(str::to_owned);
    let env: BTreeMap<String, String> = names.into_iter().zip(homes.iter().map(|home| home.url.clone())).collect();
    let kpis = Path::new(env!("CARGO_MANIFEST_DIR")).join("kpis");
    Some((Installation::load(&kpis, &env), homes, folder))
}

/// Every number of a measurement under a name: value, segments, earlier periods, trend.
fn numbers(measured: &[Measured]) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for one in measured {
        let id = &one.kpi.id;
        all.insert(id.to_string(), one.whole.value.clone());
        for segment in &one.segments {
            all.insert(format!("{id} {:?}", segment.segment), segment.value.clone());
        }
        for change in &one.changes {
            all.insert(format!("{id} {:?}", change.comparison), change.value.clone());
        }
        for (i, Point { value, .. }) in one.trend.iter().enumerate() {
            all.insert(format!("{id} trend {i}"), value.clone());
        }
    }
    all
}

/// Servers add floats in an order of their own.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (a, b) => a == b,
    }
}

async fn check(engines: [Engine; 3]) {
    let Some((there, _homes, _folder)) = installation(engines).await else { return };
    let (here, _, _files) = installation([Engine::Sqlite; 3]).await.expect("SQLite is always there");
    for period in ["2026-W46", "2026-10", "2026-Q3"] {
        let (there, here) = (there.measure_all(period).await, here.measure_all(period).await);
        assert_eq!(there.failures, [], "{engines:?}");
        assert_eq!(here.failures, []);
        let (there, here) = (numbers(&there.measured), numbers(&here.measured));
        assert_eq!(there.keys().collect::<Vec<_>>(), here.keys().collect::<Vec<_>>(), "{engines:?} {period}");
        assert!(here.values().filter(|value| !value.is_missing()).count() > 300, "the company has numbers");
        for (name, expected) in here {
            assert!(same(&there[&name], &expected), "{engines:?} {period} {name}: {:?} ≠ {expected:?}", there[&name]);
        }
    }
}

#[tokio::test]
async fn the_catalogue_gives_the_same_numbers_on_postgresql() {
    check([Engine::Postgres; 3]).await;
}

#[tokio::test]
async fn the_catalogue_gives_the_same_numbers_on_mariadb() {
    check([Engine::Mysql; 3]).await;
}

#[tokio::test]
async fn formulas_cross_three_engines_at_once() {
    let engines = [Engine::Sqlite, Engine::Postgres, Engine::Mysql];
    check(engines).await;
    let Some((installation, _homes, _folder)) = installation(engines).await else { return };
    let outcome = installation.measure_all("2026-W46").await;
    let mut text = String::new();
    for measured in &outcome.measured {
        let value = match &measured.whole.value {
            Value::Number(number) => format!("{number:.9e}"),
            Value::Missing(reason) => format!("missing: {reason}"),
        };
        text.push_str(&format!("{} {value} {:?}\n", measured.kpi.id, measured.whole.verdict));
    }
    crate::golden::check("three_engines/week.txt", &text);
}
