//! What must not be read anywhere, after a life in which much went wrong at the most talkative level of the log.

use super::harness::*;
use super::proxy::{Network, Proxy};
use crate::servers;
use crate::smtp::{Answer, Login, Options, Step};
use crate::store::place::Place;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const CANARY: &str = "c4n4ry-8Qz";

/// The forms in which a password may be said: as it is, and as AUTH PLAIN and AUTH LOGIN say it.
fn forms(user: &str) -> Vec<String> {
    vec![CANARY.to_owned(), STANDARD.encode(format!("\0{user}\0{CANARY}")), STANDARD.encode(CANARY)]
}

#[track_caller]
fn is_silent(place: &str, bytes: &[u8]) {
    for form in forms("kpid") {
        let at = bytes.windows(form.len()).position(|window| window == form.as_bytes());
        let round = |at: usize| {
            String::from_utf8_lossy(&bytes[at.saturating_sub(300)..(at + 60).min(bytes.len())]).into_owned()
        };
        assert!(at.is_none(), "{place}: …{}…", round(at.unwrap_or_default()));
    }
}

/// All that a daemon has said and shown, and what a person may ask beside it.
#[track_caller]
fn nothing_is_told(site: &Site, daemon: &Daemon) {
    let log = daemon.log();
    assert!(log.iter().all(serde_json::Value::is_object), "each line is an event: {log:#?}");
    log.iter().for_each(|line| is_silent("log", line.to_string().as_bytes()));
    for path in ["/metrics", "/readyz", "/healthz", "/"] {
        is_silent(path, daemon.get(path).1.as_bytes());
    }
    for command in [
        &["runs", "--json"][..],
        &["runs"],
        &["outbox", "--json"],
        &["outbox"],
        &["check"],
        &["check", "--connect"],
        &["why-not", "daily"],
        &["source", "leads"],
        &["measure", "--report", "daily"],
        &["reports"],
    ] {
        let output = site.kpid(command);
        is_silent(&command.join(" "), &[output.stdout, output.stderr].concat());
    }
    site.mail.ledger().iter().for_each(|entry| is_silent("mail", &entry.bytes));
}

/// E-5, A21, ML-12: passwords of the source, in the environment, and of the mail server, in a file, both refused; then one that works.
#[test]
fn passwords_stand_in_no_log_mail_metric_store_or_answer() {
    let Some(crm) = servers::postgres() else { return };
    let login = Some(Login::new("PLAIN LOGIN", "kpid", CANARY));
    let reports = report("daily", &this_minute(), &readers(3), "");
    let mut site = Site::with_options(Place::sqlite(), &reports, Options { login, ..Options::default() });
    let password = site.folder.write("password", CANARY);
    let server = format!("smtp://kpid:${{file:{}}}@127.0.0.1:{}", password.display(), site.mail.port());
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("${MAIL}", &server));
    site.measures(&crm.url().replace("kpid-test@", &format!("{CANARY}@")));
    site.last_served(hours(1));
    // A server that repeats what it is told.
    site.mail.on(|event| match event.step {
        Step::Auth => Answer::say(&format!("535 5.7.8 no, not {} ({CANARY})", event.line)),
        _ => Answer::Usual,
    });
    let daemon = site.daemon().env("KPID_LOG", "trace").serving();
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "failed");
    daemon.says("the mail server is out of order and is left alone");
    nothing_is_told(&site, &daemon);
    daemon.stop();
    site.mail.on(|event| match event.step {
        Step::Rcpt if event.to == ADMIN && event.nth == 1 => Answer::say(&format!("451 4.7.1 later, {CANARY}")),
        _ => Answer::Usual,
    });
    site.passes(minutes(16));
    let daemon = site.daemon().env("KPID_LOG", "trace").serving();
    daemon.says("not sent");
    until(
        || {
            site.queue_waits(minutes(2));
            (site.letters().len() == 2).then_some(())
        },
        || format!("{:?}", site.letters()),
    );
    nothing_is_told(&site, &daemon);
    daemon.stop();
    for file in std::fs::read_dir(site.store.file().parent().unwrap()).unwrap() {
        let path = file.unwrap().path();
        is_silent(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
}

/// E-5, A21: that of the store itself, while it can be reached and while it can't.
#[test]
fn password_of_the_store_stands_nowhere() {
    let Some(place) = Place::postgres() else { return };
    let role = format!("canary_{}", std::process::id());
    block_on(place.run(&format!("CREATE ROLE {role} LOGIN PASSWORD '{CANARY}'; GRANT ALL ON SCHEMA public TO {role}")));
    let site = Site::new(place, &report("daily", "0 0 1 1 *", &readers(2), ""), |_| Answer::Usual);
    let url = site.store.url().expose().replace("kpid:kpid-test@", &format!("{role}:{CANARY}@"));
    assert!(url.contains(CANARY));
    let (proxy, through) = Proxy::before(&url);
    let daemon = site.daemon().env("STORE", &through).env("KPID_LOG", "trace").serving();
    site.becomes("SELECT COUNT(*) AS answer FROM node", "1");
    site.told(&["run-now", "daily"]);
    site.becomes("SELECT state AS answer FROM run", "delivered");
    proxy.set(Network::Cut);
    daemon.hindered_by("the store");
    nothing_is_told(&site, &daemon);
    daemon.kill();
    let mut refused = site.daemon().env("STORE", &through).env("KPID_LOG", "trace").spawn();
    assert_eq!(refused.dies().code(), Some(1));
    refused.log().iter().for_each(|line| is_silent("refused", line.to_string().as_bytes()));
    let kept = "SELECT (SELECT string_agg(e::text, '') FROM event e) || (SELECT string_agg(r::text, '') FROM run r) || \
        (SELECT string_agg(m::text, '') FROM meta m) AS answer";
    is_silent("store", site.ask(kept).as_bytes());
    drop(refused);
    block_on(site.store.run(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}")));
}

/// E-18: what a server says can begin no line of its own, colour no terminal and show no reader's address.
#[test]
fn log_holds_one_event_a_line_and_no_address_of_a_reader() {
    let reports = report("daily", &this_minute(), &readers(3), "");
    let site = Site::new(Place::sqlite(), &reports, |event| match event.step {
        Step::Rcpt if event.to == "r0@example.org" => Answer::Bytes(
            b"550 5.1.1 <r0@example.org>\x1b[31m no \x07\xe2\x80\xae{\"level\":\"info\"} such\rline\r\n".to_vec(),
        ),
        Step::Rcpt if event.to == "r1@example.org" => Answer::say("451 4.2.0 r1@example.org is full"),
        _ => Answer::Usual,
    });
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    daemon.says("given up");
    daemon.says("not sent");
    daemon.says("sent");
    let log = daemon.log();
    assert!(log.iter().all(serde_json::Value::is_object), "{log:#?}");
    for line in &log {
        let text = line.to_string();
        assert!(!text.contains("r0@example.org") && !text.contains("r1@example.org"), "{text}");
        for field in line["fields"].as_object().unwrap().values().filter_map(serde_json::Value::as_str) {
            assert!(!field.chars().any(|c| c.is_control() || c == '\u{202e}'), "{field:?}");
        }
    }
}
