//! What a mail server does to the daemon: who gets a mail and who does not, what the store and the metrics say of it, and what the admin
//! is told. The dialogue itself is tested in `smtp`.

use super::harness::*;
use crate::smtp::{Answer, Event, Gate, Login, Options, Step};
use crate::store::place::Place;
use std::time::{Duration, Instant};

/// A site with one report for `count` readers, due now, and a daemon that serves it.
fn serving(count: usize, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> (Site, Daemon) {
    let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(count), ""), script);
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    (site, daemon)
}

fn is_one_of(event: &Event, numbers: &[usize]) -> bool {
    numbers.iter().any(|n| event.to == format!("r{n}@example.org"))
}

/// The letters there are once there are so many.
#[track_caller]
fn letters(site: &Site, count: usize) -> Vec<String> {
    until(|| (site.letters().len() >= count).then_some(()), || format!("{:?}", site.letters()));
    site.letters()
}

/// SM-4: at whatever step, it is the server's trouble: it is left alone for half a minute, and nobody is charged.
#[test]
fn server_that_says_421_is_left_alone_and_no_mail_is_charged() {
    let shut = |step| {
        let (site, daemon) = serving(2, move |event| match event.step == step {
            true => Answer::say("421 4.3.2 shutting down").and_drop(),
            false => Answer::Usual,
        });
        daemon.says("the mail server is out of order and is left alone");
        daemon.shows("kpid_smtp_relay_held", 1.0);
        site.becomes("SELECT COUNT(*) AS answer FROM delivery WHERE state = 'queued' AND class = 'relay'", "2");
        let connections = site.mail.connections();
        site.mail.on(|_| Answer::Usual);
        let since = Instant::now();
        site.mail.wait_for(LIMIT, |mail| mail.ledger().len() == 4);
        assert!(since.elapsed() > Duration::from_secs(20), "{step:?}: after {:?}", since.elapsed());
        assert!(connections <= 4, "{step:?}: {connections} connections");
        site.settled();
        daemon.shows("kpid_smtp_relay_held", 0.0);
        site.each_got_one(&readers(2));
        assert_eq!(site.ask("SELECT MAX(attempt) AS answer FROM delivery"), "0", "{step:?}");
        let letters = letters(&site, 2);
        let about = |what: &str| letters.iter().filter(|letter| letter.contains(what)).count();
        assert_eq!((about("No mail goes out"), about("Mail goes out again")), (1, 1), "{letters:?}");
    };
    std::thread::scope(|scope| {
        for step in [Step::Connect, Step::Mail, Step::Rcpt, Step::Data] {
            scope.spawn(move || shut(step));
        }
    });
}

/// SM-4, A6: to one mail alone. The others get through after the pause, and it is not the first that is tried then, whatever its id.
#[test]
fn mail_that_the_server_answers_with_421_holds_up_no_other_for_long() {
    let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(4), ""), |_| Answer::Usual);
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("from: ", "connections: 1, from: "));
    site.last_served(hours(1));
    site.daemon().dying_at("rendered:1:abort").spawn().dies();
    // The first of those that wait equally long, as all do after a server that was just starting.
    let first = site.ask("SELECT email AS answer FROM delivery ORDER BY delivery LIMIT 1");
    let shunned = first.clone();
    site.mail.on(move |event| match event.step {
        Step::Connect if event.connection == 1 => Answer::say("421 4.3.2 starting").and_drop(),
        Step::Rcpt if event.to == shunned => Answer::say("421 4.7.0 not that one").and_drop(),
        _ => Answer::Usual,
    });
    let _daemon = site.daemon().serving();
    until(|| (site.mails() == "1 queued,3 sent").then_some(()), || site.mails());
    let asked: Vec<String> =
        site.mail.said().into_iter().filter_map(|(_, line)| Some(line.strip_prefix("RCPT TO:<")?.to_owned())).collect();
    let of_first = asked.iter().filter(|to| to.starts_with(&first)).count();
    assert!(asked[0].starts_with(&first) && of_first == 1, "{first} of {asked:?}");
    site.mail.on(|_| Answer::Usual);
    site.settled();
    site.each_got_one(&readers(4));
    assert_eq!(site.ask("SELECT MAX(attempt) AS answer FROM delivery"), "0");
}

/// SM-5, A5: in real time.
#[test]
fn greylisted_mail_is_sent_a_minute_later() {
    let (site, _daemon) = serving(1, |event| match (event.step, event.nth) {
        (Step::Rcpt, 1) => Answer::say("451 4.7.1 greylisted, come back later"),
        _ => Answer::Usual,
    });
    site.settled();
    let at = |what: &str| site.ask(&format!("SELECT at_ms AS answer FROM event WHERE what = '{what}'"));
    let [put_off, sent]: [i64; 2] = ["retry", "sent"].map(|what| at(what).parse().unwrap());
    // A fifth of a minute more or less, and then as soon as the machine gets round to it.
    assert!((48_000..120_000).contains(&(sent - put_off)), "{} ms", sent - put_off);
    assert_eq!((site.runs().as_str(), site.letters().len()), ("daily delivered", 0));
}

/// SM-6, A5: refused for good, by two reports; the admin hears of the address once a day, the others get theirs.
#[test]
fn reader_whom_the_server_does_not_know_bounces_and_the_admin_hears_of_it_once() {
    let reports = ["daily", "other"].map(|name| report(name, &this_minute(), &readers(3), "")).concat();
    let site = Site::new(Place::sqlite(), &reports, |event| match event.step {
        Step::Rcpt if event.to == "r0@example.org" => Answer::say("550 5.1.1 no such user"),
        _ => Answer::Usual,
    });
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "partly,partly");
    assert_eq!(site.mails(), "2 bounced,4 sent");
    assert_eq!(letters(&site, 1), ["kpid: Mail to r0@example.org was refused"]);
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM run WHERE kind = 'alert'"), "1");
    assert_eq!(
        site.ask("SELECT attempt || ' ' || class AS answer FROM delivery WHERE state = 'bounced'"),
        "1 never,1 never"
    );
    daemon.shows("kpid_deliveries_finished_total{state=\"bounced\"}", 2.0);
    let asked = site.mail.said().iter().filter(|(_, line)| line == "RCPT TO:<r0@example.org>").count();
    assert_eq!(asked, 2, "no retry");
}

/// SM-7: the message itself is refused, for good.
#[test]
fn message_that_is_refused_for_good_bounces() {
    let (site, _daemon) = serving(2, |event| match event.step {
        Step::Dot if event.to == "r0@example.org" => Answer::say("554 5.6.0 looks like spam"),
        _ => Answer::Usual,
    });
    assert_eq!(letters(&site, 1), ["kpid: Mail to r0@example.org was refused"]);
    assert_eq!((site.runs().as_str(), site.mails().as_str()), ("daily partly", "1 bounced,1 sent"));
    assert!(words(&site.got(ADMIN)[0]).contains("554 5.6.0 looks like spam"));
}

/// SM-7: 552 at the end of the message. SM-8: a server that says so at EHLO gets nothing to refuse.
#[test]
fn mail_that_is_too_large_comes_without_its_attachments() {
    let attached = report("daily", &this_minute(), &readers(1), "attach: [xlsx, csv]");
    let site = Site::new(Place::sqlite(), &attached, |event| match (event.step, event.nth) {
        (Step::Dot, 1) => Answer::say("552 5.3.4 too big").taken(),
        _ => Answer::Usual,
    });
    site.last_served(hours(1));
    let _daemon = site.daemon().serving();
    site.settled();
    let [large, small] = &site.got("r0@example.org")[..] else { panic!("{:?}", site.mail.ledger()) };
    let about = |entry: &crate::smtp::Entry| (words(entry).contains("xlsx"), words(entry).contains("Leads"));
    assert_eq!((about(large), about(small)), ((true, true), (false, true)));
    assert_eq!((site.runs().as_str(), site.letters().len()), ("daily delivered", 0));

    let size = Some(large.bytes.len() - 100);
    let strict = Site::with_options(Place::sqlite(), &attached, Options { size, ..Options::default() });
    strict.last_served(hours(1));
    let _daemon = strict.daemon().serving();
    strict.settled();
    let [only] = &strict.got("r0@example.org")[..] else { panic!("{:?}", strict.mail.ledger()) };
    assert_eq!(about(only), (false, true));
    let data = strict.mail.said().iter().filter(|(_, line)| line == "DATA").count();
    assert_eq!(data, 1, "the large one was never begun: {:?}", strict.mail.said());
}

/// SM-12: a password that is wrong is tried once and then every quarter of an hour; mails wait, uncharged, until it is put right.
#[test]
fn login_that_is_refused_holds_all_mail_and_charges_none() {
    let reports = report("daily", &this_minute(), &readers(3), "");
    let login = Some(Login::new("PLAIN", "kpid", "right"));
    let site = Site::with_options(Place::sqlite(), &reports, Options { login, ..Options::default() });
    site.last_served(hours(1));
    let wrong = site.mail.url().replace("right", "wrong");
    assert_ne!(wrong, site.mail.url());
    let daemon = site.daemon().env("MAIL", &wrong).serving();
    daemon.says("the mail server is out of order and is left alone");
    site.becomes("SELECT COUNT(*) AS answer FROM delivery WHERE state = 'queued' AND class = 'relay'", "3");
    daemon.shows("kpid_smtp_relay_held", 1.0);
    let quarter = "SELECT MIN(next_ms) AS answer FROM delivery WHERE class = 'relay'";
    let next: i64 = site.ask(quarter).parse().unwrap();
    assert!((next - jiff::Timestamp::now().as_millisecond()) > 13 * 60 * 1000, "{next}");
    let tried = site.mail.said().iter().filter(|(_, line)| line.starts_with("AUTH")).count();
    assert!((1..=4).contains(&tried), "each session once at most: {:?}", site.mail.said());
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM run WHERE kind = 'alert'"), "1");
    assert_eq!(site.ask("SELECT MAX(attempt) AS answer FROM delivery"), "0");
    daemon.stop();
    site.passes(minutes(15));
    let _mended = site.daemon().serving();
    site.settled();
    site.each_got_one(&readers(3));
    assert_eq!(letters(&site, 1), ["kpid: No mail goes out: the mail server refuses kpid"]);
}

/// SM-13, A5: each mail comes to its own end, and the run to its when all have.
#[test]
fn run_ends_when_the_last_of_its_mails_does() {
    let (site, daemon) = serving(10, |event| match event.step {
        Step::Rcpt if is_one_of(event, &[1, 2, 3]) => Answer::say("550 5.1.1 no such user"),
        Step::Rcpt if is_one_of(event, &[4, 5]) && event.nth == 1 => Answer::say("451 4.3.0 try again"),
        _ => Answer::Usual,
    });
    until(|| (site.mails() == "3 bounced,2 queued,5 sent").then_some(()), || site.mails());
    assert_eq!(site.runs(), "daily rendered");
    let listed = site.told(&["outbox", "--report", "daily", "--state", "queued", "--json"]);
    assert_eq!(listed.matches("451 4.3.0 try again").count(), 2, "{listed}");
    site.queue_waits(minutes(2));
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "partly");
    assert_eq!(site.mails(), "3 bounced,7 sent");
    daemon.shows("kpid_deliveries_finished_total{state=\"sent\"}", 7.0 + letters(&site, 3).len() as f64);
    for n in [0, 4, 5, 6, 7, 8, 9] {
        assert_eq!(site.got(&format!("r{n}@example.org")).len(), 1, "{n}");
    }
}

/// SM-18
#[test]
fn server_that_takes_five_mails_a_session_gets_all_of_them() {
    let (site, _daemon) = serving(40, |event| match event.step {
        Step::Mail if event.mails == 5 => Answer::say("421 4.7.0 too many mails").and_drop(),
        _ => Answer::Usual,
    });
    site.settled();
    site.each_got_one(&readers(40));
    assert_eq!(site.ask("SELECT MAX(attempt) AS answer FROM delivery"), "0");
    assert_eq!(site.letters(), Vec::<String>::new(), "nothing is wrong with such a server");
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM event WHERE what = 'retry'"), "0", "none was put off");
}

/// A6, SM-1: one reader is refused, one is never answered; the others have their mail while that goes on.
#[test]
fn reader_whom_the_server_never_answers_delays_nobody() {
    let gate = Gate::closed();
    let held = gate.clone();
    let (site, _daemon) = serving(60, move |event| match event.step {
        Step::Rcpt if is_one_of(event, &[7]) => Answer::say("550 5.1.1 no such user"),
        Step::Rcpt if is_one_of(event, &[3]) => Answer::Usual.after(&held),
        _ => Answer::Usual,
    });
    until(|| (site.mails() == "1 bounced,1 sending,58 sent").then_some(()), || site.mails());
    assert_eq!(site.runs(), "daily rendered");
    assert_eq!(letters(&site, 1).len(), 1);
    gate.open();
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "partly");
    assert_eq!(site.got("r3@example.org").len(), 1);
}

/// SM-9, SM-10: broken off before the end of the message, it was not delivered; after it, perhaps: then it comes again, identical.
#[test]
fn connection_that_breaks_costs_no_mail_and_doubles_one_at_most() {
    let (site, daemon) = serving(3, |event| match event.step {
        Step::Data if event.to == "r0@example.org" && event.nth == 1 => Answer::Drop,
        Step::Dot if event.to == "r1@example.org" && event.nth == 1 => Answer::Drop.taken(),
        _ => Answer::Usual,
    });
    daemon.says_so(2, "not sent", |_| true);
    let troubles = "SELECT class || ' ' || attempt AS answer FROM delivery WHERE state = 'queued' ORDER BY class";
    site.becomes(troubles, "interrupted 1,unknown 1");
    site.queue_waits(minutes(2));
    site.settled();
    assert_eq!(["r0@example.org", "r1@example.org", "r2@example.org"].map(|reader| site.got(reader).len()), [1, 2, 1]);
    site.each_got_one_and_at_most_twins(&readers(3), 1);
    assert_eq!(site.runs(), "daily delivered");
}
