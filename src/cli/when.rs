//! `--period` and `--as-of`: which period is measured, and as if it were when.

use super::wrong;
use crate::calendar::{Cadence, Calendar, Period, clock};
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
pub struct When {
    /// A day, week, month, quarter or year: 2026-11-16, 2026-W46, 2026-10, 2026-Q3, 2026
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// As if it were then: 2026-11-16, 2026-11-16T08:00 or 2026-11-16T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
}

/// The period asked for, and the moment from which it is seen.
pub struct Chosen {
    pub period: Period,
    pub now: Timestamp,
}

impl When {
    /// The period named, or the last complete one of `cadence` (the running one when `to_date`).
    ///
    /// # Errors
    /// A text that is no period or time, or a period that has not begun.
    pub fn choose(&self, calendar: &Calendar, cadence: Cadence, to_date: bool) -> anyhow::Result<Chosen> {
        let now = self.now(calendar)?;
        let Some(text) = &self.period else {
            let period = if to_date { calendar.running(cadence, now) } else { calendar.last_complete(cadence, now) };
            return Ok(Chosen { period, now });
        };
        let period = calendar.parse(text).map_err(|error| wrong(error.to_string(), None))?;
        if now <= period.window.start {
            return Err(wrong(format!("{text} has not begun: it starts on {}", period.first), None));
        }
        // A period that is not over is measured as far as it has come, and says so.
        let period = if now < period.window.end { calendar.running(period.cadence, now) } else { period };
        Ok(Chosen { period, now })
    }

    fn now(&self, calendar: &Calendar) -> anyhow::Result<Timestamp> {
        self.as_of.as_ref().map_or_else(|| Ok(clock::now()), |text| instant(text, calendar))
    }
}

/// The instant that `text` means in the zone of `calendar`.
///
/// # Errors
/// It is none.
pub fn instant(text: &str, calendar: &Calendar) -> anyhow::Result<Timestamp> {
    calendar.moment(text).map_err(|error| wrong(error.to_string(), None))
}

/// An instant as sentences say it: `Mon 2026-11-16 08:00 CET`.
pub fn said(at: Timestamp, calendar: &Calendar) -> String {
    at.to_zoned(calendar.zone.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// An instant as tables say it, whose heading names the zone: `2026-11-16 08:00`.
pub fn short(at: Timestamp, calendar: &Calendar) -> String {
    at.to_zoned(calendar.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
