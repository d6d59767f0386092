//! `kpid resume`

use super::{Exit, installation, output, store, when};
use crate::calendar::clock;
use std::path::Path;

/// Let the daemon plan again after it stopped for a clock that jumped
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kpid resume\n\nA clock that jumps far ahead would make every fire time in between a missed one. The daemon then plans nothing more until you have looked at the clock and said this.\n\nExit codes: 0 planning goes on, 1 the store fails, 2 no daemon has run here yet"
)]
pub struct Args {}

pub async fn run(dir: &Path, _: &Args) -> anyhow::Result<Exit> {
    let catalog = installation::load_settings(dir)?;
    let store = store::open(&catalog.settings).await?;
    let held = store.planning_held(clock::now()).await.map_err(store::explained)?;
    store.resume_planning(clock::now()).await.map_err(store::explained)?;
    match held {
        Some(held) => {
            let since = when::said(held.since, &catalog.settings.calendar);
            output::line(format_args!("planning goes on; it was held since {since}: {}", held.why))?;
        }
        None => output::line("planning was not held: nothing to do")?,
    }
    Ok(Exit::Done)
}
