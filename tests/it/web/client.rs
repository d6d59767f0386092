//! A browser of the barest kind: bytes to a socket and back, so that nothing between hides what was said.

use std::io::ErrorKind;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Without the `Date`; names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// The answer to these bytes; the server must close the connection after it.
pub async fn say(at: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(request).await.unwrap();
    listen(&mut stream).await
}

pub async fn get(at: &str, path: &str) -> Answer {
    say(at, format!("GET {path} HTTP/1.1\r\nHost: kpid\r\n\r\n").as_bytes()).await
}

pub async fn post(at: &str, path: &str, body: &str) -> Answer {
    let kind = "application/x-www-form-urlencoded";
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: kpid\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
    say(at, format!("{head}{body}").as_bytes()).await
}

/// What the server says until it closes the connection; with a reset when it has not read all that was said.
pub async fn listen(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes).await {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let (status, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let headers = headers.lines().map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let status = status.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
    Answer { status, headers: headers.filter(|(name, _)| name != "date").collect(), body: body.to_owned() }
}

/// What a server tells for as long as somebody listens.
pub struct Events(Lines<BufReader<TcpStream>>);

impl Events {
    pub async fn listen(at: &str, path: &str) -> Events {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n").as_bytes()).await.unwrap();
        Events(BufReader::new(stream).lines())
    }

    /// The data of the next event.
    pub async fn next(&mut self) -> String {
        loop {
            let line = self.0.next_line().await.unwrap().expect("the stream goes on");
            if let Some(data) = line.strip_prefix("data: ") {
                return data.to_owned();
            }
        }
    }
}
