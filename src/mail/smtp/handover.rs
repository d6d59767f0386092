//! One mail on one connection, and what each answer says of it.
//!
//! MAIL is about the server and the sender, RCPT about the recipient, DATA and the end about the message; 421 is always the
//! server's own affair. Until the end has been written the mail is not delivered, whatever breaks.

use super::connection::Connection;
use super::wire::{self, Failure};
use super::{Deadlines, Session};
use crate::mail::error::{Needs, Phase, SendError, shown};
use crate::mail::{Mail, Relay};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::MailParameter;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A mail and the relay that is to take it.
pub(super) struct Handover<'a> {
    pub(super) relay: &'a Relay,
    pub(super) mail: &'a Mail,
}

impl Handover<'_> {
    pub(super) async fn run(
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
        self.address(session, opened.map_err(|failure| unusable(self.relay, failure))?).await
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

    /// The server can't be used, which it says to this mail.
    fn given_up(&self, failure: Failure) -> SendError {
        let (needs, why) = told(self.relay, failure);
        SendError::Server { server: self.relay.place(), needs, why, midway: true }
    }

    fn not_begun(&self, failure: Failure) -> SendError {
        match failure {
            Failure::Reply(code, reply) if code == 552 || is_size(&reply) => self.too_large(&format!("{code} {reply}")),
            failure => self.given_up(failure),
        }
    }

    fn refused(&self, phase: Phase, failure: Failure) -> SendError {
        let (to, server) = (self.to(), self.relay.place());
        match failure {
            // 421 closes the channel, 530 wants a login, whatever they answer (RFC 5321 §4.2.1, RFC 4954 §6).
            Failure::Reply(421 | 530, _) => self.given_up(failure),
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
pub(super) fn unusable(relay: &Relay, failure: Failure) -> SendError {
    let (needs, why) = told(relay, failure);
    SendError::Server { server: relay.place(), needs, why, midway: false }
}

fn told(relay: &Relay, failure: Failure) -> (Needs, String) {
    let (needs, why) = match failure {
        Failure::Reply(code, reply) if code < 500 => (Needs::Time, format!("{code} {reply}")),
        Failure::Reply(code, reply) => (Needs::Human, format!("{code} {reply}")),
        Failure::Broken(why) => (Needs::Time, why),
        Failure::Unfit(why) => (Needs::Human, why),
    };
    (needs, words(relay, &why))
}

fn words(relay: &Relay, text: &str) -> String {
    shown(&relay.concealed_in(text))
}

/// RFC 3463 §3.4: the message is too big for the system.
fn is_size(reply: &str) -> bool {
    reply.starts_with("5.3.4")
}
