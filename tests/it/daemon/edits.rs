//! The catalogue edited under a daemon at work.

use super::harness::*;
use super::proxy::{Network, Proxy};
use crate::servers;
use crate::smtp::Answer;
use crate::store::place::Place;
use kpid::store::{Role, Store};

/// CF-1, A12: the old one stays, the metric and one letter say so, and so does the log, with the place; mended it is taken.
#[test]
fn catalogue_that_is_broken_by_an_edit_is_refused_and_the_old_one_works_on() {
    let good = report("daily", "0 0 1 1 *", &readers(1), "");
    let site = Site::new(Place::sqlite(), &good, |_| Answer::Usual);
    let daemon = site.daemon().serving();
    daemon.shows("kpid_config_last_reload_successful", 1.0);
    site.declare(&good.replace("schedule:", "shedule:"));
    let refused = daemon.says("the edited catalogue is refused; the old one stays");
    let why = refused["fields"]["why"].as_str().unwrap();
    assert!(why.contains("reports.yaml:2:") && why.contains("shedule"), "{why}");
    daemon.shows("kpid_config_last_reload_successful", 0.0);
    until(|| (site.letters().len() == 1).then_some(()), || format!("{:?}", site.letters()));
    assert_eq!(site.letters(), ["kpid: The edited catalogue is not used"]);
    block_on(async {
        // The command line would refuse the folder.
        let store = Store::open(&site.store.url(), Role::Tool, 1, jiff::Timestamp::now()).await.unwrap();
        store.order(&"daily".into(), "test", jiff::Timestamp::now()).await.unwrap();
    });
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'manual'", "delivered");
    daemon.signal("HUP");
    daemon.says_so(2, "the edited catalogue is refused; the old one stays", |_| true);
    site.declare(&good.replace("schedule:", "title: Mended, schedule:"));
    daemon.says("the catalogue was read anew");
    daemon.shows("kpid_config_last_reload_successful", 1.0);
    site.told(&["run-now", "daily", "--wait"]);
    assert!(words(&site.got("r0@example.org")[1]).contains("Mended"));
    site.settled();
    assert_eq!(site.letters().len(), 1, "asked to look again it found nothing new: {:?}", site.letters());
}

/// CF-3: an empty folder is a mistake.
#[test]
fn folder_that_lost_all_its_reports_is_refused() {
    let site = Site::new(Place::sqlite(), &report("daily", "0 0 1 1 *", &readers(1), ""), |_| Answer::Usual);
    let daemon = site.daemon().serving();
    std::fs::remove_file(site.folder.path().join("kpis/reports.yaml")).unwrap();
    let refused = daemon.says("the edited catalogue is refused; the old one stays");
    assert!(refused["fields"]["why"].as_str().unwrap().contains("has no report any more"), "{refused}");
    assert!(daemon.metric("kpid_runs_total{report=\"daily\",state=\"delivered\"}").is_some());
}

/// CF-4: what is being made is made of the catalogue that it was begun with, and the store says which.
#[test]
fn run_ends_with_the_catalogue_that_it_was_begun_with() {
    let Some(crm) = servers::postgres() else { return };
    crm.run("CREATE TABLE leads (day date, created int); INSERT INTO leads SELECT current_date - 1, 4");
    let (proxy, through) = Proxy::before(crm.url());
    let mut site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(1), ""), |_| Answer::Usual);
    site.measures(&through);
    site.last_served(hours(1));
    proxy.set(Network::Silent);
    let daemon = site.daemon().serving();
    let before = daemon.says("serving")["fields"]["catalogue"].clone();
    site.becomes("SELECT state AS answer FROM run", "running");
    let kpis = std::fs::read_to_string(site.folder.path().join("kpis/kpis.yaml")).unwrap();
    site.folder.write("kpis/kpis.yaml", &kpis.replace("name: Leads", "name: New leads"));
    let after = daemon.says("the catalogue was read anew")["fields"]["version"].clone();
    assert_ne!(before, after);
    proxy.set(Network::Works);
    site.settled();
    assert_eq!(site.ask("SELECT config AS answer FROM run"), before.as_str().unwrap());
    assert!(!words(&site.got("r0@example.org")[0]).contains("New leads"));
    site.told(&["run-now", "daily", "--wait"]);
    assert!(words(&site.got("r0@example.org")[1]).contains("New leads"));
    assert_eq!(site.ask("SELECT config AS answer FROM run WHERE kind = 'manual'"), after.as_str().unwrap());
}

/// CF-5, A9: slots after the edit follow the new schedule, those before it are nobody's.
#[test]
fn schedule_that_was_edited_holds_from_the_edit_on() {
    let at = |schedule| report("daily", schedule, &readers(1), "");
    let site = Site::new(Place::sqlite(), &at("daily at 09:00"), |_| Answer::Usual);
    let Some(clock) = Clock::of(&site, "2026-11-10T07:00:00Z") else { return };
    let daemon = site.daemon().by(&clock).serving();
    daemon.has_planned("2026-11-10T07:00:00Z");
    site.declare(&at("daily at 06:30"));
    daemon.says("the catalogue was read anew");
    // By then the store knows of it.
    site.becomes("SELECT schedule AS answer FROM report_cursor", "daily at 06:30 UTC");
    clock.set("2026-11-10T09:00:05Z");
    daemon.has_planned("2026-11-10T09:00:05Z");
    assert_eq!(site.runs(), "", "neither 06:30, which had passed, nor 09:00");
    clock.set("2026-11-11T06:29:58Z");
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "delivered");
    assert_eq!(site.got("r0@example.org").len(), 1);
}
