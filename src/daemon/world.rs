//! What a node of the daemon touches beside its store.
//!
//! The steps of `planner`, `producer` and `courier` are written against [`World`]; the program gives them the real one, and the
//! simulation one whose clock, sources and mail server fail when a seed says so.

use crate::mail::{Mail, SendError};
use crate::outbox::{Artifact, OnUnknown, Recipient, Run};
use crate::pipeline::Pressed;
use crate::render::Event;
use crate::store::Told;
use crate::text::Name;
use jiff::Timestamp;
use jiff::civil::Date;
use std::time::Duration;

/// A moment between two steps at which a process may die or stop for a while; tests make it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Fire times are known, their rows not yet stored.
    Planning,
    /// The rows are stored.
    Planned,
    /// A run was claimed.
    Begun,
    /// Its letters are rendered, not yet stored.
    Pressed,
    /// Its letters and deliveries are stored.
    Rendered,
    /// Deliveries were claimed, the server knows nothing of them.
    Taken,
    /// The last look at the lease went well, the message goes out next.
    Looked,
    /// The server took the mail, the store doesn't know.
    Accepted,
    /// The result is stored.
    Settled,
}

/// A run, made.
#[derive(Debug)]
pub struct Making {
    pub pressed: Pressed,
    /// What could not be read: source and reason.
    pub failed: Vec<(Name, String)>,
    /// Whether some of that may well answer a little later.
    pub may_pass: bool,
    pub hold: Option<Hold>,
}

/// Sources whose data is too old and may be waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    pub until: Timestamp,
    /// With the day of their newest data.
    pub sources: Vec<(Name, Option<Date>)>,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// It will fail again: the report is gone, a template is wrong.
    #[error("{0}")]
    Never(String),
    /// It comes too late for the report's readers, as its policy says.
    #[error("{0}")]
    Late(String),
    /// Something gave way that should not.
    #[error("{0}")]
    Broken(String),
}

/// The clock, the sources, the mail server and the administrator.
pub trait World: Send + Sync + 'static {
    /// A connection to the mail server.
    type Session: Send;

    fn now(&self) -> Timestamp;

    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// The name that a report has now, and its former one.
    fn names(&self, report: &Name) -> (Name, Option<Name>);

    /// Measures and renders `run`, after the editions `told`.
    fn make(&self, run: &Run, told: Vec<Told>) -> impl Future<Output = Result<Making, MakeError>> + Send;

    /// A connection that is opened when it is first needed.
    fn session(&self) -> Self::Session;

    /// Hands `mail` over, see [`mail::Session::send`](crate::mail::Session::send).
    fn send(
        &self,
        session: &mut Self::Session,
        mail: &Mail,
        go: impl Future<Output = bool> + Send,
        lost: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Result<String, SendError>> + Send;

    /// The mail server, for messages.
    fn relay(&self) -> String;

    fn on_unknown(&self) -> OnUnknown;

    /// `event` as a letter to the administrator, and where that goes; `None` when the installation names none.
    fn letter(&self, event: Event) -> Option<(Artifact, Vec<Recipient>)>;

    fn reached(&self, point: Point) -> impl Future<Output = ()> + Send;
}
