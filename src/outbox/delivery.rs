//! A delivery: one mail of one run to one address.

use crate::text::Name;
use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveryState {
    /// Waits for its time and a worker.
    Queued,
    /// A worker talks to the mail server. When the worker dies nobody knows whether the mail went out.
    Sending,
    /// The server took responsibility for it.
    Sent,
    /// The server refused it for good.
    Bounced,
    /// It could not be sent in time.
    Expired,
    /// Perhaps sent; the settings want a person to decide.
    Held,
    /// Somebody, or the reader's own wish, stopped it.
    Cancelled,
}

/// Who gets a mail, as frozen in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub name: Option<String>,
    /// As the catalogue writes it.
    pub email: String,
    /// Which [`Artifact`] they read.
    pub audience: String,
}

/// A delivery as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The Message-ID without its domain: the same for every attempt.
    pub id: String,
    pub run: String,
    pub report: Name,
    pub kind: super::Kind,
    pub recipient: Recipient,
    /// That of the run.
    pub slot: Timestamp,
    /// 0; a wanted repetition of the same mail is the next number.
    pub revision: u32,
    /// The server takes no mail of that size: send it without attachments.
    pub light: bool,
    pub state: DeliveryState,
    /// How many attempts were the recipient's or the message's fault.
    pub attempt: u32,
    pub next: Timestamp,
    /// After that it is given up.
    pub expires: Timestamp,
    /// What kind of trouble the last attempt met, and the words of the server.
    pub class: Option<String>,
    pub reply: Option<String>,
    pub created: Timestamp,
    pub sent: Option<Timestamp>,
}

/// A rendered edition for readers of one language and locale, frozen: every attempt sends these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Language and locale: `es|es-ES`.
    pub audience: String,
    pub subject: String,
    /// The message from the Content-Type of its outermost part on.
    pub body: Vec<u8>,
    /// The same without attachments, for servers that refuse its size; absent when it has none.
    pub light: Option<Vec<u8>>,
    /// The `Date` of the mails.
    pub rendered: Timestamp,
    pub sender: Sender,
}

/// What the headers say of the sender, frozen with the letter: a retry after the settings changed is still the same mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sender {
    /// `kpis@example.com` or `Name <kpis@example.com>`.
    pub from: String,
    pub reply_to: Option<String>,
    /// Where the links by which readers leave begin; absent: they ask the sender.
    pub public_url: Option<String>,
}

impl DeliveryState {
    pub const ALL: [DeliveryState; 7] = [
        DeliveryState::Queued,
        DeliveryState::Sending,
        DeliveryState::Sent,
        DeliveryState::Bounced,
        DeliveryState::Expired,
        DeliveryState::Held,
        DeliveryState::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Queued => "queued",
            DeliveryState::Sending => "sending",
            DeliveryState::Sent => "sent",
            DeliveryState::Bounced => "bounced",
            DeliveryState::Expired => "expired",
            DeliveryState::Held => "held",
            DeliveryState::Cancelled => "cancelled",
        }
    }

    /// `None` for a word of a newer version.
    pub fn parse(text: &str) -> Option<DeliveryState> {
        DeliveryState::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more happens by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, DeliveryState::Queued | DeliveryState::Sending)
    }
}

/// What makes two addresses one recipient: surrounding space and the case of letters don't count. The local part may differ by case in
/// theory (RFC 5321 §2.4); no server that people use does, and a second copy would be the worse mistake.
pub fn recipient_key(email: &str) -> String {
    email.trim().to_lowercase()
}
