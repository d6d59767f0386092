//! `kpid send` as a process against the scripted server, and the server itself as its scripts see it.

use super::session::{mail, send, session};
use super::{Answer, Gate, Login, Options, Server, Step};
use crate::installation::Folder;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

/// An installation that mails a report by `mail`, the settings of that name.
async fn installation(mail: &str) -> Folder {
    let folder = Folder::new();
    folder
        .sqlite("crm", "CREATE TABLE leads (day TEXT, created INT); INSERT INTO leads VALUES ('2026-11-10', 4);")
        .await;
    let yaml = "
databases: { crm: { url: \"sqlite://crm.db\" } }
sources:
  leads: { database: crm, sql: \"SELECT day, created FROM leads WHERE day >= :start AND day < :end\", time: day, measures: [created] }
kpis: { leads: { name: Leads, formula: leads.created, unit: count, good: up } }
reports: { weekly: { title: Weekly, schedule: \"0 8 * * 1\", period: week, to: [ana@example.org], sections: [{ title: Leads, kpis: [leads] }] } }
";
    folder.write("kpis/all.yaml", &format!("settings: {{ language: en, timezone: UTC, mail: {mail} }}\n{yaml}"));
    folder
}

fn kpid_send(folder: &Folder) -> Child {
    let args = ["send", "weekly", "--to", "ana@example.org", "--as-of", "2026-11-16T08:00"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    let command = command.args(args).current_dir(folder.path()).env_remove("KPID_DIR");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn succeeds(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A3: killed while the answer is on its way, and run again.
#[tokio::test]
async fn a_mail_that_is_sent_again_has_the_identical_bytes() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Server::start(move |event| match event.step {
        Step::Dot => Answer::Usual.after(&held).taken(),
        _ => Answer::Usual,
    });
    let folder = installation(&format!("{{ from: kpis@example.com, server: \"{}\" }}", server.url())).await;
    let mut killed = kpid_send(&folder);
    gate.block_until_reached_by(1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    server.on(|_| Answer::Usual);
    succeeds(kpid_send(&folder));
    server.wait_for(LIMIT, |server| server.ledger().len() == 2);
    let [first, second] = &server.ledger()[..] else { panic!("{:?}", server.ledger()) };
    assert!(first.bytes == second.bytes && first.sha256 == second.sha256);
    assert_eq!((first.connection, second.connection), (1, 2));
    assert_eq!(first.message_id, "<weekly.2026-W46.1794816000000.ana=40example.org@example.com>");
}

/// D-19: the token is read from the file that another program keeps fresh.
#[tokio::test]
async fn an_access_token_comes_from_a_file() {
    let login = Some(Login::new("PLAIN XOAUTH2", "ana@example.com", "ya29.fresh"));
    let server = Server::with(Options { login, ..Options::default() }, |_| Answer::Usual);
    let place = format!("smtp://ana%40example.com:${{file:token}}@127.0.0.1:{}", server.port());
    let folder = installation(&format!("{{ from: kpis@example.com, auth: xoauth2, server: \"{place}\" }}")).await;
    folder.write("token", "ya29.expired\n");
    let output = kpid_send(&folder).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("535 5.7.8 bad credentials") && !said.contains("ya29"), "{said}");
    folder.write("token", "ya29.fresh\n");
    succeeds(kpid_send(&folder));
    assert_eq!(server.ledger().len(), 1);
}

/// What a script was asked: step, line, sender, recipient, how many times, mails so far.
type Asked = (Step, String, String, String, usize, usize);

#[tokio::test]
async fn a_script_is_asked_at_each_step() {
    let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let seen = asked.clone();
    let server = Server::start(move |event| {
        let texts = [event.line, event.from, event.to].map(str::to_owned);
        let [line, from, to] = texts;
        seen.lock().unwrap().push((event.step, line, from, to, event.nth, event.mails));
        Answer::Usual
    });
    let mut session = session(&server);
    for _ in 0..2 {
        send(&mut session, "ana@example.org").await.unwrap();
    }
    let asked = asked.lock().unwrap().clone();
    let (from, to) = ("kpis@example.com", "ana@example.org");
    let expected = |step, line: &str, from: &str, to: &str, nth, mails| {
        (step, line.to_owned(), from.to_owned(), to.to_owned(), nth, mails)
    };
    let mut all = vec![expected(Step::Connect, "", "", "", 1, 0), asked[1].clone()];
    for mails in 0..2 {
        all.push(expected(Step::Mail, "MAIL FROM:<kpis@example.com>", "", "", mails + 1, mails));
        all.push(expected(Step::Rcpt, "RCPT TO:<ana@example.org>", from, to, mails + 1, mails));
        all.push(expected(Step::Data, "DATA", from, to, mails + 1, mails));
        all.push(expected(Step::Body, "", from, to, mails + 1, mails));
        all.push(expected(Step::Dot, "", from, to, mails + 1, mails));
    }
    assert_eq!(asked, all);
    assert_eq!(asked[1].0, Step::Ehlo);
}

#[tokio::test]
async fn a_ledger_that_is_given_a_place_stays_there() {
    let folder = Folder::new();
    let path = folder.write("ledger", "");
    let options = Options { ledger: Some(path.clone()), ..Options::default() };
    for _ in 0..2 {
        let server = Server::with(options.clone(), |_| Answer::Usual);
        send(&mut session(&server), "ana@example.org").await.unwrap();
    }
    let server = Server::with(options, |_| Answer::Usual);
    let ledger = server.ledger();
    assert!(
        ledger.len() == 2 && ledger.iter().all(|entry| entry.bytes == mail("ana@example.org").bytes()),
        "{ledger:?}"
    );
}
