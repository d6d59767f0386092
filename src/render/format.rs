//! Numbers as a reader of a locale writes them.
//!
//! Digits, grouping and signs come from CLDR (ICU4X). Where a currency symbol and a percent sign stand is not in its stable part:
//! [`affix`](super::affix) holds that. Rounding is half to even on the shortest decimal digits that mean the number, so 2.675 is
//! 2.68 at two decimals although the nearest double lies below. Zero has no sign. Deliberately absent: words and dates.

mod short;
mod sums;
#[cfg(test)]
mod tests;

use super::affix::{self, Affix, Sign};
use super::texts::Arg;
use crate::formula::Value;
use crate::measure::{Good, Level, Unit};
use crate::text::cldr;
use fixed_decimal::{Decimal, FloatPrecision, SignDisplay, SignedRoundingMode, UnsignedRoundingMode};
use icu_decimal::DecimalFormatter;

/// What stands where there is no number.
pub const MISSING: &str = "—";

/// Writes numbers for one locale; an amount in the installation's currency is in `currency`.
#[derive(Debug)]
pub struct Format {
    digits: DecimalFormatter,
    language: String,
    region: String,
    currency: String,
}

/// A text that is no locale, or one of a language that CLDR has no data for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("CLDR knows no locale `{0}`; write language and region as in es-ES or en-GB")]
pub struct UnknownLocale(pub(super) String);

impl Format {
    /// `locale` as CLDR names it (`es-ES`), `currency` as ISO 4217 does (`EUR`). A region that CLDR lacks writes as the nearest.
    ///
    /// # Errors
    /// `locale` is not formed like one, or its language is none that CLDR knows.
    pub fn new(locale: &str, currency: &str) -> Result<Format, UnknownLocale> {
        let unknown = || UnknownLocale(locale.to_owned());
        let parsed = cldr::locale(locale).ok_or_else(unknown)?;
        Ok(Format {
            digits: DecimalFormatter::try_new((&parsed).into(), Default::default()).map_err(|_| unknown())?,
            language: parsed.id.language.as_str().to_owned(),
            region: parsed.id.region.map(|region| region.as_str().to_owned()).unwrap_or_default(),
            currency: currency.to_owned(),
        })
    }

    /// `17,5 %`, `1.234 €`, `12`; [`MISSING`] for a missing value. `decimals` are the KPI's own, or the unit's usual ones.
    pub fn value(&self, value: &Value, unit: &Unit, decimals: Option<u8>) -> String {
        value.number().map_or(MISSING.to_owned(), |number| self.number(number, unit, decimals))
    }

    pub fn number(&self, number: f64, unit: &Unit, decimals: Option<u8>) -> String {
        let decimals = decimals.unwrap_or_else(|| self.decimals(number, unit));
        self.affixed(decimal(number, unit, decimals), SignDisplay::Negative, &self.affix(unit))
    }

    /// A difference with its sign: `+41 €`; of percentages in points, `-1,2 pp`, since a percentage of a percentage misleads.
    pub fn amount(&self, amount: f64, unit: &Unit, decimals: Option<u8>) -> String {
        let affix = if *unit == Unit::Percent { Affix::after("pp") } else { self.affix(unit) };
        let decimals = decimals.unwrap_or_else(|| self.decimals(amount, unit));
        self.affixed(decimal(amount, unit, decimals), SignDisplay::ExceptZero, &affix)
    }

    /// How `to` compares with `from`: `+18,0 %`, or points for percentages. From 0 there is no share: the difference itself.
    /// `decimals` are for points and differences.
    pub fn change(&self, from: &Value, to: &Value, unit: &Unit, decimals: Option<u8>) -> String {
        let Some((from, to)) = from.number().zip(to.number()) else { return MISSING.to_owned() };
        let Some(share) = share(from, to, unit) else { return self.amount(to - from, unit, decimals) };
        // Tenths of a percent say something about a small change only.
        let decimals = u8::from(share.abs() < 1.0);
        self.affixed(decimal(share, &Unit::Percent, decimals), SignDisplay::ExceptZero, &self.affix(&Unit::Percent))
    }

    /// `≥ 95 %`, `≤ 250 €`, `20–30`: decimals that are only zeros are left out, since a target is typed by a person. A target that
    /// isn't whole of a count, which is prorated or computed, has one decimal more, and none that isn't 0 reads as 0.
    pub fn target(&self, level: Level, good: Option<Good>, unit: &Unit, decimals: Option<u8>) -> String {
        let affix = self.affix(unit);
        let bound = |number: f64, affix: &Affix| self.bound(number, unit, decimals, affix);
        match (level, good) {
            (Level::Value(value), Some(Good::Up)) => format!("≥\u{a0}{}", bound(value, &affix)),
            (Level::Value(value), Some(Good::Down)) => format!("≤\u{a0}{}", bound(value, &affix)),
            (Level::Value(value), _) => format!("=\u{a0}{}", bound(value, &affix)),
            (Level::Between(low, high), _) => {
                // The unit stands once, at the outer end; a minus beside a dash needs room.
                let dash = if low < 0.0 || high < 0.0 { " – " } else { "–" };
                let (before, after) = affix.apart();
                format!("{}{dash}{}", bound(low, &before), bound(high, &after))
            }
        }
    }

    /// As many decimals as tell `number`, and none that are only zeros.
    fn bound(&self, number: f64, unit: &Unit, decimals: Option<u8>, affix: &Affix) -> String {
        let usual = decimals.unwrap_or_else(|| self.decimals(number, unit));
        let enough = usual + u8::from(!is_told(number, unit, usual));
        let finer = (enough..=9).map(|decimals| decimal(number, unit, decimals));
        let telling = finer.flatten().find(|decimal| !decimal.absolute.is_zero());
        let mut decimal = telling.or_else(|| decimal(number, unit, usual));
        if let Some(decimal) = &mut decimal {
            decimal.absolute.trim_end_if_integer();
        }
        self.affixed(decimal, SignDisplay::Negative, affix)
    }

    /// A distance, which has no sign: `41 €`, `1,2 pp`; as many decimals as it takes for it not to read as none.
    pub fn gap(&self, amount: f64, unit: &Unit, decimals: Option<u8>) -> String {
        let affix = if *unit == Unit::Percent { Affix::after("pp") } else { self.affix(unit) };
        let usual = decimals.unwrap_or_else(|| self.decimals(amount, unit));
        let shown = |decimals| self.affixed(decimal(amount.abs(), unit, decimals), SignDisplay::Never, &affix);
        let telling = (usual..=9).map(shown).find(|shown| !Format::is_nil(shown));
        telling.unwrap_or_else(|| shown(usual))
    }

    /// Whether `shown` has no digit but zero: a change that rounding leaves nothing of.
    pub fn is_nil(shown: &str) -> bool {
        !shown.contains(|c: char| c.is_numeric() && !"0٠۰०০".contains(c))
    }

    /// The installation's currency, as ISO 4217 writes it.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    fn affix(&self, unit: &Unit) -> Affix {
        match unit {
            Unit::Count | Unit::Number | Unit::Ratio => Affix::default(),
            Unit::Percent => affix::percent(&self.language, &self.region),
            Unit::Currency(own) => {
                affix::currency(own.as_deref().unwrap_or(&self.currency), &self.language, &self.region)
            }
            Unit::Minutes => Affix::after("min"),
            Unit::Hours => Affix::after("h"),
            Unit::Days => Affix::after("d"),
        }
    }

    /// Cents say nothing beside thousands.
    fn decimals(&self, number: f64, unit: &Unit) -> u8 {
        match unit {
            Unit::Count => 0,
            Unit::Number | Unit::Ratio => 2,
            Unit::Percent | Unit::Minutes | Unit::Hours | Unit::Days => 1,
            Unit::Currency(_) if number.abs() >= 1000.0 => 0,
            Unit::Currency(own) => affix::cents(own.as_deref().unwrap_or(&self.currency)),
        }
    }

    /// A whole number as an argument of a message: it chooses the plural and reads as the locale has it.
    pub fn count(&self, count: usize) -> Arg<'static> {
        Arg::count(count, self.whole(count as f64))
    }

    /// A round number beside a line of a chart: short, and without decimals that are only zeros.
    pub fn round(&self, number: f64, unit: &Unit) -> String {
        match unit {
            Unit::Percent | Unit::Minutes | Unit::Hours | Unit::Days => {
                self.bound(number, unit, None, &self.affix(unit))
            }
            _ => self.compact(number, unit),
        }
    }

    /// `12.345`: a number of things.
    pub fn whole(&self, number: f64) -> String {
        self.number(number, &Unit::Count, None)
    }

    /// `0,21`: a number that somebody wrote, with as many decimals as it has.
    pub fn exact(&self, number: f64) -> String {
        let decimal = Decimal::try_from_f64(number, FloatPrecision::RoundTrip).ok();
        self.affixed(decimal, SignDisplay::Negative, &Affix::default())
    }

    /// A number of more than fifteen digits, which nobody reads and no page holds, as one of two: `1,7E300`.
    fn power(&self, decimal: &mut Decimal) -> String {
        let exponent = decimal.absolute.nonzero_magnitude_start();
        if exponent < 15 {
            return String::new();
        }
        decimal.absolute.multiply_pow10(-exponent);
        decimal.round_with_mode(-1, SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven));
        decimal.absolute.trim_end();
        format!("E{}", self.digits.format(&Decimal::from(exponent)))
    }

    fn affixed(&self, decimal: Option<Decimal>, sign: SignDisplay, affix: &Affix) -> String {
        let Some(mut decimal) = decimal else { return MISSING.to_owned() };
        decimal.apply_sign_display(sign);
        let power = self.power(&mut decimal);
        let text = self.digits.format(&decimal).to_string();
        let (sign, digits) = text.split_at(text.find(char::is_numeric).unwrap_or(0));
        let digits = match affix.thousands {
            Some(thousands) => digits.replace('\u{a0}', thousands.encode_utf8(&mut [0; 4])),
            None => digits.to_owned(),
        };
        let digits = digits + &power;
        let Affix { before, after, .. } = affix;
        match affix.sign {
            Sign::Close if !sign.is_empty() => format!("{}{sign}{digits}{after}", before.trim_end_matches('\u{a0}')),
            Sign::Spaced => format!("{before}{sign}{digits}{after}"),
            Sign::First | Sign::Close => format!("{sign}{before}{digits}{after}"),
        }
    }
}

/// The change from `from` to `to` as a share; none of a percentage, which changes in points, nor of what was nothing, next to nothing
/// or of the other sign.
pub(super) fn share(from: f64, to: f64, unit: &Unit) -> Option<f64> {
    let share = (to - from) / from.abs();
    (*unit != Unit::Percent && from * to >= 0.0 && share.abs() <= 100.0).then_some(share)
}

/// Whether `decimals` tell `number` as it is, but for what rounding of a float adds. Of money nobody asks for more than usual.
fn is_told(number: f64, unit: &Unit, decimals: u8) -> bool {
    let hidden = if *unit == Unit::Percent { 2 } else { 0 };
    let scaled = number * 10_f64.powi(i32::from(decimals) + hidden);
    matches!(unit, Unit::Currency(_)) || (scaled - scaled.round()).abs() < 1e-6
}

/// The digits to show, a percentage in hundredths; none for what is no finite number.
fn decimal(number: f64, unit: &Unit, decimals: u8) -> Option<Decimal> {
    let mut decimal = Decimal::try_from_f64(number, FloatPrecision::RoundTrip).ok()?;
    if *unit == Unit::Percent {
        // Moving the point is exact; multiplying 0.285 by 100 gives 28.499999999999996.
        decimal.absolute.multiply_pow10(2);
        decimal.absolute.trim_start();
    }
    let last = -i16::from(decimals);
    decimal.round_with_mode(last, SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven));
    decimal.absolute.pad_end(last);
    Some(decimal)
}
