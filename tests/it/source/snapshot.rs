//! All queries of a run see one state of each database.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Moves one euro a time from `a` to `b` while `stop` is unset; `version` counts the moves.
async fn move_money(store: &Store, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<u32> {
    let url = store.url();
    let transfer = "UPDATE a SET n = n - 1; UPDATE b SET n = n + 1; UPDATE version SET n = n + 1; COMMIT";
    let begin = if store.engine() == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    let transfer = format!("{begin}; {transfer}");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut moves = 0;
            macro_rules! write_with {
                ($connection:ty, $hurry:literal) => {{
                    let mut connection = <$connection>::connect(&url).await.unwrap();
                    raw_sql($hurry).execute(&mut connection).await.unwrap();
                    while !stop.load(Ordering::Relaxed) {
                        raw_sql(AssertSqlSafe(transfer.clone())).execute(&mut connection).await.unwrap();
                        moves += 1;
                    }
                }};
            }
            match Engine::of_url(&url).unwrap() {
                Engine::Sqlite => write_with!(SqliteConnection, "PRAGMA synchronous = OFF"),
                Engine::Postgres => write_with!(sqlx::PgConnection, "SET synchronous_commit = off"),
                Engine::Mysql => write_with!(sqlx::MySqlConnection, "SELECT 1"),
            }
            moves
        })
    })
}

/// A server whose sessions begin at READ COMMITTED, as those of many managed servers do; there WITH CONSISTENT SNAPSHOT
/// is ignored unless asked for. Put back at the end of the test.
struct ReadCommitted<'a>(&'a Store);

impl ReadCommitted<'_> {
    fn everywhere(store: &Store) -> ReadCommitted<'_> {
        store.run("SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED");
        ReadCommitted(store)
    }
}

impl Drop for ReadCommitted<'_> {
    fn drop(&mut self) {
        self.0.run("SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_of_a_run_agree_while_somebody_writes() {
    for store in Store::every() {
        store.run(
            "CREATE TABLE a (n BIGINT); CREATE TABLE b (n BIGINT); CREATE TABLE version (n BIGINT);
             INSERT INTO a VALUES (1000000); INSERT INTO b VALUES (0); INSERT INTO version VALUES (0)",
        );
        let _level = (store.engine() == Engine::Mysql).then(|| ReadCommitted::everywhere(&store));
        let stop = Arc::new(AtomicBool::new(false));
        let writer = move_money(&store, stop.clone()).await;
        let mut versions = std::collections::BTreeSet::new();
        // Until the writer has been seen at work often enough; a run takes milliseconds.
        for _ in 0..3_000 {
            if versions.len() == 20 {
                break;
            }
            let sources = ["a", "b", "version", "a", "b", "version"].iter().enumerate();
            let sources =
                sources.map(|(at, table)| Arc::new(store.source(&format!("s{at}"), &format!("SELECT n FROM {table}"))));
            let answers = read_all(store.database(), sources.collect(), week(&UTC), &UTC).await;
            let numbers: Vec<f64> =
                answers.iter().map(|answer| answer.as_ref().unwrap().measures[0].numbers[0]).collect();
            let [a, b, version, ..] = numbers[..] else { panic!("{numbers:?}") };
            assert_eq!((a + b, b), (1_000_000.0, version), "{:?}: {numbers:?}", store.engine());
            assert_eq!(numbers[..3], numbers[3..], "{:?}", store.engine());
            versions.insert(version as u64);
        }
        stop.store(true, Ordering::Relaxed);
        let moves = writer.join().unwrap();
        assert_eq!(versions.len(), 20, "{:?}: {moves} moves", store.engine());
    }
}
