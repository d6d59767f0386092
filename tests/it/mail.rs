//! Mails as others see them: Python's parser reads the bytes, and a scripted SMTP server says what no real one would on demand.

mod mime;
pub mod python;

use crate::servers::free_port;
use kpid::mail::{self, Auth, Body, Headers, Mail, Relay, Security, SendError, Server, compose};
use kpid::report::Letter;
use kpid::secret::Secret;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread::JoinHandle;

const TEXT: &str = "CAC: 312,40\u{a0}€\n.\n..\n.dots and a line that is much longer than the lines of a mail may be, so that it is broken: ñ\n";
const HTML: &str = "<!doctype html>\n<html lang=\"es\"><p>■ fuera — 312,40&nbsp;€</p>\n.\n</html>\n";

fn letter() -> Letter {
    Letter {
        subject: "Ventas B2B · 2026-W46 · 3 fuera de objetivo".into(),
        html: HTML.into(),
        text: TEXT.into(),
        images: Vec::new(),
        attachments: Vec::new(),
    }
}

fn headers() -> Headers<'static> {
    Headers {
        from: "Cuadro de mando <kpis@example.com>",
        reply_to: Some("Operación <ops@example.com>"),
        name: Some("Ruiz, Ana \"la jefa\""),
        email: "ana@example.org",
        id: "weekly_b2b.2026-W46.1794812400000.ana@example.org",
        list: "weekly_b2b",
        run: "weekly_b2b.2026-W46.1794812400000",
        thread: None,
        unsubscribe: None,
        date: "2026-11-16T07:00:00Z".parse().unwrap(),
    }
}

fn mail_of(letter: &Letter) -> Mail {
    compose(&Body::new(letter).unwrap(), &headers()).unwrap()
}

/// What the scripted server answers; a reply of several lines holds its own CRLFs.
#[derive(Clone, Copy)]
enum Answer {
    Say(&'static str),
    Hang,
}

use Answer::{Hang, Say};

/// What a client did.
#[derive(Default)]
struct Seen {
    commands: Vec<String>,
    /// Between DATA and the final dot, dots still stuffed; empty when the dot never came.
    message: Vec<u8>,
}

/// A server for one connection. `script` answers a command, the greeting (`""`) and the end of a message (`"."`).
fn server(script: fn(&str) -> Answer) -> (u16, JoinHandle<Seen>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, std::thread::spawn(move || converse(listener.accept().unwrap().0, script)))
}

fn converse(socket: TcpStream, script: fn(&str) -> Answer) -> Seen {
    let mut seen = Seen::default();
    let mut input = BufReader::new(socket.try_clone().unwrap());
    let mut output = socket;
    let mut command = String::new();
    loop {
        let Say(reply) = script(&command) else { return seen };
        if output.write_all(format!("{reply}\r\n").as_bytes()).is_err() || command == "QUIT" {
            return seen;
        }
        if command == "DATA" && reply.starts_with("354") {
            if matches!(script("first bytes"), Hang) {
                input.read_exact(&mut [0; 100]).unwrap();
                return seen;
            }
            while !seen.message.ends_with(b"\r\n.\r\n") {
                if input.read_until(b'\n', &mut seen.message).unwrap_or(0) == 0 {
                    return seen;
                }
            }
            command = ".".to_owned();
            continue;
        }
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            return seen;
        }
        command = String::from_utf8_lossy(&line).trim_end().to_owned();
        seen.commands.push(command.clone());
    }
}

/// What a server says that is content with everything.
fn content(command: &str) -> Answer {
    Say(match command {
        "" => "220 ready",
        "DATA" => "354 go ahead",
        "QUIT" => "221 bye",
        command if command.starts_with("EHLO") => "250-scripted\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
        command if command.starts_with("AUTH") => "235 welcome",
        _ => "250 ok",
    })
}

/// What came of sending `mail` with `security` and `login` to a server that plays `script`.
struct Played {
    outcome: Result<String, SendError>,
    seen: Seen,
    /// As messages name the server.
    place: String,
}

fn play(script: fn(&str) -> Answer, security: Security, login: Option<&str>, mail: &Mail) -> Played {
    let (port, seen) = server(script);
    let login = login.map(|password| ("kpid".to_owned(), Secret::new(password)));
    let relay = Relay { host: "127.0.0.1".into(), port, security, login, auth: Auth::Password };
    let place = relay.place();
    let outcome = send(&Server::Smtp(relay), mail);
    Played { outcome, seen: seen.join().unwrap(), place }
}

fn send(server: &Server, mail: &Mail) -> Result<String, SendError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(mail::send(server, mail))
}

/// The error of a plain dialogue with `script`, and its text with `SERVER` for the server.
fn failure(script: fn(&str) -> Answer) -> (SendError, String, Seen) {
    let Played { outcome, seen, place } = play(script, Security::Plain, None, &mail_of(&letter()));
    let error = outcome.unwrap_err();
    let text = error.to_string().replace(&place, "SERVER");
    (error, text, seen)
}

/// What the server got for `mail`, the dots taken out again.
fn received(mail: &Mail) -> (Seen, Vec<u8>) {
    let Played { outcome, seen, .. } = play(content, Security::Plain, None, mail);
    outcome.unwrap();
    let text = std::str::from_utf8(&seen.message).unwrap();
    let message = text.strip_suffix(".\r\n").unwrap().replace("\r\n.", "\r\n");
    (seen, message.into_bytes())
}

#[test]
fn message_survives_dot_stuffing() {
    let mail = mail_of(&letter());
    let (seen, message) = received(&mail);
    assert_eq!(seen.commands[1..4], ["MAIL FROM:<kpis@example.com>", "RCPT TO:<ana@example.org>", "DATA"]);
    let text = String::from_utf8(seen.message).unwrap();
    assert!(text.contains("\r\n..\r\n...\r\n..dots"), "{text}");
    assert!(message == mail.bytes());
}

#[test]
fn large_message_survives_as_well() {
    let dots =
        ".\n..\n\n.ñandú y más texto, largo como las líneas de un correo no deben ser, con = y .\n".repeat(2_500);
    let letter = Letter { html: dots.clone(), text: dots, ..mime::full_letter() };
    let mail = mail_of(&letter);
    assert!(mail.bytes().len() > 400_000);
    assert!(received(&mail).1 == mail.bytes());
}

#[test]
fn unknown_recipient_is_refused_for_good() {
    let (error, text, seen) = failure(|command| match command {
        command if command.starts_with("RCPT") => Say("550-5.1.1 no such user\r\n550 here"),
        command => content(command),
    });
    assert_eq!(text, "mail to ana@example.org refused by SERVER: 550 5.1.1 no such user here");
    assert!(error.is_permanent());
    assert!(!seen.commands.contains(&"DATA".to_owned()));
}

#[test]
fn greylisting_is_refused_for_now() {
    let (error, text, _) = failure(|command| match command {
        command if command.starts_with("RCPT") => Say("451 4.7.1 come back later"),
        command => content(command),
    });
    assert_eq!(text, "mail to ana@example.org refused by SERVER: 451 4.7.1 come back later");
    assert!(!error.is_permanent());
}

#[test]
fn server_that_closes_down_is_not_the_recipients_fault() {
    let (error, text, _) = failure(|command| match command {
        command if command.starts_with("RCPT") => Say("421 too many connections"),
        command => content(command),
    });
    assert!(matches!(error, SendError::Server { .. }));
    assert_eq!(text, "mail server SERVER: 421 too many connections");
}

#[test]
fn message_refused_after_its_end_is_refused() {
    let (error, text, _) = failure(|command| if command == "." { Say("554 5.7.1 no") } else { content(command) });
    assert_eq!(text, "mail to ana@example.org refused by SERVER: 554 5.7.1 no");
    assert!(error.is_permanent());
}

#[test]
fn connection_lost_in_the_message_means_not_delivered() {
    // Larger than any socket buffer, so that writing fails before the final dot.
    let mail = Mail { body: b"CAC 312\r\n".repeat(2_000_000).into(), ..mail_of(&letter()) };
    let script = |command: &str| if command == "first bytes" { Hang } else { content(command) };
    let Played { outcome, .. } = play(script, Security::Plain, None, &mail);
    assert!(matches!(outcome, Err(SendError::Interrupted { .. })), "{outcome:?}");
}

#[test]
fn connection_lost_after_the_dot_means_perhaps_delivered() {
    let (error, text, seen) = failure(|command| if command == "." { Hang } else { content(command) });
    assert!(matches!(error, SendError::Unknown { .. }));
    assert_eq!(text, "mail to ana@example.org through SERVER: sent, but incomplete response; it may have arrived");
    assert!(seen.message.ends_with(b"\r\n.\r\n"));
}

/// A reply meant for another command must never pass for this mail's.
#[test]
fn answers_out_of_step_are_no_success() {
    let (error, text, _) = failure(|command| if command == "." { Say("354 go ahead") } else { content(command) });
    assert!(matches!(error, SendError::Unknown { .. }));
    assert!(text.contains("an answer out of step came: 354"), "{text}");
    let (error, text, seen) = failure(|command| if command == "DATA" { Say("250 ok") } else { content(command) });
    assert!(matches!(error, SendError::Interrupted { .. }));
    assert_eq!(text, "mail to ana@example.org through SERVER: an answer out of step came: 250");
    assert!(seen.message.is_empty());
}

#[test]
fn nothing_is_sent_where_starttls_is_required_and_missing() {
    let Played { outcome, seen, .. } = play(content, Security::StartTls, Some("hunter2"), &mail_of(&letter()));
    let text = outcome.unwrap_err().to_string();
    assert!(text.contains("it offers no STARTTLS, so nothing was sent; use smtps://"), "{text}");
    assert!(seen.commands.iter().all(|command| command.starts_with("EHLO")), "{:?}", seen.commands);
}

#[test]
fn nothing_is_sent_where_tls_fails() {
    let script = |command: &str| match command {
        command if command.starts_with("EHLO") => Say("250-scripted\r\n250-AUTH PLAIN\r\n250 STARTTLS"),
        "STARTTLS" => Say("220 go ahead\r\nthis is not TLS"),
        command => content(command),
    };
    let Played { outcome, seen, .. } = play(script, Security::StartTls, Some("hunter2"), &mail_of(&letter()));
    assert!(matches!(outcome, Err(SendError::Server { .. })), "{outcome:?}");
    assert!(!seen.commands.iter().any(|command| command.starts_with("AUTH") || command.starts_with("MAIL")));
}

#[test]
fn login_is_sent_and_a_refusal_does_not_show_the_password() {
    let Played { outcome, seen, .. } = play(content, Security::Plain, Some("hunter2"), &mail_of(&letter()));
    outcome.unwrap();
    // base64 of \0kpid\0hunter2
    assert_eq!(seen.commands[1], "AUTH PLAIN AGtwaWQAaHVudGVyMg==");
    let script =
        |command: &str| if command.starts_with("AUTH") { Say("535 5.7.8 bad credentials") } else { content(command) };
    let Played { outcome, .. } = play(script, Security::Plain, Some("hunter2"), &mail_of(&letter()));
    let text = outcome.unwrap_err().to_string();
    assert!(text.ends_with(": 535 5.7.8 bad credentials") && !text.contains("hunter2"), "{text}");
}

#[test]
fn server_that_is_not_there_is_named() {
    let port = free_port();
    let server = Server::parse(&format!("smtp://127.0.0.1:{port}")).unwrap();
    let error = send(&server, &mail_of(&letter())).unwrap_err();
    let expected = format!("mail server 127.0.0.1:{port}: Connection refused");
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[test]
fn folder_holds_one_whole_file_a_mail() {
    let folder = std::env::temp_dir().join(format!("kpid-mail-{}", std::process::id()));
    let server = Server::parse(&format!("file://{}/new/outbox", folder.display())).unwrap();
    let mail = mail_of(&letter());
    for _ in 0..2 {
        send(&server, &mail).unwrap();
    }
    let files: Vec<_> = folder.join("new/outbox").read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files, [folder.join("new/outbox/weekly_b2b.2026-W46.1794812400000.ana=40example.org.eml")]);
    assert_eq!(std::fs::read(&files[0]).unwrap(), mail.bytes());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn folder_that_cannot_be_made_is_named() {
    let server = Server::parse("file:///dev/null/outbox").unwrap();
    let error = send(&server, &mail_of(&letter())).unwrap_err().to_string();
    assert!(error.starts_with("write mail to /dev/null/outbox/weekly_b2b") && error.contains("directory"), "{error}");
}
