//! A disk that is full or can only be read, below the store of a daemon at work.

use super::harness::*;
use crate::servers;
use crate::smtp::{Answer, Gate, Step};
use crate::store::place::Place;
use std::path::{Path, PathBuf};

/// A disk of 16 MiB at `disk` in the site's folder, which only the daemon sees, holding what lies in `seed`.
const SMALL: &str = "mount -t tmpfs -o size=16m tmpfs disk && cp seed/kpid.db disk/";

fn under(setting: &str) -> [String; 6] {
    ["unshare", "-rm", "sh", "-c", &format!("{setting} && exec \"$@\""), "sh"].map(str::to_owned)
}

/// Whether this machine lets a test have a disk of its own.
fn disks() -> bool {
    servers::has("unshare", &["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"])
}

/// A site whose store, made before, lies in `seed`; its daemon looks for it in `disk`.
fn seeded(reports: &str, script: impl Fn(&crate::smtp::Event) -> Answer + Send + Sync + 'static) -> Site {
    let mut site = Site::new(Place::sqlite(), reports, script);
    for folder in ["seed", "disk"] {
        std::fs::create_dir(site.folder.path().join(folder)).unwrap();
    }
    site.store = Place::in_folder(site.folder.path().join("seed"));
    site.last_served(hours(1));
    block_on(site.store.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    site.store = Place::in_folder(site.folder.path().join("disk"));
    site
}

/// The disk as the daemon sees it.
fn seen_by(daemon: &Daemon, site: &Site) -> PathBuf {
    let inside = site.folder.path().join("disk");
    Path::new(&format!("/proc/{}/root", daemon.pid())).join(inside.strip_prefix("/").unwrap())
}

/// Leaves no byte free on the disk of `folder`.
fn fill(folder: &Path) {
    let mut file = std::fs::File::create(folder.join("filler")).unwrap();
    for size in [1 << 20, 4096, 1] {
        let bytes = vec![0; size];
        while std::io::Write::write(&mut file, &bytes).is_ok() {}
    }
}

/// DS-1, A3, A17: what the server took while the disk was full is written as soon as it can be, and not sent again; nothing new is begun,
/// and the node says that it is not ready.
#[test]
fn disk_that_is_full_stops_the_daemon_and_loses_nothing() {
    if !disks() {
        return;
    }
    let gate = Gate::closed();
    let held = gate.clone();
    let reports = report("daily", &this_minute(), &readers(3), "") + &report("other", "* * * * *", &readers(1), "");
    let site = seeded(&report("daily", &this_minute(), &readers(3), ""), move |event| match event.step {
        Step::Dot if event.to == "r0@example.org" => Answer::Usual.after(&held),
        _ => Answer::Usual,
    });
    let program = under(SMALL);
    let daemon = site.daemon().under(&program.each_ref().map(String::as_str)).serving();
    let disk = seen_by(&daemon, &site);
    gate.block_until_reached_by(1);
    until(
        || (mails(&site, &daemon) == ["sending", "sent", "sent"]).then_some(()),
        || format!("{:?}", mails(&site, &daemon)),
    );
    fill(&disk);
    gate.open();
    daemon.says("a mail was sent and the store does not take note of it; trying on");
    daemon.hindered_by("the store has refused writes for");
    assert_eq!(daemon.get("/healthz").0, 200, "a restart would not help");
    // One that comes due each minute.
    site.declare(&reports);
    daemon.says("the catalogue was read anew");
    daemon.says("can't plan");
    let to_readers = site.mail.ledger().iter().filter(|entry| entry.to != ADMIN).count();
    assert_eq!(to_readers, 3, "{:#?}", site.mail.ledger());
    std::fs::remove_file(disk.join("filler")).unwrap();
    until(
        || (mails(&site, &daemon) == ["sent", "sent", "sent"]).then_some(()),
        || format!("{:?}", mails(&site, &daemon)),
    );
    daemon.ready();
    let about = |entry: &crate::smtp::Entry| header(entry, "Subject").starts_with("Daily");
    assert_eq!(site.got("r0@example.org").iter().filter(|entry| about(entry)).count(), 1, "{:#?}", site.mail.ledger());
}

/// The states of the daily report's mails, asked by a program that sees the daemon's disk.
fn mails(site: &Site, daemon: &Daemon) -> Vec<String> {
    let pid = daemon.pid().to_string();
    let ask = ["nsenter", "-t", &pid, "-U", "-m", "--preserve-credentials", "--wd", "--"];
    let listed: serde_json::Value =
        serde_json::from_str(&site.told_under(&ask, &["outbox", "--report", "daily", "--json"])).unwrap();
    let mails = listed.as_array().unwrap_or_else(|| panic!("{listed:#}"));
    let mut states: Vec<String> = mails.iter().map(|mail| mail["state"].as_str().unwrap().to_owned()).collect();
    states.sort();
    states
}

/// DS-2: nothing is begun, and the words say what to look at.
#[test]
fn disk_that_can_only_be_read_is_refused_at_the_start() {
    if !disks() {
        return;
    }
    let site = seeded(&report("daily", &this_minute(), &readers(1), ""), |_| Answer::Usual);
    let program = under(&format!("{SMALL} && mount -o remount,ro disk"));
    let mut daemon = site.daemon().under(&program.each_ref().map(String::as_str)).spawn();
    let status = daemon.dies();
    let told = daemon.log().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("kpid.db can't be locked by") && told.contains("Read-only file system"), "{told}");
    assert_eq!(site.mail.ledger(), []);
}
