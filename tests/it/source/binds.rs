//! `:start` and `:end` against every kind of column, in zones on both sides of UTC.

use super::*;

/// A column type and how it writes an instant: as a day of the report's calendar, in the database's zone, or as it is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Day,
    Local(&'static str),
    Zulu(&'static str),
    Unix(i64),
}

fn columns(engine: Engine) -> &'static [(&'static str, Kind)] {
    use Kind::{Day, Local, Unix, Zulu};
    match engine {
        Engine::Postgres => &[
            ("date", Day),
            ("timestamp", Local("%F %T")),
            ("timestamptz", Zulu("%F %TZ")),
            ("text", Local("%F %T")),
            ("varchar(30)", Local("%FT%T")),
            ("text", Day),
            ("char(10)", Day),
            ("text", Zulu("%FT%TZ")),
        ],
        Engine::Mysql => &[
            ("DATE", Day),
            ("DATETIME", Local("%F %T")),
            ("DATETIME(3)", Local("%F %T")),
            ("VARCHAR(30)", Local("%F %T")),
            ("VARCHAR(10)", Day),
        ],
        Engine::Sqlite => &[
            ("TEXT", Day),
            ("DATE", Day),
            ("TEXT", Local("%F %T")),
            ("TEXT", Local("%F %H:%M")),
            ("TEXT", Local("%FT%T")),
            ("DATETIME", Local("%F %T.000")),
            ("TEXT", Zulu("%FT%TZ")),
            ("TEXT", Zulu("%F %T+00:00")),
            ("INTEGER", Unix(1)),
            ("INTEGER", Unix(1_000)),
        ],
    }
}

/// Rows on both edges of the week and within a second of them; those of the week are marked.
fn rows(kind: Kind, report: &TimeZone, database: &TimeZone) -> Vec<(String, bool)> {
    let week = week(report);
    let second = jiff::SignedDuration::from_secs(1);
    let write = |instant: jiff::Timestamp| match kind {
        Kind::Day => format!("'{}'", instant.to_zoned(report.clone()).strftime("%F")),
        Kind::Local(format) => format!("'{}'", instant.to_zoned(database.clone()).strftime(format)),
        Kind::Zulu(format) => format!("'{}'", instant.to_zoned(TimeZone::UTC).strftime(format)),
        Kind::Unix(scale) => (instant.as_second() * scale).to_string(),
    };
    [(week.start - second, false), (week.start, true), (week.end - second, true), (week.end, false)]
        .map(|(instant, inside)| (write(instant), inside))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_column_is_cut_at_the_reports_midnight() {
    for store in Store::every() {
        for (number, (column, kind)) in columns(store.engine()).iter().enumerate() {
            for (report, database_zone) in [
                ("Europe/Madrid", None),
                ("Europe/Madrid", Some("UTC")),
                ("America/New_York", Some("UTC")),
                ("America/New_York", Some("Asia/Tokyo")),
                ("Pacific/Auckland", Some("UTC")),
            ] {
                let report_zone = zone(report);
                let written_in = zone(database_zone.unwrap_or(report));
                let rows = rows(*kind, &report_zone, &written_in);
                let values: Vec<String> =
                    rows.iter().map(|(text, inside)| format!("({text}, {})", i32::from(*inside))).collect();
                store.run(&format!(
                    "DROP TABLE IF EXISTS t{number}; CREATE TABLE t{number} (at {column}, inside INT); \
                     INSERT INTO t{number} VALUES {}",
                    values.join(", ")
                ));
                let mut database = store.database();
                database.time_zone = database_zone.map(zone);
                let sql =
                    format!("SELECT count(*) AS n, sum(inside) AS m FROM t{number} WHERE at >= :start AND at < :end");
                let mut source = store.source("edges", &sql);
                source.measures.push(measure("m"));
                let table = read(database.clone(), source, week(&report_zone), &report_zone).await.unwrap();
                let context = format!("{:?} {column} {kind:?} {report} {database_zone:?}", store.engine());
                assert_eq!((value(&table, 0), value(&table, 1)), (Value::Number(2.0), Value::Number(2.0)), "{context}");

                let mut dated = store.source("dated", &format!("SELECT at, inside AS n FROM t{number}"));
                dated.time = Some("at".into());
                let table = read(database, dated, week(&report_zone), &report_zone).await.unwrap();
                assert_eq!(table.measures[0].numbers, [1.0, 1.0], "dated rows, {context}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn column_of_a_table_in_another_schema_is_looked_at_there() {
    let new_york = zone("America/New_York");
    for store in Store::every() {
        let (table, column, kind) = match store.engine() {
            Engine::Postgres => ("shop.t".to_owned(), "text", Kind::Zulu("%FT%TZ")),
            Engine::Mysql => (format!("{}.t", store.url().rsplit('/').next().unwrap()), "BIGINT", Kind::Unix(1)),
            Engine::Sqlite => ("main.t".to_owned(), "INTEGER", Kind::Unix(1)),
        };
        if store.engine() == Engine::Postgres {
            store.run("CREATE SCHEMA shop");
        }
        let rows: Vec<String> = rows(kind, &new_york, &UTC).into_iter().map(|(at, _)| format!("({at})")).collect();
        store.run(&format!("CREATE TABLE {table} (at {column}); INSERT INTO {table} VALUES {}", rows.join(", ")));
        let mut database = store.database();
        if store.engine() == Engine::Mysql {
            let (server, _) = store.url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
            database.url = Secret::new(format!("{server}/mysql"));
        }
        let source = store.source("s", &format!("SELECT count(*) AS n FROM {table} WHERE at >= :start AND at < :end"));
        let answer = read(database, source, week(&new_york), &new_york).await.unwrap();
        assert_eq!(value(&answer, 0), Value::Number(2.0), "{:?}", store.engine());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn timestamps_of_mysql_compare_right_or_say_why_they_cannot() {
    let Some(store) = Store::mysql() else { return };
    store.run(
        "SET time_zone = '+00:00'; CREATE TABLE t (at TIMESTAMP NOT NULL, dates INT);
         INSERT INTO t VALUES ('2026-11-15 22:59:59', 0), ('2026-11-15 23:00:00', 0), ('2026-11-22 22:59:59', 0),
                              ('2026-11-22 23:00:00', 0)",
    );
    let year = window("2025-11-16T23:00:00Z", "2026-11-22T23:00:00Z");
    let check = async |sql: &str, window: Window, zone: &TimeZone, written_in: Option<TimeZone>, expected: f64| {
        let database = Database { time_zone: written_in, ..store.database() };
        let table = read(database, store.source("s", sql), window, zone).await.unwrap();
        assert_eq!(value(&table, 0), Value::Number(expected), "{sql}");
    };
    let edges = "SELECT count(*) AS n FROM t WHERE at >= :start AND at < :end";
    let days = "SELECT count(DISTINCT date(at)) AS n FROM t WHERE at >= :start AND at < :end";
    let madrid = zone("Europe/Madrid");
    check(edges, week(&madrid), &madrid, None, 2.0).await;
    check(days, week(&madrid), &madrid, None, 2.0).await;
    check(edges, year, &madrid, None, 3.0).await;

    // No server knows a zone without a name, so that this one stands for every zone its tables lack.
    let unknown = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    check(edges, week(&unknown), &unknown, None, 2.0).await;
    check(days, week(&unknown), &unknown, None, 2.0).await;
    check(edges, year, &unknown, Some(TimeZone::UTC), 3.0).await;
    check("SELECT count(dates) AS n FROM t", year, &unknown, None, 4.0).await;
    assert_eq!(
        read(store.database(), store.source("s", edges), year, &unknown).await.unwrap_err(),
        "database `crm` refused the query: its server does not know the time zone +01:00, which TIMESTAMP column `at` \
         needs: load the server's time zone tables (mysql_tzinfo_to_sql), or declare time_zone: UTC for the database"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_outside_comparisons_are_bound_too() {
    let madrid = zone("Europe/Madrid");
    for store in Store::every() {
        let (table, checks): (&str, &[&str]) = match store.engine() {
            Engine::Postgres => (
                "CREATE TABLE t (day date, at timestamp, tz timestamptz);
                 INSERT INTO t VALUES ('2026-11-16', '2026-11-16', '2026-11-16 00:00+01')",
                &[
                    "SELECT count(*) AS n FROM t WHERE at >= :start - interval '1 day' AND at < :end",
                    "SELECT count(*) AS n FROM t WHERE day >= :start_date AND day < :end_date",
                    "SELECT count(*) AS n FROM t WHERE day >= :start_date - 7 AND at >= :start AND tz >= :start",
                    "SELECT count(*) AS n FROM t WHERE (tz AT TIME ZONE :timezone)::date = :start_date",
                    "SELECT count(*) AS n FROM t WHERE at BETWEEN :start AND :end",
                    "SELECT extract(epoch from :end - :start) / 604800 AS n",
                    "SELECT date_trunc('week', at) = date_trunc('week', :start) AS b, 1 AS n FROM t",
                ],
            ),
            Engine::Mysql => (
                "CREATE TABLE t (day DATE, at DATETIME); INSERT INTO t VALUES ('2026-11-16', '2026-11-16')",
                &[
                    "SELECT count(*) AS n FROM t WHERE at >= :start - INTERVAL 1 DAY AND at < :end",
                    "SELECT count(*) AS n FROM t WHERE day >= :start_date AND day < :end_date",
                    "SELECT DATEDIFF(:end, :start) / 7 AS n",
                    "SELECT :timezone = 'Europe/Madrid' AS n",
                ],
            ),
            Engine::Sqlite => (
                "CREATE TABLE t (day TEXT, at TEXT); INSERT INTO t VALUES ('2026-11-16', '2026-11-16 00:00:00')",
                &[
                    "SELECT count(*) AS n FROM t WHERE date(at) >= :start AND date(at) < date(:end)",
                    "SELECT count(*) AS n FROM t WHERE day >= :start_date AND day < :end_date",
                    "SELECT (julianday(:end) - julianday(:start)) / 7 AS n",
                    "SELECT :timezone = 'Europe/Madrid' AS n",
                ],
            ),
        };
        store.run(table);
        for sql in checks {
            let table = read(store.database(), store.source("s", sql), week(&madrid), &madrid).await;
            assert_eq!(value(&table.expect(sql), 0), Value::Number(1.0), "{:?}: {sql}", store.engine());
        }
    }
}
