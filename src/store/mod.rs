//! Runs, deliveries and what was measured, kept on SQLite or PostgreSQL (edge: sqlx).
//!
//! [`Store`] is the whole surface; each method is one transaction that leaves the store in a state from which any node can go on. What
//! must not happen twice is kept from it by keys (`slot_key`, one running run a report, one delivery a recipient and revision), and who
//! writes says its [`Claim`](crate::outbox::Claim). SQL is one dialect for both databases (`db`); they differ where they are opened.
//! Deliberately absent: clocks (`now` comes in; leases on PostgreSQL go by the server's), retries, and what the states mean (`outbox`).

mod db;

use db::Db;

/// The store of an installation; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
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
}

impl StoreError {
    fn database(error: sqlx::Error) -> StoreError {
        StoreError::Database(error.to_string())
    }
}
