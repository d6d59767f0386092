//! `settings:` of the installation.

use crate::calendar::Calendar;
use crate::outbox::OnUnknown;
use crate::secret::Secret;
use crate::text::Language;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

#[derive(Debug, Clone)]
pub struct Settings {
    pub language: Language,
    /// A CLDR locale: `es-ES`.
    pub locale: String,
    pub calendar: Calendar,
    /// ISO 4217.
    pub currency: String,
    pub store: Secret,
    pub mail: Option<MailSettings>,
    pub admin: Option<String>,
    pub web: Option<Web>,
}

/// What holds without `settings:`, or where one of its keys is absent.
impl Default for Settings {
    fn default() -> Self {
        Settings {
            language: "en".into(),
            locale: "en-GB".to_owned(),
            calendar: Calendar { zone: TimeZone::UTC, week_starts: Weekday::Monday, fiscal_year_starts: 1 },
            currency: "EUR".to_owned(),
            store: Secret::new("sqlite://kpid.db"),
            mail: None,
            admin: None,
            web: None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct MailSettings {
    pub from: String,
    pub reply_to: Option<String>,
    /// `smtp://`, `smtps://` or `file://`.
    pub server: Secret,
    pub auth: MailAuth,
    /// What to do about a mail whose last answer was lost.
    pub on_unknown: OnUnknown,
    /// Parallel SMTP sessions.
    pub connections: u32,
    /// Mails a minute.
    pub rate: Option<f64>,
    /// Lower case; empty allows every domain.
    pub allowed_domains: Vec<String>,
}

/// What stands behind the user in a mail server's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailAuth {
    Password,
    /// An OAuth 2.0 access token.
    Xoauth2,
}

#[derive(Debug, Clone)]
pub struct Web {
    pub listen: std::net::SocketAddr,
    pub public_url: Option<String>,
}
