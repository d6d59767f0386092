//! Mails over SMTP connections that are reused (RFC 5321).
//!
//! One recipient a mail. A connection whose dialogue is in doubt — an error, a deadline, a dropped future — is never used again:
//! nobody knows which answer comes next. After a clean refusal it goes on. The mail counts as taken only by a 250–259 in answer to
//! its own end. Deliberately absent: a pool, retries of what the server has seen.

mod connection;
mod handover;
mod probe;
mod tls;
mod wire;

pub use probe::probe;

use super::{Mail, SendError, Server, folder};
use connection::Connection;
use handover::Handover;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;

/// How long a step may take; the defaults are those of RFC 5321 §4.5.3.2.
#[derive(Debug, Clone)]
pub struct Deadlines {
    /// Each address of the server, and finding them.
    pub connect: Duration,
    /// Greeting, TLS, EHLO, AUTH, MAIL and RCPT, each.
    pub command: Duration,
    pub data: Duration,
    /// Each piece of the message.
    pub block: Duration,
    /// The answer to the message's end. A shorter one makes duplicates (RFC 1047).
    pub end: Duration,
    /// A connection that was not used for longer is probed first.
    pub idle: Duration,
    /// The answer to that probe.
    pub probe: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Deadlines {
            connect: Duration::from_secs(30),
            command: Duration::from_secs(5 * 60),
            data: Duration::from_secs(2 * 60),
            block: Duration::from_secs(3 * 60),
            end: Duration::from_secs(10 * 60),
            idle: Duration::from_secs(10),
            probe: Duration::from_secs(10),
        }
    }
}

/// A way to a [`Server`] for one mail after the other: for a relay a connection, opened when first needed and kept.
pub struct Session {
    server: Arc<Server>,
    deadlines: Deadlines,
    connection: Option<Connection>,
    trust: Option<Arc<ClientConfig>>,
}

impl Session {
    pub fn new(server: Arc<Server>) -> Session {
        Session::with_deadlines(server, Deadlines::default())
    }

    pub fn with_deadlines(server: Arc<Server>, deadlines: Deadlines) -> Session {
        Session { server, deadlines, connection: None, trust: None }
    }

    /// Hands `mail` over. With `Ok` the server has taken responsibility for it and said so in these words; or its file is complete.
    ///
    /// `go` is awaited once, after the recipient was accepted and before the message: false keeps it from being sent. When `lost`
    /// resolves before the end of the message was sent, it is not sent; later it changes nothing. A future that is dropped may
    /// leave the mail delivered or not.
    ///
    /// # Errors
    /// See [`SendError`]. A connection that turns out to be stale is none: it is replaced, once.
    pub async fn send(
        &mut self,
        mail: &Mail,
        go: impl Future<Output = bool> + Send,
        lost: impl Future<Output = ()> + Send,
    ) -> Result<String, SendError> {
        let ended = AtomicBool::new(false);
        let lost = async {
            lost.await;
            if ended.load(Ordering::Relaxed) {
                pending::<()>().await;
            }
        };
        let server = self.server.clone();
        let handed_over = async {
            match &*server {
                Server::Folder(folder) => match go.await {
                    true => folder::write(folder, mail).await,
                    false => Err(SendError::NotOurs),
                },
                Server::Smtp(relay) => Handover { relay, mail }.run(self, go, &ended).await,
            }
        };
        tokio::select! {
            biased;
            () = lost => Err(SendError::NotOurs),
            outcome = handed_over => outcome,
        }
    }

    /// Keeps a connection on which nothing is in doubt, ready for the next mail.
    async fn keep(&mut self, mut connection: Connection, error: Option<&SendError>) {
        let goes_on = match error {
            None => true,
            Some(SendError::Refused { .. } | SendError::TooLarge { .. } | SendError::NotOurs) => {
                connection.is_reset(&self.deadlines).await
            }
            Some(_) => false,
        };
        if goes_on {
            connection.used = Instant::now();
            self.connection = Some(connection);
        }
    }

    /// Says goodbye, for a second at most.
    pub async fn close(self) {
        if let Some(connection) = self.connection {
            connection.close().await;
        }
    }
}

#[cfg(test)]
mod tests;
