//! `kpid doctor` before real databases, a store, a scripted mail server and a small name server: what it says, and what it ends with.

mod zone;

use crate::installation::Folder;
use crate::servers;
use crate::smtp::{self, Answer, Login, Options, Step};
use kpid::secret::Secret;
use kpid::store::{Role, Store};
use serde_json::Value as Json;
use std::process::Command;
use std::time::{Duration, Instant};
use zone::{NameServer, Record};

/// Exit code, stdout, stderr of `kpid doctor` on the folder `kpis` of `folder`.
fn doctor(folder: &Folder, args: &[&str]) -> (i32, String, String) {
    kpid(folder, &[&["doctor"], args].concat())
}

fn kpid(folder: &Folder, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    let command = command.args(args).current_dir(folder.path()).env_remove("KPID_DIR");
    let ran = command.env("SSL_CERT_FILE", smtp::AUTHORITY).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

/// The lines about one thing, what to do included.
fn about(out: &str, what: &str) -> String {
    let mut lines = out.lines().skip_while(|line| {
        line.strip_prefix(['✓', '!', '✗']).is_none_or(|line| !line.starts_with(&format!(" {what} ")))
    });
    let first = lines.next().unwrap_or_else(|| panic!("nothing about {what} in\n{out}"));
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let advice = lines.take_while(|line| line.starts_with("    ")).map(str::trim);
    std::iter::once(&*first).chain(advice).collect::<Vec<_>>().join("\n")
}

/// An installation with these settings beside the usual ones, and these databases.
fn installation(settings: &str, databases: &str) -> Folder {
    let folder = Folder::new();
    let yaml = format!(
        "settings: {{ language: en, timezone: Europe/Madrid, {settings} }}\ndatabases: {{ {databases} }}\n\
         sources:\n  s: {{ database: crm, sql: \"SELECT 1 AS n WHERE :start < :end\", measures: [n] }}\n\
         kpis:\n  n: {{ formula: s.n, unit: count, good: up }}\n"
    );
    folder.write("kpis/all.yaml", &yaml);
    folder
}

async fn with_crm(settings: &str) -> Folder {
    let folder = installation(settings, "crm: { url: \"sqlite://crm.db\" }");
    folder.sqlite("crm", "CREATE TABLE t (n INT)").await;
    folder
}

/// A daemon has been at `folder`'s store.
async fn with_store(folder: &Folder) -> Store {
    let url = Secret::new(format!("sqlite://{}", folder.path().join("kpid.db").display()));
    Store::open(&url, Role::Daemon, 1, jiff::Timestamp::now()).await.unwrap()
}

fn mail(server: &str) -> String {
    format!("admin: ops@example.com, mail: {{ from: \"KPIs <kpis@mail.example.com>\", server: \"{server}\" }}")
}

const GOOD: [(&str, Record); 5] = [
    ("mail.example.com", Record::Mx(20, "backup.example.com")),
    ("mail.example.com", Record::Mx(10, "in.example.com")),
    ("mail.example.com", Record::Txt("v=spf1 mx -all")),
    ("_dmarc.example.com", Record::Txt("v=DMARC1; p=reject")),
    ("k1._domainkey.mail.example.com", Record::Txt("v=DKIM1; k=rsa; p=MIGf")),
];

#[tokio::test(flavor = "multi_thread")]
async fn installation_that_lacks_nothing_is_told_so_and_no_mail_is_sent() {
    let options =
        Options { login: Some(Login::new("PLAIN", "ana", "canary-7")), size: Some(20_000_000), ..Options::default() };
    let server = smtp::Server::with(options, |_| Answer::Usual);
    let names = NameServer::start(&GOOD);
    let folder = with_crm(&mail(&server.url())).await;
    let store = with_store(&folder).await;
    store.beat("n1", "alpha", "0.1.0", "v1", jiff::Timestamp::now()).await.unwrap();
    let (code, out, err) = doctor(&folder, &["--resolver", &names.place(), "--dkim-selector", "k1"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    // A password stands in the YAML.
    assert!(about(&out, "configuration").starts_with("! configuration 1 KPI, 1 source, 0 reports, version "), "{out}");
    assert_eq!(about(&out, "templates"), "✓ templates every report can be rendered, for all its readers");
    assert!(about(&out, "time zone").starts_with("✓ time zone Europe/Madrid: it is 20"), "{out}");
    assert!(about(&out, "memory").ends_with(" are left") && about(&out, "disk").contains(" are free at ."), "{out}");
    assert_eq!(about(&out, "store"), "✓ store kpid.db opens and can be written");
    assert_eq!(about(&out, "daemon"), "✓ daemon runs on alpha (kpid 0.1.0)");
    assert_eq!(about(&out, "database crm"), "✓ database crm answers, and lets kpid do no more than read");
    let place = format!("127.0.0.1:{}", server.port());
    let takes =
        format!("✓ mail {place} takes mail from KPIs <kpis@mail.example.com>, without encryption, logged in as ana");
    assert_eq!(about(&out, "mail"), takes);
    assert_eq!(about(&out, "dns mx"), "✓ dns mx mail for mail.example.com goes to in.example.com, backup.example.com");
    assert_eq!(about(&out, "dns spf"), "✓ dns spf v=spf1 mx -all");
    assert_eq!(about(&out, "dns dkim"), "✓ dns dkim k1._domainkey.mail.example.com has a key");
    assert_eq!(about(&out, "dns dmarc"), "✓ dns dmarc v=DMARC1; p=reject");
    assert_eq!(about(&out, "admin"), "✓ admin ops@example.com hears of failures");
    assert!(!out.contains('✗') && !out.contains("canary"), "{out}");
    assert!(server.ledger().is_empty());
    let said = server.said_on(1);
    assert!(said.iter().any(|line| line.starts_with("MAIL FROM:<kpis@mail.example.com>")), "{said:?}");
    assert!(!said.iter().any(|line| line.starts_with("RCPT") || line.starts_with("DATA")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_domain_lacks_is_told_with_what_to_publish() {
    let server = smtp::Server::start(|_| Answer::Usual);
    let folder = with_crm(&mail(&server.url())).await;
    let look = |zone: &[(&'static str, Record)], args: &[&str]| {
        let names = NameServer::start(zone);
        doctor(&folder, &[&["--resolver", &*names.place()], args].concat())
    };
    let (code, out, _) = look(&[("mail.example.com", Record::Txt("some other text"))], &[]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(
        about(&out, "dns mx"),
        "! dns mx mail.example.com has no MX: bounces and answers may be lost\n\
         publish, with the host that takes its mail: mail.example.com. IN MX 10 mail.mail.example.com."
    );
    assert_eq!(
        about(&out, "dns spf"),
        "! dns spf mail.example.com doesn't say which servers may send for it\n\
         publish this, and what the operator of the mail server adds to it:\n\
         mail.example.com. IN TXT \"v=spf1 mx ~all\""
    );
    assert_eq!(
        about(&out, "dns dkim"),
        "! dns dkim not looked at: the key's name is known to the mail server alone\n\
         ask its operator for the selector, then: kpid doctor --dkim-selector NAME"
    );
    assert_eq!(
        about(&out, "dns dmarc"),
        "! dns dmarc mail.example.com doesn't say what to do with forged mail\n\
         publish this to begin with; reports of forgeries come to that address:\n\
         _dmarc.mail.example.com. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@mail.example.com\""
    );

    let broken = [
        ("mail.example.com", Record::Mx(0, ".")),
        ("mail.example.com", Record::Txt("v=spf1 mx -all")),
        ("mail.example.com", Record::Txt("v=spf1 +all")),
        ("old._domainkey.mail.example.com", Record::Txt("v=DKIM1; p=")),
    ];
    let (code, out, _) = look(&broken, &["--dkim-selector", "old"]);
    assert_eq!(code, 1, "{out}");
    assert!(about(&out, "dns mx").starts_with("✗ dns mx mail.example.com says that it takes no mail"), "{out}");
    assert!(
        about(&out, "dns spf").starts_with("✗ dns spf mail.example.com has 2 SPF records, so that none counts"),
        "{out}"
    );
    assert!(about(&out, "dns dkim").contains("the key of old._domainkey.mail.example.com was withdrawn"), "{out}");
    let (_, out, _) = look(&[("other.org", Record::Mx(1, "x.org"))], &["--dkim-selector", "no"]);
    assert!(about(&out, "dns mx").starts_with("✗ dns mx there is no domain mail.example.com"), "{out}");
    assert!(
        about(&out, "dns dkim").starts_with("✗ dns dkim there is no key at no._domainkey.mail.example.com"),
        "{out}"
    );
}

/// SM-11, SM-12
#[tokio::test(flavor = "multi_thread")]
async fn mail_server_that_takes_no_mail_is_told_with_its_words() {
    let names = NameServer::start(&GOOD);
    let look = async |options: Options, script: fn(&smtp::Event) -> Answer| {
        let server = smtp::Server::with(options, script);
        let folder = with_crm(&mail(&server.url())).await;
        let (code, out, err) = doctor(&folder, &["--resolver", &names.place()]);
        assert!(!out.contains("canary") && !err.contains("canary"), "{out}{err}");
        assert!(server.ledger().is_empty());
        (code, about(&out, "mail").replace(&format!(":{}", server.port()), ""))
    };
    let login = || Options { login: Some(Login::new("PLAIN", "ana", "canary-7")), ..Options::default() };
    let found = look(login(), |event| match event.step {
        Step::Auth => Answer::say("535 5.7.8 wrong canary-7"),
        _ => Answer::Usual,
    });
    let expected = "✗ mail mail server 127.0.0.1: 535 5.7.8 wrong ***\n\
                    correct `settings.mail`: server, user, password, `from`";
    assert_eq!(found.await, (1, expected.to_owned()));

    let found = look(Options::default(), |event| match event.step {
        Step::Mail => Answer::say("550 5.1.8 not for this sender"),
        _ => Answer::Usual,
    });
    assert!(found.await.1.starts_with("✗ mail mail server 127.0.0.1: 550 5.1.8 not for this sender\n"));

    let expired = Options { tls: smtp::Tls::Implicit, certificate: smtp::Certificate::Expired, ..Options::default() };
    let (code, found) = look(expired, |_| Answer::Usual).await;
    assert_eq!(code, 1);
    assert!(found.starts_with("✗ mail mail server 127.0.0.1: ") && found.to_lowercase().contains("expired"), "{found}");

    let good = Options { tls: smtp::Tls::Upgrade, size: Some(1_000_000), ..Options::default() };
    let (code, found) = look(good, |_| Answer::Usual).await;
    assert_eq!(code, 0, "{found}");
    assert!(found.ends_with("takes mail from KPIs <kpis@mail.example.com>, by STARTTLS"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_answer_is_given_up_after_five_seconds_all_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let names = NameServer::start(&GOOD);
    let databases = format!("crm: {{ url: \"postgres://kpid:canary-7@127.0.0.1:{port}/crm\" }}");
    let folder = installation(&mail(&format!("smtp://127.0.0.1:{port}")), &databases);
    let began = Instant::now();
    let (code, out, err) = doctor(&folder, &["--resolver", &names.place()]);
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    let advice = "is it up, and does the network let this machine through to it?";
    assert!(about(&out, "configuration").starts_with("! configuration 1 KPI"), "{out}");
    assert_eq!(about(&out, "database crm"), format!("✗ database crm no answer within 5s\n{advice}"));
    assert_eq!(about(&out, "mail"), format!("✗ mail mail server 127.0.0.1:{port}: no answer for 4.5 s\n{advice}"));
    assert!(!out.contains("canary"), "{out}");
}

/// E-2, E-3
#[tokio::test(flavor = "multi_thread")]
async fn roles_that_may_more_than_read_are_told() {
    if let Some(crm) = servers::postgres() {
        let superuser = installation("admin: ops@example.com", &format!("crm: {{ url: \"{}\" }}", crm.url()));
        let (code, out, _) = doctor(&superuser, &[]);
        assert_eq!(code, 1, "{out}");
        assert_eq!(
            about(&out, "database crm"),
            "✗ database crm its role is a superuser: kpid needs one that may only read\n\
             give kpid a role of its own, or accept this one with `allow_privileged: true`"
        );
        let (code, out, err) = kpid(&superuser, &["check", "--connect"]);
        assert_eq!(code, 3, "{out}");
        assert!(
            err.contains(
                "error: database `crm`: its role is a superuser: kpid needs one that may only read [privileged]\n"
            ),
            "{err}"
        );
        let databases = format!("crm: {{ url: \"{}\", allow_privileged: true }}", crm.url());
        let accepted = installation("admin: ops@example.com", &databases);
        let (_, _, err) = kpid(&accepted, &["check", "--connect"]);
        assert!(err.contains("warning: database `crm`: its role is a superuser"), "{err}");
        let (code, out, _) = doctor(&accepted, &[]);
        assert_eq!(code, 0, "{out}");
        assert!(about(&out, "database crm").starts_with("! database crm answers; its role is a superuser"), "{out}");
    }
    if let Some(crm) = servers::mysql() {
        let folder = installation("admin: ops@example.com", &format!("crm: {{ url: \"{}\" }}", crm.url()));
        let (code, out, _) = doctor(&folder, &[]);
        assert_eq!(code, 0, "{out}");
        let expected = "! database crm answers; its role has ALL PRIVILEGES on *.*: grant it SELECT only";
        assert_eq!(about(&out, "database crm"), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn store_that_is_absent_held_or_spoilt_is_told() {
    let folder = with_crm("web: { listen: \"127.0.0.1:8321\", public_url: \"http://localhost:8321\" }").await;
    let (code, out, _) = doctor(&folder, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(about(&out, "configuration").starts_with("✓ configuration 1 KPI, 1 source, 0 reports, version "), "{out}");
    let absent = "! store kpid.db is not there yet: the daemon makes it when it first starts\nkpid run";
    assert_eq!(about(&out, "store"), absent);
    assert!(!folder.path().join("kpid.db").exists(), "doctor makes nothing");
    assert!(about(&out, "mail").starts_with("! mail there is no mail server: nothing can be sent"), "{out}");
    assert!(about(&out, "admin").starts_with("! admin nobody hears of failures"), "{out}");
    assert!(
        about(&out, "web").starts_with("! web http://localhost:8321 leads every reader to their own machine"),
        "{out}"
    );
    assert!(out.ends_with('\n') && out.contains("\nnothing is broken; to look at: "), "{out}");

    let store = with_store(&folder).await;
    let now = jiff::Timestamp::now();
    store.hold_planning("the clock jumped 40 days", now).await.unwrap();
    for (node, config) in [("n1", "v1"), ("n2", "v2")] {
        store.beat(node, "alpha", "0.1.0", config, now).await.unwrap();
    }
    let (code, out, _) = doctor(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(about(&out, "planning").ends_with("the clock jumped 40 days\nkpid resume"), "{out}");
    assert!(about(&out, "daemon").starts_with("! daemon they hold different catalogues: alpha v"), "{out}");
    drop(store);

    folder.write("kpid.db", "this is no store");
    let (code, out, _) = doctor(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(about(&out, "store").starts_with("✗ store ") && about(&out, "store").contains("kpid.db"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn yaml_that_is_wrong_is_told_first_and_the_machine_is_still_looked_at() {
    let folder = Folder::new();
    folder.write("kpis/all.yaml", "setings: {}\nkpis: { a: { formula: b.c } }\n");
    let (code, out, err) = doctor(&folder, &[]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(about(&out, "configuration").starts_with("✗ configuration the YAML can't be used: "), "{out}");
    assert!(about(&out, "configuration").ends_with("\nkpid check") && out.contains(" memory "), "{out}");
    let (code, json, _) = doctor(&folder, &["--json"]);
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["ok"]), (1, &false.into()));
    let first = &json["checks"][0];
    assert_eq!((&first["about"], &first["state"]), (&"configuration".into(), &"failed".into()));
    assert_eq!(first["advice"], serde_json::json!(["kpid check"]));
}
