//! Texts that read from right to left, beside those that don't (UAX #9).

use std::borrow::Cow;

const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// `text` for the middle of a sentence: where it reads from right to left, or part of it does, it is wrapped in U+2068 and U+2069, so
/// that the numbers beside it stay where they are. Anything else, and what is wrapped already, is left as it is.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.contains(is_right_to_left) && !text.contains(ISOLATE) {
        return format!("{ISOLATE}{text}{END}").into();
    }
    text.into()
}

/// Letters of bidirectional class R or AL, by block: digits and marks among them have no direction of their own.
fn is_right_to_left(c: char) -> bool {
    let block = matches!(
        c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
    );
    c == '\u{200F}' || block && c.is_alphabetic()
}

/// Of texts in `language`, by the script it is usually written in.
pub(super) fn of(language: &str) -> &'static str {
    match language {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ku" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_from_right_to_left_is_isolated() {
        for plain in ["", "CAC 312 €", "naïve ñandú 🦤", "１２ ٣٤", "日本"] {
            assert_eq!(isolated(plain), plain);
        }
        assert_eq!(isolated("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(isolated("Acme مبيعات 3"), "\u{2068}Acme مبيعات 3\u{2069}");
        assert_eq!(isolated(&isolated("שלום")), "\u{2068}שלום\u{2069}");
        assert_eq!([of("es"), of("ar")], ["ltr", "rtl"]);
    }
}
