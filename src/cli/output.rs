//! Standard output, for all commands.
//!
//! Whoever reads may stop when they have seen enough (`kpid check | head -1`): that ends no command, and changes no exit code.
//! `println!` would panic there, so that the lints keep it out. Anything else that keeps a result from being written is an error.

use anyhow::Context;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// # Errors
/// The text can't be written, say on a full disk.
pub fn print(text: &str) -> anyhow::Result<()> {
    bytes(text.as_bytes())
}

/// What `text` shows as, and the end of a line.
///
/// # Errors
/// As for [`print`].
pub fn line(text: impl Display) -> anyhow::Result<()> {
    print(&format!("{text}\n"))
}

/// # Errors
/// As for [`print`].
pub fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Whether colour helps whoever reads: on a terminal, unless `NO_COLOR` is set.
pub fn is_coloured() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// What another's writing to standard output ended with.
///
/// # Errors
/// As for [`print`].
pub fn written(done: io::Result<()>) -> anyhow::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("write to standard output"),
    }
}
