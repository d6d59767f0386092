//! Stopped and started again in the middle of its work.

use super::harness::*;
use crate::smtp::Answer;
use crate::store::place::Place;
use jiff::Timestamp;
use serde_json::Value;

fn time(line: &Value) -> Timestamp {
    line["time"].as_str().unwrap().parse().unwrap()
}

on_each_store! {
    /// A18, F-10: what is being said is said to its end, the rest is handed back, and the next daemon goes on with it at once.
    fn daemon_that_is_stopped_in_load_loses_and_doubles_nothing(place: Place) {
        let all = readers(150);
        let site = Site::new(place, &report("daily", &this_minute(), &all, ""), |_| Answer::Usual);
        site.folder.write("kpis/settings.yaml", &SETTINGS.replace("from: ", "rate: 15/second, from: "));
        site.last_served(hours(1));
        let mut stops = 0;
        while site.mail.ledger().len() < all.len() {
            let before = site.mail.ledger().len();
            let daemon = site.daemon().serving();
            site.mail.wait_for(LIMIT, |mail| mail.ledger().len() >= (before + 20).min(all.len()));
            if before > 0 {
                let took = time(&daemon.says("sent")).duration_since(time(&daemon.says("serving")));
                assert!(took.as_secs() < 30, "{took} after its start: no lease was waited for");
            }
            daemon.stop();
            assert_eq!(site.ask("SELECT COUNT(*) AS answer FROM delivery WHERE state = 'sending'"), "0");
            stops += 1;
        }
        assert!(stops > 2, "{stops}");
        site.each_got_one(&all);
        assert_eq!((site.runs(), site.mails()), ("daily delivered".to_owned(), "150 sent".to_owned()));
        assert_eq!(site.ask("SELECT MAX(attempt) AS answer FROM delivery"), "0");
    }
}

/// A18: a run that is being made is handed back, and made by the next one without a crash being counted.
#[test]
fn run_that_is_being_made_at_a_stop_is_made_by_the_next_daemon() {
    let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(2), ""), |_| Answer::Usual);
    site.last_served(hours(1));
    let daemon = site.daemon().dying_at("begun:1:stop").spawn();
    daemon.stops();
    daemon.signal("TERM");
    daemon.signal("CONT");
    let mut daemon = daemon;
    assert!(daemon.dies().success());
    let _next = site.daemon().serving();
    site.settled();
    site.each_got_one(&readers(2));
    assert_eq!(site.ask("SELECT crashes || ' ' || attempt AS answer FROM run"), "0 0");
}

/// DS-4: the folder of the first is still its own.
#[test]
fn second_daemon_on_the_same_file_is_refused() {
    let site = Site::new(Place::sqlite(), &report("daily", "0 0 1 1 *", &readers(1), ""), |_| Answer::Usual);
    let first = site.daemon().serving();
    let mut second = site.daemon().spawn();
    let status = second.dies();
    let told = second.log().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("kpid.db is in use by another daemon") || told.contains("is used by"), "{told}");
    site.told(&["run-now", "daily", "--wait"]);
    site.each_got_one(&readers(1));
    first.stop();
}

/// A24, DS-5: a store that is restored from before a mail sends it again, and the mail is known by its Message-ID.
#[test]
fn mail_that_a_restored_store_sends_again_is_the_same_to_its_reader() {
    let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(2), ""), |_| Answer::Usual);
    site.last_served(hours(1));
    let (store, backup) = (site.store.file(), site.folder.path().join("backup.db"));
    site.told(&["backup", backup.to_str().unwrap()]);
    let daemon = site.daemon().serving();
    site.settled();
    daemon.stop();
    for file in std::fs::read_dir(store.parent().unwrap()).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    std::fs::copy(&backup, &store).unwrap();
    let _daemon = site.daemon().serving();
    site.settled();
    for reader in readers(2) {
        let [first, second] = &site.got(&reader)[..] else { panic!("{:#?}", site.mail.ledger()) };
        assert_eq!(first.message_id, second.message_id);
    }
}
