//! Columns, rows, caps, and the questions beside `read`.

use super::*;
use kpid::source::RawRows;
use std::sync::Mutex;

async fn answer(store: &Store, source: Source) -> Result<Table, String> {
    read(store.database(), source, week(&UTC), &UTC).await
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_must_have_the_declared_columns_once() {
    for store in Store::every() {
        let check = async |sql: &str, expected: &str| {
            assert_eq!(answer(&store, store.source("s", sql)).await.unwrap_err(), expected, "{:?}", store.engine());
        };
        check("SELECT 1 AS a, 2 AS b", "column `n` is not among those that came back (a, b)").await;
        check("SELECT 1 AS n, 2 AS n", "column `n` comes back more than once").await;
        check(
            "SELECT 1 AS n UNION ALL SELECT 2",
            "expected 1 row, got 2 or more: aggregate in SQL, or declare time or dimensions",
        )
        .await;
        let mut near = store.source("s", "SELECT 1 AS created");
        near.measures = vec![measure("craeted")];
        assert_eq!(
            answer(&store, near).await.unwrap_err(),
            "column `craeted` is not among those that came back (created): did you mean `created`?"
        );
        let extra = answer(&store, store.source("s", "SELECT 'x' AS other, 1 AS n")).await.unwrap();
        assert_eq!((extra.rows, value(&extra, 0)), (1, Value::Number(1.0)));
        let empty = answer(&store, store.source("s", "SELECT 1 AS n WHERE 1 = 0")).await.unwrap();
        assert_eq!(empty.rows, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dated_rows_are_ordered_and_kept_inside_the_window() {
    for store in Store::every() {
        store.run(
            "CREATE TABLE t (day DATE, who VARCHAR(9), n INT);
             INSERT INTO t VALUES ('2026-11-18', 'b', 3), ('2026-11-16', 'a', NULL), ('2026-11-18', 'a', 4),
                                  ('2026-11-23', 'a', 9), ('2026-11-15', NULL, 9), ('2026-11-17', NULL, 2)",
        );
        let mut source = store.source("s", "SELECT day, who, n FROM t");
        source.time = Some("day".into());
        source.dimensions = vec!["who".into()];
        let table = answer(&store, source).await.unwrap();
        let segments: Vec<_> = table.dimensions[0].iter().map(|segment| segment.as_deref()).collect();
        assert_eq!(segments, [Some("a"), None, Some("b"), Some("a")], "{:?}", store.engine());
        assert_eq!(table.measures[0].numbers, [0.0, 2.0, 3.0, 4.0]);
        assert_eq!(table.measures[0].missing[0].0, 0);
        assert!(table.times.is_sorted() && table.times.len() == table.rows);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_without_a_date_fails_the_source() {
    for store in Store::every() {
        let check = async |sql: &str, expected: &str| {
            let mut source = store.source("s", sql);
            source.time = Some("day".into());
            assert_eq!(answer(&store, source).await.unwrap_err(), expected, "{:?}", store.engine());
        };
        check("SELECT '2026-11-16' AS day, 1 AS n UNION ALL SELECT NULL, 2", "time column `day` holds NULL in row 2")
            .await;
        check("SELECT 'ana ruiz' AS day, 1 AS n", "time column `day` holds a text that is no ISO date in row 1").await;
        check("SELECT 1.5 AS day, 1 AS n", "time column `day` holds no date in row 1").await;
    }
}

fn series(engine: Engine, rows: u32) -> String {
    match engine {
        Engine::Postgres => format!("SELECT generate_series(1, {rows}) AS d, 1 AS n"),
        Engine::Mysql => format!("SELECT seq AS d, 1 AS n FROM seq_1_to_{rows}"),
        Engine::Sqlite => format!(
            "WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < {rows}) SELECT x AS d, 1 AS n FROM s"
        ),
    }
}

/// A line of this process's memory figures, in bytes.
fn memory(figure: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Runs the calling test once more in a process of its own, where no other test takes memory. Whether this is that one.
fn alone(test: &str) -> bool {
    if std::env::var_os("KPID_TEST_ALONE").is_some() {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let alone =
        std::process::Command::new(program).args(["--exact", test]).env("KPID_TEST_ALONE", "1").output().unwrap();
    assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stdout));
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn too_long_an_answer_is_stopped_and_the_others_are_read() {
    if !alone("source::shapes::too_long_an_answer_is_stopped_and_the_others_are_read") {
        return;
    }
    for store in Store::every() {
        let mut endless = store.source("endless", &series(store.engine(), 100_000_000));
        endless.dimensions = vec!["d".into()];
        let wide = match store.engine() {
            Engine::Sqlite => {
                format!("SELECT printf('%.1000000c', 'x') AS d, n FROM ({}) s", series(store.engine(), 1_000))
            }
            _ => format!("SELECT repeat('x', 1000000) AS d, n FROM ({}) s", series(store.engine(), 1_000)),
        };
        let mut wide = store.source("wide", &wide);
        wide.dimensions = vec!["d".into()];
        let exact =
            Arc::new(Source { dimensions: vec!["d".into()], ..store.source("exact", &series(store.engine(), 10_000)) });
        let mut database = store.database();
        database.connections = 1;
        let before = memory("VmRSS");
        let started = std::time::Instant::now();
        let sources = vec![Arc::new(endless), Arc::new(wide), exact];
        let answers = read_all(database, sources, week(&UTC), &UTC).await;
        assert!(started.elapsed() < Duration::from_secs(60), "{:?} took {:?}", store.engine(), started.elapsed());
        let errors: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(String::as_str)).collect();
        assert_eq!(
            errors,
            [
                Some("the query gave more than 10000 rows: group them in SQL, or raise max_rows of database `crm`"),
                Some(
                    "the query gave more than 16 MiB of data, or a text of more than 1 MiB: select fewer or shorter columns"
                ),
                None
            ],
            "{:?}",
            store.engine()
        );
        let giant = match store.engine() {
            Engine::Postgres => &[
                "SELECT repeat('x', 900000000) AS d, 1 AS n",
                "SELECT array_fill('x'::text, ARRAY[10000000]) AS d, 1 AS n",
            ][..],
            Engine::Mysql => &["SELECT repeat('x', 9000000) AS d, 1 AS n"],
            Engine::Sqlite => {
                &["SELECT CAST(zeroblob(900000000) AS TEXT) AS d, 1 AS n", "SELECT zeroblob(900000000) AS d, 1 AS n"]
            }
        };
        for sql in giant {
            let mut source = store.source("giant", sql);
            source.dimensions = vec!["d".into()];
            let why = read(store.database(), source, week(&UTC), &UTC).await.unwrap_err();
            let array = "dimension `d` holds TEXT[]: cast it to text in SQL";
            assert!(why.starts_with("the query gave more than 16 MiB") || why == array, "{sql}: {why}");
        }
        let grown = memory("VmHWM").saturating_sub(before);
        assert!(grown < 50 << 20, "{:?} grew by {} MiB", store.engine(), grown >> 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_query_is_run_once_a_window_and_progress_is_told() {
    let store = Store::sqlite();
    let source = Arc::new(store.source("s", "SELECT 1 AS n"));
    let need = |start: &str| Need::rows(source.clone(), window(start, "2026-11-23T00:00:00Z"));
    let needs = vec![need("2026-11-16T00:00:00Z"), need("2026-11-17T00:00:00Z"), need("2026-11-16T00:00:00Z")];
    let told = Mutex::new(Vec::new());
    let sources = Sources::new([store.database()]);
    let readings = sources.read(needs, &UTC, |progress| told.lock().unwrap().push(progress)).await;
    assert_eq!(readings.stretches("s").len(), 2);
    let told = told.into_inner().unwrap();
    let progress: Vec<_> = told.iter().map(|told| (told.done, told.total, &*told.source, told.ok)).collect();
    assert_eq!(progress, [(1, 2, "s", true), (2, 2, "s", true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_compared_without_running_the_query() {
    for store in Store::every() {
        let hour = match store.engine() {
            Engine::Postgres => "SELECT 1 AS n FROM pg_sleep(3600)",
            Engine::Mysql => "SELECT SLEEP(3600) AS n",
            Engine::Sqlite => {
                "WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s) SELECT count(*) AS n FROM s"
            }
        };
        store.run(&format!("CREATE TABLE t (day DATE); CREATE VIEW hour AS {hour}"));
        let sources = Sources::new([store.database()]);
        let slow = store.source("s", "SELECT day, n FROM hour LEFT JOIN t ON day >= :start");
        assert_eq!(sources.flaws(&slow).await, Ok(Vec::new()), "{:?}", store.engine());
        let mut lacking = store.source("leads", "SELECT day, n, 1 AS n FROM hour LEFT JOIN t ON day >= :start");
        lacking.measures.push(measure("m"));
        let flaws: Vec<String> = sources.flaws(&lacking).await.unwrap().iter().map(ToString::to_string).collect();
        let expected = [
            "source `leads`: column `n` comes back more than once",
            "source `leads`: column `m` is not among those that came back (day, n, n)",
        ];
        assert_eq!(flaws, expected, "{:?}", store.engine());
        let wrong = sources.flaws(&store.source("leads", "SELECT nope FROM t")).await.unwrap_err();
        assert!(wrong.to_string().starts_with("source `leads`: database `crm` refused the query: "), "{wrong}");
        assert!(wrong.to_string().contains("nope"), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_rows_and_newest_data_are_shown() {
    for store in Store::every() {
        store.run("CREATE TABLE t (day DATE, n INT); INSERT INTO t VALUES ('2026-11-16', 1), ('2026-11-17', NULL), ('2026-11-18', 3)");
        let sources = Sources::new([store.database()]);
        let source = store.source("s", "SELECT day, n FROM t WHERE day >= :start ORDER BY day");
        let madrid = zone("Europe/Madrid");
        let rows = sources.rows(&source, week(&madrid), &madrid, 2).await.unwrap();
        let row = |day: &str, n: Option<&str>| vec![Some(day.to_owned()), n.map(str::to_owned)];
        let expected = vec![row("2026-11-16", Some("1")), row("2026-11-17", None)];
        assert_eq!(rows, RawRows { columns: vec!["day".into(), "n".into()], rows: expected });

        let newest = async |sql: &str| {
            let source = Source { fresh: store.fresh(sql), ..store.source("s", "SELECT 1 AS n") };
            let need = Need::newest(Arc::new(source), week(&madrid));
            sources.read(vec![need], &madrid, |_| {}).await.newest()["s"].clone()
        };
        let day = newest("SELECT max(day) FROM t").await.unwrap().unwrap();
        assert_eq!(day.to_string(), "2026-11-17T23:00:00Z", "a day is one of the report's calendar");
        assert_eq!(newest("SELECT max(day) FROM t WHERE n > 7").await, Ok(None));
        let before = newest("SELECT max(day) FROM t WHERE day < :start_date").await;
        assert_eq!(before, Ok(None), "the period's parameters are those of the report");
        let wrong = newest("SELECT 'ana'").await.unwrap_err();
        assert_eq!(&*wrong, "`fresh` must answer a date or a timestamp");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_types_of_postgres_are_cut_and_nothing_else_changes() {
    let Some(store) = Store::postgres() else { return };
    store.run("CREATE DOMAIN label AS text");
    let sql = "WITH w AS (SELECT 'b' AS a UNION ALL SELECT 'ñ') \
               SELECT a, a, a::label AS t, '{\"x\": 1}'::jsonb AS j, '<a/>'::xml AS x, ARRAY[a] AS l, a::bytea AS y, \
                      NULL::json AS u, NULL::int[] AS v, 'z'::char(3) AS c, 1.50 AS n \
                 FROM w WHERE timestamp '2026-11-17' > :start ORDER BY a DESC -- the last";
    let rows = Sources::new([store.database()]).rows(&store.source("s", sql), week(&UTC), &UTC, 9).await.unwrap();
    assert_eq!(rows.columns, ["a", "a", "t", "j", "x", "l", "y", "u", "v", "c", "n"]);
    let text =
        |row: &Vec<Option<String>>| row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" ");
    let rows: Vec<String> = rows.rows.iter().map(text).collect();
    assert_eq!(
        rows,
        ["ñ ñ ñ <JSONB> <xml> <TEXT[]> <BYTEA> - - z 1.5", "b b b <JSONB> <xml> <TEXT[]> <BYTEA> - - z 1.5"]
    );
}
