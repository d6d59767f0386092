//! The fake mail server, and the dialogue that `mail` has with the real one: what it took stands in the ledger.

use super::world::{Accepted, Fake, GONE, Gate, SMALL};
use crate::mail::{Mail, Needs, Phase, SendError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

impl Fake {
    /// The dialogue up to the end of the message, after which the server has it.
    pub async fn hand_over(
        &self,
        mail: &Mail,
        go: impl Future<Output = bool>,
        ended: &Mutex<bool>,
    ) -> Result<String, SendError> {
        self.park(Gate::Envelope, self.takes(300, 40)).await;
        self.envelope(mail)?;
        if !go.await {
            return Err(SendError::NotOurs);
        }
        self.park(Gate::Data, self.takes(500, 180)).await;
        let (to, server) = (mail.to.to_string(), "mail".to_owned());
        if self.strikes(40) {
            return Err(SendError::Interrupted { to, server, why: "connection reset".to_owned() });
        }
        *ended.lock().unwrap() = true;
        let lost = self.strikes(25);
        let code = if self.strikes(30) { self.outside().dice.pick(&[450, 554]) } else { 250 };
        let taken = code == 250 && !(lost && self.strikes(2));
        if taken {
            let mut hash = DefaultHasher::new();
            mail.bytes().hash(&mut hash);
            self.outside().ledger.push(Accepted { id: mail.id.clone(), to: to.clone(), bytes: hash.finish() });
        }
        // RFC 5321 gives the server ten minutes for this answer.
        self.park(Gate::Reply, self.takes(300, 540)).await;
        if lost {
            self.outside().doubt(&mail.id, taken);
            return Err(SendError::Unknown { to, server, why: "connection reset".to_owned() });
        }
        match code {
            250 => Ok("250 OK".to_owned()),
            _ => Err(self.refuse(mail, Phase::Message, code)),
        }
    }

    fn envelope(&self, mail: &Mail) -> Result<(), SendError> {
        let (to, server) = (mail.to.to_string(), "mail".to_owned());
        let down = self.outside().server_down;
        if down || self.strikes(40) {
            let needs = if self.strikes(4) { Needs::Human } else { Needs::Time };
            return Err(SendError::Server { server, needs, why: "421".to_owned(), midway: !down });
        }
        if to == GONE {
            return Err(self.refuse(mail, Phase::Recipient, 550));
        }
        if self.strikes(25) {
            let code = self.outside().dice.pick(&[450, 450, 450, 550]);
            return Err(self.refuse(mail, Phase::Recipient, code));
        }
        if to == SMALL && mail.body.windows(4).any(|word| word == b"full") {
            return Err(SendError::TooLarge { to, server, size: mail.bytes().len(), why: "552".to_owned() });
        }
        Ok(())
    }

    fn refuse(&self, mail: &Mail, phase: Phase, code: u16) -> SendError {
        if code >= 500 {
            self.outside().refused.insert(mail.id.clone());
        }
        let (to, server) = (mail.to.to_string(), "mail".to_owned());
        SendError::Refused { phase, to, server, code, reply: "no".to_owned() }
    }
}
