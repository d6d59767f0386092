//! Connections that are lost, silent, stale or out of step: what is known of the mail, and that none is lost or doubled.

use super::session::{first_of_two, mail, recipients, send, session};
use super::{Answer, Gate, Options, Server, Step};
use futures_util::future::join_all;
use kpid::mail::{Deadlines, Mail, Needs, Phase, SendError, Session};
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

fn with(server: &Server, change: impl FnOnce(&mut Deadlines)) -> Session {
    let mut deadlines = Deadlines::default();
    change(&mut deadlines);
    Session::with_deadlines(Arc::new(kpid::mail::Server::parse(&server.url()).unwrap()), deadlines)
}

const SHORT: Duration = Duration::from_millis(50);

/// SM-1
#[tokio::test]
async fn every_answer_has_a_deadline() {
    let steps = [Step::Connect, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Dot];
    join_all(steps.map(has_a_deadline)).await;
}

async fn has_a_deadline(step: Step) {
    let never = Gate::closed();
    let server = Server::start(move |event| match event.step == step && event.connection == 1 {
        true => Answer::Usual.after(&never),
        false => Answer::Usual,
    });
    // Long enough for whoever is not held up.
    let short = Duration::from_secs(3);
    let mut session = with(&server, |deadlines| match step {
        Step::Data => deadlines.data = short,
        Step::Dot => deadlines.end = short,
        _ => deadlines.command = short,
    });
    let error = first_of_two(&mut session).await;
    assert!(error.to_string().contains("no answer for 3 s"), "{step:?}: {error}");
    let classified = match step {
        Step::Dot => matches!(error, SendError::Unknown { .. }),
        Step::Rcpt | Step::Data => matches!(error, SendError::Interrupted { .. }),
        _ => matches!(error, SendError::Server { needs: Needs::Time, .. }),
    };
    assert!(classified, "{step:?}: {error:?}");
    assert_eq!(recipients(&server), ["leo@example.org"], "{step:?}");
    assert_eq!(server.connections(), 2, "{step:?}");
}

/// SM-1
#[tokio::test]
async fn a_message_that_is_not_read_has_a_deadline() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Server::start(move |event| match event.step {
        Step::Body => Answer::Usual.after(&held),
        _ => Answer::Usual,
    });
    let mut session = with(&server, |deadlines| deadlines.block = SHORT);
    let error = session.send(&large("ana@example.org"), ready(true), pending()).await.unwrap_err();
    assert!(
        matches!(error, SendError::Interrupted { .. }) && error.to_string().contains("no answer for 0.05 s"),
        "{error:?}"
    );
    assert!(server.ledger().is_empty());
}

/// Larger than what sockets keep.
fn large(to: &str) -> Mail {
    Mail { body: b"CAC 312\r\n".repeat(2_000_000).into(), ..mail(to) }
}

/// SM-2
#[tokio::test]
async fn a_connection_that_went_quiet_is_replaced_and_nothing_is_doubled() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Server::start(move |event| match event.step {
        Step::Noop => Answer::Usual.after(&held),
        _ => Answer::Usual,
    });
    let mut session = with(&server, |deadlines| (deadlines.idle, deadlines.probe) = (Duration::ZERO, SHORT));
    send(&mut session, "ana@example.org").await.unwrap();
    send(&mut session, "leo@example.org").await.unwrap();
    let seen: Vec<_> = server.ledger().into_iter().map(|entry| (entry.connection, entry.to)).collect();
    assert_eq!(seen, [(1, "ana@example.org".to_owned()), (2, "leo@example.org".to_owned())]);
    assert_eq!(server.said_on(1).last().unwrap(), "NOOP");
}

#[tokio::test]
async fn a_connection_that_answers_its_probe_goes_on() {
    let server = Server::start(|_| Answer::Usual);
    let mut session = with(&server, |deadlines| deadlines.idle = Duration::ZERO);
    for to in ["ana@example.org", "leo@example.org"] {
        send(&mut session, to).await.unwrap();
    }
    assert_eq!((server.connections(), recipients(&server).len()), (1, 2));
    assert_eq!(server.said_on(1).iter().filter(|line| *line == "NOOP").count(), 1);
}

/// SM-9
#[tokio::test]
async fn a_connection_lost_before_the_end_means_not_delivered() {
    for step in [Step::Data, Step::Body] {
        let server = Server::start(move |event| match event.step == step && event.nth == 1 && event.connection == 1 {
            true => Answer::Drop,
            false => Answer::Usual,
        });
        let mut session = session(&server);
        let error = session.send(&large("ana@example.org"), ready(true), pending()).await.unwrap_err();
        assert!(matches!(error, SendError::Interrupted { .. }), "{step:?}: {error:?}");
        assert!(server.ledger().is_empty());
        send(&mut session, "ana@example.org").await.unwrap();
        assert_eq!(server.ledger().len(), 1);
    }
}

/// SM-10
#[tokio::test]
async fn a_connection_lost_after_the_end_means_perhaps_delivered() {
    for (answer, taken) in [(Answer::Drop, 0), (Answer::Drop.taken(), 1)] {
        let server = Server::start(move |event| match event.step {
            Step::Dot => answer.clone(),
            _ => Answer::Usual,
        });
        let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
        assert!(matches!(error, SendError::Unknown { .. }), "{error:?}");
        assert!(error.to_string().ends_with("sent, but incomplete response; it may have arrived"), "{error}");
        assert_eq!(server.ledger().len(), taken);
    }
}

/// SM-14
#[tokio::test]
async fn a_connection_that_the_server_has_given_up_is_replaced() {
    for step in [Step::Dot, Step::Mail, Step::Rcpt] {
        let server = Server::start(move |event| match (event.step == step, event.connection, event.mails) {
            (true, 1, 0) if step == Step::Dot => Answer::Usual.and_drop(),
            (true, 1, 1) => Answer::Drop,
            _ => Answer::Usual,
        });
        let mut session = session(&server);
        send(&mut session, "ana@example.org").await.unwrap();
        send(&mut session, "leo@example.org").await.unwrap();
        let seen: Vec<_> = server.ledger().into_iter().map(|entry| (entry.connection, entry.to)).collect();
        assert_eq!(seen, [(1, "ana@example.org".to_owned()), (2, "leo@example.org".to_owned())], "{step:?}");
    }
}

/// SM-14
#[tokio::test]
async fn a_server_that_restarts_between_two_mails_gets_both() {
    let first = Server::start(|_| Answer::Usual);
    let mut session = session(&first);
    send(&mut session, "ana@example.org").await.unwrap();
    assert_eq!(recipients(&first), ["ana@example.org"]);
    let options = Options { port: first.port(), ..Options::default() };
    drop(first);
    let second = Server::with(options, |_| Answer::Usual);
    send(&mut session, "leo@example.org").await.unwrap();
    assert_eq!(recipients(&second), ["leo@example.org"]);
}

/// SM-14: a server that says goodbye by itself is no answer to anything.
#[tokio::test]
async fn a_goodbye_between_two_mails_is_no_answer() {
    let server = Server::start(|event| match (event.step, event.connection) {
        (Step::Dot, 1) => Answer::say("250 2.0.0 ok\r\n421 4.4.2 idle for too long").and_drop(),
        _ => Answer::Usual,
    });
    let mut session = session(&server);
    send(&mut session, "ana@example.org").await.unwrap();
    send(&mut session, "leo@example.org").await.unwrap();
    assert_eq!(recipients(&server), ["ana@example.org", "leo@example.org"]);
}

/// SM-14: only what was used before may be stale.
#[tokio::test]
async fn a_new_connection_that_breaks_is_an_error() {
    let server = Server::start(|event| match event.step {
        Step::Mail => Answer::Drop,
        _ => Answer::Usual,
    });
    let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Server { needs: Needs::Time, .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

/// SM-15
#[tokio::test]
async fn what_is_no_answer_ends_the_dialogue() {
    let lines = "250-x\r\n".repeat(100_000);
    let nonsense: [(&[u8], &str); 7] = [
        (b"hello\r\n", "its answer is not SMTP"),
        (b"\r\n", "its answer is not SMTP"),
        (b"250-one\r\n251 two\r\n", "its answer is not SMTP"),
        (b"250 \xff\xfe\r\n", "its answer is not UTF-8"),
        (&[b'2'; 10 << 20], "its answer has no end"),
        (lines.as_bytes(), "its answer has no end"),
        (b"354 go ahead\r\n", "an answer out of step came: 354"),
    ];
    for (bytes, why) in nonsense {
        let bytes = bytes.to_vec();
        let server = Server::start(move |event| match (event.step, event.connection) {
            (Step::Rcpt, 1) => Answer::Bytes(bytes.clone()),
            _ => Answer::Usual,
        });
        let error = first_of_two(&mut session(&server)).await;
        assert!(matches!(error, SendError::Interrupted { .. }) && error.to_string().ends_with(why), "{error:?}");
        assert_eq!((server.connections(), recipients(&server)), (2, vec!["leo@example.org".to_owned()]));
    }
}

/// SM-15, A4
#[tokio::test]
async fn an_answer_too_many_is_never_taken_for_one() {
    for (step, reply) in [(Step::Rcpt, "250 ok\r\n250 ok"), (Step::Data, "354 go ahead\r\n250 2.0.0 taken")] {
        let server = Server::start(move |event| match (event.step == step, event.connection) {
            (true, 1) => Answer::say(reply),
            _ => Answer::Usual,
        });
        let error = first_of_two(&mut session(&server)).await;
        assert!(matches!(error, SendError::Interrupted { .. }), "{error:?}");
        assert!(error.to_string().ends_with("an answer out of step came: 250"), "{error}");
        assert_eq!(recipients(&server), ["leo@example.org"]);
    }
}

fn mails_begun(server: &Server, connection: usize) -> usize {
    server.said_on(connection).iter().filter(|line| line.starts_with("MAIL")).count()
}

/// A4: a mail that was given up may still be taken; the answer to it is nobody else's.
#[tokio::test]
async fn a_late_acceptance_after_its_deadline_is_never_another_mails() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Server::start(move |event| match event.step {
        Step::Dot if event.to.starts_with("ana") => Answer::say("250 2.0.0 late").after(&held),
        Step::Dot => Answer::say("554 5.7.1 no"),
        _ => Answer::Usual,
    });
    let mut session = with(&server, |deadlines| deadlines.end = SHORT);
    let error = send(&mut session, "ana@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Unknown { .. }), "{error:?}");
    gate.open();
    let error = send(&mut session, "leo@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Refused { phase: Phase::Message, code: 554, .. }), "{error:?}");
    assert_eq!((server.connections(), mails_begun(&server, 1)), (2, 1));
}

/// A4: M1 of the design, which lost mail in lettre's pool.
#[tokio::test]
async fn a_cancelled_mails_late_acceptance_is_never_another_mails() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Server::start(move |event| match event.step {
        Step::Dot if event.to.starts_with("ana") => Answer::say("250 2.0.0 late").after(&held),
        Step::Dot => Answer::say("554 5.7.1 no"),
        _ => Answer::Usual,
    });
    let mut session = session(&server);
    tokio::select! {
        sent = send(&mut session, "ana@example.org") => panic!("{sent:?}"),
        () = gate.reached_by(1) => {}
    }
    gate.open();
    let error = send(&mut session, "leo@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Refused { phase: Phase::Message, code: 554, .. }), "{error:?}");
    assert_eq!((server.connections(), mails_begun(&server, 1)), (2, 1));
}

/// SM-18
#[tokio::test]
async fn a_server_that_takes_five_mails_a_connection_gets_all() {
    for step in [Step::Mail, Step::Rcpt] {
        let server = Server::start(move |event| match event.step == step && event.mails == 5 {
            true => Answer::say("421 4.7.0 too many messages on this connection").and_drop(),
            false => Answer::Usual,
        });
        let mut session = session(&server);
        for number in 0..12 {
            send(&mut session, &format!("{number}@example.org")).await.unwrap();
        }
        let expected: Vec<String> = (0..12).map(|number| format!("{number}@example.org")).collect();
        assert_eq!((server.connections(), recipients(&server)), (3, expected));
    }
}
