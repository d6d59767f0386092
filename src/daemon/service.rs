//! Start and stop of the daemon.

use super::installation::{Environment, Installation};
use super::node::Node;
use super::outside::Outside;
use super::relay::Pace;
use super::reload::Reloads;
use super::tick::Ticker;
use super::work::Shop;
use crate::calendar::clock;
use crate::store::{Role, Store, StoreError};
use crate::web::link::Link;
use crate::web::{self, Board, Site, Unsubscribe};
use jiff::Timestamp;
use sd_notify::NotifyState;
use std::io;
use std::iter::once;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinSet;

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("listen on {address} (settings.web.listen): {why}")]
    Listen { address: SocketAddr, why: io::Error },
    #[error("wait for signals: {0}")]
    Signals(io::Error),
    #[error("start the scheduler: {0}")]
    Ticks(#[from] tokio_cron_scheduler::JobSchedulerError),
    /// Whoever can write to a database, or run programs there, must be allowed to by name.
    #[error("{0}")]
    Privileged(String),
    #[error("a part of the daemon ended by a fault of kpid's; see the log")]
    Broken,
}

/// How long a stop waits for dialogues with the mail server to end.
const FAREWELL: Duration = Duration::from_secs(30);
/// How many deliveries lie ready for the sessions.
const QUEUE: usize = 50;
/// Transactions at the same time besides those of the sessions.
const LOOPS: u32 = 6;

/// Serves `installation` until SIGTERM or Ctrl-C. `env` is what its `${…}` may name when it is read again.
///
/// # Errors
/// The store can't be used, or the address is taken. Once it serves it goes on, unless a part of it breaks.
pub async fn serve(installation: Installation, env: Arc<Environment>) -> Result<(), ServiceError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServiceError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServiceError::Signals)?;
    let hangup = signal(SignalKind::hangup()).map_err(ServiceError::Signals)?;
    let started = clock::now();
    let installation = Arc::new(installation);
    let settings = &installation.catalog.settings;
    let connections = settings.mail.as_ref().map_or(1, |mail| mail.connections);
    let privileged = installation.sources.privileged().await;
    if !privileged.is_empty() {
        let lines: Vec<String> = privileged.iter().map(ToString::to_string).collect();
        return Err(ServiceError::Privileged(lines.join("\n")));
    }
    let store = Store::open(&settings.store, Role::Daemon, connections + LOOPS, started).await?;
    let listener = match &settings.web {
        Some(web) => Some(listen(web.listen).await?),
        None => None,
    };
    let board = Board::new(started);
    board.reloaded(Some(&installation.catalog.version), started);
    let (installed, current) = watch::channel(Arc::clone(&installation));
    let world = Outside { installation: current.clone(), board: board.clone() };
    let node = Arc::new(Node::new((node_name(), host()), store.clone(), world, board.clone()));
    let (ticker, ticks) = Ticker::start().await?;
    let (stopping, stop) = watch::channel(false);
    let shop = Shop {
        node: Arc::clone(&node),
        ticks,
        stop: stop.clone(),
        runs: Arc::new(Notify::new()),
        mails: Arc::new(Notify::new()),
    };
    let mut tasks = JoinSet::new();
    let reloads = Reloads::new(Arc::clone(&installation), env);
    tasks.spawn(shop.clone().planner(installed, reloads, hangup));
    tasks.spawn(shop.clone().producers());
    tasks.spawn(shop.clone().heart(current.clone()));
    tasks.spawn(shop.clone().retention(current.clone()));
    let (queue, items) = mpsc::channel(QUEUE);
    tasks.spawn(shop.clone().dispatcher(queue));
    let items = Arc::new(Mutex::new(items));
    let pace = Arc::new(Mutex::new(settings.mail.as_ref().and_then(|mail| mail.rate).map(Pace::new)));
    for _ in 0..connections {
        tasks.spawn(shop.clone().session(Arc::clone(&items), Arc::clone(&pace)));
    }
    if let Some(listener) = listener {
        let site = Site { board: board.clone(), clock: clock::now, unsubscribe: Some(unsubscribe(&current, &store)) };
        let mut stop = stop.clone();
        tasks.spawn(web::serve(listener, site, async move { _ = stop.wait_for(|stop| *stop).await }));
    }
    tracing::info!(node = node.id, version = env!("CARGO_PKG_VERSION"), catalogue = %installation.catalog.version, reports = installation.catalog.reports.len(), "serving");
    notify_ready();
    let whole = tokio::select! {
        _ = terminate.recv() => {
            tracing::info!("asked to stop");
            Ok(())
        }
        _ = interrupt.recv() => {
            tracing::info!("interrupted");
            Ok(())
        }
        // None of them ends by itself. Half a daemon would look alive: whoever supervises us starts a whole one.
        _ = tasks.join_next() => Err(ServiceError::Broken),
    };
    notify(&[NotifyState::Stopping]);
    stopping.send_replace(true);
    drop(items);
    let ended = tokio::time::timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!("a dialogue with the mail server did not end in {FAREWELL:?}; it is given up");
        tasks.shutdown().await;
        // Nobody knows how it ended: it is for the one who finds its lease dead.
        return whole;
    }
    ticker.stop().await;
    store.release(&node.id, clock::now()).await?;
    tracing::info!("stopped");
    whole
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServiceError> {
    TcpListener::bind(address).await.map_err(|why| ServiceError::Listen { address, why })
}

/// How readers leave by themselves. Mails show no new ways out without a `public_url`; the old ones stay good.
fn unsubscribe(current: &watch::Receiver<Arc<Installation>>, store: &Store) -> Unsubscribe {
    let installed = current.clone();
    let title = move |link: &Link| {
        let catalog = &installed.borrow().catalog;
        let report = catalog.report_or_renamed(&link.report);
        let title = report.map(|spec| spec.title.get(&link.language, &catalog.settings.language).to_owned());
        title.unwrap_or_else(|| link.report.to_string())
    };
    let (leaving, renamed) = (store.clone(), current.clone());
    let suppress = move |link: Link| {
        let store = leaving.clone();
        let now_called = renamed.borrow().catalog.report_or_renamed(&link.report).map(|spec| spec.id.clone());
        let now_called = now_called.filter(|name| *name != link.report);
        async move {
            for report in once(link.report).chain(now_called) {
                let done = store.suppress(&link.recipient, Some(&report), "the reader's own wish", clock::now()).await;
                done.map_err(|error| error.to_string())?;
            }
            Ok(())
        }
    };
    Unsubscribe::new(store.install().clone(), title, suppress)
}

/// What the system calls this machine, for people to read.
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A name that no other process has had.
fn node_name() -> String {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Told to systemd; without it nobody listens.
fn notify(state: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "can't tell systemd");
    }
}

pub(super) fn notify_ready() {
    notify(&[NotifyState::Ready]);
}

pub(super) fn notify_reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(at) => notify(&[NotifyState::Reloading, at]),
        Err(error) => tracing::debug!(%error, "can't tell systemd"),
    }
}

/// For `systemctl status`.
pub(super) fn notify_status(next: Option<Timestamp>) {
    let status = next.map_or("no report is scheduled".to_owned(), |next| format!("the next report is due at {next}"));
    notify(&[NotifyState::Status(&status)]);
}

/// Keeps systemd's watchdog quiet, as long as the planner really plans.
pub(super) fn notify_alive(board: &Board, now: Timestamp) {
    if board.stuck(now).is_empty() {
        notify(&[NotifyState::Watchdog]);
    }
}
