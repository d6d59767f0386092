//! What the daemon owes and how far it has come: runs of reports and their deliveries (pure).
//!
//! A schedule and a cursor give the runs that are due ([`plan`]); a run gives one [`Delivery`] a recipient; what a mail server answers
//! decides what becomes of it ([`retry`]). The states and the arrows between them are here, the rows in `store`, the work in `daemon`.
//!
//! Runs: due → running → rendered → delivered | partly | failed, beside skipped and poisoned. Deliveries: queued → sending → sent |
//! bounced | expired | cancelled | held, and back to queued. Whoever works on a row holds a [`Claim`] on it: a claim that was lost can't
//! write any more, so that two workers never both settle one row. Deliberately absent: clocks, chance and SQL.

mod delivery;
mod identity;
mod plan;
mod retry;
mod run;

pub use delivery::{Artifact, Delivery, DeliveryState, Recipient, Sender, recipient_key};
pub use identity::{InstallId, slot_key};
pub use plan::{Cursor, Planned, Skipped, expires, is_too_late, plan};
pub use retry::{Attempt, Next, OnUnknown, Trouble, next};
pub use run::{Kind, Run, RunState};

/// Work in hand: the row and the fencing token. Every write says both; one that finds no row comes too late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Of the run or delivery.
    pub id: String,
    /// The node, a new random name each time the program starts.
    pub owner: String,
    /// Grows by one with each claim of the row.
    pub epoch: i64,
}

/// How long a claim holds without a heartbeat.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(60);

/// A mail may go out only with that much of the lease left.
pub const LAST_LOOK: std::time::Duration = std::time::Duration::from_secs(20);
