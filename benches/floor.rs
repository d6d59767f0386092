//! The floor under a report: its queries on bare drivers, and nothing else.
//!
//! The same SQL for the same windows with the same values bound, at the same parallelism, in one transaction a session;
//! rows are counted and thrown away undecoded. Freshness queries are among them. What each parameter is compared with is
//! found out beforehand, untimed: finding it out again in every run is kpid's cost, not the floor's.

use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use kpid::calendar::{Calendar, Window};
use kpid::catalog::Catalog;
use kpid::query::sql::{Param, Statement};
use kpid::query::{Database, Engine, Need};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::types::chrono::{NaiveDate, NaiveDateTime};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Either, Encode, Executor, IntoArguments, SqlSafeStr, Statement as _,
    Type,
};
use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// The queries of a report, database by database.
pub struct Floor(Vec<Arc<Bare>>);

struct Bare {
    url: String,
    engine: Engine,
    connections: usize,
    queries: Vec<Query>,
}

struct Query {
    sql: String,
    values: Vec<Bound>,
}

/// All windows of the report begin and end at midnight.
enum Bound {
    Text(String),
    Date(NaiveDate),
    Midnight(NaiveDate),
}

impl Floor {
    /// The floor under `needs` and the freshness queries of their sources, asked as of the report's `period`.
    pub async fn new(catalog: &Catalog, needs: &[Need], period: Window, calendar: &Calendar) -> anyhow::Result<Floor> {
        let mut bare = BTreeMap::new();
        for (name, database) in &catalog.databases {
            let mine: Vec<&Need> = needs.iter().filter(|need| need.source.database == *name).collect();
            bare.insert(name, Arc::new(Bare::new(database, &mine, period, calendar).await?));
        }
        Ok(Floor(bare.into_values().collect()))
    }

    pub fn queries(&self) -> usize {
        self.0.iter().map(|bare| bare.queries.len()).sum()
    }

    /// Runs every query once; how many rows came.
    pub async fn run(&self) -> anyhow::Result<usize> {
        let mut tasks = JoinSet::new();
        for bare in &self.0 {
            let bare = bare.clone();
            tasks.spawn(async move { bare.run().await });
        }
        let counts = tasks.join_all().await;
        Ok(counts.into_iter().sum::<Result<usize, sqlx::Error>>()?)
    }
}

impl Bare {
    async fn new(database: &Database, needs: &[&Need], period: Window, calendar: &Calendar) -> anyhow::Result<Bare> {
        let mut url = database.url.expose().to_owned();
        if database.engine == Engine::Sqlite {
            url.push_str("?mode=ro");
        }
        let asked = needs.iter().map(|need| (&need.source.statement, need.window));
        let contracts: BTreeMap<_, _> =
            needs.iter().filter_map(|need| Some((&need.source.name, need.source.fresh.as_ref()?))).collect();
        let fresh = contracts.values().map(|fresh| (&fresh.statement, period));
        let mut queries = Vec::new();
        for (statement, window) in fresh.chain(asked) {
            queries.push(query(&url, database.engine, statement, window, calendar).await?);
        }
        let connections = usize::try_from(database.connections)?.min(queries.len());
        Ok(Bare { url, engine: database.engine, connections, queries })
    }

    async fn run(&self) -> Result<usize, sqlx::Error> {
        match self.engine {
            Engine::Sqlite => self.sessions::<SqliteConnection>("BEGIN").await,
            _ => self.sessions::<PgConnection>("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
    }

    async fn sessions<C: Connection>(&self, begin: &'static str) -> Result<usize, sqlx::Error>
    where
        for<'c> &'c mut C: Executor<'c, Database = C::Database>,
        for<'q> NaiveDate: Encode<'q, C::Database> + Type<C::Database>,
        for<'q> NaiveDateTime: Encode<'q, C::Database> + Type<C::Database>,
        for<'q> String: Encode<'q, C::Database> + Type<C::Database>,
        <C::Database as sqlx::Database>::Arguments: IntoArguments<C::Database>,
    {
        let options = C::Options::from_str(&self.url)?.disable_statement_logging();
        let waiting = Mutex::new(self.queries.iter().collect::<VecDeque<_>>());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let work = async || {
            let mut connection: C = options.connect().await?;
            connection.execute(begin).await?;
            let mut rows = 0;
            while let Some(Query { sql, values }) = next() {
                let query = values.iter().fold(sqlx::query(AssertSqlSafe(sql.clone())), |query, value| match value {
                    Bound::Text(text) => query.bind(text.clone()),
                    Bound::Date(day) => query.bind(*day),
                    Bound::Midnight(day) => query.bind(day.and_hms_opt(0, 0, 0).expect("a day has a midnight")),
                });
                let mut answer = query.fetch(&mut connection);
                while answer.try_next().await?.is_some() {
                    rows += 1;
                }
            }
            connection.close().await?;
            Ok::<usize, sqlx::Error>(rows)
        };
        Ok(try_join_all((0..self.connections).map(|_| work())).await?.into_iter().sum())
    }
}

/// `statement` as the engine takes it, with its values.
async fn query(
    url: &str,
    engine: Engine,
    statement: &Statement,
    window: Window,
    calendar: &Calendar,
) -> anyhow::Result<Query> {
    let sql = statement.rewrite(|at, _| if engine == Engine::Sqlite { "?".to_owned() } else { format!("${}", at + 1) });
    let types = if engine == Engine::Sqlite { Vec::new() } else { parameter_types(url, &sql).await? };
    let mut values = Vec::new();
    for (at, occurrence) in statement.params().iter().enumerate() {
        let instant = match occurrence.param {
            Param::Start | Param::StartDate => window.start,
            Param::End | Param::EndDate => window.end,
            Param::Timezone => anyhow::bail!("the sample catalogue does not ask for the time zone"),
        };
        let local = calendar.zone.to_datetime(instant);
        anyhow::ensure!(local.time() == jiff::civil::Time::midnight(), "{local} is no midnight");
        values.push(bound(local.date(), types.get(at).map(String::as_str))?);
    }
    Ok(Query { sql, values })
}

async fn parameter_types(url: &str, sql: &str) -> anyhow::Result<Vec<String>> {
    let mut connection = PgConnection::connect(url).await?;
    let prepared = (&mut connection).prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await?;
    let types = match prepared.parameters() {
        Some(Either::Left(types)) => types.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    connection.close().await?;
    Ok(types)
}

/// `day` as a column of the server's type `name` is compared with it; SQLite's columns are ISO text.
fn bound(day: jiff::civil::Date, name: Option<&str>) -> anyhow::Result<Bound> {
    let chrono = NaiveDate::from_str(&day.to_string())?;
    Ok(match name {
        None => Bound::Text(day.to_string()),
        Some("DATE") => Bound::Date(chrono),
        Some("TIMESTAMP") => Bound::Midnight(chrono),
        Some(other) => anyhow::bail!("no value is ready for a parameter of type {other}"),
    })
}
