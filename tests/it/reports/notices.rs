//! What the admin is told by mail: all of it is kept in `tests/golden/notices/`, in both languages.

use super::edition::audience;
use crate::checklist::findings;
use crate::golden;
use crate::installation::Folder;
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kpid::mail::{Body, Headers, compose};
use kpid::render::{Due, Event, Mail, Notice, Renderer};
use kpid::report::Letter;
use kpid::text::Name;
use std::process::Command;

/// What an installation calls its things.
pub struct World {
    pub report: &'static str,
    pub source: &'static str,
    /// What servers and programs say in place of such words.
    pub words: fn(&'static str) -> String,
    pub node: &'static str,
}

const SHOP: World = World { report: "weekly_b2b", source: "ad_spend", words: str::to_owned, node: "alpha" };

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Each thing that is told, by a name of its own.
pub fn all(world: &World) -> Vec<(&'static str, Notice)> {
    let World { report, source, words, node } = world;
    let run = "q3vn8s1k2m4p5r7t9w0x";
    let slot = at("2026-11-23T07:00:00Z");
    let due = || Due { report: (*report).into(), slot, run: run.to_owned() };
    let mail = || Mail {
        due: due(),
        address: "ana@example.com".to_owned(),
        id: "2hd7v0m3x8".to_owned(),
        reply: Some(words("550 5.1.1 <ana@example.com>: Recipient address rejected: User unknown")),
    };
    let errors = || vec![(Name::from(*source), words("database `erp`: connection refused (os error 111)"))];
    let newest = || vec![((*source).into(), Some(date(2026, 11, 20))), (format!("{source}2").as_str().into(), None)];
    let server = "relay.example.com:587".to_owned();
    let (since, until) = (at("2026-11-22T19:30:00Z"), at("2026-11-23T13:00:00Z"));
    let skipped = |count, to| Event::Skipped {
        report: (*report).into(),
        from: slot,
        to,
        count,
        why: words("it is older than `within` allows"),
    };
    let problem = || words("kpis/sales.yaml:12:14: there is no source `order`; did you mean `orders`?");
    let nodes = [format!("{node}-1"), format!("{node}-2")].into_iter().zip(["4f1c8a", "9b02d7"]);
    let nodes = nodes.map(|(node, version)| (node, version.to_owned()));
    let skew = |seconds| Event::ClockSkew { node: (*node).to_owned(), skew: SignedDuration::from_secs(seconds) };
    let events = [
        (
            "failed",
            Event::Failed { due: due(), why: words("no source could be read for 15 minutes"), sources: errors() },
        ),
        ("gaps", Event::Gaps { due: due(), sources: errors() }),
        ("skipped", skipped(3, at("2026-11-25T07:00:00Z"))),
        ("skipped one", skipped(1, slot)),
        ("waits", Event::Waits { due: due(), sources: newest(), until }),
        ("waited", Event::Waited { due: due(), sources: newest() }),
        ("poisoned", Event::Poisoned { due: due() }),
        ("bounced", Event::Bounced(mail())),
        ("expired", Event::Expired(mail())),
        ("held", Event::Held(Mail { reply: None, ..mail() })),
        (
            "relay held",
            Event::RelayHeld {
                server: server.clone(),
                since,
                why: words("535 5.7.8 Authentication credentials invalid"),
            },
        ),
        ("relay works", Event::RelayWorks { server, since }),
        (
            "refused",
            Event::Refused {
                since,
                problems: vec![problem(), words("kpis/team.yaml:3:1: the key `ana` stands twice")],
            },
        ),
        ("refused for one", Event::Refused { since, problems: vec![problem()] }),
        ("clock jumped", Event::ClockJumped { from: at("2026-10-02T07:00:00Z") }),
        ("differ", Event::Differ { since, nodes: nodes.collect() }),
        ("clock ahead", skew(75)),
        ("clock behind", skew(-3)),
        ("nearly full", Event::NearlyFull { place: "/var/lib/kpid/kpid.db".to_owned(), free: 312_400_000 }),
    ];
    let zone = TimeZone::get("Europe/Madrid").unwrap();
    let told = at("2026-11-23T07:20:00Z");
    events
        .into_iter()
        .map(|(name, event)| (name, Notice { at: told, zone: zone.clone(), folder: None, event }))
        .collect()
}

fn renderer() -> Renderer {
    Renderer::new(None, "es".into(), "EUR").unwrap()
}

fn letter(event: Event, locale: &str) -> Letter {
    let notice = Notice { at: at("2026-11-23T07:20:00Z"), zone: TimeZone::UTC, folder: None, event };
    renderer().notice(&notice, &audience(locale)).unwrap()
}

#[test]
fn all_notices_are_told_in_both_languages() {
    for locale in ["es-ES", "en-GB"] {
        let mut text = String::new();
        for (name, notice) in all(&SHOP) {
            let letter = renderer().notice(&notice, &audience(locale)).unwrap();
            text += &format!("=== {name}\nSubject: {}\n\n{}\n", letter.subject, letter.text);
            assert!(letter.text.lines().all(|line| line.chars().count() <= 78), "{}", letter.text);
        }
        golden::check(&format!("notices/{locale}.txt"), &text);
    }
    let failed = all(&SHOP).into_iter().find(|(name, _)| *name == "failed").unwrap().1;
    golden::check("notices/failed.html", &renderer().notice(&failed, &audience("es-ES")).unwrap().html);
}

/// Whoever reads it types them as they stand.
#[test]
fn commands_name_the_folder_where_it_is_not_the_usual_one() {
    for (_, notice) in all(&SHOP) {
        let notice = Notice { folder: Some("/etc/kpid".to_owned()), ..notice };
        let text = renderer().notice(&notice, &audience("en-GB")).unwrap().text;
        let typed: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("kpid ")).collect();
        let names_it =
            |line: &&str| line.starts_with("kpid --dir /etc/kpid ") || line.starts_with("kpid writes to you");
        assert!(typed.iter().all(names_it), "{typed:?}");
    }
    let failed = all(&SHOP).into_iter().find(|(name, _)| *name == "failed").unwrap().1;
    let failed = Notice { folder: Some("/etc/kpid".to_owned()), ..failed };
    let text = renderer().notice(&failed, &audience("en-GB")).unwrap().text;
    assert!(text.contains("kpid --dir /etc/kpid outbox retry "), "{text}");
}

/// The HTML says what the text says, and no more.
#[test]
fn both_bodies_of_a_notice_say_the_same() {
    for (name, notice) in all(&SHOP) {
        let letter = renderer().notice(&notice, &audience("en-GB")).unwrap();
        let (_, html) = letter.html.split_once("<h1>").unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let mut visible = String::new();
        for piece in html.split('<') {
            visible += " ";
            visible += piece.split_once('>').map_or(piece, |(_, text)| text);
        }
        let visible = visible.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
        let visible = visible.split("<!--").next().unwrap();
        assert_eq!(words(visible), words(&letter.text), "{name}");
    }
}

/// ML-1, ML-2
#[test]
fn words_from_outside_stay_words() {
    let hostile = "ana\r\nBcc: eve@example.com\u{202E}<script>alert(1)</script>\u{7}";
    let due = Due { report: "weekly".into(), slot: at("2026-11-23T07:00:00Z"), run: "r".to_owned() };
    let reply = Some("550 \"><img src=x onerror=y>\nsecond line".to_owned());
    let mail = Mail { due, address: hostile.to_owned(), id: "d".to_owned(), reply };
    let letter = letter(Event::Bounced(mail), "en-GB");
    let said = "ana  Bcc: eve@example.com\u{FFFD}<script>alert(1)</script>\u{FFFD}";
    assert_eq!(letter.subject, format!("kpid: Mail to {said} was refused"));
    assert!(letter.text.contains("    550 \"><img src=x onerror=y> second line\n"), "{}", letter.text);
    assert!(!letter.html.contains("<script") && !letter.html.contains("<img"), "{}", letter.html);
    assert!(letter.html.contains("550 &quot;&gt;&lt;img src=x onerror=y&gt; second line"), "{}", letter.html);
}

#[test]
fn long_lists_and_lines_are_cut_and_say_so() {
    let problems = (1..=120).map(|line| format!("kpis/a.yaml:{line}:1: {}", "x".repeat(2000))).collect();
    let letter = letter(Event::Refused { since: at("2026-11-22T07:00:00Z"), problems }, "en-GB");
    assert!(letter.text.contains("The files have 120 problems. kpid goes on"), "{}", letter.text);
    assert!(letter.text.contains("kpis/a.yaml:20:1:") && !letter.text.contains("kpis/a.yaml:21:1"));
    assert!(letter.text.contains("\n    100 others\n") && letter.text.contains("x…"), "{}", letter.text);
    assert!(letter.html.len() < 40_000, "{}", letter.html.len());
}

/// D-9 to D-15 hold for these as for a report.
#[test]
fn notices_pass_the_checklist() {
    let folder = Folder::new();
    let chosen = ["failed", "waits", "held", "relay works"];
    let notices = all(&SHOP).into_iter().filter(|(name, _)| chosen.contains(name));
    let mails: Vec<_> = notices
        .map(|(name, notice)| {
            let letter = renderer().notice(&notice, &audience("es-ES")).unwrap();
            let headers = Headers {
                id: name,
                from: "kpid <kpid@example.com>",
                reply_to: None,
                name: None,
                email: "ops@example.com",
                list: "admin",
                run: name,
                thread: None,
                unsubscribe: None,
                date: notice.at,
            };
            let mail = compose(&Body::new(&letter).unwrap(), &headers).unwrap();
            let path = folder.path().join(format!("{name}.eml"));
            std::fs::write(&path, mail.bytes()).unwrap();
            path
        })
        .collect();
    assert_eq!(mails.len(), chosen.len());
    let Some(findings) = findings(&mails) else { return };
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn every_command_that_a_notice_names_is_one() {
    let mut seen = std::collections::BTreeSet::new();
    for (name, notice) in all(&SHOP) {
        let letter = renderer().notice(&notice, &audience("en-GB")).unwrap();
        for command in letter.text.lines().filter_map(|line| line.strip_prefix("    kpid ")) {
            let mut kpid = Command::new(env!("CARGO_BIN_EXE_kpid"));
            let ran = kpid.args(command.split(' ')).arg("--help").output().unwrap();
            assert!(ran.status.success(), "{name}: kpid {command}: {}", String::from_utf8_lossy(&ran.stderr));
            seen.insert(command.split(' ').next().unwrap().to_owned());
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["check", "doctor", "outbox", "resume", "run-now", "why-not"]);
}
