//! Schedule, cursor and the present → the runs that are due and those that are given up.
//!
//! Every fire time after the cursor is either a run or inside a range of skipped ones: none is dropped silently, none comes twice, for
//! the cursor never goes back, whatever the clock does. A report that is new, or whose schedule was edited, starts now: it makes up
//! for nothing that lies before.

use crate::calendar::Schedule;
use crate::report::{Missed, ReportSpec};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::VecDeque;
use std::iter;

/// How far the fire times of a report have been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When the report was first seen.
    pub known_since: Timestamp,
    /// Fire times up to here, itself included, have their rows.
    pub planned_until: Timestamp,
    /// The schedule and zone that held then; another one starts afresh.
    pub schedule: String,
}

/// What the look at a report's schedule ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Ascending.
    pub runs: Vec<Timestamp>,
    pub skipped: Option<Skipped>,
    /// To be stored together with the rest.
    pub cursor: Cursor,
}

/// Fire times that get no run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The first and the last of them.
    pub from: Timestamp,
    pub to: Timestamp,
    pub count: usize,
    /// In words for the admin.
    pub why: &'static str,
}

/// A planner that comes this late is merely busy or was restarted: nothing was missed.
const PUNCTUAL: SignedDuration = SignedDuration::from_mins(5);

/// How far back a schedule that was edited reaches. The planner looks every few seconds, so that an edit is never older; and nodes that
/// hold different schedules for a while must not throw away each other's fire times.
const EDITED: SignedDuration = SignedDuration::from_mins(1);

/// How old a missed fire time may be when `within` doesn't say, if the next one has not come before.
const WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many missed fire times `missed: all` makes up for.
const MOST: usize = 50;

/// What is due of `spec` by `now`; `None` for a report that is made by hand only.
pub fn plan(spec: &ReportSpec, cursor: Option<&Cursor>, now: Timestamp) -> Option<Planned> {
    let schedule = spec.schedule.as_ref()?;
    let zone = &spec.calendar.zone;
    let key = format!("{schedule} {}", zone.iana_name().unwrap_or("?"));
    let Some(cursor) = cursor else {
        let cursor = Cursor { known_since: now, planned_until: now, schedule: key };
        return Some(Planned { runs: Vec::new(), skipped: None, cursor });
    };
    // A cursor ahead of the clock, which was set back, stays where it is.
    let since = match cursor.schedule == key || cursor.planned_until > now {
        true => cursor.planned_until,
        false => now - EDITED,
    };
    let until = now.max(cursor.planned_until);
    let cursor = Cursor { known_since: cursor.known_since, planned_until: until, schedule: key };
    let fire_times = iter::successors(schedule.next(zone, since), |at| schedule.next(zone, *at));
    let (runs, skipped) = chosen(spec, schedule, zone, fire_times.take_while(|at| *at <= until), now);
    Some(Planned { runs, skipped, cursor })
}

/// Which of the fire times that have come get a run, by the report's policy.
fn chosen(
    spec: &ReportSpec,
    schedule: &Schedule,
    zone: &TimeZone,
    fire_times: impl Iterator<Item = Timestamp>,
    now: Timestamp,
) -> (Vec<Timestamp>, Option<Skipped>) {
    let most = if spec.missed.policy == Missed::All { MOST } else { 1 };
    let mut kept: VecDeque<Timestamp> = VecDeque::new();
    let mut skipped: Option<Skipped> = None;
    let mut skip = |at: Timestamp, why| {
        let range = skipped.get_or_insert(Skipped { from: at, to: at, count: 0, why });
        (range.to, range.count, range.why) = (at, range.count + 1, why);
    };
    for at in fire_times {
        kept.push_back(at);
        if kept.len() > most {
            skip(kept.pop_front().expect("one was just pushed"), "a newer one was due as well");
        }
    }
    while let Some(at) = kept.front().copied().filter(|at| now.duration_since(*at) > PUNCTUAL) {
        let why = match spec.missed.policy {
            Missed::Skip => "`missed: skip` makes up for none",
            _ if now.duration_since(at) > within(spec, schedule, zone, at) => "it is older than `within` allows",
            _ => break,
        };
        kept.pop_front();
        skip(at, why);
    }
    (kept.into(), skipped)
}

/// Whether a run of the fire time `slot` that can only begin at `now` is not worth it any more.
pub fn is_too_late(spec: &ReportSpec, slot: Timestamp, now: Timestamp) -> bool {
    let late = now.duration_since(slot);
    let within = spec.schedule.as_ref().map(|schedule| within(spec, schedule, &spec.calendar.zone, slot));
    late > PUNCTUAL && within.is_some_and(|within| late > within)
}

/// How late a run of the fire time `at` may begin.
fn within(spec: &ReportSpec, schedule: &Schedule, zone: &TimeZone, at: Timestamp) -> SignedDuration {
    if let Some(within) = spec.missed.within {
        return SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX);
    }
    let next = schedule.next(zone, at).unwrap_or(Timestamp::MAX);
    if spec.missed.policy == Missed::All { WITHIN } else { next.duration_since(at).min(WITHIN) }
}

/// Until when the mails of the slot `at` are retried: the report's next fire time, a day at most and an hour at least.
pub fn expires(spec: &ReportSpec, from: Timestamp) -> Timestamp {
    let next = spec.schedule.as_ref().and_then(|schedule| schedule.next(&spec.calendar.zone, from));
    let next = next.unwrap_or(Timestamp::MAX);
    next.clamp(from + 1.hour(), from + 24.hours())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Cadence, Calendar};
    use crate::report::MissedRuns;
    use jiff::civil::Weekday;
    use std::time::Duration;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn spec(schedule: &str, policy: Missed, within: Option<Duration>) -> ReportSpec {
        let calendar = Calendar { zone: TimeZone::UTC, week_starts: Weekday::Monday, fiscal_year_starts: 1 };
        let mut spec = ReportSpec::of_kpis(Vec::new(), calendar, Cadence::Day);
        spec.schedule = Some(Schedule::parse(schedule).unwrap());
        spec.missed = MissedRuns { policy, within };
        spec
    }

    /// What is planned for a daily report at 08:00 that was last looked at on the 1st at noon.
    fn planned(spec: &ReportSpec, now: &str) -> Planned {
        let since = at("2026-11-01T12:00:00Z");
        let key = plan(spec, None, since).unwrap().cursor.schedule;
        let cursor = Cursor { known_since: since, planned_until: since, schedule: key };
        plan(spec, Some(&cursor), at(now)).unwrap()
    }

    #[track_caller]
    fn check(policy: Missed, within: Option<u64>, now: &str, runs: &[&str], skipped: Option<(&str, &str, usize)>) {
        let within = within.map(|hours| Duration::from_secs(hours * 3600));
        let planned = planned(&spec("daily at 08:00", policy, within), now);
        assert_eq!(planned.runs, runs.iter().map(|run| at(run)).collect::<Vec<_>>());
        let range = planned.skipped.map(|skipped| (skipped.from, skipped.to, skipped.count));
        assert_eq!(range, skipped.map(|(from, to, count)| (at(from), at(to), count)));
        assert_eq!(planned.cursor.planned_until, at(now));
    }

    /// CR-9
    #[test]
    fn three_missed_days_are_made_up_for_as_the_report_says() {
        let now = "2026-11-04T10:00:00Z";
        let [second, third, fourth] = ["2026-11-02T08:00:00Z", "2026-11-03T08:00:00Z", "2026-11-04T08:00:00Z"];
        check(Missed::Latest, None, now, &[fourth], Some((second, third, 2)));
        check(Missed::All, None, now, &[second, third, fourth], None);
        check(Missed::Skip, None, now, &[], Some((second, fourth, 3)));
        check(Missed::All, Some(30), now, &[third, fourth], Some((second, second, 1)));
        check(Missed::Latest, Some(1), now, &[], Some((second, fourth, 3)));
    }

    #[test]
    fn a_planner_that_is_a_little_late_has_missed_nothing() {
        check(Missed::Skip, None, "2026-11-02T08:00:20Z", &["2026-11-02T08:00:00Z"], None);
        check(Missed::Latest, Some(0), "2026-11-02T08:00:20Z", &["2026-11-02T08:00:00Z"], None);
        check(Missed::Latest, None, "2026-11-02T08:00:00Z", &["2026-11-02T08:00:00Z"], None);
        check(Missed::Latest, None, "2026-11-02T07:59:59.999Z", &[], None);
    }

    #[test]
    fn all_makes_up_for_fifty_at_most() {
        let spec = spec("*/15 * * * *", Missed::All, Some(Duration::from_secs(7 * 24 * 3600)));
        let planned = planned(&spec, "2026-11-03T12:00:00Z");
        assert_eq!(planned.runs.len(), 50);
        assert_eq!(planned.runs[49], at("2026-11-03T12:00:00Z"));
        assert_eq!(planned.skipped.unwrap().count, 4 * 48 - 50);
    }

    #[test]
    fn new_report_starts_now() {
        let planned = plan(&spec("daily at 08:00", Missed::All, None), None, at("2026-11-02T08:00:01Z")).unwrap();
        assert_eq!((planned.runs.len(), planned.skipped), (0, None));
    }

    /// CF-5
    #[test]
    fn edited_schedule_makes_up_for_nothing_before_the_edit() {
        let old = planned(&spec("daily at 08:00", Missed::All, None), "2026-11-02T07:00:00Z").cursor;
        let edited = spec("daily at 06:00", Missed::All, None);
        let planned = plan(&edited, Some(&old), at("2026-11-02T09:00:00Z")).unwrap();
        assert_eq!((planned.runs.len(), planned.skipped), (0, None));
        let next = plan(&edited, Some(&planned.cursor), at("2026-11-03T06:00:00Z")).unwrap();
        assert_eq!(next.runs, [at("2026-11-03T06:00:00Z")]);
    }

    /// CK-7
    #[test]
    fn fire_time_that_the_new_rules_of_its_zone_move_back_is_not_due_again() {
        let in_zone = |rules: &str| {
            let mut spec = spec("daily at 08:00", Missed::All, None);
            spec.calendar.zone = TimeZone::posix(rules).unwrap();
            spec
        };
        let (before, after) = (in_zone("XXX-1"), in_zone("XXX-2"));
        let since = plan(&before, None, at("2026-11-01T12:00:00Z")).unwrap().cursor;
        let planned = plan(&before, Some(&since), at("2026-11-02T07:00:01Z")).unwrap();
        assert_eq!(planned.runs, [at("2026-11-02T07:00:00Z")]);
        let next = plan(&after, Some(&planned.cursor), at("2026-11-03T06:00:01Z")).unwrap();
        assert_eq!(next.runs, [at("2026-11-03T06:00:00Z")]);
    }

    /// HA-7
    #[test]
    fn nodes_with_different_schedules_lose_no_fire_time_of_each_other() {
        let [one, other] = ["daily at 08:00", "daily at 09:00"].map(|text| spec(text, Missed::Latest, None));
        let before = planned(&other, "2026-11-02T07:59:58Z").cursor;
        let planned = plan(&one, Some(&before), at("2026-11-02T08:00:01Z")).unwrap();
        assert_eq!(planned.runs, [at("2026-11-02T08:00:00Z")]);
    }

    /// CK-3
    #[test]
    fn clock_that_goes_back_repeats_nothing() {
        let spec = spec("daily at 08:00", Missed::All, None);
        let done = planned(&spec, "2026-11-02T08:00:05Z");
        assert_eq!(done.runs.len(), 1);
        for now in ["2026-11-02T07:00:00Z", "2026-11-02T08:00:00Z", "2026-11-01T08:00:00Z", "2026-11-02T08:00:06Z"] {
            let again = plan(&spec, Some(&done.cursor), at(now)).unwrap();
            assert_eq!((again.runs.len(), again.skipped), (0, None), "{now}");
            assert!(again.cursor.planned_until >= done.cursor.planned_until, "{now}");
        }
    }

    /// A11
    #[test]
    fn a_run_that_others_kept_waiting_is_given_up_when_it_is_older_than_its_window() {
        let often = spec("* * * * *", Missed::Latest, None);
        let slot = at("2026-11-02T08:00:00Z");
        assert!(!is_too_late(&often, slot, at("2026-11-02T08:04:59Z")));
        assert!(is_too_late(&often, slot, at("2026-11-02T08:05:01Z")));
        let daily = spec("daily at 08:00", Missed::Latest, None);
        assert!(!is_too_late(&daily, slot, at("2026-11-03T07:59:00Z")));
        assert!(is_too_late(&daily, slot, at("2026-11-03T08:00:01Z")));
    }

    #[test]
    fn retries_end_before_the_next_edition() {
        let daily = spec("daily at 08:00", Missed::Latest, None);
        assert_eq!(expires(&daily, at("2026-11-02T20:00:00Z")), at("2026-11-03T08:00:00Z"));
        let weekly = spec("mondays at 08:00", Missed::Latest, None);
        assert_eq!(expires(&weekly, at("2026-11-02T08:00:00Z")), at("2026-11-03T08:00:00Z"));
        let often = spec("* * * * *", Missed::Latest, None);
        assert_eq!(expires(&often, at("2026-11-02T08:00:00Z")), at("2026-11-02T09:00:00Z"));
    }
}
