//! Names that are the same whenever the same thing is named, also after the store was lost and restored.

use crate::text::Name;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt;

/// The secret of an installation: what it signs, nobody else can have made.
#[derive(Clone, PartialEq, Eq)]
pub struct InstallId([u8; 32]);

impl InstallId {
    pub fn new(bytes: [u8; 32]) -> InstallId {
        InstallId(bytes)
    }

    /// As the store keeps it: 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// `None` when `text` is none.
    pub fn from_hex(text: &str) -> Option<InstallId> {
        let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
        let bytes: Vec<u8> = digits?.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        bytes.try_into().ok().map(InstallId)
    }

    /// HMAC-SHA256 (RFC 2104) of `parts`, each with its length before it, so that no two lists of parts read the same.
    pub fn sign(&self, parts: &[&str]) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Whether `signature` is that of `parts`, or its beginning of 128 bits at least; in the same time whether it is or not.
    pub fn verify(&self, parts: &[&str], signature: &[u8]) -> bool {
        signature.len() >= 16 && self.mac(parts).verify_truncated_left(signature).is_ok()
    }

    fn mac(&self, parts: &[&str]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }

    /// The Message-ID, without its domain, of revision `revision` of the mail of `slot_key` to the recipient of that key.
    pub fn message_id(&self, slot_key: &str, recipient: &str, revision: u32) -> String {
        base32(&self.sign(&["message", slot_key, recipient, &revision.to_string()])[..20])
    }

    /// The id of the run of `slot_key`.
    pub fn run_id(&self, slot_key: &str) -> String {
        base32(&self.sign(&["run", slot_key])[..10])
    }
}

impl fmt::Debug for InstallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstallId(***)")
    }
}

/// What makes two plans one run.
pub fn slot_key(report: &Name, slot: Timestamp) -> String {
    format!("{report}|scheduled|{slot}")
}

/// RFC 4648 §6 in small letters, without padding; for multiples of five bytes.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let chunk = |five: &[u8]| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |at| char::from(DIGITS[(bits >> (5 * at) & 31) as usize]))
    };
    bytes.chunks_exact(5).flat_map(chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(b"foobafooba"), "mzxw6ytbmzxw6ytb");
    }

    #[test]
    fn signature_is_hmac_of_the_rfc() {
        // RFC 4231, test case 2, needs a short key: the construction is the library's, what is ours is the framing.
        let id = InstallId::new([7; 32]);
        assert_ne!(id.sign(&["a", "bc"]), id.sign(&["ab", "c"]));
        assert_eq!(id.sign(&["a", "bc"]), id.sign(&["a", "bc"]));
        assert_ne!(id.sign(&["a"]), InstallId::new([8; 32]).sign(&["a"]));
    }

    #[test]
    fn signature_may_be_shortened_to_128_bits_and_no_further() {
        let id = InstallId::new([7; 32]);
        let signature = id.sign(&["a", "bc"]);
        assert!(id.verify(&["a", "bc"], &signature));
        assert!(id.verify(&["a", "bc"], &signature[..16]));
        assert!(!id.verify(&["a", "bc"], &signature[..15]));
        assert!(!id.verify(&["a", "bc"], &[&signature[..], &[0]].concat()));
        assert!(!id.verify(&["ab", "c"], &signature));
    }

    #[test]
    fn names_are_stable_and_differ_by_all_they_name() {
        let id = InstallId::new([7; 32]);
        let all = [
            id.message_id("w|scheduled|1", "ana@example.com", 0),
            id.message_id("w|scheduled|1", "ana@example.com", 1),
            id.message_id("w|scheduled|1", "tom@example.com", 0),
            id.message_id("w|scheduled|2", "ana@example.com", 0),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 4);
        assert!(all.iter().all(|id| id.len() == 32));
        assert_eq!(all[0], id.message_id("w|scheduled|1", "ana@example.com", 0));
    }

    #[test]
    fn hexadecimal_form_reads_back_and_is_never_printed() {
        let id = InstallId::new(std::array::from_fn(|at| at as u8));
        assert_eq!(InstallId::from_hex(&id.to_hex()), Some(id.clone()));
        assert_eq!(InstallId::from_hex("12"), None);
        assert_eq!(InstallId::from_hex("zz"), None);
        assert_eq!(format!("{id:?}"), "InstallId(***)");
    }
}
