//! Arguments and environment → cli → exit code.

use clap::Parser;
use kpid::cli::{Args, explained, run};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    // clap itself explains a wrong flag and exits with 2.
    match run(Args::parse()).await {
        Ok(exit) => exit.into(),
        Err(error) => explained(&error).into(),
    }
}
