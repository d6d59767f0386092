//! What a session allows when the allow-list has been passed, what it depends on, and who may listen.

use super::faults::failure;
use super::*;

/// A role of `store`'s server that may read `t`; for SQLite the file itself.
struct Reader<'a> {
    store: &'a Store,
    name: String,
}

impl Reader<'_> {
    fn of(store: &Store) -> Reader<'_> {
        let name = format!("kpid_{:08x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ()) >> 32);
        match store.engine() {
            Engine::Postgres => {
                store.run(&format!("CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT SELECT ON t TO {name}"))
            }
            Engine::Mysql => store.run(&format!("CREATE USER {name} IDENTIFIED BY 'x'; GRANT SELECT ON t TO {name}")),
            Engine::Sqlite => {}
        }
        Reader { store, name }
    }

    fn database(&self) -> Database {
        let url = self.store.url();
        let url = match (self.store.engine(), url.split_once("://"), url.split_once('@')) {
            (Engine::Postgres | Engine::Mysql, Some((scheme, _)), Some((_, host))) => {
                format!("{scheme}://{}:x@{host}", self.name)
            }
            _ => url,
        };
        Database { url: Secret::new(url), ..self.store.database() }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        match self.store.engine() {
            Engine::Postgres => self.store.run(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name)),
            Engine::Mysql => self.store.run(&format!("DROP USER {}", self.name)),
            Engine::Sqlite => {}
        }
    }
}

/// Where no statement may write.
fn escape(store: &Store) -> PathBuf {
    let unique = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
    std::env::temp_dir().join(format!("kpid-escaped-{:?}-{unique:016x}", store.engine()))
}

/// Asked one after another in one session: first what would loosen it, then what would use that.
fn hostile(engine: Engine, file: &str) -> Vec<String> {
    let loosen: &[&str] = match engine {
        Engine::Postgres => &[
            "SET TRANSACTION READ WRITE",
            "SELECT set_config('transaction_read_only', 'off', false) AS n",
            "SELECT set_config('default_transaction_read_only', 'off', false) AS n",
            "RESET ALL",
        ],
        Engine::Mysql => &["SET SESSION TRANSACTION READ WRITE", "SET autocommit = 1"],
        Engine::Sqlite => &["PRAGMA query_only = 0", "PRAGMA writable_schema = 1"],
    };
    let reach: &[&str] = match engine {
        Engine::Postgres => &["COPY t TO '{}'", "COPY t TO PROGRAM 'touch {}'", "SELECT lo_export(1, '{}') AS n"],
        Engine::Mysql => &["SELECT n FROM t INTO OUTFILE '{}'", "SELECT n FROM t INTO DUMPFILE '{}'"],
        Engine::Sqlite => &["VACUUM INTO '{}'", "ATTACH 'file:{}?mode=rwc' AS x", "CREATE TABLE x.u (n INT)"],
    };
    let change = [
        "ROLLBACK  ",
        "COMMIT    ",
        "INSERT INTO t VALUES (2)",
        "UPDATE t SET n = 2",
        "DELETE FROM t",
        "TRUNCATE TABLE t",
        "ALTER TABLE t ADD m INT",
        "CREATE TABLE u (n INT)",
        "DROP TABLE t",
        "SELECT 1 AS n; DELETE FROM t",
        "WITH x AS (DELETE FROM t RETURNING n) SELECT n FROM x",
    ];
    let all = loosen.iter().chain(reach).chain(&change).chain(reach);
    all.map(|sql| sql.replace("{}", file)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_past_the_allow_list_change_nothing_on_the_server() {
    for store in Store::every() {
        store.run("CREATE TABLE t (n INT); INSERT INTO t VALUES (1)");
        let file = escape(&store);
        let hostile = hostile(store.engine(), file.to_str().unwrap());
        let statements: Vec<&str> = hostile.iter().map(String::as_str).collect();
        let reader = Reader::of(&store);
        let mut database = reader.database();
        database.connections = 1;
        read_all(database, store.smuggling(&statements), week(&UTC), &UTC).await;

        let tables = match store.engine() {
            Engine::Postgres => "pg_tables WHERE schemaname = 'public'",
            Engine::Mysql => "information_schema.tables WHERE table_schema = DATABASE()",
            Engine::Sqlite => "sqlite_master",
        };
        let sql =
            format!("SELECT n, (SELECT count(*) FROM t) AS total, (SELECT count(*) FROM {tables}) AS seen FROM t");
        let mut after = store.source("after", &sql);
        after.measures.extend([measure("total"), measure("seen")]);
        let after = read(store.database(), after, week(&UTC), &UTC).await.unwrap();
        assert_eq!([0, 1, 2].map(|at| value(&after, at)), [const { Value::Number(1.0) }; 3], "{:?}", store.engine());
        assert!(!file.exists(), "{:?} wrote {}", store.engine(), file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_written_through_a_session_even_of_an_owner() {
    for store in Store::every() {
        store.run("CREATE TABLE t (n INT)");
        let why = failure(store.database(), "INSERT INTO t VALUES (1) RETURNING 1 AS n").await;
        assert!(why.contains("read-only") || why.contains("readonly") || why.contains("READ ONLY"), "{why}");
        let count = read(store.database(), store.source("s", "SELECT count(*) AS n FROM t"), week(&UTC), &UTC);
        assert_eq!(value(&count.await.unwrap(), 0), Value::Number(0.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_may_do_more_than_read_are_warned_about() {
    for store in Store::every() {
        let warnings = Sources::new([store.database()]).audit("crm").await.unwrap();
        let expected = match store.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => "its role is a superuser: kpid needs one that may only read",
            Engine::Mysql => "its role has ALL PRIVILEGES on *.*: grant it SELECT only",
        };
        assert_eq!(warnings.first().map_or("", |excess| &*excess.what), expected);
    }
}

/// E-2
#[tokio::test(flavor = "multi_thread")]
async fn superuser_of_postgres_is_refused_unless_the_database_allows_it() {
    let Some(store) = Store::postgres() else { return };
    let refused = async |database: Database| {
        let refused = Sources::new([database]).privileged().await;
        refused.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let why = "database `crm`: its role is a superuser: kpid needs one that may only read; or accept it with \
               `allow_privileged: true`";
    assert_eq!(refused(store.database()).await, [why]);
    assert!(refused(Database { allow_privileged: true, ..store.database() }).await.is_empty());
    store.run("CREATE TABLE t (n INT)");
    let reader = Reader::of(&store);
    assert!(refused(reader.database()).await.is_empty());
    store.run(&format!("GRANT pg_execute_server_program TO {}", reader.name));
    let why = "database `crm`: its role may run programs on the server or write its files \
               (pg_execute_server_program); or accept it with `allow_privileged: true`";
    assert_eq!(refused(reader.database()).await, [why]);
}

/// MariaDB's own default for what strings and names look like, put back at the end of the test.
struct Modes<'a>(&'a Store);

impl Drop for Modes<'_> {
    fn drop(&mut self) {
        self.0.run("SET GLOBAL sql_mode = DEFAULT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_with_other_strings_reads_them_as_the_allow_list_does() {
    let check = async |store: &Store, expression: &str, expected: f64| {
        let table = read(store.database(), store.source("s", &format!("SELECT {expression} AS n")), week(&UTC), &UTC);
        assert_eq!(value(&table.await.unwrap(), 0), Value::Number(expected), "{expression}");
    };
    if let Some(store) = Store::postgres() {
        store.run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END $$");
        check(&store, r"length('a\b')", 3.0).await;
    }
    if let Some(store) = Store::mysql() {
        let _modes = Modes(&store);
        store.run("SET GLOBAL sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'");
        check(&store, r#"length('a\b') + length("c")"#, 3.0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_never_crosses_a_network_in_clear_unasked() {
    for store in [Store::postgres(), Store::mysql()].into_iter().flatten() {
        // A way to this machine that does not look like one.
        let url = store.url().replace("127.0.0.1", "0.0.0.0");
        let off = if store.engine() == Engine::Mysql { "ssl-mode=disabled" } else { "sslmode=disable" };
        let why = failure(Database { url: Secret::new(url.clone()), ..store.database() }, "SELECT 1 AS n").await;
        let expected = format!(
            "connect to database `crm`: its server offers no TLS, without which everybody on the network could read \
             what is sent: turn TLS on there, or accept that by ending the url with ?{off}"
        );
        assert_eq!(why, expected);
        let accepted = Database { url: Secret::new(format!("{url}?{off}")), ..store.database() };
        let table = read(accepted, store.source("s", "SELECT 1 AS n"), week(&UTC), &UTC).await.unwrap();
        assert_eq!(value(&table, 0), Value::Number(1.0));
    }
}
