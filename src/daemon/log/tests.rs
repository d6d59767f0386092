use super::write::{Lines, Style};
use super::*;
use crate::calendar::clock;
use jiff::Timestamp;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::SubscriberExt;

/// What a mail server, a database or the YAML may say to forge a line, command a terminal or hide something.
const CORPUS: [&str; 14] = [
    "550 no\n2026-01-01T00:00:00Z ERROR kpid: all is lost",
    "550 no\r\n{\"level\":\"error\"}",
    "a\rb",
    "\u{1b}[2J\u{1b}]0;title\u{7}",
    "\u{9b}31m\u{85}next",
    "line\u{2028}separator\u{2029}paragraph",
    "gpj.\u{202E}exe\u{202C} \u{2066}x\u{2069} \u{200F}\u{61C}",
    "nul\0nul",
    "del\u{7f}\u{8}\u{8}\u{8}",
    "quote\" injected=\"yes",
    "back\\slash\\n",
    "",
    "\u{FEFF}bom\ttab",
    "ñandú 🦤 日本",
];

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is written while `speak` runs.
fn logged(style: Style, speak: impl FnOnce()) -> String {
    let kept = Kept::default();
    let open = kept.clone();
    let log = Registry::default().with(filter(Some("debug")).unwrap()).with(Lines::new(style, move || open.clone()));
    tracing::subscriber::with_default(log, speak);
    String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
}

const TEXT: Style = Style::Text { colour: false };

/// E-18
#[test]
fn an_event_is_one_line_whatever_it_says() {
    for style in [TEXT, Style::Text { colour: true }, Style::Journal, Style::Json] {
        for hostile in CORPUS {
            let line = logged(style, || {
                tracing::info!(text = hostile, shown = %hostile, debug = ?hostile, "{hostile}");
            });
            let inside = line.strip_suffix('\n').expect("a whole line");
            let colours = |c: &char| *c == '\u{1b}' && style == Style::Text { colour: true };
            let commands: Vec<char> = inside.chars().filter(|c| value::is_unsafe(*c) && !colours(c)).collect();
            assert!(commands.is_empty(), "{commands:?} in {inside:?}");
            let escapes = inside.matches('\u{1b}').count();
            assert_eq!(escapes, if style == (Style::Text { colour: true }) { 4 } else { 0 }, "{inside:?}");
        }
    }
}

/// E-18
#[test]
fn a_line_of_json_reads_back_as_what_was_said() {
    for hostile in CORPUS {
        let line = logged(Style::Json, || tracing::warn!(reply = hostile, code = 550, held = true, "{hostile}"));
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["message"], &read["fields"]["reply"]), (&hostile.into(), &hostile.into()));
        assert_eq!((&read["fields"]["code"], &read["fields"]["held"]), (&550.into(), &true.into()));
        assert_eq!((&read["level"], &read["target"]), (&"warn".into(), &module_path!().into()));
        let time: Timestamp = read["time"].as_str().unwrap().parse().unwrap();
        assert!(time.duration_until(clock::now()).as_secs() < 60, "{time}");
        assert!(read["time"].as_str().unwrap().ends_with('Z'), "RFC 3339 in UTC: {time}");
    }
}

/// E-18
#[test]
fn a_value_is_cut_at_four_kibibytes() {
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..1_000_000).try_for_each(|_| f.write_str("ñandú\n"))
        }
    }
    let line = logged(TEXT, || tracing::info!(reply = %Endless, "{}", Endless));
    assert!(line.len() < 4 * value::MOST && line.lines().count() == 1, "{}", line.len());
    assert_eq!(line.matches("… (7995904 more bytes)").count(), 2, "{}", &line[line.len() - 60..]);
}

#[test]
fn text_is_a_line_that_people_and_grep_can_read() {
    let speak = || tracing::info!(report = "weekly", late = 1.5, reply = "250 ok", why = "", "sent");
    let line = logged(TEXT, speak);
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.parse::<Timestamp>().is_ok() && time.len() == 24, "{time}");
    let target = module_path!();
    assert_eq!(rest, format!("INFO  {target}: sent report=weekly late=1.5 reply=\"250 ok\" why=\"\"\n"));
    let journal = logged(Style::Journal, speak);
    assert_eq!(journal, format!("<6>{target}: sent report=weekly late=1.5 reply=\"250 ok\" why=\"\"\n"));
    let forged = logged(TEXT, || tracing::info!(reply = r#"no" sent="yes\"#, "refused"));
    assert!(forged.ends_with("refused reply=\"no\\\" sent=\\\"yes\\\\\"\n"), "{forged}");
}

#[test]
fn an_error_is_told_with_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("connect")]
    struct Connect(#[source] std::io::Error);
    let error = Connect(std::io::Error::other("connection refused"));
    let line = logged(TEXT, || tracing::error!(error = &error as &dyn std::error::Error, "relay"));
    assert!(line.ends_with("relay error=\"connect: connection refused\"\n"), "{line}");
}

#[test]
fn level_is_that_of_kpid_and_others_are_heard_from_warn_on() {
    let check = |wanted: Option<&str>, expected: &str| assert_eq!(filter(wanted).unwrap().to_string(), expected);
    check(None, "kpid=info,warn");
    check(Some(" "), "kpid=info,warn");
    check(Some("Debug"), "kpid=debug,warn");
    check(Some("kpid::daemon=trace,sqlx=info"), "kpid::daemon=trace,sqlx=info,warn");
    check(Some("error,kpid=trace"), "kpid=trace,error");
    let error = filter(Some("kpid=loud")).unwrap_err().to_string();
    assert!(error.starts_with("KPID_LOG is `kpid=loud`: write a level (`debug`), or levels of parts"), "{error}");
}

/// E-18: a log is read by more people than the list of readers.
#[test]
fn a_reader_is_told_apart_and_not_named() {
    let (install, other) = (InstallId::new([7; 32]), InstallId::new([8; 32]));
    let ana = who(&install, "ana@example.com").to_string();
    assert!(ana.len() == 13 && ana.starts_with("rcpt:") && !ana.contains("ana"), "{ana}");
    assert_eq!(ana, who(&install, " Ana@Example.com").to_string());
    assert_ne!(ana, who(&install, "tom@example.com").to_string());
    assert_ne!(ana, who(&other, "ana@example.com").to_string(), "without the key nobody can try addresses");
}
