//! Letter and addresses → the bytes of a message (RFC 5322, 2045–2047).
//!
//! Plain and HTML twins as `multipart/alternative`, both quoted-printable: 7-bit, CRLF, short lines, whatever the letter holds. The
//! same input gives the same bytes. Control characters are taken out of names, subject and bodies: they only ever come by
//! accident or with ill intent, and some make lettre panic.

use crate::report::Letter;
use jiff::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, address::Envelope};
use std::time::SystemTime;

/// Subject and names are cut after so many characters: what no inbox shows.
const LONGEST: usize = 150;

/// What a mail carries besides the letter.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `kpis@example.com` or `Name <kpis@example.com>`; its domain is that of Message-ID and List-Id.
    pub from: &'a str,
    pub reply_to: Option<&'a str>,
    /// The one recipient.
    pub name: Option<&'a str>,
    pub email: &'a str,
    /// The report: mail programs sort by it.
    pub list: &'a str,
    /// What makes the mail one of its kind, such as report, period and recipient: two mails with one `id` are the same mail.
    pub id: &'a str,
    pub date: Timestamp,
}

/// A message and its envelope, ready to be sent any number of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Message-ID without its domain: letters, digits and `.-_=` only.
    pub id: String,
    pub from: Address,
    pub to: Address,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    #[error("`{address}` is no mail address: {why}")]
    Address { address: String, why: String },
}

/// The mail that brings `letter` to one recipient.
///
/// # Errors
/// An address is malformed or not in ASCII.
pub fn compose(letter: &Letter, headers: &Headers) -> Result<Mail, MimeError> {
    let from = mailbox(headers.from)?;
    let to = Mailbox::new(headers.name.map(line), address(headers.email.trim())?);
    let domain = from.email.domain().to_owned();
    let id = token(headers.id);
    let mut message = Message::builder()
        .from(from.clone())
        .to(to.clone())
        .subject(line(&letter.subject))
        .date(date(headers.date))
        .message_id(Some(format!("<{id}@{domain}>")));
    if let Some(reply_to) = headers.reply_to {
        message = message.reply_to(mailbox(reply_to)?);
    }
    // A machine wrote this: no auto-reply, please (RFC 3834, and what Exchange and old responders look at).
    for (name, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "bulk"),
        ("List-Id", &format!("<{}.{domain}>", token(headers.list))),
    ] {
        message = message.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()));
    }
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()]).expect("there is a recipient");
    let message = message.envelope(envelope).multipart(body(letter, &id)).expect("From and the envelope are set");
    Ok(Mail { id, from: from.email, to: to.email, bytes: message.formatted() })
}

fn body(letter: &Letter, id: &str) -> MultiPart {
    // `=_` can't stand in quoted-printable text (RFC 2045 §6.7), so no body holds this line; 70 characters at most.
    let boundary: String = format!("=_{id}").chars().take(60).collect();
    let part = |kind, text: &str| {
        let header = SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable);
        header.body(lines(text))
    };
    MultiPart::alternative()
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
        .singlepart(part(ContentType::TEXT_HTML, &letter.html))
}

fn mailbox(text: &str) -> Result<Mailbox, MimeError> {
    let text = line(text);
    let (name, email) = match text.rsplit_once('<') {
        Some((name, email)) => (name.trim().trim_matches('"'), email.trim_end().trim_end_matches('>')),
        None => ("", &*text),
    };
    let name = (!name.is_empty()).then(|| name.to_owned());
    Ok(Mailbox::new(name, address(email.trim())?))
}

fn address(text: &str) -> Result<Address, MimeError> {
    let problem = |why: &str| MimeError::Address { address: line(text), why: why.to_owned() };
    if !text.is_ascii() {
        return Err(problem("letters with accents don't pass every mail server; a domain can be written as xn--…"));
    }
    // RFC 5321 §4.5.3.1; lettre takes any length.
    if text.len() > 254 {
        return Err(problem("it is longer than 254 characters"));
    }
    text.parse().map_err(|error: lettre::address::AddressError| problem(&error.to_string()))
}

/// One line without control characters, not too long.
fn line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if clean.chars().count() > LONGEST {
        clean = clean.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    clean
}

/// Without control characters, lines ended as mail ends them; lettre would do that in quadratic time.
fn lines(text: &str) -> String {
    let clean: String = text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    clean.replace('\n', "\r\n")
}

/// `text` as a dot-atom (RFC 5322 §3.2.3) that is also a file name: other bytes become `=` and two hex digits, so that different
/// texts stay different.
fn token(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut token = String::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        // No dot at an end or beside a dot.
        let inner = index > 0 && index + 1 < bytes.len() && bytes[index - 1] != b'.';
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => token.push(char::from(*byte)),
            b'.' if inner => token.push('.'),
            byte => token.push_str(&format!("={byte:02X}")),
        }
    }
    token
}

/// Dates before 1970 are no dates of a mail, and would make lettre panic.
fn date(at: Timestamp) -> SystemTime {
    SystemTime::from(at.max(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;
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
            list: "weekly_b2b",
            id: "weekly_b2b.2026-W46.ana@example.org",
            date: "2026-11-16T07:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn same_input_gives_the_same_bytes() {
        let mail = compose(&letter(), &headers()).unwrap();
        assert_eq!(mail, compose(&letter(), &headers()).unwrap());
        assert_eq!(mail.id, "weekly_b2b.2026-W46.ana=40example.org");
        assert_eq!((mail.from.to_string(), mail.to.to_string()), ("kpis@example.com".into(), "ana@example.org".into()));
    }

    #[test]
    fn bytes_are_7_bit_with_short_crlf_lines() {
        let bytes = compose(&letter(), &headers()).unwrap().bytes;
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.is_ascii());
        for line in text.split("\r\n") {
            assert!(line.len() <= 78 && !line.contains(['\r', '\n', '\0']), "{line:?}");
        }
    }

    #[test]
    fn line_breaks_make_no_headers() {
        let bad = "Ventas\r\nBcc: eve@example.com\0\u{b}";
        let letter = Letter { subject: bad.into(), ..letter() };
        let headers = Headers { name: Some(bad), list: bad, id: bad, ..headers() };
        let text = String::from_utf8(compose(&letter, &headers).unwrap().bytes).unwrap();
        assert!(!text.contains("\nBcc"), "{text}");
        assert!(text.contains("Subject: Ventas Bcc: eve@example.com\r\n"));
    }

    #[test]
    fn long_subject_is_cut() {
        let letter = Letter { subject: "á".repeat(400), ..letter() };
        let text = String::from_utf8(compose(&letter, &headers()).unwrap().bytes).unwrap();
        assert!(text.split("\r\n").all(|line| line.len() <= 78));
    }

    #[track_caller]
    fn refused(headers: Headers, expected: &str) {
        assert_eq!(compose(&letter(), &headers).unwrap_err().to_string(), expected);
    }

    #[test]
    fn bad_address_is_named() {
        let accents = "letters with accents don't pass every mail server; a domain can be written as xn--…";
        refused(
            Headers { email: "maría@example.com", ..headers() },
            &format!("`maría@example.com` is no mail address: {accents}"),
        );
        refused(Headers { email: "ana", ..headers() }, "`ana` is no mail address: Missing domain or user");
        refused(
            Headers { reply_to: Some("Ops <ops@@example.com>"), ..headers() },
            "`ops@@example.com` is no mail address: Invalid email user",
        );
        refused(
            Headers { email: "ana@example.com\r\nRCPT TO:<eve@example.com>", ..headers() },
            "`ana@example.com RCPT TO:<eve@example.com>` is no mail address: Invalid email user",
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_composing_panic(name in any::<String>(), subject in any::<String>(), id in any::<String>(), seconds in -1i64 << 37..1 << 37) {
            let date = Timestamp::from_second(seconds).unwrap();
            let letter = Letter { subject, html: name.clone(), text: id.clone(), ..letter() };
            let from = format!("{name} <kpis@example.com>");
            for from in [&*from, "kpis@example.com"] {
                let headers = Headers { from, name: Some(&name), id: &id, list: &id, date, ..headers() };
                if let Ok(mail) = compose(&letter, &headers) {
                    prop_assert!(mail.bytes.is_ascii());
                }
            }
        }
    }
}
