//! What the clock does to the daemon: nights on which it is put on and back, mistakes, and a machine that slept.

use super::harness::*;
use crate::smtp::Answer;
use crate::store::place::Place;

/// The slots of a report that got a run, in UTC and in their order.
fn slots(site: &Site, report: &str) -> Vec<String> {
    let sql =
        format!("SELECT slot_ms AS answer FROM run WHERE kind = 'scheduled' AND report = '{report}' ORDER BY slot_ms");
    let slot = |ms: &str| jiff::Timestamp::from_millisecond(ms.parse().unwrap()).unwrap().to_string();
    site.ask(&sql).split(',').filter(|ms| !ms.is_empty()).map(slot).collect()
}

/// A site in Madrid whose reports, names and schedules, have one reader each.
fn madrid(reports: &[(&str, &str)]) -> Site {
    let yaml: String = reports.iter().map(|(name, schedule)| report(name, schedule, &readers(1), "")).collect();
    let site = Site::new(Place::sqlite(), &yaml, |_| Answer::Usual);
    site.folder.write("kpis/settings.yaml", &SETTINGS.replace("timezone: UTC", "timezone: Europe/Madrid"));
    site
}

/// Waits for the run of a slot to be over.
fn sent(site: &Site, report: &str, slot: &str) {
    until(|| slots(site, report).contains(&slot.to_owned()).then_some(()), || format!("{:?}", slots(site, report)));
    site.settled();
}

/// CK-1: 02:30 does not exist on that night; the report comes at 03:00, once, and at 02:30 on the next.
#[test]
fn report_of_an_hour_that_the_clock_skips_is_sent_once() {
    let site = madrid(&[("daily", "daily at 02:30"), ("list", "30 2,14 * * *"), ("pulse", "*/15 * * * *")]);
    let Some(clock) = Clock::of(&site, "2026-03-29T00:46:00Z") else { return };
    let daemon = site.serving_from("2026-03-29T00:59:57Z", &clock, 3);
    for report in ["daily", "list", "pulse"] {
        sent(&site, report, "2026-03-29T01:00:00Z");
    }
    clock.set("2026-03-29T01:29:58Z");
    sent(&site, "pulse", "2026-03-29T01:30:00Z");
    clock.set("2026-03-29T12:29:58Z");
    sent(&site, "list", "2026-03-29T12:30:00Z");
    clock.set("2026-03-30T00:29:58Z");
    sent(&site, "daily", "2026-03-30T00:30:00Z");
    daemon.stop();
    assert_eq!(slots(&site, "daily"), ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    assert_eq!(slots(&site, "list"), ["2026-03-29T01:00:00Z", "2026-03-29T12:30:00Z", "2026-03-30T00:30:00Z"]);
}

/// CK-2: 02:30 comes twice on that night; the report comes at the first, a quarter-hourly one at both.
#[test]
fn report_of_an_hour_that_the_clock_repeats_is_sent_once() {
    let site = madrid(&[("daily", "daily at 02:30"), ("pulse", "*/15 * * * *")]);
    let Some(clock) = Clock::of(&site, "2026-10-25T00:16:00Z") else { return };
    let daemon = site.serving_from("2026-10-25T00:29:57Z", &clock, 2);
    sent(&site, "daily", "2026-10-25T00:30:00Z");
    sent(&site, "pulse", "2026-10-25T00:30:00Z");
    clock.set("2026-10-25T01:29:58Z");
    sent(&site, "pulse", "2026-10-25T01:30:00Z");
    daemon.has_planned("2026-10-25T01:30:00Z");
    daemon.stop();
    assert_eq!(slots(&site, "daily"), ["2026-10-25T00:30:00Z"]);
}

/// CK-3: put back by an hour and by a day while it runs, and before a start.
#[test]
fn clock_that_is_put_back_repeats_no_slot() {
    let site = madrid(&[("daily", "daily at 08:00")]);
    let Some(clock) = Clock::of(&site, "2026-11-10T06:30:00Z") else { return };
    let daemon = site.serving_from("2026-11-10T06:59:57Z", &clock, 1);
    sent(&site, "daily", "2026-11-10T07:00:00Z");
    clock.set("2026-11-10T06:59:56Z");
    daemon.has_planned("2026-11-10T07:00:00Z");
    clock.set("2026-11-09T06:59:56Z");
    until(|| daemon.log().last().map(|_| ()), String::new);
    clock.set("2026-11-10T06:30:00Z");
    daemon.stop();
    let daemon = site.daemon().by(&clock).serving();
    clock.set("2026-11-10T07:00:01Z");
    daemon.has_planned("2026-11-10T07:00:00Z");
    assert_eq!(slots(&site, "daily"), ["2026-11-10T07:00:00Z"]);
    clock.set("2026-11-11T06:59:58Z");
    sent(&site, "daily", "2026-11-11T07:00:00Z");
    assert_eq!(site.got("r0@example.org").len(), 2);
}

/// CK-3, A20: work that comes up while the clock is behind is done all the same, also where every timer by the wall clock sleeps.
#[test]
fn clock_that_is_put_back_stops_nothing() {
    let site = madrid(&[("daily", "daily at 08:00")]);
    let Some(clock) = Clock::of(&site, "2026-11-10T12:00:00Z") else { return };
    let daemon = site.daemon().by(&clock).serving();
    daemon.says("serving");
    site.becomes("SELECT COUNT(*) AS answer FROM node", "1");
    clock.set("2026-11-10T10:00:00Z");
    let beat = || site.ask("SELECT value AS answer FROM meta WHERE key = 'heartbeat_ms'").parse::<i64>().unwrap();
    let behind = "2026-11-10T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let since = std::time::Instant::now();
    until(|| (beat() < behind + 600_000).then_some(()), || beat().to_string());
    let took = since.elapsed().as_secs();
    assert!(took < 50, "the heart beat after {took} s only: leases end after 60");
    assert_eq!(daemon.get("/healthz").0, 200);
}

/// CK-4: a clock that is weeks ahead makes nothing up for; a person looks first.
#[test]
fn clock_that_leaps_ahead_by_weeks_holds_planning_until_somebody_has_looked() {
    let site = madrid(&[("daily", "daily at 08:00")]);
    let Some(clock) = Clock::of(&site, "2026-03-01T12:00:00Z") else { return };
    let daemon = site.daemon().by(&clock).serving();
    // Alive once, and the report known.
    site.becomes("SELECT (SELECT COUNT(*) FROM node) + (SELECT COUNT(*) FROM report_cursor) AS answer", "2");
    daemon.stop();
    clock.set("2026-04-12T12:00:00Z");
    let daemon = site.daemon().by(&clock).serving();
    until(|| (site.letters().len() == 1).then_some(()), || format!("{:?} {:#?}", site.letters(), daemon.log()));
    assert_eq!(site.letters(), ["kpid: The clock has jumped: no report is planned"]);
    daemon.hindered_by("planning is held: the clock has leapt from 2026-03-01T12:");
    daemon.shows("kpid_planning_held", 1.0);
    assert_eq!(slots(&site, "daily"), Vec::<String>::new());
    site.told(&["resume"]);
    sent(&site, "daily", "2026-04-12T06:00:00Z");
    assert_eq!(site.got("r0@example.org").len(), 1, "the latest one only");
    daemon.ready();
    assert_eq!(site.letters().iter().filter(|letter| letter.contains("jumped")).count(), 1);
}

/// CK-5, A10: eight hours of sleep over a slot.
#[test]
fn machine_that_slept_over_a_slot_sends_the_report_when_it_wakes_and_says_how_late_it_is() {
    let site = madrid(&[("daily", "daily at 08:00")]);
    let Some(clock) = Clock::of(&site, "2026-11-10T06:30:00Z") else { return };
    let daemon = site.daemon().by(&clock).serving();
    daemon.has_planned("2026-11-10T06:30:00Z");
    daemon.signal("STOP");
    daemon.stops();
    clock.set("2026-11-10T14:30:00Z");
    daemon.signal("CONT");
    let woken = std::time::Instant::now();
    sent(&site, "daily", "2026-11-10T07:00:00Z");
    assert!(woken.elapsed().as_secs() < 60, "{:?}", woken.elapsed());
    let got = site.got("r0@example.org");
    assert_eq!(got.len(), 1);
    assert!(words(&got[0]).contains("late by 7 h 30 min"), "{}", words(&got[0]));
}

/// CR-9, A10: three slots fell into the time that it was down; each report makes up for them as it says, of the day that each was for.
#[test]
fn slots_of_three_days_without_a_daemon_are_made_up_for_as_each_report_says() {
    let reports = ["latest", "all", "skip"].map(|policy| {
        let more = format!("within: 7d, missed: {policy}");
        report(policy, "daily at 08:00", &[format!("{policy}@example.org")], &more)
    });
    let site = Site::new(Place::sqlite(), &reports.concat(), |_| Answer::Usual);
    let Some(clock) = Clock::of(&site, "2026-11-02T12:00:00Z") else { return };
    let daemon = site.daemon().by(&clock).serving();
    site.becomes("SELECT COUNT(*) AS answer FROM report_cursor", "3");
    daemon.kill();
    clock.set("2026-11-05T10:00:00Z");
    let daemon = site.daemon().by(&clock).serving();
    sent(&site, "latest", "2026-11-05T08:00:00Z");
    until(|| (site.letters().len() == 2).then_some(()), || format!("{:?}", site.letters()));
    let [third, fourth, fifth] = [3, 4, 5].map(|day| format!("2026-11-0{day}T08:00:00Z"));
    assert_eq!(slots(&site, "latest"), [&*fifth]);
    assert_eq!(slots(&site, "all"), [third, fourth, fifth]);
    assert_eq!(slots(&site, "skip"), Vec::<String>::new());
    let skips = "SELECT report || ' ' || count AS answer FROM skip ORDER BY report";
    assert_eq!(site.ask(skips), "latest 2,skip 3");
    let periods = "SELECT period AS answer FROM run WHERE report = 'all' AND kind = 'scheduled' ORDER BY done_ms";
    assert_eq!(site.ask(periods), "2026-11-02,2026-11-03,2026-11-04", "in their order");
    assert_eq!((site.got("all@example.org").len(), site.got("skip@example.org").len()), (3, 0));
    let [latest] = &site.got("latest@example.org")[..] else { panic!("{:?}", site.mail.ledger()) };
    assert!(words(latest).contains("late by 2 h"), "{}", words(latest));
    assert!(words(latest).contains("2 scheduled editions before this one were left out"), "{}", words(latest));
    let told = site.told(&["runs"]);
    assert!(told.contains("skipped: skip, 3 times from "), "{told}");
    daemon.shows("kpid_slots_skipped_total{report=\"skip\"}", 3.0);
}
