//! What the three engines have in common: a read-only session that takes questions one after another.
//!
//! There is no pool. A run connects as often as it has questions to ask in parallel, and closes every connection at its
//! end: a session that was in doubt can't come back, and a refused connection names its own cause at once.

use super::Excess;
use super::access::Access;
use super::bind::{Bound, Form};
use super::error::{CONNECT_WAIT, Kind, SourceError, explain};
use super::sample::Samples;
use crate::calendar::Window;
use crate::query::cell::Cell;
use crate::query::sql::{Statement, TableName};
use futures_util::stream::BoxStream;
use sqlx::query::Query;
use sqlx::types::chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use sqlx::{AssertSqlSafe, Encode, Type};
use std::future::Future;

/// A statement that the server has accepted.
#[derive(Debug)]
pub(super) struct Prepared {
    pub sql: String,
    pub bounds: Vec<Bound>,
    pub columns: Vec<String>,
}

/// Rows as they arrive, each cell in its column's place.
pub(super) type Rows<'a> = BoxStream<'a, Result<Vec<Cell>, sqlx::Error>>;

/// A connection of one engine, read-only and limited by the server's own means.
pub(super) trait Session: Sized + Send + 'static {
    /// Connects, and sets limits and time zone.
    fn open(access: &Access) -> impl Future<Output = Result<Self, SourceError>> + Send;

    /// Begins one read-only transaction on every session, all of which see the same data. `false` when somebody may
    /// have committed in between; it may be called again then.
    fn begin(sessions: &mut [Self]) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    /// Prepares `statement`, its parameters bound for `window`.
    fn prepare(
        &mut self,
        access: &Access,
        statement: &Statement,
        window: Window,
    ) -> impl Future<Output = Result<Prepared, SourceError>> + Send;

    fn rows<'a>(&'a mut self, prepared: &'a Prepared) -> Rows<'a>;

    /// How the values of a column are written. A CTE is no table: its error only means that nothing was learnt.
    fn sample(&mut self, table: &TableName, column: &str) -> impl Future<Output = Option<Form>> + Send;

    fn samples(&mut self) -> &mut Samples;

    /// Makes the session usable, in the same snapshot, after a statement failed.
    fn recover(&mut self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Stops on the server what the session is doing. The session is of no use afterwards.
    fn cancel(self, access: &Access) -> impl Future<Output = Result<(), SourceError>> + Send;

    fn close(self) -> impl Future<Output = ()> + Send;

    /// What the role may do beyond reading.
    fn audit(&mut self) -> impl Future<Output = Result<Vec<Excess>, sqlx::Error>> + Send;

    fn kind(error: &dyn sqlx::error::DatabaseError) -> Kind;

    fn explain(access: &Access, error: &sqlx::Error) -> SourceError {
        explain(access, error, Self::kind)
    }
}

/// [`Session::open`] within its time.
pub(super) async fn open<S: Session>(access: &Access) -> Result<S, SourceError> {
    promptly(access, S::open(access)).await
}

/// `work` that no server should need long for; a network that swallows everything is not waited for.
pub(super) async fn promptly<T>(
    access: &Access,
    work: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    let late = SourceError::Connect {
        database: access.name(),
        why: format!("no answer within {CONNECT_WAIT:?}"),
        transient: true,
    };
    tokio::time::timeout(CONNECT_WAIT, work).await.unwrap_or(Err(late))
}

/// [`Session::close`], which ends with the connection either way.
pub(super) async fn close<S: Session>(session: S) {
    let _ = tokio::time::timeout(CONNECT_WAIT, session.close()).await;
}

/// `sql` with its values, for any engine.
pub(super) fn bound_query<'q, DB>(sql: &str, bounds: &[Bound]) -> Query<'q, DB, DB::Arguments>
where
    DB: sqlx::Database,
    NaiveDate: Encode<'q, DB> + Type<DB>,
    NaiveDateTime: Encode<'q, DB> + Type<DB>,
    DateTime<Utc>: Encode<'q, DB> + Type<DB>,
    String: Encode<'q, DB> + Type<DB>,
    i64: Encode<'q, DB> + Type<DB>,
{
    bounds.iter().fold(sqlx::query(AssertSqlSafe(sql.to_owned())), |query, bound| match bound {
        Bound::Day(day) => query.bind(chrono_date(*day)),
        Bound::Local(local) => query.bind(chrono_local(*local)),
        Bound::Instant(instant) => query.bind(
            DateTime::from_timestamp(instant.as_second(), instant.subsec_nanosecond().max(0).cast_unsigned())
                .expect("chrono's range is wider than jiff's"),
        ),
        Bound::Text(text) => query.bind(text.clone()),
        Bound::Integer(integer) => query.bind(*integer),
    })
}

fn chrono_date(day: jiff::civil::Date) -> NaiveDate {
    let (month, of_month) = (day.month().cast_unsigned(), day.day().cast_unsigned());
    NaiveDate::from_ymd_opt(day.year().into(), month.into(), of_month.into())
        .expect("chrono's range is wider than jiff's")
}

fn chrono_local(local: jiff::civil::DateTime) -> NaiveDateTime {
    let clock = |part: i8| u32::from(part.cast_unsigned());
    chrono_date(local.date())
        .and_hms_nano_opt(
            clock(local.hour()),
            clock(local.minute()),
            clock(local.second()),
            local.subsec_nanosecond().cast_unsigned(),
        )
        .expect("both count hours, minutes and seconds alike")
}
