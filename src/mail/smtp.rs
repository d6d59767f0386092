//! One mail over one SMTP connection (RFC 5321).
//!
//! The socket is ours, without Nagle's delay, which costs 40 ms a mail; every step has a deadline of its own. A connection is used for
//! one dialogue and never again: after a timeout or an error nobody knows which answer comes next. The mail counts as taken only
//! by a 250–259 in answer to the final dot. TLS from the first byte is lettre's own socket, which can't be had without delay.

use super::{Mail, Relay, Security, SendError};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, response::Response};
use std::error::Error;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a step may take, RFC 5321 §4.5.3.2.
struct Deadlines {
    /// Each address of the server, TCP only.
    connect: Duration,
    /// Greeting, EHLO, TLS, AUTH, MAIL and RCPT, each.
    command: Duration,
    data: Duration,
    /// The message and the answer to its end.
    end: Duration,
}

const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(30),
    command: Duration::from_secs(5 * 60),
    data: Duration::from_secs(2 * 60),
    end: Duration::from_secs(10 * 60),
};

pub(super) async fn send(relay: &Relay, mail: &Mail) -> Result<(), SendError> {
    Dialogue { relay, mail, deadlines: &DEADLINES }.run().await
}

struct Dialogue<'a> {
    relay: &'a Relay,
    mail: &'a Mail,
    deadlines: &'a Deadlines,
}

/// What is known about a step that did not succeed.
enum Failure {
    /// The server said so.
    Reply(u16, String),
    /// No answer, or none that can be understood.
    Broken(String),
}

impl Dialogue<'_> {
    async fn run(&self) -> Result<(), SendError> {
        let command = self.deadlines.command;
        let mut connection = self.open().await?;
        // Answers to MAIL are about the server and the sender; the recipient's fault begins with RCPT.
        let mail_from = MailFrom::new(Some(self.mail.from.clone()), Vec::new());
        let answer = step(command, connection.command(mail_from)).await.and_then(|answer| expect(answer, 250..=259));
        answer.map_err(|failure| self.server(failure))?;
        let rcpt = Rcpt::new(self.mail.to.clone(), Vec::new());
        let answer = step(command, connection.command(rcpt)).await.and_then(|answer| expect(answer, 250..=259));
        answer.map_err(|failure| self.interrupted(failure))?;
        let answer = step(self.deadlines.data, connection.command(Data)).await;
        answer.and_then(|answer| expect(answer, 354..=354)).map_err(|failure| self.interrupted(failure))?;
        self.message(&mut connection).await?;
        // The mail is delivered whatever becomes of the goodbye.
        _ = timeout(Duration::from_secs(1), connection.quit()).await;
        Ok(())
    }

    /// Connected, protected as the settings want, and logged in.
    async fn open(&self) -> Result<AsyncSmtpConnection, SendError> {
        let (relay, command) = (self.relay, self.deadlines.command);
        let hello = ClientId::default();
        let opened = async {
            let tls = || TlsParameters::new(relay.host.clone()).map_err(|error| Failure::Broken(cause(&error)));
            let mut connection = match relay.security {
                Security::Tls => {
                    let place = (&*relay.host, relay.port);
                    let connect = Some(self.deadlines.connect);
                    step(command, AsyncSmtpConnection::connect_tokio1(place, connect, &hello, Some(tls()?), None))
                        .await?
                }
                Security::Plain | Security::StartTls => {
                    let socket = Box::new(self.socket().await?);
                    step(command, AsyncSmtpConnection::connect_with_transport(socket, &hello)).await?
                }
            };
            if relay.security == Security::StartTls {
                if !connection.can_starttls() {
                    let why =
                        "it offers no STARTTLS, so nothing was sent; use smtps:// or, on a trusted network, ?tls=off";
                    return Err(Failure::Broken(why.to_owned()));
                }
                step(command, connection.starttls(tls()?, &hello)).await?;
            }
            if let Some((user, password)) = &relay.login {
                let credentials = Credentials::new(user.clone(), password.expose().to_owned());
                let mechanisms = [Mechanism::Plain, Mechanism::Login];
                step(command, connection.auth(&mechanisms, &credentials)).await?;
            }
            Ok(connection)
        };
        opened.await.map_err(|failure| self.server(failure))
    }

    /// The first address of the server that answers.
    async fn socket(&self) -> Result<TcpStream, Failure> {
        let place = (&*self.relay.host, self.relay.port);
        let addresses = tokio::net::lookup_host(place).await.map_err(|error| Failure::Broken(error.to_string()))?;
        let mut failure = Failure::Broken("its name has no address".to_owned());
        for address in addresses {
            let connected = timeout(self.deadlines.connect, TcpStream::connect(address)).await;
            match connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())) {
                Ok(socket) => {
                    socket.set_nodelay(true).map_err(|error| Failure::Broken(error.to_string()))?;
                    return Ok(socket);
                }
                Err(error) => failure = Failure::Broken(error.to_string()),
            }
        }
        Err(failure)
    }

    async fn message(&self, connection: &mut AsyncSmtpConnection) -> Result<(), SendError> {
        // The end of the parts is asked for when all is written and right before the dot is: from then on it may have arrived.
        let ended = AtomicBool::new(false);
        let end = std::iter::from_fn(|| {
            ended.store(true, Ordering::Relaxed);
            None
        });
        let parts = [&*self.mail.head, &*self.mail.body].into_iter().chain(end);
        let answer = step(self.deadlines.end, connection.message_iter(parts)).await;
        match answer.and_then(|answer| expect(answer, 250..=259)) {
            Ok(()) => Ok(()),
            Err(Failure::Broken(why)) if ended.load(Ordering::Relaxed) => {
                Err(SendError::Unknown { to: self.mail.to.to_string(), server: self.relay.place(), why })
            }
            Err(failure) => Err(self.interrupted(failure)),
        }
    }

    fn server(&self, failure: Failure) -> SendError {
        let why = match failure {
            Failure::Reply(code, reply) => format!("{code} {reply}"),
            Failure::Broken(why) => why,
        };
        SendError::Server { server: self.relay.place(), why }
    }

    fn interrupted(&self, failure: Failure) -> SendError {
        let (to, server) = (self.mail.to.to_string(), self.relay.place());
        match failure {
            // 421 closes the channel, whatever it answers (RFC 5321 §4.2.1).
            Failure::Reply(421, _) => self.server(failure),
            Failure::Reply(code, reply) => SendError::Refused { to, server, code, reply },
            Failure::Broken(why) => SendError::Interrupted { to, server, why },
        }
    }
}

/// The outcome of a step that may take as long as `deadline`.
async fn step<T>(deadline: Duration, step: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Failure> {
    match timeout(deadline, step).await {
        Err(_) => Err(Failure::Broken(format!("no answer for {} s", deadline.as_secs_f64()))),
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(match error.status() {
            Some(code) => Failure::Reply(code.into(), cause(&error)),
            None => Failure::Broken(cause(&error)),
        }),
    }
}

/// lettre takes any 2xx or 3xx for success.
fn expect(answer: Response, codes: std::ops::RangeInclusive<u16>) -> Result<(), Failure> {
    let code = u16::from(answer.code());
    if codes.contains(&code) { Ok(()) } else { Err(Failure::Broken(format!("an answer out of step came: {code}"))) }
}

/// What lies beneath lettre's own words, in one line: a server's reply may have several.
fn cause(error: &SmtpError) -> String {
    let text = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn server_without_a_greeting_is_given_up_in_time() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let relay = Relay {
            host: "127.0.0.1".into(),
            port: listener.local_addr().unwrap().port(),
            security: Security::Plain,
            login: None,
        };
        let mail = Mail {
            id: "id".into(),
            from: "a@example.com".parse().unwrap(),
            to: "b@example.com".parse().unwrap(),
            head: b"\r\n".to_vec(),
            body: [].into(),
        };
        let short = Duration::from_millis(50);
        let deadlines = Deadlines { connect: short, command: short, data: short, end: short };
        let error = Dialogue { relay: &relay, mail: &mail, deadlines: &deadlines }.run().await.unwrap_err();
        assert_eq!(error.to_string(), format!("mail server {}: no answer for 0.05 s", relay.place()));
    }
}
