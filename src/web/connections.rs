//! TCP connections, each held to its limits, so that no client can take more than its share or stay.
//!
//! What axum's own loop can't be told: how many connections there are at most, how long one may last, how large its head may be. A head
//! that is no HTTP or too large is refused by hyper, with 400, 414 or 431 and nothing else.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

/// At once; more wait in the backlog of the operating system.
const CONNECTIONS: u32 = 256;

/// For the head of the request.
const HEAD: Duration = Duration::from_secs(10);

/// For all of it: head, body and answer.
const CONVERSATION: Duration = Duration::from_secs(20);

/// Bytes of the head of a request.
const HEAD_SIZE: usize = 16 * 1024;

/// For the operating system to have files again.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// Answers until `shutdown`; then those who have begun to ask are answered, and nobody else.
pub(super) async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    let (stop, stopping) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut shutdown => break,
        };
        tokio::spawn(converse(stream, router.clone(), stopping.clone(), place));
    }
    drop((listener, stop));
    let _empty = places.acquire_many(CONNECTIONS).await.expect("nobody closes the semaphore");
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("nobody closes the semaphore");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                warn!(%error, "the web can't accept a connection");
                sleep(EXHAUSTED).await;
            }
        }
    }
}

/// One request and its answer.
async fn converse(stream: TcpStream, router: Router, mut stopping: watch::Receiver<()>, _place: OwnedSemaphorePermit) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_header_size(HEAD_SIZE)
        .max_buf_size(2 * HEAD_SIZE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let conversation = async {
        tokio::select! {
            done = &mut connection => return done,
            // The sender is dropped, never heard.
            _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    };
    match timeout(CONVERSATION, conversation).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "a web client's connection broke off"),
        Err(_) => debug!("a web client took too long"),
    }
}
