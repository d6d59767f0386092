//! What a server refuses in step: the server, the recipient, or the message is to blame, and the connection goes on.

use super::session::{first_of_two, mail, recipients, send, session};
use super::{Answer, Options, Server, Step};
use kpid::mail::{Mail, Needs, Phase, SendError};
use std::future::{pending, ready};

/// SM-4
#[tokio::test]
async fn a_server_that_closes_down_is_to_blame_and_nothing_was_sent() {
    for step in [Step::Connect, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let server = Server::start(move |event| match event.step == step && event.connection == 1 {
            true => Answer::say("421 4.3.2 shutting down").and_drop(),
            false => Answer::Usual,
        });
        let error = first_of_two(&mut session(&server)).await;
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
        let error = first_of_two(&mut session(&server)).await;
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
        let error = first_of_two(&mut session(&server)).await;
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
