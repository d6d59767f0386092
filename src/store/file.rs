//! The file of a SQLite store: one daemon's, on a disk of this machine, and never made anew where one was.

use super::StoreError;
use rustix::system::uname;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Whether there is a store.
///
/// # Errors
/// There is something, but no store: it was emptied or its file is gone.
pub(super) fn exists(path: &Path) -> Result<bool, StoreError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(refused(path, "is a folder: name a file in it")),
        Ok(_) if !has_header(path)? => Err(refused(path, &format!("is no SQLite database any more. {RESTORE}"))),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound && beside(path, "-wal").exists() => Err(refused(
            path,
            &format!("is gone, and its {} is still there. {RESTORE}", beside(path, "-wal").display()),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(refused(path, &format!("can't be looked at: {error}"))),
    }
}

/// SQLite takes a file cut off before the end of its header for an empty one, and would begin anew in it.
fn has_header(path: &Path) -> Result<bool, StoreError> {
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    read.map_err(|error| refused(path, &format!("can't be read: {error}")))?;
    Ok(header.len() == 100 && header.starts_with(b"SQLite format 3\0"))
}

pub(super) const RESTORE: &str = "kpid makes no new store in its place. To restore: stop kpid, keep what is there, put the last backup \
    in its place without any `-wal` or `-shm` file, and start kpid. Reports due since the backup are then sent under the same names as \
    before. To begin afresh instead, move the file and its `-wal` away";

/// The folder is there, and on a disk of this machine: locks don't hold over networks.
///
/// # Errors
/// It is not.
pub(super) fn check_folder(path: &Path) -> Result<(), StoreError> {
    let folder = folder(path);
    if !folder.is_dir() {
        let why = format!(
            "can't be made: there is no folder {}; make it, and let the user that runs kpid write there",
            folder.display()
        );
        return Err(refused(path, &why));
    }
    match network_file_system(folder) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => {
            let why = format!(
                "is on {kind}, a network file system, where locks can't be relied on: use a local disk, or PostgreSQL"
            );
            Err(refused(path, &why))
        }
        Err(error) => Err(refused(path, &format!("can't be looked at: {error}"))),
    }
}

/// A place where the store is made, to appear whole or not at all.
///
/// # Errors
/// The folder can't be written.
pub(super) fn make_draft(path: &Path) -> Result<PathBuf, StoreError> {
    let draft = beside(path, ".new");
    let failed = |error: io::Error| refused(path, &format!("can't be made: {error}"));
    for left in [draft.clone(), beside(&draft, "-wal"), beside(&draft, "-shm"), beside(&draft, "-journal")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
    Ok(draft)
}

/// The draft is the store from now on, also after a power cut.
///
/// # Errors
/// The folder can't be written.
pub(super) fn put_in_place(draft: &Path, path: &Path) -> Result<(), StoreError> {
    let put = || -> io::Result<()> {
        File::open(draft)?.sync_all()?;
        fs::rename(draft, path)?;
        File::open(folder(path))?.sync_all()
    };
    put().map_err(|error| refused(path, &format!("can't be made: {error}")))
}

/// Held until it is dropped.
///
/// # Errors
/// Another daemon holds it.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let name = beside(path, ".lock");
    let failed = |error: io::Error| refused(path, &format!("can't be locked by {}: {error}", name.display()));
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&name)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(failed)?;
            let why = format!("is in use by another daemon ({}): stop that one first", holder.trim());
            return Err(refused(path, &why));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let host = uname().nodename().to_string_lossy().into_owned();
    let holder = format!("pid {} on {host}\n", std::process::id());
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes())).map_err(failed)?;
    Ok(file)
}

pub(super) fn refused(path: &Path, why: &str) -> StoreError {
    StoreError::Refused(format!("the store {} {why}", path.display()))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(target_os = "linux")]
fn network_file_system(folder: &Path) -> io::Result<Option<&'static str>> {
    Ok(network_name(rustix::fs::statfs(folder)?.f_type as u32))
}

#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

/// statfs(2) and linux/magic.h.
#[cfg(target_os = "linux")]
fn network_name(magic: u32) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Some("CIFS"),
        0x0102_1997 => Some("9P"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        0x00C3_6400 => Some("Ceph"),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// DS-4
    #[test]
    fn network_file_systems_are_known_by_their_magic_numbers() {
        use rustix::fs::NFS_SUPER_MAGIC;
        assert_eq!(network_name(NFS_SUPER_MAGIC as u32), Some("NFS"));
        assert_eq!(network_name(0xFF53_4D42), Some("CIFS"));
        for local in [
            0xEF53,      /* ext4 */
            0x0102_1994, /* tmpfs */
            0x5846_5342, /* XFS */
            0x9123_683E, /* Btrfs */
        ] {
            assert_eq!(network_name(local), None, "{local:x}");
        }
    }
}
