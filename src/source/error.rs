//! Why a source could not be read, in words fit for a reader.
//!
//! A server's own text passes through [`redacted`] first: it may quote rows, and a driver's text may quote the URL.
//! Nothing here holds a driver's error, so no later message can leak one.

use super::access::Access;
use crate::query::{BadAnswer, Engine};
use crate::text::{Name, harmless};
use std::time::Duration;

/// How long a query waits for a lock of somebody else, and SQLite for a writer.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How long a connection may take to open.
pub(super) const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// Why a database or one source of it gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("connect to database `{database}`: {why}")]
    Connect { database: Name, why: String, transient: bool },
    #[error("the connection to database `{database}` broke off")]
    Broken { database: Name },
    #[error("a table of database `{database}` stayed locked by another program for {LOCK_WAIT:?}")]
    Locked { database: Name },
    #[error("the query took longer than the {limit:?} that database `{database}` allows")]
    TooSlow { database: Name, limit: Duration },
    #[error("the query gave more than {max} rows: group them in SQL, or raise max_rows of database `{database}`")]
    TooManyRows { database: Name, max: usize },
    #[error("the query gave more than 16 MiB of data, or a text of more than 1 MiB: select fewer or shorter columns")]
    TooMuchData,
    #[error("database `{database}` refused the query: {why}")]
    Refused { database: Name, why: String },
    #[error("database `{database}`: {why}; or accept it with `allow_privileged: true`")]
    Privileged { database: Name, why: String },
    /// The answer is not what the source declares, or a cell is not what its column should hold.
    #[error("{0}")]
    Answer(String),
    #[error("source `{name}`: {error}")]
    Source { name: Name, error: Box<SourceError> },
}

impl From<BadAnswer> for SourceError {
    fn from(bad: BadAnswer) -> SourceError {
        SourceError::Answer(bad.0)
    }
}

impl SourceError {
    /// Whether the same question may well be answered a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            SourceError::Connect { transient, .. } => *transient,
            SourceError::Broken { .. } | SourceError::Locked { .. } => true,
            SourceError::Source { error, .. } => error.is_transient(),
            _ => false,
        }
    }

    /// The same error, naming the source.
    pub(super) fn of(self, name: &Name) -> SourceError {
        SourceError::Source { name: name.clone(), error: Box::new(self) }
    }
}

/// What an engine's code says about an error of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The session is gone: killed, or the server stops.
    Broken,
    /// The server has no room now: too many connections, starting up.
    Busy,
    Locked,
    TooSlow,
    TooBig,
    /// The server's text may quote rows.
    Data,
    Other,
}

/// `error` in our words; `kind` reads the engine's codes.
pub(super) fn explain(
    access: &Access,
    error: &sqlx::Error,
    kind: fn(&dyn sqlx::error::DatabaseError) -> Kind,
) -> SourceError {
    let database = access.database.name.clone();
    let Some(refusal) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                SourceError::Broken { database }
            }
            other => SourceError::Refused { database, why: redacted(access, &other.to_string(), false) },
        };
    };
    match kind(refusal) {
        Kind::Broken | Kind::Busy => SourceError::Broken { database },
        Kind::Locked => SourceError::Locked { database },
        Kind::TooSlow => SourceError::TooSlow { database, limit: access.database.timeout },
        Kind::TooBig => SourceError::TooMuchData,
        Kind::Data => SourceError::Refused { database, why: redacted(access, refusal.message(), true) },
        Kind::Other => SourceError::Refused { database, why: redacted(access, refusal.message(), false) },
    }
}

/// `error` of opening a connection, its cause named.
pub(super) fn explain_connect(
    access: &Access,
    error: &sqlx::Error,
    kind: fn(&dyn sqlx::error::DatabaseError) -> Kind,
) -> SourceError {
    let (why, transient) = match error {
        sqlx::Error::Io(error) => (io_cause(error), true),
        // A proxy or balancer whose server is down accepts and hangs up.
        sqlx::Error::Protocol(_) => ("what answers there is no database server, or none just now".to_owned(), true),
        sqlx::Error::Database(refusal) => {
            let why = redacted(access, refusal.message(), false);
            (why, matches!(kind(refusal.as_ref()), Kind::Broken | Kind::Busy | Kind::Locked))
        }
        sqlx::Error::Tls(cause) => (tls_cause(access, &cause.to_string()), false),
        sqlx::Error::Configuration(_) => ("its url can't be read".to_owned(), false),
        other => (redacted(access, &other.to_string(), false), false),
    };
    SourceError::Connect { database: access.database.name.clone(), why, transient }
}

fn tls_cause(access: &Access, cause: &str) -> String {
    if cause != "server does not support TLS" {
        return format!("its TLS can't be trusted: {}", redacted(access, cause, false));
    }
    let mark = if access.database.url.expose().contains('?') { '&' } else { '?' };
    let off = match access.database.engine {
        Engine::Mysql => "ssl-mode=disabled",
        Engine::Postgres | Engine::Sqlite => "sslmode=disable",
    };
    format!(
        "its server offers no TLS, without which everybody on the network could read what is sent: turn TLS on there, \
         or accept that by ending the url with {mark}{off}"
    )
}

fn io_cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    if text.contains("lookup address") {
        return "unknown host".to_owned();
    }
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// `text` without password and URL; with `quotes` also without what stands in quotes, where a server repeats row data.
fn redacted(access: &Access, text: &str, quotes: bool) -> String {
    let mut clean = access.database.url.concealed_in(text);
    if quotes {
        clean = without_quoted(&clean);
    }
    let first_line = clean.lines().next().unwrap_or_default();
    harmless(first_line.chars().take(300).collect::<String>().into())
}

/// From the first quote to the last: a quoted value may itself hold quotes.
fn without_quoted(text: &str) -> String {
    let quote = |c: char| c == '"' || c == '\'';
    match (text.find(quote), text.rfind(quote)) {
        (Some(first), Some(last)) if first < last => format!("{}…{}", &text[..first], &text[last + 1..]),
        (Some(first), _) => format!("{}…", &text[..first]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::access::tests::access;

    #[test]
    fn text_of_a_server_loses_password_url_and_rows() {
        let access = access("postgres://ana:s3cr3t@db.example.com/crm");
        let check = |text: &str, quotes, expected: &str| assert_eq!(redacted(&access, text, quotes), expected);
        check("column \"day\" does not exist", false, "column \"day\" does not exist");
        check("invalid integer: \"ana \"x\" ruiz\" here", true, "invalid integer: … here");
        check("open 'unfinished", true, "open …");
        check("no s3cr3t at postgres://ana:s3cr3t@db.example.com/crm", false, "no *** at ***");
        check("first\nDETAIL: row (1, ana)", false, "first");
    }

    #[test]
    fn only_what_may_pass_is_transient() {
        let database: Name = "crm".into();
        let check = |error: SourceError, expected| assert_eq!(error.is_transient(), expected, "{error}");
        check(SourceError::Broken { database: database.clone() }, true);
        check(SourceError::Locked { database: database.clone() }.of(&"leads".into()), true);
        check(SourceError::TooSlow { database: database.clone(), limit: LOCK_WAIT }, false);
        check(SourceError::Connect { database, why: "password".into(), transient: false }, false);
    }
}
