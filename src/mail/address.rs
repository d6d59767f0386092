//! Mail addresses as settings and people have them, checked.

use super::{MimeError, field::line};
use lettre::{Address, message::Mailbox};

/// `kpis@example.com` or `Name <kpis@example.com>`.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, MimeError> {
    let (name, email) = match text.rsplit_once('<') {
        Some((name, email)) => (line(name), email.trim_end().trim_end_matches('>')),
        None => (String::new(), text),
    };
    let name = name.trim_matches('"');
    let name = (!name.is_empty()).then(|| name.to_owned());
    Ok(Mailbox::new(name, address(email.trim())?))
}

/// `kpis@example.com`.
pub(super) fn address(text: &str) -> Result<Address, MimeError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(mailbox(text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn bad_address_is_named() {
        let accents = "letters with accents don't pass every mail server; a domain can be written as xn--…";
        refused("maría@example.com", &format!("`maría@example.com` is no mail address: {accents}"));
        refused("ana", "`ana` is no mail address: Missing domain or user");
        refused("Ops <ops@@example.com>", "`ops@@example.com` is no mail address: Invalid email user");
        refused("ana@example.com\r\nRCPT TO:<eve@example.com> <x", "`x` is no mail address: Missing domain or user");
        let long = format!("{}@example.com", "a".repeat(250));
        assert!(mailbox(&long).unwrap_err().to_string().ends_with("it is longer than 254 characters"));
    }

    #[test]
    fn line_breaks_are_in_no_address() {
        let error = address("ana@example.com\r\nRCPT TO:<eve@example.com>").unwrap_err().to_string();
        assert_eq!(error, "`ana@example.com RCPT TO:<eve@example.com>` is no mail address: Invalid email user");
    }
}
