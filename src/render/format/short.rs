//! Numbers for places that are narrow, and lengths of time in their parts.

use super::{Format, MISSING};
use crate::measure::Unit;
use crate::render::affix;
use crate::render::texts::{Arg, Texts};
use fixed_decimal::{Decimal, FloatPrecision, SignDisplay, SignedRoundingMode, UnsignedRoundingMode};

impl Format {
    /// The same short enough for a chart or a narrow column: `1,2 M €`, `€12k`; at least two digits that count. Numbers that the
    /// language doesn't shorten, and those of units that don't grow large, are written out.
    pub fn compact(&self, number: f64, unit: &Unit) -> String {
        let shortens = matches!(unit, Unit::Count | Unit::Number | Unit::Ratio | Unit::Currency(_));
        let powers = if shortens { affix::shortened(&self.language, &self.region) } else { &[] };
        // What rounds to the next power up is written with it: 999 950 is 1 M.
        let below = |at: usize| at.checked_sub(1).map_or(0, |at| powers[at].0);
        let reaches = |at: usize| number.abs() >= ten_to(powers[at].0) - ten_to(below(at)) / 2.0;
        let power = (0..powers.len()).rev().find(|at| reaches(*at)).map(|at| powers[at]);
        let Some((decimal, suffix)) = power.and_then(|(power, suffix)| Some((short(number, power)?, suffix))) else {
            return self.number(number, unit, None);
        };
        let mut affix = self.affix(unit);
        affix.after.insert_str(0, suffix);
        self.affixed(Some(decimal), SignDisplay::Negative, &affix)
    }

    /// A length of time in its own parts: `3 h 15 min`, `2 d 4 h`; other units are written as ever. The two largest parts suffice.
    pub fn duration(&self, number: f64, unit: &Unit, texts: &Texts) -> String {
        let seconds = match unit {
            Unit::Minutes => 60.0,
            Unit::Hours => 3600.0,
            Unit::Days => 86_400.0,
            _ => return self.number(number, unit, None),
        };
        if !number.is_finite() {
            return MISSING.to_owned();
        }
        let total = number.abs() * seconds;
        // The smaller of the two parts is rounded before anything is split, so that no 60 min remain.
        let step = if total >= 86_400.0 {
            3600.0
        } else if total >= 3600.0 {
            60.0
        } else {
            1.0
        };
        let total = (total / step).round_ties_even() * step;
        let names = ["duration-days", "duration-hours", "duration-minutes", "duration-seconds"];
        let mut left = total;
        let parts = [86_400.0, 3600.0, 60.0, 1.0].map(|length| {
            let count = (left / length).floor();
            left -= count * length;
            count
        });
        let said = names.iter().zip(parts).filter(|(_, count)| *count > 0.0).take(2).map(|(name, count)| {
            let text = self.number(count, &Unit::Count, None);
            texts.say(name, &[("count", Arg::Number { number: count, decimals: 0, text: text.into() })])
        });
        let said: Vec<String> = said.collect();
        match said.is_empty() {
            true => self.number(0.0, unit, Some(0)),
            false if number < 0.0 => format!("{}{}", self.sign(), said.join(" ")),
            false => said.join(" "),
        }
    }

    /// The minus sign.
    fn sign(&self) -> String {
        let minus_one = self.number(-1.0, &Unit::Count, None);
        minus_one.split(char::is_numeric).next().unwrap_or_default().to_owned()
    }
}

fn ten_to(power: u8) -> f64 {
    10_f64.powi(power.into())
}

/// `number` in units of 10^`power`, with one decimal below ten; none for what is no finite number.
fn short(number: f64, power: u8) -> Option<Decimal> {
    let mut decimal = Decimal::try_from_f64(number, FloatPrecision::RoundTrip).ok()?;
    decimal.absolute.multiply_pow10(-i16::from(power));
    let last = if number.abs() < 9.95 * ten_to(power) { -1 } else { 0 };
    decimal.round_with_mode(last, SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven));
    decimal.absolute.trim_start();
    decimal.absolute.trim_end();
    decimal.absolute.pad_end(0);
    Some(decimal)
}
