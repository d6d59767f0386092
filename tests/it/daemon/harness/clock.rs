//! The wall clock of a program (libfaketime).

use super::Site;
use jiff::Timestamp;
use std::path::PathBuf;

/// A wall clock that a test sets, also while programs go by it. It runs on from there; timers run as they do.
pub struct Clock {
    pub(super) library: PathBuf,
    pub(super) file: PathBuf,
}

impl Clock {
    /// `None` when this machine has no faketime.
    pub fn of(site: &Site, at: &str) -> Option<Clock> {
        if !crate::servers::has("faketime", &["-f", "+1", "true"]) {
            return None;
        }
        let folders = std::fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
        let library = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
        let library = library.expect("faketime has its library below /usr/lib");
        let clock = Clock { library, file: site.folder.path().join("clock") };
        clock.set(at);
        Some(clock)
    }

    /// `at` is now: `2026-03-29T00:59:58Z`.
    pub fn set(&self, at: &str) {
        let ahead = at.parse::<Timestamp>().unwrap().duration_since(Timestamp::now());
        // In one piece: programs read it all the time.
        let draft = self.file.with_extension("draft");
        std::fs::write(&draft, format!("{:+.3}\n", ahead.as_secs_f64())).unwrap();
        std::fs::rename(draft, &self.file).unwrap();
    }
}
