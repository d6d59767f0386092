//! How the daemon treats its mail server: not at all while it is out of order, and never faster than the settings allow (pure).

use jiff::{SignedDuration, Timestamp};

/// Opens after trouble with the server itself, for all deliveries at once.
#[derive(Debug, Default)]
pub struct Breaker {
    open: Option<Open>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    until: Timestamp,
    since: Timestamp,
    pause: SignedDuration,
}

/// The first pause; each further one doubles, up to the longest.
const SHORTEST: SignedDuration = SignedDuration::from_secs(30);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// A login or certificate that is refused is mended by a person.
const BY_HAND: SignedDuration = SignedDuration::from_mins(15);

impl Breaker {
    /// The server was out of order at `now`. Gives until when it is left alone, and whether that is new.
    pub fn trip(&mut self, by_hand: bool, now: Timestamp) -> (Timestamp, bool) {
        let news = self.open.is_none();
        let (since, pause) = match &self.open {
            // Those who were talking to it at the same time met the same trouble.
            Some(open) if self.held(now).is_some() => return (open.until, false),
            Some(open) => (open.since, (open.pause * 2).min(LONGEST)),
            None => (now, SHORTEST),
        };
        let pause = if by_hand { BY_HAND } else { pause };
        let until = now + pause;
        self.open = Some(Open { until, since, pause });
        (until, news)
    }

    /// It took a mail. Gives since when it had been out of order, if it was.
    pub fn mend(&mut self) -> Option<Timestamp> {
        self.open.take().map(|open| open.since)
    }

    /// Until when it is left alone at `now`.
    pub fn held(&self, now: Timestamp) -> Option<Timestamp> {
        // No pause is longer than that: a clock that went back must not stop the mails for hours.
        let still = |until: &Timestamp| now < *until && until.duration_since(now) <= BY_HAND;
        self.open.as_ref().map(|open| open.until).filter(still)
    }

    /// Whether only one mail should be tried: the server has not answered well since it was out of order.
    pub fn is_probing(&self) -> bool {
        self.open.is_some()
    }
}

/// Spreads mails evenly over time.
#[derive(Debug)]
pub struct Pace {
    every: SignedDuration,
    next: Timestamp,
}

impl Pace {
    /// `per_minute` mails a minute.
    pub fn new(per_minute: f64) -> Pace {
        Pace { every: SignedDuration::from_secs_f64(60.0 / per_minute), next: Timestamp::MIN }
    }

    /// How long after `now` the next mail may go; it is taken as gone then.
    pub fn wait(&mut self, now: Timestamp) -> SignedDuration {
        // A clock that went back must not stop the mails for hours.
        let at = self.next.clamp(now, now + SignedDuration::from_mins(1).max(self.every));
        self.next = at + self.every;
        at.duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let mut breaker = Breaker::default();
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let (until, _) = breaker.trip(false, now);
            pauses.push(until.duration_since(now).as_secs());
            now = until;
        }
        assert_eq!(pauses, [30, 60, 120, 240, 300, 300]);
        assert_eq!(breaker.mend(), Some(at(0)));
        assert_eq!(breaker.held(now), None);
    }

    #[test]
    fn many_who_meet_the_same_trouble_lengthen_nothing() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(false, at(0)), (at(30), true));
        assert_eq!(breaker.trip(false, at(1)), (at(30), false));
        assert_eq!(breaker.held(at(29)), Some(at(30)));
        assert_eq!(breaker.held(at(30)), None);
        assert!(breaker.is_probing());
    }

    /// SM-12
    #[test]
    fn what_a_person_must_mend_is_probed_every_quarter_of_an_hour() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(true, at(0)), (at(900), true));
        assert_eq!(breaker.trip(true, at(900)), (at(1800), false));
    }

    /// CK-3
    #[test]
    fn a_clock_that_goes_back_ends_the_pause() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(false, at(3600)), (at(3630), true));
        assert_eq!(breaker.held(at(3600)), Some(at(3630)));
        assert_eq!(breaker.held(at(0)), None);
        assert_eq!(breaker.trip(false, at(0)), (at(60), false));
    }

    #[test]
    fn mails_keep_their_distance_and_an_idle_hour_saves_none_up() {
        let mut pace = Pace::new(60.0);
        let waits: Vec<i64> = [0, 0, 0, 3600, 3600].map(|now| pace.wait(at(now)).as_secs()).into();
        assert_eq!(waits, [0, 1, 2, 0, 1]);
    }
}
