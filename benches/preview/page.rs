//! `kpid preview` as a process, and what the page in a browser would do with it.

use super::Desk;
use anyhow::{Context, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A preview that ends with its owner.
pub struct Page {
    program: Child,
    /// Where it listens.
    at: String,
    events: Receiver<Instant>,
}

impl Page {
    pub fn open(desk: &Desk) -> anyhow::Result<Page> {
        let mut command = desk.kpid("preview");
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = command.spawn().context("start kpid preview")?;
        let mut line = String::new();
        BufReader::new(program.stdout.take().context("its output")?).read_line(&mut line)?;
        let at = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let at = at.with_context(|| format!("no address in {line:?}"))?.to_owned();
        let events = listen(&at)?;
        let page = Page { program, at, events };
        // The first says how it stands.
        page.heard()?;
        Ok(page)
    }

    /// When the next event came.
    pub fn heard(&self) -> anyhow::Result<Instant> {
        self.events.recv_timeout(Duration::from_secs(30)).context("no event came")
    }

    pub fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = ask(&self.at, path)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
        ensure!(head.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        Ok(body.to_owned())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// When each event came, for as long as the server lives.
fn listen(at: &str) -> anyhow::Result<Receiver<Instant>> {
    let stream = BufReader::new(ask(at, "/api/events")?);
    let (sender, events) = channel();
    std::thread::spawn(move || {
        let mut events = stream.lines().map_while(Result::ok).filter(|line| line.starts_with("data:"));
        events.try_for_each(|_| sender.send(Instant::now()))
    });
    Ok(events)
}

fn ask(at: &str, path: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(at)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n")?;
    Ok(stream)
}
