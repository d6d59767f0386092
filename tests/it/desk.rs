//! The commands of an admin, on a store as a daemon leaves it.

mod why_not;

use crate::cli::{Ran, kpid};
use crate::installation::Folder;
use jiff::{Timestamp, ToSpan};
use kpid::calendar::Window;
use kpid::outbox::{Artifact, Claim, Cursor, DeliveryState, Planned, Recipient, RunState, Sender, Skipped, Trouble};
use kpid::secret::Secret;
use kpid::store::{DeliveryFilter, Edition, EventFilter, Role, RunFilter, Settled, Store};
use serde_json::Value as Json;

const YAML: &str = r#"
settings:
  timezone: Europe/Madrid
  currency: EUR
  mail: { from: kpis@example.com, server: "file://mail" }
databases: { crm: { url: "sqlite://crm.db" } }
sources:
  leads: { database: crm, sql: "SELECT count(*) AS created FROM leads WHERE day >= :start AND day < :end", measures: [created] }
kpis:
  leads: { name: Leads, formula: leads.created, unit: count, good: up }
people:
  ana: { email: ana@example.com }
  tom: { email: tom@example.com }
reports:
  weekly:
    title: Weekly
    schedule: mondays at 08:00
    period: week
    to: [ana, tom]
    sections: [{ title: All, kpis: [leads] }]
  by_hand:
    title: By hand
    period: week
    to: [ana]
    sections: [{ title: All, kpis: [leads] }]
"#;

/// When the edition of week 46 is due: 08:00 in Madrid.
const SLOT: &str = "2026-11-16T07:00:00Z";
const REPORT: &str = "weekly";

/// An installation, and its store as of the time given with each act.
struct Desk {
    folder: Folder,
    store: Store,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn installation() -> Folder {
    let folder = Folder::new();
    folder.write("kpis/all.yaml", YAML);
    folder
}

impl Desk {
    async fn new() -> Desk {
        let folder = installation();
        let url = Secret::new(format!("sqlite://{}", folder.path().join("kpid.db").display()));
        let store = Store::open(&url, Role::Daemon, 1, at("2026-11-10T00:00:00Z")).await.unwrap();
        Desk { folder, store }
    }

    fn kpid(&self, args: &[&str]) -> Ran {
        kpid(self.folder.path(), args)
    }

    /// What a command that succeeds prints.
    #[track_caller]
    fn says(&self, args: &[&str]) -> String {
        let ran = self.kpid(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}: {}", ran.out);
        ran.out
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Json {
        serde_json::from_str(&self.says(&[args, &["--json"]].concat())).unwrap()
    }

    /// The report is known since then.
    async fn knows(&self, since: &str) {
        let cursor = Cursor { known_since: at(since), planned_until: at(since), schedule: "as it is".to_owned() };
        let planned = Planned { runs: vec![], skipped: None, cursor };
        assert!(self.store.plan(&REPORT.into(), None, &planned, at(since)).await.unwrap());
    }

    /// The planner looks at `now`, and finds that.
    async fn plans(&self, runs: &[&str], skipped: Option<Skipped>, now: &str) {
        let before = self.store.cursors(at(now)).await.unwrap().remove(REPORT).unwrap();
        let cursor = Cursor { planned_until: at(now), ..before.clone() };
        let planned = Planned { runs: runs.iter().map(|run| at(run)).collect(), skipped, cursor };
        assert!(self.store.plan(&REPORT.into(), Some(&before), &planned, at(now)).await.unwrap());
    }

    /// The edition of [`SLOT`] is planned and begun.
    async fn begun(&self) -> (String, Claim) {
        self.knows("2026-11-10T00:00:00Z").await;
        self.plans(&[SLOT], None, "2026-11-16T07:00:02Z").await;
        let (run, claim) = self.store.claim_run("n", at("2026-11-16T07:00:02Z")).await.unwrap().unwrap();
        (run.id, claim)
    }

    /// It has a mail to each.
    async fn rendered(&self, to: &[&str]) -> String {
        let (run, claim) = self.begun().await;
        assert!(self.store.finish_run(&claim, &edition(to), at("2026-11-16T07:00:04Z")).await.unwrap());
        run
    }

    /// What happens to the mail to `email`.
    async fn settles(&self, email: &str, result: Settled) {
        let now = at("2026-11-16T07:00:06Z");
        for (mail, claim) in self.store.claim_deliveries("n", 9, now).await.unwrap() {
            let again = Settled::Again { at: now, charged: false, class: Trouble::Relay, reply: String::new() };
            let result = if mail.recipient.email == email { result.clone() } else { again };
            assert!(self.store.settle(&claim, &result, now).await.unwrap());
        }
    }

    async fn mail_to(&self, email: &str) -> String {
        let filter = DeliveryFilter { recipient: Some(email), ..DeliveryFilter::default() };
        self.store.deliveries(&filter, at(SLOT)).await.unwrap().remove(0).delivery.id
    }

    async fn state_of(&self, run: &str) -> RunState {
        let filter = RunFilter { id: Some(run), ..RunFilter::default() };
        self.store.runs(&filter, at(SLOT)).await.unwrap().remove(0).run.state
    }
}

fn edition(to: &[&str]) -> Edition {
    let audience = "en|en-GB".to_owned();
    let recipient = |email: &&str| Recipient { name: None, email: (*email).to_owned(), audience: audience.clone() };
    Edition {
        period: "2026-W46".to_owned(),
        window: Window { start: at("2026-11-08T23:00:00Z"), end: at("2026-11-15T23:00:00Z") },
        config: "abc".into(),
        artifacts: vec![Artifact {
            audience: audience.clone(),
            subject: "Weekly".to_owned(),
            body: b"Content-Type: text/plain\r\n\r\n7".to_vec(),
            light: None,
            rendered: at("2026-11-16T07:00:04Z"),
            sender: Sender { from: "kpis@example.com".into(), reply_to: None, public_url: None },
        }],
        recipients: to.iter().map(recipient).collect(),
        kept: Vec::new(),
        expires: at("2026-11-17T07:00:00Z"),
        quiet: None,
    }
}

fn sent() -> Settled {
    Settled::Sent { reply: "250 taken".to_owned() }
}

fn bounced() -> Settled {
    let reply = "550 5.1.1 no such user".to_owned();
    Settled::Final { state: DeliveryState::Bounced, class: Trouble::Never, reply }
}

/// The words of each line, whatever the width of columns.
fn words(table: &str) -> Vec<String> {
    table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn without_a_store_commands_say_so_and_make_none() {
    let folder = installation();
    let missing = "error: no daemon has run here yet: there is no store\n\
        help: `kpid run` makes it; `settings.store` says where, from the folder that kpid is started in\n";
    for args in [
        &["runs"][..],
        &["run-now", "weekly"],
        &["outbox"],
        &["outbox", "retry", "abc"],
        &["forget", "ana@example.com", "--yes"],
        &["resume"],
        &["backup", "copy.db"],
    ] {
        let ran = kpid(folder.path(), args);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (2, "", missing), "{args:?}");
    }
    let ran = kpid(folder.path(), &["reports"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.ends_with("\nno daemon has run here yet: `kpid run` starts one\n"), "{}", ran.out);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["kpis"]);
}

#[tokio::test]
async fn runs_lists_what_was_made_and_what_was_not() {
    let desk = Desk::new().await;
    assert_eq!(desk.says(&["runs"]), "no such run\n");
    let run = desk.rendered(&["ana@example.com", "tom@example.com"]).await;
    desk.settles("ana@example.com", sent()).await;
    desk.settles("tom@example.com", bounced()).await;
    let skipped =
        Skipped { from: at("2026-11-23T07:00:00Z"), to: at("2026-11-30T07:00:00Z"), count: 2, why: "too late" };
    desk.plans(&[], Some(skipped), "2026-12-01T00:00:00Z").await;
    let short = &run[..8];
    let row = format!("{short} weekly 2026-11-16 08:00 2026-W46 partly 1 sent, 1 bounced sent to 1 of 2 recipients");
    let expected = [
        "Run Report Due (Europe/Madrid) Period State Mails Why",
        &row,
        "skipped: weekly, 2 times from Mon 2026-11-23 08:00 CET to Mon 2026-11-30 08:00 CET: too late",
    ];
    assert_eq!(words(&desk.says(&["runs", "weekly"])), expected);
    assert_eq!(words(&desk.says(&["runs", "--state", "partly", "--since", "2026-11-16"])), expected[..2]);
    assert_eq!(desk.says(&["runs", "--state", "failed"]), "no such run\n");
    let json = desk.json(&["runs"]);
    assert_eq!((&json["runs"][0]["run"], &json["runs"][0]["mails"]["bounced"]), (&run.clone().into(), &1.into()));
    assert_eq!((&json["runs"][0]["slot"], &json["runs"][0]["next"]), (&SLOT.into(), &Json::Null));
    assert_eq!(json["skipped"][0]["count"], 2);
    let wrong = desk.kpid(&["runs", "weekli"]);
    assert_eq!((wrong.code, &*wrong.err), (2, "error: there is no report `weekli`\nhelp: did you mean `weekly`?\n"));
    let wrong = desk.kpid(&["runs", "--state", "done"]);
    assert!(wrong.code == 2 && wrong.err.contains("the states are due, running, rendered, "), "{}", wrong.err);
    let reports = desk.says(&["reports"]);
    let last = "\n  last: Mon 2026-11-16 08:00 CET partly: sent to 1 of 2 recipients\n  skipped: weekly, 2 times from ";
    assert!(reports.contains(last), "{reports}");
    let json = desk.json(&["reports"]);
    let weekly = json.as_array().unwrap().iter().find(|report| report["id"] == "weekly").unwrap();
    assert_eq!((&weekly["last"]["state"], &weekly["skipped"]["count"]), (&"partly".into(), &2.into()));
}

#[tokio::test]
async fn run_now_says_who_takes_it_and_wait_follows_it_to_its_end() {
    let desk = Desk::new().await;
    let ran = desk.says(&["run-now", "weekly"]);
    let expected = " of weekly is ordered: no daemon is running, nor ever was; it waits until one does (`kpid run`)\n\
        follow it: kpid runs weekly\n";
    assert!(ran.ends_with(expected), "{ran}");
    let run = desk.store.runs(&RunFilter::default(), at(SLOT)).await.unwrap().remove(0).run;
    assert_eq!((ran.strip_prefix("run ").map(|text| &text[..8]), run.state), (Some(&run.id[..8]), RunState::Due));
    desk.store.cancel_run(&run.id, Timestamp::now()).await.unwrap();

    desk.store.beat("n", "alfa", "0.1.0", "abc", Timestamp::now()).await.unwrap();
    let json = desk.json(&["run-now", "by_hand"]);
    assert_eq!((&json["daemon"], &json["report"], &json["ended"]), (&"alfa".into(), &"by_hand".into(), &Json::Null));
    let (_, claim) = desk.store.claim_run("n", Timestamp::now()).await.unwrap().unwrap();
    desk.store.end_run(&claim, RunState::Skipped, "quiet", Timestamp::now()).await.unwrap();

    let daemon = async {
        let (_, claim) = loop {
            if let Some(run) = desk.store.claim_run("n", Timestamp::now()).await.unwrap() {
                break run;
            }
            tokio::task::yield_now().await;
        };
        desk.store.end_run(&claim, RunState::Failed, "database `crm` is down", Timestamp::now()).await.unwrap();
    };
    let folder = desk.folder.path().to_owned();
    let waiting = tokio::task::spawn_blocking(move || kpid(&folder, &["run-now", "weekly", "--wait"]));
    let (ran, ()) = tokio::join!(waiting, daemon);
    let ran = ran.unwrap();
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.ends_with(" of weekly: failed: database `crm` is down\n"), "{}", ran.out);
    assert!(
        ran.err.contains(" of weekly is ordered: the daemon on alfa (kpid 0.1.0, YAML abc) takes it\n"),
        "{}",
        ran.err
    );
    assert_eq!(desk.kpid(&["run-now", "monthly"]).code, 2);
}

#[tokio::test]
async fn outbox_lists_mails_and_acts_on_them_by_the_beginning_of_an_id() {
    let desk = Desk::new().await;
    let run = desk.rendered(&["ana@example.com", "tom@example.com"]).await;
    desk.settles("ana@example.com", sent()).await;
    desk.settles("tom@example.com", bounced()).await;
    let (ana, tom) = (desk.mail_to("ana@example.com").await, desk.mail_to("tom@example.com").await);
    let rows = [
        "Mail Run Report Period To State At (Europe/Madrid) Answer".to_owned(),
        format!("{} {} weekly 2026-W46 ana@example.com sent 2026-11-16 08:00 250 taken", &ana[..8], &run[..8]),
        format!("{} {} weekly 2026-W46 tom@example.com bounced 550 5.1.1 no such user", &tom[..8], &run[..8]),
    ];
    assert_eq!(words(&desk.says(&["outbox"])), rows);
    assert_eq!(words(&desk.says(&["outbox", "list", "--run", &run[..8], "--report", "weekly"])), rows);
    assert_eq!(words(&desk.says(&["outbox", "--to", "TOM@example.com"]))[1..], rows[2..]);
    assert_eq!(desk.says(&["outbox", "--state", "held"]), "no such mail\n");
    let json = desk.json(&["outbox", "--state", "bounced"]);
    assert_eq!((&json[0]["mail"], &json[0]["answer"]), (&tom.clone().into(), &"550 5.1.1 no such user".into()));

    let says = desk.says(&["outbox", "retry", &tom[..10].to_uppercase()]);
    assert_eq!(says, "the mail of weekly to tom@example.com is queued again\n");
    assert_eq!(desk.state_of(&run).await, RunState::Rendered);
    assert_eq!(desk.says(&["outbox", "cancel", &tom]), "the mail of weekly to tom@example.com is stopped\n");
    let ran = desk.kpid(&["outbox", "cancel", &tom]);
    assert_eq!((ran.code, ran.err), (2, format!("error: mail {tom} is cancelled: it can't be stopped\n")));
    let says = desk.says(&["outbox", "resend", &run[..8], "--to", "tom", "--to", "ana@example.com"]);
    assert_eq!(
        says,
        "a new mail of weekly to ana@example.com is queued\na new mail of weekly to tom@example.com is queued\n"
    );
    assert_eq!(
        desk.says(&["outbox", "cancel", &run]),
        format!("run {} of weekly is stopped, 2 mails with it\n", &run[..8])
    );
    let ran = desk.kpid(&["outbox", "resend", &run, "--failed"]);
    assert_eq!(
        (ran.code, ran.err),
        (2, format!("error: no mail of run {run} failed: name who gets it with `--to ADDRESS`\n"))
    );
    assert_eq!(desk.kpid(&["outbox", "resend", &run]).code, 2, "to whom?");
    let ran = desk.kpid(&["outbox", "retry", "zzzzzzz"]);
    let expected =
        "error: no run or mail has an id that begins with `zzzzzzz`\nhelp: `kpid runs` and `kpid outbox` list them\n";
    assert_eq!((ran.code, &*ran.err), (2, expected));
    let ran = desk.kpid(&["outbox", "retry", ""]);
    assert!(ran.code == 2 && ran.err.ends_with("help: write more of it\n"), "{}", ran.err);
    let what: Vec<_> = desk.store.events(&EventFilter::default(), at(SLOT)).await.unwrap();
    assert!(what.iter().all(|event| !event.detail.contains('@')), "{what:?}");
}

#[tokio::test]
async fn a_failed_run_is_made_again_and_readers_come_and_go() {
    let desk = Desk::new().await;
    let (run, claim) = desk.begun().await;
    desk.store.end_run(&claim, RunState::Failed, "database `crm` is down", at(SLOT)).await.unwrap();
    assert_eq!(desk.json(&["outbox", "retry", &run[..6]])[0]["id"], run);
    assert_eq!(desk.state_of(&run).await, RunState::Due);
    let says = desk.says(&["outbox", "suppress", "Ana@example.com", "--report", "weekly"]);
    assert_eq!(says, "Ana@example.com gets no mail of weekly from now on\n");
    let says = desk.says(&["outbox", "suppressed"]);
    assert!(
        says.starts_with("ana@example.com gets no mail of weekly since ") && says.ends_with(": by hand\n"),
        "{says}"
    );
    assert_eq!(desk.json(&["outbox", "suppressed"])[0]["report"], "weekly");
    let ran = desk.kpid(&["outbox", "allow", "ana@example.com"]);
    let expected = "error: nothing like that is suppressed for ana@example.com\n\
        help: `kpid outbox suppressed` lists who wants no mail, and of which report\n";
    assert_eq!((ran.code, &*ran.err), (2, expected));
    let says = desk.says(&["outbox", "allow", "ana@example.com", "--report", "weekly"]);
    assert_eq!(says, "ana@example.com gets mail of weekly again\n");
    assert_eq!(desk.says(&["outbox", "suppressed"]), "everybody gets what they are sent\n");
}

/// E-17
#[tokio::test]
async fn forget_asks_first_and_says_where_the_yaml_still_names_it() {
    let desk = Desk::new().await;
    desk.rendered(&["ana@example.com", "gone@example.com"]).await;
    desk.settles("ana@example.com", sent()).await;
    let ran = desk.kpid(&["forget", "ana@example.com"]);
    let expected = "error: nothing was forgotten\nhelp: say `--yes`, or answer `y` on a terminal\n";
    assert_eq!((ran.code, &*ran.err), (2, expected));
    let says = desk.says(&["forget", "Gone@example.com", "--yes"]);
    assert_eq!(says, "Gone@example.com is forgotten: 1 mail to it, 1 stopped unsent\n");
    let ran = desk.kpid(&["forget", "ana@example.com", "--yes", "--json"]);
    let json: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["mails"], &json["stopped"]), (0, &1.into(), &0.into()));
    let expected =
        "warning: the YAML still names it, so that it comes back: people.ana, reports.weekly, reports.by_hand\n";
    assert_eq!(sorted(&ran.err), sorted(expected));
    assert!(!desk.says(&["outbox"]).contains("ana@"));
    assert_eq!(desk.kpid(&["forget", "ana"]).err, "error: `ana` is no address\nhelp: write it like ana@example.com\n");
}

fn sorted(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split([' ', ',', '\n']).collect();
    words.sort_unstable();
    words
}

/// An edit that goes wrong must not keep an admin from the store.
#[tokio::test]
async fn store_is_there_for_its_commands_whatever_is_wrong_beside_the_settings() {
    let desk = Desk::new().await;
    desk.rendered(&["ana@example.com", "leo@example.com"]).await;
    desk.folder
        .write("kpis/kpis.yaml", "kpis: { costs: { formula: nothing.there } }\nreports: { lost: { to: [nobody] } }\n");
    desk.folder.write("kpis/broken.yaml", "people: {\n");
    let warning = "warning: the YAML has errors, which `kpid check` lists; what it says of reports and people may be incomplete\n";
    for (args, said) in [
        (&["runs", "weekly"][..], "weekly"),
        (&["outbox"], "ana@example.com"),
        (&["outbox", "suppress", "ana@example.com", "--report", "weekly"], "gets no mail"),
        (&["backup", "copy.db"], "copy.db holds the store"),
        (&["resume"], "planning was not held"),
        (&["forget", "leo@example.com", "--yes"], "leo@example.com is forgotten: 1 mail"),
    ] {
        let ran = desk.kpid(args);
        assert_eq!((ran.code, &*ran.err), (0, warning), "{args:?}");
        assert!(ran.out.contains(said), "{args:?}: {}", ran.out);
    }
    assert_eq!(desk.kpid(&["measure"]).code, 2);
    for flaw in ["settings: { store: 5 }", "settings: { store: \"sqlite://${NOWHERE}.db\" }", "settings: {"] {
        desk.folder.write("kpis/all.yaml", flaw);
        let ran = desk.kpid(&["runs"]);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{flaw}");
        assert!(ran.err.contains("all.yaml:1:") && ran.err.contains("error: "), "{flaw}: {}", ran.err);
    }
    desk.folder.write("kpis/all.yaml", YAML);
    desk.folder.write("kpis/again.yaml", "settings: { language: en }");
    assert!(desk.kpid(&["runs"]).err.contains("`settings` stands twice in the folder"));
}

/// CK-4
#[tokio::test]
async fn resume_lets_the_daemon_plan_again() {
    let desk = Desk::new().await;
    assert_eq!(desk.says(&["resume"]), "planning was not held: nothing to do\n");
    desk.store.hold_planning("the clock jumped by 40 days", at(SLOT)).await.unwrap();
    let expected = "planning goes on; it was held since Mon 2026-11-16 08:00 CET: the clock jumped by 40 days\n";
    assert_eq!(desk.says(&["resume"]), expected);
    assert_eq!(desk.store.planning_held(at(SLOT)).await.unwrap(), None);
}

#[tokio::test]
async fn backup_copies_the_store_beside_the_daemon() {
    let desk = Desk::new().await;
    let run = desk.rendered(&["ana@example.com"]).await;
    let says = desk.says(&["backup", "copy.db"]);
    assert!(says.starts_with("copy.db holds the store, ") && says.ends_with(" KiB\n"), "{says}");
    let ran = desk.kpid(&["backup", "copy.db"]);
    assert_eq!((ran.code, &*ran.err), (2, "error: copy.db can't be written: File exists (os error 17)\n"));
    let url = Secret::new(format!("sqlite://{}", desk.folder.path().join("copy.db").display()));
    let copy = Store::open(&url, Role::Daemon, 1, at(SLOT) + 1.hours()).await.unwrap();
    assert_eq!(copy.runs(&RunFilter::default(), at(SLOT)).await.unwrap()[0].run.id, run);
}
