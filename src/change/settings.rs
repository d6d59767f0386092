//! The settings of an installation in words.

use super::fact::{Bears, Sheet};
use super::url;
use crate::catalog::{MailAuth, MailSettings, Settings};
use crate::outbox::OnUnknown;

pub(super) fn facts(settings: &Settings) -> Sheet {
    let mut sheet = Sheet::default();
    let calendar = &settings.calendar;
    sheet.add("language", &settings.language);
    sheet.add("locale", &settings.locale);
    sheet.add("timezone", calendar.zone.iana_name().unwrap_or("local time")).bears(Bears::Number);
    sheet.add("week_starts", format!("{:?}", calendar.week_starts).to_lowercase()).bears(Bears::Number);
    sheet.add("fiscal_year_starts", format!("month {}", calendar.fiscal_year_starts)).bears(Bears::Number);
    sheet.add("currency", &settings.currency);
    sheet.add("store", url::shown(&settings.store)).secretly(settings.store.expose());
    sheet.maybe("admin", settings.admin.as_ref());
    if let Some(mail) = &settings.mail {
        self::mail(&mut sheet, mail);
    }
    if let Some(web) = &settings.web {
        sheet.add("web.listen", web.listen);
        sheet.maybe("web.public_url", web.public_url.as_ref());
    }
    sheet
}

fn mail(sheet: &mut Sheet, mail: &MailSettings) {
    sheet.add("mail.from", &mail.from);
    sheet.maybe("mail.reply_to", mail.reply_to.as_ref());
    sheet.add("mail.server", url::shown(&mail.server)).secretly(mail.server.expose());
    let auth = match mail.auth {
        MailAuth::Password => "password",
        MailAuth::Xoauth2 => "xoauth2",
    };
    sheet.add("mail.auth", auth);
    let on_unknown = match mail.on_unknown {
        OnUnknown::Resend => "resend",
        OnUnknown::Hold => "hold",
    };
    sheet.add("mail.on_unknown", on_unknown);
    sheet.add("mail.connections", mail.connections);
    sheet.maybe("mail.rate", mail.rate.map(|rate| format!("{rate} a minute")));
    let domains = (!mail.allowed_domains.is_empty()).then(|| mail.allowed_domains.join(", "));
    sheet.maybe("mail.allowed_domains", domains);
}
