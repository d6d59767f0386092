//! What becomes of a delivery after an attempt that did not succeed.
//!
//! Trouble with the relay is nobody's fault: it charges no attempt, and the caller pauses the relay. Trouble with a recipient or a
//! message is retried when it may pass (4xx, RFC 5321 §4.2.1) after 1, 6, 15, 30 and 60 minutes and hourly from then on, spread by a
//! fifth so that many don't come back at once, until the delivery expires. What was perhaps sent comes back with the same bytes.

use jiff::{SignedDuration, Timestamp};

/// What an attempt met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The server could not be used at all.
    Relay,
    /// The server refused the recipient, or the message, for now.
    Later,
    /// … for good.
    Never,
    /// The message is too large for the server.
    TooLarge,
    /// The connection broke before the end of the message: not delivered.
    Interrupted,
    /// It broke after the end of the message, or the worker died: perhaps delivered.
    Unknown,
}

/// What to do about a mail that was perhaps delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnknown {
    /// Send the identical mail again: one that arrives twice is less bad than one that doesn't.
    #[default]
    Resend,
    /// Wait for somebody to decide.
    Hold,
}

/// An attempt that did not succeed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The delivery, which decides how far its retries are spread.
    pub delivery: &'a str,
    pub trouble: Trouble,
    /// Charged attempts before this one.
    pub before: u32,
    pub at: Timestamp,
    pub expires: Timestamp,
    /// It was sent without attachments, or has none: nothing smaller is left.
    pub smallest: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Back into the queue.
    Again {
        at: Timestamp,
        charged: bool,
    },
    /// Back into the queue at once, without attachments.
    Lighter,
    Bounced,
    Expired,
    Held,
}

impl Trouble {
    /// As the store and the command line call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Trouble::Relay => "relay",
            Trouble::Later => "later",
            Trouble::Never => "never",
            Trouble::TooLarge => "too-large",
            Trouble::Interrupted => "interrupted",
            Trouble::Unknown => "unknown",
        }
    }
}

/// The delay after the nth charged attempt, in minutes; hourly beyond.
const DELAYS: [i64; 5] = [1, 6, 15, 30, 60];

/// What becomes of the delivery.
pub fn next(attempt: &Attempt, on_unknown: OnUnknown) -> Next {
    let again = |at: Timestamp, charged| match at <= attempt.expires {
        true => Next::Again { at, charged },
        false => Next::Expired,
    };
    match attempt.trouble {
        // The relay's own pause decides when it is tried again.
        Trouble::Relay => again(attempt.at, false),
        Trouble::TooLarge if !attempt.smallest => Next::Lighter,
        Trouble::TooLarge | Trouble::Never => Next::Bounced,
        Trouble::Unknown if on_unknown == OnUnknown::Hold => Next::Held,
        Trouble::Later | Trouble::Interrupted | Trouble::Unknown => again(attempt.at + delay(attempt), true),
    }
}

fn delay(attempt: &Attempt) -> SignedDuration {
    let minutes = DELAYS.get(attempt.before as usize).copied().unwrap_or(60);
    // FNV-1a (Fowler, Noll, Vo): any even spread will do, and a fixed one can be replayed.
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let bytes = attempt.delivery.bytes().chain(attempt.before.to_le_bytes());
    let permille = 800 + (bytes.fold(0xcbf2_9ce4_8422_2325, hash) >> 20) % 401;
    SignedDuration::from_millis(minutes * 60 * permille as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn attempt(trouble: Trouble, before: u32) -> Attempt<'static> {
        let at: Timestamp = "2026-11-16T07:00:00Z".parse().unwrap();
        Attempt { delivery: "abc", trouble, before, at, expires: at + 24.hours(), smallest: false }
    }

    #[test]
    fn temporary_trouble_is_retried_at_the_times_of_the_table_within_a_fifth() {
        for (before, minutes) in [(0, 1), (1, 6), (2, 15), (3, 30), (4, 60), (5, 60), (40, 60)] {
            for delivery in ["a", "b", "c", "d", "e", "f"] {
                let attempt = Attempt { delivery, ..attempt(Trouble::Later, before) };
                let Next::Again { at, charged: true } = next(&attempt, OnUnknown::Resend) else { panic!("{before}") };
                let delay = at.duration_since(attempt.at).as_secs_f64() / 60.0 / minutes as f64;
                assert!((0.8..=1.2).contains(&delay), "{before} {delivery}: {delay}");
            }
        }
    }

    #[test]
    fn retries_of_many_are_spread() {
        let at = |delivery: &str| next(&Attempt { delivery, ..attempt(Trouble::Later, 4) }, OnUnknown::Resend);
        let all: Vec<Next> = (0..50).map(|n| at(&format!("delivery-{n}"))).collect();
        assert!((1..50).filter(|n| all[*n] != all[0]).count() > 40);
    }

    #[test]
    fn relay_trouble_charges_nobody_and_waits_for_the_relay() {
        let attempt = attempt(Trouble::Relay, 3);
        assert_eq!(next(&attempt, OnUnknown::Resend), Next::Again { at: attempt.at, charged: false });
    }

    #[test]
    fn what_would_come_back_after_its_end_expires() {
        let late = Attempt { expires: "2026-11-16T07:00:10Z".parse().unwrap(), ..attempt(Trouble::Later, 0) };
        assert_eq!(next(&late, OnUnknown::Resend), Next::Expired);
    }

    #[test]
    fn permanent_refusals_end_it_and_size_is_tried_smaller_once() {
        assert_eq!(next(&attempt(Trouble::Never, 0), OnUnknown::Resend), Next::Bounced);
        assert_eq!(next(&attempt(Trouble::TooLarge, 0), OnUnknown::Resend), Next::Lighter);
        let smallest = Attempt { smallest: true, ..attempt(Trouble::TooLarge, 0) };
        assert_eq!(next(&smallest, OnUnknown::Resend), Next::Bounced);
    }

    #[test]
    fn the_perhaps_delivered_is_resent_or_held_as_the_settings_say() {
        assert!(matches!(next(&attempt(Trouble::Unknown, 0), OnUnknown::Resend), Next::Again { charged: true, .. }));
        assert_eq!(next(&attempt(Trouble::Unknown, 0), OnUnknown::Hold), Next::Held);
    }
}
