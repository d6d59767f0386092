//! A [`Session`] against the scripted server: many mails on one connection, the last look, the lost lease.

use super::{Answer, Gate, Server, Step};
use kpid::mail::{Body, Headers, Mail, SendError, Session, compose};
use kpid::report::Letter;
use std::future::{pending, ready};
use std::sync::Arc;

/// The mail for `to`.
pub(super) fn mail(to: &str) -> Mail {
    let letter = Letter {
        subject: "Ventas".into(),
        html: "<p>312 €</p>".into(),
        text: "312 €\n.\n".into(),
        images: Vec::new(),
        attachments: Vec::new(),
    };
    let headers = Headers {
        from: "kpis@example.com",
        reply_to: None,
        name: None,
        email: to,
        id: to,
        list: "weekly",
        run: "weekly.2026-W46",
        thread: None,
        unsubscribe: None,
        date: "2026-11-16T07:00:00Z".parse().unwrap(),
    };
    compose(&Body::new(&letter).unwrap(), &headers).unwrap()
}

pub(super) fn session(server: &Server) -> Session {
    Session::new(Arc::new(kpid::mail::Server::parse(&server.url()).unwrap()))
}

pub(super) async fn send(session: &mut Session, to: &str) -> Result<String, SendError> {
    session.send(&mail(to), ready(true), pending()).await
}

#[tokio::test]
async fn one_connection_carries_many_mails_and_the_ledger_holds_them() {
    let server = Server::start(|_| Answer::Usual);
    let mut session = session(&server);
    for to in ["ana@example.org", "leo@example.org"] {
        send(&mut session, to).await.unwrap();
    }
    session.close().await;
    let ledger = server.ledger();
    let seen: Vec<_> = ledger.iter().map(|entry| (entry.connection, &*entry.to, &entry.bytes)).collect();
    let [ana, leo] = ["ana@example.org", "leo@example.org"].map(|to| mail(to).bytes());
    assert_eq!(seen, [(1, "ana@example.org", &ana), (1, "leo@example.org", &leo)]);
    assert_eq!(ledger[0].message_id, "<ana=40example.org@example.com>");
    assert_eq!(server.said_on(1).last().unwrap(), "QUIT");
}

/// Two mails, and what came of the first; the second is sent whatever became of it.
pub(super) async fn first_of_two(session: &mut Session) -> SendError {
    let error = send(session, "ana@example.org").await.unwrap_err();
    send(session, "leo@example.org").await.unwrap();
    error
}

pub(super) fn recipients(server: &Server) -> Vec<String> {
    server.ledger().into_iter().map(|entry| entry.to).collect()
}

#[tokio::test]
async fn words_of_acceptance_are_one_harmless_line() {
    let server = Server::start(|event| match event.step {
        Step::Dot => Answer::say(&format!("250-2.0.0 ok\t\u{1b}[2J\r\n250 2.0.0 {}", "ñ".repeat(600))),
        _ => Answer::Usual,
    });
    let reply = send(&mut session(&server), "ana@example.org").await.unwrap();
    assert!(reply.starts_with("250 2.0.0 ok \u{FFFD}[2J ññ"), "{reply}");
    assert_eq!(reply.chars().count(), 500);
}

/// SM-17
#[tokio::test]
async fn a_name_with_a_dead_address_works_by_another() {
    // `localhost` is ::1 as well where there is IPv6; nobody listens there.
    let server = Server::start(|_| Answer::Usual);
    let url = server.url().replace("127.0.0.1", "localhost");
    let mut session = Session::new(Arc::new(kpid::mail::Server::parse(&url).unwrap()));
    send(&mut session, "ana@example.org").await.unwrap();
}

#[tokio::test]
async fn the_last_look_comes_between_recipient_and_message() {
    let server = Server::start(|_| Answer::Usual);
    let mut session = session(&server);
    let last = || server.said().last().unwrap().1.clone();
    let refused = async {
        assert_eq!(last(), "RCPT TO:<ana@example.org>");
        false
    };
    let error = session.send(&mail("ana@example.org"), refused, pending()).await.unwrap_err();
    assert!(matches!(error, SendError::NotOurs), "{error:?}");
    assert_eq!(last(), "RSET");
    send(&mut session, "leo@example.org").await.unwrap();
    assert_eq!((server.connections(), recipients(&server)), (1, vec!["leo@example.org".to_owned()]));
}

/// A8
#[tokio::test]
async fn a_lost_lease_ends_the_dialogue_before_the_messages_end_and_not_after() {
    for (step, delivered) in [(Step::Mail, false), (Step::Rcpt, false), (Step::Data, false), (Step::Dot, true)] {
        let gate = Gate::closed();
        let held = gate.clone();
        let server = Server::start(move |event| match event.step == step && event.connection == 1 {
            true => Answer::Usual.after(&held),
            false => Answer::Usual,
        });
        let mut session = session(&server);
        let lost = async {
            gate.reached_by(1).await;
            gate.open();
        };
        match session.send(&mail("ana@example.org"), ready(true), lost).await {
            Ok(_) => assert!(delivered, "{step:?}"),
            Err(error) => assert!(!delivered && matches!(error, SendError::NotOurs), "{step:?}: {error:?}"),
        }
        send(&mut session, "leo@example.org").await.unwrap();
        assert_eq!(server.connections(), if delivered { 1 } else { 2 }, "{step:?}");
        assert_eq!(recipients(&server).contains(&"ana@example.org".to_owned()), delivered, "{step:?}");
    }
}

/// A session is a task of its own.
#[tokio::test]
async fn sending_can_be_spawned() {
    let server = Server::start(|_| Answer::Usual);
    let mut session = session(&server);
    let task = tokio::spawn(async move { send(&mut session, "ana@example.org").await });
    task.await.unwrap().unwrap();
    assert_eq!(server.ledger().len(), 1);
}
