//! From wall time to instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The first instant at which the clock of `zone` shows `wall` or has passed it: the first of two when the clock repeats
/// `wall`, the end of the gap when the clock skips it. Never decreases as `wall` grows.
///
/// Saturates at the ends of what an instant can be, since databases hold sentinels such as 9999-12-31.
pub(super) fn first_instant(zone: &TimeZone, wall: DateTime) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let instant = match ambiguous.offset() {
        // Read with the offset that holds after the gap, a skipped wall time lies before the gap.
        AmbiguousOffset::Gap { after, .. } => {
            after.to_timestamp(wall).map(|before| zone.following(before).next().map_or(before, |gap| gap.timestamp()))
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier(),
    };
    instant.unwrap_or(if wall.year() > 0 { Timestamp::MAX } else { Timestamp::MIN })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(zone: &str, wall: &str, expected: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let at = first_instant(&zone, wall.parse().unwrap());
        assert_eq!(at, expected.parse::<Timestamp>().unwrap(), "{wall} in {zone:?}");
    }

    #[test]
    fn skipped_wall_time_is_the_end_of_the_gap_and_repeated_the_first() {
        check("Europe/Madrid", "2026-07-01T08:00", "2026-07-01T06:00Z");
        check("Europe/Madrid", "2026-03-29T02:30", "2026-03-29T01:00Z");
        check("Europe/Madrid", "2026-10-25T02:30", "2026-10-25T00:30Z");
        check("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00Z");
        check("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30Z");
        // The gap begins on one day and ends on the next.
        check("America/Nuuk", "2026-03-28T23:30", "2026-03-29T01:00Z");
        // A whole day left out.
        check("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z");
        // 00:01 → 23:01 the day before.
        check("America/St_Johns", "2010-11-07T00:00", "2010-11-07T02:30Z");
    }

    #[test]
    fn sentinel_dates_saturate() {
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(first_instant(&zone, DateTime::MAX), Timestamp::MAX);
        assert_eq!(first_instant(&zone, DateTime::MIN), Timestamp::MIN);
    }
}
