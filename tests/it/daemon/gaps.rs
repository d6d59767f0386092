//! Sources that are broken for good, alone and beside others that work: gaps that say so, and nothing where there would be gaps only.

use super::harness::*;
use crate::smtp::Answer;
use crate::store::place::Place;

/// A second source and its KPI.
fn costs(database: &str) -> String {
    let sql = "SELECT day, spent FROM costs WHERE day >= :start AND day < :end";
    format!(
        "sources:\n  costs: {{ database: {database}, sql: \"{sql}\", time: day, measures: [spent] }}\n\
         kpis: {{ costs: {{ name: Costs, formula: costs.spent, unit: count, good: down, target: 9 }} }}\n"
    )
}

/// A report of both KPIs.
fn of_both(name: &str, schedule: &str, more: &str) -> String {
    let to = readers(2).join(", ");
    let sections = "[{ title: Both, kpis: [leads, costs] }]";
    format!("  {name}: {{ schedule: \"{schedule}\", period: day, to: [{to}], sections: {sections}, {more} }}\n")
}

/// A site whose costs stand beside its leads, where [`lose_a_column`] takes them away.
fn of_two_sources(reports: &str) -> Site {
    let site = Site::new(Place::sqlite(), reports, |_| Answer::Usual);
    site.folder.write("kpis/costs.yaml", &costs("crm"));
    site.fill("CREATE TABLE costs (day TEXT, spent INT); INSERT INTO costs SELECT day, 7 FROM leads");
    site
}

fn lose_a_column(site: &Site) {
    site.fill("ALTER TABLE costs RENAME COLUMN spent TO paid");
}

fn find_it_again(site: &Site) {
    site.fill("ALTER TABLE costs RENAME COLUMN paid TO spent");
}

#[track_caller]
fn is_told_of_gaps(site: &Site, letters: usize) {
    until(|| (site.letters().len() >= letters).then_some(()), || format!("{:?}", site.letters()));
    site.settled();
    let told = site.letters();
    assert_eq!(told.len(), letters, "{told:?}");
    assert!(told.iter().all(|told| told.ends_with("was sent without some of its data")), "{told:?}");
}

/// DB-13, A13: a column was renamed: the others are told, what was measured before is not told again, and the admin hears of it at once.
#[test]
fn source_that_lost_a_column_leaves_a_gap_and_the_rest_goes_out() {
    let site = of_two_sources(&of_both("daily", &this_minute(), ""));
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    site.settled();
    lose_a_column(&site);
    site.told(&["run-now", "daily", "--wait"]);
    is_told_of_gaps(&site, 1);
    let letter = words(&site.got(ADMIN)[0]);
    assert!(letter.contains("costs") && letter.contains("no such column: spent"), "{letter}");
    find_it_again(&site);
    site.told(&["run-now", "daily", "--wait"]);
    is_told_of_gaps(&site, 1);
    let values = |kpi: &str| {
        let value = "COALESCE(CAST(CAST(value AS INT) AS TEXT), missing)";
        let of_all =
            format!("FROM measurement JOIN run ON run.run = measurement.run WHERE kpi = '{kpi}' ORDER BY slot_ms");
        site.ask(&format!("SELECT {value} AS answer {of_all}"))
    };
    assert_eq!(values("leads"), "4,4,4");
    let costs = values("costs");
    assert!(costs.starts_with("7,") && costs.ends_with(",7") && costs.contains("no such column: spent"), "{costs}");
    let [whole, gap, mended] = &site.got("r1@example.org")[..] else { panic!("{:#?}", site.mail.ledger()) };
    let said = [whole, gap, mended].map(|mail| words(mail).contains("No value for: Costs"));
    assert_eq!(said, [false, true, false]);
    assert_eq!(site.runs(), "daily delivered,daily delivered,daily delivered");
    daemon.shows("kpid_source_failures_total{source=\"costs\"}", 1.0);
}

/// A13: nobody knows that all is well where something could not be measured, so that the condition of `send:` keeps nothing back.
#[test]
fn report_with_a_gap_goes_out_whatever_its_condition_says() {
    let reports = ["attention", "change"].map(|when| of_both(when, "0 0 1 1 *", &format!("send: {when}")));
    let site = of_two_sources(&reports.concat());
    let _daemon = site.daemon().serving();
    // The first edition of `change` is news, the other has none.
    for report in ["attention", "change"] {
        site.told(&["run-now", report, "--wait"]);
    }
    assert_eq!(site.got("r0@example.org").len(), 1);
    lose_a_column(&site);
    for report in ["attention", "change"] {
        site.told(&["run-now", report, "--wait"]);
    }
    assert_eq!(site.got("r0@example.org").len(), 3);
    is_told_of_gaps(&site, 2);
}

/// DB-1, DB-13, A13: no later attempt would find the table, so that nobody waits for it.
#[test]
fn report_of_which_nothing_can_be_measured_fails_at_once_and_only_the_admin_hears_of_it() {
    let site = Site::new(Place::sqlite(), &report("daily", &this_minute(), &readers(2), ""), |_| Answer::Usual);
    site.fill("ALTER TABLE leads RENAME TO prospects");
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    let failed = daemon.says("the run failed");
    assert!(failed["fields"]["why"].as_str().unwrap().contains("no such table: leads"), "{failed}");
    until(|| (site.letters().len() == 1).then_some(()), || format!("{:?}", site.letters()));
    site.settled();
    assert_eq!(site.mail.ledger().len(), 1, "{:#?}", site.mail.ledger());
    assert!(site.letters()[0].ends_with(" was not sent"), "{:?}", site.letters());
    assert_eq!(site.ask("SELECT state || ' ' || attempt AS answer FROM run WHERE kind = 'scheduled'"), "failed 1");
    assert_eq!(daemon.said("the run waits"), 0);
    let why = site.told(&["why-not", "daily"]);
    assert!(why.contains("no such table: leads"), "{why}");
}

/// DB-1, A13: it is waited for a database, and then no longer: the whole is not given up for a part.
#[test]
fn report_is_sent_with_a_gap_when_one_of_its_databases_stays_away() {
    let site = Site::new(Place::sqlite(), &of_both("daily", &this_minute(), ""), |_| Answer::Usual);
    // Nobody listens there.
    site.folder.write("kpis/ads.yaml", "databases: { ads: { url: \"postgres://kpid@127.0.0.1:1/ads\" } }\n");
    site.folder.write("kpis/costs.yaml", &costs("ads"));
    site.last_served(hours(1));
    let daemon = site.daemon().serving();
    let wait = daemon.says("the run waits");
    assert!(wait["fields"]["why"].as_str().unwrap().starts_with("costs: "), "{wait}");
    site.becomes("SELECT state AS answer FROM run", "due");
    assert_eq!(site.mail.ledger(), []);
    site.comes_to_its_last_attempt();
    is_told_of_gaps(&site, 1);
    site.each_got_one(&readers(2));
    assert_eq!(site.runs(), "daily delivered");
    assert_eq!(site.ask("SELECT CAST(value AS INT) AS answer FROM measurement WHERE kpi = 'leads'"), "4");
}
