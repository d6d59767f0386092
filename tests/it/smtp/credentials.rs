//! Logins: each mechanism, refusals, and that no password is shown.

use super::session::{send, session};
use super::{Answer, Login, Options, Server, Step};
use kpid::mail::{Auth, Needs, Relay, SendError, Session};
use std::sync::Arc;

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
