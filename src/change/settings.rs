//! The settings of an installation in words.

use super::fact::{Bears, Sheet};
use super::url;
use crate::calendar::Calendar;
use crate::catalog::{MailAuth, MailSettings, Settings, Web};
use crate::outbox::OnUnknown;

pub(super) fn facts(settings: &Settings) -> Sheet {
    let Settings { language, locale, calendar, currency, store, mail, admin, web } = settings;
    let Calendar { zone, week_starts, fiscal_year_starts } = calendar;
    let mut sheet = Sheet::default();
    sheet.add("language", language);
    sheet.add("locale", locale);
    sheet.add("timezone", zone.iana_name().unwrap_or("local time")).bears(Bears::Number);
    sheet.add("week_starts", format!("{week_starts:?}").to_lowercase()).bears(Bears::Number);
    sheet.add("fiscal_year_starts", format!("month {fiscal_year_starts}")).bears(Bears::Number);
    sheet.add("currency", currency);
    sheet.add("store", url::shown(store)).secretly(store);
    sheet.maybe("admin", admin.as_ref());
    if let Some(mail) = mail {
        self::mail(&mut sheet, mail);
    }
    if let Some(Web { listen, public_url }) = web {
        sheet.add("web.listen", listen);
        sheet.maybe("web.public_url", public_url.as_ref());
    }
    sheet
}

fn mail(sheet: &mut Sheet, mail: &MailSettings) {
    let MailSettings { from, reply_to, server, auth, on_unknown, connections, rate, allowed_domains } = mail;
    sheet.add("mail.from", from);
    sheet.maybe("mail.reply_to", reply_to.as_ref());
    sheet.add("mail.server", url::shown(server)).secretly(server);
    let auth = match auth {
        MailAuth::Password => "password",
        MailAuth::Xoauth2 => "xoauth2",
    };
    sheet.add("mail.auth", auth);
    let on_unknown = match on_unknown {
        OnUnknown::Resend => "resend",
        OnUnknown::Hold => "hold",
    };
    sheet.add("mail.on_unknown", on_unknown);
    sheet.add("mail.connections", connections);
    sheet.maybe("mail.rate", rate.map(|rate| format!("{rate} a minute")));
    let domains = (!allowed_domains.is_empty()).then(|| allowed_domains.join(", "));
    sheet.maybe("mail.allowed_domains", domains);
}
