//! `kpid import` on the three engines.

use super::{done, kpid};
use crate::installation::Folder;
use crate::servers;
use serde_json::Value as Json;

/// A database of one engine that a folder's `SHOP_URL` names.
struct Shop {
    folder: Folder,
    engine: &'static str,
    url: String,
    _server: Option<servers::Database>,
}

impl Shop {
    /// One of each engine that this run has, with what `tables` creates on it.
    async fn every(tables: impl Fn(&'static str) -> String) -> Vec<Shop> {
        let folder = Folder::new();
        let url = folder.sqlite("shop", &tables("sqlite")).await;
        let mut shops = vec![Shop { folder, engine: "sqlite", url, _server: None }];
        for (engine, server) in [("postgres", servers::postgres()), ("mysql", servers::mysql())] {
            let Some(server) = server else { continue };
            server.run(&tables(engine));
            let url = server.url().to_owned();
            shops.push(Shop { folder: Folder::new(), engine, url, _server: Some(server) });
        }
        for shop in &shops {
            shop.folder.write("kpis/all.yaml", SETTINGS);
        }
        shops
    }

    fn done(&self, args: &[&str]) -> String {
        done(self.folder.path(), &[("SHOP_URL", &self.url)], args).out
    }
}

const SETTINGS: &str = r#"
settings: { language: en, timezone: Europe/Madrid, currency: EUR }
databases:
  shop: { url: "${SHOP_URL}", time_zone: UTC, allow_privileged: true }
sources: {}
"#;

/// Sunday and Monday of Madrid at both ends of 2026-W46, in UTC, and what each is worth: only the two in the middle are of that week.
const MOMENTS: [(&str, i64, &str); 4] = [
    ("2026-11-08 22:30:00", 1_794_177_000, "1.25"),
    ("2026-11-08 23:30:00", 1_794_180_600, "10.5"),
    ("2026-11-15 22:30:00", 1_794_781_800, "100"),
    ("2026-11-15 23:30:00", 1_794_785_400, "1000"),
];

/// A table whose rows are dated in one of the ways that an engine knows.
struct Way {
    table: &'static str,
    /// The type of the column.
    kind: &'static str,
    /// How a moment is written: from its text in UTC and its Unix time.
    written: fn(&str, i64) -> String,
}

fn ways(engine: &str) -> Vec<Way> {
    let local = |at: &str, _: i64| format!("'{at}'");
    let zulu = |at: &str, _: i64| format!("'{}Z'", at.replace(' ', "T"));
    let unix = |_: &str, at: i64| at.to_string();
    let milliseconds = |_: &str, at: i64| (at * 1000).to_string();
    match engine {
        "sqlite" => vec![
            Way { table: "text_local", kind: "text", written: local },
            Way { table: "text_zulu", kind: "text", written: zulu },
            Way { table: "unix_seconds", kind: "integer", written: unix },
            Way { table: "unix_milliseconds", kind: "integer", written: milliseconds },
        ],
        "postgres" => vec![
            Way { table: "local", kind: "timestamp", written: local },
            Way { table: "instant", kind: "timestamptz", written: zulu },
            Way { table: "text_local", kind: "text", written: local },
        ],
        _ => vec![
            Way { table: "local", kind: "datetime", written: local },
            Way { table: "instant", kind: "timestamp", written: local },
            Way { table: "text_local", kind: "varchar(30)", written: local },
            Way { table: "unix_seconds", kind: "bigint", written: unix },
        ],
    }
}

fn every_way(engine: &'static str) -> String {
    let set = if engine == "mysql" { "SET time_zone = '+00:00';" } else { "" };
    let table = |Way { table, kind, written }: Way| {
        let rows = MOMENTS.map(|(at, unix, amount)| format!("({}, {amount})", written(at, unix))).join(", ");
        format!("CREATE TABLE {table} (created_at {kind}, amount numeric(10, 2)); INSERT INTO {table} VALUES {rows};")
    };
    set.to_owned() + &ways(engine).into_iter().map(table).collect::<String>()
}

#[tokio::test]
async fn proposed_sources_cut_the_days_of_the_report_however_rows_are_dated() {
    for shop in Shop::every(every_way).await {
        for Way { table, .. } in ways(shop.engine) {
            let out = shop.done(&["import", "shop", table, "--write"]);
            assert!(out.contains(&format!(": source {table}\n")), "{out}");
            shop.done(&["new", "kpi", &format!("{table}_count"), "--formula", &format!("{table}.count")]);
            shop.done(&["new", "kpi", &format!("{table}_amount"), "--formula", &format!("{table}.amount")]);
        }
        shop.done(&["check", "--connect"]);
        let measured: Json = serde_json::from_str(&shop.done(&["measure", "--period", "2026-W46", "--json"])).unwrap();
        let kpis = measured["kpis"].as_array().unwrap();
        assert_eq!(kpis.len(), 2 * ways(shop.engine).len());
        for kpi in kpis {
            let expected = if kpi["id"].as_str().unwrap().ends_with("_count") { 2.0 } else { 110.5 };
            assert_eq!(kpi["value"].as_f64(), Some(expected), "{} {kpi}", shop.engine);
        }
    }
}

/// Names that only quotes make names, and columns of every sort.
fn orders(engine: &'static str) -> String {
    let (quote, text, flag) = match engine {
        "postgres" => ('"', "text", "boolean"),
        "mysql" => ('`', "varchar(200)", "boolean"),
        _ => ('`', "text", "boolean"),
    };
    let table = format!("{quote}Order {0}{0} lines{quote}", quote);
    let on = if engine == "postgres" { "true" } else { "1" };
    let rows: Vec<String> = (1..=60)
        .map(|id| {
            let (day, amount) = (1 + id % 28, if id % 10 == 0 { "NULL".to_owned() } else { id.to_string() });
            let channel = ["'paid'", "'organic'", "NULL"][id % 3];
            format!(
                "({id}, {}, '2026-10-{day:02}', {channel}, 'c{id}@example.com', 'note {id}', {amount}, 0.5, {on})",
                id % 7
            )
        })
        .collect();
    format!(
        "CREATE TABLE customers (id integer PRIMARY KEY, label {text});
         CREATE TABLE {table} (id integer PRIMARY KEY, customer_id integer, {quote}select{quote} date, channel {text},
           contact_email {text}, note {text}, {quote}Total, €{quote} numeric(10, 2), discount_rate numeric(4, 2), is_new {flag});
         INSERT INTO {table} VALUES {};",
        rows.join(", ")
    )
}

#[tokio::test]
async fn a_table_of_odd_names_gives_the_numbers_that_a_plain_select_gives() {
    for shop in Shop::every(orders).await {
        let quote = if shop.engine == "postgres" { '"' } else { '`' };
        let table = format!("Order {quote} lines");
        let yaml = shop.done(&["import", "shop", &table]);
        for line in ["  Order___lines:\n", "    dimensions: [channel]\n", "    measures: [count, Total___, is_new]\n"] {
            assert!(yaml.contains(line), "{}: {line} in\n{yaml}", shop.engine);
        }
        for left_out in
            ["contact_email: may tell whom", "note: has more than 50 values", "discount_rate: its sum means nothing"]
        {
            assert!(yaml.contains(&format!("# left out: {left_out}")), "{}: {left_out} in\n{yaml}", shop.engine);
        }
        assert!(!yaml.contains("paid") && !yaml.contains("@example.com"), "nothing that stands in rows: {yaml}");
        shop.done(&["new", "source", "lines", "--table", &table]);
        shop.done(&["check", "--connect"]);
        let rows = shop.done(&["source", "lines", "--period", "2026-10", "--limit", "100", "--json"]);
        let rows: Vec<Json> = serde_json::from_str(&rows).unwrap();
        let sum = |column: &str| -> f64 {
            rows.iter().map(|row| row[column].as_str().expect(column).parse::<f64>().unwrap()).sum()
        };
        // 1 + 2 + … + 60 without 10, 20, … 60, which are NULL.
        assert_eq!((sum("count"), sum("Total___"), sum("is_new")), (60.0, 1830.0 - 210.0, 60.0), "{}", shop.engine);
    }
}

#[tokio::test]
async fn tables_are_listed_with_their_size_and_newest_date() {
    for shop in Shop::every(orders).await {
        let tables: Json = serde_json::from_str(&shop.done(&["import", "--json"])).unwrap();
        let [lines, customers] = tables.as_array().unwrap().as_slice() else { panic!("{tables}") };
        let (lines, customers) = if lines["table"] == "customers" { (customers, lines) } else { (lines, customers) };
        assert_eq!((&lines["rows"], &lines["exact"]), (&60.into(), &true.into()), "{}", shop.engine);
        assert_eq!((&lines["time"], &lines["newest"]), (&"select".into(), &"2026-10-28".into()), "{}", shop.engine);
        assert_eq!((&customers["rows"], &customers["time"]), (&0.into(), &Json::Null), "{}", shop.engine);
        let key = |at: usize| (lines["columns"][at]["name"].as_str().unwrap(), lines["columns"][at]["key"].as_bool());
        assert_eq!((key(0), key(3)), (("id", Some(true)), ("channel", Some(false))), "{}", shop.engine);
        let table = shop.done(&["import"]);
        let quote = if shop.engine == "postgres" { '"' } else { '`' };
        let next = kpid(shop.folder.path(), &[("SHOP_URL", &shop.url)], &["import"]).err;
        let (lines, customers) = (format!("'Order {quote} lines'"), "customers");
        let first = if next.contains(customers) { customers } else { &lines };
        assert!(next.ends_with(&format!("next: kpid import shop {first}\n")), "{next}");
        assert!(table.contains("2026-10-28 (select)") && table.contains("id* int"), "{table}");
        assert!(!table.contains("paid"), "{table}");
    }
}

#[tokio::test]
async fn what_can_not_be_proposed_is_said() {
    for shop in Shop::every(orders).await {
        let check = |args: &[&str], code: i32, expected: &str| {
            let ran = kpid(shop.folder.path(), &[("SHOP_URL", &shop.url)], args);
            assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
            assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
        };
        check(
            &["import", "shop", "custommers"],
            2,
            "database `shop` has no table `custommers`\nhelp: did you mean `customers`?",
        );
        check(
            &["import", "shop", "customers"],
            2,
            "no column of `customers` dates its rows\nhelp: read it together with",
        );
        check(&["import", "crm"], 2, "there is no database `crm`\nhelp: there are shop");
    }
    let folder = Folder::new();
    folder.write("kpis/all.yaml", SETTINGS);
    for args in [&["import"][..], &["import", "shop", "t"]] {
        let ran = kpid(folder.path(), &[("SHOP_URL", "sqlite://gone.db")], args);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (3, "error: connect to database `shop`: the file gone.db does not exist\n")
        );
    }
}

#[tokio::test]
async fn a_number_that_is_no_time_dates_nothing() {
    let months =
        |_| "CREATE TABLE months (day integer, at integer, amount integer); INSERT INTO months VALUES (28, 7, 1)";
    for shop in Shop::every(|engine| months(engine).to_owned()).await {
        let ran = kpid(shop.folder.path(), &[("SHOP_URL", &shop.url)], &["import", "shop", "months"]);
        assert_eq!(ran.code, 2, "{}: {}", shop.engine, ran.out);
        assert!(ran.err.contains("no column of `months` dates its rows"), "{}", ran.err);
    }
}

#[tokio::test]
async fn days_written_the_other_way_round_are_known_and_turned() {
    let sales = "CREATE TABLE sales (fecha varchar(10), amount integer); INSERT INTO sales VALUES ('13/11/2026', 4)";
    for shop in Shop::every(|_| sales.to_owned()).await {
        let ran = kpid(shop.folder.path(), &[("SHOP_URL", &shop.url)], &["import", "shop", "sales"]);
        assert_eq!(ran.code, 2, "{}: {}", shop.engine, ran.out);
        let (said, day) = ran.err.trim_end().rsplit_once("\n  ").expect("the day's SQL");
        assert!(said.contains("no column of `sales` dates its rows\nhelp: `fecha` looks like dd/mm/yyyy"), "{said}");
        let source = format!(
            "sources:\n  sales:\n    database: shop\n    sql: |\n      SELECT {day} AS day, sum(amount) AS amount FROM sales\n      \
             WHERE {day} >= :start_date AND {day} < :end_date GROUP BY 1\n    time: day\n    measures: [amount]\n"
        );
        shop.folder.write("kpis/sales.yaml", &source);
        let rows: Json =
            serde_json::from_str(&shop.done(&["source", "sales", "--period", "2026-W46", "--json"])).unwrap();
        assert!(rows[0]["day"].as_str().unwrap().starts_with("2026-11-13"), "{}: {rows}", shop.engine);
    }
}

#[tokio::test]
async fn a_view_that_no_longer_works_hides_no_table_of_sqlite() {
    let folder = Folder::new();
    let broken = "CREATE TABLE gone (a); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone; CREATE TABLE left_over (day date)";
    let url = folder.sqlite("shop", broken).await;
    folder.write("kpis/all.yaml", SETTINGS);
    let ran = done(folder.path(), &[("SHOP_URL", &url)], &["import"]);
    assert!(ran.out.contains("left_over") && ran.err.starts_with("1 table of shop …"), "{}{}", ran.out, ran.err);
}
