//! Postfix's test server `smtp-sink`: takes mails, or misbehaves at the command that its flags name.
//!
//! `-r`, `-f` refuse a command for now or for good, `-q` hangs up at it, `-Q` does so after a 421, `-W CONNECT:5` is slow;
//! the end of a message is the command `.`, and `smtp-sink(1)` has the rest.
//!
//! ```ignore
//! let Some(sink) = Sink::start(&["-f", "RCPT"]) else { return };
//! ```

use crate::cli::{installation, with_mail};
use crate::installation::Folder;
use crate::mta::kpid;
use crate::servers::{free_port, say};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends with the test, at the latest.
pub struct Sink {
    child: Child,
    port: u16,
    /// One file a mail.
    taken: Folder,
}

/// A mail that a sink has answered with 250.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    /// Of the envelope.
    pub from: String,
    pub to: String,
    pub mail: String,
}

impl Sink {
    /// Listening, or `None` where Postfix is not installed.
    pub fn start(flags: &[&str]) -> Option<Sink> {
        let program = program()?;
        let taken = Folder::new();
        for _ in 0..5 {
            let port = free_port();
            let mut child = command(program, flags, port).current_dir(taken.path()).spawn().unwrap();
            if listens(&mut child, port) {
                return Some(Sink { child, port, taken });
            }
        }
        panic!("smtp-sink {flags:?} does not stay");
    }

    /// As `settings.mail.server`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What it took until now, by recipient. It writes a mail to its file before it answers, with plain line feeds and one more at the end.
    pub fn mails(&self) -> Vec<Taken> {
        let files =
            self.taken.path().read_dir().unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        let mut mails: Vec<Taken> = files.map(|file| Taken::read(&file)).collect();
        mails.sort_by(|a, b| a.to.cmp(&b.to));
        mails
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended already, by a flag.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Taken {
    /// Some `X-…-Args` headers with the envelope and one Received, and then the mail.
    fn read(file: &str) -> Taken {
        let argument = |name: &str| {
            let value = file.lines().find_map(|line| line.strip_prefix(name)).expect("the envelope is on top");
            value.trim_matches(['<', '>']).to_owned()
        };
        let (_, rest) = file.split_once("\nReceived: ").expect("what the sink adds");
        let mail = rest.split_inclusive('\n').skip(1).skip_while(|line| line.starts_with('\t')).collect::<String>();
        let mail = mail.strip_suffix('\n').expect("one more line feed").replace('\n', "\r\n");
        Taken { from: argument("X-Mail-Args: "), to: argument("X-Rcpt-Args: "), mail }
    }
}

fn program() -> Option<&'static Path> {
    // Debian has it where only root's PATH leads.
    let program = Path::new("/usr/sbin/smtp-sink");
    if !program.exists() {
        assert!(std::env::var_os("KPID_TEST_ALL").is_none(), "there is no smtp-sink (it comes with Postfix)");
        say("left out: a test with smtp-sink (it comes with Postfix; run tests/run for all tests)");
        return None;
    }
    Some(program)
}

fn command(program: &Path, flags: &[&str], port: u16) -> Command {
    let mut command = Command::new(program);
    // Root has to say as whom it runs, and nobody else may.
    if rustix::process::geteuid().is_root() {
        command.args(["-u", "root"]);
    }
    command.args(["-d", "mail-"]).args(flags).args([&format!("127.0.0.1:{port}"), "100"]).stdin(Stdio::null());
    command
}

/// False when it ended, since somebody took the port meanwhile. That it was tried is a session for `-n`.
fn listens(child: &mut Child, port: u16) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        assert!(Instant::now() < deadline, "smtp-sink does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

/// A company whose second database is gone, so that 3 is the exit code of success.
async fn installed() -> Folder {
    let folder = installation().await;
    folder.write("kpis/all.yaml", &with_mail());
    folder
}

/// The weekly report to Ana and Tom: exit code, and what is said on stderr.
fn send(folder: &Folder, server: &str) -> (Option<i32>, String) {
    let to = ["--to", "ana@example.com", "--to", "tom@example.com"];
    let sent = kpid(folder, server, &[&["send", "weekly", "--as-of", "2026-11-16T08:00"], &to[..]].concat());
    (sent.status.code(), String::from_utf8(sent.stderr).unwrap())
}

#[tokio::test]
async fn mails_arrive_byte_by_byte_each_for_one_recipient() {
    let Some(sink) = Sink::start(&[]) else { return };
    let folder = installed().await;
    assert_eq!(send(&folder, &sink.url()), (Some(3), String::new()));
    assert_eq!(send(&folder, "file://mail"), (Some(3), String::new()));
    let expected = ["ana", "tom"].map(|person| Taken {
        from: "kpis@example.com".to_owned(),
        to: format!("{person}@example.com"),
        mail: std::fs::read_to_string(
            folder.path().join(format!("mail/weekly.2026-W46.1794812400000.{person}=40example.com.eml")),
        )
        .unwrap(),
    });
    assert!(sink.mails() == expected, "{:#?}", sink.mails());
}

/// SM-6
#[tokio::test]
async fn recipient_refused_for_good_is_told_with_the_servers_words() {
    let Some(sink) = Sink::start(&["-f", "RCPT", "-B", "550 5.1.1 no such user"]) else { return };
    let (code, said) = send(&installed().await, &sink.url());
    let place = sink.url().replace("smtp://", "");
    let expected: String = ["ana@example.com", "tom@example.com"]
        .iter()
        .map(|to| {
            format!("error: weekly did not reach {to}: mail to {to} refused by {place}: 550 5.1.1 no such user\n")
        })
        .collect();
    assert_eq!((code, said), (Some(1), expected));
    assert_eq!(sink.mails(), []);
}

/// SM-4
#[tokio::test]
async fn server_that_closes_down_is_asked_for_no_second_mail() {
    let Some(sink) = Sink::start(&["-Q", "MAIL"]) else { return };
    let (code, said) = send(&installed().await, &sink.url());
    assert_eq!(code, Some(1));
    assert!(
        said.contains(": 421 ") && said.ends_with("; weekly did not reach ana@example.com, tom@example.com\n"),
        "{said}"
    );
}
