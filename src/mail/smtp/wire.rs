//! The bytes of a dialogue: commands and messages out, answers in, each with a deadline.
//!
//! Commands and answers are lettre's, its connection is not: that one reads lines of any length into memory, takes words that came
//! before TLS for words under TLS, hides the SIZE of EHLO and has no deadlines. What a server says unasked is never taken for an
//! answer. Deliberately absent: what the codes mean for a mail.

use lettre::transport::smtp::response::Response;
use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

/// An answer's bytes, all lines together.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A message is written in pieces of so many bytes.
const BLOCK: usize = 32 * 1024;

/// What a dialogue runs over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What is known about a step that did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said so, in step.
    Reply(u16, String),
    /// No answer, or none that can be understood: nobody knows what comes next.
    Broken(String),
    /// The server can't be used as the settings want.
    Unfit(String),
}

impl Failure {
    pub(super) fn broken(why: impl Display) -> Failure {
        Failure::Broken(why.to_string())
    }
}

pub(super) struct Wire {
    stream: BufReader<Box<dyn Stream>>,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Wire {
        Wire { stream: BufReader::new(stream) }
    }

    /// What is underneath, for TLS. What was said before and not asked for would pass for words under it (CVE-2011-0411).
    pub(super) fn into_stream(self) -> Result<Box<dyn Stream>, Failure> {
        match self.stream.buffer() {
            [] => Ok(self.stream.into_inner()),
            _ => Err(Failure::Unfit("it spoke in plain text after TLS was agreed, so nothing was sent".to_owned())),
        }
    }

    /// Says `command`, which ends in CRLF, and hears the answer, which must have one of `codes`.
    pub(super) async fn ask(
        &mut self,
        command: impl Display,
        codes: RangeInclusive<u16>,
        deadline: Duration,
    ) -> Result<Response, Failure> {
        let command = command.to_string();
        let answered = async {
            self.in_step().await?;
            self.write(command.as_bytes()).await?;
            self.read().await
        };
        expect(within(deadline, answered).await?, codes)
    }

    /// The next answer, which must have one of `codes`.
    pub(super) async fn hear(&mut self, codes: RangeInclusive<u16>, deadline: Duration) -> Result<Response, Failure> {
        expect(within(deadline, self.read()).await?, codes)
    }

    /// Writes a message without its end: lines that begin with a dot get another (RFC 5321 §4.5.2). Each piece has the deadline.
    pub(super) async fn say(&mut self, message: [&[u8]; 2], deadline: Duration) -> Result<(), Failure> {
        let mut last = b'\n';
        for piece in message.iter().flat_map(|part| part.chunks(BLOCK)) {
            let mut stuffed = Vec::with_capacity(piece.len() + piece.len() / 64);
            for line in piece.split_inclusive(|byte| *byte == b'\n') {
                if last == b'\n' && line.starts_with(b".") {
                    stuffed.push(b'.');
                }
                stuffed.extend_from_slice(line);
                last = line[line.len() - 1];
            }
            within(deadline, self.write(&stuffed)).await?;
        }
        if last != b'\n' {
            within(deadline, self.write(b"\r\n")).await?;
        }
        self.in_step().await
    }

    /// Writes the end of a message.
    pub(super) async fn end(&mut self, deadline: Duration) -> Result<(), Failure> {
        within(deadline, self.write(b".\r\n")).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(bytes).await.map_err(Failure::broken)?;
        self.stream.flush().await.map_err(Failure::broken)
    }

    /// An error when the server says something unasked: it would be taken for the answer to what comes next.
    async fn in_step(&mut self) -> Result<(), Failure> {
        let waiting = poll_fn(|cx| Poll::Ready(Pin::new(&mut self.stream).poll_fill_buf(cx).is_ready())).await;
        if !waiting {
            return Ok(());
        }
        let unasked = self.read().await?;
        match unasked.code().into() {
            // It closes down, and may say so at any time (RFC 5321 §3.8).
            421 => expect(unasked, 0..=0).map(drop),
            code => Err(out_of_step(code)),
        }
    }

    async fn read(&mut self) -> Result<Response, Failure> {
        let mut answer = Vec::new();
        loop {
            let arrived = self.stream.fill_buf().await.map_err(Failure::broken)?;
            if arrived.is_empty() {
                return Err(Failure::broken("incomplete response"));
            }
            let line = arrived.iter().position(|byte| *byte == b'\n').map_or(arrived.len(), |end| end + 1);
            answer.extend_from_slice(&arrived[..line]);
            self.stream.consume(line);
            if answer.len() > LONGEST_ANSWER {
                return Err(Failure::broken("its answer has no end"));
            }
            if is_whole(&answer) {
                let text = String::from_utf8(answer).map_err(|_| Failure::broken("its answer is not UTF-8"))?;
                return text.parse().map_err(|_| Failure::broken("its answer is not SMTP"));
            }
        }
    }
}

/// Whether the last line is there and says that it is the last (RFC 5321 §4.2.1).
fn is_whole(answer: &[u8]) -> bool {
    let Some(lines) = answer.strip_suffix(b"\n") else { return false };
    let last = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    last.get(3) != Some(&b'-')
}

async fn within<T>(deadline: Duration, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(deadline, step)
        .await
        .unwrap_or_else(|_| Err(Failure::Broken(format!("no answer for {} s", deadline.as_secs_f64()))))
}

fn expect(answer: Response, codes: RangeInclusive<u16>) -> Result<Response, Failure> {
    match answer.code().into() {
        code if codes.contains(&code) => Ok(answer),
        // The server has lost the thread: that is no judgement of anything.
        503 => Err(out_of_step(503)),
        code @ 400.. => Err(Failure::Reply(code, text(&answer))),
        code => Err(out_of_step(code)),
    }
}

fn out_of_step(code: u16) -> Failure {
    Failure::Broken(format!("an answer out of step came: {code}"))
}

/// The lines of an answer as one; an enhanced status (RFC 2034) that stands in each of them stands once.
pub(super) fn text(answer: &Response) -> String {
    let mut lines = answer.message();
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').next().filter(|word| word.matches('.').count() == 2);
    let rest = lines.map(|line| status.and_then(|status| line.strip_prefix(status)).unwrap_or(line).trim());
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" ")
}
