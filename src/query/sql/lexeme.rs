//! How long the operator, number or name at the start of a text is; all in bytes.

/// The length of the operator at the start, 0 if there is none. PostgreSQL's rule: as long as possible, but not into a comment,
/// and ending in `+` or `-` only if it also has one of `~!@#%^&|?` or a backtick. None has more than 8 bytes
/// in practice; a longer run is cut, which hides no comment.
pub(super) fn postgres_operator(rest: &str) -> usize {
    let run = rest.bytes().take(8).take_while(|byte| b"+-*/<>=~!@#%^&|?`".contains(byte)).count();
    let comment = ["--", "/*"].iter().filter_map(|mark| rest[..run].find(mark)).min();
    let operator = &rest[..comment.unwrap_or(run)];
    if operator.contains(|c| "~!@#%^&|?`".contains(c)) {
        return operator.len();
    }
    operator.trim_end_matches(['+', '-']).len()
}

pub(super) fn operator(rest: &str) -> usize {
    const OPERATORS: [&str; 12] = ["<=>", "->>", "<=", ">=", "<>", "!=", "==", "->", "||", "&&", "<<", ">>"];
    OPERATORS.iter().find(|operator| rest.starts_with(**operator)).map_or(0, |operator| operator.len())
}

pub(super) fn digits(rest: &str) -> usize {
    rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

/// The length of `e5`, `E+5` or `e-5` at the start, 0 if there is none.
pub(super) fn exponent(rest: &str) -> usize {
    let Some(power) = rest.strip_prefix(['e', 'E']) else { return 0 };
    let digits = digits(power.strip_prefix(['+', '-']).unwrap_or(power));
    let sign = usize::from(power.starts_with(['+', '-']));
    if digits == 0 { 0 } else { 1 + sign + digits }
}

pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// Every engine takes any character beyond ASCII as part of a name.
pub(super) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// The length of the name at the start; a `$` may stand in all but the first place.
pub(super) fn name_len(rest: &str) -> usize {
    rest.find(|c| !is_name_char(c) && c != '$').unwrap_or(rest.len())
}

/// Whether a reader would take it for something else: no-break and zero-width spaces, typographic quotes, full-width letters.
/// Combining accents are not letters by themselves, but names typed on a Mac have them.
pub(super) fn looks_like_another(c: char) -> bool {
    let full_width = ('\u{FF00}'..='\u{FFEF}').contains(&c);
    let accent = ('\u{0300}'..='\u{036F}').contains(&c);
    !c.is_ascii() && (full_width || !(c.is_alphanumeric() || accent))
}
