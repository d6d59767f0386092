//! The mails that a server took, in a file: one line of JSON each, on the disk before the client hears of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1.
    pub connection: usize,
    pub from: String,
    /// One, unless a client gave more; then parted by commas.
    pub to: String,
    /// With its angle brackets; empty when there is none.
    pub message_id: String,
    /// Of the bytes, in hex.
    pub sha256: String,
    #[serde(with = "encoded")]
    pub bytes: Vec<u8>,
}

impl Entry {
    pub(super) fn new(connection: usize, from: &str, to: &str, bytes: Vec<u8>) -> Entry {
        let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Entry { connection, from: from.to_owned(), to: to.to_owned(), message_id: message_id(&bytes), sha256, bytes }
    }
}

/// Without the bytes.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Entry { connection, from, to, message_id, sha256, bytes } = self;
        write!(f, "#{connection} {from} → {to} {message_id} {} bytes {}", bytes.len(), &sha256[..8])
    }
}

fn message_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut head = text.split("\r\n").take_while(|line| !line.is_empty());
    head.find_map(|line| line.strip_prefix("Message-ID:")).unwrap_or_default().trim().to_owned()
}

mod encoded {
    use super::*;

    pub fn serialize<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

pub(super) struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
    temporary: bool,
}

impl Ledger {
    /// `port` makes the name of a temporary one its own.
    pub(super) fn create(path: Option<&Path>, port: u16) -> Ledger {
        let own = || std::env::temp_dir().join(format!("kpid-ledger-{}-{port}", std::process::id()));
        let temporary = path.is_none();
        let path = path.map_or_else(own, Path::to_owned);
        if temporary {
            // Ports come again.
            _ = std::fs::remove_file(&path);
        }
        let file = File::options().append(true).create(true).open(&path).unwrap();
        Ledger { path, file: Mutex::new(file), temporary }
    }

    pub(super) fn append(&self, entry: &Entry) {
        let line = serde_json::to_string(entry).unwrap() + "\n";
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).unwrap();
        file.sync_data().unwrap();
    }

    pub(super) fn read(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(&self.path).unwrap();
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if self.temporary {
            _ = std::fs::remove_file(&self.path);
        }
    }
}
