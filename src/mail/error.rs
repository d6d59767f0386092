//! Why a mail was not handed over, by what may be done about it.

use crate::text::harmless;
use std::path::PathBuf;

/// What a server says is shown up to so many characters.
const LONGEST: usize = 500;

/// See the variants: which of them it is tells what the server knows of the mail, without reading a text.
///
/// What a server said stands in them as one line of at most 500 characters, without control characters and without the password.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The server can't be used now, whatever the mail: unreachable, no TLS, login or sender refused, 421. Nothing was sent.
    #[error("mail server {server}: {why}")]
    Server {
        server: String,
        needs: Needs,
        why: String,
        /// It said so to this mail and had not said so before it: perhaps it takes others.
        midway: bool,
    },
    /// The server refused this recipient or this message with a 4xx (may pass later) or 5xx (never will) code.
    #[error("mail to {to} refused by {server}: {code} {reply}")]
    Refused { phase: Phase, to: String, server: String, code: u16, reply: String },
    /// The server takes no mail of this size; a smaller one to the same address may pass.
    #[error("mail to {to} is too large for {server}: {why}")]
    TooLarge {
        to: String,
        server: String,
        /// Bytes of the message.
        size: usize,
        why: String,
    },
    /// The dialogue broke off before the message's end: not delivered.
    #[error("mail to {to} through {server}: {why}")]
    Interrupted { to: String, server: String, why: String },
    /// The message's end was sent and no clear answer came: perhaps delivered.
    #[error("mail to {to} through {server}: sent, but {why}; it may have arrived")]
    Unknown { to: String, server: String, why: String },
    #[error("write mail to {}: {why}", path.display())]
    Folder { path: PathBuf, why: std::io::Error },
    /// The caller lost the right to send it before its end: not delivered by this call.
    #[error("not sent: it is no longer ours to send")]
    NotOurs,
}

/// What a server needs that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// It may work again by itself: unreachable, 4xx, a broken dialogue.
    Time,
    /// It won't until somebody acts: unknown name, no or bad TLS, login or sender refused, any 5xx.
    Human,
}

/// What the server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// In answer to RCPT.
    Recipient,
    /// In answer to DATA or to the end of the message.
    Message,
}

impl SendError {
    /// Whether the same mail would be refused again.
    pub fn is_permanent(&self) -> bool {
        match self {
            SendError::Refused { code, .. } => *code >= 500,
            SendError::TooLarge { .. } => true,
            _ => false,
        }
    }
}

/// A server's words as one line that is fit to be shown.
pub(super) fn shown(text: &str) -> String {
    let text = harmless(text.into());
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some(_) => line.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_server_become_one_harmless_line_of_bounded_length() {
        assert_eq!(shown("no\r\n\tsuch \u{1b}[31muser"), "no such \u{FFFD}[31muser");
        assert_eq!(shown(&"ñ".repeat(500)), "ñ".repeat(500));
        assert_eq!(shown(&"ñ".repeat(501)), "ñ".repeat(499) + "…");
    }
}
