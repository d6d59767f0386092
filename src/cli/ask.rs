//! Questions to whoever sits at the terminal. Where nobody does, commands say which default they took.

use anyhow::Context;
use std::io::{BufRead, IsTerminal, Write};

/// Whether there is somebody to ask.
pub fn anybody() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// One line; `default` when it is empty.
///
/// # Errors
/// The terminal is gone.
pub fn line(question: &str, default: &str) -> anyhow::Result<String> {
    let shown = if default.is_empty() { String::new() } else { format!("[{default}] ") };
    eprint!("{question} {shown}");
    std::io::stderr().flush().context("ask at the terminal")?;
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).context("read the answer")?;
    anyhow::ensure!(read > 0, "nobody answered");
    let answer = answer.trim();
    Ok(if answer.is_empty() { default } else { answer }.to_owned())
}

/// One line that `accepts` takes; asked again until it does.
///
/// # Errors
/// As for [`line`].
pub fn until(question: &str, default: &str, accepts: impl Fn(&str) -> Result<(), String>) -> anyhow::Result<String> {
    loop {
        let answer = line(question, default)?;
        match accepts(&answer) {
            Ok(()) => return Ok(answer),
            Err(why) => eprintln!("  {why}"),
        }
    }
}
