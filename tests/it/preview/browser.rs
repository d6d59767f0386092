//! The page in a real Chromium: `walk.mjs` uses it as people do, and edits the folder beside it.
//!
//! Without its tools (a browser among them) the test leaves itself out, loudly; under `KPID_TEST_ALL` that is a failure.

use super::command::Preview;
use super::installation;
use crate::servers::say;
use std::path::Path;
use std::process::Command;

#[tokio::test]
async fn the_page_shows_what_is_asked_for_and_every_save() {
    let (folder, url) = installation().await;
    let preview = Preview::start(folder.path(), &url, &["--listen", "127.0.0.1:0", "--as-of", "2026-11-16T08:00"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/preview/walk");
    let walked = Command::new(script).arg(&preview.url).arg(folder.path().join("kpis")).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&walked.stdout), String::from_utf8_lossy(&walked.stderr));
    if walked.status.code() == Some(3) && std::env::var_os("KPID_TEST_ALL").is_none() {
        return say(&format!("left out: {err}"));
    }
    assert!(walked.status.success(), "{out}\n{err}");
    // All of them were walked: a script that ends early has proved less.
    assert_eq!(out.lines().filter(|line| line.starts_with("ok ")).count(), 17, "{out}");
}
