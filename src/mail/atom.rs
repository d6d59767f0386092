//! Texts as the atoms that identifiers of a mail are made of: Message-ID, Content-ID, List-Id, boundaries.

use sha2::{Digest, Sha256};

/// The longest part before an @ that every server takes (RFC 5321 §4.5.3.1.1).
const LONGEST: usize = 64;

/// `text` as a dot-atom (RFC 5322 §3.2.3) that is also a file name: other bytes become `=` and two hex digits, and what is too long
/// ends in a digest of the whole, so that different texts stay different.
pub(super) fn token(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut token = String::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        // No dot at an end or beside a dot.
        let inner = index > 0 && index + 1 < bytes.len() && bytes[index - 1] != b'.';
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => token.push(char::from(*byte)),
            b'.' if inner => token.push('.'),
            byte => token.push_str(&format!("={byte:02X}")),
        }
    }
    if token.len() > LONGEST {
        let digest = digest(bytes);
        token.truncate(LONGEST - 1 - digest.len());
        token.push('=');
        token.push_str(&digest);
    }
    token
}

/// 16 hex digits that other bytes don't have.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn token_is_a_dot_atom() {
        let check = |text: &str, expected: &str| assert_eq!(token(text), expected);
        check("weekly_b2b.2026-W46.ana@example.org", "weekly_b2b.2026-W46.ana=40example.org");
        check(".a..b.", "=2Ea.=2Eb=2E");
        check("a/ñ\r\n", "a=2F=C3=B1=0D=0A");
    }

    #[test]
    fn long_texts_are_cut_and_stay_different() {
        let long = "equipo.".repeat(20);
        let tokens: BTreeSet<String> = ["a", "b", "ñ"].into_iter().map(|end| token(&format!("{long}{end}"))).collect();
        assert_eq!(tokens.len(), 3);
        assert!(tokens.iter().all(|token| token.len() == LONGEST && token.starts_with("equipo.equipo.")), "{tokens:?}");
    }
}
