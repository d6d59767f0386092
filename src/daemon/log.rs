//! What the daemon says while it works: one event a line on stderr, as text for people or JSON for programs.
//!
//! An event's texts may come from anywhere: a mail server's reply, a name in the YAML, a database's error. None of them can begin a line
//! of its own, command a terminal or fill the disk: control characters, and those that break a line or turn its direction, are escaped, and
//! what is longer than 4 KiB is cut. Addresses of readers stand there as [`who`]. Deliberately absent: files and their rotation, which
//! systemd or the container has, and spans: an event says itself what it is about.

mod value;
mod write;

use crate::outbox::{InstallId, recipient_key};
use std::fmt;
use std::io::{IsTerminal, stderr};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Registry};
use write::{Lines, Style};

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("KPID_LOG is `{0}`: write a level (`debug`), or levels of parts (`warn,kpid::daemon=debug`): {1}")]
    Filter(String, ParseError),
    #[error("KPID_LOG is `{0}`, which is no level: write error, warn, info, debug or trace")]
    Level(String),
    #[error(transparent)]
    Twice(#[from] TryInitError),
}

/// Begins to write the events of the whole program to stderr. `wanted` is the value of `KPID_LOG`: a level for kpid, or directives as
/// tracing's `EnvFilter` reads them; `info` by default. Other crates are heard from `warn` on unless a directive says otherwise.
///
/// # Errors
/// `wanted` can't be read, or the program has a log already.
pub fn start(format: Format, wanted: Option<&str>) -> Result<(), LogError> {
    let style = match format {
        Format::Json => Style::Json,
        Format::Text if is_journal() => Style::Journal,
        Format::Text => Style::Text { colour: stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() },
    };
    Registry::default().with(filter(wanted)?).with(Lines::new(style, stderr)).try_init()?;
    // The usual report of a panic is several lines, and as hostile as what it quotes.
    std::panic::set_hook(Box::new(|panic| tracing::error!("a fault of kpid's: {panic}")));
    Ok(())
}

fn filter(wanted: Option<&str>) -> Result<EnvFilter, LogError> {
    let wanted = wanted.map(str::trim).filter(|wanted| !wanted.is_empty()).unwrap_or("info");
    let directives = match wanted.parse::<LevelFilter>() {
        Ok(level) => format!("warn,kpid={level}"),
        // One word alone would be taken for a part of the program, and silence the rest.
        Err(_) if wanted.chars().all(|c| c.is_alphanumeric()) => {
            return Err(LogError::Level(wanted.to_owned()));
        }
        Err(_) => format!("warn,{wanted}"),
    };
    EnvFilter::builder().parse(directives).map_err(|error| LogError::Filter(wanted.to_owned(), error))
}

/// Whether stderr is systemd's journal, which notes the time itself: `JOURNAL_STREAM` names the device and inode of it. A child whose stderr
/// leads elsewhere inherits the variable alone.
fn is_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").ok();
    let about = rustix::fs::fstat(stderr()).ok();
    stream.zip(about).is_some_and(|(stream, about)| stream == format!("{}:{}", about.st_dev, about.st_ino))
}

/// A reader in a log: the same for the same address of one installation, and no address to anybody who doesn't know the installation's
/// key: `rcpt:1a2b3c4d`.
pub fn who(install: &InstallId, address: &str) -> impl fmt::Display + use<> {
    let [a, b, c, d, ..] = install.sign(&["log", &recipient_key(address)]);
    Who(u32::from_be_bytes([a, b, c, d]))
}

struct Who(u32);

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rcpt:{:08x}", self.0)
    }
}

#[cfg(test)]
mod tests;
