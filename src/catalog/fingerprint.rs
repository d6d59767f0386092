//! Everything an installation is read from, as one value to compare: was anything edited, or a secret rotated?
//!
//! In: the folder and the environment. Out: a hash over YAML, templates, texts, and what each `${…}` stands for at the moment. Reading is
//! all it takes, so that it can be asked every few seconds. Deliberately absent: any way to print it, since a short secret could be
//! guessed from it.

use super::{files, interpolation};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of `folder` as it is now. What can't be read counts as well: it is told from what can, and from what can't for another reason.
    pub fn of(folder: &Path, env: &dyn Fn(&str) -> Option<String>) -> Fingerprint {
        let (files, unreadable) = files::read(folder);
        let mut hash = Sha256::new();
        // With its length in front no part can be taken for two.
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        for file in &files {
            add(file.name.as_bytes());
            add(file.text.as_bytes());
            for inside in interpolation::insides(&file.text) {
                let value = interpolation::value(env, inside);
                add(value.map_or_else(|(why, _)| why, |value| value.text).as_bytes());
            }
        }
        unreadable.iter().for_each(|problem| add(problem.message.as_bytes()));
        for (path, bytes) in files::templates(folder) {
            add(path.as_os_str().as_encoded_bytes());
            add(&bytes);
        }
        Fingerprint(hash.finalize().into())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(***)")
    }
}
