//! A client of the scripted server: lines in, answers out, and what is known of it between them.

use super::{Answer, Entry, Event, Shared, Step};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The client is gone, or the script sent it away.
pub(super) struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Over {
        Over
    }
}

/// A client and what is known of it.
pub(super) struct Peer {
    stream: BufStream<Box<dyn Stream>>,
    pub(super) shared: Arc<Shared>,
    pub(super) number: usize,
    pub(super) encrypted: bool,
    pub(super) logged_in: bool,
    pub(super) mails: usize,
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    /// AUTH and what followed, while it goes on.
    pub(super) login: Vec<String>,
}

impl Peer {
    pub(super) fn new(stream: Box<dyn Stream>, shared: Arc<Shared>, number: usize, encrypted: bool) -> Peer {
        Peer {
            stream: BufStream::new(stream),
            shared,
            number,
            encrypted,
            logged_in: false,
            mails: 0,
            from: None,
            to: Vec::new(),
            login: Vec::new(),
        }
    }

    /// From here on under TLS.
    pub(super) async fn upgrade(&mut self) -> Result<(), Over> {
        let plain = std::mem::replace(&mut self.stream, BufStream::new(Box::new(tokio::io::empty())));
        let acceptor = self.shared.options.certificate.acceptor();
        self.stream = BufStream::new(Box::new(acceptor.accept(plain.into_inner()).await?));
        self.encrypted = true;
        Ok(())
    }

    /// The first byte of a message.
    pub(super) async fn begin(&mut self) -> Result<(), Over> {
        self.stream.read_u8().await?;
        Ok(())
    }

    /// Up to its end, the doubled dots taken out.
    pub(super) async fn message(&mut self) -> Result<Vec<u8>, Over> {
        let mut message = Vec::new();
        loop {
            let line = self.line().await?;
            if line == b".\r\n" {
                return Ok(message);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    pub(super) async fn line(&mut self) -> Result<Vec<u8>, Over> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await?;
        if line.ends_with(b"\n") { Ok(line) } else { Err(Over) }
    }

    pub(super) async fn step(&mut self, step: Step, line: &str, usual: &str) -> Result<String, Over> {
        let answer = self.ask(step, line);
        self.give(answer, usual, None).await
    }

    pub(super) fn ask(&self, step: Step, line: &str) -> Answer {
        let (from, to) = (self.from.as_deref().unwrap_or_default(), self.to.join(","));
        let nth = self.shared.nth(step, &to);
        self.shared.ask(&Event { step, connection: self.number, mails: self.mails, nth, line, from, to: &to })
    }

    /// What was said last. `entry` is recorded before the first 2xx.
    pub(super) async fn give(&mut self, answer: Answer, usual: &str, mut entry: Option<Entry>) -> Result<String, Over> {
        let mut said = String::new();
        let mut next = vec![answer];
        while let Some(answer) = next.pop() {
            match answer {
                Answer::Usual if usual.is_empty() => {}
                Answer::Usual => next.push(Answer::say(usual)),
                Answer::Say(reply) => {
                    if reply.starts_with('2') {
                        self.record(entry.take());
                    }
                    self.write(format!("{reply}\r\n").as_bytes()).await?;
                    said = reply;
                }
                Answer::Bytes(bytes) => self.write(&bytes).await?,
                Answer::Drop => return Err(Over),
                Answer::Then(first, then) => next.extend([*then, *first]),
                Answer::After(gate, answer) => {
                    gate.pass().await;
                    next.push(*answer);
                }
                Answer::Taken(answer) => {
                    self.record(entry.take());
                    next.push(*answer);
                }
            }
        }
        Ok(said)
    }

    fn record(&mut self, entry: Option<Entry>) {
        if let Some(entry) = entry {
            self.shared.record(&entry);
            self.mails += 1;
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Over> {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }
}
