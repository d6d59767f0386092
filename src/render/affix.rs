//! Where currency symbols, percent signs and minus signs stand, by locale; and how large numbers are shortened.
//!
//! Small tables taken from CLDR 48; the tests hold what a full ICU writes. A currency without a symbol here is written as its ISO 4217
//! code, which is right everywhere, if plain; a language without shortened numbers writes them out.

const NBSP: char = '\u{a0}';

/// What stands before and after the digits, with the space that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Affix {
    pub before: String,
    pub after: String,
    pub sign: Sign,
    /// What separates thousands, where money has another sign for it than other numbers.
    pub thousands: Option<char>,
}

/// Where a minus stands when a symbol leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sign {
    /// `-$1`
    #[default]
    First,
    /// `$-1`: in place of the space, if there is one.
    Close,
    /// `€ -1`
    Spaced,
}

impl Affix {
    /// A unit after its number, which a line break must not part.
    pub fn after(text: &str) -> Affix {
        Affix { after: format!("{NBSP}{text}"), ..Affix::default() }
    }

    /// For a range: what its lower and its upper end carry.
    pub fn apart(self) -> (Affix, Affix) {
        let Affix { before, after, sign, thousands } = self;
        let lower = Affix { before, sign, thousands, ..Affix::default() };
        (lower, Affix { after, thousands, ..Affix::default() })
    }
}

pub(super) fn percent(language: &str, region: &str) -> Affix {
    let with = |before: &str, after: &str| Affix { before: before.into(), after: after.into(), ..Affix::default() };
    match (language, region) {
        ("es", "ES" | "EA" | "IC" | "GQ" | "PH" | "") => Affix::after("%"),
        ("de", "CH" | "LI") | ("fr", "CH") => with("", "%"),
        ("en", "AT" | "DE" | "DK" | "FI" | "NO" | "SE") => Affix::after("%"),
        ("be" | "br" | "ca" | "cs" | "da" | "de" | "fi" | "fo" | "fr" | "gl" | "hr" | "lb" | "lt" | "mk", _)
        | ("nb" | "nn" | "no" | "ro" | "ru" | "se" | "sk" | "sl" | "sv" | "tk" | "tt", _) => Affix::after("%"),
        ("tr" | "ku", _) => with("%", ""),
        ("eu", _) => with("%\u{a0}", ""),
        ("fa" | "ps", _) => with("", "٪"),
        _ => with("", "%"),
    }
}

pub(super) fn currency(code: &str, language: &str, region: &str) -> Affix {
    let symbol = symbol(code, language, region).unwrap_or(code);
    let (leads, spaced) = match (language, region) {
        ("es", "AR" | "CO" | "PY" | "UY") | ("pt", "BR" | "") | ("de", "AT" | "CH" | "LI") => (true, true),
        ("nl" | "sw", _) | ("it", "CH") | ("en", "AT") => (true, true),
        ("en" | "ja" | "zh" | "ko" | "id" | "hi" | "th" | "tr" | "af" | "ms" | "cy" | "ga" | "mt" | "fa", _) => {
            (true, false)
        }
        ("es", region) if !in_spain(region) => (true, false),
        _ => (false, true),
    };
    let sign = match (language, region) {
        ("de" | "it", "CH") | ("es", "CL" | "EC" | "VE") => Sign::Close,
        ("nl", _) | ("es", "PY") => Sign::Spaced,
        _ => Sign::First,
    };
    // A code written right beside the digits would run into them.
    let space = if spaced || symbol.ends_with(char::is_alphabetic) { NBSP.to_string() } else { String::new() };
    let (before, after) = match leads {
        true => (format!("{symbol}{space}"), String::new()),
        false => (String::new(), format!("{space}{symbol}")),
    };
    Affix { before, after, sign, thousands: (language == "de" && region == "AT").then_some('.') }
}

/// Where Spanish is written as in Spain.
fn in_spain(region: &str) -> bool {
    matches!(region, "ES" | "EA" | "IC" | "PH" | "")
}

/// The symbol of currency `code` for readers of that locale: a bare `$` is the reader's own.
fn symbol(code: &str, language: &str, region: &str) -> Option<&'static str> {
    Some(match (code, language, region) {
        ("MXN", "es", "MX") | ("ARS", "es", "AR") | ("COP", "es", "CO") | ("CLP", "es", "CL") => "$",
        ("CAD", _, "CA") | ("AUD", _, "AU") | ("UYU", "es", "UY") => "$",
        ("USD", "en" | "es", "US") | ("USD", "es", "EC" | "PR" | "SV") => "$",
        (_, "en", "AU") | ("EUR", "de", "CH" | "LI") | ("EUR", "hu" | "is" | "ro" | "tk" | "uk", _) => return None,
        ("EUR", "es", region) if !in_spain(region) => return None,
        ("EUR", _, _) => "€",
        ("USD", "en", "" | "IN") | ("USD", "de" | "ja" | "gl" | "el" | "ru" | "tr" | "fi" | "he" | "hi" | "fa", _) => {
            "$"
        }
        ("USD", "es", "AR" | "CO" | "CL") => "US$",
        ("USD", "es", region) if !in_spain(region) => return None,
        ("USD", "it" | "ca" | "pl" | "ro" | "hu" | "nb" | "no", _) => return None,
        ("USD", "fr", "FR" | "BE" | "CH" | "LU" | "") => "$US",
        ("USD", _, _) => "US$",
        ("GBP", "en" | "de" | "it" | "pt" | "nl" | "ca" | "da" | "ja" | "zh" | "ko" | "cs" | "nb" | "no", _)
        | ("GBP", "fi" | "tr" | "ru" | "el" | "he" | "gl" | "eu" | "hi", _)
        | ("GBP", "fr", "CA") => "£",
        ("GBP", "fr", _) => "£GB",
        ("MXN", "fr", "FR" | "BE" | "CH" | "LU" | "") => "$MX",
        ("MXN", "en" | "de" | "pt" | "nl" | "ja" | "zh" | "ko" | "da" | "cs" | "sv" | "ru" | "el" | "tr", _) => "MX$",
        ("BRL", "pt" | "en" | "de" | "fr" | "nl" | "ja" | "zh" | "ko" | "da" | "cs" | "pl" | "ru" | "el" | "tr", _) => {
            "R$"
        }
        ("JPY", "en", "US" | "") | ("JPY", "de" | "ca" | "ru" | "el" | "tr" | "fi", _) => "¥",
        ("JPY", "en" | "pt" | "nl" | "zh" | "ko" | "da" | "cs", _) => "JP¥",
        ("JPY", "ja", _) => "￥",
        _ => return None,
    })
}

/// How numbers from 10 to a power on are shortened, ascending: power and what is written for it. Empty where they are written out.
pub(super) fn shortened(language: &str, region: &str) -> &'static [(u8, &'static str)] {
    match (language, region) {
        ("es", "ES" | "EA" | "IC" | "PH" | "") => &[(3, "\u{a0}mil"), (6, "\u{a0}M"), (12, "\u{a0}B")],
        ("es" | "ca", _) => &[(3, "\u{a0}k"), (6, "\u{a0}M"), (12, "\u{a0}B")],
        ("en", "GB") => &[(3, "k"), (6, "m"), (9, "bn"), (12, "tn")],
        ("en", "IN") => &[],
        ("en", _) => &[(3, "K"), (6, "M"), (9, "B"), (12, "T")],
        ("de", _) => &[(6, "\u{a0}Mio."), (9, "\u{a0}Mrd."), (12, "\u{a0}Bio.")],
        ("fr", "CA") => &[(3, "\u{a0}k"), (6, "\u{a0}M"), (9, "\u{a0}G"), (12, "\u{a0}T")],
        ("fr", _) => &[(3, "\u{a0}k"), (6, "\u{a0}M"), (9, "\u{a0}Md"), (12, "\u{a0}Bn")],
        ("it", _) => &[(3, "K"), (6, "\u{a0}Mln"), (9, "\u{a0}Mld"), (12, "\u{a0}Bln")],
        ("nl", _) => &[(3, "K"), (6, "\u{a0}mln."), (9, "\u{a0}mld."), (12, "\u{a0}bln.")],
        ("pt", "BR" | "") => &[(3, "\u{a0}mil"), (6, "\u{a0}mi"), (9, "\u{a0}bi"), (12, "\u{a0}tri")],
        ("pt", _) => &[(3, "\u{a0}mil"), (6, "\u{a0}M"), (9, "\u{a0}mM"), (12, "\u{a0}Bi")],
        ("ja", _) => &[(4, "万"), (8, "億"), (12, "兆")],
        _ => &[],
    }
}

/// Digits after the point that `code` has in daily life.
pub(super) fn cents(code: &str) -> u8 {
    if matches!(code, "JPY" | "KRW" | "CLP" | "COP" | "PYG" | "VND" | "ISK") { 0 } else { 2 }
}
