//! What every question to one database in one run shares: limits, zones, and the stretch of time asked about.

use super::error::SourceError;
use crate::calendar::Window;
use crate::query::{Database, Zones, must_encrypt};
use crate::text::Name;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A database as one run sees it.
#[derive(Debug)]
pub(super) struct Access {
    pub database: Database,
    /// The report's zone: a `date` is a day of it.
    pub report: TimeZone,
    /// From the first to the last instant that the run asks about.
    pub span: Window,
}

impl Access {
    /// The zone that timestamps without zone are written in.
    pub fn zone(&self) -> &TimeZone {
        self.database.zone(&self.report)
    }

    /// What dates and times of its answers mean.
    pub fn zones(&self) -> Zones<'_> {
        Zones { report: &self.report, database: self.zone() }
    }

    /// How long the server itself lets a query run. None of them takes 0 for less than a millisecond, nor more than
    /// its 32 bits of milliseconds hold.
    pub fn limit(&self) -> Duration {
        self.database.timeout.clamp(Duration::from_millis(1), Duration::from_millis(i32::MAX.unsigned_abs().into()))
    }

    /// As [`must_encrypt`] says.
    pub fn must_encrypt(&self, host: &str) -> bool {
        must_encrypt(&self.database.url, host)
    }

    pub fn name(&self) -> Name {
        self.database.name.clone()
    }

    pub fn refused(&self, why: impl Into<String>) -> SourceError {
        SourceError::Refused { database: self.name(), why: why.into() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::query::Engine;
    use crate::secret::Secret;

    pub fn access(url: &str) -> Access {
        let database = Database {
            name: "crm".into(),
            url: Secret::new(url),
            engine: Engine::of_url(url).unwrap(),
            timeout: Duration::from_secs(30),
            connections: 4,
            max_rows: 10_000,
            time_zone: None,
            allow_privileged: false,
        };
        let span = Window { start: jiff::Timestamp::UNIX_EPOCH, end: jiff::Timestamp::UNIX_EPOCH };
        Access { database, report: TimeZone::UTC, span }
    }

    #[test]
    fn no_time_limit_reaches_a_server_as_none() {
        let check = |timeout, expected| {
            let mut access = access("postgres:///crm");
            access.database.timeout = timeout;
            assert_eq!(access.limit(), expected);
        };
        check(Duration::from_nanos(1), Duration::from_millis(1));
        check(Duration::from_secs(30), Duration::from_secs(30));
        check(Duration::MAX, Duration::from_millis(2_147_483_647));
    }
}
