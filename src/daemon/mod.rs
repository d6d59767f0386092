//! The service: what is due is planned, made and mailed, whatever dies on the way.
//!
//! ```text
//! ticks ─► planner ─► store ─► producers ─► store ─► couriers ─► mail server
//!            ▲                     ▲                      │
//!   reload ──┴── Installation ─────┘                      └─► store
//! ```
//! [`Node`](node::Node) holds the steps: what each does between two commits. `work` repeats them, `service` starts and stops it all.
//! Every step takes what it needs from the store and leaves there what came of it, so that another process can go on from any line of it.
//! tokio-cron-scheduler only wakes the loops (`tick`); when a report is due the planner decides, from wall clock, cursor and schedule.
//! Deliberately absent: memory of anything that matters, and a leader: nodes that share a store need none.

mod courier;
mod failpoint;
mod hand;
pub mod installation;
pub mod log;
mod node;
mod outside;
mod planner;
mod producer;
mod pulse;
mod relay;
pub mod reload;
mod service;
#[cfg(test)]
mod simulation;
mod tick;
mod work;
mod world;

pub use service::{ServiceError, serve};
pub use work::warn_of;
