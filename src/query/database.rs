//! A database as the YAML declares it.

use crate::secret::Secret;
use crate::text::Name;
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
