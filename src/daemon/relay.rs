//! How the daemon treats its mail server: not at all while it is out of order, and never faster than the settings allow (pure).

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

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
    /// Whether the administrator was told.
    told: bool,
}

/// The end of a time out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mended {
    /// The server was to be left alone until then.
    pub until: Timestamp,
    /// Since when it had been out of order, if the administrator was told of that.
    pub told: Option<Timestamp>,
}

/// The first pause; each further one doubles, up to the longest.
const SHORTEST: SignedDuration = SignedDuration::from_secs(30);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// A login or certificate that is refused is mended by a person.
const BY_HAND: SignedDuration = SignedDuration::from_mins(15);
/// A pause of that length is worth a word: shorter ones end by themselves.
const WORTH_TELLING: SignedDuration = SignedDuration::from_mins(2);

impl Breaker {
    /// The server was out of order at `now`. Gives until when it is left alone, and, once it is worth telling
    /// the administrator, since when it has been out of order: once.
    pub fn trip(&mut self, by_hand: bool, now: Timestamp) -> (Timestamp, Option<Timestamp>) {
        let (since, pause, told) = match &self.open {
            // Those who were talking to it at the same time met the same trouble.
            Some(open) if self.held(now).is_some() => return (open.until, None),
            Some(open) => (open.since, (open.pause * 2).min(LONGEST), open.told),
            None => (now, SHORTEST, false),
        };
        let pause = if by_hand { BY_HAND } else { pause };
        let tell = !told && pause >= WORTH_TELLING;
        let until = now + pause;
        self.open = Some(Open { until, since, pause, told: told || tell });
        (until, tell.then_some(since))
    }

    /// It took a mail. `None`: as ever.
    pub fn mend(&mut self) -> Option<Mended> {
        let Open { until, since, told, .. } = self.open.take()?;
        Some(Mended { until, told: told.then_some(since) })
    }

    /// It may be tried at once.
    pub fn forgive(&mut self) {
        if let Some(open) = &mut self.open {
            open.until = Timestamp::MIN;
        }
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
    every: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// `per_minute` mails a minute.
    pub fn new(per_minute: f64) -> Pace {
        Pace { every: Duration::from_secs_f64(60.0 / per_minute), next: None }
    }

    /// When the mail that is ready at `now` may go: not before `every` has passed since the one before.
    pub fn turn(&mut self, now: Instant) -> Instant {
        let turn = self.next.map_or(now, |next| next.max(now));
        self.next = Some(turn + self.every);
        turn
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
        let (mut pauses, mut told) = (Vec::new(), Vec::new());
        for _ in 0..6 {
            let (until, tell) = breaker.trip(false, now);
            told.extend(tell.map(|_| now));
            pauses.push(until.duration_since(now).as_secs());
            now = until;
        }
        assert_eq!(pauses, [30, 60, 120, 240, 300, 300]);
        assert_eq!(told, [at(30 + 60)]);
        assert_eq!(breaker.mend(), Some(Mended { until: now, told: Some(at(0)) }));
        assert_eq!((breaker.held(now), breaker.mend()), (None, None));
    }

    #[test]
    fn short_trouble_is_not_told_nor_its_end() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(false, at(0)).1, None);
        assert_eq!(breaker.mend(), Some(Mended { until: at(30), told: None }));
    }

    #[test]
    fn many_who_meet_the_same_trouble_lengthen_nothing() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(false, at(0)), (at(30), None));
        assert_eq!(breaker.trip(false, at(1)), (at(30), None));
        assert_eq!(breaker.held(at(29)), Some(at(30)));
        assert_eq!(breaker.held(at(30)), None);
        assert!(breaker.is_probing());
    }

    /// SM-12
    #[test]
    fn what_a_person_must_mend_is_probed_every_quarter_of_an_hour() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(true, at(0)), (at(900), Some(at(0))));
        assert_eq!(breaker.trip(true, at(900)), (at(1800), None));
        assert_eq!(breaker.mend(), Some(Mended { until: at(1800), told: Some(at(0)) }));
    }

    /// CK-3
    #[test]
    fn a_clock_that_goes_back_ends_the_pause() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.trip(false, at(3600)), (at(3630), None));
        assert_eq!(breaker.held(at(3600)), Some(at(3630)));
        assert_eq!(breaker.held(at(0)), None);
        assert_eq!(breaker.trip(false, at(0)), (at(60), None));
    }

    #[test]
    fn mails_keep_their_distance_however_many_wait_and_an_idle_hour_saves_none_up() {
        let mut pace = Pace::new(1.0);
        let start = Instant::now();
        let mut turns = |at: u64| pace.turn(start + Duration::from_secs(at)).duration_since(start).as_secs();
        let waiting: Vec<u64> = (0..5).map(|_| turns(0)).collect();
        assert_eq!(waiting, [0, 60, 120, 180, 240]);
        assert_eq!([turns(3600), turns(3600)], [3600, 3660]);
    }
}
