//! Links that only this installation can have made: `/u/<token>`, by which a reader stops the mails of one report.
//!
//! A token is base64url (RFC 4648 §5, without padding) of what it says and the first 128 bits of its HMAC-SHA256 under the
//! installation's key. It says all that is needed, so that it holds after the store has forgotten the mail. The first byte is the
//! version of form and key together. Deliberately absent: a list of used tokens, for stopping twice does nothing.

use crate::outbox::InstallId;
use crate::text::{Language, Name};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use std::net::{IpAddr, SocketAddr};

/// For how long the links of a mail are good.
pub const LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The run whose mail has the link.
    pub run: String,
    pub report: Name,
    /// Of whom the mails are stopped: an [`outbox::recipient_key`](crate::outbox::recipient_key).
    pub recipient: String,
    /// Of the mail, and so of the page.
    pub language: Language,
    /// To the second.
    pub expires: Timestamp,
}

const VERSION: &str = "1";

/// What the signature is for: one made for something else is none.
const PURPOSE: &str = "unsubscribe";

/// Bytes of the signature.
const SIGNATURE: usize = 16;

/// The token of `link`.
pub fn sign(link: &Link, install: &InstallId) -> String {
    let Link { run, report, recipient, language, expires } = link;
    // The recipient comes last: only it may hold every character.
    let says = format!("{VERSION}\n{}\n{language}\n{report}\n{run}\n{recipient}", expires.as_second());
    let signature = install.sign(&[PURPOSE, &says]);
    URL_SAFE_NO_PAD.encode([says.as_bytes(), &signature[..SIGNATURE]].concat())
}

/// What `token` says; `None` when this installation did not make it, or it has expired by `now`.
pub fn verify(token: &str, install: &InstallId, now: Timestamp) -> Option<Link> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (says, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
    let says = std::str::from_utf8(says).ok()?;
    let link = if install.verify(&[PURPOSE, says], signature) { read(says)? } else { return None };
    (now < link.expires).then_some(link)
}

fn read(says: &str) -> Option<Link> {
    let mut fields = says.splitn(6, '\n');
    let mut field = || fields.next();
    let (version, expires) = (field()?, field()?.parse().ok()?);
    let (language, report, run, recipient) = (field()?.into(), field()?.into(), field()?.into(), field()?.into());
    let link = Link { run, report, recipient, language, expires: Timestamp::from_second(expires).ok()? };
    (version == VERSION).then_some(link)
}

/// Where the page of `token` is for readers; `None` when `public_url` is neither `https` nor, for a trial, of this very machine.
pub fn address(public_url: &str, token: &str) -> Option<String> {
    let near = public_url.strip_prefix("http://").is_some_and(|rest| is_loopback(rest.split('/').next().unwrap_or("")));
    let safe = near || public_url.starts_with("https://");
    safe.then(|| format!("{}/u/{token}", public_url.trim_end_matches('/')))
}

/// Of a host, with or without a port.
fn is_loopback(host: &str) -> bool {
    let ip = host.parse::<SocketAddr>().map(|at| at.ip()).or_else(|_| host.trim_matches(['[', ']']).parse::<IpAddr>());
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    ip.map_or(name == "localhost", |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn link() -> Link {
        Link {
            run: "mzxw6ytbmzxw6ytb".to_owned(),
            report: "weekly".into(),
            recipient: "ana+\n|\"x\"@example.com".to_owned(),
            language: "es".into(),
            expires: NOW + LIFE,
        }
    }

    fn install() -> InstallId {
        InstallId::new([7; 32])
    }

    #[test]
    fn token_says_what_was_signed_until_it_expires() {
        let token = sign(&link(), &install());
        assert_eq!(verify(&token, &install(), NOW), Some(link()));
        assert_eq!(verify(&token, &install(), NOW + LIFE - SignedDuration::from_secs(1)), Some(link()));
        assert_eq!(verify(&token, &install(), NOW + LIFE), None);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
    }

    /// E-9, ML-8
    #[test]
    fn no_bit_of_a_token_can_be_another() {
        let token = sign(&link(), &install());
        for (at, bit) in (0..token.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let forged = String::from_utf8_lossy(&bytes);
            assert_eq!(verify(&forged, &install(), NOW), None, "byte {at}, bit {bit}");
        }
    }

    /// E-9, ML-8
    #[test]
    fn what_is_cut_off_put_together_or_of_another_installation_is_no_token() {
        let token = sign(&link(), &install());
        for end in 0..token.len() {
            assert_eq!(verify(&token[..end], &install(), NOW), None, "{end}");
        }
        assert_eq!(verify(&format!("{token}A"), &install(), NOW), None);
        assert_eq!(verify(&format!("{token}="), &install(), NOW), None);
        assert_eq!(verify(&token, &InstallId::new([8; 32]), NOW), None);
        let other = sign(&Link { run: "another".to_owned(), ..link() }, &install());
        let signature = |token: &str| URL_SAFE_NO_PAD.decode(token).unwrap().split_off(token.len() * 3 / 4 - SIGNATURE);
        let says = URL_SAFE_NO_PAD.decode(&other).unwrap();
        let swapped = [&says[..says.len() - SIGNATURE], &signature(&token)].concat();
        assert_eq!(verify(&URL_SAFE_NO_PAD.encode(swapped), &install(), NOW), None);
    }

    #[test]
    fn signature_of_something_else_is_none() {
        let says = format!("1\n{}\nes\nweekly\nrun\nana@example.com", (NOW + LIFE).as_second());
        let token = |signature: [u8; 32]| URL_SAFE_NO_PAD.encode([says.as_bytes(), &signature[..SIGNATURE]].concat());
        assert!(verify(&token(install().sign(&[PURPOSE, &says])), &install(), NOW).is_some());
        assert_eq!(verify(&token(install().sign(&["message", &says])), &install(), NOW), None);
        assert_eq!(verify(&token(install().sign(&[&says])), &install(), NOW), None);
    }

    #[test]
    fn readers_are_sent_to_https_or_to_their_own_machine() {
        let check = |url: &str, expected: Option<&str>| assert_eq!(address(url, "T").as_deref(), expected, "{url}");
        check("https://kpi.example.com", Some("https://kpi.example.com/u/T"));
        check("https://example.com/kpi/", Some("https://example.com/kpi/u/T"));
        for near in
            ["http://localhost", "http://localhost:8321", "http://127.0.0.1:80", "http://[::1]", "http://[::1]:1"]
        {
            check(near, Some(&format!("{near}/u/T")));
        }
        for far in
            ["http://kpi.example.com", "http://10.0.0.1:80", "http://localhost@example.com", "ftp://localhost", ""]
        {
            check(far, None);
        }
    }
}
