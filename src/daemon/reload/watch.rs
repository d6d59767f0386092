//! Whether anything below a folder was edited (notify).
//!
//! One notice stands for any number of edits. Files that no installation is read from don't count: the store may lie in the same folder and
//! is written all the time. Where watching fails (a limit of the system, a network file system) the regular look goes on finding edits,
//! only later.

use crate::catalog::Catalog;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Cheap to clone: the same watch.
#[derive(Clone)]
pub(crate) struct Watch {
    touched: Arc<Notify>,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Absent when the system has none to give.
    watcher: Option<RecommendedWatcher>,
    /// What was said last of why it doesn't work.
    trouble: Option<String>,
}

impl Watch {
    /// Covers nothing yet.
    pub fn new() -> Watch {
        let touched = Arc::new(Notify::new());
        let told = Arc::clone(&touched);
        let made = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error means that events were lost.
            if event.as_ref().map_or(true, edits) {
                told.notify_one();
            }
        });
        let trouble = made.as_ref().err().map(report);
        Watch { touched, state: Arc::new(Mutex::new(State { watcher: made.ok(), trouble })) }
    }

    /// Once anything was edited since the last call.
    pub async fn touched(&self) {
        self.touched.notified().await;
    }

    /// Watches `dir` and all below it. Again and again, for another folder may stand there under the same name: a link that leads
    /// elsewhere now, a release that was unpacked anew. Blocks.
    pub fn cover(&self, dir: &Path) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watcher) = &mut state.watcher else { return };
        let trouble = watcher.watch(dir, RecursiveMode::Recursive).err();
        // Said once, not at every look.
        if trouble.as_ref().map(notify::Error::to_string) != state.trouble {
            state.trouble = trouble.as_ref().map(report);
        }
    }
}

/// Gives the words as well.
fn report(error: &notify::Error) -> String {
    let why = error.to_string();
    tracing::warn!(%why, "edits are not noticed at once, only by looking every half minute");
    why
}

/// Whether something an installation may be read from was changed. Folders have no ending.
pub(super) fn edits(event: &Event) -> bool {
    let read = matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write));
    // What Kubernetes mounts and swaps begins so: `..data`, `..2026_11_22`.
    let mount = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
    let mine = |path: &Path| path.extension().is_none() || mount(path) || Catalog::reads(path);
    !read && (event.paths.is_empty() || event.paths.iter().any(|path| mine(path)))
}
