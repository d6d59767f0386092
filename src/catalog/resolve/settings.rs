//! `settings:` → [`Settings`]. What is wrong or absent falls back to a neutral default, so that the rest can be checked with it.

use super::super::context::{Context, Place, Problem};
use super::super::currency;
use super::super::fields::{Fields, Table, list_of, wrong_type};
use super::super::scalar::{choice, integer, line, parse_number};
use super::super::settings::{MailSettings, Settings, Web};
use super::super::yaml::Node;
use super::address::{domain, email, mailbox};
use super::sections::Sections;
use crate::calendar::Calendar;
use crate::secret::Secret;
use crate::text::Language;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

static SETTINGS: Table = Table {
    what: "`settings`",
    keys: &[
        ("language", "`es` or `en`; `en` by default"),
        ("locale", "how numbers and dates are written: `es-ES`, `en-GB`, …; by default that of the language"),
        ("timezone", "IANA name: `Europe/Madrid`; `UTC` by default"),
        ("currency", "ISO 4217: `EUR`, the default"),
        ("week_starts", "`monday`, the default, … `sunday`"),
        ("fiscal_year_starts", "`january`, the default, … `december`"),
        ("store", "`sqlite://kpid.db`, the default, or `postgres://…` when several daemons share the work"),
        ("mail", "how reports are sent; absent: none is"),
        ("admin", "address that hears of failures"),
        ("web", "archive and status pages; absent: none"),
    ],
};

static MAIL: Table = Table {
    what: "`mail`",
    keys: &[
        ("from", "sender: `Name <address>`"),
        ("reply_to", "address that answers go to"),
        ("server", "`smtp://host:25`, `smtps://host` or `file:///folder`"),
        ("connections", "parallel SMTP sessions, 1 to 64; 4 by default"),
        ("rate", "at most so many mails: `600/minute`"),
        ("allowed_domains", "list of domains; any other recipient is an error"),
    ],
};

static WEB: Table = Table {
    what: "`web`",
    keys: &[("listen", "address and port: `127.0.0.1:8321`"), ("public_url", "how readers reach it: `https://kpi.example.com`")],
};

const LANGUAGES: [(&str, &str); 2] = [("es", "es"), ("en", "en")];

pub(super) fn read(cx: &Context, sections: &Sections) -> Settings {
    let Some(entry) = &sections.settings else {
        let help = "add `settings: { language: es, timezone: Europe/Madrid, currency: EUR }` to one of the files";
        cx.warn_folder("no-settings", "no `settings`: English, UTC and euros are assumed", help);
        return Settings::default();
    };
    let Some(fields) = Fields::read(cx, &entry.node, entry.at, &SETTINGS) else {
        return Settings::default();
    };
    let default = Settings::default();
    let language = fields.optional("language", language).unwrap_or(default.language);
    let mail = fields.optional("mail", |cx, node| read_mail(cx, node, fields.key_place("mail")));
    let settings = Settings {
        locale: fields.optional("locale", locale).unwrap_or_else(|| default_locale(&language).to_owned()),
        language,
        calendar: Calendar {
            zone: fields.optional("timezone", zone).unwrap_or(TimeZone::UTC),
            week_starts: fields.optional("week_starts", |cx, node| choice(cx, node, &WEEKDAYS)).unwrap_or(Weekday::Monday),
            fiscal_year_starts: fields.optional("fiscal_year_starts", |cx, node| choice(cx, node, &MONTHS)).unwrap_or(1),
        },
        currency: fields.optional("currency", currency_code).unwrap_or(default.currency),
        store: fields.optional("store", store).unwrap_or(default.store),
        admin: fields.optional("admin", email),
        web: fields.optional("web", |cx, node| read_web(cx, node, fields.key_place("web"))),
        mail,
    };
    if let Some(admin) = &settings.admin {
        allowed(cx, &settings, admin, fields.key_place("admin"));
    }
    settings
}

/// The default of people who have no locale of their own but another language than the installation's.
pub(super) fn default_locale(language: &str) -> &'static str {
    if language == "es" { "es-ES" } else { "en-GB" }
}

pub(super) fn language(cx: &Context, node: &Node) -> Option<Language> {
    choice(cx, node, &LANGUAGES).map(Language::from)
}

pub(super) fn locale(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    let good = text.parse::<icu_locale_core::Locale>().is_ok_and(|locale| locale.to_string() == text);
    if good && text.contains('-') {
        return Some(text);
    }
    let problem = Problem::error("wrong-value", node.place, format!("`{text}` is not a locale"));
    cx.refuse(problem.help("write language and region: `es-ES`, `es-MX`, `en-GB`, `en-US`"))
}

pub(super) fn zone(cx: &Context, node: &Node) -> Option<TimeZone> {
    let text = line(cx, node)?;
    TimeZone::get(&text).ok().or_else(|| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let problem = Problem::error("unknown-name", node.place, format!("unknown time zone `{text}`"));
        let near = cx.near(&text, known.iter().map(String::as_str)).or_else(|| {
            // `Madrid` alone.
            known.iter().map(String::as_str).find(|name| name.rsplit('/').next() == Some(&*text))
        });
        cx.refuse(problem.did_you_mean(near).help("time zones have IANA names: `Europe/Madrid`, `America/Bogota`, `UTC`"))
    })
}

pub(super) fn currency_code(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    if currency::is_code(&text) {
        return Some(text);
    }
    let problem = Problem::error("unknown-name", node.place, format!("unknown currency `{text}`"));
    let near = cx.near(&text, currency::CODES.into_iter());
    cx.refuse(problem.did_you_mean(near).help("currencies have three letters (ISO 4217): `EUR`, `USD`, `MXN`"))
}

fn store(cx: &Context, node: &Node) -> Option<Secret> {
    let text = line(cx, node)?;
    if ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Some(Secret::new(text));
    }
    wrong_type(cx, node, "`sqlite://file` or `postgres://…`")
}

fn read_mail(cx: &Context, node: &Node, at: Place) -> Option<MailSettings> {
    let fields = Fields::read(cx, node, at, &MAIL)?;
    let connections = fields.optional("connections", |cx, node| integer(cx, node, 1..=64)).unwrap_or(4);
    let domains = fields.optional("allowed_domains", |cx, node| list_of(cx, node, "domains", line)).unwrap_or_default();
    let (reply_to, rate) = (fields.optional("reply_to", mailbox), fields.optional("rate", rate));
    let (from, server) = (fields.required("from", mailbox), fields.required("server", server));
    let allowed_domains = domains.into_iter().map(|domain| domain.to_lowercase()).collect();
    Some(MailSettings { from: from?, reply_to, server: server?, connections, rate, allowed_domains })
}

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
        None => Some(Secret::new(text)),
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
        ("file", None) if rest.starts_with('/') => None,
        ("file", None) => Some(("the folder must be an absolute path", "write `file:///folder`, with three slashes")),
        ("file", Some(_)) => Some(("`tls` means nothing for a folder", "remove `?tls=…`")),
        ("smtp" | "smtps", _) if host_of(host).is_none() => Some(("no host, or no good port", FORMS)),
        ("smtps", Some("off")) => Some(("`smtps://` is TLS from the first byte: `tls=off` contradicts it", "write `smtp://…?tls=off`")),
        ("smtp" | "smtps", None | Some("required")) => None,
        ("smtp", Some("off")) if !user.is_empty() && !host_of(host).is_some_and(is_loopback) => {
            Some(("with `tls=off` the password would travel in clear", "remove `?tls=off`, or the user and password"))
        }
        ("smtp", Some("off")) => None,
        ("smtp" | "smtps", Some(_)) => Some(("`tls` is `required` or `off`", "leave it out: STARTTLS is required then, except on this very machine")),
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

fn read_web(cx: &Context, node: &Node, at: Place) -> Option<Web> {
    let fields = Fields::read(cx, node, at, &WEB)?;
    let public_url = fields.optional("public_url", |cx, node| {
        let text = line(cx, node)?;
        let good = text.strip_prefix("https://").or(text.strip_prefix("http://")).is_some_and(|rest| !rest.is_empty());
        if good { Some(text) } else { wrong_type(cx, node, "an address such as `https://kpi.example.com`") }
    });
    let listen = fields.required("listen", |cx, node| {
        let text = line(cx, node)?;
        text.parse().ok().or_else(|| wrong_type(cx, node, "an IP address and port such as `127.0.0.1:8321`"))
    });
    Some(Web { listen: listen?, public_url })
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

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [(&str, i8); 12] = [
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_never_travels_in_clear() {
        let check = |url: &str, good: bool| assert_eq!(server_flaw(url).is_none(), good, "{url}");
        for good in [
            "smtp://localhost:25", "smtp://mail.example.com", "smtps://u:p@mail.example.com:465", "file:///var/mail",
            "smtp://mail.example.com?tls=off", "smtp://u:p@127.0.0.1:25?tls=off", "smtp://u:p@[::1]:25?tls=off",
            "smtp://u:p@mail.example.com?tls=required",
        ] {
            check(good, true);
        }
        for bad in [
            "smtp://u:p@mail.example.com?tls=off", "smtps://mail.example.com?tls=off", "smtp://", "smtp://h:99999", "mail:25",
            "imap://h", "file://relative", "smtp://h?tls=maybe", "file:///x?tls=off",
        ] {
            check(bad, false);
        }
    }
}
