//! TLS from end to end. Trust comes from `SSL_CERT_FILE`, as in life: tests that need it run again as a process that has it.

use super::session::{mail, send, session};
use super::{AUTHORITY, Answer, Certificate, Login, Options, Server, Step, Tls};
use kpid::mail::{Needs, SendError};
use std::process::Command;

const WAYS: [Tls; 2] = [Tls::Upgrade, Tls::Implicit];

/// Whether this process trusts what `file` holds. If not, the test has been run by one that does.
fn trusts(file: &str, test: &str) -> bool {
    if std::env::var_os("SSL_CERT_FILE").is_some_and(|trusted| trusted == file) {
        return true;
    }
    let test = format!("smtp::protection::{test}");
    let mut again = Command::new(std::env::current_exe().unwrap());
    let again = again.args(["--exact", &test, "--nocapture"]).env("SSL_CERT_FILE", file).env_remove("SSL_CERT_DIR");
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    false
}

fn server(
    tls: Tls,
    certificate: Certificate,
    script: impl Fn(&super::Event) -> Answer + Send + Sync + 'static,
) -> Server {
    let login = Some(Login::new("PLAIN LOGIN", "ana", "hunter2"));
    Server::with(Options { tls, certificate, login, ..Options::default() }, script)
}

/// What a client said whose login could be read by others, or went to a stranger: nothing.
#[track_caller]
fn no_login_was_tried(server: &Server) {
    let said = server.said();
    assert!(said.iter().all(|(_, line)| line.starts_with("EHLO ") || line == "STARTTLS"), "{said:?}");
    assert!(server.ledger().is_empty());
}

#[tokio::test]
async fn mails_go_under_tls_after_a_login() {
    if !trusts(AUTHORITY, "mails_go_under_tls_after_a_login") {
        return;
    }
    for tls in WAYS {
        let server = server(tls, Certificate::Good, |_| Answer::Usual);
        let mut session = session(&server);
        for to in ["ana@example.org", "leo@example.org"] {
            send(&mut session, to).await.unwrap();
        }
        session.close().await;
        let bytes: Vec<_> = server.ledger().into_iter().map(|entry| entry.bytes).collect();
        assert_eq!(bytes, ["ana@example.org", "leo@example.org"].map(|to| mail(to).bytes()), "{tls:?}");
        assert_eq!(server.connections(), 1);
    }
}

/// SM-11, E-12
#[tokio::test]
async fn a_certificate_that_proves_nothing_gets_no_login() {
    if !trusts(AUTHORITY, "a_certificate_that_proves_nothing_gets_no_login") {
        return;
    }
    for tls in WAYS {
        for (certificate, why) in [(Certificate::Expired, "expired"), (Certificate::OtherName, "not valid for name")] {
            let server = server(tls, certificate, |_| Answer::Usual);
            let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
            assert!(matches!(error, SendError::Server { needs: Needs::Human, .. }), "{error:?}");
            let text = error.to_string();
            assert!(
                text.contains("no TLS, so nothing was sent: invalid peer certificate") && text.contains(why),
                "{text}"
            );
            no_login_was_tried(&server);
        }
    }
}

/// SM-11, E-12: this process doesn't trust the test authority.
#[tokio::test]
async fn an_unknown_authority_gets_no_login() {
    for tls in WAYS {
        let server = server(tls, Certificate::Good, |_| Answer::Usual);
        let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
        assert!(matches!(error, SendError::Server { needs: Needs::Human, .. }), "{error:?}");
        no_login_was_tried(&server);
    }
}

/// SM-11
#[tokio::test]
async fn trust_that_is_missing_is_said_with_its_file() {
    let file = "/nowhere/authority.pem";
    if !trusts(file, "trust_that_is_missing_is_said_with_its_file") {
        return;
    }
    let server = server(Tls::Upgrade, Certificate::Good, |_| Answer::Usual);
    let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Server { needs: Needs::Human, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("this machine trusts no certificate") && text.contains(file), "{text}");
    no_login_was_tried(&server);
}

/// SM-11, E-12: as somebody on the way would do it.
#[tokio::test]
async fn starttls_that_is_taken_away_or_refused_gets_no_login() {
    let ways = [
        (
            Step::Ehlo,
            "250-scripted\r\n250 AUTH PLAIN LOGIN",
            Needs::Human,
            "it offers no STARTTLS, so nothing was sent",
        ),
        (Step::StartTls, "501 5.5.4 what?", Needs::Human, "501 5.5.4 what?"),
        (Step::StartTls, "454 4.7.0 no TLS now", Needs::Time, "454 4.7.0 no TLS now"),
        (
            Step::StartTls,
            "220 go ahead\r\n250-scripted\r\n250 AUTH PLAIN LOGIN",
            Needs::Human,
            "it spoke in plain text after TLS",
        ),
    ];
    for (step, reply, needed, why) in ways {
        let server = server(Tls::Upgrade, Certificate::Good, move |event| match event.step == step {
            true => Answer::say(reply),
            false => Answer::Usual,
        });
        let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
        assert!(matches!(error, SendError::Server { needs, .. } if needs == needed), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
        no_login_was_tried(&server);
    }
}

/// SM-11: a lost connection is no bad certificate.
#[tokio::test]
async fn a_connection_lost_under_way_to_tls_is_tried_again() {
    let server = server(Tls::Upgrade, Certificate::Good, |event| match event.step {
        Step::StartTls => Answer::say("220 go ahead").and_drop(),
        _ => Answer::Usual,
    });
    let error = send(&mut session(&server), "ana@example.org").await.unwrap_err();
    assert!(matches!(error, SendError::Server { needs: Needs::Time, .. }), "{error:?}");
    no_login_was_tried(&server);
}
