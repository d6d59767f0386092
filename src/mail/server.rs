//! Where mail goes: the `server:` of the settings.

use crate::secret::{Secret, decoded};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::IpAddr;
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub enum Server {
    /// One `.eml` file a message.
    Folder(PathBuf),
    Smtp(Relay),
}

/// A mail server that takes mail for everybody.
#[derive(Debug, Clone)]
pub struct Relay {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<(String, Secret)>,
    pub auth: Auth,
}

/// What the password of a login is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    /// A password, for PLAIN or LOGIN.
    #[default]
    Password,
    /// An OAuth 2.0 access token, which somebody else renews.
    Xoauth2,
}

/// What protects the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    Plain,
    /// Required: a server that doesn't offer it gets nothing.
    StartTls,
    /// From the first byte.
    Tls,
}

/// Why a text is no mail server. Never holds the text, which may carry a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mail server: {0}")]
pub struct ServerError(String);

impl Server {
    /// Reads `file:///dir` or `file://dir`; `smtp://[user:password@]host[:port]`, which requires STARTTLS unless the host is this
    /// machine or `?tls=off` stands at the end, and with `?tls=required` even then; `smtps://…`. User and password are percent-encoded. Ports: 25 without protection,
    /// 587 with STARTTLS, 465 for `smtps`.
    ///
    /// # Errors
    /// The text is none of these, or would send a password over the network in plain text.
    pub fn parse(url: &str) -> Result<Server, ServerError> {
        let problem = |text: &str| ServerError(text.to_owned());
        let accepted = "use smtp://host:port, smtps://host:port or file:///folder";
        let (scheme, rest) = url.trim().split_once("://").ok_or_else(|| problem(accepted))?;
        match scheme {
            "file" if rest.is_empty() => Err(problem("file:// needs a folder, as in file:///var/mail/out")),
            "file" => Ok(Server::Folder(PathBuf::from(rest))),
            "smtp" | "smtps" => Relay::parse(scheme == "smtps", rest).map(Server::Smtp),
            _ => Err(ServerError(format!("`{scheme}` is not supported; {accepted}"))),
        }
    }
}

impl Relay {
    fn parse(tls: bool, text: &str) -> Result<Relay, ServerError> {
        let (text, query) = text.split_once('?').unwrap_or((text, ""));
        let (off, required) = match query {
            "" => (false, false),
            "tls=off" if !tls => (true, false),
            "tls=required" => (false, true),
            _ => return Err(ServerError("after `?` only tls=off, for smtp://, and tls=required are known".to_owned())),
        };
        let text = text.trim_end_matches('/');
        let (login, place) = text.rsplit_once('@').map_or((None, text), |(login, place)| (Some(login), place));
        let (host, port) = host_and_port(place)?;
        let security = match (tls, off || is_here(&host) && !required) {
            (true, _) => Security::Tls,
            (false, true) => Security::Plain,
            (false, false) => Security::StartTls,
        };
        let login = login.map(credentials).transpose()?;
        if login.is_some() && security == Security::Plain && !is_here(&host) {
            return Err(ServerError("tls=off would send the password in plain text; leave it out".to_owned()));
        }
        let usual = match security {
            Security::Plain => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        };
        Ok(Relay { host, port: port.unwrap_or(usual), security, login, auth: Auth::Password })
    }

    /// `text` with `***` for the password, also as a login encodes it.
    pub(super) fn concealed_in(&self, text: &str) -> String {
        let Some((user, password)) = &self.login else { return text.to_owned() };
        let password = password.expose();
        let [plain, xoauth2] =
            [format!("\0{user}\0{password}"), format!("user={user}\x01auth=Bearer {password}\x01\x01")];
        let encoded = [&*plain, &xoauth2, password].map(|text| STANDARD.encode(text));
        let forms = encoded.iter().map(String::as_str).chain([password]).filter(|form| !form.is_empty());
        forms.fold(text.to_owned(), |text, form| text.replace(form, "***"))
    }

    /// `host:port`, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// An IPv6 address stands in brackets.
fn host_and_port(text: &str) -> Result<(String, Option<u16>), ServerError> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(known) {
        return Err(ServerError("the host is missing or holds a character that no host name has".to_owned()));
    }
    let port = port.map(|port| port.parse().map_err(|_| ServerError(format!("`{port}` is no port"))));
    Ok((host.to_owned(), port.transpose()?))
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn credentials(text: &str) -> Result<(String, Secret), ServerError> {
    let problem =
        || ServerError("write user:password before the @, with %40 for @, %3A for : and %25 for %".to_owned());
    let (user, password) = text.split_once(':').ok_or_else(problem)?;
    let user = decoded(user).ok_or_else(problem)?;
    Ok((user, Secret::new(decoded(password).ok_or_else(problem)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Host, port, security, user and password.
    type Read<'a> = (&'a str, u16, Security, Option<(&'a str, &'a str)>);

    #[track_caller]
    fn check(url: &str, expected: Read) {
        let Server::Smtp(relay) = Server::parse(url).unwrap() else { panic!("{url} is a folder") };
        let login = relay.login.as_ref().map(|(user, password)| (&**user, password.expose()));
        assert_eq!((&*relay.host, relay.port, relay.security, login), expected, "{url}");
    }

    #[test]
    fn relays_are_read() {
        check("smtp://localhost:25", ("localhost", 25, Security::Plain, None));
        check("smtp://127.0.0.1", ("127.0.0.1", 25, Security::Plain, None));
        check("smtp://[::1]:2525/", ("::1", 2525, Security::Plain, None));
        check("smtp://mail.example.com", ("mail.example.com", 587, Security::StartTls, None));
        check("smtp://mail.example.com:25?tls=off", ("mail.example.com", 25, Security::Plain, None));
        check("smtp://localhost?tls=required", ("localhost", 587, Security::StartTls, None));
        check("smtps://mail.example.com", ("mail.example.com", 465, Security::Tls, None));
        check(
            "smtp://ana%40example.com:p%3Aa%25%C3%B1@mail.example.com:587",
            ("mail.example.com", 587, Security::StartTls, Some(("ana@example.com", "p:a%ñ"))),
        );
        // A password that someone forgot to encode still ends at the last @.
        check("smtps://ana:p@ss@mail.example.com", ("mail.example.com", 465, Security::Tls, Some(("ana", "p@ss"))));
    }

    #[test]
    fn folders_are_absolute_or_relative() {
        let folder = |url| match Server::parse(url) {
            Ok(Server::Folder(folder)) => folder,
            other => panic!("{other:?}"),
        };
        assert_eq!(folder("file:///var/out"), PathBuf::from("/var/out"));
        assert_eq!(folder("file://demo/outbox"), PathBuf::from("demo/outbox"));
    }

    #[track_caller]
    fn refused(url: &str, expected: &str) {
        assert_eq!(Server::parse(url).unwrap_err().to_string(), format!("mail server: {expected}"));
    }

    #[test]
    fn refusal_says_what_to_write() {
        let accepted = "use smtp://host:port, smtps://host:port or file:///folder";
        refused("localhost:25", accepted);
        refused("ftp://x", &format!("`ftp` is not supported; {accepted}"));
        refused("file://", "file:// needs a folder, as in file:///var/mail/out");
        refused("smtp://", "the host is missing or holds a character that no host name has");
        refused("smtp://a b", "the host is missing or holds a character that no host name has");
        refused("smtp://a:port", "`port` is no port");
        let known = "after `?` only tls=off, for smtp://, and tls=required are known";
        refused("smtp://a?tls=no", known);
        refused("smtps://a?tls=off", known);
        let encode = "write user:password before the @, with %40 for @, %3A for : and %25 for %";
        refused("smtp://user@a", encode);
        refused("smtp://user:100%@a", encode);
        refused("smtp://u:p@a?tls=off", "tls=off would send the password in plain text; leave it out");
    }

    #[test]
    fn what_a_server_repeats_of_a_login_is_concealed() {
        let Server::Smtp(relay) = Server::parse("smtps://ana:hunter2@mail.example.com").unwrap() else { panic!() };
        // base64 of \0ana\0hunter2, user=ana^Aauth=Bearer hunter2^A^A and hunter2
        for said in ["hunter2", "AGFuYQBodW50ZXIy", "dXNlcj1hbmEBYXV0aD1CZWFyZXIgaHVudGVyMgEB", "aHVudGVyMg=="] {
            assert_eq!(relay.concealed_in(&format!("bad login: {said}, ana")), "bad login: ***, ana");
        }
        assert_eq!(Relay { login: None, ..relay }.concealed_in("hunter2"), "hunter2");
    }

    #[test]
    fn password_is_never_printed() {
        let server = Server::parse("smtps://ana:hunter2@mail.example.com").unwrap();
        assert!(!format!("{server:?}").contains("hunter2"));
    }
}
