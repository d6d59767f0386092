//! Mails on the way that they take in earnest: through Postfix into a mailbox of Dovecot's, and back over IMAP.
//!
//! Nobody sleeps for a mail: kpid ends when Postfix has it in its queue, and an empty queue means that it is in the mailbox.

use crate::cli;
use crate::installation::Folder;
use crate::servers::{self, Mta};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// What a mail server puts before a mail, and what Postfix adds to that.
const PREPENDED: [&str; 4] = ["return-path", "x-original-to", "delivered-to", "received"];
const PEOPLE: [&str; 3] = ["ana", "lucia", "tom"];

impl Mta {
    /// The mails of one mailbox as IMAP gives them, once nothing is on its way any more.
    fn mailbox(&self, user: &str) -> Vec<Vec<u8>> {
        self.wait_for_empty_queue();
        let script = include_str!("mta/mailbox.py");
        let read = Command::new("python3").args(["-c", script, &self.imap, user]).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let lines = String::from_utf8(read.stdout).unwrap();
        lines.lines().map(|mail| STANDARD.decode(mail).unwrap()).collect()
    }

    /// A mail moves from `incoming` to `active`, and from there into its mailbox or to `deferred`.
    fn wait_for_empty_queue(&self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        let waiting = |queue| self.folder.join("queue").join(queue).read_dir().unwrap().count();
        while ["incoming", "active"].map(waiting) != [0, 0] {
            assert!(
                Instant::now() < deadline,
                "Postfix still has mails in its queue; see {}.log",
                self.folder.display()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(waiting("deferred"), 0, "Postfix put a mail off; see {}.log", self.folder.display());
    }
}

/// No other test's folder has it.
fn own_name(folder: &Folder) -> &str {
    folder.path().file_name().unwrap().to_str().unwrap()
}

/// The demo's company, whose people have mailboxes that no other test knows: `ana.NAME@example.com`.
fn demo(folder: &Folder, name: &str) {
    let people = include_str!("../../kpis/people.yaml").replace("@example.com", &format!(".{name}@example.com"));
    folder.write("demo/kpis/people.yaml", &people);
    let made = kpid(folder, "file://unused", &["demo", "--date", "2026-11-22", "--sessions", "5000"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// As the demo itself mails it, on that day at 08:00.
fn send(folder: &Folder, server: &str, to: &[&str]) -> Output {
    let mut args = vec!["--dir", "demo/kpis", "send", "weekly_b2b", "--as-of", "2026-11-22T08:00"];
    args.extend(to.iter().flat_map(|to| ["--to", to]));
    kpid(folder, server, &args)
}

/// With mails that go to `server`, where the YAML leaves it to `KPID_MAIL`.
pub fn kpid(folder: &Folder, server: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    command.args(args).current_dir(folder.path()).env_remove("KPID_DIR").env("KPID_MAIL", server).output().unwrap()
}

/// The one `.eml` file of the demo for that person.
fn written(folder: &Path, person: &str) -> Vec<u8> {
    let to = format!("<{person}.");
    let mails = folder.join("demo/mail").read_dir().unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let is_theirs = |mail: &Vec<u8>| {
        let mail = String::from_utf8_lossy(mail);
        mail.lines().any(|line| line.starts_with("To:") && line.contains(&to))
    };
    let mut theirs: Vec<_> = mails.filter(is_theirs).collect();
    assert_eq!(theirs.len(), 1, "{person}");
    theirs.remove(0)
}

/// Names of the headers before `sent`, in lower case; `None` when `received` doesn't end with every byte of it.
fn prepended(received: &[u8], sent: &[u8]) -> Option<Vec<String>> {
    let before = String::from_utf8(received.strip_suffix(sent)?.to_vec()).unwrap();
    let fields = before.lines().filter(|line| !line.starts_with([' ', '\t']));
    Some(fields.map(|line| line.split_once(':').expect("a header").0.to_lowercase()).collect())
}

#[test]
fn demos_mails_pass_through_a_real_server_unchanged_and_once() {
    let Some(mta) = servers::mta() else { return };
    let folder = Folder::new();
    let name = own_name(&folder);
    demo(&folder, name);
    let sent = send(&folder, &mta.smtp, &PEOPLE);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    for person in PEOPLE {
        let mailbox = mta.mailbox(&format!("{person}.{name}@example.com"));
        assert_eq!(mailbox.len(), 1, "mails of {person}");
        let headers = prepended(&mailbox[0], &written(folder.path(), person));
        let headers = headers.unwrap_or_else(|| panic!("{person} got other bytes than were sent"));
        assert!(headers.iter().all(|header| PREPENDED.contains(&&**header)), "{headers:?}");
        assert!(headers.contains(&"received".to_owned()), "{headers:?}");
    }
    // What counts mails would see a second one: the same once more, by hand, are the same bytes.
    assert!(send(&folder, &mta.smtp, &["tom"]).status.success());
    let mailbox = mta.mailbox(&format!("tom.{name}@example.com"));
    assert_eq!(mailbox.len(), 2);
    let tom = written(folder.path(), "tom");
    assert!(mailbox.iter().all(|mail| prepended(mail, &tom).is_some()));
}

#[tokio::test]
async fn address_that_the_server_does_not_know_is_told_and_the_others_get_theirs() {
    let Some(mta) = servers::mta() else { return };
    let folder = cli::installation().await;
    folder.write("kpis/all.yaml", &cli::with_mail());
    let tom = format!("tom.{}@example.com", own_name(&folder));
    let to = ["--to", "nobody@example.com", "--to", &tom];
    let sent = kpid(&folder, &mta.smtp, &[&["send", "weekly", "--period", "2026-W46"], &to[..]].concat());
    let said = String::from_utf8(sent.stderr).unwrap();
    assert_eq!(sent.status.code(), Some(1), "{said}");
    let refused = "error: weekly did not reach nobody@example.com: mail to nobody@example.com refused by ";
    assert!(said.starts_with(refused), "{said}");
    let why = ": 550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in virtual mailbox table\n";
    assert!(said.ends_with(why), "{said}");
    assert_eq!(mta.mailbox(&tom).len(), 1);
}

#[test]
fn changed_byte_and_foreign_header_are_seen() {
    let sent = b"Subject: a\r\n\r\nbody\r\n";
    let received = |text: &str| prepended(text.as_bytes(), sent);
    let expected = Some(vec!["received".to_owned(), "x-spam".to_owned()]);
    assert_eq!(received("Received: by mx\r\n\tfor <a@b>\r\nX-Spam: no\r\nSubject: a\r\n\r\nbody\r\n"), expected);
    assert_eq!(received("Received: by mx\r\nSubject: A\r\n\r\nbody\r\n"), None);
    assert_eq!(received("Received: by mx\r\nSubject: a\r\n\r\nbody\r\n\r\n"), None);
}
