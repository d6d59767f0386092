//! Every type that a count, sum, ratio or segment may come back as.

use super::*;
use kpid::formula::Reason;

async fn measured(store: &Store, expression: &str) -> Result<Value, String> {
    let source = store.source("s", &format!("SELECT {expression} AS n"));
    read(store.database(), source, week(&UTC), &UTC).await.map(|table| value(&table, 0))
}

async fn segmented(store: &Store, expression: &str) -> Result<Option<String>, String> {
    let mut source = store.source("s", &format!("SELECT {expression} AS d, 1 AS n"));
    source.dimensions = vec!["d".into()];
    let table = read(store.database(), source, week(&UTC), &UTC).await?;
    Ok(table.dimensions[0][0].as_deref().map(str::to_owned))
}

fn null() -> Result<Value, String> {
    Ok(Value::Missing(Reason::Null { what: "s.n".into() }))
}

fn not_finite() -> Result<Value, String> {
    Ok(Value::Missing(Reason::NotFinite { what: "s.n".into() }))
}

fn number(number: f64) -> Result<Value, String> {
    Ok(Value::Number(number))
}

fn no_number(found: &str) -> Result<Value, String> {
    Err(format!("column `n` holds {found} where a number is expected: cast it in SQL"))
}

async fn check(store: &Store, cases: &[(&str, Result<Value, String>)]) {
    for (expression, expected) in cases {
        assert_eq!(&measured(store, expression).await, expected, "{:?}: {expression}", store.engine());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_postgres_are_exact_or_missing() {
    let Some(store) = Store::postgres() else { return };
    check(
        &store,
        &[
            ("7::smallint", number(7.0)),
            ("9007199254740993::bigint", number(9_007_199_254_740_992.0)),
            ("0.1::real", number(0.1)),
            ("0.1::float8", number(0.1)),
            ("12.30::numeric(10,2)", number(12.3)),
            ("12345678901234567890123456789012345678::numeric", number(1.234_567_890_123_456_8e37)),
            ("1e40::numeric", number(1e40)),
            ("-0.000001::numeric", number(-0.000_001)),
            ("0::numeric", number(0.0)),
            ("(SELECT avg(x) FROM (VALUES (1), (2)) v(x))", number(1.5)),
            ("(SELECT sum(x) FROM (VALUES (1::bigint), (2)) v(x))", number(3.0)),
            ("(SELECT count(*) FROM (VALUES (1), (2)) v(x))", number(2.0)),
            ("'NaN'::numeric", not_finite()),
            ("'Infinity'::numeric", not_finite()),
            ("'-Infinity'::float8", not_finite()),
            ("NULL::int", null()),
            ("NULL", null()),
            ("'7'::text", no_number("text")),
            ("true", no_number("a boolean")),
            ("current_date", no_number("a date")),
            ("now()", no_number("a timestamp")),
            ("'7'::money", no_number("MONEY")),
            ("interval '1 day'", no_number("INTERVAL")),
            ("ARRAY[1, 2]", no_number("INT4[]")),
            ("'7'::jsonb", no_number("JSONB")),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_mysql_are_exact_or_missing() {
    let Some(store) = Store::mysql() else { return };
    store.run(
        "CREATE TABLE t (tiny TINYINT, flag TINYINT(1), tinyu TINYINT UNSIGNED, small SMALLINT, medium MEDIUMINT, i INT,
                         iu INT UNSIGNED, big BIGINT, bigu BIGINT UNSIGNED, f FLOAT, d DOUBLE, y YEAR, b BIT(8), e ENUM('a'),
                         dt DATETIME, tm TIME);
         INSERT INTO t VALUES (-7, 1, 200, -300, -70000, -70000, 4294967295, -9223372036854775808, 18446744073709551615,
                               0.1, 0.1, 2026, b'101', 'a', '2026-11-16', '10:00')",
    );
    check(
        &store,
        &[
            ("(SELECT tiny FROM t)", number(-7.0)),
            ("(SELECT flag FROM t)", number(1.0)),
            ("(SELECT tinyu FROM t)", number(200.0)),
            ("(SELECT small FROM t)", number(-300.0)),
            ("(SELECT medium FROM t)", number(-70_000.0)),
            ("(SELECT i FROM t)", number(-70_000.0)),
            ("(SELECT iu FROM t)", number(4_294_967_295.0)),
            ("(SELECT big FROM t)", number(-9_223_372_036_854_775_808.0)),
            ("(SELECT bigu FROM t)", number(18_446_744_073_709_551_615.0)),
            ("(SELECT f FROM t)", number(0.1)),
            ("(SELECT d FROM t)", number(0.1)),
            ("(SELECT y FROM t)", number(2026.0)),
            ("(SELECT b FROM t)", no_number("BIT")),
            ("(SELECT b + 0 FROM t)", number(5.0)),
            ("12.30", number(12.3)),
            ("CAST('12345678901234567890123456789012345678' AS DECIMAL(38))", number(1.234_567_890_123_456_8e37)),
            ("(SELECT avg(i) FROM t)", number(-70_000.0)),
            ("(SELECT sum(i) FROM t)", number(-70_000.0)),
            ("(SELECT count(*) FROM t)", number(1.0)),
            ("7 / 2", number(3.5)),
            ("1 / 0", null()),
            ("NULL", null()),
            ("'abc'", no_number("text")),
            ("(SELECT e FROM t)", no_number("text")),
            ("CURRENT_DATE", no_number("a date")),
            ("(SELECT dt FROM t)", no_number("a timestamp")),
            ("(SELECT tm FROM t)", no_number("TIME")),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_sqlite_are_exact_or_missing() {
    let store = Store::sqlite();
    store.run("CREATE TABLE t (amount DECIMAL(10,2), broken INT); INSERT INTO t VALUES (12.30, 'notint')");
    check(
        &store,
        &[
            ("7", number(7.0)),
            ("9223372036854775807", number(9_223_372_036_854_775_807.0)),
            ("(SELECT amount FROM t)", number(12.3)),
            ("9e999", not_finite()),
            ("1 / 0", null()),
            ("(SELECT sum(amount) FROM t WHERE 0)", null()),
            ("(SELECT broken FROM t)", no_number("text")),
            ("'7'", no_number("text")),
            ("x'00'", no_number("BLOB")),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_are_texts_as_they_are_but_for_what_is_not_to_be_read() {
    for store in Store::every() {
        let common = [("'ñandú 🦤'", Some("ñandú 🦤")), ("7", Some("7")), ("NULL", None), ("' x '", Some(" x "))];
        let own: &[(&str, Option<&str>)] = match store.engine() {
            Engine::Postgres => &[
                ("'a'::char(5)", Some("a")),
                ("'a'::name", Some("a")),
                ("true", Some("true")),
                ("1.50::numeric", Some("1.5")),
                ("date '2026-11-16'", Some("2026-11-16")),
                ("'0b0e1b4e-3a0a-4c0e-9d5c-0123456789ab'::uuid", Some("0b0e1b4e-3a0a-4c0e-9d5c-0123456789ab")),
            ],
            Engine::Mysql => &[
                ("CAST('2026-11-16' AS DATE)", Some("2026-11-16")),
                ("_latin1 0xF1", Some("ñ")),
                ("_binary 0xFF", Some("\u{FFFD}")),
            ],
            Engine::Sqlite => &[
                ("CAST(x'61FF62' AS TEXT)", Some("a\u{FFFD}b")),
                ("CAST(x'610062' AS TEXT)", Some("a\u{FFFD}b")),
                ("char(27) || '[31mred'", Some("\u{FFFD}[31mred")),
            ],
        };
        for (expression, expected) in common.iter().chain(own) {
            let segment = segmented(&store, expression).await;
            assert_eq!(segment, Ok(expected.map(str::to_owned)), "{:?}: {expression}", store.engine());
        }
    }
    let Some(store) = Store::postgres() else { return };
    store.run("CREATE TYPE mood AS ENUM ('good')");
    assert_eq!(segmented(&store, "'good'::mood").await, Ok(Some("good".to_owned())));
    assert_eq!(
        segmented(&store, "interval '1 day'").await,
        Err("dimension `d` holds INTERVAL: cast it to text in SQL".to_owned())
    );
}
