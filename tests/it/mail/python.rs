//! Python's `email` as a second opinion: another program's reading of our bytes.

use serde::Deserialize;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running interpreter that reads one message after the other.
pub struct Python {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// A message, or a part of one, as Python sees it.
#[derive(Debug, Deserialize)]
pub struct Part {
    pub headers: Vec<(String, String)>,
    pub defects: Vec<String>,
    #[serde(rename = "type")]
    pub kind: String,
    pub charset: Option<String>,
    /// The `type` of multipart/related.
    pub root: Option<String>,
    pub encoding: Option<String>,
    pub disposition: Option<String>,
    /// By RFC 2231.
    pub file: Option<String>,
    /// The `name` of Content-Type.
    pub fallback: Option<String>,
    pub id: Option<String>,
    pub parts: Vec<Part>,
    /// Decoded, as hex digits; none of a container.
    bytes: Option<String>,
}

impl Python {
    /// None where there is no Python; the command for all tests has one.
    pub fn start() -> Option<Python> {
        let mut command = Command::new("python3");
        command.args(["-c", include_str!("read.py")]).stdin(Stdio::piped()).stdout(Stdio::piped());
        match command.spawn() {
            Ok(mut child) => {
                let output = BufReader::new(child.stdout.take().unwrap());
                Some(Python { input: child.stdin.take(), output, child })
            }
            Err(error) if std::env::var_os("KPID_TEST_ALL").is_none() => {
                eprintln!("LEFT OUT: mails are not read back by python3: {error}");
                None
            }
            Err(error) => panic!("python3: {error}"),
        }
    }

    pub fn read(&mut self, message: &[u8]) -> Part {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{}", message.len()).unwrap();
        input.write_all(message).unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // The end of its input is the end of its work.
        self.input.take();
        _ = self.child.wait();
    }
}

impl Part {
    /// This part and all parts in it, in the order of the bytes.
    pub fn walk(&self) -> Vec<&Part> {
        std::iter::once(self).chain(self.parts.iter().flat_map(Part::walk)).collect()
    }

    pub fn defects(&self) -> Vec<&String> {
        self.walk().into_iter().flat_map(|part| &part.defects).collect()
    }

    /// `mixed(alternative(plain, html), csv)`: the second halves of the types.
    pub fn tree(&self) -> String {
        let name = self.kind.rsplit('/').next().unwrap();
        match &*self.parts {
            [] => name.to_owned(),
            parts => format!("{name}({})", parts.iter().map(Part::tree).collect::<Vec<_>>().join(", ")),
        }
    }

    /// The values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|header| header.0.eq_ignore_ascii_case(name)).map(|header| &*header.1).collect()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let digits = self.bytes.as_deref().unwrap_or_default();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    /// As a text, with line ends as the letter has them.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap().replace("\r\n", "\n")
    }
}
