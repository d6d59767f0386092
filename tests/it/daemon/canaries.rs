//! Passwords that need encoding, with every crate at its most talkative; and texts that would break a log, where they come from files.

use super::harness::*;
use crate::servers;
use crate::smtp::{Answer, Login, Options, Step};
use crate::store::place::Place;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::process::Command;

/// Of the source, of the mail server and of the store: each as it is, and as it stands in a URL.
const SOURCE: [&str; 2] = ["c4n4ry-S@/:%?#8", "c4n4ry-S%40%2F%3A%25%3F%238"];
const MAIL: [&str; 2] = ["c4n4ry-M@/:%?#8", "c4n4ry-M%40%2F%3A%25%3F%238"];
const STORE: [&str; 2] = ["c4n4ry-T@/:%?#8", "c4n4ry-T%40%2F%3A%25%3F%238"];

/// What all of them have, and MAIL as AUTH PLAIN and AUTH LOGIN say it.
fn forms() -> Vec<String> {
    let mut forms = vec!["c4n4ry".to_owned(), STANDARD.encode(format!("\0kpid\0{}", MAIL[0]))];
    forms.extend([SOURCE, MAIL, STORE].map(|[plain, _]| STANDARD.encode(plain)));
    forms
}

#[track_caller]
fn is_silent(place: &str, text: &str) {
    for form in forms() {
        let round = |at: usize| {
            text[text.floor_char_boundary(at.saturating_sub(300))..text.ceil_char_boundary(at + 60)].to_owned()
        };
        assert_eq!(text.find(&form).map(round), None, "{place}");
    }
}

/// A role with a password of its own in the server of `url`; gives the URL by it.
fn role(url: &str, name: &str, [plain, encoded]: [&str; 2], ask: impl Fn(&str)) -> String {
    ask(&format!("CREATE ROLE {name} LOGIN PASSWORD '{plain}'; GRANT ALL ON SCHEMA public TO {name}"));
    let through = url.replace("kpid:kpid-test@", &format!("{name}:{encoded}@"));
    assert_ne!(through, url);
    through
}

/// Every text of the store, letters included.
fn all_of_it(site: &Site) -> String {
    let tables = ["meta", "node", "report_cursor", "run", "skip", "delivery", "measurement", "event", "suppression"];
    let rows = |table: &str| site.ask(&format!("SELECT string_agg(t::text, ' ') AS answer FROM {table} AS t"));
    let letters = "SELECT string_agg(subject || sender || convert_from(body, 'UTF8'), ' ') AS answer FROM artifact";
    tables.iter().map(|table| rows(table)).chain([site.ask(letters)]).collect()
}

/// What the daemon said and what people may ask, `doctor` among them, now that this and that is broken.
#[track_caller]
fn nothing_is_told(site: &Site, daemon: &Daemon, [store, crm]: [&str; 2]) {
    let log = daemon.log();
    assert!(log.len() > 5 && log.iter().all(serde_json::Value::is_object), "{log:#?}");
    log.iter().for_each(|line| is_silent("log", &line.to_string()));
    for page in ["/metrics", "/readyz", "/healthz"] {
        is_silent(page, &daemon.get(page).1);
    }
    for command in [
        "doctor",
        "check --connect",
        "runs --json",
        "outbox --json",
        "why-not daily",
        "measure --report daily",
        "reports",
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_kpid"));
        program
            .args(command.split(' '))
            .current_dir(site.folder.path())
            .env_remove("KPID_DIR")
            .env("KPID_LOG", EVERYTHING);
        let output = program.env("STORE", store).env("CRM", crm).env("PORT", "0").output().unwrap();
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{command}");
        is_silent(command, &String::from_utf8([output.stdout, output.stderr].concat()).unwrap());
    }
    site.mail.ledger().iter().for_each(|mail| is_silent("mail", &String::from_utf8_lossy(&mail.bytes)));
    is_silent("store", &all_of_it(site));
}

const EVERYTHING: &str =
    "trace,kpid=trace,sqlx=trace,axum=trace,hyper=trace,lettre=trace,rustls=trace,tokio=trace,mio=trace,notify=trace";

/// E-5, A21, ML-12: a life with a source and a mail server that refuse their passwords after they had taken them.
#[test]
fn passwords_that_need_encoding_stand_nowhere_whatever_is_logged() {
    let (Some(place), Some(crm)) = (Place::postgres(), servers::postgres()) else { return };
    let names = ["crm", "store"].map(|what| format!("canary_{what}_{}", std::process::id()));
    crm.run("CREATE TABLE leads (day date, created int); INSERT INTO leads SELECT current_date - 1, 4");
    let measured = role(crm.url(), &names[0], SOURCE, |sql| crm.run(sql));
    crm.run(&format!("GRANT SELECT ON leads TO {}", names[0]));
    let store = role(place.url().expose(), &names[1], STORE, |sql| block_on(place.run(sql)));
    let login = Some(Login::new("PLAIN LOGIN", "kpid", MAIL[0]));
    let mut site = Site::with_options(
        place,
        &report("daily", "0 0 1 1 *", &readers(2), ""),
        Options { login, ..Options::default() },
    );
    site.folder.write("password", MAIL[1]);
    let server = format!("smtp://kpid:${{file:password}}@127.0.0.1:{}", site.mail.port());
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("${MAIL}", &server));
    site.measures(&measured);
    let daemon = site.daemon().env("STORE", &store).env("KPID_LOG", EVERYTHING).serving();
    site.told(&["run-now", "daily"]);
    site.becomes("SELECT state AS answer FROM run", "delivered");
    nothing_is_told(&site, &daemon, [&store, &measured]);
    site.mail.on(|event| match event.step {
        Step::Auth => Answer::say(&format!("535 5.7.8 {} is no password, nor is {}", event.line, MAIL[0])),
        _ => Answer::Usual,
    });
    crm.run(&format!("ALTER ROLE {} PASSWORD 'another'", names[0]));
    crm.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}'", names[0]));
    // Connections that are logged in go with it.
    daemon.stop();
    let daemon = site.daemon().env("STORE", &store).env("KPID_LOG", EVERYTHING).serving();
    site.told(&["run-now", "daily"]);
    daemon.says("the run failed");
    daemon.says("the mail server is out of order and is left alone");
    nothing_is_told(&site, &daemon, [&store, &measured]);
    daemon.stop();
    let away = |name: &str| format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}");
    crm.run(&away(&names[0]));
    block_on(site.store.run(&away(&names[1])));
}

/// E-18, ML-1: names of files, people and reports, also those that are refused, begin no line of a log and no header of a mail.
#[test]
fn names_from_files_break_no_line_of_the_log_and_no_header() {
    let hostile = "\\u202e{\\\"level\\\":\\\"info\\\"} \\u2066x";
    let reader = format!("{{ name: \"Ana {hostile}\", email: ana@example.org }}");
    let title = format!("title: \"Leads {hostile}\"");
    let reports = |title: &str| {
        let lines = report("daily", "0 0 1 1 *", &["ana".to_owned()], title);
        format!("{lines}people:\n  ana: {reader}\n")
    };
    let site = Site::new(Place::sqlite(), &reports(&title), |_| Answer::Usual);
    let daemon = site.daemon().serving();
    site.told(&["run-now", "daily", "--wait"]);
    let mail = &site.got("ana@example.org")[0];
    let head = String::from_utf8_lossy(&mail.bytes).split("\r\n\r\n").next().unwrap().to_owned();
    assert!(head.lines().all(|line| line.starts_with([' ', '\t']) || line.split_once(": ").is_some()), "{head}");
    assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.contains('\u{202e}')), "{head}");
    let refused = "the edited catalogue is refused; the old one stays";
    site.declare(&reports("title: \"Leads\\r\\nBcc: eve@example.net\\e[31m\""));
    daemon.says(refused);
    site.declare(&reports(&title));
    daemon.says("the catalogue is unchanged");
    site.folder.write("kpis/a\n{\"level\":\"info\"}\u{1b}[31m\u{202e}.yaml", "reports: { broken\n");
    daemon.says_so(2, refused, |_| true);
    until(|| (site.letters().len() == 2).then_some(()), || format!("{:?}", site.letters()));
    for letter in site.got(ADMIN) {
        let head = String::from_utf8_lossy(&letter.bytes).split("\r\n\r\n").next().unwrap().to_owned();
        assert!(!head.contains("Bcc") && !head.contains('\u{1b}'), "{head}");
    }
    let log = daemon.log();
    assert!(log.iter().all(serde_json::Value::is_object), "each line is an event: {log:#?}");
    let name = "a\n{\"level\":\"info\"}\u{1b}";
    let named = |line: &&serde_json::Value| line["fields"]["why"].as_str().is_some_and(|why| why.contains(name));
    assert_eq!(log.iter().filter(named).count(), 1, "{log:#?}");
}
