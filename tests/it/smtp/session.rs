//! A [`Session`] against the scripted server: what comes of each fault, and what the server has seen of it.

use super::{Answer, Gate, Server, Step};
use kpid::mail::{Body, Deadlines, Headers, Mail, Needs, Phase, SendError, Session, compose};
use kpid::report::Letter;
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

/// The mail for `to`.
fn mail(to: &str) -> Mail {
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

fn session(server: &Server) -> Session {
    Session::new(Arc::new(kpid::mail::Server::parse(&server.url()).unwrap()))
}

async fn send(session: &mut Session, to: &str) -> Result<String, SendError> {
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
