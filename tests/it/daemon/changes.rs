//! What is declared changes its name or its password, and goes on.

use super::harness::*;
use crate::smtp::{Answer, Login, Options, Step};
use crate::store::place::Place;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::sync::{Arc, Mutex};

const NEVER: &str = "0 0 1 1 *";

/// The report `daily` under its new name.
fn renamed(schedule: &str, more: &str) -> String {
    report("digest", schedule, &readers(2), &format!("was: daily, {more}"))
}

/// CF-6, A2: what came due under the old name is made once, under whichever name.
#[test]
fn renamed_report_loses_no_edition_and_doubles_none() {
    let schedule = this_minute();
    let site = Site::new(Place::sqlite(), &report("daily", &schedule, &readers(2), ""), |_| Answer::Usual);
    site.last_served(hours(1));
    site.declare(&renamed(&schedule, ""));
    let daemon = site.daemon().serving();
    site.settled();
    assert_eq!(site.runs(), "digest delivered", "it was due and not yet made");
    site.declare(&report("bulletin", &schedule, &readers(2), "was: digest"));
    daemon.says("the catalogue was read anew");
    site.becomes("SELECT COUNT(*) AS answer FROM report_cursor WHERE report = 'bulletin'", "1");
    daemon.stop();
    assert_eq!(site.runs(), "digest delivered", "it had been made");
    site.each_got_one(&readers(2));
    assert_eq!(site.letters(), Vec::<String>::new());
}

/// CF-6: an edition that waits for its data when the report gets another name.
#[test]
fn run_that_waits_is_made_when_its_report_was_renamed() {
    let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(2), ""), |_| Answer::Usual);
    let fresh = "fresh: { sql: \"SELECT max(at) FROM loads\", within: 1h, otherwise: hold, hold_for: 6h },";
    let kpis = std::fs::read_to_string(site.folder.path().join("kpis/kpis.yaml")).unwrap();
    site.folder.write("kpis/kpis.yaml", &kpis.replace("{ database: crm,", &format!("{{ {fresh} database: crm,")));
    site.fill("CREATE TABLE loads (at TEXT); INSERT INTO loads VALUES ('2026-01-01T00:00:00Z')");
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    daemon.says("the run waits");
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "due");
    site.declare(&renamed(NEVER, ""));
    daemon.says("the catalogue was read anew");
    site.fill("INSERT INTO loads VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))");
    site.passes(minutes(6));
    site.settled();
    assert_eq!(site.runs(), "daily delivered");
    site.each_got_one(&readers(2));
}

on_each_store! {
    /// CF-6: who left it under the old name stays away, until they are let in again.
    fn renamed_report_keeps_its_readers_wishes(place: Place) {
        let site = Site::new(place, &report("daily", NEVER, &readers(2), ""), |_| Answer::Usual);
        let daemon = site.daemon().serving();
        site.told(&["run-now", "daily", "--wait"]);
        site.told(&["outbox", "suppress", "R0@example.org", "--report", "daily"]);
        site.declare(&renamed(NEVER, ""));
        daemon.says("the catalogue was read anew");
        site.becomes("SELECT COUNT(*) AS answer FROM suppression WHERE report = 'digest'", "1");
        let counts = || readers(2).iter().map(|reader| site.got(reader).len()).collect::<Vec<_>>();
        site.told(&["run-now", "digest", "--wait"]);
        assert_eq!(counts(), [1, 2]);
        assert_eq!(site.runs(), "daily delivered,digest delivered");
        site.told(&["outbox", "allow", "r0@example.org", "--report", "digest"]);
        site.told(&["run-now", "digest", "--wait"]);
        assert_eq!(counts(), [2, 3]);
    }
}

/// CF-6: what it told under its old name is what it told before, and is found under the new one.
#[test]
fn renamed_report_goes_on_with_its_history() {
    let schedule = this_minute();
    let site = Site::new(Place::sqlite(), &report("daily", &schedule, &readers(2), "send: change"), |_| Answer::Usual);
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    site.settled();
    site.declare(&renamed(&schedule, "send: change"));
    daemon.says("the catalogue was read anew");
    let told = site.told(&["run-now", "digest", "--wait"]);
    assert!(told.contains("skipped: `send: change`, and every verdict is that of the edition before"), "{told}");
    let listed: Value = serde_json::from_str(&site.told(&["runs", "digest", "--json"])).unwrap();
    let names: Vec<&Value> = listed["runs"].as_array().unwrap().iter().map(|run| &run["report"]).collect();
    assert_eq!(names, ["digest", "daily"]);
    let why = site.told(&["why-not", "digest"]);
    assert!(why.starts_with("digest of ") && why.contains(" went out\n"), "{why}");
}

/// CF-4: of each run the store can say which files it was made by.
#[test]
fn runs_are_listed_with_the_version_of_the_catalogue_that_made_them() {
    let site = Site::new(Place::sqlite(), &report("daily", NEVER, &readers(1), ""), |_| Answer::Usual);
    let daemon = site.daemon().serving();
    let mut versions = vec![daemon.says("serving")["fields"]["catalogue"].clone()];
    site.told(&["run-now", "daily", "--wait"]);
    site.declare(&report("daily", NEVER, &readers(1), "title: Another"));
    versions.push(daemon.says("the catalogue was read anew")["fields"]["version"].clone());
    site.told(&["run-now", "daily", "--wait"]);
    let listed: Value = serde_json::from_str(&site.told(&["runs", "--json"])).unwrap();
    let listed: Vec<&Value> = listed["runs"].as_array().unwrap().iter().map(|run| &run["yaml"]).rev().collect();
    assert_eq!(listed, versions.iter().collect::<Vec<_>>());
    assert_ne!(versions[0], versions[1]);
}

/// CF-7: without a restart; the connection that was logged in by the old one is not used any more.
#[test]
fn password_that_was_rotated_is_used_at_the_next_login() {
    let login = Some(Login::new("PLAIN", "kpid", ""));
    let options = Options { login, ..Options::default() };
    let site = Site::with_options(Place::sqlite(), &report("daily", NEVER, &readers(2), ""), options);
    let good = Arc::new(Mutex::new("first"));
    let known = good.clone();
    site.mail.on(move |event| match event.step {
        Step::Auth if event.line == auth(*known.lock().unwrap()) => Answer::say("235 2.7.0 welcome"),
        Step::Auth => Answer::say("535 5.7.8 bad credentials"),
        _ => Answer::Usual,
    });
    site.folder.write("password", "first\n");
    let server = format!("smtp://kpid:${{file:password}}@127.0.0.1:{}", site.mail.port());
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("${MAIL}", &server));
    let daemon = site.daemon().serving();
    site.told(&["run-now", "daily", "--wait"]);
    *good.lock().unwrap() = "second";
    site.folder.write("password", "second\n");
    daemon.signal("HUP");
    daemon.says("the catalogue was read anew");
    site.told(&["run-now", "daily", "--wait"]);
    daemon.signal("HUP");
    daemon.says("the catalogue is unchanged");
    assert_eq!(site.mails(), "4 sent");
    let logins: Vec<String> =
        site.mail.said().into_iter().map(|(_, line)| line).filter(|line| line.starts_with("AUTH")).collect();
    let turn = logins.iter().position(|line| *line == auth("second")).expect("it logged in by the new one");
    assert!(turn > 0 && logins[..turn].iter().all(|line| *line == auth("first")), "{logins:?}");
    assert!(logins[turn..].iter().all(|line| *line == auth("second")), "{logins:?}");
    assert_eq!((site.letters(), daemon.metric("kpid_smtp_relay_held")), (Vec::new(), Some(0.0)));
}

fn auth(password: &str) -> String {
    format!("AUTH PLAIN {}", STANDARD.encode(format!("\0kpid\0{password}")))
}
