//! What became of each mail of an edition, in a line, and who was not among its recipients.

use super::findings::{Answer, at};
use super::{Evidence, Stored};
use crate::calendar::Calendar;
use crate::cli::{store, when};
use crate::outbox::{DeliveryState, recipient_key};
use crate::store::{ListedDelivery, ListedRun};
use std::collections::HashSet;

/// `ana@example.com: bounced: 550 5.1.1 no such user`
pub fn mail(listed: &ListedDelivery, calendar: &Calendar) -> String {
    let mail = &listed.delivery;
    let said = |at| when::said(at, calendar);
    let answer = mail.reply.as_deref().filter(|reply| !reply.is_empty());
    let cause = answer.map(str::to_owned).or_else(|| mail.class.as_deref().map(|class| format!("trouble `{class}`")));
    let because = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
    let what = match mail.state {
        DeliveryState::Sent => {
            let light = if mail.light { ", without attachments" } else { "" };
            let when = mail.sent.map(|at| format!(" {}", said(at))).unwrap_or_default();
            format!("the mail server took it{when}{light}")
        }
        DeliveryState::Queued if mail.attempt == 0 && mail.class.is_none() => {
            format!("queued, tried from {} on", said(mail.next))
        }
        DeliveryState::Queued => {
            format!("queued, tried again {}, given up {}{because}", said(mail.next), said(mail.expires))
        }
        DeliveryState::Sending => "is with the mail server this moment".to_owned(),
        DeliveryState::Bounced => format!("the mail server refused it for good{because}"),
        DeliveryState::Expired => format!("could not be sent before {}{because}", said(mail.expires)),
        DeliveryState::Held => {
            format!("held as mail {}: perhaps it was sent, and you are to decide", store::shortened(&mail.id))
        }
        DeliveryState::Cancelled => match mail.class.as_deref() {
            Some("unsubscribed") => "wants no mail of it".to_owned(),
            _ => "stopped by hand".to_owned(),
        },
    };
    let again = if mail.revision > 0 { " (sent again by hand)" } else { "" };
    format!("{}{again}: {what}", mail.recipient.email)
}

/// Whether it ended without being sent, by itself.
pub fn never_sent(listed: &ListedDelivery) -> bool {
    matches!(listed.delivery.state, DeliveryState::Bounced | DeliveryState::Expired)
}

/// Recipients of today's YAML who were not asked: they were added since.
pub fn absent(answer: &mut Answer, run: &ListedRun, stored: &Stored, evidence: &Evidence) {
    let asked: HashSet<String> =
        stored.mails.iter().map(|mail| recipient_key(&mail.delivery.recipient.email)).collect();
    if asked.is_empty() {
        return;
    }
    let absent = evidence.spec.to.iter().filter(|person| !asked.contains(&recipient_key(&person.email)));
    for person in absent {
        let then = run.run.started.map(|started| at(started, evidence)).unwrap_or_default();
        answer.mails.push(format!("{}: was not among its recipients when it was made, {then}", person.email));
    }
}
