//! A [`Letter`](crate::report::Letter) → a [`Mail`] → a mail server or a folder (edge: lettre).
//!
//! [`Body::new`] encodes a letter once for all its readers, [`compose`] adds the headers of one; neither looks at a clock or rolls
//! dice, so that a retry sends the same mail. [`send`] hands one over for one recipient and says what it knows when it fails; when
//! to try again is not decided here. Settings come in as plain values: a [`Server`] read from its URL, addresses as texts.
//! Deliberately absent: a queue, retries, pooled connections.

mod address;
mod atom;
mod body;
mod cid;
mod field;
mod filename;
mod folder;
mod mime;
mod part;
mod server;
mod smtp;

pub use body::{Body, LARGEST};
pub use mime::{Headers, Mail, MimeError, Unsubscribe, compose};
pub use server::{Relay, Security, Server, ServerError};

use std::path::PathBuf;

/// Why a mail was not handed over, by what may be done about it.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The server can't be used now, whatever the mail: unreachable, no TLS, login or sender refused, 421. Nothing was sent.
    #[error("mail server {server}: {why}")]
    Server { server: String, why: String },
    /// The server refused this recipient or this message with a 4xx (may pass later) or 5xx (never will) code.
    #[error("mail to {to} refused by {server}: {code} {reply}")]
    Refused { to: String, server: String, code: u16, reply: String },
    /// The dialogue broke off before the message's end: not delivered.
    #[error("mail to {to} through {server}: {why}")]
    Interrupted { to: String, server: String, why: String },
    /// The message's end was sent and no clear answer came: perhaps delivered.
    #[error("mail to {to} through {server}: sent, but {why}; it may have arrived")]
    Unknown { to: String, server: String, why: String },
    #[error("write mail to {}: {why}", path.display())]
    Folder { path: PathBuf, why: std::io::Error },
}

impl SendError {
    /// Whether the same mail would be refused again.
    pub fn is_permanent(&self) -> bool {
        matches!(self, SendError::Refused { code, .. } if *code >= 500)
    }
}

/// Hands `mail` over: with `Ok` the server has taken responsibility for it, or its file is complete.
///
/// # Errors
/// See [`SendError`]. A future that is dropped may leave the mail delivered or not.
pub async fn send(server: &Server, mail: &Mail) -> Result<(), SendError> {
    match server {
        Server::Folder(folder) => folder::write(folder, mail).await,
        Server::Smtp(relay) => smtp::send(relay, mail).await,
    }
}
