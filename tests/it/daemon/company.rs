//! Several daemons on one PostgreSQL: whatever happens to one of them, each slot runs once and each reader gets the mail once.

use super::harness::*;
use super::proxy::{Network, Proxy};
use crate::smtp::{Answer, Event, Gate, Step};
use crate::store::place::Place;
use std::collections::BTreeSet;

/// A site on PostgreSQL with one report for `count` readers, due now; `None` without PostgreSQL.
fn due(count: usize, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> Option<Site> {
    let site = Site::new(Place::postgres()?, &report("daily", &this_minute(), &readers(count), ""), script);
    site.last_served(hours(1));
    Some(site)
}

const DAILY: &str = "SELECT state AS answer FROM run WHERE kind = 'scheduled'";

/// HA-1, A3: in a burst; of what the dead one was sending at most one mail a session comes twice, identical.
#[test]
fn node_that_is_killed_in_a_burst_is_replaced_by_the_others() {
    let Some(site) = due(300, |_| Answer::Usual) else { return };
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("from: ", "rate: 15/second, from: "));
    let [one, other] = [site.daemon().serving(), site.daemon().serving()];
    one.says("sent");
    other.says("sent");
    site.mail.wait_for(LIMIT, |mail| mail.ledger().len() >= 60);
    let dead = one.node();
    one.kill();
    site.passes_for(&dead, minutes(2));
    other.says("took over what another node was sending when it died");
    until(
        || {
            site.queue_waits(minutes(2));
            (site.runs() == "daily delivered").then_some(())
        },
        || site.mails(),
    );
    site.each_got_one_and_at_most_twins(&readers(300), 4);
}

/// HA-1, A7, F-10: in real time.
#[test]
fn run_of_a_node_that_died_is_taken_over_within_eighty_seconds() {
    let Some(site) = due(2, |_| Answer::Usual) else { return };
    let mut one = site.daemon().dying_at("begun:1:abort").spawn();
    one.dies();
    let _other = site.daemon().serving();
    site.becomes(DAILY, "delivered");
    let between = "SELECT MAX(at_ms) - MIN(at_ms) AS answer FROM event WHERE what = 'begun'";
    let between: u64 = site.ask(between).parse().unwrap();
    assert!((40_000..80_000).contains(&between), "{between} ms");
    site.each_got_one(&readers(2));
}

/// HA-2, A8: paused for longer than its lease before the last look, it sends nothing and writes nothing.
#[test]
fn node_that_was_paused_before_it_sent_sends_nothing_any_more() {
    let Some(site) = due(6, |_| Answer::Usual) else { return };
    let paused = site.daemon().dying_at("taken:1:stop").serving();
    paused.stops();
    site.passes_for(&paused.node(), minutes(3));
    let _other = site.daemon().serving();
    until(
        || {
            site.queue_waits(minutes(2));
            (site.runs() == "daily delivered").then_some(())
        },
        || site.mails(),
    );
    let rows = "SELECT delivery || owner || epoch || sent_ms AS answer FROM delivery ORDER BY delivery";
    let before = site.ask(&rows.replace("owner", "COALESCE(owner, '')"));
    paused.signal("CONT");
    paused.says_so(6, "another node took the delivery over", |_| true);
    paused.stop();
    assert_eq!(site.ask(&rows.replace("owner", "COALESCE(owner, '')")), before);
    site.each_got_one(&readers(6));
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM event WHERE what = 'late_commit'"), "0");
}

/// HA-2: paused while it made the report.
#[test]
fn node_that_was_paused_with_a_run_in_hand_stores_nothing_of_it() {
    let Some(site) = due(3, |_| Answer::Usual) else { return };
    let paused = site.daemon().dying_at("pressed:1:stop").serving();
    paused.stops();
    site.passes_for(&paused.node(), minutes(3));
    let _other = site.daemon().serving();
    site.becomes(DAILY, "delivered");
    let made = "SELECT rendered_ms AS answer FROM artifact";
    let before = site.ask(made);
    paused.signal("CONT");
    paused.says("another node took the run over");
    paused.stop();
    assert_eq!((site.ask(made), site.runs()), (before, "daily delivered".to_owned()));
    site.each_got_one(&readers(3));
}

/// HA-2, A3, A8: after the last look nothing can stop it; the twin is identical, and the store knows of it.
#[test]
fn node_that_was_paused_after_its_last_look_sends_a_twin_at_most() {
    let Some(site) = due(1, |_| Answer::Usual) else { return };
    let paused = site.daemon().dying_at("looked:1:stop").serving();
    paused.stops();
    site.passes_for(&paused.node(), minutes(3));
    let _other = site.daemon().serving();
    until(
        || {
            site.queue_waits(minutes(2));
            (site.runs() == "daily delivered").then_some(())
        },
        || site.mails(),
    );
    paused.signal("CONT");
    paused.says("sent");
    paused.stop();
    site.each_got_one_and_at_most_twins(&readers(1), 1);
    assert_eq!(site.ask("SELECT state AS answer FROM delivery"), "sent");
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM event WHERE what = 'late_commit'"), "1");
}

/// HA-3, A8, A17: cut off from the store in the middle of a dialogue, whether it is told so or not.
#[test]
fn node_that_does_not_reach_the_store_sends_nothing() {
    std::thread::scope(|scope| {
        for network in [Network::Silent, Network::Cut] {
            scope.spawn(move || cut_off(network));
        }
    });
}

fn cut_off(network: Network) {
    let gate = Gate::closed();
    let held = gate.clone();
    let Some(site) = due(1, move |event| match (event.step, event.connection) {
        (Step::Rcpt, 1) => Answer::Usual.after(&held),
        _ => Answer::Usual,
    }) else {
        return;
    };
    let (proxy, through) = Proxy::before(site.store.url().expose());
    let lonely = site.daemon().env("STORE", &through).serving();
    gate.block_until_reached_by(1);
    proxy.set(network);
    gate.open();
    site.passes_for(&lonely.node(), minutes(3));
    let _other = site.daemon().serving();
    until(
        || {
            site.queue_waits(minutes(2));
            (site.runs() == "daily delivered").then_some(())
        },
        || site.mails(),
    );
    // That it has not been reached, or refuses.
    lonely.hindered_by("the store");
    proxy.set(Network::Works);
    lonely.ready();
    lonely.stop();
    assert!(!site.mail.said_on(1).contains(&"DATA".to_owned()), "{:?}", site.mail.said_on(1));
    site.each_got_one(&readers(1));
}

/// DS-5: nothing is lost while the store is away, and nothing has to be restarted.
#[test]
fn daemon_waits_for_a_store_that_went_away() {
    let Some(site) = due(3, |_| Answer::Usual) else { return };
    let (proxy, through) = Proxy::before(site.store.url().expose());
    let daemon = site.daemon().env("STORE", &through).serving();
    site.becomes(DAILY, "delivered");
    proxy.set(Network::Cut);
    daemon.hindered_by("the store");
    assert_eq!(daemon.get("/healthz").0, 200);
    site.told(&["run-now", "daily"]);
    proxy.set(Network::Works);
    until(|| (site.runs() == "daily delivered,daily delivered").then_some(()), || site.runs());
    daemon.ready();
    assert_eq!(site.mail.ledger().iter().filter(|entry| entry.to != ADMIN).count(), 6);
}

/// Ten reports of three readers each, due at the same minute, and three daemons that start at once.
fn all_start_at_once(place: Place) {
    let names: Vec<String> = (0..10).map(|n| format!("daily{n}")).collect();
    let reports: String = names.iter().map(|name| report(name, &this_minute(), &readers(3), "")).collect();
    let site = Site::new(place, &reports, |_| Answer::Usual);
    site.last_served(hours(1));
    let daemons = [(); 3].map(|()| site.daemon().spawn());
    let nodes: BTreeSet<String> = daemons.iter().map(Daemon::node).collect();
    assert_eq!(nodes.len(), 3, "names of their own");
    site.becomes("SELECT COUNT(*) AS answer FROM run WHERE state = 'delivered'", "10");
    assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM run"), "10");
    for reader in readers(3) {
        assert_eq!(site.got(&reader).len(), 10);
    }
    let ids: BTreeSet<String> = site.mail.ledger().into_iter().map(|entry| entry.message_id).collect();
    assert_eq!((ids.len(), site.letters()), (30, Vec::new()));
    let hosts = "SELECT COUNT(DISTINCT node) || ' ' || COUNT(DISTINCT host) AS answer FROM node";
    site.becomes(hosts, "3 1");
    daemons[0].shows("kpid_nodes_seen", 3.0);
    daemons.into_iter().for_each(Daemon::stop);
}

/// HA-4, HA-5, A2: on one host, under names that no two have.
#[test]
fn nodes_that_start_in_the_same_moment_run_each_slot_once() {
    let Some(place) = Place::postgres() else { return };
    all_start_at_once(place);
}

/// HA-6: sessions that a pooler hands out by the transaction.
#[test]
fn nodes_behind_pgbouncer_run_each_slot_once() {
    let Some(place) = Place::pgbouncer() else { return };
    all_start_at_once(place);
}

/// HA-7: whoever has the run makes it by its own catalogue and says by which; both see that they differ.
#[test]
fn nodes_with_different_catalogues_run_each_slot_once_and_say_that_they_differ() {
    let Some(site) = due(2, |_| Answer::Usual) else { return };
    for file in ["settings", "kpis", "reports"] {
        let text = std::fs::read_to_string(site.folder.path().join(format!("kpis/{file}.yaml"))).unwrap();
        site.folder.write(&format!("edited/{file}.yaml"), &text.replace("name: Leads", "name: New leads"));
    }
    let [one, other] = [site.daemon().spawn(), site.daemon().dir("edited").spawn()];
    let versions = [&one, &other].map(|daemon| daemon.says("serving")["fields"]["catalogue"].clone());
    assert_ne!(versions[0], versions[1]);
    site.settled();
    site.each_got_one(&readers(2));
    let said = || [&one, &other].iter().position(|daemon| daemon.said("rendered") == 1);
    let maker = until(said, || "neither made it".to_owned());
    assert_eq!(
        site.ask("SELECT config AS answer FROM run WHERE kind = 'scheduled'"),
        versions[maker].as_str().unwrap()
    );
    assert_eq!(words(&site.got("r0@example.org")[0]).contains("New leads"), maker == 1);
    one.shows("kpid_config_mismatch", 1.0);
    other.shows("kpid_config_mismatch", 1.0);
}
