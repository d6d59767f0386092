//! Mails as `.eml` files, one each, for trying out and for tests.

use super::{Mail, SendError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes `<Message-ID>.eml` into `folder`, made if need be, and says where. A reader never sees half a file; the same mail again replaces its file.
pub(super) async fn write(folder: &Path, mail: &Mail) -> Result<String, SendError> {
    let path = folder.join(format!("{}.eml", mail.id));
    let (target, bytes) = (path.clone(), mail.bytes());
    let written = tokio::task::spawn_blocking(move || write_whole(&target, &bytes)).await;
    let written = written.unwrap_or_else(|panic| Err(std::io::Error::other(panic)));
    match written {
        Ok(()) => Ok(format!("written to {}", path.display())),
        Err(why) => Err(SendError::Folder { path, why }),
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut unfinished = PathBuf::from(path).into_os_string();
    unfinished.push(".part");
    let mut file = std::fs::File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)
}
