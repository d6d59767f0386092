//! The metric kinds of dbt's MetricFlow, each expressed as a KPI and compared with a plain loop over the raw rows.

use crate::installation::{Folder, Installation};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::fmt::Write;

/// Who did what when: a visit, or an order of an amount.
struct Event {
    user: u32,
    day: Date,
    country: &'static str,
    /// Absent for a visit.
    amount: Option<f64>,
}

/// Two years of events, irregular but the same each time.
fn events() -> Vec<Event> {
    let mut events = Vec::new();
    let mut state = 7_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let countries = ["ES", "FR", "DE"];
    for day in date(2024, 11, 1).series(1.day()).take_while(|day| *day < date(2026, 12, 1)) {
        for _ in 0..next(6) {
            let (user, country) = (next(40), countries[next(3) as usize]);
            events.push(Event { user, day, country, amount: None });
            if next(3) == 0 {
                let day = day + i64::from(next(12)).days();
                events.push(Event { user, day, country, amount: Some(f64::from(next(10_000)) / 100.0) });
            }
        }
    }
    events
}

fn sql(events: &[Event]) -> String {
    let mut sql = "CREATE TABLE visits (user_id int, day text, country text);
        CREATE TABLE orders (user_id int, day text, country text, amount real);"
        .to_owned();
    for Event { user, day, country, amount } in events {
        match amount {
            None => write!(sql, "INSERT INTO visits VALUES ({user}, '{day}', '{country}');"),
            Some(amount) => write!(sql, "INSERT INTO orders VALUES ({user}, '{day}', '{country}', {amount});"),
        }
        .expect("a String takes everything");
    }
    sql
}

const YAML: &str = r#"
settings: { language: en, locale: en-GB, timezone: UTC, currency: EUR }
databases: { db: { url: "${DB}" } }
sources:
  visits:
    database: db
    sql: SELECT day, country, count(*) AS visits FROM visits WHERE day >= :start AND day < :end GROUP BY 1, 2
    time: day
    dimensions: [country]
    measures: [visits]
  orders:
    database: db
    sql: SELECT day, country, count(*) AS orders, sum(amount) AS amount FROM orders WHERE day >= :start AND day < :end GROUP BY 1, 2
    time: day
    dimensions: [country]
    measures: [orders, amount]
  ever:
    database: db
    sql: SELECT coalesce(sum(amount), 0) AS amount FROM orders WHERE day < :end
    measures: [amount]
  buyers:
    database: db
    sql: SELECT count(DISTINCT user_id) AS buyers FROM orders WHERE day >= :start AND day < :end
    measures: [buyers]
  conversions:
    database: db
    description: Visits followed by an order of the same user within 7 days, by the day of the visit
    sql: |
      SELECT v.day, v.country, count(*) AS visits,
             sum(CASE WHEN EXISTS (SELECT 1 FROM orders o WHERE o.user_id = v.user_id
                                   AND o.day >= v.day AND o.day <= date(v.day, '+7 days')) THEN 1 ELSE 0 END) AS converted
      FROM visits v WHERE v.day >= :start AND v.day < :end GROUP BY 1, 2
    time: day
    dimensions: [country]
    measures: [visits, converted]
kpis:
  simple: { formula: orders.amount, unit: currency, good: up }
  simple_filtered: { formula: orders.amount, where: { country: [ES, FR] }, unit: currency, good: up }
  simple_distinct: { formula: buyers.buyers, unit: count, good: up }
  ratio: { formula: orders.amount / orders.orders, unit: currency, good: up }
  ratio_of_filtered: { formula: simple_filtered / total(orders.amount), unit: percent, good: up }
  derived: { formula: "simple - ratio * 2 + coalesce(buyers.buyers, 0)", unit: number, good: up }
  offset_window: { formula: orders.amount / previous(orders.amount) - 1, unit: percent, good: up }
  offset_year: { formula: orders.amount - year_ago(orders.amount), unit: currency, good: up }
  cumulative_window: { formula: orders.amount, over: trailing 7 days, unit: currency, good: up }
  cumulative_months: { formula: orders.amount, over: trailing 3 months, unit: currency, good: up }
  grain_to_month: { formula: orders.amount, over: month_to_date, unit: currency, good: up }
  grain_to_quarter: { formula: orders.amount, over: quarter_to_date, unit: currency, good: up }
  grain_to_year: { formula: orders.amount, over: year_to_date, unit: currency, good: up }
  cumulative_ever: { formula: ever.amount, unit: currency, good: up }
  ratio_of_cumulative: { formula: grain_to_month / cumulative_months, unit: percent, good: up }
  conversion: { formula: conversions.converted / conversions.visits, unit: percent, good: up }
  conversion_in_spain: { formula: conversion, where: { country: ES }, unit: percent, good: up }
"#;

struct Raw(Vec<Event>);

impl Raw {
    fn orders(&self, from: Date, to: Date, countries: &[&str]) -> Vec<f64> {
        let kept = |e: &&Event| (from..to).contains(&e.day) && countries.contains(&e.country);
        self.0.iter().filter(kept).filter_map(|event| event.amount).collect()
    }

    fn amount(&self, from: Date, to: Date) -> f64 {
        self.orders(from, to, &["ES", "FR", "DE"]).iter().sum()
    }

    fn conversion(&self, from: Date, to: Date, country: Option<&str>) -> f64 {
        let mine =
            |e: &&Event| e.amount.is_none() && (from..to).contains(&e.day) && country.is_none_or(|c| c == e.country);
        let visits: Vec<&Event> = self.0.iter().filter(mine).collect();
        let bought = |visit: &&&Event| {
            self.0.iter().any(|order| {
                order.amount.is_some()
                    && order.user == visit.user
                    && (visit.day..=visit.day + 7.days()).contains(&order.day)
            })
        };
        visits.iter().filter(bought).count() as f64 / visits.len() as f64
    }

    fn buyers(&self, from: Date, to: Date) -> f64 {
        let orders = self.0.iter().filter(|event| event.amount.is_some() && (from..to).contains(&event.day));
        orders.map(|event| event.user).collect::<std::collections::BTreeSet<_>>().len() as f64
    }
}

#[tokio::test]
async fn every_metric_kind_gives_what_a_loop_over_the_rows_gives() {
    let folder = Folder::new();
    let url = folder.sqlite("db", &sql(&events())).await;
    let installation = Installation::of_yaml(&folder, YAML, &url);
    let raw = Raw(events());
    // (period, first day, day after, the same of the period before, of the year before)
    let cases = [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1), date(2026, 9, 1), date(2025, 10, 1), date(2025, 11, 1)),
        ("2026-W27", date(2026, 6, 29), date(2026, 7, 6), date(2026, 6, 22), date(2025, 6, 30), date(2025, 7, 7)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1), date(2026, 4, 1), date(2025, 7, 1), date(2025, 10, 1)),
        ("2026-03-31", date(2026, 3, 31), date(2026, 4, 1), date(2026, 3, 30), date(2025, 3, 31), date(2025, 4, 1)),
    ];
    for (period, from, to, before, year_from, year_to) in cases {
        let last = to.yesterday().expect("a day before");
        let month = last.first_of_month();
        let quarter = date(last.year(), (last.month() - 1) / 3 * 3 + 1, 1);
        let three_months = to - 3.months();
        let orders = raw.orders(from, to, &["ES", "FR", "DE"]);
        let amount: f64 = orders.iter().sum();
        let some: f64 = raw.orders(from, to, &["ES", "FR"]).iter().sum();
        let expected = [
            ("simple", amount),
            ("simple_filtered", some),
            ("simple_distinct", raw.buyers(from, to)),
            ("ratio", amount / orders.len() as f64),
            ("ratio_of_filtered", some / amount),
            ("derived", amount - amount / orders.len() as f64 * 2.0 + raw.buyers(from, to)),
            ("offset_window", amount / raw.amount(before, from) - 1.0),
            ("offset_year", amount - raw.amount(year_from, year_to)),
            ("cumulative_window", raw.amount(to - 7.days(), to)),
            ("cumulative_months", raw.amount(three_months, to)),
            ("grain_to_month", raw.amount(month, to)),
            ("grain_to_quarter", raw.amount(quarter, to)),
            ("grain_to_year", raw.amount(date(last.year(), 1, 1), to)),
            ("cumulative_ever", raw.amount(date(2000, 1, 1), to)),
            ("ratio_of_cumulative", raw.amount(month, to) / raw.amount(three_months, to)),
            ("conversion", raw.conversion(from, to, None)),
            ("conversion_in_spain", raw.conversion(from, to, Some("ES"))),
        ];
        let outcome = installation.measure_all(period).await;
        assert_eq!(outcome.failures, []);
        assert_eq!(outcome.measured.len(), expected.len(), "every KPI is expected");
        for (measured, (kpi, expected)) in outcome.measured.iter().zip(expected) {
            assert_eq!(&*measured.kpi.id, kpi);
            let got = measured.whole.value.number();
            let close = |got: f64| (got - expected).abs() <= 1e-9 * expected.abs().max(1.0);
            assert!(
                got.is_some_and(close) || expected.is_nan() && got.is_none(),
                "{kpi} in {period}: {:?} ≠ {expected}",
                measured.whole.value
            );
        }
    }
}
