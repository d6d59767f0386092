//! A due run → letters and deliveries in the store, or the reason why there are none.

use super::hand::{Held, Work};
use super::node::Node;
use super::world::{MakeError, Making, Point, World};
use crate::outbox::{Claim, Run, RunState};
use crate::render::{Due, Event};
use crate::store::{Edition, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How often a run may take its worker down before nobody tries it again.
const CRASHES: u32 = 3;
/// How often a run may break (a panic) before it has failed.
const BREAKS: u32 = 3;
/// How often sources that don't answer are asked: for about a quarter of an hour.
const ATTEMPTS: u32 = 15;
/// Between the attempts; the last one repeats.
const AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_secs(10), SignedDuration::from_secs(30), SignedDuration::from_secs(60)];
/// How often a run that waits for fresh data looks.
const LOOK: SignedDuration = SignedDuration::from_mins(5);
/// How often, and how far apart, an edition is offered to the store, beside the last time.
const OFFERS: u32 = 10;
const BETWEEN: Duration = Duration::from_secs(3);
/// How many earlier editions a report is told of.
const EDITIONS: u32 = 13;

/// What becomes of a run that was made.
#[derive(Debug, PartialEq)]
enum Step {
    Send,
    Wait { until: Timestamp, charged: bool, why: String },
    Fail { why: String },
    Skip { why: String },
}

impl<W: World> Node<W> {
    /// Takes one due run, if there is one.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn begin(&self) -> Result<Option<(Run, Held)>, StoreError> {
        let Some((run, claim)) = self.store.claim_run(&self.id, self.world.now()).await? else { return Ok(None) };
        let held = self.hand.hold(Work::Run, claim);
        self.world.reached(Point::Begun).await;
        Ok(Some((run, held)))
    }

    /// Makes a run that was taken.
    ///
    /// # Errors
    /// The store did not answer. The run is then taken over by whoever finds its lease dead.
    pub async fn produce(&self, run: Run, held: Held) -> Result<(), StoreError> {
        if run.crashes >= CRASHES {
            return self.poison(&run, &held.claim).await;
        }
        let (name, was) = self.world.names(&run.report);
        let told = self.store.history((&name, was.as_ref()), run.slot, EDITIONS, self.world.now()).await?;
        let made = tokio::select! {
            // First, so that what was lost is not begun again.
            biased;
            () = held.lost() => {
                tracing::warn!(report = %run.report, run = %run.id, "another node took the run over");
                return Ok(());
            }
            made = self.world.make(&run, told) => made,
        };
        self.world.reached(Point::Pressed).await;
        self.conclude(&run, &held.claim, made).await
    }

    async fn conclude(&self, run: &Run, claim: &Claim, made: Result<Making, MakeError>) -> Result<(), StoreError> {
        let now = self.world.now();
        let (step, report) = (step(run, &made, now), &run.report);
        match step {
            Step::Wait { until, charged, why } => {
                tracing::warn!(%report, run = %run.id, %until, why, "the run waits");
                self.store.postpone_run(claim, until, charged, &why, now).await?;
                if !charged && let Ok(Making { hold: Some(hold), .. }) = made {
                    let event = Event::Waits { due: due(run), sources: hold.sources, until: hold.until };
                    self.tell(&format!("waits|{}", run.id), report, event).await?;
                }
            }
            Step::Skip { why } => {
                tracing::warn!(%report, run = %run.id, why, "the run is skipped");
                let (from, to) = (run.slot, run.slot);
                let event = Event::Skipped { report: report.clone(), from, to, count: 1, why: why.clone() };
                self.tell(&format!("late|{}", run.id), report, event).await?;
                if self.store.end_run(claim, RunState::Skipped, &why, now).await? {
                    self.finished(run, RunState::Skipped, now);
                }
            }
            Step::Fail { why } => {
                tracing::error!(%report, run = %run.id, why, "the run failed");
                let sources = made.map(|making| making.failed).unwrap_or_default();
                let event = Event::Failed { due: due(run), why: why.clone(), sources };
                self.tell(&format!("failed|{}|{}", run.id, run.attempt), report, event).await?;
                if self.store.end_run(claim, RunState::Failed, &why, now).await? {
                    self.finished(run, RunState::Failed, now);
                }
            }
            Step::Send => self.keep_edition(run, claim, made.expect("only what was made is sent")).await?,
        }
        Ok(())
    }

    async fn keep_edition(&self, run: &Run, claim: &Claim, making: Making) -> Result<(), StoreError> {
        let (now, edition, report) = (self.world.now(), &making.pressed.edition, &run.report);
        if !self.finish(claim, edition).await? {
            tracing::warn!(%report, run = %run.id, "another node took the run over");
            return Ok(());
        }
        self.world.reached(Point::Rendered).await;
        match &edition.quiet {
            Some(why) => tracing::info!(%report, run = %run.id, why, "nothing is sent"),
            None => tracing::info!(%report, run = %run.id, recipients = edition.recipients.len(), "rendered"),
        }
        let state = if edition.quiet.is_some() { RunState::Skipped } else { RunState::Rendered };
        self.finished(run, state, now);
        if let Some(hold) = making.hold {
            let event = Event::Waited { due: due(run), sources: hold.sources };
            self.tell(&format!("waited|{}", run.id), report, event).await?;
        }
        if !making.failed.is_empty() {
            let event = Event::Gaps { due: due(run), sources: making.failed };
            self.tell(&format!("gaps|{}", run.id), report, event).await?;
        }
        Ok(())
    }

    /// An edition that was made is offered to a store that hiccups: measuring it again would take longer.
    async fn finish(&self, claim: &Claim, edition: &Edition) -> Result<bool, StoreError> {
        for _ in 0..OFFERS {
            match self.store.finish_run(claim, edition, self.world.now()).await {
                Err(error @ StoreError::Database(_)) => {
                    tracing::error!(%error, "the store does not take an edition; trying on")
                }
                taken => return taken,
            }
            self.world.pause(BETWEEN).await;
        }
        self.store.finish_run(claim, edition, self.world.now()).await
    }

    async fn poison(&self, run: &Run, claim: &Claim) -> Result<(), StoreError> {
        let why = format!("it took its daemon down {} times", run.crashes);
        tracing::error!(report = %run.report, run = %run.id, why, "the run is poisoned");
        let now = self.world.now();
        self.tell(&format!("poisoned|{}", run.id), &run.report, Event::Poisoned { due: due(run) }).await?;
        if self.store.end_run(claim, RunState::Poisoned, &why, now).await? {
            self.finished(run, RunState::Poisoned, now);
        }
        Ok(())
    }

    fn finished(&self, run: &Run, state: RunState, now: Timestamp) {
        self.board.run_finished(&run.report, state, now.duration_since(run.slot));
    }
}

fn due(run: &Run) -> Due {
    Due { report: run.report.clone(), slot: run.slot, run: run.id.clone() }
}

/// What is best for the reader: a whole report late, then one with gaps that says so, and none at all only where no number is known.
fn step(run: &Run, made: &Result<Making, MakeError>, now: Timestamp) -> Step {
    let pause = AGAIN[(run.attempt as usize).min(AGAIN.len() - 1)];
    let making = match made {
        Ok(making) => making,
        Err(MakeError::Broken(why)) if run.attempt + 1 < BREAKS => {
            return Step::Wait { until: now + pause, charged: true, why: why.clone() };
        }
        Err(MakeError::Late(why)) => return Step::Skip { why: why.clone() },
        Err(error) => return Step::Fail { why: error.to_string() },
    };
    let failures =
        || making.failed.iter().map(|(source, why)| format!("{source}: {why}")).collect::<Vec<_>>().join("; ");
    let patient = run.attempt + 1 < ATTEMPTS;
    if making.may_pass && !making.failed.is_empty() && patient {
        return Step::Wait { until: now + pause, charged: true, why: failures() };
    }
    if let Some(hold) = making.hold.as_ref().filter(|hold| now < hold.until) {
        let names: Vec<&str> = hold.sources.iter().map(|(source, _)| &**source).collect();
        let why = format!("waits until {} for fresh data of {}", hold.until, names.join(", "));
        return Step::Wait { until: (now + LOOK).min(hold.until), charged: false, why };
    }
    match making.pressed.empty {
        true if making.failed.is_empty() => Step::Fail { why: "no KPI has a value".to_owned() },
        true => Step::Fail { why: failures() },
        false => Step::Send,
    }
}
