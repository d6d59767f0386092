//! A database as the YAML declares it.

use crate::secret::Secret;
use crate::text::Name;
use core::net::IpAddr;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A database that sources read.
#[derive(Debug, Clone)]
pub struct Database {
    pub name: Name,
    /// `sqlite://path`, `postgres://…` or `mysql://…` (also MariaDB). May hold a password.
    pub url: Secret,
    pub engine: Engine,
    /// How long one query may run; the server itself stops it.
    pub timeout: Duration,
    /// How many queries may run at once, at least 1.
    pub connections: u32,
    /// How many rows one query may return.
    pub max_rows: usize,
    /// The zone of its timestamps without zone; the report's own when absent.
    pub time_zone: Option<TimeZone>,
    /// Whether a role that has power over its whole server is accepted.
    pub allow_privileged: bool,
}

impl Database {
    /// The zone of its timestamps without zone, when `report` is the report's.
    pub fn zone<'a>(&'a self, report: &'a TimeZone) -> &'a TimeZone {
        self.time_zone.as_ref().unwrap_or(report)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    Sqlite,
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl Engine {
    /// The engine a URL's scheme names: `sqlite`, `postgres`, `postgresql`, `mysql` or `mariadb`.
    pub fn of_url(url: &str) -> Option<Engine> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Engine::Sqlite),
            "postgres" | "postgresql" => Some(Engine::Postgres),
            "mysql" | "mariadb" => Some(Engine::Mysql),
            _ => None,
        }
    }
}

/// Whether a connection to `host` by `url` must be encrypted: over a network, where the URL doesn't say how it wants it.
pub fn must_encrypt(url: &Secret, host: &str) -> bool {
    let (_, query) = url.expose().split_once('?').unwrap_or_default();
    let says = |pair: &str| matches!(pair.split('=').next(), Some("sslmode" | "ssl-mode"));
    !is_this_machine(host) && !query.split('&').any(says)
}

/// Whether what is sent to `host` stays here: a Unix socket, or loopback.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    host.starts_with('/') || host.eq_ignore_ascii_case("localhost") || loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_is_crossed_encrypted_unless_the_url_says_otherwise() {
        let check =
            |url: &str, host: &str, expected| assert_eq!(must_encrypt(&Secret::new(url), host), expected, "{url}");
        check("postgres://ana@db.example.com/crm", "db.example.com", true);
        check("mysql://ana@10.0.0.5/crm?charset=utf8mb4", "10.0.0.5", true);
        check("mysql://ana@localhost.example.com/crm", "localhost.example.com", true);
        check("postgres://ana@db/crm?sslmode=disable", "db", false);
        check("mysql://ana@db/crm?charset=utf8mb4&ssl-mode=PREFERRED", "db", false);
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "::1", "::ffff:127.0.0.1", "/run/postgresql"] {
            check("postgres:///crm", host, false);
        }
    }
}
