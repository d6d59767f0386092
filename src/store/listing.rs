//! What the store holds, for a person to read: runs, deliveries, skipped fire times, events and who wants no mail.
//!
//! Filters go by what is set in them; the newest comes first. Ids may be asked for by their beginning, as people shorten them.

use super::db::{Arg, Row, Tx};
use super::deliveries::delivery;
use super::runs::run;
use super::{Store, StoreError};
use crate::outbox::{Delivery, DeliveryState, Kind, Run, RunState, recipient_key};
use crate::text::Name;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Which runs.
#[derive(Debug, Clone, Default)]
pub struct RunFilter<'a> {
    /// How its id begins.
    pub id: Option<&'a str>,
    pub report: Option<&'a str>,
    /// Those of the report's former name are its own as well.
    pub was: Option<&'a str>,
    pub kind: Option<Kind>,
    pub state: Option<RunState>,
    /// Slots from then on.
    pub since: Option<Timestamp>,
    /// Slots before that.
    pub before: Option<Timestamp>,
    /// At most so many; all when absent.
    pub limit: Option<u32>,
}

/// A run, what it is about, and what became of its mails.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRun {
    pub run: Run,
    /// The label of its period, once it was measured.
    pub period: Option<String>,
    /// Not begun before then.
    pub next: Timestamp,
    /// The version of the catalogue it was measured with.
    pub config: Option<String>,
    /// How many in each state; repetitions count anew.
    pub mails: BTreeMap<DeliveryState, u32>,
}

/// Which deliveries.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter<'a> {
    /// How its id begins.
    pub id: Option<&'a str>,
    pub run: Option<&'a str>,
    pub report: Option<&'a str>,
    pub state: Option<DeliveryState>,
    /// Their address.
    pub recipient: Option<&'a str>,
    pub limit: Option<u32>,
}

/// A delivery and its edition.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedDelivery {
    pub delivery: Delivery,
    /// The label of what it reports.
    pub period: Option<String>,
}

/// Fire times that got no run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub report: Name,
    /// The first and the last of them.
    pub from: Timestamp,
    pub to: Timestamp,
    pub count: u32,
    pub reason: String,
    /// When the planner decided so.
    pub at: Timestamp,
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter<'a> {
    pub report: Option<&'a str>,
    pub run: Option<&'a str>,
    pub since: Option<Timestamp>,
    pub limit: Option<u32>,
}

/// Something that happened. Names no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at: Timestamp,
    pub report: Option<Name>,
    pub run: Option<String>,
    pub delivery: Option<String>,
    pub what: String,
    pub detail: String,
}

/// Somebody wants no mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// See [`recipient_key`].
    pub recipient: String,
    /// Absent: none at all.
    pub report: Option<Name>,
    pub since: Timestamp,
    pub why: String,
}

impl Store {
    /// # Errors
    /// The store fails.
    pub async fn runs(&self, filter: &RunFilter<'_>, now: Timestamp) -> Result<Vec<ListedRun>, StoreError> {
        let mut tx = self.db.begin(now).await?;
        let runs = runs(&mut tx, filter).await?;
        tx.commit().await?;
        Ok(runs)
    }

    /// # Errors
    /// The store fails.
    pub async fn deliveries(
        &self,
        filter: &DeliveryFilter<'_>,
        now: Timestamp,
    ) -> Result<Vec<ListedDelivery>, StoreError> {
        let chosen = Where::default()
            .when("substr(d.delivery, 1, length({})) = {}", filter.id)
            .when("d.run = {}", filter.run)
            .when("r.report = {}", filter.report)
            .when("d.state = {}", filter.state.map(DeliveryState::as_str))
            .when("d.recipient = {}", filter.recipient.map(recipient_key));
        let sql = format!(
            "SELECT d.*, r.report, r.kind, r.slot_ms, r.period FROM delivery d JOIN run r ON r.run = d.run{}
             ORDER BY d.created_ms DESC, r.slot_ms DESC, d.run, d.email, d.revision DESC{}",
            chosen.sql,
            limit(filter.limit)
        );
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows(&sql, chosen.args).await?;
        tx.commit().await?;
        rows.iter().map(listed_delivery).collect()
    }

    /// The ranges of `report` (those of its former name `was` are its own as well), or of all, that end at `since` or later.
    ///
    /// # Errors
    /// The store fails.
    pub async fn skips(
        &self,
        (report, was): (Option<&str>, Option<&str>),
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Skip>, StoreError> {
        let chosen = Where::default().called("report", report, was).when("to_ms >= {}", since);
        let sql = format!("SELECT * FROM skip{} ORDER BY to_ms DESC, report", chosen.sql);
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows(&sql, chosen.args).await?;
        tx.commit().await?;
        rows.iter().map(skip).collect()
    }

    /// # Errors
    /// The store fails.
    pub async fn events(&self, filter: &EventFilter<'_>, now: Timestamp) -> Result<Vec<Event>, StoreError> {
        let chosen = Where::default()
            .when("report = {}", filter.report)
            .when("run = {}", filter.run)
            .when("at_ms >= {}", filter.since);
        let sql = format!("SELECT * FROM event{} ORDER BY at_ms DESC, event DESC{}", chosen.sql, limit(filter.limit));
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows(&sql, chosen.args).await?;
        tx.commit().await?;
        rows.iter().map(event).collect()
    }

    /// Who wants no mail: of that address and about that report, or all. What holds for every report is always among them.
    ///
    /// # Errors
    /// The store fails.
    pub async fn suppressed(
        &self,
        recipient: Option<&str>,
        report: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Suppression>, StoreError> {
        let chosen =
            Where::default().when("recipient = {}", recipient.map(recipient_key)).when("report IN ('', {})", report);
        let sql = format!("SELECT * FROM suppression{} ORDER BY recipient, report", chosen.sql);
        let mut tx = self.db.begin(now).await?;
        let rows = tx.rows(&sql, chosen.args).await?;
        tx.commit().await?;
        rows.iter().map(suppression).collect()
    }
}

pub(super) async fn runs(tx: &mut Tx, filter: &RunFilter<'_>) -> Result<Vec<ListedRun>, StoreError> {
    let chosen = Where::default()
        .when("substr(r.run, 1, length({})) = {}", filter.id)
        .called("r.report", filter.report, filter.was)
        .when("r.kind = {}", filter.kind.map(Kind::as_str))
        .when("r.state = {}", filter.state.map(RunState::as_str))
        .when("r.slot_ms >= {}", filter.since)
        .when("r.slot_ms < {}", filter.before);
    let order = format!("ORDER BY r.slot_ms DESC, r.created_ms DESC, r.run{}", limit(filter.limit));
    let rows = tx.rows(&format!("SELECT r.* FROM run r{} {order}", chosen.sql), chosen.args.clone()).await?;
    let ids = format!("SELECT r.run FROM run r{} {order}", chosen.sql);
    let counts = format!(
        "SELECT d.run, d.state, count(*) AS mails FROM delivery d WHERE d.run IN ({ids}) GROUP BY d.run, d.state"
    );
    let mut mails: BTreeMap<String, BTreeMap<DeliveryState, u32>> = BTreeMap::new();
    for row in tx.rows(&counts, chosen.args).await? {
        mails.entry(row.get("run")?).or_default().insert(delivery_state(&row)?, row.number("mails")?);
    }
    rows.iter().map(|row| listed_run(row, &mut mails)).collect()
}

/// The conditions of a query, and their values.
#[derive(Debug, Default)]
struct Where {
    sql: String,
    args: Vec<Arg>,
}

impl Where {
    /// `clause`, in which `{}` is the value, holds when there is one.
    fn when<A>(mut self, clause: &str, value: Option<A>) -> Where
    where
        Arg: From<A>,
    {
        if let Some(value) = value {
            self.args.push(Arg::from(value));
            let joint = if self.sql.is_empty() { " WHERE " } else { " AND " };
            let clause = clause.replace("{}", &format!("${}", self.args.len()));
            self.sql = format!("{}{joint}{clause}", self.sql);
        }
        self
    }

    /// `column` is the report's name, or its former one.
    fn called(self, column: &str, report: Option<&str>, was: Option<&str>) -> Where {
        match (report, was) {
            (Some(_), Some(was)) => {
                let either = format!("{column} IN (${}, {{}})", self.args.len() + 2);
                let mut both = self.when(&either, report);
                both.args.push(Arg::from(was));
                both
            }
            _ => self.when(&format!("{column} = {{}}"), report),
        }
    }
}

fn limit(most: Option<u32>) -> String {
    most.map(|most| format!(" LIMIT {most}")).unwrap_or_default()
}

fn listed_run(row: &Row, mails: &mut BTreeMap<String, BTreeMap<DeliveryState, u32>>) -> Result<ListedRun, StoreError> {
    let run = run(row)?;
    Ok(ListedRun {
        mails: mails.remove(&run.id).unwrap_or_default(),
        run,
        period: row.get("period")?,
        next: row.time("not_before")?,
        config: row.get("config")?,
    })
}

fn listed_delivery(row: &Row) -> Result<ListedDelivery, StoreError> {
    Ok(ListedDelivery { delivery: delivery(row)?, period: row.get("period")? })
}

pub(super) fn skip(row: &Row) -> Result<Skip, StoreError> {
    Ok(Skip {
        report: row.get::<String>("report")?.into(),
        from: row.time("from_ms")?,
        to: row.time("to_ms")?,
        count: row.number("count")?,
        reason: row.get("reason")?,
        at: row.time("at_ms")?,
    })
}

fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        at: row.time("at_ms")?,
        report: row.get::<Option<String>>("report")?.map(Name::from),
        run: row.get("run")?,
        delivery: row.get("delivery")?,
        what: row.get("what")?,
        detail: row.get("detail")?,
    })
}

fn suppression(row: &Row) -> Result<Suppression, StoreError> {
    let report: String = row.get("report")?;
    Ok(Suppression {
        recipient: row.get("recipient")?,
        report: (!report.is_empty()).then(|| report.into()),
        since: row.time("since_ms")?,
        why: row.get("why")?,
    })
}

pub(super) fn run_state(row: &Row) -> Result<RunState, StoreError> {
    let word: String = row.get("state")?;
    RunState::parse(&word).ok_or_else(|| StoreError::unknown("state of a run", &word))
}

pub(super) fn delivery_state(row: &Row) -> Result<DeliveryState, StoreError> {
    let word: String = row.get("state")?;
    DeliveryState::parse(&word).ok_or_else(|| StoreError::unknown("state of a delivery", &word))
}
