//! What the databases do to the daemon, and when nothing is sent on purpose.

use super::harness::*;
use super::proxy::{Network, Proxy};
use crate::servers::{self, Database};
use crate::smtp::Answer;
use crate::store::place::Place;

const RUN: &str = "SELECT state AS answer FROM run WHERE kind = 'scheduled'";

/// A site that measures in PostgreSQL, through a network that can be cut.
fn measured_far_away() -> Option<(Site, Database, Proxy)> {
    let crm = servers::postgres()?;
    crm.run(
        "CREATE TABLE leads (day date, created int); \
         INSERT INTO leads SELECT day, 4 FROM generate_series('2025-06-01'::date, '2028-06-01', '1 day') AS day",
    );
    let (proxy, through) = Proxy::before(crm.url());
    let mut site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(2), ""), |_| Answer::Usual);
    site.measures(&through);
    site.last_served(hours(1));
    Some((site, crm, proxy))
}

/// DB-1, A13: tried for a quarter of an hour, then the admin is told, and no reader gets an empty report.
#[test]
fn database_that_stays_away_fails_the_run_and_only_the_admin_hears_of_it() {
    let Some((site, _crm, proxy)) = measured_far_away() else { return };
    proxy.set(Network::Cut);
    let daemon = site.daemon().serving();
    let wait = daemon.says("the run waits");
    assert!(wait["fields"]["why"].as_str().unwrap().starts_with("leads: "), "{wait}");
    // Its second attempt comes by itself.
    site.becomes("SELECT state || ' ' || attempt AS answer FROM run WHERE kind = 'scheduled'", "due 2");
    assert_eq!(site.mail.ledger(), []);
    site.comes_to_its_last_attempt();
    site.becomes(RUN, "failed");
    until(|| (site.letters().len() == 1).then_some(()), || format!("{:?}", site.letters()));
    site.settled();
    assert_eq!(site.mail.ledger().len(), 1, "{:#?}", site.mail.ledger());
    assert!(
        site.letters()[0].starts_with("kpid: daily of ") && site.letters()[0].ends_with(" was not sent"),
        "{:?}",
        site.letters()
    );
    daemon.shows("kpid_runs_total{report=\"daily\",state=\"failed\"}", 1.0);
    assert!(daemon.metric("kpid_source_failures_total{source=\"leads\"}") >= Some(3.0));
    // Made after all, about the same period, when somebody says so.
    proxy.set(Network::Works);
    let run = site.ask("SELECT run AS answer FROM run WHERE kind = 'scheduled'");
    site.told(&["outbox", "retry", &run]);
    site.becomes(RUN, "delivered");
    site.each_got_one(&readers(2));
}

/// DB-1: back in time, and nobody has noticed.
#[test]
fn database_that_comes_back_is_read_late_and_whole() {
    let Some((site, _crm, proxy)) = measured_far_away() else { return };
    proxy.set(Network::Cut);
    let daemon = site.daemon().serving();
    daemon.says("the run waits");
    proxy.set(Network::Works);
    site.settled();
    assert_eq!((site.runs().as_str(), site.letters()), ("daily delivered", Vec::new()));
    site.each_got_one(&readers(2));
    assert!(!words(&site.got("r0@example.org")[0]).contains("could not be read"));
}

/// A site whose source is fresh when the table `loads` says so, or waits for it for six hours.
fn held() -> Site {
    let site = Site::new(Place::sqlite(), &report("daily", "daily at 08:00", &readers(2), ""), |_| Answer::Usual);
    let fresh = "fresh: { sql: \"SELECT max(at) FROM loads\", within: 1h, otherwise: hold, hold_for: 6h },";
    let kpis = std::fs::read_to_string(site.folder.path().join("kpis/kpis.yaml")).unwrap();
    site.folder.write("kpis/kpis.yaml", &kpis.replace("{ database: crm,", &format!("{{ {fresh} database: crm,")));
    site.fill("CREATE TABLE loads (at TEXT); INSERT INTO loads VALUES ('2026-11-08T00:00:00Z')");
    site
}

/// The edition waits, the admin hears of it once, and it goes out when the data is there.
#[test]
fn report_is_held_until_its_data_is_fresh() {
    let site = held();
    let Some(clock) = Clock::of(&site, "2026-11-10T07:30:00Z") else { return };
    let daemon = site.serving_from("2026-11-10T07:59:57Z", &clock, 1);
    daemon.says("the run waits");
    clock.set("2026-11-10T08:06:00Z");
    daemon.says_so(2, "the run waits", |_| true);
    assert_eq!(
        site.ask("SELECT COUNT(*) AS answer FROM artifact JOIN run ON run.run = artifact.run WHERE kind <> 'alert'"),
        "0"
    );
    site.fill("INSERT INTO loads VALUES ('2026-11-10T08:00:00Z')");
    clock.set("2026-11-10T08:30:00Z");
    site.settled();
    site.each_got_one(&readers(2));
    assert_eq!(site.letters(), ["kpid: daily waits for newer data"]);
    assert_eq!(site.runs(), "daily delivered");
}

/// … or when it has waited long enough: with what there is, and it says so.
#[test]
fn report_whose_data_never_comes_goes_out_and_says_so() {
    let site = held();
    let Some(clock) = Clock::of(&site, "2026-11-10T07:30:00Z") else { return };
    let daemon = site.serving_from("2026-11-10T07:59:57Z", &clock, 1);
    daemon.says("the run waits");
    clock.set("2026-11-10T14:00:30Z");
    until(|| (site.letters().len() == 2).then_some(()), || format!("{:?}", site.letters()));
    site.settled();
    site.each_got_one(&readers(2));
    assert!(words(&site.got("r0@example.org")[0]).contains("late data"), "{}", words(&site.got("r0@example.org")[0]));
    assert_eq!(site.letters(), ["kpid: daily waits for newer data", "kpid: daily was sent with late data"]);
}

/// `send: attention` and `send: change`: no mail without news, and the run says why.
#[test]
fn report_without_news_is_skipped_with_the_reason() {
    let reports = ["attention", "change"].map(|when| report(when, "0 0 1 1 *", &readers(1), &format!("send: {when}")));
    let site = Site::new(Place::sqlite(), &reports.concat(), |_| Answer::Usual);
    let daemon = site.daemon().serving();
    let run = |report: &str| site.told(&["run-now", report, "--wait"]);
    assert!(run("attention").contains("skipped: `send: attention`, and nothing is near or missed"));
    run("change");
    assert_eq!(site.got("r0@example.org").len(), 1, "the first edition is news");
    assert!(run("change").contains("skipped: `send: change`, and every verdict is that of the edition before"));
    assert_eq!(site.got("r0@example.org").len(), 1);
    site.fill("UPDATE leads SET created = 1");
    run("attention");
    run("change");
    assert_eq!(site.got("r0@example.org").len(), 3);
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM delivery"), "3");
    daemon.shows("kpid_runs_total{report=\"change\",state=\"skipped\"}", 1.0);
    assert_eq!(site.letters(), Vec::<String>::new());
}
