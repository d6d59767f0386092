//! `why-not` in each of the cases that it tells apart. The line with the next edition depends on today and is left out.

use super::{Desk, SLOT, at, bounced, installation, sent};
use crate::cli::kpid;
use kpid::outbox::{DeliveryState, RunState, Skipped, Trouble};
use kpid::store::Settled;
use serde_json::Value as Json;

const ASKED: [&str; 4] = ["why-not", "weekly", "--at", "2026-11-16"];
const HEAD: &str = "weekly of Mon 2026-11-16 08:00 CET";
const SEND: &str = "kpid send weekly --as-of 2026-11-16T07:00:00Z --to ADDRESS    makes and sends that edition";
const START: &str = "kpid run    starts the daemon (systemctl start kpid)";
const NOW: &str = "kpid run-now weekly    makes it now, for its recipients";

impl Desk {
    #[track_caller]
    fn explains(&self, verdict: &str, expected: &[&str]) {
        check(&self.says(&ASKED), expected);
        let json: Json = serde_json::from_str(&self.says(&[&ASKED[..], &["--json"]].concat())).unwrap();
        assert_eq!((&json["verdict"], &json["slot"]), (&verdict.into(), &SLOT.into()));
    }
}

#[track_caller]
fn check(said: &str, expected: &[&str]) {
    let lines: Vec<&str> = said.lines().collect();
    let (next, lines) = lines.split_last().unwrap();
    assert!(next.starts_with("next edition: Mon 20"), "{said}");
    assert_eq!(lines, expected);
}

/// A day after the slot a daemon last said that it is there.
async fn seen(desk: &Desk) {
    desk.store.beat("n", "alfa", "0.1.0", "abc", at("2026-11-17T07:00:00Z")).await.unwrap();
}

const UNSEEN: &str = "no daemon is running: alfa was last seen Tue 2026-11-17 08:00 CET";

#[test]
fn no_daemon_has_run_yet() {
    let folder = installation();
    let ran = kpid(folder.path(), &ASKED);
    let expected = [
        &format!("{HEAD} did not go out: no daemon has run here yet"),
        "what to do:",
        "  kpid run    starts the daemon",
        "  kpid send weekly --to ADDRESS    sends it without a daemon",
    ];
    check(&ran.out, &expected);
    let ran = kpid(folder.path(), &["why-not", "by_hand"]);
    let expected = "by_hand has no schedule: it is made by hand only\nwhat to do:\n  \
        kpid run-now by_hand    makes it now, for its recipients\n  \
        kpid send by_hand --to ADDRESS    sends it without a daemon\n";
    assert_eq!((ran.code, &*ran.out), (0, expected));
    let ran = kpid(folder.path(), &["why-not", "weekli"]);
    assert_eq!((ran.code, &*ran.err), (2, "error: there is no report `weekli`\nhelp: did you mean `weekly`?\n"));
}

#[tokio::test]
async fn no_daemon_knows_the_report() {
    let desk = Desk::new().await;
    let head = format!("{HEAD} did not go out: no daemon knows the report yet");
    let todo = ["what to do:", &format!("  {START}"), &format!("  {NOW}")];
    desk.explains("unknown", &[&[&*head, "no daemon is running, nor ever was"], &todo[..]].concat());
    desk.store.beat("n", "alfa", "0.1.0", "abc", jiff::Timestamp::now()).await.unwrap();
    let said = desk.says(&ASKED);
    assert!(said.contains("\nthe daemon on alfa has read the YAML of version abc; this is "), "{said}");
}

#[tokio::test]
async fn report_was_not_known_then() {
    let desk = Desk::new().await;
    desk.knows("2026-11-16T09:30:00Z").await;
    let head = format!(
        "{HEAD} was never to go out: no daemon knew the report before Mon 2026-11-16 10:30 CET, and none makes up for what lies before"
    );
    desk.explains("before its time", &[&head, "what to do:", &format!("  {SEND}")]);
}

/// A1, CR-9
#[tokio::test]
async fn daemon_was_down_or_planning_on_hold() {
    let desk = Desk::new().await;
    desk.knows("2026-11-10T00:00:00Z").await;
    desk.plans(&[], None, "2026-11-15T20:00:00Z").await;
    desk.store.beat("n", "alfa", "0.1.0", "abc", at("2026-11-15T20:00:10Z")).await.unwrap();
    let head = format!("{HEAD} did not go out: it was never planned");
    desk.explains(
        "not planned",
        &[
            &head,
            "its schedule was last looked at Sun 2026-11-15 21:00 CET",
            "no daemon is running: alfa was last seen Sun 2026-11-15 21:00 CET",
            "what of the past is made up for then is for the report's `missed` to say",
            "what to do:",
            &format!("  {START}"),
        ],
    );
    desk.store.hold_planning("the clock jumped by 40 days", at(SLOT)).await.unwrap();
    desk.explains(
        "not planned",
        &[
            &head,
            "planning is on hold since Mon 2026-11-16 08:00 CET: the clock jumped by 40 days",
            "what to do:",
            "  kpid resume    once the clock is right",
        ],
    );
}

/// A10
#[tokio::test]
async fn edition_was_skipped() {
    let desk = Desk::new().await;
    desk.knows("2026-11-01T00:00:00Z").await;
    let skipped =
        Skipped { from: at("2026-11-09T07:00:00Z"), to: at(SLOT), count: 2, why: "it is older than `within` allows" };
    desk.plans(&[], Some(skipped), "2026-11-20T12:00:00Z").await;
    desk.explains(
        "skipped",
        &[
            &format!("{HEAD} was skipped: it is older than `within` allows"),
            "so were 2 editions from Mon 2026-11-09 08:00 CET to Mon 2026-11-16 08:00 CET; decided Fri 2026-11-20 13:00 CET, when a daemon next looked at its schedule",
            "what to do:",
            &format!("  {SEND}"),
        ],
    );
}

#[tokio::test]
async fn run_waits_for_fresh_data_or_for_a_daemon() {
    let desk = Desk::new().await;
    let (run, claim) = desk.begun().await;
    seen(&desk).await;
    let why = "source `leads` is not up to date; it is waited for until 10:00";
    desk.store.postpone_run(&claim, at("2999-01-01T00:00:00Z"), false, why, at(SLOT)).await.unwrap();
    let head = format!("{HEAD} waits until Tue 2999-01-01 01:00 CET: {why}");
    let stop = format!("  kpid outbox cancel {}    gives it up", &run[..8]);
    desk.explains("waiting", &[&head, UNSEEN, "what to do:", &stop, &format!("  {START}")]);
    let (_, claim) = desk.store.claim_run("worker", at("2999-01-01T00:00:00Z")).await.unwrap().unwrap();
    desk.store.release("worker", at("2026-11-17T00:00:00Z")).await.unwrap();
    drop(claim);
    let head = format!("{HEAD} is due and not begun; it waited before: {why}");
    desk.explains("due", &[&head, UNSEEN, "what to do:", &format!("  {START}")]);
    let (_, claim) = desk.store.claim_run("n", at("2026-11-17T00:00:00Z")).await.unwrap().unwrap();
    desk.explains("running", &[&format!("{HEAD} is being made since Mon 2026-11-16 08:00 CET")]);
    desk.store.end_run(&claim, RunState::Skipped, "no verdict needs attention", at(SLOT)).await.unwrap();
    let head = format!("{HEAD} was made, and on purpose not sent: no verdict needs attention");
    desk.explains("skipped", &[&head, "what to do:", &format!("  {NOW}")]);
}

#[tokio::test]
async fn run_failed_or_took_the_daemon_down() {
    let desk = Desk::new().await;
    let (run, claim) = desk.begun().await;
    desk.store.end_run(&claim, RunState::Failed, "database `crm`: connection refused", at(SLOT)).await.unwrap();
    let again = format!("  kpid outbox retry {}    has it made again", &run[..8]);
    desk.explains(
        "failed",
        &[
            &format!("{HEAD} did not go out: it failed after 1 attempt: database `crm`: connection refused"),
            "what to do:",
            "  kpid check --connect    asks the databases",
            &again,
        ],
    );
    desk.store.retry_run(&run, at("2026-11-18T00:00:00Z"), at(SLOT)).await.unwrap();
    for day in ["2026-11-17T00:00:00Z", "2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z"] {
        let (_, claim) = desk.store.claim_run("n", at(day)).await.unwrap().unwrap();
        if day.contains("19T") {
            desk.store.end_run(&claim, RunState::Poisoned, "its worker died 2 times", at(day)).await.unwrap();
        }
    }
    desk.explains(
        "poisoned",
        &[
            &format!("{HEAD} did not go out: making it took the daemon down 2 times; its worker died 2 times"),
            "what to do:",
            "  kpid measure --report weekly    tries it here, without sending",
            &again,
        ],
    );
}

/// SM-13
#[tokio::test]
async fn each_recipient_is_accounted_for() {
    let desk = Desk::new().await;
    desk.store.suppress("eva@example.com", None, "by link", at("2026-11-12T00:00:00Z")).await.unwrap();
    let to = ["ana@example.com", "bea@example.com", "eva@example.com", "leo@example.com", "zoe@example.com"];
    let run = desk.rendered(&to).await;
    seen(&desk).await;
    desk.settles("ana@example.com", sent()).await;
    desk.settles("bea@example.com", bounced()).await;
    let held =
        Settled::Final { state: DeliveryState::Held, class: Trouble::Unknown, reply: "connection lost".to_owned() };
    desk.settles("leo@example.com", held).await;
    let later = Settled::Again {
        at: at("2026-11-16T07:01:00Z"),
        charged: true,
        class: Trouble::Later,
        reply: "451 4.7.1 greylisted".to_owned(),
    };
    desk.settles("zoe@example.com", later).await;
    let leo = desk.mail_to("leo@example.com").await;
    let mails = [
        "  ana@example.com: the mail server took it Mon 2026-11-16 08:00 CET".to_owned(),
        "  bea@example.com: the mail server refused it for good: 550 5.1.1 no such user".to_owned(),
        "  eva@example.com: wants no mail of it".to_owned(),
        format!("  leo@example.com: held as mail {}: perhaps it was sent, and you are to decide", &leo[..8]),
        "  zoe@example.com: queued, tried again Mon 2026-11-16 08:01 CET, given up Tue 2026-11-17 08:00 CET: 451 4.7.1 greylisted".to_owned(),
        "  tom@example.com: was not among its recipients when it was made, Mon 2026-11-16 08:00 CET".to_owned(),
        "what to do:".to_owned(),
    ];
    let mails: Vec<&str> = mails.iter().map(String::as_str).collect();
    let todo = [
        "  kpid outbox retry MAIL    sends what is held; `cancel` gives it up",
        &format!("  kpid outbox retry {}    tries again what bounced or expired, when its cause is gone", &run[..8]),
        "  kpid outbox suppressed    lists who wants no mail; `kpid outbox allow ADDRESS` takes that back",
    ];
    let head = format!("{HEAD} is on its way");
    let start = format!("  {START}");
    desk.explains("rendered", &[&[&*head, UNSEEN], &mails[..], &[&*start], &todo[..]].concat());
    desk.kpid(&["outbox", "cancel", &desk.mail_to("zoe@example.com").await]);
    let said = desk.says(&ASKED);
    assert!(said.starts_with(&format!("{HEAD} went out, but not to everybody\n")), "{said}");
    assert!(said.contains("\n  zoe@example.com: stopped by hand\n"), "{said}");
}

#[tokio::test]
async fn it_did_go_out() {
    let desk = Desk::new().await;
    desk.rendered(&["ana@example.com", "tom@example.com"]).await;
    desk.settles("ana@example.com", sent()).await;
    desk.settles("tom@example.com", sent()).await;
    let mails = [
        "  ana@example.com: the mail server took it Mon 2026-11-16 08:00 CET",
        "  tom@example.com: the mail server took it Mon 2026-11-16 08:00 CET",
    ];
    let head = format!("{HEAD} went out");
    desk.explains("delivered", &[&[&*head], &mails[..]].concat());
    desk.store.order(&"weekly".into(), "1", at("2026-11-18T12:00:00Z")).await.unwrap();
    let said = desk.says(&ASKED);
    assert!(
        said.contains("\nby hand: run ") && said.contains(", ordered Wed 2026-11-18 13:00 CET, is due\n"),
        "{said}"
    );
}
