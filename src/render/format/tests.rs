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
fn zero_has_no_sign_and_what_nobody_can_read_is_a_power_of_ten() {
    check("en-GB", &Unit::Count, None, -0.0, "0");
    check("en-GB", &Unit::Number, None, -0.004, "0.00");
    check("en-GB", &Unit::Count, None, 1e21, "1E21");
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
    check(Unit::Count, -100.0, -50.0, "+50,0~%");
    check(Unit::Count, -100.0, 50.0, "+150");
    check(Unit::Count, 1e-300, 50.0, "+50");
    check(Unit::Count, 7.0, 7.0, "0,0~%");
    check(Unit::Count, 0.0, 5.0, "+5");
    check(Unit::Percent, 0.035, 0.047, "+1,2~pp");
    check(Unit::Percent, 0.05, 0.05, "0,0~pp");
    let points = format("en-GB", "EUR").change(&Value::Number(0.002), &Value::Number(0.008), &Unit::Percent, Some(2));
    assert_eq!(visible(&points), "+0.60~pp");
}

#[test]
fn targets_say_which_side_is_good() {
    let check = |locale, level, good, unit: Unit, expected| {
        assert_eq!(visible(&format(locale, "EUR").target(level, good, &unit, None)), expected);
    };
    check("es-ES", Level::Value(250.0), Some(Good::Down), Unit::Currency(None), "≤~250~€");
    check("es-ES", Level::Value(0.045), Some(Good::Up), Unit::Percent, "≥~4,5~%");
    check("en-GB", Level::Value(0.04), Some(Good::Up), Unit::Percent, "≥~4%");
    check("es-ES", Level::Value(0.1045), Some(Good::Up), Unit::Percent, "≥~10,45~%");
    check("es-ES", Level::Value(3.0), Some(Good::Neutral), Unit::Ratio, "=~3");
    check("es-ES", Level::Between(20.0, 30.0), None, Unit::Count, "20–30");
    check("es-ES", Level::Value(0.384), Some(Good::Up), Unit::Count, "≥~0,4");
    check("es-ES", Level::Value(61.37), Some(Good::Up), Unit::Count, "≥~61,4");
    check("es-ES", Level::Value(61.0), Some(Good::Up), Unit::Count, "≥~61");
    check("es-ES", Level::Value(0.023), Some(Good::Up), Unit::Count, "≥~0,02");
    check("en-GB", Level::Value(0.0004), Some(Good::Up), Unit::Percent, "≥~0.04%");
    check("en-GB", Level::Value(0.0), Some(Good::Up), Unit::Percent, "≥~0%");
    check("en-GB", Level::Value(1e-12), Some(Good::Up), Unit::Count, "≥~0");
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

#[test]
fn a_number_somebody_wrote_keeps_its_decimals() {
    let check = |locale, number, expected| assert_eq!(visible(&format(locale, "EUR").exact(number)), expected);
    check("es-ES", 0.21, "0,21");
    check("es-ES", 100.0, "100");
    check("es-ES", 1_234_567.125, "1.234.567,125");
    check("en-GB", 0.000_001_5, "0.0000015");
    check("en-GB", 0.1 + 0.2, "0.30000000000000004");
    check("en-GB", 1e21, "1E21");
    check("en-GB", 0.0, "0");
}
