use crate::calendar::{Calendar, Period};
use jiff::Timestamp;
use jiff::civil::Date;
pub struct Dates<'a>(pub &'a Calendar);
impl Dates<'_> {
    pub fn period(&self, period: &Period) -> String {
        format!("{} – {} · {}", period.first, period.last(), period.label(self.0))
    }
    pub fn period_short(&self, period: &Period) -> String {
        period.label(self.0)
    }
    pub fn long(&self, day: Date) -> String {
        day.to_string()
    }
    pub fn moment(&self, at: Timestamp) -> String {
        self.0.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
    }
}
