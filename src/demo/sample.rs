//! A database to begin with: one small SQLite file of a web shop, for a folder whose owner has none at hand yet.
//!
//! The same numbers for the same days for ever, so that two who begin see the same; made by arithmetic, not by chance.

use super::table::{Cell, Kind, Table};
use super::{DemoError, sql, sqlite};
use crate::query::Engine;
use jiff::civil::{Date, date};
use std::path::Path;

/// Two years and a bit: a year ago has its own year ago.
const DAYS: i64 = 800;
/// Name, visits a day, orders a thousand visits.
const CHANNELS: [(&str, i64, i64); 3] = [("organic", 250, 30), ("ads", 150, 22), ("email", 60, 55)];
/// Who the leads are: what `kpid import` must not take for a dimension.
const ADDRESSES: [&str; 4] = ["ana@example.com", "luis@example.com", "tom@example.com", "eva@example.com"];

/// Writes the sample at `path`: `shop_days`, and `leads` to try `kpid import` on, of the days before `today`.
///
/// # Errors
/// The file can't be written.
pub async fn write(path: &Path, today: Date) -> Result<(), DemoError> {
    let end = days_between(date(1970, 1, 1), today);
    let tables = [shop_days(end), leads(end)];
    sqlite::write(path, tables.into_iter().flat_map(|table| sql::statements(table, Engine::Sqlite))).await
}

fn days_between(from: Date, to: Date) -> i64 {
    to.since(from).map_or(0, |span| i64::from(span.get_days()))
}

fn shop_days(end: i64) -> Table<'static> {
    let columns: &[(&str, Kind)] = &[
        ("day", Kind::Day),
        ("channel", Kind::Text),
        ("visits", Kind::Int),
        ("orders", Kind::Int),
        ("revenue", Kind::Int),
    ];
    let row = |day: i64| {
        // As the SQL for other engines counts: from 2000-01-01.
        let n = day - 10_957;
        CHANNELS.map(|(channel, size, rate)| {
            let visits = size + (n - 9_500) / 10 + n * 17 % 40;
            let orders = visits * (rate + n % 5) / 1000;
            let revenue = orders * (70 + n % 13);
            vec![Cell::Day(day), Cell::Text(channel), Cell::Int(visits), Cell::Int(orders), Cell::Int(revenue)]
        })
    };
    let rows = Box::new((end - DAYS..end).flat_map(row));
    Table { database: "sample", name: "shop_days", columns, indexes: &["day"], rows }
}

fn leads(end: i64) -> Table<'static> {
    let columns: &[(&str, Kind)] = &[
        ("id", Kind::Key),
        ("created_at", Kind::Moment),
        ("channel", Kind::Text),
        ("email", Kind::Text),
        ("is_customer", Kind::Int),
        ("value", Kind::Money),
    ];
    let row = move |id: i64| {
        let pick = |from: usize, step: i64| usize::try_from(id * step).unwrap_or_default() % from;
        vec![
            Cell::Int(id),
            Cell::Moment((end - DAYS) * 86_400 + (id - 1) * 28_800 + 1_800),
            Cell::Text(CHANNELS[pick(CHANNELS.len(), 7)].0),
            Cell::Text(ADDRESSES[pick(ADDRESSES.len(), 5)]),
            Cell::flag(id % 6 == 0),
            Cell::Cents(1_000 * (20 + id * 37 % 91)),
        ]
    };
    let rows = Box::new((1..=DAYS * 3).map(row));
    Table { database: "sample", name: "leads", columns, indexes: &["created_at"], rows }
}
