//! Mails over SMTP connections that are reused (RFC 5321).
//!
//! One recipient a mail. A connection whose dialogue is in doubt — an error, a deadline, a dropped future — is never used again:
//! nobody knows which answer comes next. After a clean refusal it goes on. The mail counts as taken only by a 250–259 in answer to
//! its own end. Deliberately absent: a pool, retries of what the server has seen.

mod connection;
mod probe;
mod tls;
mod wire;

pub use probe::probe;

use super::error::{Needs, Phase, SendError, shown};
use super::{Mail, Relay, Server, folder};
use connection::Connection;
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::MailParameter;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;
use wire::Failure;

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

/// A mail and the relay that is to take it.
struct Handover<'a> {
    relay: &'a Relay,
    mail: &'a Mail,
}

impl Handover<'_> {
    async fn run(
        &self,
        session: &mut Session,
        go: impl Future<Output = bool>,
        ended: &AtomicBool,
    ) -> Result<String, SendError> {
        let mut connection = self.addressed(session).await?;
        let outcome = match go.await {
            true => self.message(&mut connection, &session.deadlines, ended).await,
            false => Err(SendError::NotOurs),
        };
        session.keep(connection, outcome.as_ref().err()).await;
        outcome
    }

    /// A connection whose server has accepted the recipient.
    async fn addressed(&self, session: &mut Session) -> Result<Connection, SendError> {
        if let Some(mut connection) = session.connection.take()
            && connection.is_alive(&session.deadlines).await
        {
            match self.address(session, connection).await {
                // A server that has restarted, or takes so many mails a connection: not this mail's fault.
                Err(SendError::Server { .. } | SendError::Interrupted { .. }) => {}
                outcome => return outcome,
            }
        }
        let opened = Connection::open(self.relay, &session.deadlines, &mut session.trust).await;
        self.address(session, opened.map_err(|failure| self.unusable(failure))?).await
    }

    async fn address(&self, session: &mut Session, mut connection: Connection) -> Result<Connection, SendError> {
        match self.envelope(&mut connection, session.deadlines.command).await {
            Ok(()) => Ok(connection),
            Err(error) => {
                session.keep(connection, Some(&error)).await;
                Err(error)
            }
        }
    }

    async fn envelope(&self, connection: &mut Connection, deadline: Duration) -> Result<(), SendError> {
        let Connection { wire, offers, .. } = connection;
        let (from, to) = (&self.mail.from, &self.mail.to);
        let mut parameters = Vec::new();
        if let Some(largest) = offers.largest {
            if self.size() > largest {
                return Err(
                    self.too_large(&format!("it takes at most {largest} bytes, and the mail has {}", self.size()))
                );
            }
            parameters.push(MailParameter::Size(self.size()));
        }
        if ![from, to].iter().all(|address| address.to_string().is_ascii()) {
            if !offers.any_address {
                let why = "5.6.7 letters with accents in an address are not for this server (no SMTPUTF8)";
                return Err(self.refused(Phase::Recipient, Failure::Reply(553, why.to_owned())));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        // What is said to MAIL is about the server and the sender; the recipient's fault begins with RCPT.
        let answer = wire.ask(MailFrom::new(Some(from.clone()), parameters), 250..=259, deadline).await;
        answer.map_err(|failure| self.not_begun(failure))?;
        let answer = wire.ask(Rcpt::new(to.clone(), Vec::new()), 250..=259, deadline).await;
        answer.map(drop).map_err(|failure| self.refused(Phase::Recipient, failure))
    }

    async fn message(
        &self,
        connection: &mut Connection,
        deadlines: &Deadlines,
        ended: &AtomicBool,
    ) -> Result<String, SendError> {
        let wire = &mut connection.wire;
        let refused = |failure| self.refused(Phase::Message, failure);
        wire.ask(Data, 354..=354, deadlines.data).await.map_err(refused)?;
        wire.say([&self.mail.head, &self.mail.body], deadlines.block).await.map_err(refused)?;
        // From here on it may have arrived.
        ended.store(true, Ordering::Relaxed);
        let answer = match wire.end(deadlines.block).await {
            Ok(()) => wire.hear(250..=259, deadlines.end).await,
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(answer) => Ok(self.words(&format!("{} {}", answer.code(), wire::text(&answer)))),
            Err(Failure::Broken(why) | Failure::Unfit(why)) => {
                Err(SendError::Unknown { to: self.to(), server: self.relay.place(), why: self.words(&why) })
            }
            Err(reply) => Err(refused(reply)),
        }
    }

    fn unusable(&self, failure: Failure) -> SendError {
        unusable(self.relay, failure)
    }

    fn not_begun(&self, failure: Failure) -> SendError {
        match failure {
            Failure::Reply(code, reply) if code == 552 || is_size(&reply) => self.too_large(&format!("{code} {reply}")),
            failure => self.unusable(failure),
        }
    }

    fn refused(&self, phase: Phase, failure: Failure) -> SendError {
        let (to, server) = (self.to(), self.relay.place());
        match failure {
            // 421 closes the channel, 530 wants a login, whatever they answer (RFC 5321 §4.2.1, RFC 4954 §6).
            Failure::Reply(421 | 530, _) => self.unusable(failure),
            Failure::Reply(code, reply) if is_size(&reply) || code == 552 && phase == Phase::Message => {
                self.too_large(&format!("{code} {reply}"))
            }
            Failure::Reply(code, reply) => SendError::Refused { phase, to, server, code, reply: self.words(&reply) },
            Failure::Broken(why) | Failure::Unfit(why) => SendError::Interrupted { to, server, why: self.words(&why) },
        }
    }

    fn too_large(&self, why: &str) -> SendError {
        let (to, server) = (self.to(), self.relay.place());
        SendError::TooLarge { to, server, size: self.size(), why: self.words(why) }
    }

    fn size(&self) -> usize {
        self.mail.head.len() + self.mail.body.len()
    }

    fn to(&self) -> String {
        self.mail.to.to_string()
    }

    /// Fit to be shown.
    fn words(&self, text: &str) -> String {
        words(self.relay, text)
    }
}

/// `relay` can't be used now, whatever the mail.
fn unusable(relay: &Relay, failure: Failure) -> SendError {
    let (needs, why) = match failure {
        Failure::Reply(code, reply) if code < 500 => (Needs::Time, format!("{code} {reply}")),
        Failure::Reply(code, reply) => (Needs::Human, format!("{code} {reply}")),
        Failure::Broken(why) => (Needs::Time, why),
        Failure::Unfit(why) => (Needs::Human, why),
    };
    SendError::Server { server: relay.place(), needs, why: words(relay, &why) }
}

/// Fit to be shown.
fn words(relay: &Relay, text: &str) -> String {
    shown(&relay.concealed_in(text))
}

/// RFC 3463 §3.4: the message is too big for the system.
fn is_size(reply: &str) -> bool {
    reply.starts_with("5.3.4")
}

#[cfg(test)]
mod tests;
