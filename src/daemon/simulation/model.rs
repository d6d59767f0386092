//! What is owed, told a second time: fire times by walking the clock, and which of them get a run. Nothing here asks `calendar` or `outbox`.

use crate::calendar::{Cadence, Calendar, Schedule};
use crate::report::{Missed, MissedRuns, ReportSpec};
use crate::text::Name;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;
use std::sync::Arc;

/// When a report is due, in quarters of an hour of its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Every real hour or part of it, whatever the clocks on the wall do.
    Every { minutes: i8 },
    /// Once at each of these times, also on the days that clocks are changed; on one day of the week, or on all.
    At { hours: Vec<i8>, minute: i8, weekday: Option<i8> },
}

/// A report of the simulation.
#[derive(Debug, Clone)]
pub struct Paper {
    pub id: Name,
    pub pattern: Pattern,
    pub zone: TimeZone,
    pub missed: MissedRuns,
    pub to: Vec<&'static str>,
}

/// A quarter of an hour: all patterns, and all changes of clocks, lie on them.
const STEP: i64 = 15 * 60;

impl Pattern {
    fn cron(&self) -> String {
        match self {
            Pattern::Every { minutes: 60 } => "0 * * * *".to_owned(),
            Pattern::Every { minutes } => format!("*/{minutes} * * * *"),
            Pattern::At { hours, minute, weekday } => {
                let hours = hours.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
                let weekday = weekday.map_or("*".to_owned(), |day| day.to_string());
                format!("{minute} {hours} * * {weekday}")
            }
        }
    }

    /// Whether the clock on the wall shows such a time when it goes on from `before` to `local`.
    fn passes(&self, before: DateTime, local: DateTime) -> bool {
        let (hours, minute, weekday) = match self {
            Pattern::Every { minutes } => return local.minute() % minutes == 0,
            Pattern::At { hours, minute, weekday } => (hours, *minute, *weekday),
        };
        let shown = |at: &DateTime| {
            at.minute() == minute
                && hours.contains(&at.hour())
                && weekday.is_none_or(|day| at.weekday() == Weekday::from_sunday_zero_offset(day).unwrap())
        };
        std::iter::successors(Some(before + 15.minutes()), |at| Some(*at + 15.minutes()))
            .take_while(|at| *at <= local)
            .any(|at| shown(&at))
    }

    /// The fire times after `after` up to `until`, itself included.
    pub fn fires(&self, zone: &TimeZone, after: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let instant = |seconds| Timestamp::from_second(seconds).unwrap();
        // Begun earlier, so that it is known which times of the wall are shown for the second time.
        let start = (after.as_second() / STEP) * STEP - 3 * 3600;
        let mut latest = zone.to_datetime(instant(start));
        let mut fires = Vec::new();
        for at in (1..).map(|n| instant(start + n * STEP)).take_while(|at| *at <= until) {
            let local = zone.to_datetime(at);
            if self.passes(latest, local) && at > after {
                fires.push(at);
            }
            latest = latest.max(local);
        }
        fires
    }

    pub fn next(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        // Most come within a day.
        [26, 8 * 24].into_iter().find_map(|hours| self.fires(zone, after, after + hours.hours()).first().copied())
    }
}

impl Paper {
    /// What the program knows of it.
    pub fn spec(&self) -> ReportSpec {
        let calendar = Calendar { zone: self.zone.clone(), week_starts: Weekday::Monday, fiscal_year_starts: 1 };
        let mut spec = ReportSpec::of_kpis(Vec::new(), calendar, Cadence::Day);
        spec.id = self.id.clone();
        spec.schedule = Some(Schedule::parse(&self.pattern.cron()).unwrap());
        spec.missed = self.missed;
        spec
    }

    /// Each of the `fires` that came due together, with whether it gets a run from a planner that looks at `now`.
    pub fn owed(&self, fires: &[Timestamp], now: Timestamp) -> BTreeMap<Timestamp, bool> {
        let most = if self.missed.policy == Missed::All { 50 } else { 1 };
        let gets_one = |(newer, at): (usize, Timestamp)| {
            let age = now.duration_since(at);
            let punctual = age <= SignedDuration::from_mins(5);
            (at, newer < most && (punctual || self.missed.policy != Missed::Skip && age <= self.within(at)))
        };
        fires.iter().rev().copied().enumerate().map(gets_one).collect()
    }

    fn within(&self, at: Timestamp) -> SignedDuration {
        let week = SignedDuration::from_hours(7 * 24);
        match (self.missed.within, self.missed.policy) {
            (Some(within), _) => SignedDuration::try_from(within).unwrap(),
            (None, Missed::All) => week,
            (None, _) => self.pattern.next(&self.zone, at).map_or(week, |next| next.duration_since(at).min(week)),
        }
    }
}

/// The reports as they are declared at a time.
pub struct Edition {
    pub papers: BTreeMap<Name, Paper>,
    pub specs: Arc<BTreeMap<Name, ReportSpec>>,
}

impl Edition {
    pub fn new(papers: BTreeMap<Name, Paper>) -> Edition {
        let specs = papers.iter().map(|(id, paper)| (id.clone(), paper.spec())).collect();
        Edition { papers, specs: Arc::new(specs) }
    }

    pub fn with(&self, paper: Paper) -> Edition {
        let (mut papers, mut specs) = (self.papers.clone(), (*self.specs).clone());
        specs.insert(paper.id.clone(), paper.spec());
        papers.insert(paper.id.clone(), paper);
        Edition { papers, specs: Arc::new(specs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oracle_knows_the_days_on_which_clocks_are_changed() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let night = Pattern::At { hours: vec![2], minute: 30, weekday: None };
        let autumn = night.fires(&zone, at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z"));
        assert_eq!(autumn, [at("2026-10-25T00:30:00Z")]);
        let spring = night.fires(&zone, at("2027-03-27T12:00:00Z"), at("2027-03-28T12:00:00Z"));
        assert_eq!(spring, [at("2027-03-28T01:00:00Z")]);
        let hourly = Pattern::Every { minutes: 60 };
        assert_eq!(hourly.fires(&zone, at("2026-10-24T22:30:00Z"), at("2026-10-25T03:00:00Z")).len(), 5);
    }
}
