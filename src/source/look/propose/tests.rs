//! What is proposed of which columns.

use super::*;
use crate::query::sql::Statement;
use crate::source::bind::PLAIN_TEXT;

fn column(name: &str, holds: Holds) -> Column {
    Column { name: name.to_owned(), kind: String::new(), key: name == "id" || name.ends_with("_id"), holds }
}

fn orders() -> Table {
    let columns = vec![
        column("id", Holds::Number),
        column("customer_id", Holds::Number),
        column("updated_at", Holds::Local),
        column("created_at", Holds::Local),
        column("channel", Holds::Text),
        column("email", Holds::Text),
        column("Order Total", Holds::Number),
        column("conversion_rate", Holds::Number),
        column("is_new", Holds::Flag),
        column("note", Holds::Text),
    ];
    Table { schema: Some("shop".to_owned()), name: "orders".to_owned(), columns, estimate: None }
}

fn distinct((column, values, filled): (&str, u64, u64)) -> Distinct {
    Distinct { column: column.to_owned(), values, filled }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn proposed(table: &Table, engine: Engine, form: Form, own: &TimeZone, report: &TimeZone) -> Proposal {
    let distinct = [("channel", 4, 1000), ("email", 7, 1000), ("note", 900, 1000)].map(distinct);
    let quote = crate::source::look::quote(engine);
    let time = "created_at";
    let newest = None;
    let facts = Facts { engine, quote, report, own, max_rows: 10_000, time, form, distinct: &distinct, newest };
    propose(table, facts)
}

#[test]
fn a_source_counts_adds_up_and_never_names_people() {
    let madrid = zone("Europe/Madrid");
    let proposal = proposed(&orders(), Engine::Postgres, Form::Local, &madrid, &madrid);
    let expected = "SELECT date(\"created_at\") AS \"day\", \"channel\",\n       count(*) AS \"count\",\n       \
        coalesce(sum(\"Order Total\"), 0) AS \"Order_Total\",\n       \
        coalesce(sum(CASE WHEN \"is_new\" THEN 1 ELSE 0 END), 0) AS \"is_new\"\n\
        FROM \"shop\".\"orders\"\nWHERE \"created_at\" >= :start AND \"created_at\" < :end\nGROUP BY 1, 2\n";
    assert_eq!(proposal.sql, expected);
    assert_eq!(
        (proposal.dimensions, proposal.measures),
        (vec!["channel".to_owned()], vec!["count".to_owned(), "Order_Total".to_owned(), "is_new".to_owned()])
    );
    let left_out = [("email", LeftOut::Personal), ("note", LeftOut::Many), ("conversion_rate", LeftOut::NoSum)];
    assert_eq!(proposal.left_out, left_out.map(|(name, why)| (name.to_owned(), why)));
    assert_eq!(proposal.fresh, "SELECT max(\"created_at\") FROM \"shop\".\"orders\"");
}

#[test]
fn days_are_the_reports_by_the_means_of_the_engine() {
    let (madrid, utc, india) = (zone("Europe/Madrid"), zone("UTC"), zone("Asia/Kolkata"));
    let check = |engine, form, own: &TimeZone, report: &TimeZone, expected: &str| {
        let sql = proposed(&orders(), engine, form, own, report).sql;
        let first = sql.lines().next().unwrap();
        assert!(first.starts_with(&format!("SELECT {expected}, ")), "{first}");
        let statement = Statement::parse(&sql, engine).unwrap();
        assert!(own == report || statement.day_of_session().is_none(), "{sql}");
    };
    let zulu = Form::Text { separator: 'T', offset: Some(Offset::UTC) };
    check(Engine::Sqlite, Form::DayText, &madrid, &madrid, "`created_at` AS `day`");
    check(Engine::Sqlite, PLAIN_TEXT, &madrid, &madrid, "substr(`created_at`, 1, 10) AS `day`");
    check(Engine::Sqlite, PLAIN_TEXT, &utc, &madrid, "substr(`created_at`, 1, 13) || ':00' AS `hour`");
    check(Engine::Mysql, zulu, &madrid, &madrid, "concat(substr(`created_at`, 1, 13), ':00Z') AS `hour`");
    check(Engine::Sqlite, Form::Seconds, &utc, &madrid, "`created_at` - `created_at` % 3600 AS `hour`");
    check(Engine::Sqlite, Form::Seconds, &utc, &india, "`created_at` AS `moment`");
    check(Engine::Sqlite, Form::Seconds, &india, &madrid, "`created_at` - `created_at` % 3600 AS `hour`");
    check(Engine::Sqlite, PLAIN_TEXT, &india, &madrid, "`created_at` AS `moment`");
    check(Engine::Sqlite, zulu, &india, &madrid, "substr(`created_at`, 1, 13) || ':00Z' AS `hour`");
    let west = Form::Text { separator: 'T', offset: Some(Offset::constant(-6)) };
    check(Engine::Sqlite, west, &utc, &madrid, "`created_at` AS `moment`");
    check(Engine::Mysql, west, &madrid, &madrid, "`created_at` AS `moment`");
    check(Engine::Mysql, Form::Instant, &utc, &madrid, "date(convert_tz(`created_at`, 'UTC', :timezone)) AS `day`");
    let both = "date(\"created_at\" AT TIME ZONE 'UTC' AT TIME ZONE :timezone) AS \"day\"";
    check(Engine::Postgres, Form::Local, &utc, &madrid, both);
    check(Engine::Postgres, Form::Instant, &utc, &madrid, "date(\"created_at\" AT TIME ZONE :timezone) AS \"day\"");
}

#[test]
fn the_column_that_dates_a_row_is_when_it_came_to_be() {
    let check = |columns: &[(&str, Holds)], expected: &[&str]| {
        let columns: Vec<Column> = columns.iter().map(|(name, holds)| column(name, *holds)).collect();
        assert_eq!(dating(&columns).iter().map(|column| &*column.name).collect::<Vec<_>>(), expected);
    };
    let typed = [("updated_at", Holds::Local), ("stay", Holds::Day), ("orderedAt", Holds::Local)];
    check(&typed, &["orderedAt", "stay", "updated_at"]);
    check(&[("fecha_alta", Holds::Text), ("fecha", Holds::Text)], &["fecha_alta", "fecha"]);
    check(&[("birth_date", Holds::Day), ("data", Holds::Text), ("total", Holds::Number)], &[]);
}

#[test]
fn names_are_such_that_formulas_can_name_them() {
    let mut taken = Vec::new();
    let names = ["Total (€)", "2x", "NaN", "total____", "año"].map(|name| unique(name, &mut taken));
    assert_eq!(names, ["Total____", "_2x", "NaN_", "total_____2", "año"]);
}

#[test]
fn texts_that_tell_one_row_from_another_are_no_dimensions() {
    let names = ["agent", "alias", "channel", "coupon"];
    let mut columns = names.map(|name| column(name, Holds::Text)).to_vec();
    columns.extend([column("customer_since", Holds::Local), column("customer_visits", Holds::Number)]);
    let table = Table { columns, ..orders() };
    let distinct = [("agent", 3, 20), ("alias", 19, 20), ("channel", 3, 20), ("coupon", 2, 2)].map(distinct);
    let utc = TimeZone::UTC;
    let proposal = propose(&table, Facts { distinct: &distinct, ..few(&utc) });
    assert_eq!(proposal.dimensions, ["channel"]);
    assert_eq!(proposal.measures, ["count", "customer_visits"]);
    let left_out = ["agent", "alias", "coupon"].map(|name| (name.to_owned(), LeftOut::Personal));
    assert_eq!(proposal.left_out, left_out);
    assert_eq!(dating(&table.columns).len(), 1, "a date tells nobody");
}

fn few(utc: &TimeZone) -> Facts<'_> {
    Facts {
        engine: Engine::Sqlite,
        quote: '`',
        report: utc,
        own: utc,
        max_rows: 10_000,
        time: "t",
        form: Form::Day,
        distinct: &[],
        newest: None,
    }
}

#[test]
fn dimensions_have_room_together() {
    let table = Table { columns: ["a", "b"].map(|name| column(name, Holds::Text)).to_vec(), ..orders() };
    let utc = TimeZone::UTC;
    let distinct = [("a", 40, 1000), ("b", 40, 1000)].map(distinct);
    let proposal = propose(&table, Facts { distinct: &distinct, ..few(&utc) });
    assert_eq!(proposal.dimensions, ["a"]);
    assert_eq!(proposal.left_out, [("b".to_owned(), LeftOut::Room)]);
}
