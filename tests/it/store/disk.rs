//! What the disk does to a SQLite store, each in a process of its own: a disk that is full, one that can only be read, and a look at
//! what is written before a promise is given.

use super::place::{Folder, Place};
use super::{at, claimed_run, edition, mails, name, now, sent};
use crate::servers;
use kpid::outbox::{Cursor, Planned};
use kpid::store::{Role, Store, StoreError};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Set to a folder in the process that is to do what its parent looks at.
const CHILD: &str = "KPID_TEST_STORE_CHILD";

/// This very test under `program`, with `folder`.
fn child(program: &mut Command, folder: &Path) {
    let thread = std::thread::current();
    let test = thread.name().unwrap();
    let program =
        program.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]).env(CHILD, folder);
    let output = program.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

/// In the child the folder; in the parent, where `setting` (a shell command) is done first in namespaces of its own, `None`.
fn apart(setting: &str) -> Option<Place> {
    if let Some(folder) = std::env::var_os(CHILD) {
        return Some(Place::in_folder(folder.into()));
    }
    if servers::has("unshare", &["-rm", "true"]) {
        let folder = Folder::new();
        let script = format!("{setting} && exec \"$@\"");
        child(Command::new("unshare").args(["-rm", "sh", "-c", &script]).arg(&folder.0), &folder.0);
    }
    None
}

#[track_caller]
fn words<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Database(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// DS-1: no intent without its row, no result lost while it is tried again, and all goes on when there is room.
#[tokio::test]
async fn disk_that_is_full_stops_everything_and_loses_nothing() {
    let Some(place) = apart("mount -t tmpfs -o size=1m tmpfs \"$0\"") else { return };
    let store = place.open().await;
    let mails = mails(&store, "sales", &["ana@example.com", "tom@example.com"]).await;
    let run = claimed_run(&store, "costs", "n").await;
    // While another has the file open, a session that ends leaves the log, and the room it takes, as it is.
    let _tool = Store::open(&place.url(), Role::Tool, 1, now()).await.unwrap();
    let filler = place.file().with_file_name("filler");
    for size in [4096, 1] {
        let full = std::iter::from_fn(|| {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
            std::io::Write::write(&mut file, &vec![0; size]).ok()
        });
        full.count();
    }
    let cursor = Cursor { known_since: now(), planned_until: now(), schedule: "x".repeat(10_000) };
    let planned = Planned { runs: vec![at("2026-11-16T07:00:00Z")], skipped: None, cursor };
    for _ in 0..3 {
        let full = "its disk is full (database or disk is full)";
        assert_eq!(words(store.plan(&name("sales"), None, &planned, now()).await), full);
        assert_eq!(words(store.finish_run(&run, &edition(&["eva@example.com"]), now()).await), full);
        assert_eq!(words(store.order(&name("x"), "1", now()).await), full);
        assert_eq!(words(store.settle(&mails[0].1, &sent(), now()).await), full);
    }
    fs::remove_file(&filler).unwrap();
    assert!(store.settle(&mails[0].1, &sent(), now()).await.unwrap());
    assert!(store.settle(&mails[1].1, &sent(), now()).await.unwrap());
    assert!(store.plan(&name("sales"), None, &planned, now()).await.unwrap());
    assert!(store.finish_run(&run, &edition(&["eva@example.com"]), now()).await.unwrap());
    assert_eq!(place.ask("SELECT state AS answer FROM run ORDER BY report, state").await, "rendered,delivered,due");
    assert_eq!(place.ask("SELECT COUNT(*) AS answer FROM run").await, "3");
    assert_eq!(place.ask("SELECT * FROM (SELECT integrity_check AS answer FROM pragma_integrity_check)").await, "ok");
}

/// DS-2
#[tokio::test]
async fn disk_that_can_only_be_read_is_refused() {
    let made = Place::sqlite();
    drop(made.open().await);
    made.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let copied = format!("cp {} \"$0\"", made.file().display());
    let setting = format!("mount -t tmpfs -o size=1m tmpfs \"$0\" && {copied} && mount -o remount,ro \"$0\"");
    let Some(place) = apart(&setting) else { return };
    let Err(StoreError::Refused(why)) = Store::open(&place.url(), Role::Daemon, 1, now()).await else { panic!() };
    assert!(why.contains("kpid.db can't be locked by ") && why.contains("Read-only file system"), "{why}");
}

/// A16: what a method answers is on disk by then. The trace of system calls shows a synced log between the marks round each.
#[tokio::test]
async fn each_commit_is_on_disk_before_it_is_answered() {
    let Some(folder) = std::env::var_os(CHILD) else {
        if !servers::has("strace", &["-o", "/dev/null", "true"]) {
            return;
        }
        let folder = Folder::new();
        let trace = folder.0.join("trace");
        child(
            Command::new("strace").args(["-f", "-y", "-e", "trace=fsync,fdatasync,openat", "-o"]).arg(&trace),
            &folder.0,
        );
        return assert_synced(&fs::read_to_string(trace).unwrap());
    };
    let place = Place::in_folder(folder.into());
    let store = place.open().await;
    let run = claimed_run(&store, "sales", "n").await;
    mark("planned");
    let cursor = Cursor { known_since: now(), planned_until: now(), schedule: String::new() };
    assert!(store.plan(&name("sales"), None, &Planned { runs: vec![], skipped: None, cursor }, now()).await.unwrap());
    mark("rendered");
    assert!(store.finish_run(&run, &edition(&["ana@example.com"]), now()).await.unwrap());
    mark("claimed");
    let (_, claim) = store.claim_deliveries("n", 9, now()).await.unwrap().remove(0);
    mark("marked");
    assert!(store.last_look(&claim, true, now()).await.unwrap());
    mark("sent");
    assert!(store.settle(&claim, &sent(), now()).await.unwrap());
    mark("end");
}

const MARKS: [&str; 6] = ["planned", "rendered", "claimed", "marked", "sent", "end"];

/// Shows in a trace.
fn mark(name: &str) {
    assert!(fs::File::open(format!("/mark-{name}")).is_err());
}

fn assert_synced(trace: &str) {
    let position =
        |name: &str| trace.find(&format!("/mark-{name}\"")).unwrap_or_else(|| panic!("no {name} in {trace}"));
    for marks in MARKS.windows(2) {
        let between = &trace[position(marks[0])..position(marks[1])];
        let synced = between.lines().any(|line| line.contains("sync(") && line.contains("kpid.db-wal>"));
        assert!(synced, "{}: {between}", marks[0]);
    }
}
