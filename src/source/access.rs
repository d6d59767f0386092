//! What every question to one database in one run shares: limits, zones, and the stretch of time asked about.

use super::error::SourceError;
use crate::calendar::Window;
use crate::query::Database;
use crate::text::Name;
use jiff::tz::TimeZone;
use std::net::IpAddr;
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
        self.database.time_zone.as_ref().unwrap_or(&self.report)
    }

    /// How long the server itself lets a query run. None of them takes 0 for less than a millisecond, nor more than
    /// its 32 bits of milliseconds hold.
    pub fn limit(&self) -> Duration {
        self.database.timeout.clamp(Duration::from_millis(1), Duration::from_millis(i32::MAX.unsigned_abs().into()))
    }

    /// Whether the connection must be encrypted: over a network, where the URL doesn't say how it wants it.
    pub fn must_encrypt(&self, host: &str) -> bool {
        let (_, query) = self.database.url.expose().split_once('?').unwrap_or_default();
        let says = |pair: &str| matches!(pair.split('=').next(), Some("sslmode" | "ssl-mode"));
        !is_this_machine(host) && !query.split('&').any(says)
    }

    pub fn name(&self) -> Name {
        self.database.name.clone()
    }

    pub fn refused(&self, why: impl Into<String>) -> SourceError {
        SourceError::Refused { database: self.name(), why: why.into() }
    }
}

/// Whether what is sent to `host` stays here: a Unix socket, or loopback.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    host.starts_with('/') || host.eq_ignore_ascii_case("localhost") || loopback()
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
    fn network_is_crossed_encrypted_unless_the_url_says_otherwise() {
        let check = |url: &str, host: &str, expected| assert_eq!(access(url).must_encrypt(host), expected, "{url}");
        check("postgres://ana@db.example.com/crm", "db.example.com", true);
        check("mysql://ana@10.0.0.5/crm?charset=utf8mb4", "10.0.0.5", true);
        check("mysql://ana@localhost.example.com/crm", "localhost.example.com", true);
        check("postgres://ana@db/crm?sslmode=disable", "db", false);
        check("mysql://ana@db/crm?charset=utf8mb4&ssl-mode=PREFERRED", "db", false);
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "::1", "::ffff:127.0.0.1", "/run/postgresql"] {
            check("postgres:///crm", host, false);
        }
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
