//! Where currency symbols and percent signs stand, by locale.
//!
//! Small tables taken from CLDR 46 patterns; the tests hold what a full ICU writes. A currency without a symbol here is written as
//! its ISO 4217 code, which is right everywhere, if plain. Left out: locales that group amounts unlike other numbers (de-AT, pt-PT)
//! or put the minus behind the symbol (nl, de-CH).

const NBSP: char = '\u{a0}';

/// What stands before and after the digits, with the space that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Affix {
    pub before: String,
    pub after: String,
}

impl Affix {
    /// A unit after its number, which a line break must not part.
    pub fn after(text: &str) -> Affix {
        Affix { before: String::new(), after: format!("{NBSP}{text}") }
    }

    /// For a range: what its lower and its upper end carry.
    pub fn apart(self) -> (Affix, Affix) {
        let Affix { before, after } = self;
        (Affix { before, ..Affix::default() }, Affix { after, ..Affix::default() })
    }
}

pub(super) fn percent(language: &str, region: &str) -> Affix {
    match (language, region) {
        ("es", "ES" | "") | ("de", "DE" | "AT" | "LU" | "") | ("fr" | "ca" | "sv" | "da", _) => Affix::after("%"),
        _ => Affix { before: String::new(), after: "%".to_owned() },
    }
}

pub(super) fn currency(code: &str, language: &str, region: &str) -> Affix {
    let symbol = symbol(code, language, region).unwrap_or(code);
    let (leads, spaced) = match (language, region) {
        ("es", "AR" | "CO") | ("pt", "BR") | ("de", "AT" | "CH") | ("nl", _) => (true, true),
        ("en" | "ja" | "zh" | "ko", _) => (true, false),
        ("es", region) if !matches!(region, "ES" | "") => (true, false),
        _ => (false, true),
    };
    // A code written right beside the digits would run into them.
    let space = if spaced || symbol.ends_with(char::is_alphabetic) { NBSP.to_string() } else { String::new() };
    if leads {
        Affix { before: format!("{symbol}{space}"), after: String::new() }
    } else {
        Affix { before: String::new(), after: format!("{space}{symbol}") }
    }
}

/// The symbol of currency `code` for readers of that locale: a bare `$` is the reader's own.
fn symbol(code: &str, language: &str, region: &str) -> Option<&'static str> {
    Some(match (code, language, region) {
        ("EUR", "es", region) if !matches!(region, "ES" | "") => return None,
        ("EUR", _, _) => "€",
        ("USD", "en", "US" | "") | ("USD", "de" | "ja", _) => "$",
        ("USD", "es", "MX") | ("USD", "it" | "ca" | "pl", _) => return None,
        ("USD", "fr", "FR") => "$US",
        ("USD", _, _) => "US$",
        ("GBP", "en" | "de" | "it" | "pt" | "nl" | "ca" | "da" | "ja", _) => "£",
        ("MXN", "es", "MX") | ("ARS", "es", "AR") | ("COP", "es", "CO") | ("CLP", "es", "CL") => "$",
        ("CAD", _, "CA") | ("AUD", _, "AU") => "$",
        ("BRL", "pt", _) => "R$",
        ("JPY", "en", "US" | "") | ("JPY", "de", _) => "¥",
        _ => return None,
    })
}

/// Digits after the point that `code` has in daily life.
pub(super) fn cents(code: &str) -> u8 {
    if matches!(code, "JPY" | "KRW" | "CLP" | "COP" | "PYG" | "VND" | "ISK") { 0 } else { 2 }
}
