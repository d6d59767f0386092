//! `source` on the three real engines.

mod binds;
mod faults;
mod security;
mod shapes;
mod snapshot;
mod types;

use crate::servers;
use jiff::tz::TimeZone;
use kpid::calendar::Window;
use kpid::formula::Value;
use kpid::query::sql::Statement;
use kpid::query::{Aggregate, Database, Engine, Fresh, Measure, Need, Otherwise, Source, Table};
use kpid::secret::Secret;
use kpid::source::{Excess, Sources};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// An empty database of one engine, gone at the end of the test.
enum Store {
    Server(Engine, servers::Database),
    File(PathBuf),
}

impl Store {
    fn sqlite() -> Store {
        let unique = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
        let path = std::env::temp_dir().join(format!("kpid-test-{unique:016x}.db"));
        let store = Store::File(path);
        store.run("PRAGMA journal_mode = WAL");
        store
    }

    /// One of each engine that this run has.
    fn every() -> Vec<Store> {
        let postgres = servers::postgres().map(|database| Store::Server(Engine::Postgres, database));
        let mysql = servers::mysql().map(|database| Store::Server(Engine::Mysql, database));
        [Some(Store::sqlite()), postgres, mysql].into_iter().flatten().collect()
    }

    fn postgres() -> Option<Store> {
        servers::postgres().map(|database| Store::Server(Engine::Postgres, database))
    }

    fn mysql() -> Option<Store> {
        servers::mysql().map(|database| Store::Server(Engine::Mysql, database))
    }

    fn engine(&self) -> Engine {
        match self {
            Store::Server(engine, _) => *engine,
            Store::File(_) => Engine::Sqlite,
        }
    }

    fn url(&self) -> String {
        match self {
            Store::Server(_, database) => database.url().to_owned(),
            Store::File(path) => format!("sqlite://{}", path.display()),
        }
    }

    fn run(&self, sql: &str) {
        match self {
            Store::Server(_, database) => database.run(sql),
            Store::File(path) => {
                let (path, sql) = (path.clone(), sql.to_owned());
                let run = async move {
                    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
                    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                    raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
                    connection.close().await.unwrap();
                };
                // A test's own runtime can't be blocked on from inside it.
                let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                std::thread::spawn(move || runtime().block_on(run)).join().unwrap();
            }
        }
    }

    fn database(&self) -> Database {
        Database {
            name: "crm".into(),
            url: Secret::new(self.url()),
            engine: self.engine(),
            timeout: Duration::from_secs(30),
            connections: 4,
            max_rows: 10_000,
            time_zone: None,
            allow_privileged: false,
        }
    }

    fn source(&self, name: &str, sql: &str) -> Source {
        Source {
            name: name.into(),
            database: "crm".into(),
            description: None,
            statement: Statement::parse(sql, self.engine()).unwrap(),
            time: None,
            dimensions: Vec::new(),
            measures: vec![measure("n")],
            labels: Default::default(),
            units: Default::default(),
            fresh: None,
        }
    }

    /// One source for each statement, `s0`, `s1`…, the allow-list evaded.
    fn smuggling(&self, statements: &[&str]) -> Vec<Arc<Source>> {
        let source = |(at, sql): (usize, &&str)| {
            let statement = smuggled(sql, self.engine());
            Arc::new(Source { statement, ..self.source(&format!("s{at}"), "SELECT 1") })
        };
        statements.iter().enumerate().map(source).collect()
    }

    fn fresh(&self, sql: &str) -> Option<Fresh> {
        let statement = Statement::parse(sql, self.engine()).unwrap();
        Some(Fresh { statement, within: Duration::ZERO, otherwise: Otherwise::Warn })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Store::File(path) = self {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
            }
        }
    }
}

/// `sql` behind the back of the allow-list: what a session must stop on its own.
fn smuggled(sql: &str, engine: Engine) -> Statement {
    let harmless = format!("SELECT {:>1$}", 1, sql.len() - "SELECT ".len());
    let mut statement = Statement::parse(&harmless, engine).unwrap();
    statement.text = sql.to_owned();
    statement
}

static UTC: TimeZone = TimeZone::UTC;

fn measure(name: &str) -> Measure {
    Measure { name: name.into(), aggregate: Aggregate::Sum, declared: false }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn window(start: &str, end: &str) -> Window {
    Window { start: start.parse().unwrap(), end: end.parse().unwrap() }
}

/// The week from Monday, 16 November 2026, in `zone`.
fn week(zone: &TimeZone) -> Window {
    let midnight = |day: i8| zone.to_timestamp(jiff::civil::date(2026, 11, day).at(0, 0, 0, 0)).unwrap();
    Window { start: midnight(16), end: midnight(23) }
}

/// What one source of `database` answers over `window`.
async fn read(database: Database, source: Source, window: Window, zone: &TimeZone) -> Result<Table, String> {
    let mut answers = read_all(database, vec![Arc::new(source)], window, zone).await;
    answers.remove(0)
}

/// What each source answers, in their order.
async fn read_all(
    database: Database,
    sources: Vec<Arc<Source>>,
    window: Window,
    zone: &TimeZone,
) -> Vec<Result<Table, String>> {
    let needs = sources.iter().map(|source| Need::rows(source.clone(), window)).collect();
    let readings = Sources::new([database]).read(needs, zone, |_| {}).await;
    let answer = |source: &Arc<Source>| match readings.stretches(&source.name) {
        [stretch] => stretch.result.clone().map_err(|why| why.to_string()),
        stretches => panic!("{} answers for {}", stretches.len(), source.name),
    };
    sources.iter().map(answer).collect()
}

/// Measure `at` of row 0.
fn value(table: &Table, at: usize) -> Value {
    match table.measures[at].missing.first() {
        Some((0, reason)) => Value::Missing(reason.clone()),
        _ => Value::Number(table.measures[at].numbers[0]),
    }
}
