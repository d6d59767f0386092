//! Which locales CLDR knows. What it lacks would be written as `2026 M11 16`.

use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::M;
use icu_locale_core::Locale;

/// The locale that `text` names as BCP 47 has it, if CLDR has data for its language.
pub fn locale(text: &str) -> Option<Locale> {
    let locale: Locale = text.parse().ok()?;
    let months = FixedCalendarDateTimeFormatter::<Gregorian, M>::try_new((&locale).into(), M::long()).ok()?;
    let november = Date::try_new_gregorian(2026, 11, 1).ok()?;
    // The root has no names of months.
    (months.format(&november).to_string() != "M11").then_some(locale)
}

/// Where a language is written without saying where.
pub fn default_locale(language: &str) -> &str {
    match language {
        "es" => "es-ES",
        "en" => "en-GB",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_need_a_language_that_cldr_knows() {
        for known in ["es", "es-ES", "es-MX", "en-ES", "ar", "ja-JP", "de-AT", "eu-ES", "zh-Hant-TW", "en-GB-u-hc-h12"]
        {
            assert!(locale(known).is_some(), "{known}");
        }
        for unknown in ["xx-XX", "und", "qps", "", "spanish please", "es_ES!"] {
            assert!(locale(unknown).is_none(), "{unknown}");
        }
    }
}
