//! A [`Body`] and addresses → the bytes of a message (RFC 5322).
//!
//! Only the headers are written for a recipient; the body is shared. The same input gives the same bytes, each header stands once.

use super::address::{address, mailbox};
use super::atom::token;
use super::field::{folded, line};
use super::{Body, LARGEST};
use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{self, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes};
use std::sync::Arc;
use std::time::SystemTime;

/// What a line of a message may hold is 998 characters (RFC 5322 §2.1.1), and a link can't be broken.
const LONGEST_LINK: usize = 900;

/// What a mail carries besides the body.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `kpis@example.com` or `Name <kpis@example.com>`; its domain is that of Message-ID and List-Id.
    pub from: &'a str,
    pub reply_to: Option<&'a str>,
    /// The one recipient.
    pub name: Option<&'a str>,
    pub email: &'a str,
    /// What becomes the Message-ID, without its domain: two mails with one `id` are the same mail.
    pub id: &'a str,
    /// The report: mail programs sort by it.
    pub list: &'a str,
    /// The edition, such as report, period and as-of; no secret and no address, for everyone can read it.
    pub run: &'a str,
    /// What mail programs show together, such as all editions of a report; without, each mail stands alone.
    pub thread: Option<&'a str>,
    /// Where the recipient can leave, when they can by themselves.
    pub unsubscribe: Option<Unsubscribe<'a>>,
    pub date: Timestamp,
}

/// How a recipient leaves (RFC 2369, RFC 8058).
#[derive(Debug, Clone, Copy)]
pub struct Unsubscribe<'a> {
    /// `https://…`, for this recipient alone: a POST to it is enough, a GET must not be.
    pub link: &'a str,
    /// `mailto:…`
    pub mailto: Option<&'a str>,
}

/// A message and its envelope, ready to be sent any number of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Message-ID without its domain: letters, digits and `.-_=` only.
    pub id: String,
    pub from: Address,
    pub to: Address,
    /// The recipient's own headers.
    pub head: Vec<u8>,
    /// What follows them: the other parts' headers first. One for all mails of a [`Body`].
    pub body: Arc<[u8]>,
}

impl Mail {
    /// The whole message, as a file holds it.
    pub fn bytes(&self) -> Vec<u8> {
        [&*self.head, &*self.body].concat()
    }
}

/// Why there can be no such mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    #[error("`{address}` is no mail address: {why}")]
    Address { address: String, why: String },
    #[error("the link to unsubscribe must be {0}, of at most {LONGEST_LINK} plain characters")]
    Link(&'static str),
    #[error("the mail would have {}, and mail servers take at most {}; {}", megabytes(*size), megabytes(LARGEST), advice(largest.as_ref()))]
    TooLarge {
        /// In bytes, encoded.
        size: usize,
        /// The name and the encoded size of the largest attachment.
        largest: Option<(String, usize)>,
    },
}

fn megabytes(bytes: usize) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

fn advice(largest: Option<&(String, usize)>) -> String {
    match largest {
        Some((name, size)) => format!("its largest attachment is `{name}` with {}", megabytes(*size)),
        None => "it has no attachment: show less in it".to_owned(),
    }
}

/// The mail that brings `body` to one recipient.
///
/// # Errors
/// An address is malformed or not in ASCII, or a link is none.
pub fn compose(body: &Body, headers: &Headers) -> Result<Mail, MimeError> {
    let from = mailbox(headers.from)?;
    let to = Mailbox::new(headers.name.map(line), address(headers.email.trim())?);
    let domain = from.email.domain();
    let id = token(headers.id);
    let mut head = header::Headers::new();
    head.set(header::From::from(Mailboxes::from(from.clone())));
    head.set(header::To::from(Mailboxes::from(to.clone())));
    head.set(header::Subject::from(line(&body.subject)));
    head.set(header::Date::new(date(headers.date)));
    head.set(header::MessageId::from(format!("<{id}@{domain}>")));
    if let Some(reply_to) = headers.reply_to {
        head.set(header::ReplyTo::from(Mailboxes::from(mailbox(reply_to)?)));
    }
    if let Some(thread) = headers.thread {
        head.set(header::References::from(format!("<{}@{domain}>", token(&format!("thread.{thread}")))));
    }
    for (name, value) in machine(headers, domain)? {
        head.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    head.set(header::MIME_VERSION_1_0);
    Ok(Mail {
        id,
        from: from.email,
        to: to.email,
        head: folded(&head.to_string()).into_bytes(),
        body: body.bytes.clone(),
    })
}

/// What programs read and nobody else.
fn machine(headers: &Headers, domain: &str) -> Result<Vec<(&'static str, String)>, MimeError> {
    let mut all = vec![
        // A machine wrote this: no auto-reply, please (RFC 3834, and what Exchange and old responders look at).
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        ("Precedence", "bulk".to_owned()),
        ("List-Id", format!("<{}.{domain}>", token(headers.list))),
        ("X-KPI-Run", token(headers.run)),
    ];
    if let Some(Unsubscribe { link, mailto }) = headers.unsubscribe {
        // Plain http is for trials on this very machine.
        let here =
            ["http://localhost", "http://127.0.0.1", "http://[::1]"].into_iter().find(|here| link.starts_with(here));
        let start = here.unwrap_or("https://");
        let mut ways = format!("<{}>", uri(link, start, "https://…")?);
        if let Some(mailto) = mailto {
            ways.push_str(&format!(", <{}>", uri(mailto, "mailto:", "mailto:…")?));
        }
        all.push(("List-Unsubscribe", ways));
        all.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    Ok(all)
}

/// `text` when it can stand between angle brackets. An error doesn't show it: it may be what lets the recipient in.
fn uri<'a>(text: &'a str, start: &str, kind: &'static str) -> Result<&'a str, MimeError> {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | ',');
    let fits = text.starts_with(start) && text.len() > start.len() && text.len() <= LONGEST_LINK;
    if fits && text.chars().all(plain) { Ok(text) } else { Err(MimeError::Link(kind)) }
}

/// Dates before 1970 are no dates of a mail, and would make lettre panic.
fn date(at: Timestamp) -> SystemTime {
    SystemTime::from(at.max(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Letter;
    use proptest::prelude::*;

    fn letter() -> Letter {
        let long = "Straße ".repeat(40);
        Letter {
            subject: "Ventas B2B · 2026-W46 · 3 fuera de objetivo".into(),
            html: format!("<!doctype html>\n<p>{long}</p>\n.\n"),
            text: format!("CAC: 312 €\n.\n..dots\n{long}\n"),
            images: Vec::new(),
            attachments: Vec::new(),
        }
    }

    fn headers() -> Headers<'static> {
        Headers {
            from: "Cuadro de mando <kpis@example.com>",
            reply_to: Some("ops@example.com"),
            name: Some("Ana Ruíz"),
            email: "ana@example.org",
            id: "weekly_b2b.2026-W46.1794812400000.ana@example.org",
            list: "weekly_b2b",
            run: "weekly_b2b.2026-W46.1794812400000",
            thread: None,
            unsubscribe: None,
            date: "2026-11-16T07:00:00Z".parse().unwrap(),
        }
    }

    fn mail_of(letter: &Letter, headers: &Headers) -> Result<Mail, MimeError> {
        compose(&Body::new(letter).unwrap(), headers)
    }

    /// The headers written for a recipient.
    fn head_of(headers: &Headers) -> String {
        String::from_utf8(mail_of(&letter(), headers).unwrap().head).unwrap()
    }

    #[test]
    fn same_input_gives_the_same_bytes() {
        let mail = mail_of(&letter(), &headers()).unwrap();
        assert_eq!(mail, mail_of(&letter(), &headers()).unwrap());
        assert_eq!(mail.id, "weekly_b2b.2026-W46.1794812400000.ana=40example.org");
        assert_eq!((mail.from.to_string(), mail.to.to_string()), ("kpis@example.com".into(), "ana@example.org".into()));
    }

    #[test]
    fn recipients_share_the_body() {
        let body = Body::new(&letter()).unwrap();
        let ana = compose(&body, &headers()).unwrap();
        let leo = compose(&body, &Headers { name: None, email: "leo@example.org", id: "leo", ..headers() }).unwrap();
        assert!(Arc::ptr_eq(&ana.body, &leo.body));
        assert!(!String::from_utf8(leo.bytes()).unwrap().contains("ana"));
    }

    #[test]
    fn a_stored_body_makes_the_identical_mail() {
        let body = Body::new(&letter()).unwrap();
        let stored = (body.subject().to_owned(), body.bytes().to_vec());
        let restored = Body::restored(stored.0, stored.1);
        assert_eq!(compose(&restored, &headers()).unwrap().bytes(), compose(&body, &headers()).unwrap().bytes());
    }

    #[test]
    fn headers_stand_once_each() {
        let unsubscribe =
            Unsubscribe { link: "https://kpis.example.com/leave/a1", mailto: Some("mailto:ops@example.com") };
        let headers = Headers { thread: Some("weekly_b2b"), unsubscribe: Some(unsubscribe), ..headers() };
        assert_eq!(
            head_of(&headers).replace("\r\n", "\n"),
            "From: \"Cuadro de mando\" <kpis@example.com>\n\
             To: =?utf-8?b?QW5hIFJ1w616?= <ana@example.org>\n\
             Subject: Ventas B2B =?utf-8?b?wrc=?= 2026-W46 =?utf-8?b?wrc=?= 3 fuera de\n objetivo\n\
             Date: Mon, 16 Nov 2026 07:00:00 +0000\n\
             Message-ID: <weekly_b2b.2026-W46.1794812400000.ana=40example.org@example.com>\n\
             Reply-To: ops@example.com\n\
             References: <thread.weekly_b2b@example.com>\n\
             Auto-Submitted: auto-generated\n\
             X-Auto-Response-Suppress: All\n\
             Precedence: bulk\n\
             List-Id: <weekly_b2b.example.com>\n\
             X-KPI-Run: weekly_b2b.2026-W46.1794812400000\n\
             List-Unsubscribe: <https://kpis.example.com/leave/a1>,\n <mailto:ops@example.com>\n\
             List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\
             MIME-Version: 1.0\n"
        );
    }

    #[test]
    fn link_that_is_none_is_refused_without_showing_it() {
        let long = format!("https://example.com/{}", "a".repeat(LONGEST_LINK));
        for link in ["http://example.com", "https://", "https://a>\r\nBcc: eve", "https://ñ", &long] {
            let headers = Headers { unsubscribe: Some(Unsubscribe { link, mailto: None }), ..headers() };
            refused(headers, "the link to unsubscribe must be https://…, of at most 900 plain characters");
        }
        let unsubscribe = Unsubscribe { link: "https://example.com", mailto: Some("ops@example.com") };
        let headers = Headers { unsubscribe: Some(unsubscribe), ..headers() };
        refused(headers, "the link to unsubscribe must be mailto:…, of at most 900 plain characters");
    }

    #[test]
    fn line_breaks_make_no_headers() {
        let bad = "Ventas\r\nBcc: eve@example.com\0\u{b}";
        let letter = Letter { subject: bad.into(), ..letter() };
        let headers = Headers { name: Some(bad), id: bad, list: bad, run: bad, thread: Some(bad), ..headers() };
        let text = String::from_utf8(mail_of(&letter, &headers).unwrap().bytes()).unwrap();
        assert!(!text.contains("\nBcc"), "{text}");
        assert!(text.contains("Subject: Ventas Bcc: eve@example.com\r\n"));
    }

    #[track_caller]
    fn refused(headers: Headers, expected: &str) {
        assert_eq!(mail_of(&letter(), &headers).unwrap_err().to_string(), expected);
    }

    proptest! {
        #[test]
        fn no_text_makes_composing_panic(name in any::<String>(), subject in any::<String>(), id in any::<String>(), seconds in -1i64 << 37..1 << 37) {
            let date = Timestamp::from_second(seconds).unwrap();
            let letter = Letter { subject, html: name.clone(), text: id.clone(), ..letter() };
            let from = format!("{name} <kpis@example.com>");
            for from in [&*from, "kpis@example.com"] {
                let headers = Headers { from, name: Some(&name), id: &id, run: &id, list: &id, thread: Some(&id), date, ..headers() };
                if let Ok(mail) = mail_of(&letter, &headers) {
                    prop_assert!(mail.bytes().is_ascii());
                }
            }
        }
    }
}
