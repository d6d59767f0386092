//! Death and pauses at a [`Point`], for tests of the program from outside; only in builds with debug assertions.
//!
//! `KPID_FAILPOINT=accepted:2:abort` ends the process the second time it gets there, as a power cut would; `…:stop` stops it as
//! `kill -STOP` does, until somebody sends it SIGCONT.

use super::world::Point;

#[cfg(not(debug_assertions))]
pub async fn reached(_point: Point) {}

#[cfg(debug_assertions)]
pub async fn reached(point: Point) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::signal::unix::{SignalKind, signal};
    const SIGCONT: SignalKind = SignalKind::from_raw(18);
    static WANTED: OnceLock<Option<(String, u32, String)>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("KPID_FAILPOINT").ok()?;
        let mut parts = text.split(':').map(str::to_owned);
        Some((parts.next()?, parts.next()?.parse().ok()?, parts.next()?))
    });
    let Some((name, nth, act)) = wanted else { return };
    if *name != format!("{point:?}").to_lowercase() || COUNT.fetch_add(1, Ordering::SeqCst) + 1 != *nth {
        return;
    }
    match &**act {
        "stop" => {
            let me = std::process::id().to_string();
            let mut woken = signal(SIGCONT).expect("a process may hear that it goes on");
            let stopped = std::process::Command::new("kill").args(["-STOP", &me]).status();
            // A process is stopped thread by thread: on a busy machine this one could get far before its turn comes.
            woken.recv().await;
            tracing::info!(?stopped, "went on after a failpoint");
        }
        _ => std::process::abort(),
    }
}
