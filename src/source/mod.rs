//! Source and window → readings (edge: sqlx).
//!
//! [`Sources::read`] answers the needs of one run: databases in parallel, the queries of one database in parallel within
//! its `connections`, all of them over one read-only snapshot of it. What fails is a fact inside the [`Readings`].
//! For whoever writes a first source, `look` tells what tables there are and proposes one.
//! Engines differ only behind `session::Session`; caps, retries, shapes and the meaning of cells are decided once.
//!
//! Drivers take a row whole before a cap can see it. PostgreSQL is therefore asked to cut long cells, and SQLite's heap is
//! limited; in MySQL one cell may take as much memory as its `max_allowed_packet`.
//!
//! Deliberately absent: connection pools (a run connects anew, so that a doubtful session never comes back), waiting for
//! a database that is down (the run's own retry does that), and any way to write.

mod access;
mod bind;
mod error;
mod look;
mod mysql;
mod postgres;
mod run;
mod sample;
mod session;
mod sqlite;

pub use error::SourceError;
pub use look::{Column, Count, Extent, LeftOut, Proposal, Table, Undated};

use crate::calendar::Window;
use crate::query::sql::Statement;
use crate::query::{Asks, Database, Engine, Need, Readings, Source, Stretch, cell, flaws};
use crate::text::Name;
use access::Access;
use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mysql::MysqlSession;
use postgres::PostgresSession;
use run::{Answer, Answered, Given};
use session::{Session, close, open, promptly};
use sqlite::SqliteSession;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

/// The databases of an installation.
#[derive(Debug, Default)]
pub struct Sources {
    databases: BTreeMap<Name, Database>,
}

/// A query was answered, or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub total: usize,
    pub source: Name,
    /// How long this one took.
    pub took: Duration,
    /// Whether it was answered.
    pub ok: bool,
}

/// Rows as the database gave them, as text; `None` is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// What a role may do beyond reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// A sentence about the role.
    pub what: String,
    /// It gives power over the whole server, and the database doesn't say `allow_privileged: true`.
    pub privileged: bool,
}

/// For statements that are not run, or not about a period.
const NO_WINDOW: Window = Window { start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH };

/// Runs `$call` with `S` as the session type of `$engine`.
macro_rules! with_engine {
    ($engine:expr, $S:ident => $call:expr) => {
        match $engine {
            Engine::Sqlite => {
                type $S = SqliteSession;
                $call
            }
            Engine::Postgres => {
                type $S = PostgresSession;
                $call
            }
            Engine::Mysql => {
                type $S = MysqlSession;
                $call
            }
        }
    };
}

impl Sources {
    /// Connects to nothing yet.
    pub fn new(databases: impl IntoIterator<Item = Database>) -> Sources {
        Sources { databases: databases.into_iter().map(|database| (database.name.clone(), database)).collect() }
    }

    /// Reads every need once, in the report's `zone`; a failure is in the readings, in words for a reader. `progress`
    /// hears of each query as it ends.
    pub async fn read(&self, needs: Vec<Need>, zone: &TimeZone, progress: impl Fn(Progress) + Sync) -> Readings {
        let needs = unique(needs);
        let mut by_database: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        for (at, need) in needs.iter().enumerate() {
            by_database.entry(&need.source.database).or_default().push(at);
        }
        let (sender, mut answered) = unbounded_channel();
        let mut tasks = JoinSet::new();
        for (database, places) in by_database {
            let mine: Vec<Need> = places.iter().map(|at| needs[*at].clone()).collect();
            let access = self.access(database, zone, span(&mine));
            let sender = sender.clone();
            // A task of its own: a reader that is dropped in mid-query drops its connections, never half a session.
            tasks.spawn(async move {
                // Nobody listens any more when the run was given up.
                let done = |done: Answered| sender.send(Answered { at: places[done.at], ..done }).unwrap_or_default();
                let answers = read_database(access, mine, done).await;
                (places, answers)
            });
        }
        drop(sender);
        let mut done = HashSet::new();
        while let Some(Answered { at, took, ok }) = answered.recv().await {
            // A query that was asked again is told again.
            if done.insert(at) {
                let source = needs[at].source.name.clone();
                progress(Progress { done: done.len(), total: needs.len(), source, took, ok });
            }
        }
        let mut readings = Readings::default();
        for (places, answers) in tasks.join_all().await {
            for (at, answer) in places.into_iter().zip(answers) {
                if answer.as_ref().is_err_and(SourceError::is_transient) {
                    readings.may_pass(needs[at].source.name.clone());
                }
                keep(&mut readings, &needs[at], answer.map_err(|error| error.to_string().into()));
            }
        }
        readings
    }

    /// What a reader of `source` would be told of the columns that its query gives, without running it: nothing when all that are
    /// declared are there once.
    ///
    /// # Errors
    /// The database can't be reached or refuses the statement.
    pub async fn flaws(&self, source: &Source) -> Result<Vec<SourceError>, SourceError> {
        let described = async {
            let access = self.access(&source.database, &TimeZone::UTC, NO_WINDOW)?;
            with_engine!(access.database.engine, S => columns::<S>(&access, &source.statement).await)
        };
        let columns = described.await.map_err(|error: SourceError| error.of(&source.name))?;
        Ok(flaws(source, &columns).map(|flaw| SourceError::from(flaw).of(&source.name)).collect())
    }

    /// The first `limit` rows that `source` gives for `window`, as they are.
    ///
    /// # Errors
    /// Any failure of the query.
    pub async fn rows(
        &self,
        source: &Source,
        window: Window,
        zone: &TimeZone,
        limit: usize,
    ) -> Result<RawRows, SourceError> {
        self.first_rows(&source.database, &source.statement, window, zone, limit)
            .await
            .map(|(columns, rows)| RawRows { columns, rows: rows.iter().map(|row| texts(row)).collect() })
            .map_err(|error| error.of(&source.name))
    }

    /// What the role of `database` may do beyond reading.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn audit(&self, database: &str) -> Result<Vec<Excess>, SourceError> {
        let access = self.access(database, &TimeZone::UTC, NO_WINDOW)?;
        with_engine!(access.database.engine, S => audited::<S>(&access).await)
    }

    /// Why the daemon must not work with these databases: their roles have power over a whole server, and the settings don't accept
    /// that. What can't be reached is left out: nothing is read from it either.
    pub async fn privileged(&self) -> Vec<SourceError> {
        let audits = self.databases.keys().map(async |name| (name, self.audit(name).await));
        let refused = |(name, audit): (&Name, Result<Vec<Excess>, SourceError>)| {
            let excess = audit.ok()?.into_iter().find(|excess| excess.privileged)?;
            Some(SourceError::Privileged { database: name.clone(), why: excess.what })
        };
        join_all(audits).await.into_iter().filter_map(refused).collect()
    }

    /// The tables and views of `database` that its role may read.
    ///
    /// # Errors
    /// The database can't be reached, or doesn't say.
    pub async fn tables(&self, database: &str) -> Result<Vec<Table>, SourceError> {
        let access = look::hurried(self.access(database, &TimeZone::UTC, NO_WINDOW)?);
        with_engine!(access.database.engine, S => look::tables::<S>(&access).await)
    }

    /// How much each of `tables` holds, in their order. What would take long to find out is left open.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn extents(&self, database: &str, tables: &[Table]) -> Result<Vec<Extent>, SourceError> {
        let access = look::hurried(self.access(database, &TimeZone::UTC, NO_WINDOW)?);
        with_engine!(access.database.engine, S => look::extents::<S>(&access, tables).await)
    }

    /// A source over `table` whose days are those of `zone`; or why there is none.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn proposal(
        &self,
        database: &str,
        table: &Table,
        zone: &TimeZone,
    ) -> Result<Result<Proposal, Undated>, SourceError> {
        let access = self.access(database, zone, NO_WINDOW)?;
        let room = access.database.max_rows;
        let access = look::hurried(access);
        with_engine!(access.database.engine, S => look::proposal::<S>(&access, table, room).await)
    }

    async fn first_rows(
        &self,
        database: &str,
        statement: &Statement,
        window: Window,
        zone: &TimeZone,
        limit: usize,
    ) -> Result<(Vec<String>, Vec<Vec<cell::Cell>>), SourceError> {
        let access = self.access(database, zone, window)?;
        with_engine!(access.database.engine, S => run::first_rows::<S>(&access, statement, window, limit).await)
    }

    fn access(&self, database: &str, report: &TimeZone, span: Window) -> Result<Access, SourceError> {
        let known = self.databases.get(database);
        let database = known.ok_or_else(|| SourceError::Answer(format!("database `{database}` is not declared")))?;
        Ok(Access { database: database.clone(), report: report.clone(), span })
    }
}

/// Every need once, in their order.
fn unique(needs: Vec<Need>) -> Vec<Need> {
    let mut known = HashSet::new();
    needs.into_iter().filter(|need| known.insert((need.source.name.clone(), need.window, need.asks))).collect()
}

fn keep(readings: &mut Readings, need: &Need, answer: Result<Given, Name>) {
    let (name, window) = (need.source.name.clone(), need.window);
    match answer {
        Ok(Given::Rows(table)) => readings.insert(name, Stretch { window, result: Ok(table) }),
        Ok(Given::Newest(newest)) => readings.insert_newest(name, Ok(newest)),
        Err(why) if need.asks == Asks::Newest => readings.insert_newest(name, Err(why)),
        Err(why) => readings.insert(name, Stretch { window, result: Err(why) }),
    }
}

/// From the first start to the last end.
fn span(needs: &[Need]) -> Window {
    let windows = || needs.iter().map(|need| need.window);
    Window {
        start: windows().map(|window| window.start).min().unwrap_or_default(),
        end: windows().map(|window| window.end).max().unwrap_or_default(),
    }
}

async fn read_database(
    access: Result<Access, SourceError>,
    needs: Vec<Need>,
    done: impl Fn(Answered) + Sync,
) -> Vec<Answer> {
    match access {
        Ok(access) => with_engine!(access.database.engine, S => run::read::<S>(&access, &needs, done).await),
        Err(error) => (0..needs.len()).inspect(|at| done(Answered::unasked(*at))).map(|_| Err(error.clone())).collect(),
    }
}

async fn columns<S: Session>(access: &Access, statement: &Statement) -> Result<Vec<String>, SourceError> {
    let mut session = run::begun::<S>(access).await?;
    let prepared = promptly(access, session.prepare(access, statement, NO_WINDOW)).await?;
    close(session).await;
    Ok(prepared.columns)
}

async fn audited<S: Session>(access: &Access) -> Result<Vec<Excess>, SourceError> {
    let mut session = open::<S>(access).await?;
    let audit = async { session.audit().await.map_err(|error| S::explain(access, &error)) };
    let mut found = promptly(access, audit).await?;
    close(session).await;
    found.iter_mut().for_each(|excess| excess.privileged &= !access.database.allow_privileged);
    Ok(found)
}

fn texts(row: &[cell::Cell]) -> Vec<Option<String>> {
    let text = |cell: &cell::Cell| match cell.text() {
        Ok(text) => text.map(|text| text.into_owned()),
        Err(name) => Some(format!("<{name}>")),
    };
    row.iter().map(text).collect()
}
