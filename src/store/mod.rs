//! Runs, deliveries and what was measured, kept on SQLite or PostgreSQL (edge: sqlx).
//!
//! [`Store`] is the whole surface; each method is one transaction that leaves the store in a state from which any node can go on. What
//! must not happen twice is kept from it by keys (`slot_key`, one running run a report, one delivery a recipient and revision), and who
//! writes says its [`Claim`](crate::outbox::Claim). SQL is one dialect for both databases (`db`); they differ where they are opened.
//! Deliberately absent: clocks (`now` comes in; leases on PostgreSQL go by the server's), retries, and what the states mean (`outbox`).

mod db;
mod deliveries;
mod desk;
mod edition;
mod event;
mod figures;
mod file;
mod forget;
mod history;
mod listing;
#[cfg(test)]
pub(crate) mod mutant;
mod nodes;
mod open;
mod plan;
mod prune;
mod readers;
mod resend;
#[cfg(test)]
pub(crate) mod rig;
mod runs;
mod schema;
mod value;

pub use deliveries::Settled;
pub use edition::{Edition, Kept};
pub use figures::{LastRun, ReportStats, Stats};
pub use forget::Forgotten;
pub use history::Told;
pub use listing::{DeliveryFilter, Event, EventFilter, ListedDelivery, ListedRun, RunFilter, Skip, Suppression};
pub use nodes::{Held, Node};
pub use open::Role;
pub use prune::{Keep, Pruned};
pub use resend::Resend;

use crate::outbox::{InstallId, LEASE};
use db::Db;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The store of an installation; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    install: InstallId,
    /// Where the file is, of one on SQLite.
    folder: Option<PathBuf>,
    /// Held by the one daemon of a SQLite store until its last clone is gone.
    _lock: Option<Arc<File>>,
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be used as it is; the text says what to do.
    #[error("{0}")]
    Refused(String),
    /// It may work later: unreachable, full, locked, or in the wrong hands.
    #[error("store: {0}")]
    Database(String),
    /// What is on disk is no store any more.
    #[error("store: damaged: {0}; stop kpid and restore a backup")]
    Damaged(String),
    /// Another was first to take what only one may have.
    #[error("store: another node was faster")]
    Taken,
}

/// Every write by a worker says so; `$1` is the row.
const FENCE: &str = "owner = $2 AND epoch = $3";

const LEASE_MS: i64 = LEASE.as_millis() as i64;

impl Store {
    /// What names runs and mails, made when the store was.
    pub fn install(&self) -> &InstallId {
        &self.install
    }
}

impl Store {
    /// Where the store's file lies and how many bytes may still be written there; `None` for one on a server.
    pub fn room(&self) -> Option<(&Path, u64)> {
        let folder = self.folder.as_deref()?;
        let found = rustix::fs::statvfs(folder).ok()?;
        Some((folder, found.f_bavail.saturating_mul(found.f_frsize)))
    }
}

impl StoreError {
    fn database(error: sqlx::Error) -> StoreError {
        open::explain(&error)
    }

    /// A word or number that this version doesn't know.
    fn unknown(what: &str, value: &str) -> StoreError {
        StoreError::Database(format!("`{value}` is no {what}: it was written by a newer version, or by hand"))
    }
}
