//! Numbers as a reader of a locale writes them.
//!
//! Digits, grouping and signs come from CLDR (ICU4X). Where a currency symbol and a percent sign stand is not in its stable part:
//! [`affix`](super::affix) holds that. Rounding is half to even on the shortest decimal digits that mean the number, so 2.675 is
//! 2.68 at two decimals although the nearest double lies below. Zero has no sign. Deliberately absent: words and dates.

use super::affix::{self, Affix, Sign};
use super::texts::{Arg, Texts};
use crate::formula::Value;
use crate::measure::{Good, InForce, Level, Unit};
use crate::text::cldr;
use fixed_decimal::{Decimal, FloatPrecision, SignDisplay, SignedRoundingMode, UnsignedRoundingMode};
use icu_decimal::DecimalFormatter;
use std::borrow::Cow;

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
        if *unit == Unit::Percent || from == 0.0 {
            return self.amount(to - from, unit, decimals);
        }
        let share = (to - from) / from.abs();
        // Tenths of a percent say something about a small change only.
        let decimals = u8::from(share.abs() < 1.0);
        self.affixed(decimal(share, &Unit::Percent, decimals), SignDisplay::ExceptZero, &self.affix(&Unit::Percent))
    }

    /// `≥ 95 %`, `≤ 250 €`, `20–30`: decimals that are only zeros are left out, since a target is typed by a person. A target that
    /// isn't whole of a count, which is prorated or computed, has one decimal more, and none that isn't 0 reads as 0.
    pub fn target(&self, target: &InForce, good: Option<Good>, unit: &Unit, decimals: Option<u8>) -> String {
        let affix = self.affix(unit);
        let bound = |number: f64, affix: &Affix| {
            let usual = decimals.unwrap_or_else(|| self.decimals(number, unit));
            let enough = usual + u8::from(!is_told(number, unit, usual));
            let finer = (enough..=9).map(|decimals| decimal(number, unit, decimals));
            let telling = finer.flatten().find(|decimal| !decimal.absolute.is_zero());
            let mut decimal = telling.or_else(|| decimal(number, unit, usual));
            if let Some(decimal) = &mut decimal {
                decimal.absolute.trim_end_if_integer();
            }
            self.affixed(decimal, SignDisplay::Negative, affix)
        };
        match (target.level, good) {
            (Level::Value(value), Some(Good::Up)) => format!("≥ {}", bound(value, &affix)),
            (Level::Value(value), Some(Good::Down)) => format!("≤ {}", bound(value, &affix)),
            (Level::Value(value), _) => format!("= {}", bound(value, &affix)),
            (Level::Between(low, high), _) => {
                // The unit stands once, at the outer end; a minus beside a dash needs room.
                let dash = if low < 0.0 || high < 0.0 { " – " } else { "–" };
                let (before, after) = affix.apart();
                format!("{}{dash}{}", bound(low, &before), bound(high, &after))
            }
        }
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

    /// A whole number as an argument of a message: it chooses the plural and reads as the locale has it.
    pub fn count(&self, count: usize) -> Arg<'static> {
        Arg::count(count, self.number(count as f64, &Unit::Count, None))
    }

    /// The minus sign.
    fn sign(&self) -> String {
        let minus_one = self.number(-1.0, &Unit::Count, None);
        minus_one.split(char::is_numeric).next().unwrap_or_default().to_owned()
    }

    fn affixed(&self, decimal: Option<Decimal>, sign: SignDisplay, affix: &Affix) -> String {
        let Some(mut decimal) = decimal else { return MISSING.to_owned() };
        decimal.apply_sign_display(sign);
        let text = self.digits.format(&decimal).to_string();
        let (sign, digits) = text.split_at(text.find(char::is_numeric).unwrap_or(0));
        let digits = match affix.thousands {
            Some(thousands) => Cow::Owned(digits.replace('\u{a0}', thousands.encode_utf8(&mut [0; 4]))),
            None => Cow::Borrowed(digits),
        };
        let Affix { before, after, .. } = affix;
        match affix.sign {
            Sign::Close if !sign.is_empty() => format!("{}{sign}{digits}{after}", before.trim_end_matches('\u{a0}')),
            Sign::Spaced => format!("{before}{sign}{digits}{after}"),
            Sign::First | Sign::Close => format!("{sign}{before}{digits}{after}"),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Reason;
    use proptest::prelude::*;

    fn format(locale: &str, currency: &str) -> Format {
        Format::new(locale, currency).unwrap()
    }

    /// `~` stands for a no-break space, `^` for a narrow one.
    fn visible(text: &str) -> String {
        text.replace('\u{a0}', "~").replace('\u{202f}', "^")
    }

    #[track_caller]
    fn check(locale: &str, unit: &Unit, decimals: Option<u8>, number: f64, expected: &str) {
        let shown = format(locale, "EUR").number(number, unit, decimals);
        assert_eq!(visible(&shown), expected, "{number} {unit:?} in {locale}");
    }

    fn currency(code: &str) -> Unit {
        Unit::Currency(Some(code.to_owned()))
    }

    /// Expected values as a full ICU writes them.
    #[test]
    fn currencies_follow_the_locale() {
        let cases = [
            ("es-ES", "EUR", "1.234.567,89~€", "-1234,50~€"),
            ("es-ES", "USD", "1.234.567,89~US$", "-1234,50~US$"),
            ("es-ES", "GBP", "1.234.567,89~GBP", "-1234,50~GBP"),
            ("es-MX", "MXN", "$1,234,567.89", "-$1,234.50"),
            ("es-MX", "USD", "USD~1,234,567.89", "-USD~1,234.50"),
            ("es-MX", "EUR", "EUR~1,234,567.89", "-EUR~1,234.50"),
            ("es-CL", "CLP", "$1.234.567,89", "$-1.234,50"),
            ("es-CL", "EUR", "EUR~1.234.567,89", "EUR-1.234,50"),
            ("es-US", "USD", "$1,234,567.89", "-$1,234.50"),
            ("es-AR", "ARS", "$~1.234.567,89", "-$~1.234,50"),
            ("en-GB", "EUR", "€1,234,567.89", "-€1,234.50"),
            ("en-GB", "USD", "US$1,234,567.89", "-US$1,234.50"),
            ("en-GB", "GBP", "£1,234,567.89", "-£1,234.50"),
            ("en-US", "USD", "$1,234,567.89", "-$1,234.50"),
            ("en-US", "CHF", "CHF~1,234,567.89", "-CHF~1,234.50"),
            ("de-DE", "EUR", "1.234.567,89~€", "-1.234,50~€"),
            ("de-DE", "USD", "1.234.567,89~$", "-1.234,50~$"),
            ("fr-FR", "EUR", "1^234^567,89~€", "-1^234,50~€"),
            ("fr-FR", "USD", "1^234^567,89~$US", "-1^234,50~$US"),
            ("it-IT", "EUR", "1.234.567,89~€", "-1234,50~€"),
            ("pt-BR", "BRL", "R$~1.234.567,89", "-R$~1.234,50"),
            ("nl-NL", "EUR", "€~1.234.567,89", "€~-1.234,50"),
            ("de-AT", "EUR", "€~1.234.567,89", "-€~1.234,50"),
            ("de-CH", "CHF", "CHF~1'234'567.89", "CHF-1'234.50"),
            ("pt-PT", "EUR", "1~234~567,89~€", "-1234,50~€"),
            ("tr-TR", "EUR", "€1.234.567,89", "-€1.234,50"),
            ("ro-RO", "EUR", "1.234.567,89~EUR", "-1.234,50~EUR"),
            ("ja-JP", "JPY", "￥1,234,567.89", "-￥1,234.50"),
            ("sv-SE", "EUR", "1~234~567,89~€", "\u{2212}1~234,50~€"),
            ("en-IN", "EUR", "€12,34,567.89", "-€1,234.50"),
        ];
        for (locale, code, large, negative) in cases {
            check(locale, &currency(code), Some(2), 1_234_567.891, large);
            check(locale, &currency(code), Some(2), -1234.5, negative);
        }
    }

    #[test]
    fn percentages_follow_the_locale() {
        let cases = [
            ("es-ES", "17,5~%"),
            ("es-MX", "17.5%"),
            ("en-GB", "17.5%"),
            ("en-US", "17.5%"),
            ("de-DE", "17,5~%"),
            ("fr-FR", "17,5~%"),
            ("it-IT", "17,5%"),
            ("ru-RU", "17,5~%"),
            ("tr-TR", "%17,5"),
            ("eu-ES", "%~17,5"),
        ];
        for (locale, expected) in cases {
            check(locale, &Unit::Percent, None, 0.175, expected);
        }
    }

    #[test]
    fn decimals_are_the_units_unless_the_kpi_says() {
        let es = |unit: &Unit, number, expected| check("es-ES", unit, None, number, expected);
        es(&Unit::Count, 12345.0, "12.345");
        es(&Unit::Count, 1234.0, "1234");
        es(&Unit::Number, 0.5, "0,50");
        es(&Unit::Ratio, 4.0, "4,00");
        es(&Unit::Hours, 3.25, "3,2~h");
        es(&Unit::Minutes, 90.0, "90,0~min");
        es(&Unit::Days, -1.0, "-1,0~d");
        es(&Unit::Currency(None), 999.0, "999,00~€");
        es(&Unit::Currency(None), 1000.0, "1000~€");
        es(&currency("JPY"), 12.0, "12~JPY");
        check("es-ES", &Unit::Currency(None), Some(0), 312.4, "312~€");
        check("es-ES", &Unit::Percent, Some(2), 0.12345, "12,34~%");
    }

    #[test]
    fn rounding_is_half_to_even_on_the_digits_that_people_see() {
        let en = |decimals, number, expected| check("en-GB", &Unit::Number, Some(decimals), number, expected);
        en(0, 0.5, "0");
        en(0, 1.5, "2");
        en(2, 2.675, "2.68");
        en(2, 1.005, "1.00");
        en(1, 0.15, "0.2");
        check("en-GB", &Unit::Percent, Some(0), 0.285, "28%");
        check("en-GB", &Unit::Percent, Some(1), 0.285, "28.5%");
    }

    #[test]
    fn zero_has_no_sign_and_large_numbers_have_all_digits() {
        check("en-GB", &Unit::Count, None, -0.0, "0");
        check("en-GB", &Unit::Number, None, -0.004, "0.00");
        check("en-GB", &Unit::Count, None, 1e21, "1,000,000,000,000,000,000,000");
        check("en-GB", &Unit::Percent, None, 1e-300, "0.0%");
        assert_eq!(format("en-GB", "EUR").amount(-0.001, &Unit::Currency(None), None), "€0.00");
        assert_eq!(format("en-GB", "EUR").amount(f64::INFINITY, &Unit::Count, None), MISSING);
    }

    /// Expected values as a full ICU writes them, but that it never groups four digits here.
    #[test]
    fn large_numbers_are_shortened_as_the_language_does() {
        let check = |locale: &str, number, unit: &Unit, expected| {
            assert_eq!(visible(&format(locale, "EUR").compact(number, unit)), expected, "{number} in {locale}");
        };
        let cases = [
            ("es-ES", ["1,2~mil", "12~mil", "1,2~M", "1235~M", "1,2~B"]),
            ("es-MX", ["1.2~k", "12~k", "1.2~M", "1,235~M", "1.2~B"]),
            ("en-GB", ["1.2k", "12k", "1.2m", "1.2bn", "1.2tn"]),
            ("en-US", ["1.2K", "12K", "1.2M", "1.2B", "1.2T"]),
            ("de-DE", ["1.234", "12.345", "1,2~Mio.", "1,2~Mrd.", "1,2~Bio."]),
            ("fr-FR", ["1,2~k", "12~k", "1,2~M", "1,2~Md", "1,2~Bn"]),
            ("it-IT", ["1,2K", "12K", "1,2~Mln", "1,2~Mld", "1,2~Bln"]),
            ("pt-BR", ["1,2~mil", "12~mil", "1,2~mi", "1,2~bi", "1,2~tri"]),
            ("ja-JP", ["1,234", "1.2万", "123万", "12億", "1.2兆"]),
        ];
        for (locale, expected) in cases {
            let numbers = [1234.0, 12_345.0, 1_234_567.0, 1_234_567_890.0, 1.2e12];
            for (number, expected) in numbers.into_iter().zip(expected) {
                check(locale, number, &Unit::Count, expected);
            }
        }
        check("es-ES", 1_234_567.0, &Unit::Currency(None), "1,2~M~€");
        check("en-GB", -12_345.0, &Unit::Currency(None), "-€12k");
        check("es-ES", 999_960.0, &Unit::Count, "1~M");
        check("en-GB", 2_000_000.0, &Unit::Count, "2m");
        check("en-GB", 999.0, &Unit::Count, "999");
        check("en-GB", 0.0, &Unit::Count, "0");
        check("en-GB", 2500.0, &Unit::Percent, "250,000.0%");
        check("en-GB", f64::NAN, &Unit::Count, MISSING);
    }

    #[test]
    fn durations_are_told_in_two_parts() {
        let texts = crate::render::texts::AllTexts::load(None).unwrap().for_language(&["es"]);
        let check = |number, unit, expected| {
            assert_eq!(visible(&format("es-ES", "EUR").duration(number, &unit, &texts)), expected);
        };
        check(3.25, Unit::Hours, "3~h 15~min");
        check(0.5, Unit::Hours, "30~min");
        check(1.9999, Unit::Hours, "2~h");
        check(26.0, Unit::Hours, "1~d 2~h");
        check(-1.5, Unit::Days, "-1~d 12~h");
        check(1234.0, Unit::Days, "1234~d");
        check(2.5, Unit::Minutes, "2~min 30~s");
        check(0.0, Unit::Hours, "0~h");
        check(f64::NAN, Unit::Hours, MISSING);
        check(12.0, Unit::Count, "12");
    }

    #[test]
    fn missing_is_a_dash() {
        let missing = Value::Missing(Reason::NoRow { what: "x".into() });
        let en = format("en-GB", "EUR");
        assert_eq!(en.value(&missing, &Unit::Percent, Some(2)), "—");
        assert_eq!(en.change(&missing, &Value::Number(1.0), &Unit::Count, None), "—");
    }

    #[test]
    fn changes_are_shares_and_points_for_percentages() {
        let check = |unit: Unit, from: f64, to: f64, expected| {
            let shown = format("es-ES", "EUR").change(&Value::Number(from), &Value::Number(to), &unit, None);
            assert_eq!(visible(&shown), expected, "{from} → {to} {unit:?}");
        };
        check(Unit::Currency(None), 100.0, 118.0, "+18,0~%");
        check(Unit::Count, 200.0, 100.0, "-50,0~%");
        check(Unit::Count, 100.0, 350.0, "+250~%");
        check(Unit::Count, -100.0, 50.0, "+150~%");
        check(Unit::Count, 7.0, 7.0, "0,0~%");
        check(Unit::Count, 0.0, 5.0, "+5");
        check(Unit::Percent, 0.035, 0.047, "+1,2~pp");
        check(Unit::Percent, 0.05, 0.05, "0,0~pp");
        let points =
            format("en-GB", "EUR").change(&Value::Number(0.002), &Value::Number(0.008), &Unit::Percent, Some(2));
        assert_eq!(visible(&points), "+0.60~pp");
    }

    #[test]
    fn targets_say_which_side_is_good() {
        let check = |locale, level, good, unit: Unit, expected| {
            let target = InForce { level, near: 0.05, since: None, why: None };
            assert_eq!(visible(&format(locale, "EUR").target(&target, good, &unit, None)), expected);
        };
        check("es-ES", Level::Value(250.0), Some(Good::Down), Unit::Currency(None), "≤ 250~€");
        check("es-ES", Level::Value(0.045), Some(Good::Up), Unit::Percent, "≥ 4,5~%");
        check("en-GB", Level::Value(0.04), Some(Good::Up), Unit::Percent, "≥ 4%");
        check("es-ES", Level::Value(0.1045), Some(Good::Up), Unit::Percent, "≥ 10,45~%");
        check("es-ES", Level::Value(3.0), Some(Good::Neutral), Unit::Ratio, "= 3");
        check("es-ES", Level::Between(20.0, 30.0), None, Unit::Count, "20–30");
        check("es-ES", Level::Value(0.384), Some(Good::Up), Unit::Count, "≥ 0,4");
        check("es-ES", Level::Value(61.37), Some(Good::Up), Unit::Count, "≥ 61,4");
        check("es-ES", Level::Value(61.0), Some(Good::Up), Unit::Count, "≥ 61");
        check("es-ES", Level::Value(0.023), Some(Good::Up), Unit::Count, "≥ 0,02");
        check("en-GB", Level::Value(0.0004), Some(Good::Up), Unit::Percent, "≥ 0.04%");
        check("en-GB", Level::Value(0.0), Some(Good::Up), Unit::Percent, "≥ 0%");
        check("en-GB", Level::Value(1e-12), Some(Good::Up), Unit::Count, "≥ 0");
        check("es-ES", Level::Between(20.0, 30.5), None, Unit::Currency(None), "20–30,50~€");
        check("en-GB", Level::Between(20.0, 30.0), None, Unit::Currency(None), "€20–30");
        check("en-GB", Level::Between(-0.1, 0.1), None, Unit::Percent, "-10 – 10%");
    }

    #[test]
    fn text_that_is_no_locale_is_refused() {
        let error = Format::new("spanish please", "EUR").unwrap_err();
        assert_eq!(
            error.to_string(),
            "CLDR knows no locale `spanish please`; write language and region as in es-ES or en-GB"
        );
        assert!(Format::new("xx-XX", "EUR").is_err());
    }

    proptest! {
        #[test]
        fn every_number_can_be_shown(number: f64, decimals in prop::option::of(0u8..12)) {
            let format = format("es-ES", "EUR");
            for unit in [Unit::Count, Unit::Percent, Unit::Currency(None), Unit::Days] {
                let shown = format.number(number, &unit, decimals);
                prop_assert_eq!(shown == MISSING, !number.is_finite());
                prop_assert!(!shown.starts_with("-0") || shown.contains(|c: char| ('1'..='9').contains(&c)));
            }
        }
    }
}
