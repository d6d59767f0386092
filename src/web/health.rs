//! What the daemon last said of itself → why it is not alive, why it is not ready.
//!
//! Alive is whether a restart would help: the planner looks at the clock. Ready is whether this node does its work. The reasons are
//! for people and hold nothing that the log would have to hide: errors of the store stay in the log.

use jiff::{SignedDuration, Timestamp};

/// The planner looks every 20 s; one that has missed three looks is stuck.
const PLANNER_STUCK: SignedDuration = SignedDuration::from_secs(60);

/// A node that reached the store no later than this still holds its leases.
const CUT_OFF: SignedDuration = SignedDuration::from_secs(20);

/// A clock that is off by more would start reports at another time than the other nodes.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Health {
    /// When the planner last ran; at first, when the program started.
    pub(super) planner_ran: Timestamp,
    /// Why nothing new is planned.
    pub(super) held: Option<String>,
    /// When the store last took a write.
    pub(super) written: Option<Timestamp>,
    pub(super) store_works: bool,
    pub(super) configured: bool,
    /// By how much this node's clock is ahead of the store's.
    pub(super) skew: SignedDuration,
}

impl Health {
    pub(super) fn new(started: Timestamp) -> Health {
        Health {
            planner_ran: started,
            held: None,
            written: None,
            store_works: false,
            configured: false,
            skew: SignedDuration::ZERO,
        }
    }

    /// Why the daemon is stuck; nothing when it is alive.
    pub(super) fn stuck(&self, now: Timestamp) -> Vec<String> {
        let idle = now.duration_since(self.planner_ran);
        let stuck = (idle >= PLANNER_STUCK).then(|| format!("the planner has not run for {} s", idle.as_secs()));
        stuck.into_iter().collect()
    }

    /// Why the daemon can't do its work; nothing when it is ready.
    pub(super) fn hindered(&self, now: Timestamp) -> Vec<String> {
        let held = self.held.as_ref().map(|why| format!("planning is held: {why}"));
        let configured = (!self.configured).then(|| "no configuration is loaded yet".to_owned());
        let skew = (self.skew.abs() >= SKEW)
            .then(|| format!("this node's clock is {:.1} s off that of the store", self.skew.abs().as_secs_f64()));
        [configured, self.store(now), skew, held].into_iter().flatten().collect()
    }

    fn store(&self, now: Timestamp) -> Option<String> {
        let Some(written) = self.written else {
            return Some("the store has taken no write yet".to_owned());
        };
        let silent = now.duration_since(written);
        if !self.store_works {
            Some(format!("the store has refused writes for {} s: the log says why", silent.as_secs()))
        } else if silent > CUT_OFF {
            Some(format!("this node has not reached the store for {} s", silent.as_secs()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ready() -> Health {
        Health { written: Some(at(1000)), store_works: true, configured: true, ..Health::new(at(1000)) }
    }

    /// A20
    #[test]
    fn planner_that_stands_still_for_a_minute_is_stuck() {
        assert!(ready().stuck(at(1059)).is_empty());
        assert_eq!(ready().stuck(at(1060)), ["the planner has not run for 60 s"]);
        assert!(ready().stuck(at(900)).is_empty(), "a clock that was set back is no reason");
    }

    /// CK-8
    #[test]
    fn node_whose_clock_is_half_a_minute_off_is_not_ready() {
        let skewed = |seconds| Health { skew: SignedDuration::from_secs(seconds), ..ready() }.hindered(at(1000));
        assert!(skewed(29).is_empty());
        assert!(skewed(-29).is_empty());
        assert_eq!(skewed(30), ["this node's clock is 30.0 s off that of the store"]);
        assert_eq!(skewed(-120), ["this node's clock is 120.0 s off that of the store"]);
    }

    /// DS-1, DS-2, DS-5
    #[test]
    fn node_without_a_store_that_works_is_not_ready() {
        assert!(ready().hindered(at(1020)).is_empty());
        assert_eq!(ready().hindered(at(1021)), ["this node has not reached the store for 21 s"]);
        let refused = Health { store_works: false, ..ready() };
        assert_eq!(refused.hindered(at(1003)), ["the store has refused writes for 3 s: the log says why"]);
    }

    #[test]
    fn every_reason_is_told() {
        let held = Health { held: Some("the clock jumped 40 days".to_owned()), ..Health::new(at(0)) };
        assert_eq!(
            held.hindered(at(0)),
            [
                "no configuration is loaded yet",
                "the store has taken no write yet",
                "planning is held: the clock jumped 40 days",
            ]
        );
    }
}
