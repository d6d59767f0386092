//! Queued deliveries → the mail server, and what it said → the store.

use super::hand::{Held, Work};
use super::log::who;
use super::node::{Node, guard};
use super::relay::Mended;
use super::world::{Point, World};
use crate::mail::{Body, Headers, Mail, MimeError, Needs, SendError, Unsubscribe, compose};
use crate::outbox::{Artifact, Attempt, Delivery, DeliveryState, Kind, Next, OnUnknown, Trouble, next, recipient_key};
use crate::render::{self, Due, Event};
use crate::store::{Settled, StoreError};
use crate::web::link::{self, Link};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A delivery in work.
#[derive(Debug)]
pub struct InHand {
    pub delivery: Delivery,
    pub held: Held,
}

/// So much longer than all others waits a mail in whose middle the server gave up: perhaps it is what the server can't bear, and they
/// get through meanwhile.
const BEHIND: SignedDuration = SignedDuration::from_secs(30);

/// How long the store is given between two attempts to take a result.
const PATIENCE: Duration = Duration::from_secs(1);

impl<W: World> Node<W> {
    /// Claims up to `most` deliveries that are due: one while the mail server has yet to show that it works again, none while it is
    /// left alone.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn take(&self, most: u32) -> Result<Vec<InHand>, StoreError> {
        let now = self.world.now();
        let most = {
            let breaker = guard(&self.breaker);
            match breaker.held(now) {
                Some(_) => return Ok(Vec::new()),
                None if breaker.is_probing() => 1,
                None => most,
            }
        };
        let claimed = self.store.claim_deliveries(&self.id, most, now).await?;
        let hold = |(delivery, claim)| InHand { delivery, held: self.hand.hold(Work::Delivery, claim) };
        let taken: Vec<InHand> = claimed.into_iter().map(hold).collect();
        if !taken.is_empty() {
            self.world.reached(Point::Taken).await;
        }
        Ok(taken)
    }

    /// Whether the mail server has yet to show that it works again.
    pub fn is_probing(&self) -> bool {
        guard(&self.breaker).is_probing()
    }

    /// Sends one delivery and stores the result.
    ///
    /// # Errors
    /// The store did not answer before anything was sent. After the server took the mail the result is offered until it is stored.
    pub async fn deliver(&self, session: &mut W::Session, item: InHand) -> Result<(), StoreError> {
        let InHand { delivery, held } = item;
        let now = self.world.now();
        let left_alone = guard(&self.breaker).held(now);
        if let Some(until) = left_alone {
            let reply = "the mail server is left alone for a while".to_owned();
            let again = Settled::Again { at: until, charged: false, class: Trouble::Relay, reply };
            return self.settle(&held, &again).await.map(drop);
        }
        if delivery.expires < now {
            let reply = delivery.reply.clone().unwrap_or_else(|| "there was no time to send it".to_owned());
            let class = match delivery.class.as_deref() {
                Some(class) if class == Trouble::Relay.as_str() => Trouble::Relay,
                _ => Trouble::Later,
            };
            return self.end(&delivery, &held, DeliveryState::Expired, class, reply).await;
        }
        let mail = match self.mail(&delivery).await? {
            Ok(mail) => mail,
            Err(why) => return self.end(&delivery, &held, DeliveryState::Bounced, Trouble::Never, why).await,
        };
        let blind = AtomicBool::new(false);
        let go = async {
            let mark = self.world.on_unknown() == OnUnknown::Hold;
            let looked = self.store.last_look(&held.claim, mark, self.world.now()).await;
            blind.store(looked.is_err(), Ordering::Relaxed);
            let ours = looked.unwrap_or(false);
            if ours {
                self.world.reached(Point::Looked).await;
            }
            ours
        };
        match self.world.send(session, &mail, go, held.lost()).await {
            Ok(reply) => self.accepted(&delivery, &held, reply).await,
            Err(SendError::NotOurs) if blind.into_inner() => {
                // The store did not say whose it is; ours, most likely, and not sent.
                let reply = "the store did not answer right before it was sent".to_owned();
                let again = Settled::Again { at: self.world.now(), charged: false, class: Trouble::Interrupted, reply };
                self.settle(&held, &again).await.map(drop)
            }
            Err(error) => self.refused(&delivery, &held, &error).await,
        }
    }

    async fn accepted(&self, delivery: &Delivery, held: &Held, reply: String) -> Result<(), StoreError> {
        self.world.reached(Point::Accepted).await;
        let sent = Settled::Sent { reply };
        // The mail is out: only the store's word keeps it from going out again.
        while let Err(error) = self.settle(held, &sent).await {
            tracing::error!(%error, delivery = %delivery.id, "a mail was sent and the store does not take note of it; trying on");
            self.board.store_wrote(false, self.world.now());
            self.world.pause(PATIENCE).await;
        }
        tracing::info!(report = %delivery.report, delivery = %delivery.id, attempt = delivery.attempt + 1, "sent");
        self.board.delivery_finished(DeliveryState::Sent);
        self.mended().await;
        Ok(())
    }

    /// What was put off because of the mail server, until `until` at the latest, is tried at once.
    async fn wake_mails(&self, until: Timestamp) {
        if let Err(error) = self.store.relay_works(until, self.world.now()).await {
            tracing::error!(%error, "mails that waited for the mail server wait on");
        }
    }

    /// The mail server of the settings is another one, or its password is: it is not judged by what the old one did.
    pub async fn forgive_relay(&self) {
        if self.is_probing() {
            guard(&self.breaker).forgive();
            self.wake_mails(Timestamp::MAX).await;
        }
    }

    /// The server took a mail: it works, if it did not before.
    async fn mended(&self) {
        let Some(Mended { until, told }) = guard(&self.breaker).mend() else { return };
        tracing::info!("the mail server works again");
        self.board.relay_held(false);
        // Not those behind: they would be the first to hold up the others again.
        self.wake_mails(until).await;
        if let Some(since) = told {
            let event = Event::RelayWorks { server: self.world.relay(), since };
            self.tell_or_log(&format!("works|{}", since.strftime("%F %H")), &"".into(), event).await;
        }
    }

    async fn refused(&self, delivery: &Delivery, held: &Held, error: &SendError) -> Result<(), StoreError> {
        if matches!(error, SendError::NotOurs) {
            tracing::warn!(delivery = %delivery.id, "another node took the delivery over");
            return Ok(());
        }
        let (now, trouble) = (self.world.now(), trouble(error));
        let at = match trouble {
            Trouble::Relay => {
                let until = self.trip(error, now).await;
                if matches!(error, SendError::Server { midway: true, .. }) { until + BEHIND } else { until }
            }
            _ => now,
        };
        tracing::warn!(report = %delivery.report, delivery = %delivery.id, class = trouble.as_str(), reply = self.for_log(&reply(error), delivery), "not sent");
        self.reschedule(delivery, held, trouble, at, reply(error)).await
    }

    /// Puts the delivery back, or ends it, as the rules for such trouble say.
    async fn reschedule(
        &self,
        delivery: &Delivery,
        held: &Held,
        trouble: Trouble,
        at: Timestamp,
        reply: String,
    ) -> Result<(), StoreError> {
        let smallest = delivery.light || self.artifact(delivery).await?.is_none_or(|artifact| artifact.light.is_none());
        let attempt = Attempt {
            delivery: &delivery.id,
            trouble,
            before: delivery.attempt,
            at,
            expires: delivery.expires,
            smallest,
        };
        let state = match next(&attempt, self.world.on_unknown()) {
            Next::Again { at, charged } => {
                let again = Settled::Again { at, charged, class: trouble, reply };
                return self.settle(held, &again).await.map(drop);
            }
            Next::Lighter => return self.settle(held, &Settled::Lighter { reply }).await.map(drop),
            Next::Bounced => DeliveryState::Bounced,
            Next::Expired => DeliveryState::Expired,
            Next::Held => DeliveryState::Held,
        };
        self.end(delivery, held, state, trouble, reply).await
    }

    /// Deliveries whose worker died while it had them: perhaps they were sent.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn rescue(&self) -> Result<usize, StoreError> {
        let dead = self.store.claim_dead_deliveries(&self.id, self.world.now()).await?;
        let count = dead.len();
        for (delivery, claim, dot) in dead {
            let held = self.hand.hold(Work::Delivery, claim);
            let (now, reply) = (self.world.now(), "the daemon that was sending it died".to_owned());
            // With `hold` the store knows that the message had not been sent yet.
            let unsent = self.world.on_unknown() == OnUnknown::Hold && !dot;
            let trouble = if unsent { Trouble::Interrupted } else { Trouble::Unknown };
            self.reschedule(&delivery, &held, trouble, now, reply).await?;
        }
        Ok(count)
    }

    async fn end(
        &self,
        delivery: &Delivery,
        held: &Held,
        state: DeliveryState,
        class: Trouble,
        reply: String,
    ) -> Result<(), StoreError> {
        tracing::error!(report = %delivery.report, delivery = %delivery.id, state = state.as_str(), reply = self.for_log(&reply, delivery), "given up");
        // Told first: what was told twice under one key is told once, and what was not told before a power cut never would be. An alert
        // about an alert that can't be delivered could not be delivered either.
        if delivery.kind != Kind::Alert {
            self.tell_end(delivery, state, class, reply.clone()).await?;
        }
        if self.settle(held, &Settled::Final { state, class, reply }).await? {
            self.board.delivery_finished(state);
        }
        Ok(())
    }

    async fn tell_end(
        &self,
        delivery: &Delivery,
        state: DeliveryState,
        class: Trouble,
        reply: String,
    ) -> Result<(), StoreError> {
        // No address in a key: it stays when the address is to be forgotten.
        let recipient = who(self.store.install(), &delivery.recipient.email);
        // What the server as a whole is to blame for is told once a run; otherwise once a day for each address.
        let key = match class {
            Trouble::Relay => format!("{}|{}", state.as_str(), delivery.run),
            _ => format!("{}|{recipient}|{}", state.as_str(), self.world.now().strftime("%F")),
        };
        let mail = render::Mail {
            due: Due { report: delivery.report.clone(), slot: delivery.slot, run: delivery.run.clone() },
            address: delivery.recipient.email.clone(),
            id: delivery.id.clone(),
            reply: Some(reply),
        };
        let event = match state {
            DeliveryState::Bounced => Event::Bounced(mail),
            DeliveryState::Held => Event::Held(mail),
            _ => Event::Expired(mail),
        };
        self.tell(&key, &delivery.report, event).await
    }

    /// A reply without the reader's address, which servers like to repeat and the log must not show.
    fn for_log(&self, reply: &str, delivery: &Delivery) -> String {
        let email = &delivery.recipient.email;
        concealed(reply, email, &who(self.store.install(), email).to_string())
    }

    async fn settle(&self, held: &Held, result: &Settled) -> Result<bool, StoreError> {
        let settled = self.store.settle(&held.claim, result, self.world.now()).await?;
        self.world.reached(Point::Settled).await;
        Ok(settled)
    }

    /// The server is out of order: leaves it alone, and gives until when.
    async fn trip(&self, error: &SendError, now: Timestamp) -> Timestamp {
        let by_hand = matches!(error, SendError::Server { needs: Needs::Human, .. });
        let (until, tell) = guard(&self.breaker).trip(by_hand, now);
        self.board.relay_held(true);
        let (server, why) = place(error);
        if let Some(since) = tell {
            tracing::error!(server, why, %until, "the mail server is out of order and is left alone");
            // A server that comes and goes is told once an hour.
            let key = format!("relay|{}", since.strftime("%F %H"));
            self.tell_or_log(&key, &"".into(), Event::RelayHeld { server, since, why }).await;
        }
        until
    }

    /// The mail of a delivery, the same bytes each time; or why there can be none.
    async fn mail(&self, delivery: &Delivery) -> Result<Result<Mail, String>, StoreError> {
        let Some(artifact) = self.artifact(delivery).await? else {
            return Ok(Err("its text was removed from the store".to_owned()));
        };
        Ok(self.composed(delivery, &artifact).map_err(|error| error.to_string()))
    }

    fn composed(&self, delivery: &Delivery, artifact: &Artifact) -> Result<Mail, MimeError> {
        let bytes = if delivery.light { artifact.light.as_ref() } else { None }.unwrap_or(&artifact.body);
        let body = Body::restored(artifact.subject.clone(), bytes.clone());
        let (sender, recipient) = (&artifact.sender, &delivery.recipient);
        let link = self.way_out(delivery, artifact);
        let headers = Headers {
            id: &delivery.id,
            from: &sender.from,
            reply_to: sender.reply_to.as_deref(),
            name: recipient.name.as_deref(),
            email: &recipient.email,
            list: &delivery.report,
            run: &delivery.run,
            thread: None,
            unsubscribe: link.as_deref().map(|link| Unsubscribe { link, mailto: None }),
            date: artifact.rendered,
        };
        compose(&body, &headers)
    }

    /// Where the recipient leaves by themselves; an alert has no such place, for the settings name who gets it.
    fn way_out(&self, delivery: &Delivery, artifact: &Artifact) -> Option<String> {
        let public_url = artifact.sender.public_url.as_ref().filter(|_| delivery.kind != Kind::Alert)?;
        let link = Link {
            run: delivery.run.clone(),
            report: delivery.report.clone(),
            recipient: recipient_key(&delivery.recipient.email),
            language: artifact.audience.split('|').next().unwrap_or_default().into(),
            expires: artifact.rendered.saturating_add(link::LIFE).unwrap_or(Timestamp::MAX),
        };
        link::address(public_url, &link::sign(&link, self.store.install()))
    }

    async fn artifact(&self, delivery: &Delivery) -> Result<Option<Arc<Artifact>>, StoreError> {
        let key = format!("{}|{}", delivery.run, delivery.recipient.audience);
        if let Some((_, known)) = guard(&self.latest).as_ref().filter(|(latest, _)| *latest == key) {
            return Ok(Some(Arc::clone(known)));
        }
        let found = self.store.artifact(&delivery.run, &delivery.recipient.audience, self.world.now()).await?;
        let found = found.map(Arc::new);
        *guard(&self.latest) = found.clone().map(|artifact| (key, artifact));
        Ok(found)
    }
}

fn trouble(error: &SendError) -> Trouble {
    match error {
        SendError::Server { .. } | SendError::Folder { .. } => Trouble::Relay,
        SendError::Refused { .. } if error.is_permanent() => Trouble::Never,
        SendError::Refused { .. } => Trouble::Later,
        SendError::TooLarge { .. } => Trouble::TooLarge,
        SendError::Interrupted { .. } | SendError::NotOurs => Trouble::Interrupted,
        SendError::Unknown { .. } => Trouble::Unknown,
    }
}

/// Which server, and what is wrong with it.
fn place(error: &SendError) -> (String, String) {
    match error {
        SendError::Server { server, why, .. } => (server.clone(), why.clone()),
        SendError::Folder { path, why } => (path.display().to_string(), why.to_string()),
        other => (String::new(), other.to_string()),
    }
}

/// `text` with `instead` for `email`, in whatever case it is written there.
fn concealed(text: &str, email: &str, instead: &str) -> String {
    // ASCII letters change their case and not their place.
    let folded = text.to_ascii_lowercase();
    let mut shown = String::new();
    let mut from = 0;
    for (at, found) in folded.match_indices(&email.to_ascii_lowercase()) {
        shown.extend([&text[from..at], instead]);
        from = at + found.len();
    }
    shown + &text[from..]
}

/// What the server said.
fn reply(error: &SendError) -> String {
    match error {
        SendError::Refused { code, reply, .. } => format!("{code} {reply}"),
        SendError::Interrupted { why, .. } | SendError::Unknown { why, .. } | SendError::TooLarge { why, .. } => {
            why.clone()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::concealed;

    #[test]
    fn readers_address_is_taken_out_of_what_a_server_says_of_it() {
        let hidden = |text| concealed(text, "Ana@example.org", "rcpt:1");
        assert_eq!(hidden("550 <ana@EXAMPLE.org>: ana@example.org é unknown"), "550 <rcpt:1>: rcpt:1 é unknown");
        assert_eq!(hidden("451 later"), "451 later");
    }
}
