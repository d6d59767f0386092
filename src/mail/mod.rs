//! A [`Letter`](crate::report::Letter) → a [`Mail`] → a mail server or a folder (edge: lettre).
//!
//! [`Body::new`] encodes a letter once for all its readers, [`compose`] adds the headers of one; neither looks at a clock or rolls
//! dice, so that a retry sends the same mail. A [`Session`] hands mails over, each for one recipient, and says what it knows when
//! one fails; when to try again is not decided here. Settings come in as plain values: a [`Server`] read from its URL, addresses
//! as texts. Deliberately absent: a queue, retries, a pool.

mod address;
mod atom;
mod body;
mod cid;
mod dns;
mod error;
mod field;
mod filename;
mod folder;
mod mime;
mod part;
mod server;
mod smtp;

pub use body::{Body, LARGEST};
pub use dns::{DnsError, Resolver};
pub use error::{Needs, Phase, SendError};
pub use mime::{Headers, Mail, MimeError, Unsubscribe, compose};
pub use server::{Auth, Relay, Security, Server, ServerError};
pub use smtp::{Deadlines, Session, probe};

use std::future::{pending, ready};
use std::sync::Arc;

/// Hands one mail over by a [`Session`] of its own: with `Ok` the server has taken responsibility for it and said so in these words,
/// or its file is complete: `written to PATH`.
///
/// # Errors
/// See [`SendError`]. A future that is dropped may leave the mail delivered or not.
pub async fn send(server: &Server, mail: &Mail) -> Result<String, SendError> {
    let mut session = Session::new(Arc::new(server.clone()));
    let sent = session.send(mail, ready(true), pending()).await;
    session.close().await;
    sent
}
