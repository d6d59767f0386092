//! `/u/<token>`: GET asks, POST stops the mails (RFC 8058), everything that is no good link is the same 404.
//!
//! Scanners of mail follow every link, so that GET changes nothing; POST needs no cookie and no body, and a second one changes nothing
//! more. The page is the file of the mail's language in `templates/web/`, English for those that have none.

use super::link::{self, Link};
use super::{Site, not_found};
use crate::outbox::InstallId;
use crate::text::{escaped, harmless};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::error;

/// How the links in mails are honoured.
pub struct Unsubscribe {
    install: InstallId,
    title: Box<Title>,
    suppress: Box<Suppress>,
    rate: Rate,
}

type Title = dyn Fn(&Link) -> String + Send + Sync;
type Suppress = dyn Fn(Link) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// Each writes to the store.
const MOST_A_SECOND: u32 = 20;

/// How many were let in during the second that began then.
#[derive(Debug, Default)]
struct Rate(Mutex<Option<(Instant, u32)>>);

const STYLE: &str = include_str!("../../templates/web/unsubscribe.css");
const ASK: [&str; 2] =
    [include_str!("../../templates/web/unsubscribe.en.html"), include_str!("../../templates/web/unsubscribe.es.html")];
const DONE: [&str; 2] = [
    include_str!("../../templates/web/unsubscribed.en.html"),
    include_str!("../../templates/web/unsubscribed.es.html"),
];

impl Unsubscribe {
    /// Links signed by `install` are good. `title` is what the report of a link is called in the link's language; `suppress` stops
    /// its mails to the link's recipient, where doing it twice is doing it once, and an error is for the log.
    pub fn new<S>(
        install: InstallId,
        title: impl Fn(&Link) -> String + Send + Sync + 'static,
        suppress: impl Fn(Link) -> S + Send + Sync + 'static,
    ) -> Unsubscribe
    where
        S: Future<Output = Result<(), String>> + Send + 'static,
    {
        let suppress = Box::new(move |link| -> Pin<Box<dyn Future<Output = _> + Send>> { Box::pin(suppress(link)) });
        Unsubscribe { install, title: Box::new(title), suppress, rate: Rate::default() }
    }
}

pub(super) async fn ask(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    match good(&site, &uri) {
        Some((unsubscribe, link)) => page(ASK, unsubscribe, &link),
        None => not_found().await,
    }
}

/// The body is read so that the answer is not lost, and not looked at: who has the link and POSTs means it.
pub(super) async fn stop(State(site): State<Arc<Site>>, uri: Uri, _body: Bytes) -> Response {
    let Some((unsubscribe, link)) = good(&site, &uri) else {
        return not_found().await;
    };
    if !unsubscribe.rate.lets_in(Instant::now()) {
        return later(StatusCode::TOO_MANY_REQUESTS);
    }
    // In a task of its own: who does not wait for the answer has said so nevertheless.
    let suppressed = tokio::spawn((unsubscribe.suppress)(link.clone())).await;
    match suppressed.unwrap_or_else(|panic| Err(panic.to_string())) {
        Ok(()) => page(DONE, unsubscribe, &link),
        Err(why) => {
            error!(report = %link.report, run = %link.run, %why, "a reader's wish to get no more mails was not kept");
            later(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn good<'s>(site: &'s Site, uri: &Uri) -> Option<(&'s Unsubscribe, Link)> {
    let unsubscribe = site.unsubscribe.as_ref()?;
    let link = link::verify(uri.path().strip_prefix("/u/")?, &unsubscribe.install, (site.clock)())?;
    Some((unsubscribe, link))
}

fn page(pages: [&str; 2], unsubscribe: &Unsubscribe, link: &Link) -> Response {
    let [english, spanish] = pages;
    let page = if &*link.language == "es" { spanish } else { english };
    let title = escaped(&harmless((unsubscribe.title)(link).into()));
    let recipient = escaped(&harmless((&*link.recipient).into()));
    Html(page.replace("{style}", STYLE).replace("{recipient}", &recipient).replace("{title}", &title)).into_response()
}

fn later(status: StatusCode) -> Response {
    let text = "Please try again in a minute.\nInténtelo de nuevo dentro de un minuto.\n";
    (status, [(header::RETRY_AFTER, "60")], text).into_response()
}

impl Rate {
    fn lets_in(&self, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) =
            counted.filter(|(since, _)| now.duration_since(*since) < Duration::from_secs(1)).unwrap_or((now, 0));
        *counted = Some((since, count + 1));
        count < MOST_A_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_a_second_are_let_in() {
        let (rate, start) = (Rate::default(), Instant::now());
        let let_in = |after: u64| (0..30).filter(|_| rate.lets_in(start + Duration::from_millis(after))).count();
        assert_eq!([let_in(0), let_in(999), let_in(1000), let_in(2500)], [20, 0, 20, 20]);
    }
}
