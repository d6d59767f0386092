//! From a [`Relay`] to a [`Connection`]: name, address, TLS, EHLO and login, as the settings want them or not at all.

use super::wire::{Failure, Stream, Wire};
use super::{Deadlines, tls};
use crate::mail::server::{Auth as Login, Relay, Security};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Noop, Quit, Rset, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use std::fmt::Display;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::rustls::ClientConfig;

/// What a server may ask before it has made up its mind about a login.
const CHALLENGES: usize = 4;

/// A server that waits for a mail.
pub(super) struct Connection {
    pub(super) wire: Wire,
    pub(super) offers: Offers,
    /// When it last answered.
    pub(super) used: Instant,
}

/// What a server says of itself in answer to EHLO (RFC 5321 §4.1.1.1).
#[derive(Default)]
pub(super) struct Offers {
    /// Bytes of the largest message (RFC 1870); absent when not told.
    pub(super) largest: Option<usize>,
    pub(super) any_address: bool,
    starttls: bool,
    mechanisms: Vec<String>,
}

impl Offers {
    fn of(answer: &Response) -> Offers {
        let mut offers = Offers::default();
        for line in answer.message().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_whitespace();
            match words.next() {
                // Zero: no limit is known.
                Some("SIZE") => {
                    offers.largest = words.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0)
                }
                Some("SMTPUTF8") => offers.any_address = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => offers.mechanisms = words.map(str::to_owned).collect(),
                _ => {}
            }
        }
        offers
    }
}

impl Connection {
    /// `trust` is read when first needed, and again after TLS has failed.
    pub(super) async fn open(
        relay: &Relay,
        deadlines: &Deadlines,
        trust: &mut Option<Arc<ClientConfig>>,
    ) -> Result<Connection, Failure> {
        let command = deadlines.command;
        let mut stream: Box<dyn Stream> = Box::new(socket(relay, deadlines.connect).await?);
        if relay.security == Security::Tls {
            stream = protected(stream, relay, trust, command).await?;
        }
        let mut wire = Wire::new(stream);
        wire.hear(220..=220, command).await?;
        let mut offers = hello(&mut wire, command).await?;
        if relay.security == Security::StartTls {
            if !offers.starttls {
                let why = "it offers no STARTTLS, so nothing was sent; use smtps:// or, on a trusted network, ?tls=off";
                return Err(Failure::Unfit(why.to_owned()));
            }
            wire.ask(Starttls, 220..=220, command).await?;
            wire = Wire::new(protected(wire.into_stream()?, relay, trust, command).await?);
            // What was offered in plain text counts no longer (RFC 3207 §4.2).
            offers = hello(&mut wire, command).await?;
        }
        login(&mut wire, relay, &offers, command).await?;
        Ok(Connection { wire, offers, used: Instant::now() })
    }

    /// Whether the server is still there: asked only when it was left alone for a while.
    pub(super) async fn is_alive(&mut self, deadlines: &Deadlines) -> bool {
        self.used.elapsed() <= deadlines.idle || self.answers(Noop, deadlines.probe).await
    }

    /// Whether the server has forgotten the mail that it was told of.
    pub(super) async fn is_reset(&mut self, deadlines: &Deadlines) -> bool {
        self.answers(Rset, deadlines.probe).await
    }

    async fn answers(&mut self, command: impl Display, deadline: Duration) -> bool {
        self.wire.ask(command, 250..=259, deadline).await.is_ok()
    }

    pub(super) async fn close(mut self) {
        // All mail is delivered whatever becomes of the goodbye.
        _ = self.wire.ask(Quit, 221..=221, Duration::from_secs(1)).await;
    }
}

async fn socket(relay: &Relay, deadline: Duration) -> Result<TcpStream, Failure> {
    let place = (&*relay.host, relay.port);
    let addresses = limited(deadline, tokio::net::lookup_host(place)).await.map_err(unknown)?;
    first_of(addresses, deadline).await
}

/// The first address that answers, without Nagle's delay, which costs 40 ms a mail.
pub(super) async fn first_of(
    addresses: impl Iterator<Item = SocketAddr>,
    deadline: Duration,
) -> Result<TcpStream, Failure> {
    let mut failure = Failure::Unfit("its name has no address".to_owned());
    for address in addresses {
        match limited(deadline, TcpStream::connect(address)).await {
            Ok(socket) => {
                socket.set_nodelay(true).map_err(Failure::broken)?;
                return Ok(socket);
            }
            Err(error) => failure = Failure::broken(error),
        }
    }
    Err(failure)
}

async fn limited<T>(deadline: Duration, step: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    timeout(deadline, step).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

/// A name that doesn't exist is a mistake; one that can't be looked up now is not. The C library tells them apart in words alone:
/// those of glibc and of musl.
pub(super) fn unknown(error: std::io::Error) -> Failure {
    let why = error.to_string();
    let unknown = ["Name or service not known", "Name does not resolve", "No address associated with hostname"];
    match unknown.iter().any(|words| why.contains(words)) {
        true => Failure::Unfit(why),
        false => Failure::Broken(why),
    }
}

async fn protected(
    stream: Box<dyn Stream>,
    relay: &Relay,
    trust: &mut Option<Arc<ClientConfig>>,
    deadline: Duration,
) -> Result<Box<dyn Stream>, Failure> {
    let trusted = match trust.take() {
        Some(trusted) => trusted,
        None => tls::trust().await?,
    };
    let agreed = timeout(deadline, tls::protected(stream, &relay.host, trusted.clone()));
    let stream = agreed.await.unwrap_or_else(|_| Err(Failure::broken("TLS is not agreed on in time")))?;
    *trust = Some(trusted);
    Ok(stream)
}

async fn hello(wire: &mut Wire, deadline: Duration) -> Result<Offers, Failure> {
    let answer = wire.ask(Ehlo::new(ClientId::default()), 250..=250, deadline).await?;
    Ok(Offers::of(&answer))
}

/// RFC 4954; XOAUTH2 as Google and Microsoft describe it.
async fn login(wire: &mut Wire, relay: &Relay, offers: &Offers, deadline: Duration) -> Result<(), Failure> {
    let Some((user, password)) = &relay.login else { return Ok(()) };
    let wanted: &[Mechanism] = match relay.auth {
        Login::Password => &[Mechanism::Plain, Mechanism::Login],
        Login::Xoauth2 => &[Mechanism::Xoauth2],
    };
    let offered = wanted.iter().find(|wanted| offers.mechanisms.contains(&wanted.to_string()));
    let Some(mechanism) = offered.copied() else {
        let wanted = wanted.iter().map(Mechanism::to_string).collect::<Vec<_>>().join(" or ");
        return Err(Failure::Unfit(format!("it offers no login by {wanted}")));
    };
    let credentials = Credentials::new(user.clone(), password.expose().to_owned());
    let mut said = Auth::new(mechanism, credentials.clone(), None).map_err(Failure::broken)?.to_string();
    for _ in 0..CHALLENGES {
        let answer = wire.ask(&said, 235..=334, deadline).await?;
        if answer.has_code(235) {
            return Ok(());
        }
        said = match mechanism {
            // The challenge says why the token is refused; the refusal itself comes after an empty line.
            Mechanism::Xoauth2 => "\r\n".to_owned(),
            _ => Auth::new_from_response(mechanism, credentials.clone(), &answer).map_err(Failure::broken)?.to_string(),
        };
    }
    Err(Failure::broken("its questions at login have no end"))
}
