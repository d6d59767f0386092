//! The service in the hands of a real systemd, in its sandbox: started, asked, reloaded, hung, killed, broken, stopped.

use crate::installation::Folder;
use crate::servers::{free_port, say};
use std::path::Path;
use std::process::Command;

/// What systemd, the daemon and its store say after each step of `systemd/life`.
const LIFE: &str = "\
started: active
memory: 402653184
store: 600 kpid
health: HTTP/1.0 200 OK
readiness: HTTP/1.0 200 OK
reloaded: active
unhurt: 0
restarts: 1
restarts: 2
health: HTTP/1.0 200 OK
broken: failed
code: 2
mended: active
stopped: inactive
result: success
";

/// A18, A20, E-16
#[test]
fn systemd_starts_reloads_restarts_and_stops_the_service() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    let port = free_port();
    let life = include_str!("systemd/life").replace("PORT", &port.to_string());
    let booted = Command::new(root.join("tests/it/systemd/boot"))
        .arg(env!("CARGO_BIN_EXE_kpid"))
        .args([&root.join("packaging"), folder.path(), &folder.write("life", &life)])
        .output()
        .unwrap();
    if booted.status.code() == Some(3) {
        let why = String::from_utf8_lossy(&booted.stderr);
        return say(&format!("left out: the service under a real systemd ({})", why.trim()));
    }
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let errors = String::from_utf8_lossy(&booted.stderr);
    assert_eq!(read("said"), LIFE, "\n{errors}\nthe daemon's log:\n{}", read("log"));
}
