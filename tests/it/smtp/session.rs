//! A [`Session`] against the scripted server: what comes of each fault, and what the server has seen of it.

use super::{Answer, Gate, Login, Options, Server, Step};
use kpid::mail::{Auth, Body, Deadlines, Headers, Mail, Needs, Phase, Relay, SendError, Session, compose};
use kpid::report::Letter;
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

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
async fn first_of_two(server: &Server, session: &mut Session) -> SendError {
    let error = send(session, "ana@example.org").await.unwrap_err();
    send(session, "leo@example.org").await.unwrap();
    error
}

fn with(server: &Server, change: impl FnOnce(&mut Deadlines)) -> Session {
    let mut deadlines = Deadlines::default();
    change(&mut deadlines);
    Session::with_deadlines(Arc::new(kpid::mail::Server::parse(&server.url()).unwrap()), deadlines)
}

fn recipients(server: &Server) -> Vec<String> {
    server.ledger().into_iter().map(|entry| entry.to).collect()
}

const SHORT: Duration = Duration::from_millis(50);

/// SM-1
#[tokio::test]
async fn every_answer_has_a_deadline() {
    let never = Gate::closed();
    for step in [Step::Connect, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let gate = never.clone();
        let server = Server::start(move |event| match event.step == step && event.connection == 1 {
            true => Answer::Usual.after(&gate),
            false => Answer::Usual,
        });
        let mut session = with(&server, |deadlines| match step {
            Step::Data => deadlines.data = SHORT,
            Step::Dot => deadlines.end = SHORT,
            _ => deadlines.command = SHORT,
        });
        let error = first_of_two(&server, &mut session).await;
        assert!(error.to_string().contains("no answer for 0.05 s"), "{step:?}: {error}");
        let classified = match step {
            Step::Dot => matches!(error, SendError::Unknown { .. }),
            Step::Rcpt | Step::Data => matches!(error, SendError::Interrupted { .. }),
            _ => matches!(error, SendError::Server { needs: Needs::Time, .. }),
        };
        assert!(classified, "{step:?}: {error:?}");
        assert_eq!(recipients(&server), ["leo@example.org"], "{step:?}");
        assert_eq!(server.connections(), 2, "{step:?}");
    }
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

/// SM-4
#[tokio::test]
async fn a_server_that_closes_down_is_to_blame_and_nothing_was_sent() {
    for step in [Step::Connect, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let server = Server::start(move |event| match event.step == step && event.connection == 1 {
            true => Answer::say("421 4.3.2 shutting down").and_drop(),
            false => Answer::Usual,
        });
        let error = first_of_two(&server, &mut session(&server)).await;
        assert!(matches!(error, SendError::Server { needs: Needs::Time, .. }), "{step:?}: {error:?}");
        assert!(error.to_string().ends_with(": 421 4.3.2 shutting down"), "{step:?}: {error}");
        assert_eq!(recipients(&server), ["leo@example.org"], "{step:?}");
    }
}

/// SM-5
#[tokio::test]
async fn a_greylisted_recipient_is_refused_for_now_and_taken_later() {
    let server = Server::start(|event| match event.step {
        Step::Rcpt if event.nth == 1 => Answer::say("451 4.7.1 greylisted for 300 s"),
        _ => Answer::Usual,
    });
    let mut session = session(&server);
    let error = send(&mut session, "ana@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Refused { phase: Phase::Recipient, code: 451, .. }), "{error:?}");
    assert!(!error.is_permanent());
    send(&mut session, "ana@example.org").await.unwrap();
    assert_eq!((server.connections(), recipients(&server)), (1, vec!["ana@example.org".to_owned()]));
}

/// SM-6, SM-13
#[tokio::test]
async fn refused_recipients_keep_nobody_else_from_getting_theirs() {
    let server = Server::start(|event| match (event.step, event.to.as_bytes().first()) {
        (Step::Rcpt, Some(b'0'..=b'2')) => Answer::say("550-5.1.1 no such user\r\n550 5.1.1 here"),
        (Step::Rcpt, Some(b'3' | b'4')) => Answer::say("451 4.3.0 later"),
        _ => Answer::Usual,
    });
    let mut session = session(&server);
    let mut outcomes = Vec::new();
    for number in 0..10 {
        outcomes.push(match send(&mut session, &format!("{number}@example.org")).await {
            Ok(_) => "sent",
            Err(error @ SendError::Refused { phase: Phase::Recipient, .. }) if error.is_permanent() => {
                assert!(error.to_string().ends_with(": 550 5.1.1 no such user here"), "{error}");
                "refused"
            }
            Err(SendError::Refused { phase: Phase::Recipient, code: 451, .. }) => "later",
            Err(other) => panic!("{other:?}"),
        });
    }
    let [refused, later, sent] = ["refused", "later", "sent"];
    assert_eq!(outcomes, [refused, refused, refused, later, later, sent, sent, sent, sent, sent]);
    assert_eq!((server.connections(), server.ledger().len()), (1, 5));
}

/// SM-7
#[tokio::test]
async fn a_message_refused_at_its_end_is_refused_and_the_connection_goes_on() {
    for (reply, large) in
        [("554 5.7.1 no", false), ("552 5.2.2 full", true), ("554 5.3.4 too big", true), ("452 4.3.1 disk", false)]
    {
        let server = Server::start(move |event| match event.step {
            Step::Dot if event.to.starts_with("ana") => Answer::say(reply),
            _ => Answer::Usual,
        });
        let error = first_of_two(&server, &mut session(&server)).await;
        let classified = match error {
            SendError::TooLarge { size, .. } => large && size == mail("ana@example.org").bytes().len(),
            SendError::Refused { phase: Phase::Message, code, .. } => !large && reply.starts_with(&code.to_string()),
            _ => false,
        };
        assert!(classified && error.to_string().ends_with(reply), "{error:?}");
        assert_eq!(error.is_permanent(), !reply.starts_with('4'));
        assert_eq!((server.connections(), recipients(&server)), (1, vec!["leo@example.org".to_owned()]));
    }
}

/// SM-7
#[tokio::test]
async fn a_message_refused_before_it_is_written_is_refused() {
    for step in [Step::Mail, Step::Data] {
        let server =
            Server::start(move |event| match event.step == step && event.nth == 1 && !event.to.starts_with("leo") {
                true => Answer::say("552 5.3.4 too big"),
                false => Answer::Usual,
            });
        let error = first_of_two(&server, &mut session(&server)).await;
        assert!(matches!(error, SendError::TooLarge { .. }), "{step:?}: {error:?}");
        assert_eq!((server.connections(), recipients(&server)), (1, vec!["leo@example.org".to_owned()]));
    }
}

/// SM-8
#[tokio::test]
async fn a_mail_larger_than_the_server_takes_is_not_begun() {
    let options = Options { size: Some(5_000), ..Options::default() };
    let server = Server::with(options, |_| Answer::Usual);
    let mut session = session(&server);
    let big = Mail { body: b"CAC 312\r\n".repeat(1_000).into(), ..mail("ana@example.org") };
    let error = session.send(&big, async { panic!("it is asked whether to send it") }, pending()).await.unwrap_err();
    let size = big.bytes().len();
    assert_eq!(
        error.to_string(),
        format!(
            "mail to ana@example.org is too large for 127.0.0.1:{}: it takes at most 5000 bytes, and the mail has {size}",
            server.port()
        )
    );
    assert!(matches!(error, SendError::TooLarge { .. }) && error.is_permanent());
    send(&mut session, "leo@example.org").await.unwrap();
    let commands: Vec<String> = server.said_on(1).iter().map(|line| line[..4].to_owned()).collect();
    assert_eq!(commands, ["EHLO", "RSET", "MAIL", "RCPT", "DATA"]);
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

/// SM-12
#[tokio::test]
async fn a_refused_login_needs_a_human() {
    let refusals = [
        (Step::Auth, "535 5.7.8 bad credentials", Needs::Human),
        (Step::Auth, "535 5.7.30 basic authentication is not supported", Needs::Human),
        (Step::Auth, "454 4.7.0 try later", Needs::Time),
        (Step::Mail, "530 5.7.0 log in first", Needs::Human),
        (Step::Rcpt, "530 5.7.0 log in first", Needs::Human),
        (Step::Mail, "550 5.7.1 not from you", Needs::Human),
        (Step::Mail, "451 4.3.0 later", Needs::Time),
    ];
    for (step, reply, needed) in refusals {
        let options = Options { login: Some(Login::new("PLAIN LOGIN", "ana", "hunter2")), ..Options::default() };
        let server = Server::with(options, move |event| match event.step == step {
            true => Answer::say(reply),
            false => Answer::Usual,
        });
        let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
        assert!(matches!(error, SendError::Server { needs, .. } if needs == needed), "{error:?}");
        assert_eq!(error.to_string(), format!("mail server 127.0.0.1:{}: {reply}", server.port()));
    }
}

/// SM-12
#[tokio::test]
async fn a_login_by_each_mechanism_is_accepted_and_another_is_not_tried() {
    for mechanisms in ["PLAIN LOGIN", "LOGIN", "plain"] {
        let options =
            Options { login: Some(Login::new(mechanisms, "ana@example.com", "p:ß@%")), ..Options::default() };
        let server = Server::with(options, |_| Answer::Usual);
        send(&mut session(&server), "ana@example.org").await.unwrap();
        assert_eq!(server.ledger().len(), 1, "{mechanisms}");
    }
    let options = Options { login: Some(Login::new("CRAM-MD5", "ana", "hunter2")), ..Options::default() };
    let server = Server::with(options, |_| Answer::Usual);
    let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Server { needs: Needs::Human, .. }), "{error:?}");
    assert!(error.to_string().ends_with(": it offers no login by PLAIN or LOGIN"), "{error}");
    assert!(server.said().iter().all(|(_, line)| line.starts_with("EHLO")), "{:?}", server.said());
}

/// D-19, SM-12
#[tokio::test]
async fn an_access_token_logs_in_and_an_expired_one_needs_a_human() {
    for (token, accepted) in [("ya29.fresh", true), ("ya29.expired", false)] {
        let options =
            Options { login: Some(Login::new("PLAIN XOAUTH2", "ana@example.com", "ya29.fresh")), ..Options::default() };
        let server = Server::with(options, |_| Answer::Usual);
        let url = server.url().replace("ya29.fresh", token);
        let kpid::mail::Server::Smtp(relay) = kpid::mail::Server::parse(&url).unwrap() else { panic!("{url}") };
        let relay = Relay { auth: Auth::Xoauth2, ..relay };
        let mut session = Session::new(Arc::new(kpid::mail::Server::Smtp(relay)));
        let sent = send(&mut session, "ana@example.org").await;
        assert!(server.said_on(1)[1].starts_with("AUTH XOAUTH2 "));
        let Err(error) = sent else {
            assert!(accepted);
            continue;
        };
        assert!(!accepted && matches!(error, SendError::Server { needs: Needs::Human, .. }), "{error:?}");
        assert!(error.to_string().ends_with(": 535 5.7.8 bad credentials"), "{error}");
        // The challenge is answered by an empty line.
        assert_eq!(server.said_on(1)[2..], [""]);
    }
}

#[tokio::test]
async fn what_a_server_repeats_of_the_password_is_not_shown() {
    // base64 of \0ana\0hunter2, of hunter2
    for said in ["hunter2", "AUTH PLAIN AGFuYQBodW50ZXIy", "aHVudGVyMg=="] {
        let options = Options { login: Some(Login::new("PLAIN", "ana", "hunter2")), ..Options::default() };
        let reply = format!("535 5.7.8 no \u{1b}[31m{said} {}", "x".repeat(900));
        let server = Server::with(options, move |event| match event.step {
            Step::Auth => Answer::say(&reply),
            _ => Answer::Usual,
        });
        let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
        let SendError::Server { why, .. } = error else { panic!("{error:?}") };
        let said = said.rsplit(' ').next().unwrap();
        assert!(!why.contains(said) && why.contains("***") && !why.contains('\u{1b}'), "{why}");
        assert_eq!(why.chars().count(), 500);
    }
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
        let error = first_of_two(&server, &mut session(&server)).await;
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
        let error = first_of_two(&server, &mut session(&server)).await;
        assert!(matches!(error, SendError::Interrupted { .. }), "{error:?}");
        assert!(error.to_string().ends_with("an answer out of step came: 250"), "{error}");
        assert_eq!(recipients(&server), ["leo@example.org"]);
    }
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
    assert_eq!(server.connections(), 2);
}

/// SM-16
#[tokio::test]
async fn mails_are_seven_bit_for_servers_that_offer_nothing() {
    let server = Server::start(|event| match event.step {
        Step::Ehlo => Answer::say("250 bare"),
        _ => Answer::Usual,
    });
    let mut session = session(&server);
    let accents = Mail { to: "maría@example.org".parse().unwrap(), ..mail("ana@example.org") };
    let error = session.send(&accents, ready(true), pending()).await.unwrap_err();
    assert!(matches!(error, SendError::Refused { phase: Phase::Recipient, code: 553, .. }) && error.is_permanent());
    assert!(
        error.to_string().ends_with("letters with accents in an address are not for this server (no SMTPUTF8)"),
        "{error}"
    );
    send(&mut session, "ana@example.org").await.unwrap();
    assert!(server.ledger()[0].bytes.is_ascii());
    assert_eq!(server.said_on(1)[2], "MAIL FROM:<kpis@example.com>");
}

/// SM-16
#[tokio::test]
async fn accents_in_an_address_go_where_they_are_understood() {
    let server = Server::with(Options { utf8: true, ..Options::default() }, |_| Answer::Usual);
    let accents = Mail { to: "maría@example.org".parse().unwrap(), ..mail("ana@example.org") };
    session(&server).send(&accents, ready(true), pending()).await.unwrap();
    assert_eq!(recipients(&server), ["maría@example.org"]);
    assert_eq!(server.said_on(1)[1], "MAIL FROM:<kpis@example.com> SMTPUTF8");
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
