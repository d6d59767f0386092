//! What wakes the daemon: once a second, by tokio-cron-scheduler in UTC.
//!
//! A tick says "look", never "now it is eight": ticks may come late, or twice, or fail to come at all. Then a timer of our own goes on.

use std::time::Duration;
use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Ticks so far. Who looks away sees the latest.
#[derive(Debug, Clone)]
pub struct Ticks(watch::Receiver<u64>);

/// A tick that is this late will not come any more.
const SILENCE: Duration = Duration::from_secs(2);

/// The scheduler behind the ticks; they end when it is dropped.
pub struct Ticker {
    scheduler: JobScheduler,
}

impl Ticker {
    /// # Errors
    /// The scheduler does not start.
    pub async fn start() -> Result<(Ticker, Ticks), JobSchedulerError> {
        let (sender, ticks) = watch::channel(0);
        let scheduler = JobScheduler::new().await?;
        let job = Job::new("* * * * * *", move |_, _| sender.send_modify(|count| *count += 1))?;
        scheduler.add(job).await?;
        scheduler.start().await?;
        Ok((Ticker { scheduler }, Ticks(ticks)))
    }

    pub async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::debug!(%error, "the scheduler did not stop");
        }
    }
}

impl Ticks {
    /// The next tick.
    pub async fn next(&mut self) {
        match tokio::time::timeout(SILENCE, self.0.changed()).await {
            Ok(Ok(())) => {}
            // Its sender is gone with the scheduler, at the end of the program.
            Ok(Err(_)) => tokio::time::sleep(SILENCE).await,
            Err(_) => tracing::warn!("no tick for {SILENCE:?}: looking all the same"),
        }
    }

    /// The nth tick from now, or what comes of so many seconds: while ticks fail to come, because the clock was put back, leases must
    /// still be renewed in time.
    pub async fn after(&mut self, n: u32) {
        let ticks = async {
            for _ in 0..n {
                self.next().await;
            }
        };
        // An error: they did not come in time.
        _ = tokio::time::timeout(Duration::from_secs(n.into()) + SILENCE, ticks).await;
    }
}
