//! `settings.mail` → [`MailSettings`]; which servers and recipients are acceptable.

use super::address::{MAILBOX, domain, mailbox};
use super::secret_url;
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::fields::{Fields, Table, list_of, wrong_type};
use crate::catalog::form::{Choice, Form, Pattern, key, required, words};
use crate::catalog::node::Node;
use crate::catalog::scalar::{choice, integer, line, parse_number};
use crate::catalog::settings::{MailAuth, MailSettings, Settings};
use crate::outbox::OnUnknown;
use crate::secret::Secret;
use std::ops::RangeInclusive;

pub(super) static MAIL: Table = Table {
    what: "`mail`",
    keys: &[
        required("from", "sender: `Name <address>`", Form::Pattern(&MAILBOX))
            .examples(&["Scorecard <kpis@example.com>"]),
        key("reply_to", "address that answers go to", Form::Pattern(&MAILBOX)).examples(&["marketing@example.com"]),
        required("server", "`smtp://host:25`, `smtps://host` or `file:///folder`", Form::Pattern(&SERVER))
            .examples(&["smtp://localhost:25"]),
        key(
            "auth",
            "`password`, the default, or `xoauth2`: the password in `server` is an access token",
            Form::Words(&words(&WAYS)),
        ),
        key("connections", "parallel SMTP sessions, 1 to 64; 4 by default", Form::Whole(SESSIONS)),
        key(
            "on_unknown",
            "after a lost answer: `resend`, the default, or `hold` until somebody decides",
            Form::Words(&words(&UNKNOWN)),
        ),
        key("rate", "at most so many mails: `600/minute`", Form::Pattern(&RATE)).examples(&["600/minute"]),
        key("allowed_domains", "list of domains; any other recipient is an error", Form::List(&Form::Text))
            .examples(&["[example.com]"]),
    ],
};

const SESSIONS: RangeInclusive<u32> = 1..=64;

static SERVER: Pattern = Pattern {
    doc: "a mail server: `smtp://host:25`, `smtp://user:password@host:587`, `smtps://host`, or `file://folder` for `.eml` files",
    regex: r"^\s*(smtps?|file)://\S",
};

static RATE: Pattern = Pattern {
    doc: "a rate: `600/minute`, `10/second`, `5000/hour`",
    regex: r"^\s*[0-9][0-9_.eE+-]*\s*/\s*(second|minute|hour)\s*$",
};

pub(super) fn read(cx: &Context, node: &Node, at: Place) -> Option<MailSettings> {
    let fields = Fields::read(cx, node, at, &MAIL)?;
    let connections = fields.optional("connections", |cx, node| integer(cx, node, SESSIONS)).unwrap_or(4);
    let domains = fields.optional("allowed_domains", |cx, node| list_of(cx, node, "domains", line)).unwrap_or_default();
    let on_unknown = fields.optional("on_unknown", |cx, node| choice(cx, node, &UNKNOWN)).unwrap_or_default();
    let (reply_to, rate) = (fields.optional("reply_to", mailbox), fields.optional("rate", rate));
    let (from, server) = (fields.required("from", mailbox), fields.required("server", server));
    let auth = auth(&fields, server.as_ref());
    let allowed_domains = domains.into_iter().map(|domain| domain.to_lowercase()).collect();
    Some(MailSettings { from: from?, reply_to, server: server?, auth, on_unknown, connections, rate, allowed_domains })
}

fn auth(fields: &Fields, server: Option<&Secret>) -> MailAuth {
    let auth = fields.optional("auth", |cx, node| {
        let auth = choice(cx, node, &WAYS)?;
        if auth == MailAuth::Xoauth2 && server.is_some_and(|server| !server.expose().contains('@')) {
            let problem = Problem::error("mail-auth", node.place, "`xoauth2` needs a user and a token");
            cx.report(problem.help("write them into `server`: `smtp://ana%40example.com:${file:/run/token}@host`"));
        }
        Some(auth)
    });
    auth.unwrap_or(MailAuth::Password)
}

const WAYS: [Choice<MailAuth>; 2] = [
    ("password", MailAuth::Password, "the default"),
    ("xoauth2", MailAuth::Xoauth2, "the password in `server` is an OAuth 2.0 access token"),
];

const UNKNOWN: [Choice<OnUnknown>; 2] = [
    ("resend", OnUnknown::Resend, "the default: the identical mail is sent again"),
    ("hold", OnUnknown::Hold, "nothing is sent until somebody decides"),
];

/// Mails a minute.
fn rate(cx: &Context, node: &Node) -> Option<f64> {
    let text = line(cx, node)?;
    let parsed = text.split_once('/').and_then(|(count, unit)| {
        let count = parse_number(count.trim()).ok().filter(|count| *count > 0.0)?;
        match unit.trim() {
            "second" => Some(count * 60.0),
            "minute" => Some(count),
            "hour" => Some(count / 60.0),
            _ => None,
        }
    });
    parsed.or_else(|| wrong_type(cx, node, "a rate such as `600/minute` (or `/second`, `/hour`)"))
}

fn server(cx: &Context, node: &Node) -> Option<Secret> {
    let text = line(cx, node)?;
    match server_flaw(&text) {
        None => Some(secret_url(cx, node, text)),
        Some((message, help)) => cx.refuse(Problem::error("mail-server", node.place, message).help(help)),
    }
}

/// What is wrong with a mail server's URL, and what to do. Never repeats the URL: it may hold a password from the environment.
fn server_flaw(url: &str) -> Option<(&'static str, &'static str)> {
    const FORMS: &str = "write `smtp://host:25`, `smtps://host` or `file:///folder`";
    let (scheme, rest) = url.split_once("://").unwrap_or((url, ""));
    if rest.is_empty() {
        return Some(("not a mail server", FORMS));
    }
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let tls = query.split('&').find_map(|pair| pair.strip_prefix("tls="));
    match (scheme, tls) {
        ("file", None) => None,
        ("file", Some(_)) => Some(("`tls` means nothing for a folder", "remove `?tls=…`")),
        ("smtp" | "smtps", _) if host_of(host).is_none() => Some(("no host, or no good port", FORMS)),
        ("smtps", Some("off")) => {
            Some(("`smtps://` is TLS from the first byte: `tls=off` contradicts it", "write `smtp://…?tls=off`"))
        }
        ("smtp" | "smtps", None | Some("required")) => None,
        ("smtp", Some("off")) if !user.is_empty() && !host_of(host).is_some_and(is_loopback) => {
            Some(("with `tls=off` the password would travel in clear", "remove `?tls=off`, or the user and password"))
        }
        ("smtp", Some("off")) => None,
        ("smtp" | "smtps", Some(_)) => Some((
            "`tls` is `required` or `off`",
            "leave it out: STARTTLS is required then, except on this very machine",
        )),
        _ => Some(("unknown kind of mail server", FORMS)),
    }
}

/// The host of `host[:port][/]`; `None` when there is none or the port is no port.
fn host_of(text: &str) -> Option<&str> {
    let text = text.trim_end_matches('/');
    let (host, port) = match text.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map(|(host, rest)| (host, rest.strip_prefix(':')))?,
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port_ok = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (port_ok && !host.is_empty() && !host.contains(['/', ' '])).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Reports an address outside `allowed_domains`.
pub(super) fn allowed(cx: &Context, settings: &Settings, address: &str, place: Place) {
    let Some(mail) = &settings.mail else { return };
    let domain = domain(address);
    if !mail.allowed_domains.is_empty() && !mail.allowed_domains.contains(&domain) {
        let message = format!("`{address}` is outside the allowed domains");
        let help = format!("add `{domain}` to `settings.mail.allowed_domains`, or use another address");
        cx.report(Problem::error("domain-not-allowed", place, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_never_travels_in_clear() {
        let check = |url: &str, good: bool| assert_eq!(server_flaw(url).is_none(), good, "{url}");
        for good in [
            "smtp://localhost:25",
            "smtp://mail.example.com",
            "smtps://u:p@mail.example.com:465",
            "file:///var/mail",
            "file://demo/mail",
            "smtp://mail.example.com?tls=off",
            "smtp://u:p@127.0.0.1:25?tls=off",
            "smtp://u:p@[::1]:25?tls=off",
            "smtp://u:p@mail.example.com?tls=required",
        ] {
            check(good, true);
        }
        for bad in [
            "smtp://u:p@mail.example.com?tls=off",
            "smtps://mail.example.com?tls=off",
            "smtp://",
            "smtp://h:99999",
            "mail:25",
            "imap://h",
            "file://",
            "smtp://h?tls=maybe",
            "file:///x?tls=off",
        ] {
            check(bad, false);
        }
    }
}
