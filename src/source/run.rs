//! One database's part of a run: all its questions, in parallel sessions over one snapshot.
//!
//! A failed question stays failed. A session that is lost with its question (killed, or closed because an answer was
//! too long) leaves the snapshot to the others. When none is left, whatever still waits is asked in a new snapshot
//! together with everything that had been answered, so that the numbers of a run always belong together. A question
//! whose connection broke is asked twice at the most, so this ends.

use super::access::Access;
use super::error::{CONNECT_WAIT, SourceError};
use super::session::{Rows, Session, close, open, promptly};
use crate::calendar::Window;
use crate::query::cell::{Cell, MAX_BYTES};
use crate::query::sql::Statement;
use crate::query::{Asks, Collector, Need, Table};
use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How much later than the server's own limit the client gives up.
const GRACE: Duration = Duration::from_secs(2);

/// How often sessions try to begin between two commits of somebody else, before one session asks everything.
const SNAPSHOT_TRIES: usize = 8;

pub(super) type Answer = Result<Given, SourceError>;

/// What a question is answered with, by what it asks.
#[derive(Debug)]
pub(super) enum Given {
    Rows(Table),
    Newest(Option<Timestamp>),
}

/// A failed question.
#[derive(Debug)]
struct Failure {
    error: SourceError,
    /// Whether the session went with it.
    lost: bool,
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        let lost = matches!(error, SourceError::Broken { .. });
        Failure { error, lost }
    }
}

/// Reads `needs`, all of one database; the answers are in their order. Each place is told to `done` when it is answered,
/// again if it is asked again.
pub(super) async fn read<S: Session>(access: &Access, needs: &[Need], done: impl Fn(Answered) + Sync) -> Vec<Answer> {
    let mut answers: Vec<Option<Answer>> = needs.iter().map(|_| None).collect();
    let mut broke = vec![false; needs.len()];
    loop {
        let waiting = (0..needs.len()).filter(|at| !matches!(answers[*at], Some(Err(_)))).collect();
        let round = Round { access, needs, done: &done, waiting: Mutex::new(waiting), broke: Mutex::new(broke) };
        let answered = match round.sessions::<S>().await {
            Ok(sessions) => join_all(sessions.into_iter().map(|session| round.work(session))).await,
            Err(error) => vec![round.fail_all(&error)],
        };
        for (at, answer) in answered.into_iter().flatten() {
            answers[at] = Some(answer);
        }
        if round.take_all().is_empty() {
            return answers.into_iter().map(|answer| answer.expect("an empty queue has answered all")).collect();
        }
        broke = round.broke.into_inner().unwrap_or_else(PoisonError::into_inner);
    }
}

/// A question that got its answer or failed.
pub(super) struct Answered {
    /// Its place among the needs.
    pub at: usize,
    pub took: Duration,
    pub ok: bool,
}

impl Answered {
    /// There was no session to ask it of.
    pub(super) fn unasked(at: usize) -> Answered {
        Answered { at, took: Duration::ZERO, ok: false }
    }
}

/// Sessions at work on one queue.
struct Round<'a, F> {
    access: &'a Access,
    needs: &'a [Need],
    done: &'a F,
    waiting: Mutex<VecDeque<usize>>,
    /// Which questions have lost a connection already.
    broke: Mutex<Vec<bool>>,
}

impl<F: Fn(Answered) + Sync> Round<'_, F> {
    /// As many sessions as there is use for, in one snapshot. Those that the server has no room for are done without.
    async fn sessions<S: Session>(&self) -> Result<Vec<S>, SourceError> {
        let wanted = self.lock().len().clamp(1, usize::try_from(self.access.database.connections).unwrap_or(1).max(1));
        let opened = join_all((0..wanted).map(|_| open::<S>(self.access))).await;
        let (opened, refused): (Vec<_>, Vec<_>) = opened.into_iter().partition(Result::is_ok);
        let mut sessions: Vec<S> = opened.into_iter().flatten().collect();
        if let (true, Some(Err(error))) = (sessions.is_empty(), refused.into_iter().next()) {
            return Err(error);
        }
        begin(self.access, &mut sessions).await?;
        Ok(sessions)
    }

    /// Answers questions until none waits or the session is lost.
    async fn work<S: Session>(&self, mut session: S) -> Vec<(usize, Answer)> {
        let mut answers = Vec::new();
        while let Some(at) = self.next() {
            let asked = Instant::now();
            let answered = |ok| Answered { at, took: asked.elapsed(), ok };
            let Failure { error, lost } = match ask_in_time(&mut session, self.access, &self.needs[at]).await {
                Ok(given) => {
                    (self.done)(answered(true));
                    answers.push((at, Ok(given)));
                    continue;
                }
                Err(failure) => failure,
            };
            let broken = matches!(error, SourceError::Broken { .. });
            if broken && self.may_ask_again(at) {
                self.lock().push_back(at);
            } else {
                (self.done)(answered(false));
                answers.push((at, Err(error)));
            }
            if lost && !broken {
                stop(session, self.access).await;
                return answers;
            }
            if lost || recover(&mut session, self.access).await.is_err() {
                return answers;
            }
        }
        close(session).await;
        answers
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<usize>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<usize> {
        self.lock().pop_front()
    }

    fn take_all(&self) -> VecDeque<usize> {
        std::mem::take(&mut *self.lock())
    }

    fn fail_all(&self, error: &SourceError) -> Vec<(usize, Answer)> {
        let waiting = self.take_all().into_iter();
        waiting.inspect(|at| (self.done)(Answered::unasked(*at))).map(|at| (at, Err(error.clone()))).collect()
    }

    /// Notes that the question at `at` lost its connection. Whether that was the first time.
    fn may_ask_again(&self, at: usize) -> bool {
        let mut broke = self.broke.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut broke[at], true)
    }
}

/// Stops on the server what `session` is doing, and closes it.
async fn stop<S: Session>(session: S, access: &Access) {
    // Its question has failed already, and a server that can't be told to stop will at its own limit.
    let _ = tokio::time::timeout(CONNECT_WAIT, session.cancel(access)).await;
}

async fn recover<S: Session>(session: &mut S, access: &Access) -> Result<(), SourceError> {
    promptly(access, async { session.recover().await.map_err(|error| S::explain(access, &error)) }).await
}

/// Begins one snapshot on all `sessions`, or leaves one of them.
async fn begin<S: Session>(access: &Access, sessions: &mut Vec<S>) -> Result<(), SourceError> {
    for _ in 0..SNAPSHOT_TRIES {
        if try_begin(access, sessions).await? {
            return Ok(());
        }
    }
    sessions.truncate(1);
    try_begin(access, sessions).await?;
    Ok(())
}

async fn try_begin<S: Session>(access: &Access, sessions: &mut [S]) -> Result<bool, SourceError> {
    promptly(access, async { S::begin(sessions).await.map_err(|error| S::explain(access, &error)) }).await
}

/// One session in a transaction of its own.
pub(super) async fn begun<S: Session>(access: &Access) -> Result<S, SourceError> {
    let mut sessions = vec![open::<S>(access).await?];
    begin(access, &mut sessions).await?;
    Ok(sessions.swap_remove(0))
}

/// The first `limit` rows of `statement` and their columns, in a session of their own.
pub(super) async fn first_rows<S: Session>(
    access: &Access,
    statement: &Statement,
    window: Window,
    limit: usize,
) -> Result<(Vec<String>, Vec<Vec<Cell>>), SourceError> {
    let mut session = begun::<S>(access).await?;
    let mut taken = Vec::new();
    let asked = async {
        let prepared = session.prepare(access, statement, window).await?;
        let rows = session.rows(&prepared).take(limit).boxed();
        drain::<S>(access, rows, |cells| {
            taken.push(cells);
            Ok(())
        })
        .await?;
        Ok::<_, Failure>(prepared.columns)
    };
    let columns = match tokio::time::timeout(access.database.timeout + GRACE, asked).await {
        Ok(columns) => columns.map_err(|failure| failure.error)?,
        Err(_) => {
            stop(session, access).await;
            return Err(too_slow(access));
        }
    };
    close(session).await;
    Ok((columns, taken))
}

/// [`ask`] within the database's time. A server that doesn't hold its own limit is not waited for.
async fn ask_in_time<S: Session>(session: &mut S, access: &Access, need: &Need) -> Result<Given, Failure> {
    let late = Failure { error: too_slow(access), lost: true };
    tokio::time::timeout(access.database.timeout + GRACE, ask(session, access, need)).await.unwrap_or(Err(late))
}

/// Asks for one need within an open snapshot.
async fn ask<S: Session>(session: &mut S, access: &Access, need: &Need) -> Result<Given, Failure> {
    match need.asks {
        Asks::Rows => ask_rows(session, access, need).await.map(Given::Rows),
        Asks::Newest => ask_newest(session, access, need).await.map(Given::Newest),
    }
}

async fn ask_rows<S: Session>(session: &mut S, access: &Access, need: &Need) -> Result<Table, Failure> {
    let prepared = session.prepare(access, &need.source.statement, need.window).await?;
    let mut rows =
        Collector::new(access.zones(), &need.source, need.window, &prepared.columns).map_err(SourceError::from)?;
    drain::<S>(access, session.rows(&prepared), |cells| Ok(rows.push(&cells)?)).await?;
    Ok(rows.finish())
}

async fn ask_newest<S: Session>(session: &mut S, access: &Access, need: &Need) -> Result<Option<Timestamp>, Failure> {
    let fresh = need.source.fresh.as_ref().expect("only a source under contract is asked for its newest data");
    let prepared = session.prepare(access, &fresh.statement, need.window).await?;
    let mut first = None;
    drain::<S>(access, session.rows(&prepared), |cells| {
        first = first.take().or_else(|| cells.into_iter().next());
        Ok(())
    })
    .await?;
    let why = || SourceError::Answer("`fresh` must answer a date or a timestamp".to_owned());
    match first {
        None | Some(Cell::Null) => Ok(None),
        Some(cell) => Ok(Some(cell.instant(&access.report, access.zone()).ok_or_else(why)?)),
    }
}

/// Gives every row to `take`, within the database's caps. After the first error of `take` the rest is only counted:
/// a session whose answer was not read to its end is lost.
async fn drain<S: Session>(
    access: &Access,
    mut rows: Rows<'_>,
    mut take: impl FnMut(Vec<Cell>) -> Result<(), SourceError>,
) -> Result<(), Failure> {
    let started = Instant::now();
    let max = access.database.max_rows;
    let (mut count, mut bytes, mut taken) = (0, 0, Ok(()));
    while let Some(cells) = rows.try_next().await.map_err(|error| failure::<S>(access, &error))? {
        count += 1;
        bytes += cells.iter().map(Cell::weight).sum::<usize>();
        if count > max {
            return Err(Failure { error: SourceError::TooManyRows { database: access.name(), max }, lost: true });
        }
        if bytes > MAX_BYTES || cells.iter().any(Cell::is_too_long) {
            return Err(Failure { error: SourceError::TooMuchData, lost: true });
        }
        taken = taken.and_then(|()| take(cells));
    }
    // MariaDB answers as if all were well when it cuts some functions at the limit.
    if started.elapsed() >= access.database.timeout {
        return Err(too_slow(access).into());
    }
    Ok(taken?)
}

/// An error of the server ends a statement; any other leaves the session in doubt.
fn failure<S: Session>(access: &Access, error: &sqlx::Error) -> Failure {
    let error_of_server = error.as_database_error().is_some();
    let error = S::explain(access, error);
    Failure { lost: !error_of_server || matches!(error, SourceError::Broken { .. }), error }
}

fn too_slow(access: &Access) -> SourceError {
    SourceError::TooSlow { database: access.name(), limit: access.database.timeout }
}
