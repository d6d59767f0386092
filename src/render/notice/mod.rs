//! What the admin is told by mail: a [`Notice`] → a [`Letter`] in their language, looking like the report's own.
//!
//! In: what happened, as facts. Out: what happened, where and since when; what kpid does by itself next; what the admin should do, with
//! the command to type. It is a [`View`] without KPIs, so that a template of the installation may restyle it with the names it knows.
//! What comes from outside (words of servers, files, addresses) is told letter by letter, as text and never as anything else, and cut
//! where it is long. Deliberately absent: when somebody is told and how often, and secrets: whoever fills in a fact has redacted it.

mod events;
mod told;

use super::view::View;
use super::{Audience, COLUMNS, Letter, Reading, RenderError, Renderer, context, wrap};
use crate::text::Name;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// What happened, told at a moment whose time of day is that of a zone.
#[derive(Debug, Clone)]
pub struct Notice {
    pub at: Timestamp,
    pub zone: TimeZone,
    /// The folder of the YAML as a shell reads it, where commands must say which.
    pub folder: Option<String>,
    pub event: Event,
}

/// Something that an admin wants to know.
#[derive(Debug, Clone)]
pub enum Event {
    /// Nobody got an edition: it could not be made.
    Failed { due: Due, why: String, sources: Vec<(Name, String)> },
    /// An edition went out, and these sources failed with these words.
    Gaps { due: Due, sources: Vec<(Name, String)> },
    /// The fire times from the first to the last of a range get no edition.
    Skipped { report: Name, from: Timestamp, to: Timestamp, count: usize, why: String },
    /// An edition waits for newer data of these sources, until then at the latest; the day is that of the newest data.
    Waits { due: Due, sources: Vec<(Name, Option<Date>)>, until: Timestamp },
    /// It did not come in time: the edition went out and says that the data is late.
    Waited { due: Due, sources: Vec<(Name, Option<Date>)> },
    /// An edition took the program down three times and is left alone.
    Poisoned { due: Due },
    /// The server refused a mail for good.
    Bounced(Mail),
    /// A mail could not be sent in time.
    Expired(Mail),
    /// The connection broke before the server said whether it took a mail, and the settings want a person to decide.
    Held(Mail),
    /// The mail server takes no mail at all.
    RelayHeld { server: String, since: Timestamp, why: String },
    /// It does again; `since` is when it stopped.
    RelayWorks { server: String, since: Timestamp },
    /// Edited files are wrong; those read at `since` still hold. Each problem begins with file, line and column.
    Refused { since: Timestamp, problems: Vec<String> },
    /// The clock has leapt from there to now.
    ClockJumped { from: Timestamp },
    /// Daemons of one store hold different catalogues: node and version.
    Differ { since: Timestamp, nodes: Vec<(String, String)> },
    /// How far the clock of a node lies from that of the store; ahead is positive.
    ClockSkew { node: String, skew: SignedDuration },
    /// Bytes that are left where the store lies.
    NearlyFull { place: String, free: u64 },
}

/// An edition.
#[derive(Debug, Clone)]
pub struct Due {
    pub report: Name,
    pub slot: Timestamp,
    /// The id of the run.
    pub run: String,
}

/// One mail of an edition.
#[derive(Debug, Clone)]
pub struct Mail {
    pub due: Due,
    pub address: String,
    /// The id of the delivery.
    pub id: String,
    /// What the mail server said last, if it said anything.
    pub reply: Option<String>,
}

impl Renderer {
    /// The letter that tells `audience` of `notice`: no pictures, nothing attached.
    ///
    /// # Errors
    /// An overridden template fails, or the locale is none.
    pub fn notice(&self, notice: &Notice, audience: &Audience) -> Result<Letter, RenderError> {
        let view = notice.view(&self.reading(audience)?);
        let context = context(&view);
        Ok(Letter {
            html: self.templates.render("notice.html", &context)?,
            text: wrap::wrapped(&self.templates.render("notice.txt", &context)?, COLUMNS),
            subject: view.subject,
            images: Vec::new(),
            attachments: Vec::new(),
        })
    }
}

impl Notice {
    fn view(&self, reading: &Reading) -> View {
        let texts = &reading.texts;
        let told::Told { title, summary, notes, .. } = self.told(reading);
        let written = reading.dates.moment(self.zone.to_datetime(self.at));
        let written = texts.say("notice-written", &[("moment", written.into())]);
        let zone = self.zone.iana_name().map(|zone| texts.say("footer-zone", &[("zone", zone.into())]));
        let when: Vec<String> = std::iter::once(written).chain(zone).collect();
        View {
            lang: texts.language().to_owned(),
            dir: texts.direction(),
            words: texts.words(),
            subject: format!("kpid: {title}"),
            preheader: summary.clone(),
            title,
            summary,
            notes,
            footer: vec![when.join(" · "), texts.word("notice-to")],
            ..View::default()
        }
    }
}
