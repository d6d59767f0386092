//! The way into kpid: a folder to begin with, things added to it, tables looked at.

mod import;
mod init;
mod new;
mod questions;

use crate::cli::Ran;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// kpid in `folder`, without a terminal, with exactly these variables of those that matter.
pub fn kpid(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    for name in ["KPID_DIR", "KPID_MAIL", "SHOP_URL", "LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    let command =
        command.env("TZ", "UTC").envs(env.iter().copied()).args(args).current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().expect("kpid runs");
    Ran {
        code: status.code().expect("an exit code"),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    }
}

/// The same, to its good end.
pub fn done(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Ran {
    let ran = kpid(folder, env, args);
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
    ran
}
