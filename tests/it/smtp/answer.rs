//! What a script lets the server do.

use super::Gate;

/// What a client gets.
#[derive(Debug, Clone)]
pub enum Answer {
    /// What a content server says.
    Usual,
    /// A reply, without its last line break.
    Say(String),
    /// These bytes as they are.
    Bytes(Vec<u8>),
    /// The connection ends.
    Drop,
    /// One after the other.
    Then(Box<Answer>, Box<Answer>),
    /// When the gate is open.
    After(Gate, Box<Answer>),
    /// At the dot: recorded first.
    Taken(Box<Answer>),
}

impl Answer {
    pub fn say(reply: &str) -> Answer {
        Answer::Say(reply.to_owned())
    }

    pub fn after(self, gate: &Gate) -> Answer {
        Answer::After(gate.clone(), Box::new(self))
    }

    /// Then the connection ends.
    pub fn and_drop(self) -> Answer {
        Answer::Then(Box::new(self), Box::new(Answer::Drop))
    }

    /// At the dot: the mail is in the ledger, whatever the client is told.
    pub fn taken(self) -> Answer {
        Answer::Taken(Box::new(self))
    }
}
