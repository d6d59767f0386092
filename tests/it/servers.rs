//! The real servers that `tests/run` starts, and a fresh database of its own for each test that wants one.
//!
//! Where they are comes from the variables that `tests/servers/start` prints. Without them a test leaves itself out, loudly;
//! under `KPID_TEST_ALL`, which `tests/run` sets, a missing server is a failure.
//!
//! ```ignore
//! let Some(crm) = servers::postgres() else { return };
//! crm.run("CREATE TABLE leads (day date); INSERT INTO leads VALUES ('2026-11-16')");
//! let readings = read(crm.url());
//! ```

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

use sqlx::mysql::MySqlConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, Row, raw_sql};

/// An empty database, dropped with everything in it at the end of the test, also when clients are still connected to it.
pub struct Database {
    server: String,
    name: String,
    url: String,
    /// Past a pooler.
    direct: String,
}

/// An empty PostgreSQL database, or `None` when this run has no PostgreSQL.
pub fn postgres() -> Option<Database> {
    server("KPID_TEST_POSTGRES").map(Database::create)
}

/// An empty PostgreSQL database whose URL goes through PgBouncer, or `None` when this run has no PgBouncer.
pub fn pgbouncer() -> Option<Database> {
    let pooler = server("KPID_TEST_PGBOUNCER")?;
    let (base, _) = pooler.rsplit_once('/').expect("a server's URL ends with its first database");
    let mut database = postgres()?;
    database.url = format!("{base}/{}", database.name);
    Some(database)
}

/// An empty MariaDB database, or `None` when this run has no MariaDB.
pub fn mysql() -> Option<Database> {
    server("KPID_TEST_MYSQL").map(Database::create)
}

/// A mail server: Postfix, which takes mail for any address of example.com but nobody@, and Dovecot.
pub struct Mta {
    /// `smtp://…`
    pub smtp: String,
    /// `imap://:PASSWORD@…`; the users are the addresses.
    pub imap: String,
    /// Postfix's `queue` is in it, and `mail`.
    pub folder: PathBuf,
}

/// The mail server, or `None` when this run has none.
pub fn mta() -> Option<Mta> {
    let smtp = server("KPID_TEST_MTA_SMTP")?;
    if smtp.is_empty() {
        say("left out: mails through a real server (Postfix runs as root only)");
        return None;
    }
    Some(Mta { smtp, imap: server("KPID_TEST_MTA_IMAP")?, folder: server("KPID_TEST_MTA_FOLDER")?.into() })
}

/// A port of this machine that nobody listens on, another one each time. It lies below the ports that the system gives to those who
/// ask for any, so that nobody takes it before the test does.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Each program of tests begins somewhere else.
    let first = u16::try_from(std::process::id() % 100 * 100).expect("less than 10,000");
    let mut ports =
        std::iter::repeat_with(|| 10_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000) % 10_000);
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).expect("there are ports without end")
}

/// Whether a program can do its work here: as with the servers, a test without it leaves itself out.
pub fn has(program: &str, args: &[&str]) -> bool {
    let works = std::process::Command::new(program).args(args).status().is_ok_and(|status| status.success());
    server_or_left_out(program, works.then(String::new), std::env::var_os("KPID_TEST_ALL").is_some()).is_some()
}

impl Database {
    fn create(server: String) -> Self {
        let name = format!("kpid_test_{:016x}", RandomState::new().hash_one(()));
        let (base, _) = server.rsplit_once('/').expect("a server's URL ends with its first database");
        let url = format!("{base}/{name}");
        execute(&server, format!("CREATE DATABASE {name}"));
        Self { server, name, direct: url.clone(), url }
    }

    /// The URL with user and password, as it stands in a catalogue.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs the statements, separated by `;`. Blocks, also inside an asynchronous test: for what comes before the subject.
    pub fn run(&self, sql: &str) {
        execute(&self.direct, sql.to_owned());
    }

    /// The same database for a test that looks behind the subject's back.
    pub fn direct(&self) -> &str {
        &self.direct
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self { server, name, .. } = self;
        if server.starts_with("postgres:") {
            execute(server, format!("DROP DATABASE {name} WITH (FORCE)"));
        } else {
            // MariaDB would wait for whoever has a transaction open on one of the tables.
            execute(
                server,
                format!(
                    "BEGIN NOT ATOMIC
                       FOR client IN (SELECT id FROM information_schema.processlist WHERE db = '{name}') DO
                         EXECUTE IMMEDIATE CONCAT('KILL ', client.id);
                       END FOR;
                       DROP DATABASE {name};
                     END"
                ),
            );
        }
    }
}

/// In a thread of its own: a test's own runtime can't be blocked on from inside it.
fn execute(url: &str, sql: String) {
    let url = url.to_owned();
    let outcome = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(connect_and_execute(&url, &sql)).map_err(|error| format!("{error}\nin: {sql}"))
    })
    .join();
    match outcome.expect("the thread ends") {
        Ok(()) => {}
        // A second panic would abort the run and hide the first one, which is the test's own.
        Err(error) if std::thread::panicking() => say(&error),
        Err(error) => panic!("{error}"),
    }
}

async fn connect_and_execute(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let sql = raw_sql(AssertSqlSafe(sql.to_owned()));
    if url.starts_with("postgres:") {
        let mut connection = PgConnection::connect(url).await?;
        sql.execute(&mut connection).await?;
        connection.close().await
    } else {
        let mut connection = MySqlConnection::connect(url).await?;
        sql.execute(&mut connection).await?;
        connection.close().await
    }
}

fn server(variable: &str) -> Option<String> {
    server_or_left_out(variable, std::env::var(variable).ok(), std::env::var_os("KPID_TEST_ALL").is_some())
}

fn server_or_left_out(variable: &str, url: Option<String>, all: bool) -> Option<String> {
    if url.is_none() {
        assert!(!all, "{variable} is missing, and KPID_TEST_ALL allows no test to be left out");
        let test = std::thread::current();
        say(&format!(
            "left out: {} ({variable} is missing; run tests/run for all tests)",
            test.name().unwrap_or("a test")
        ));
    }
    url
}

/// Past the test harness, which captures what `eprintln!` prints and shows it only when a test fails.
pub fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error is open");
}

#[test]
#[should_panic(expected = "KPID_TEST_POSTGRES is missing, and KPID_TEST_ALL allows no test to be left out")]
fn missing_server_fails_when_nothing_may_be_left_out() {
    server_or_left_out("KPID_TEST_POSTGRES", None, true);
}

#[tokio::test]
async fn postgres_database_is_the_tests_own_and_goes_under_an_open_transaction() {
    let Some(one) = postgres() else { return };
    let two = postgres().expect("the same server");
    let mut client = PgConnection::connect(one.url()).await.unwrap();
    raw_sql("CREATE TABLE t (a int); BEGIN; SELECT * FROM t").execute(&mut client).await.unwrap();
    assert_apart_and_dropped(one, two, "does not exist").await;
}

#[tokio::test]
async fn mariadb_database_is_the_tests_own_and_goes_under_an_open_transaction() {
    let Some(one) = mysql() else { return };
    let two = mysql().expect("the same server");
    let mut client = MySqlConnection::connect(one.url()).await.unwrap();
    raw_sql("CREATE TABLE t (a int); BEGIN; SELECT * FROM t").execute(&mut client).await.unwrap();
    assert_apart_and_dropped(one, two, "Unknown database").await;
}

/// The table `t` exists in `one` only.
async fn assert_apart_and_dropped(one: Database, two: Database, gone: &str) {
    two.run("CREATE TABLE t (a int)");
    let url = one.url().to_owned();
    drop(one);
    let error = connect_and_execute(&url, "SELECT 1").await.unwrap_err().to_string();
    assert!(error.contains(gone), "{error}");
    two.run("DROP TABLE t");
}

/// HA-6
#[tokio::test]
async fn pgbouncer_lends_four_connections_to_ten_clients() {
    let Some(database) = pgbouncer() else { return };
    // PgBouncer refuses what it can't keep apart for each client; a client that sets nothing on connecting is welcome.
    let options: PgConnectOptions = database.url().parse().unwrap();
    let options = options.extra_float_digits(None);
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(PgConnection::connect_with(&options).await.unwrap());
    }
    let mut processes = BTreeSet::new();
    for client in &mut clients {
        let row = client.fetch_one(raw_sql("SELECT pg_backend_pid()")).await.unwrap();
        processes.insert(row.get::<i32, _>(0));
    }
    assert!((1..=4).contains(&processes.len()), "{processes:?}");
}

#[test]
fn mariadb_knows_named_zones() {
    let Some(database) = mysql() else { return };
    database.run("SET time_zone = 'Europe/Madrid'");
}
