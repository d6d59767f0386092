//! A value that must not be seen: passwords, and URLs that may hold one.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Prints as `***` in logs, errors and `Debug`; wiped from memory on drop.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Secret(SecretString::from(value.into()))
    }

    /// The value itself: for the call that needs it, never for a message.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Secret {
    /// `text` with `***` for this secret, a URL, and for the password in it: behind its user or as `password=`, encoded or not.
    pub fn concealed_in(&self, text: &str) -> String {
        let url = self.expose();
        let user = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')?.0.split_once(':'));
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let named = query.split('&').filter_map(|pair| pair.strip_prefix("password="));
        let written: Vec<&str> = user.map(|(_, password)| password).into_iter().chain(named).collect();
        let plain = written.iter().filter_map(|password| decoded(password));
        let all: Vec<String> = plain.chain(written.iter().map(|password| (*password).to_owned())).collect();
        let concealed = text.replace(url, "***");
        all.iter().filter(|p| !p.is_empty()).fold(concealed, |text, password| text.replace(&**password, "***"))
    }
}

/// Percent-decoding (RFC 3986 §2.1); `None` where the text is not so encoded.
pub fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_prints_its_value() {
        let secret = Secret::new("s3cr3t");
        assert_eq!(format!("{secret} {secret:?} {:#?}", Some(&secret)), "*** *** Some(\n    ***,\n)");
        assert_eq!(secret.expose(), "s3cr3t");
    }
    #[test]
    fn a_password_is_concealed_however_it_is_written() {
        let check = |url: &str, text: &str, expected: &str| assert_eq!(Secret::new(url).concealed_in(text), expected);
        check("postgres://ana:s3cr3t@db/crm", "no s3cr3t at postgres://ana:s3cr3t@db/crm", "no *** at ***");
        check("postgres://ana:s%40fe@db/crm", "not s@fe, nor s%40fe", "not ***, nor ***");
        check("postgres://db/crm?user=ana&password=s%C3%AD", "ana with sí", "ana with ***");
        check("sqlite://crm.db", "no such table: crm", "no such table: crm");
    }
}
