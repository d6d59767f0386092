//! Databases that are down, slow, locked, or killed, and what a reader is told.

use super::*;
use sqlx::{Executor, Row};
use std::time::Instant;

pub async fn failure(database: Database, sql: &str) -> String {
    let source = Source {
        name: "s".into(),
        database: "crm".into(),
        description: None,
        statement: smuggled(sql, database.engine),
        time: None,
        dimensions: Vec::new(),
        measures: vec![measure("n")],
        labels: Default::default(),
        units: Default::default(),
        fresh: None,
    };
    read(database, source, week(&UTC), &UTC).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_connection_names_its_cause() {
    let check = async |store: &Store, url: &str, expected: &str| {
        let database = Database { url: Secret::new(url), ..store.database() };
        let why = failure(database, "SELECT 1 AS n").await;
        assert!(why.starts_with(expected), "{why}");
        assert!(!why.contains("://") && !why.contains("s3cr3t"), "{why}");
    };
    let sqlite = Store::sqlite();
    check(&sqlite, "sqlite://no/such.db", "connect to database `crm`: the file no/such.db does not exist").await;
    if let Some(store) = Store::postgres() {
        let refused = "connect to database `crm`: connection refused";
        check(&store, "postgres://ana:s3cr3t@127.0.0.1:1/crm", refused).await;
        check(&store, "postgres://ana:s3cr3t@no.such.host.invalid/crm", "connect to database `crm`: unknown host")
            .await;
        let (server, _) =
            store.url().rsplit_once('/').map(|(server, name)| (server.to_owned(), name.to_owned())).unwrap();
        check(&store, &format!("{server}/nope"), "connect to database `crm`: database \"nope\" does not exist").await;
    }
    if let Some(store) = Store::mysql() {
        let url = store.url();
        let (_, host) = url.split_once('@').unwrap();
        let url = format!("mysql://ana:s3cr3t@{host}");
        check(&store, &url, "connect to database `crm`: Access denied for user 'ana'@").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_text_is_told_without_the_rows_it_quotes() {
    if let Some(store) = Store::postgres() {
        store.run("CREATE TABLE t (who text); INSERT INTO t VALUES ('ana@example.com')");
        let why = failure(store.database(), "SELECT who::int AS n FROM t").await;
        assert_eq!(why, "database `crm` refused the query: invalid input syntax for type integer: …");
        let why = failure(store.database(), "SELECT nope AS n FROM t").await;
        assert_eq!(why, "database `crm` refused the query: column \"nope\" does not exist");
        let why = failure(store.database(), "SELECT 1 / 0 AS n").await;
        assert_eq!(why, "database `crm` refused the query: division by zero");
        store.run("ALTER TABLE t RENAME TO moved");
        let why = failure(store.database(), "SELECT 1 AS n FROM t").await;
        assert_eq!(why, "database `crm` refused the query: relation \"t\" does not exist");
    }
    let sqlite = Store::sqlite();
    let why = failure(sqlite.database(), "SELECT nope AS n").await;
    assert_eq!(why, "database `crm` refused the query: no such column: nope");
    if let Some(store) = Store::mysql() {
        let why = failure(store.database(), "SELECT nope AS n").await;
        assert_eq!(why, "database `crm` refused the query: Unknown column 'nope' in 'SELECT'");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_query_leaves_the_others_answered() {
    for store in Store::every() {
        let mut database = store.database();
        database.connections = 1;
        let sources = ["SELECT 1 AS n", "SELECT nope AS n", "SELECT 3 AS n"];
        let sources = store.smuggling(&sources);
        let answers = read_all(database, sources, week(&UTC), &UTC).await;
        let oks: Vec<bool> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(oks, [true, false, true], "{:?}: {answers:?}", store.engine());
    }
}

fn slow(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Postgres => &["SELECT 1 AS n FROM pg_sleep(60)"],
        // The second answers 0 without an error when it is cut.
        Engine::Mysql => &[
            "SELECT count(*) AS n FROM seq_1_to_100000 a JOIN seq_1_to_100000 b WHERE a.seq <> b.seq + 1",
            "SELECT BENCHMARK(1000000000, MD5('x')) AS n",
            "SELECT SLEEP(60) AS n",
        ],
        Engine::Sqlite => {
            &["WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s) SELECT count(*) AS n FROM s"]
        }
    }
}

/// What other sessions of this database are doing.
async fn running(store: &Store) -> Vec<String> {
    let url = store.url();
    match store.engine() {
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let sql = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
                       AND pid <> pg_backend_pid()";
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        }
        Engine::Mysql => {
            let mut connection = sqlx::MySqlConnection::connect(&url).await.unwrap();
            let sql = "SELECT info FROM information_schema.processlist WHERE db = DATABASE() AND info IS NOT NULL \
                       AND id <> CONNECTION_ID()";
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        }
        Engine::Sqlite => Vec::new(),
    }
}

/// The server lists a session for a moment after it has answered.
async fn assert_idle(store: &Store, context: &str) {
    let started = Instant::now();
    let mut left = running(store).await;
    while !left.is_empty() && started.elapsed() < Duration::from_secs(30) {
        left = running(store).await;
    }
    assert_eq!(left, [""; 0], "{context}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_query_is_stopped_on_the_server_at_the_limit() {
    for store in Store::every() {
        for sql in slow(store.engine()) {
            let mut database = store.database();
            database.timeout = Duration::from_secs(1);
            let started = Instant::now();
            let why = failure(database, sql).await;
            assert_eq!(why, "the query took longer than the 1s that database `crm` allows", "{sql}");
            assert!(started.elapsed() < Duration::from_secs(20), "{sql}: {:?}", started.elapsed());
            assert_idle(&store, sql).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reader_that_is_gone_leaves_no_query_behind() {
    let Some(store) = Store::postgres() else { return };
    let sources = Sources::new([Database { timeout: Duration::from_secs(60), ..store.database() }]);
    let needs = store.smuggling(slow(Engine::Postgres));
    let needs = needs.into_iter().map(|source| Need::rows(source, week(&UTC))).collect();
    let reader = tokio::spawn(async move { sources.read(needs, &UTC, |_| {}).await });
    while running(&store).await.is_empty() {}
    reader.abort();
    assert_idle(&store, "a server looks for its client every two seconds").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn query_that_outwits_the_servers_limit_is_cancelled_by_a_second_connection() {
    let Some(store) = Store::postgres() else { return };
    let mut database = store.database();
    database.timeout = Duration::from_secs(1);
    let started = Instant::now();
    store.run("CREATE FUNCTION nap() RETURNS int LANGUAGE plpgsql AS $$ BEGIN \
               BEGIN PERFORM pg_sleep(30); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(30); END; RETURN 1; END $$");
    let why = failure(database, "SELECT nap() AS n").await;
    assert_eq!(why, "the query took longer than the 1s that database `crm` allows");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_idle(&store, "nap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn table_locked_by_another_program_is_given_up_after_five_seconds() {
    let locked = "a table of database `crm` stayed locked by another program for 5s";
    let mut waits = tokio::task::JoinSet::new();
    for store in Store::every() {
        waits.spawn(async move {
            store.run("CREATE TABLE t (n INT)");
            let url = store.url();
            let sql = "SELECT count(*) AS n FROM t";
            macro_rules! locked_by {
                ($connection:ty, $lock:expr) => {{
                    let mut connection = <$connection>::connect(&url).await.unwrap();
                    connection.execute($lock).await.unwrap();
                    let why = failure(store.database(), sql).await;
                    connection.close().await.unwrap();
                    why
                }};
            }
            let why = match store.engine() {
                Engine::Postgres => locked_by!(sqlx::PgConnection, "BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE"),
                Engine::Mysql => locked_by!(sqlx::MySqlConnection, "LOCK TABLES t WRITE"),
                Engine::Sqlite => {
                    // A writer of a WAL file does not lock readers out.
                    store.run("PRAGMA journal_mode = DELETE");
                    locked_by!(SqliteConnection, "BEGIN EXCLUSIVE")
                }
            };
            assert_eq!(why, locked, "{:?}", store.engine());
            assert!(read(store.database(), store.source("s", sql), week(&UTC), &UTC).await.is_ok());
        });
    }
    waits.join_all().await;
}

/// Ends the first session of `crm` that runs a query with `marker`, and says when it has.
async fn kill(store: &Store, marker: &str) {
    let url = store.url();
    match store.engine() {
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let sql = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                 AND state = 'active' AND query LIKE '%{marker}%' AND pid <> pg_backend_pid()"
            );
            while connection.fetch_optional(AssertSqlSafe(sql.clone())).await.unwrap().is_none() {}
        }
        Engine::Mysql => {
            let mut connection = sqlx::MySqlConnection::connect(&url).await.unwrap();
            let find = format!(
                "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%{marker}%' \
                 AND id <> CONNECTION_ID()"
            );
            let id: i64 = loop {
                if let Some(row) = connection.fetch_optional(AssertSqlSafe(find.clone())).await.unwrap() {
                    break row.try_get_unchecked(0).unwrap();
                }
            };
            connection.execute(AssertSqlSafe(format!("KILL {id}"))).await.unwrap();
        }
        Engine::Sqlite => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_connection_is_read_again_whole_in_one_snapshot() {
    for store in [Store::postgres(), Store::mysql()].into_iter().flatten() {
        store.run("CREATE TABLE version (n INT); INSERT INTO version VALUES (1)");
        let sleep = match store.engine() {
            Engine::Postgres => "SELECT n FROM version, pg_sleep(2) AS marked",
            _ => "SELECT n, SLEEP(2) AS marked FROM version",
        };
        let mut database = store.database();
        database.connections = 1;
        let sources = ["SELECT n FROM version", sleep, "SELECT n FROM version"];
        let sources = store.smuggling(&sources);
        let everywhere = week(&UTC);
        let killing = async {
            kill(&store, "marked").await;
            store.run("UPDATE version SET n = 2");
        };
        let (answers, ()) = tokio::join!(read_all(database, sources, everywhere, &UTC), killing);
        let numbers: Vec<f64> = answers.iter().map(|answer| answer.as_ref().unwrap().measures[0].numbers[0]).collect();
        let belong_together = numbers == [1.0; 3] || numbers == [2.0; 3];
        assert!(belong_together, "{:?}: {numbers:?}", store.engine());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_that_keeps_breaking_fails_its_own_source() {
    let Some(store) = Store::postgres() else { return };
    let sources = ["SELECT 1 AS n", "SELECT pg_terminate_backend(pg_backend_pid())::int AS n", "SELECT 3 AS n"];
    let sources = store.smuggling(&sources);
    let mut database = store.database();
    database.connections = 1;
    let answers = read_all(database, sources, week(&UTC), &UTC).await;
    assert_eq!(answers[1].as_ref().unwrap_err(), "the connection to database `crm` broke off");
    assert!(answers[0].is_ok() && answers[2].is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn database_that_is_down_fails_only_its_own_sources() {
    let up = Store::sqlite();
    let down = Database { name: "erp".into(), url: Secret::new("sqlite://no/such.db"), ..up.database() };
    let good = Arc::new(up.source("good", "SELECT 1 AS n"));
    let bad = Arc::new(Source { database: "erp".into(), ..up.source("bad", "SELECT 1 AS n") });
    let lost = Arc::new(Source { database: "nope".into(), ..up.source("lost", "SELECT 1 AS n") });
    let window = week(&UTC);
    let needs = [&good, &bad, &lost].map(|source| Need::rows(source.clone(), window)).to_vec();
    let told = std::sync::atomic::AtomicUsize::new(0);
    let count = |progress: kpid::source::Progress| told.store(progress.done, std::sync::atomic::Ordering::Relaxed);
    let readings = Sources::new([up.database(), down]).read(needs, &UTC, count).await;
    assert_eq!(told.into_inner(), 3, "a failed query is done too");
    assert!(readings.rows(&good, window).is_ok());
    let told = |source| readings.rows(source, window).unwrap_err().to_string();
    assert_eq!(told(&bad), "source bad failed: connect to database `erp`: the file no/such.db does not exist");
    assert_eq!(told(&lost), "source lost failed: database `nope` is not declared");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_with_room_for_one_connection_answers_everything_over_it() {
    let Some(store) = Store::postgres() else { return };
    let role = format!("kpid_narrow_{}", std::process::id());
    store.run(&format!("CREATE TABLE t (n INT); CREATE ROLE {role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1"));
    let (_, host) = store.url().split_once('@').map(|(user, host)| (user.to_owned(), host.to_owned())).unwrap();
    let database = Database { url: Secret::new(format!("postgres://{role}:x@{host}")), ..store.database() };
    let sources = store.smuggling(&["SELECT 1 AS n"; 8]);
    let answers = read_all(database.clone(), sources, week(&UTC), &UTC).await;
    let sources = Sources::new([database]);
    let reader = sources.audit("crm").await;
    store.run(&format!("GRANT SELECT, INSERT ON t TO {role}"));
    let writer = sources.audit("crm").await;
    store.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(reader, Ok(Vec::new()), "a role without write grants is fine");
    assert_eq!(
        writer,
        Ok(vec![Excess { what: "its role may write to t: grant it SELECT only".to_owned(), privileged: false }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_never_answers_is_given_up_after_ten_seconds() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://ana:s3cr3t@{}/crm", silent.local_addr().unwrap());
    let database = Database { url: Secret::new(url), engine: Engine::Postgres, ..Store::sqlite().database() };
    let why = failure(database, "SELECT 1 AS n").await;
    assert_eq!(why, "connect to database `crm`: no answer within 10s");
}
