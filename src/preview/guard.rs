//! Who may ask, and what a browser may do with the answers.
//!
//! A web page from elsewhere can make a browser ask this listener. It must not read the answers: nothing allows it to, and a name of its
//! own that leads here (DNS rebinding) is refused, since who means this machine writes its address or `localhost`. It must not cause
//! anything either: what changes something wants an `Origin` that is ours, and what may ask databases a browser asks for the page only.

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;

/// Of the page itself: its own scripts and styles, and mails in frames.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                    frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Of a mail: what it has inside, and no script even where it is opened by itself. That its frame is of the page's origin lets the page
/// keep its place on the mail over a reload.
pub(super) const MAIL: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                               form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin";

/// On every answer.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// Answers whoever may ask.
pub(super) async fn guarded(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut response = if !is_ours(headers) {
        let why = "this page is for this machine: open it by its address or as localhost\n";
        (StatusCode::MISDIRECTED_REQUEST, why).into_response()
    } else if request.method() != Method::GET && !is_from_here(headers)
        || is_for_another(headers) && !is_of_the_page(request.uri().path())
    {
        (StatusCode::FORBIDDEN, "only the page itself may ask for that\n").into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(PAGE));
    response
}

/// Whether it was asked for by an address or as `localhost`.
fn is_ours(headers: &HeaderMap) -> bool {
    host(headers).is_some_and(|host| {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
    })
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()?.strip_prefix("http://"));
    origin.is_some() && origin == host(headers)
}

/// Whether a browser says that it asks on behalf of a page from elsewhere; who types the address asks for none, and scripts say nothing.
fn is_for_another(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// What is built into the program: links from elsewhere lead to it.
fn is_of_the_page(path: &str) -> bool {
    path == "/" || path.starts_with("/assets/")
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_name_that_leads_here_is_refused() {
        for host in ["127.0.0.1:8322", "localhost:8322", "LOCALHOST", "[::1]:8322", "[::1]", "192.168.1.7:8322"] {
            assert!(is_ours(&headers(host, None)), "{host}");
        }
        for host in ["evil.example:8322", "localhost.evil.example", "127.0.0.1.evil.example:8322", ""] {
            assert!(!is_ours(&headers(host, None)), "{host}");
        }
        assert!(!is_ours(&HeaderMap::new()));
    }

    #[test]
    fn only_the_page_itself_may_cause_something() {
        assert!(is_from_here(&headers("127.0.0.1:8322", Some("http://127.0.0.1:8322"))));
        assert!(!is_from_here(&headers("127.0.0.1:8322", Some("http://evil.example"))));
        assert!(!is_from_here(&headers("127.0.0.1:8322", Some("null"))));
        assert!(!is_from_here(&headers("127.0.0.1:8322", None)));
    }
}
