//! The login that a scripted server wants: PLAIN, LOGIN (RFC 4954) or XOAUTH2 as Google and Microsoft do it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

#[derive(Debug, Clone)]
pub struct Login {
    /// As EHLO announces them: `PLAIN LOGIN`, `XOAUTH2`.
    pub mechanisms: String,
    pub user: String,
    /// Or token.
    pub password: String,
}

impl Login {
    pub fn new(mechanisms: &str, user: &str, password: &str) -> Login {
        Login { mechanisms: mechanisms.to_owned(), user: user.to_owned(), password: password.to_owned() }
    }

    /// `user:password@`, encoded.
    pub(super) fn url(&self) -> String {
        let encoded = |text: &str| text.replace('%', "%25").replace(':', "%3A").replace('@', "%40");
        format!("{}:{}@", encoded(&self.user), encoded(&self.password))
    }

    /// What a content server says to `said`: AUTH and the lines that follow it, so far.
    pub(super) fn reply(&self, said: &[String]) -> String {
        let (user, password) = (&self.user, &self.password);
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        let right = match &said[..] {
            ["AUTH LOGIN"] => return format!("334 {}", STANDARD.encode("Username:")),
            ["AUTH LOGIN", _] => return format!("334 {}", STANDARD.encode("Password:")),
            ["AUTH LOGIN", name, secret] => *name == STANDARD.encode(user) && *secret == STANDARD.encode(password),
            [one] if one.starts_with("AUTH PLAIN ") => one[11..] == STANDARD.encode(format!("\0{user}\0{password}")),
            [one] if one.starts_with("AUTH XOAUTH2 ") => {
                let right = one[13..] == STANDARD.encode(format!("user={user}\x01auth=Bearer {password}\x01\x01"));
                if !right {
                    return format!("334 {}", STANDARD.encode("{\"status\":\"401\",\"schemes\":\"bearer\"}"));
                }
                right
            }
            _ => false,
        };
        if right { "235 2.7.0 welcome".to_owned() } else { "535 5.7.8 bad credentials".to_owned() }
    }
}
