//! What takes minutes, on a clock that a test winds forward.

use super::wire::{Failure, Wire};
use super::*;
use crate::mail::{Auth, Needs, Relay, Security};
use proptest::collection::vec;
use proptest::prelude::*;
use std::future::ready;
use std::net::Ipv4Addr;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::net::TcpListener;

const MINUTE: Duration = Duration::from_secs(60);

fn relay(port: u16) -> Relay {
    Relay { host: "127.0.0.1".into(), port, security: Security::Plain, login: None, auth: Auth::Password }
}

fn mail(body: &[u8]) -> Mail {
    Mail {
        id: "id".into(),
        from: "a@example.com".parse().unwrap(),
        to: "b@example.com".parse().unwrap(),
        head: b"\r\n".to_vec(),
        body: body.into(),
    }
}

/// A session that is connected to the other end.
fn connected() -> (Session, DuplexStream) {
    let (ours, theirs) = tokio::io::duplex(1024);
    let mut session = Session::new(Arc::new(Server::Smtp(relay(1))));
    let wire = Wire::new(Box::new(ours));
    session.connection = Some(Connection { wire, offers: connection::Offers::default(), used: Instant::now() });
    (session, theirs)
}

/// Answers each command as a content server does; before the answer to `slow`, which a byte may begin every `pause`, time passes.
async fn serve(stream: DuplexStream, slow: &str, pauses: &[Duration]) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    let mut in_message = false;
    while stream.read_line(&mut line).await.unwrap() > 0 {
        let command = line.trim_end().split(' ').next().unwrap_or_default().to_owned();
        line.clear();
        let answer: &[u8] = match &*command {
            "." => b"250 2.0.0 taken\r\n",
            _ if in_message => continue,
            "DATA" => b"354 go ahead\r\n",
            _ => b"250 2.0.0 ok\r\n",
        };
        in_message = command == "DATA";
        let mut rest = answer;
        for pause in pauses.iter().filter(|_| command == slow) {
            tokio::time::sleep(*pause).await;
            if stream.write_all(&rest[..1]).await.is_err() {
                return;
            }
            rest = &rest[1..];
        }
        stream.write_all(rest).await.unwrap();
    }
}

/// What comes of a mail to a server that is `slow`, and after how long.
async fn sent_to_slow(slow: &str, pauses: &[Duration]) -> (Result<String, SendError>, Duration) {
    let (mut session, theirs) = connected();
    let begun = Instant::now();
    let mail = mail(b"312\r\n");
    tokio::select! {
        sent = session.send(&mail, ready(true), pending()) => (sent, begun.elapsed()),
        () = serve(theirs, slow, pauses) => panic!("the client hung up"),
    }
}

/// SM-3
#[tokio::test(start_paused = true)]
async fn an_answer_after_nine_minutes_is_heard() {
    let (sent, took) = sent_to_slow(".", &[9 * MINUTE]).await;
    assert_eq!(sent.unwrap(), "250 2.0.0 taken");
    assert_eq!(took.as_secs() / 60, 9);
}

/// SM-1: the answer to the end counts for ten minutes, that to DATA for two, however many bytes of it drip in.
#[tokio::test(start_paused = true)]
async fn a_tarpit_is_given_up_in_time() {
    let (sent, took) = sent_to_slow(".", &[11 * MINUTE]).await;
    assert!(matches!(sent, Err(SendError::Unknown { .. })), "{sent:?}");
    assert_eq!(took.as_secs(), 600);
    let (sent, took) = sent_to_slow("DATA", &[Duration::from_secs(10); 14]).await;
    assert!(matches!(sent, Err(SendError::Interrupted { .. })), "{sent:?}");
    assert_eq!(took.as_secs(), 120);
}

/// SM-1
#[tokio::test(start_paused = true)]
async fn a_piece_that_is_not_taken_is_given_up_after_three_minutes() {
    let (mut session, theirs) = connected();
    let mut stream = BufReader::new(theirs);
    let serve = async {
        for answer in ["250 ok\r\n", "250 ok\r\n", "354 go ahead\r\n"] {
            stream.read_line(&mut String::new()).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        pending::<()>().await;
    };
    let begun = Instant::now();
    let mail = mail(&[b'x'; 10_000]);
    let sent = tokio::select! {
        sent = session.send(&mail, ready(true), pending()) => sent,
        () = serve => unreachable!("it waits for ever"),
    };
    assert!(matches!(sent, Err(SendError::Interrupted { .. })), "{sent:?}");
    assert_eq!(begun.elapsed().as_secs(), 180);
}

/// SM-2
#[tokio::test(start_paused = true)]
async fn a_connection_is_probed_after_ten_seconds_for_ten_seconds() {
    for (idle, silent) in [(9, false), (11, true)] {
        let (mut session, mut theirs) = connected();
        tokio::time::advance(Duration::from_secs(idle)).await;
        let begun = Instant::now();
        let alive = session.connection.as_mut().unwrap().is_alive(&session.deadlines).await;
        assert_eq!(alive, !silent);
        assert_eq!(begun.elapsed().as_secs(), if silent { 10 } else { 0 });
        drop(session);
        let mut said = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut theirs, &mut said).await.unwrap();
        assert_eq!(said, if silent { "NOOP\r\n" } else { "" });
    }
}

/// SM-15: what a server says without end is not kept.
#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let (ours, mut theirs) = tokio::io::duplex(1024);
    let mut wire = Wire::new(Box::new(ours));
    let drip = async {
        let mut written = 0;
        while theirs.write_all(&[b'2'; 1024]).await.is_ok() {
            written += 1024;
        }
        written
    };
    let hear = async move { wire.hear(220..=220, MINUTE).await };
    let (heard, written) = tokio::join!(hear, drip);
    assert!(matches!(heard, Err(Failure::Broken(why)) if why == "its answer has no end"));
    assert!(written < 80 * 1024, "{written}");
}

proptest! {
    /// SM-15: whatever a server says, acceptance is only heard where a line says so.
    #[test]
    fn no_bytes_make_hearing_panic_or_accept(lines in vec("(2[0-9]{0,3}|354|[ -~]{0,4}|\\PC{0,4})[ -]?(\\PC{0,8})(\r\n|\n|)", 0..4)) {
        let said = lines.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let heard = runtime.block_on(async {
            let (ours, mut theirs) = tokio::io::duplex(1024);
            theirs.write_all(said.as_bytes()).await.unwrap();
            drop(theirs);
            Wire::new(Box::new(ours)).hear(250..=259, MINUTE).await
        });
        let accepting = |line: &str| line.starts_with("25") && line[2..].starts_with(|c: char| c.is_ascii_digit());
        prop_assert!(heard.is_err() || said.lines().any(accepting), "{said:?}");
    }
}

#[tokio::test]
async fn server_without_a_greeting_is_given_up_in_time() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let relay = relay(listener.local_addr().unwrap().port());
    let place = relay.place();
    let deadlines = Deadlines { command: Duration::from_millis(50), ..Deadlines::default() };
    let mut session = Session::with_deadlines(Arc::new(Server::Smtp(relay)), deadlines);
    let error = session.send(&mail(b""), ready(true), pending()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("mail server {place}: no answer for 0.05 s"));
}

/// SM-17
#[tokio::test]
async fn the_next_address_is_tried_when_one_is_dead() {
    let live = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let dead = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    // An address of nobody (RFC 5737): packets to it are lost, or there is no way to it.
    let silent = (Ipv4Addr::new(192, 0, 2, 1), 25).into();
    let short = Duration::from_millis(50);
    let addresses = [dead, silent, live.local_addr().unwrap()];
    let socket = connection::first_of(addresses.into_iter(), short).await.unwrap();
    assert_eq!(socket.peer_addr().unwrap(), addresses[2]);
    assert!(socket.nodelay().unwrap());
    assert!(matches!(connection::first_of([dead, silent].into_iter(), short).await, Err(Failure::Broken(_))));
}

/// SM-17
#[test]
fn a_name_that_does_not_exist_needs_a_human_and_one_that_cannot_be_looked_up_does_not() {
    let unknown = |why: &str| connection::unknown(std::io::Error::other(why));
    let unknown_in = |libc: &str| unknown(&format!("failed to lookup address information: {libc}"));
    assert!(matches!(unknown_in("Name or service not known"), Failure::Unfit(_)));
    assert!(matches!(unknown_in("Name does not resolve"), Failure::Unfit(_)));
    assert!(matches!(unknown_in("Temporary failure in name resolution"), Failure::Broken(_)));
    assert!(matches!(unknown_in("Try again"), Failure::Broken(_)));
    assert!(matches!(unknown("timed out"), Failure::Broken(_)));
}

/// SM-17
#[tokio::test]
async fn a_host_that_cannot_exist_is_named_with_its_port() {
    // No DNS has a label this long, so none is asked.
    let host = format!("{}.example.com", "x".repeat(70));
    let mut session = Session::new(Arc::new(Server::Smtp(Relay { host: host.clone(), ..relay(25) })));
    let error = session.send(&mail(b""), ready(true), pending()).await.unwrap_err();
    assert!(matches!(error, SendError::Server { needs: Needs::Human, .. }), "{error:?}");
    assert!(error.to_string().starts_with(&format!("mail server {host}:25: ")), "{error}");
}
