//! What the daemon shows over HTTP (edge: axum): how it fares, and a reader's way out.
//!
//! [`Board`] is what the daemon writes on: metrics for `/metrics`, and what `/healthz` (a restart would help) and `/readyz` (this node
//! works) answer by, 200 or 503 with one reason a line. `/u/<token>` is the one-click unsubscription of RFC 8058 ([`link`]): GET shows a
//! page, POST stops the mails. [`serve`] answers all of it; every other path is the same 404. No path asks the store to show anything.
//!
//! A connection is one request and lives for seconds, and there are never more than a few hundred (`connections`). The pages are static
//! texts in `templates/web/`, with what is put in escaped here: they are for strangers' browsers, not to be adapted with the mails.
//! Deliberately absent: TLS (a proxy's task), cookies, scripts, files, clocks (`now` comes from the daemon).

mod board;
mod connections;
mod health;
pub mod link;
mod metrics;
mod process;
mod unsubscribe;

pub use board::{Board, Stats};
pub use unsubscribe::Unsubscribe;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What is served.
pub struct Site {
    pub board: Board,
    /// The present.
    pub clock: fn() -> Timestamp,
    /// Without it no link is good.
    pub unsubscribe: Option<Unsubscribe>,
}

/// The largest body of a request that is read, in bytes.
const BODY: usize = 16 * 1024;

/// On every answer: nothing is loaded, framed, kept, guessed or listed.
const GUARDS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "private, no-store"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// Answers on `listener` until `shutdown`, and then until those who are being answered have been: seconds at most.
pub async fn serve(listener: TcpListener, site: Site, shutdown: impl Future<Output = ()>) {
    connections::serve(listener, router(site), shutdown).await;
}

fn router(site: Site) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/u/{token}", get(unsubscribe::ask).post(unsubscribe::stop))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(map_response(guarded))
        .with_state(Arc::new(site))
}

async fn guarded(mut response: Response) -> Response {
    for (name, value) in GUARDS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], site.board.metrics().text()).into_response()
}

async fn healthz(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    verdict(&site.board.stuck((site.clock)()), &headers)
}

async fn readyz(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    verdict(&site.board.hindered((site.clock)()), &headers)
}

/// 200, or 503 with the reasons: one a line, or as JSON for those who accept it by name.
fn verdict(reasons: &[String], headers: &HeaderMap) -> Response {
    let ok = reasons.is_empty();
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accepted.is_some_and(|accept| accept.contains("application/json")) {
        let body = serde_json::json!({ "ok": ok, "reasons": reasons }).to_string();
        return (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    let body = if ok { "ok\n".to_owned() } else { reasons.iter().map(|reason| format!("{reason}\n")).collect() };
    (status, body).into_response()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "not found\n").into_response()
}

async fn not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n").into_response()
}
