//! Who gets a mail, when, and when nobody does until a person has decided.

use super::harness::*;
use crate::servers::free_port;
use crate::smtp::{Answer, Event, Step};
use crate::store::place::Place;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

const NEVER: &str = "0 0 1 1 *";

/// A site whose settings of mail begin with `mail`.
fn mailing(mail: &str, reports: &str, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> Site {
    let site = Site::new(Place::sqlite(), reports, script);
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("from: ", &format!("{mail}, from: ")));
    site
}

#[track_caller]
fn names_no_reader(daemon: &Daemon) {
    let named = daemon.log().into_iter().find(|line| line.to_string().contains("@example.org"));
    assert_eq!(named, None);
}

/// `cc_admin`: as any reader, and once, however the report names them.
#[test]
fn admin_gets_a_copy_of_the_reports_that_say_so() {
    let to = |to: &str| vec![to.to_owned()];
    let reports = [
        report("copied", &this_minute(), &to("r0@example.org"), "cc_admin: true"),
        report("named", &this_minute(), &to("Admin@Example.com"), "cc_admin: true"),
        report("other", &this_minute(), &to("r0@example.org"), ""),
    ];
    let site = Site::new(Place::sqlite(), &reports.concat(), |_| Answer::Usual);
    site.last_served(hours(1));
    let _daemon = site.daemon().serving();
    site.becomes("SELECT COUNT(*) AS answer FROM run WHERE state = 'delivered'", "3");
    let rows =
        "SELECT report || ' ' || recipient AS answer FROM delivery JOIN run ON run.run = delivery.run ORDER BY 1";
    assert_eq!(
        site.ask(rows),
        "copied admin@example.com,copied r0@example.org,named admin@example.com,other r0@example.org"
    );
    assert_eq!(site.mails(), "4 sent");
    let copy = words(&site.got(ADMIN)[0]);
    assert!(copy.contains("Leads") && site.letters().len() == 1, "{copy}");
}

/// `rate`: as many mails a minute, evenly, over all connections.
#[test]
fn mails_keep_the_rate_of_the_settings() {
    let site = mailing("rate: 30/minute", &report("daily", &this_minute(), &readers(5), ""), |_| Answer::Usual);
    site.last_served(hours(1));
    let _daemon = site.daemon().serving();
    site.settled();
    site.each_got_one(&readers(5));
    // Each may be told a little later than it went out.
    let between: u64 = site.ask("SELECT MAX(sent_ms) - MIN(sent_ms) AS answer FROM delivery").parse().unwrap();
    assert!((5_000..60_000).contains(&between), "{between} ms");
}

/// SM-10 with `on_unknown: hold`: a person decides about each, also while no daemon runs; the mail that goes again is the same.
#[test]
fn mails_that_were_perhaps_delivered_wait_for_a_person() {
    let other = report("other", NEVER, &["r1@example.org".to_owned()], "");
    let reports = report("daily", &this_minute(), &readers(3), "") + &other;
    let site = mailing("on_unknown: hold", &reports, |event| match event.step {
        Step::Dot if event.to == "r0@example.org" && event.nth == 1 => Answer::Drop.taken(),
        Step::Dot if event.to == "r2@example.org" => Answer::Drop,
        _ => Answer::Usual,
    });
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    until(|| (site.letters().len() == 2).then_some(()), || format!("{:?}", site.letters()));
    let mut letters = site.letters();
    letters.sort();
    let perhaps = |n: usize| format!("kpid: Mail to r{n}@example.org was perhaps delivered");
    assert_eq!(letters, [perhaps(0), perhaps(2)]);
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "partly");
    assert_eq!(site.mails(), "2 held,1 sent");
    daemon.shows("kpid_deliveries{state=\"held\"}", 2.0);
    names_no_reader(&daemon);
    daemon.stop();
    // Time alone decides nothing.
    site.passes(hours(2));
    let daemon = site.daemon().serving();
    site.told(&["run-now", "other", "--wait"]);
    assert_eq!(site.mails(), "2 held,2 sent");
    daemon.stop();
    let id = |n: usize| {
        site.ask(&format!(
            "SELECT delivery AS answer FROM delivery WHERE recipient = 'r{n}@example.org' AND state = 'held'"
        ))
    };
    site.told(&["outbox", "retry", &id(0)]);
    site.told(&["outbox", "cancel", &id(2)]);
    let _daemon = site.daemon().serving();
    site.settled();
    assert_eq!(site.mails(), "1 cancelled,3 sent");
    let [lost, again] = &site.got("r0@example.org")[..] else { panic!("{:#?}", site.mail.ledger()) };
    assert_eq!((&lost.sha256, &lost.message_id), (&again.sha256, &again.message_id));
    assert_eq!(site.got("r2@example.org"), []);
    assert_eq!(site.letters().len(), 2);
}

/// `send: change`: it goes by verdicts, not by values; and an edition that nobody got is kept like any other.
#[test]
fn edition_that_is_not_sent_keeps_its_values() {
    let site = Site::new(Place::sqlite(), &report("daily", NEVER, &readers(1), "send: change"), |_| Answer::Usual);
    let daemon = site.daemon().serving();
    let mut sent = Vec::new();
    for created in [4, 5, 1, 2] {
        site.fill(&format!("UPDATE leads SET created = {created}"));
        site.told(&["run-now", "daily", "--wait"]);
        sent.push(site.got("r0@example.org").len());
    }
    assert_eq!(sent, [1, 1, 2, 2]);
    assert_eq!(site.runs(), "daily delivered,daily skipped,daily delivered,daily skipped");
    let kept = "SELECT CAST(value AS INT) || ' ' || verdict AS answer FROM measurement JOIN run ON run.run = measurement.run \
                WHERE segment = '' ORDER BY slot_ms";
    assert_eq!(site.ask(kept), "4 met,5 met,1 missed,2 missed");
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM artifact"), "2", "what is not sent is not kept as a mail");
    daemon.shows("kpid_runs_total{report=\"daily\",state=\"skipped\"}", 2.0);
}

/// What a browser or a mail program gets for `POST path`, and its status.
fn post(port: u16, path: &str) -> (u16, String) {
    ask(port, &format!("POST {path} HTTP/1.1"), "List-Unsubscribe=One-Click")
}

fn ask(port: u16, request: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let length = body.len();
    write!(
        stream,
        "{request}\r\nHost: kpis.example.com\r\nConnection: close\r\n{form}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

/// ML-8, ML-11: RFC 8058, from the header of the mail to the next edition. It is one reader of one report, and it can be taken back.
#[test]
fn reader_who_leaves_by_the_link_of_a_mail_gets_no_further_one() {
    let reports = ["daily", "other"].map(|name| report(name, NEVER, &readers(3), ""));
    let site = Site::new(Place::sqlite(), &reports.concat(), |_| Answer::Usual);
    let public = SETTINGS.replace("${PORT}\"", "${PORT}\", public_url: \"https://kpis.example.com\"");
    site.folder.write("kpis/settings.yaml", &public);
    let port = free_port();
    let daemon = site.daemon().env("PORT", &port.to_string()).serving();
    let run = |report: &str| site.told(&["run-now", report, "--wait"]);
    run("daily");
    let mail = &site.got("r0@example.org")[0];
    assert_eq!(header(mail, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let link = header(mail, "List-Unsubscribe");
    let path = link.trim_start_matches("<https://kpis.example.com").trim_end_matches('>').to_owned();
    assert!(path.starts_with("/u/"), "{link}");
    let unwanted = "SELECT COUNT(*) AS answer FROM suppression";
    assert_eq!((ask(port, &format!("GET {path} HTTP/1.1"), "").0, site.ask(unwanted)), (200, "0".to_owned()));
    assert_eq!(post(port, &format!("{path}x")).0, 404);
    assert_eq!((post(port, &path).0, post(port, &path).0), (200, 200));
    assert_eq!(site.ask(unwanted), "1");
    assert!(run("daily").contains("delivered"));
    run("other");
    assert_eq!(readers(3).iter().map(|reader| site.got(reader).len()).collect::<Vec<_>>(), [2, 3, 3]);
    let last = site.told(&["outbox", "--report", "daily", "--to", "r0@example.org", "--state", "cancelled", "--json"]);
    assert!(last.contains("\"trouble\": \"unsubscribed\""), "{last}");
    site.told(&["outbox", "allow", "r0@example.org", "--report", "daily"]);
    run("daily");
    assert_eq!(site.got("r0@example.org").len(), 3);
    assert_eq!(site.letters(), Vec::<String>::new());
    names_no_reader(&daemon);
}

/// CF-6: by the link of a mail that has the old name of the report.
#[test]
fn link_of_a_mail_holds_after_its_report_was_renamed() {
    let site = Site::new(Place::sqlite(), &report("daily", NEVER, &readers(2), ""), |_| Answer::Usual);
    let public = SETTINGS.replace("${PORT}\"", "${PORT}\", public_url: \"https://kpis.example.com\"");
    site.folder.write("kpis/settings.yaml", &public);
    let port = free_port();
    let daemon = site.daemon().env("PORT", &port.to_string()).serving();
    site.told(&["run-now", "daily", "--wait"]);
    let link = header(&site.got("r0@example.org")[0], "List-Unsubscribe");
    site.declare(&report("digest", NEVER, &readers(2), "was: daily"));
    daemon.says("the catalogue was read anew");
    assert_eq!(post(port, link.trim_start_matches("<https://kpis.example.com").trim_end_matches('>')).0, 200);
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM suppression WHERE report = 'digest'"), "1");
    site.told(&["run-now", "digest", "--wait"]);
    assert_eq!(readers(2).iter().map(|reader| site.got(reader).len()).collect::<Vec<_>>(), [1, 2]);
}
