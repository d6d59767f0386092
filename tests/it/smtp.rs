//! A scripted SMTP server: what no real one does on demand, with a ledger that says what it took.
//!
//! ```text
//! let server = smtp::Server::start(|event| match event.step {
//!     Step::Rcpt if event.to == "leo@example.org" => Answer::say("550 5.1.1 no such user"),
//!     Step::Rcpt if event.nth == 1 => Answer::say("451 4.7.1 greylisted"),   // the first time for this recipient
//!     Step::Mail if event.mails == 5 => Answer::say("421 enough").and_drop(),  // after 5 mails on one connection
//!     _ => Answer::Usual,
//! });
//! … settings: { mail: { server: server.url() } } …
//! server.wait_for(Duration::from_secs(60), |server| server.ledger().len() == 3);
//! ```
//!
//! - **It runs** on a thread with a runtime of its own until it is dropped: tests may block, be async, run `kpid` and kill it.
//! - **The script** is asked at each [`Step`] and says what is [`Answer`]ed; [`Answer::Usual`] is what a content server says, with
//!   503 to what comes in the wrong order. [`Server::on`] changes it while it runs; connections that are open follow at once.
//! - **The ledger**: before a 2xx to the end of a message is written, the mail stands in a file, fsynced. What a script refuses at
//!   [`Step::Dot`], or drops, is not in it, unless it says [`Answer::taken`]: recorded, whatever is told the client. The bytes are
//!   those of `Mail::bytes()`, with the doubled dots taken out.
//! - **Waiting** is for events, never for a time: a [`Gate`] holds an answer back until the test opens it and tells when a client
//!   stands before it; [`Server::wait_for`] waits until what the ledger or [`Server::said`] hold is enough.
//! - **TLS** with certificates of the authority [`AUTHORITY`], which a client trusts by `SSL_CERT_FILE`. [`Server::url`] says
//!   `?tls=required` for STARTTLS, since kpid asks this machine for none by itself.

mod answer;
mod credentials;
mod dialogue;
mod doubt;
mod gate;
mod ledger;
mod login;
mod peer;
mod program;
mod protection;
mod refusal;
mod session;
mod shared;
mod tls;

pub use answer::Answer;
pub use gate::Gate;
pub use ledger::Entry;
pub use login::Login;
pub use tls::{AUTHORITY, Certificate, Tls};

use shared::Shared;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Where in a dialogue a script is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The greeting.
    Connect,
    Ehlo,
    StartTls,
    /// AUTH and each line that follows it.
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the 354: [`Answer::Drop`] breaks off after the first bytes, a [`Gate`] keeps them from being read.
    Body,
    /// The end of the message.
    Dot,
    Rset,
    Noop,
    Quit,
    /// A command that is none of these.
    Other,
}

/// What a script is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub step: Step,
    /// From 1, in the order of arrival.
    pub connection: usize,
    /// Taken on this connection so far.
    pub mails: usize,
    /// How many times this step came for this recipient (before RCPT: for all), over all connections, from 1.
    pub nth: usize,
    /// The command without its line break; empty at Connect, Body and Dot.
    pub line: &'a str,
    /// The envelope as far as it is known.
    pub from: &'a str,
    pub to: &'a str,
}

/// How the server is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Any that is free when 0; that of a server that was dropped, to come back as it.
    pub port: u16,
    pub tls: Tls,
    pub certificate: Certificate,
    /// Bytes that EHLO announces, and that are refused beyond with 552 at MAIL and at the dot.
    pub size: Option<usize>,
    /// Needed before MAIL.
    pub login: Option<Login>,
    /// SMTPUTF8.
    pub utf8: bool,
    /// Where the ledger is kept; by default in a temporary file of its own.
    pub ledger: Option<PathBuf>,
}

pub struct Server {
    port: u16,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Plain, without login.
    pub fn start(script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> Server {
        Server::with(Options::default(), script)
    }

    pub fn with(options: Options, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::new(options, port, script));
        let (stop, stopped) = oneshot::channel();
        let state = shared.clone();
        let thread = std::thread::spawn(move || dialogue::run(listener, state, stopped));
        Server { port, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// The script from now on.
    pub fn on(&self, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) {
        self.shared.follow(script);
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// For `settings.mail.server`, with user and password.
    pub fn url(&self) -> String {
        let (scheme, query) = match self.shared.options.tls {
            Tls::Off => ("smtp", ""),
            Tls::Upgrade => ("smtp", "?tls=required"),
            Tls::Implicit => ("smtps", ""),
        };
        let login = self.shared.options.login.as_ref().map(Login::url).unwrap_or_default();
        format!("{scheme}://{login}127.0.0.1:{}{query}", self.port)
    }

    /// The mails taken, in their order, as the file holds them.
    pub fn ledger(&self) -> Vec<Entry> {
        self.shared.ledger.read()
    }

    /// What clients said: connection and line. Of messages nothing.
    pub fn said(&self) -> Vec<(usize, String)> {
        self.shared.book().said.clone()
    }

    /// Every line of one connection.
    pub fn said_on(&self, connection: usize) -> Vec<String> {
        self.said().into_iter().filter(|(number, _)| *number == connection).map(|(_, line)| line).collect()
    }

    /// How many there were.
    pub fn connections(&self) -> usize {
        self.shared.book().connections
    }

    /// Blocks until `enough`, which is asked again whenever a client has said something or a mail was taken.
    ///
    /// # Panics
    /// It is not after `limit`.
    #[track_caller]
    pub fn wait_for(&self, limit: Duration, enough: impl Fn(&Server) -> bool) {
        let end = Instant::now() + limit;
        while !enough(self) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not after {limit:?}; {:?}; {:#?}", self.ledger(), self.said());
            // A change between the question and the wait is seen a little later.
            let book = self.shared.book();
            drop(self.shared.changed.wait_timeout(book, left.min(Duration::from_millis(100))));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the scripted server panicked");
        }
    }
}
