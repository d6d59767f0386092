//! A daemon that dies at any line of its work, and the one that comes after it: every reader gets the mail, once.

use super::harness::*;
use crate::servers;
use crate::smtp::{Answer, Event, Gate, Step};
use crate::store::place::Place;
use serde_json::Value;

const READERS: usize = 3;

/// A site whose one report has just come due.
fn due(place: Place, script: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> Site {
    let site = Site::new(place, &report("daily", &this_minute(), &readers(READERS), ""), script);
    site.last_served(hours(1));
    site
}

/// A daemon dies at `point`.
fn dies_at(site: &Site, point: &str) {
    let mut daemon = site.daemon().dying_at(point).spawn();
    let status = daemon.dies();
    assert!(!status.success(), "{status}: {:#?}", daemon.log());
}

/// After the lease of what it had in hand another one starts, and finishes what there is, retries too.
fn goes_on(site: &Site) -> Daemon {
    site.passes(minutes(2));
    let daemon = site.daemon().serving();
    until(
        || {
            // What was perhaps sent is sent again a minute after it was found.
            site.queue_waits(minutes(2));
            (site.runs() == "daily delivered").then_some(())
        },
        || format!("{} {} {:#?}", site.runs(), site.mails(), daemon.log()),
    );
    daemon
}

on_each_store! {
    /// CR-1: nothing is written when it dies; the slot is planned after all, once.
    fn daemon_that_dies_before_the_slot_is_written_plans_it_at_its_next_start(place: Place) {
        let site = due(place, |_| Answer::Usual);
        dies_at(&site, "planning:1:abort");
        assert_eq!(site.runs(), "");
        goes_on(&site);
        site.each_got_one(&readers(READERS));
    }

    /// CR-2: the run waits in the store and is begun at once.
    fn slot_that_was_planned_and_not_begun_runs_right_after_the_next_start(place: Place) {
        let site = due(place, |_| Answer::Usual);
        dies_at(&site, "planned:1:abort");
        assert_eq!(site.runs(), "daily due");
        // No lease has to end first.
        let daemon = site.daemon().serving();
        site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "delivered");
        let serving: jiff::Timestamp = daemon.says("serving")["time"].as_str().unwrap().parse().unwrap();
        let begun: i64 = site.ask("SELECT started_ms AS answer FROM run WHERE kind = 'scheduled'").parse().unwrap();
        assert!(begun < serving.as_millisecond() + 40_000, "{serving} {begun}");
        site.each_got_one(&readers(READERS));
    }

    /// CR-5: what was rendered is sent as it was stored; nothing is measured again, for there is nothing left to measure.
    fn letters_that_were_stored_are_sent_as_they_are(place: Place) {
        let site = due(place, |_| Answer::Usual);
        dies_at(&site, "rendered:1:abort");
        assert_eq!((site.runs().as_str(), site.mails().as_str()), ("daily rendered", "3 queued"));
        std::fs::remove_file(site.folder.path().join("crm.db")).unwrap();
        let daemon = site.daemon().serving();
        site.settled();
        assert_eq!(daemon.said("rendered"), 0);
        site.each_got_one(&readers(READERS));
        let stored = site.ask("SELECT rendered_ms AS answer FROM artifact").parse().unwrap();
        let stored = jiff::Timestamp::from_millisecond(stored).unwrap().strftime("%a, %-d %b %Y %H:%M:%S +0000");
        assert_eq!(header(&site.got("r0@example.org")[0], "Date"), stored.to_string());
    }

    /// CR-6
    fn mails_that_were_claimed_and_not_sent_are_sent_once(place: Place) {
        let site = due(place, |_| Answer::Usual);
        dies_at(&site, "taken:1:abort");
        assert_eq!(site.mails(), "3 sending");
        assert_eq!(site.mail.ledger(), []);
        goes_on(&site);
        site.each_got_one(&readers(READERS));
        let attempts = "SELECT delivery.attempt AS answer FROM delivery JOIN run ON run.run = delivery.run WHERE kind = 'scheduled'";
        assert_eq!(site.ask(attempts), "1,1,1", "the one that failed is counted");
    }

    /// CR-8, A3: the one window that no program can close. The second mail is the first one.
    fn mail_that_was_taken_and_not_noted_comes_twice_at_most_and_identical(place: Place) {
        let site = due(place, |_| Answer::Usual);
        dies_at(&site, "accepted:1:abort");
        assert!(!site.mail.ledger().is_empty());
        goes_on(&site);
        // Each of the four sessions may have had one mail under way.
        site.each_got_one_and_at_most_twins(&readers(READERS), READERS);
        assert!(site.mail.ledger().len() > READERS, "the failpoint was after the mail was taken");
    }
}

/// CR-3, A7: the same period is measured again, and no query is left behind on the server.
#[test]
fn daemon_that_dies_while_it_reads_a_source_reads_it_again() {
    let Some(crm) = servers::postgres() else { return };
    crm.run(
        "CREATE TABLE leads (day date, created int); \
         INSERT INTO leads SELECT day, 4 FROM generate_series('2025-06-01'::date, '2028-06-01', '1 day') AS day",
    );
    let mut site = due(Place::sqlite(), |_| Answer::Usual);
    site.measures(crm.url());
    let reading = "SELECT COUNT(*) AS answer FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let look = crm.url().to_owned();
    let waiting = move || ask_postgres(&look, reading);
    let lock = Locked::table(crm.url());
    let daemon = site.daemon().serving();
    until(|| (waiting() != "0").then_some(()), || "it reads nothing".to_owned());
    daemon.kill();
    until(|| (waiting() == "0").then_some(()), || "its query lives on".to_owned());
    drop(lock);
    goes_on(&site);
    site.each_got_one(&readers(READERS));
    assert_eq!(site.ask("SELECT crashes || ' ' || attempt AS answer FROM run WHERE kind = 'scheduled'"), "1 0");
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    assert_eq!(
        site.ask("SELECT period AS answer FROM run WHERE kind = 'scheduled'"),
        today.yesterday().unwrap().to_string()
    );
}

/// CR-4: nothing of the first attempt is left.
#[test]
fn letters_that_were_not_stored_are_made_again() {
    let site = due(Place::sqlite(), |_| Answer::Usual);
    dies_at(&site, "pressed:1:abort");
    assert_eq!((site.runs().as_str(), site.mails().as_str()), ("daily running", ""));
    let daemon = goes_on(&site);
    assert_eq!(daemon.said("rendered"), 1);
    site.each_got_one(&readers(READERS));
}

/// CR-7, SM-10: nobody knows whether the mail was taken, so it comes again; identical.
#[test]
fn mail_whose_answer_was_lost_with_the_daemon_is_sent_again_identical() {
    let gate = Gate::closed();
    let held = gate.clone();
    let site = due(Place::sqlite(), move |event| match event.step {
        Step::Dot if event.to == "r0@example.org" => Answer::Usual.after(&held).taken(),
        _ => Answer::Usual,
    });
    let daemon = site.daemon().serving();
    gate.block_until_reached_by(1);
    site.becomes("SELECT COUNT(*) AS answer FROM delivery WHERE state = 'sent'", "2");
    daemon.kill();
    site.mail.on(|_| Answer::Usual);
    goes_on(&site);
    assert_eq!(site.got("r0@example.org").len(), 2);
    site.each_got_one_and_at_most_twins(&readers(READERS), 1);
}

/// CR-7 with `on_unknown: hold`: a person decides; what was merely claimed is sent without being asked.
#[test]
fn what_was_perhaps_sent_is_held_where_the_settings_say_so() {
    let site = due(Place::sqlite(), |_| Answer::Usual);
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("from: ", "on_unknown: hold, connections: 1, from: "));
    dies_at(&site, "accepted:1:abort");
    site.passes(minutes(2));
    let _daemon = site.daemon().serving();
    site.becomes("SELECT COUNT(*) AS answer FROM delivery WHERE state = 'held'", "1");
    until(
        || {
            site.queue_waits(minutes(2));
            (site.mails() == "1 held,2 sent").then_some(())
        },
        || site.mails(),
    );
    site.each_got_one(&readers(READERS));
    until(|| (site.letters().len() == 1).then_some(()), || format!("{:?}", site.letters()));
    assert_eq!(site.runs(), "daily partly");
    let held: Value = serde_json::from_str(&site.told(&["outbox", "--state", "held", "--json"])).unwrap();
    let id = held[0]["mail"].as_str().unwrap_or_else(|| panic!("{held:#}"));
    site.told(&["outbox", "retry", id]);
    site.becomes("SELECT state AS answer FROM run WHERE kind = 'scheduled'", "delivered");
    site.each_got_one_and_at_most_twins(&readers(READERS), 1);
}

/// CR-10, A7: the report that kills its daemon is set aside, the others go on; a person may have it tried again.
#[test]
fn run_that_takes_its_daemon_down_three_times_is_set_aside() {
    let reports = report("daily", &this_minute(), &readers(READERS), "");
    let site = Site::new(Place::sqlite(), &reports, |_| Answer::Usual);
    site.last_served(hours(1));
    for crashes in 0..3 {
        dies_at(&site, "begun:1:abort");
        assert_eq!(site.ask("SELECT crashes AS answer FROM run"), crashes.to_string());
        site.passes(minutes(2));
    }
    site.declare(&(reports + &report("other", "0 0 1 1 *", &["eva@example.org".to_owned()], "")));
    let daemon = site.daemon().serving();
    daemon.says("the run is poisoned");
    site.told(&["run-now", "other", "--wait"]);
    assert_eq!(site.got("eva@example.org").len(), 1);
    until(|| (site.letters().len() == 1).then_some(()), || format!("{:?}", site.letters()));
    site.settled();
    assert_eq!(site.letters(), ["kpid: daily has stopped kpid three times"]);
    let runs: Value = serde_json::from_str(&site.told(&["runs", "daily", "--json"])).unwrap();
    let run = runs["runs"].as_array().unwrap().iter().find(|run| run["kind"] == "scheduled").unwrap().clone();
    assert_eq!((&run["state"], &run["crashes"]), (&"poisoned".into(), &3.into()));
    assert_eq!(run["reason"], "it took its daemon down 3 times");
    daemon.shows("kpid_runs_total{report=\"daily\",state=\"poisoned\"}", 1.0);
    assert_eq!(site.mail.ledger().len(), 2);
    site.told(&["outbox", "retry", run["run"].as_str().unwrap()]);
    site.settled();
    site.each_got_one(&readers(READERS));
}

/// A session that holds a table, so that whoever reads it waits.
struct Locked(Option<tokio::sync::oneshot::Sender<()>>, Option<std::thread::JoinHandle<()>>);

impl Locked {
    fn table(url: &str) -> Locked {
        let (url, (release, released)) = (url.to_owned(), tokio::sync::oneshot::channel());
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            block_on(async {
                use sqlx::Connection;
                let mut session = sqlx::postgres::PgConnection::connect(&url).await.unwrap();
                sqlx::raw_sql("BEGIN; LOCK TABLE leads").execute(&mut session).await.unwrap();
                tell.send(()).unwrap();
                // An error is a drop, which releases it as well.
                _ = released.await;
            });
        });
        told.recv().unwrap();
        Locked(Some(release), Some(thread))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        drop(self.0.take());
        self.1.take().unwrap().join().unwrap();
    }
}

fn ask_postgres(url: &str, sql: &str) -> String {
    block_on(async {
        use sqlx::{Connection, Row};
        let mut session = sqlx::postgres::PgConnection::connect(url).await.unwrap();
        let row = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut session).await.unwrap();
        row.get::<i64, _>("answer").to_string()
    })
}
