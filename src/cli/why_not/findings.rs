//! Evidence of an edition → what became of it, in plain words, with the commands that help.

use super::mails::{absent, mail, never_sent};
use super::{Evidence, Stored};
use crate::cli::{counted, store, when};
use crate::outbox::{DeliveryState, RunState};
use crate::store::{LastRun, ListedRun, Skip};
use jiff::{SignedDuration, Timestamp};

/// What became of an edition.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// One word, for machines: the state of its run, or why there is none.
    pub verdict: &'static str,
    /// Sentences, the answer itself first.
    pub why: Vec<String>,
    /// A line a recipient.
    pub mails: Vec<String>,
    /// Commands, each with what it does.
    pub next_steps: Vec<String>,
}

/// A daemon that has not planned by then is not about to.
const PROMPT: SignedDuration = SignedDuration::from_mins(2);

pub fn answer(evidence: &Evidence) -> Answer {
    let id = &evidence.spec.id;
    let mut answer = match (evidence.slot, &evidence.stored) {
        (None, _) if evidence.spec.schedule.is_none() => {
            said("unscheduled", format!("{id} has no schedule: it is made by hand only"), &[&now(id), &send(evidence)])
        }
        (None, _) => said("not due", format!("{id} was not due yet"), &[&now(id)]),
        (Some(slot), None) => said(
            "no store",
            format!("{id} of {} did not go out: no daemon has run here yet", at(slot, evidence)),
            &["kpid run    starts the daemon", &send(evidence)],
        ),
        (Some(slot), Some(stored)) => of_slot(slot, stored, evidence),
    };
    if let Some(run) = evidence.stored.as_ref().and_then(|stored| stored.by_hand.as_ref()) {
        let (id, slot) = (store::shortened(&run.run.id), at(run.run.slot, evidence));
        let why = run.run.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        answer.why.push(format!("by hand: run {id}, ordered {slot}, is {}{why}", run.run.state.as_str()));
    }
    answer
}

fn of_slot(slot: Timestamp, stored: &Stored, evidence: &Evidence) -> Answer {
    let head = format!("{} of {}", evidence.spec.id, at(slot, evidence));
    if let Some(run) = &stored.run {
        return of_run(&head, run, stored, evidence);
    }
    if let Some(skip) = &stored.skip {
        return skipped(&head, slot, skip, evidence);
    }
    match &stored.planned {
        None => unknown(&head, stored, evidence),
        Some(planned) if slot <= planned.known_since => said(
            "before its time",
            format!(
                "{head} was never to go out: no daemon knew the report before {}, and none makes up for what lies before",
                at(planned.known_since, evidence)
            ),
            &[&send_edition(slot, evidence)],
        ),
        Some(planned) if slot > planned.planned_until => unplanned(&head, slot, planned, stored, evidence),
        Some(_) => said(
            "no record",
            format!(
                "{head}: nothing is kept of it; either the schedule was another one then, or it is too long ago (400 days)"
            ),
            &[&send_edition(slot, evidence)],
        ),
    }
}

/// No daemon has read the report.
fn unknown(head: &str, stored: &Stored, evidence: &Evidence) -> Answer {
    let id = &evidence.spec.id;
    let mut answer = said("unknown", format!("{head} did not go out: no daemon knows the report yet"), &[]);
    match stored.nodes.iter().find(|node| node.is_alive()) {
        Some(node) => {
            answer.why.push(format!(
                "the daemon on {} has read the YAML of version {}; this is {}",
                node.host, node.config, evidence.yaml
            ));
            answer.next_steps.push(
                "kpid check    says whether the YAML can be loaded; a daemon keeps the old one until it can".to_owned(),
            );
        }
        None => down(&mut answer, stored, evidence),
    }
    answer.next_steps.push(now(id));
    answer
}

/// The planner has not come to it.
fn unplanned(head: &str, slot: Timestamp, planned: &LastRun, stored: &Stored, evidence: &Evidence) -> Answer {
    let until = at(planned.planned_until, evidence);
    let mut answer = said("not planned", format!("{head} did not go out: it was never planned"), &[]);
    if let Some(held) = &stored.held {
        answer.why.push(format!("planning is on hold since {}: {}", at(held.since, evidence), held.why));
        answer.next_steps.push("kpid resume    once the clock is right".to_owned());
    } else if store::alive(&stored.nodes).is_none() {
        answer.why.push(format!("its schedule was last looked at {until}"));
        down(&mut answer, stored, evidence);
        let missed = "what of the past is made up for then is for the report's `missed` to say";
        answer.why.push(missed.to_owned());
    } else if slot > evidence.now {
        answer.why = vec![format!("{head} is not due yet")];
    } else if evidence.now.duration_since(slot) < PROMPT {
        answer.why = vec![format!("{head} is due this moment: the daemon plans it within seconds")];
    } else {
        answer
            .why
            .push(format!("a daemon is running, but has not looked at its schedule since {until}: its log says why"));
        answer.next_steps.push("kpid doctor    looks for what is wrong".to_owned());
    }
    answer
}

fn down(answer: &mut Answer, stored: &Stored, evidence: &Evidence) {
    answer.why.push(store::dead(&stored.nodes, stored.heartbeat, evidence.calendar));
    answer.next_steps.push("kpid run    starts the daemon (systemctl start kpid)".to_owned());
}

fn skipped(head: &str, slot: Timestamp, skip: &Skip, evidence: &Evidence) -> Answer {
    let mut answer = said("skipped", format!("{head} was skipped: {}", skip.reason), &[&send_edition(slot, evidence)]);
    let decided = at(skip.at, evidence);
    answer.why.push(match skip.count {
        1 => format!("decided {decided}, when a daemon next looked at its schedule"),
        count => format!(
            "so were {} from {} to {}; decided {decided}, when a daemon next looked at its schedule",
            counted(count as usize, "edition"),
            at(skip.from, evidence),
            at(skip.to, evidence)
        ),
    });
    answer
}

fn of_run(head: &str, listed: &ListedRun, stored: &Stored, evidence: &Evidence) -> Answer {
    let run = &listed.run;
    let id = store::shortened(&run.id);
    let why = run.reason.as_deref().unwrap_or("nothing more is known");
    let mut answer = match run.state {
        RunState::Due => due(head, listed, stored, evidence),
        RunState::Running => {
            let since = run.started.map(|at_| format!(" since {}", at(at_, evidence))).unwrap_or_default();
            said("running", format!("{head} is being made{since}"), &[])
        }
        RunState::Poisoned => said(
            "poisoned",
            format!("{head} did not go out: making it took the daemon down {}; {why}", times(run.crashes)),
            &[&format!("kpid measure --report {}    tries it here, without sending", run.report), &retry(id)],
        ),
        RunState::Failed if stored.mails.is_empty() => said(
            "failed",
            format!("{head} did not go out: it failed after {}: {why}", counted(run.attempt as usize, "attempt")),
            &["kpid check --connect    asks the databases", &retry(id)],
        ),
        RunState::Skipped => {
            said("skipped", format!("{head} was made, and on purpose not sent: {why}"), &[&now(&run.report)])
        }
        state => mailed(head, state, stored, evidence),
    };
    answer.mails.extend(stored.mails.iter().map(|listed| mail(listed, evidence.calendar)));
    if let (RunState::Delivered, Some(done)) = (run.state, run.done) {
        let late = done.duration_since(run.slot);
        if late > SignedDuration::from_mins(5) {
            answer.why.push(format!("the last of it was done {} after it was due", lateness(late)));
        }
    }
    if run.state != RunState::Due && run.state != RunState::Running {
        absent(&mut answer, listed, stored, evidence);
    }
    answer
}

fn due(head: &str, listed: &ListedRun, stored: &Stored, evidence: &Evidence) -> Answer {
    let run = &listed.run;
    let id = store::shortened(&run.id);
    let stop = format!("kpid outbox cancel {id}    gives it up");
    let mut answer = match &run.reason {
        Some(why) if listed.next > evidence.now => {
            let tries = if run.attempt == 0 {
                String::new()
            } else {
                format!(" (after {})", counted(run.attempt as usize, "attempt"))
            };
            said("waiting", format!("{head} waits until {}{tries}: {why}", at(listed.next, evidence)), &[&stop])
        }
        why => {
            let before = why.as_ref().map(|why| format!("; it waited before: {why}")).unwrap_or_default();
            said("due", format!("{head} is due and not begun{before}"), &[])
        }
    };
    if store::alive(&stored.nodes).is_none() {
        down(&mut answer, stored, evidence);
    } else if let Some(busy) = &stored.busy {
        let since = busy.run.started.unwrap_or(busy.run.created);
        answer.why.push(format!(
            "a report never overlaps itself: run {} of it has been at work since {}",
            store::shortened(&busy.run.id),
            at(since, evidence)
        ));
    }
    answer
}

/// What became of a run that has mails.
fn mailed(head: &str, state: RunState, stored: &Stored, evidence: &Evidence) -> Answer {
    let has = |state| stored.mails.iter().any(|mail| mail.delivery.state == state);
    let first = match state {
        RunState::Delivered => format!("{head} went out"),
        RunState::Partly => format!("{head} went out, but not to everybody"),
        RunState::Rendered => format!("{head} is on its way"),
        _ => format!("{head} reached nobody"),
    };
    let mut answer = said(state.as_str(), first, &[]);
    let run = stored.run.as_ref().map_or("", |run| store::shortened(&run.run.id));
    if state == RunState::Rendered && store::alive(&stored.nodes).is_none() {
        down(&mut answer, stored, evidence);
    }
    if has(DeliveryState::Held) {
        answer.next_steps.push("kpid outbox retry MAIL    sends what is held; `cancel` gives it up".to_owned());
    }
    if stored.mails.iter().any(never_sent) {
        answer
            .next_steps
            .push(format!("kpid outbox retry {run}    tries again what bounced or expired, when its cause is gone"));
    }
    if stored.mails.iter().any(|mail| mail.delivery.class.as_deref() == Some("unsubscribed")) {
        answer.next_steps.push(
            "kpid outbox suppressed    lists who wants no mail; `kpid outbox allow ADDRESS` takes that back".to_owned(),
        );
    }
    answer
}

fn said(verdict: &'static str, why: String, next_steps: &[&str]) -> Answer {
    let next_steps = next_steps.iter().map(|step| (*step).to_owned()).collect();
    Answer { verdict, why: vec![why], mails: Vec::new(), next_steps }
}

pub fn at(at: Timestamp, evidence: &Evidence) -> String {
    when::said(at, evidence.calendar)
}

fn now(report: &str) -> String {
    format!("kpid run-now {report}    makes it now, for its recipients")
}

fn retry(run: &str) -> String {
    format!("kpid outbox retry {run}    has it made again")
}

fn send(evidence: &Evidence) -> String {
    format!("kpid send {} --to ADDRESS    sends it without a daemon", evidence.spec.id)
}

/// An edition of the past can't be ordered of the daemon; it can be sent by hand.
fn send_edition(slot: Timestamp, evidence: &Evidence) -> String {
    format!("kpid send {} --as-of {slot} --to ADDRESS    makes and sends that edition", evidence.spec.id)
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn lateness(late: SignedDuration) -> String {
    let minutes = late.as_mins();
    match minutes {
        ..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}
