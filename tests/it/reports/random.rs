//! Random reports, from random rows through the very code that measures: KPIs of every unit, with and without values, targets,
//! segments and earlier periods.

use kpid::calendar::{Cadence, Calendar, Period, Window};
use kpid::formula::{Formula, Reason};
use kpid::measure::{AtLeast, Comparison, Dated, Goal, Good, Kpi, Level, Model, Request, Target, Unit};
use kpid::query::sql::Statement;
use kpid::query::{Aggregate, Column, Engine, Measure, Readings, Source, Stretch, Table};
use kpid::report::{
    Attachment, Edition, Facts, Failed, History, Made, Report, ReportSpec, Section, Show, Stale, Words,
};
use kpid::text::{Name, Text};
use proptest::prelude::*;
use std::sync::Arc;

const WEEKS: [&str; 6] = ["2025-W46", "2026-W42", "2026-W43", "2026-W44", "2026-W45", "2026-W46"];
const CHANNELS: [Option<&str>; 12] = [
    Some("organic"),
    Some("paid <b>x</b>"),
    Some("mail; \"b\", 'c'"),
    Some("مدفوع 7"),
    Some("a & b"),
    Some("=1+1"),
    Some("🍂 otoño"),
    Some("-5"),
    Some("tv"),
    Some("radio 2.5"),
    Some("fair"),
    None,
];
const DECORATIONS: [&str; 8] =
    ["leads", "<b>&amp; co</b>", "\"q\" 'x'", "ñandú 🍂", "a; b, c", "مبيعات", "{{ title }}", "=SUM(A1)"];

pub fn calendar() -> Calendar {
    let zone = jiff::tz::TimeZone::get("Europe/Madrid").unwrap();
    Calendar { zone, week_starts: jiff::civil::Weekday::Monday, fiscal_year_starts: 1 }
}

pub fn week(label: &str) -> Period {
    calendar().parse(label).unwrap()
}

pub fn formula(text: &str) -> Formula {
    Formula::parse(text).unwrap()
}

/// `sales`, dated with a channel, and `base`, which answers once a period.
pub fn sources() -> [Arc<Source>; 2] {
    let source = |name: &str, time: bool, measures: &[(&str, Aggregate)]| Source {
        name: name.into(),
        database: "db".into(),
        description: None,
        statement: Statement::parse("SELECT 1", Engine::Sqlite).unwrap(),
        time: time.then(|| "day".into()),
        dimensions: if time { vec!["channel".into()] } else { Vec::new() },
        measures: measures
            .iter()
            .map(|(name, aggregate)| Measure { name: Name::from(*name), aggregate: *aggregate, declared: false })
            .collect(),
        labels: Default::default(),
        units: Default::default(),
        fresh: None,
    };
    let sums = [("visits", Aggregate::Sum), ("leads", Aggregate::Sum), ("spend", Aggregate::Sum)];
    [
        source("sales", true, &[&sums[..], &[("stock", Aggregate::Last)]].concat()).into(),
        source("base", false, &[("customers", Aggregate::Sum)]).into(),
    ]
}

/// More channels than anybody names.
const CROWD: usize = 230;

fn channel(index: usize) -> Option<Name> {
    CHANNELS.get(index).map_or_else(|| Some(Name::from(format!("c{index}"))), |name| name.map(Name::from))
}

/// A week of [`WEEKS`], a channel, and the four measures; NaN is NULL.
pub type Row = (usize, usize, [f64; 4]);

/// At most 60 rows of a few channels, or of a crowd of them `crowded` rows.
fn rows(crowded: Option<usize>) -> impl Strategy<Value = Vec<Row>> {
    // Sixteen digits and more are written as powers of ten, which the kept extremes show.
    let magnitude = prop::sample::select(vec![1e-3, 1.0, 1.0, 1.0, 1e3, 1e6, 1e9]);
    let channels = crowded.map_or(1..CHANNELS.len() + 1, |_| CROWD..CROWD + 1);
    let many = crowded.map_or(0..60, |many| many..many + 1);
    (magnitude, channels).prop_flat_map(move |(magnitude, channels)| {
        let amount = prop_oneof![12 => 0f64..2000.0, 2 => -500f64..0.0, 1 => Just(0.0), 1 => Just(f64::NAN)];
        let row = (0..WEEKS.len(), 0..channels, 0u32..900, 0u32..60, amount.clone(), amount);
        prop::collection::vec(row, many.clone()).prop_map(move |rows| {
            let row = |(week, channel, visits, leads, spend, stock): (usize, usize, u32, u32, f64, f64)| {
                let cents = |amount: f64| (amount * 100.0).round() / 100.0 * magnitude;
                let visits = f64::from(visits.max(leads));
                (week, channel, [visits, f64::from(leads), cents(spend), cents(stock)])
            };
            rows.into_iter().map(row).collect()
        })
    })
}

pub fn readings(rows: &[Row], customers: &[Option<f64>]) -> Readings {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.0);
    let column = |measure: usize| {
        let missing = rows.iter().enumerate().filter(|(_, row)| row.2[measure].is_nan());
        Column {
            numbers: rows.iter().map(|row| row.2[measure]).map(|n| if n.is_nan() { 0.0 } else { n }).collect(),
            missing: missing.map(|(index, _)| (index, Reason::Null { what: "sales".into() })).collect(),
        }
    };
    let table = Table {
        times: rows.iter().map(|row| week(WEEKS[row.0]).window.start.as_nanosecond()).collect(),
        dimensions: vec![rows.iter().map(|row| channel(row.1)).collect()],
        measures: (0..4).map(column).collect(),
        rows: rows.len(),
    };
    let [start, end] = ["2025-W01", "2026-W53"].map(|label| week(label).window);
    let window = Window { start: start.start, end: end.end };
    let mut readings = Readings::default();
    readings.insert("sales".into(), Stretch { window, result: Ok(table) });
    for (label, customers) in WEEKS.iter().zip(customers) {
        let numbers: Vec<f64> = customers.iter().copied().collect();
        let rows = numbers.len();
        let table = Table { measures: vec![Column { numbers, missing: Vec::new() }], rows, ..Table::default() };
        readings.insert("base".into(), Stretch { window: week(label).window, result: Ok(table) });
    }
    readings
}

fn goal() -> impl Strategy<Value = Goal> {
    let level = prop_oneof![
        4 => prop::sample::select(vec![0.0, 0.05, 0.1045, 0.5, 1.0, 12.0, 250.0, 1234.5, 1e6, -3.0]).prop_map(Level::Value),
        1 => (0f64..50.0, 0f64..500.0).prop_map(|(low, width)| Level::Between(low, low + width)),
    ];
    let step = |from: &str, level| Dated { from: from.parse().unwrap(), level, why: Some("a <reason>".to_owned()) };
    prop_oneof![
        4 => level.clone().prop_map(Goal::Level),
        1 => (level.clone(), level).prop_map(move |(old, new)| Goal::Dated(vec![step("2025-01-01", old), step("2026-11-10", new)])),
        1 => Just(Goal::Formula(formula("base.customers"))),
    ]
}

fn kpi(index: usize) -> impl Strategy<Value = Kpi> {
    let formulas = prop::sample::select(vec![
        "sales.leads",
        "sales.spend",
        "sales.stock",
        "sales.leads / sales.visits",
        "sales.spend / sales.leads",
        "sales.leads / base.customers",
        "(sales.spend + 2 * sales.stock - sales.leads) / sales.visits + previous(sales.leads)",
        "sales.spend / previous(sales.spend) - 1",
        "sales.visits / total(sales.visits)",
        "if(sales.leads > 20, min(sales.visits, 100), coalesce(base.customers, 3))",
    ]);
    let units = prop::sample::select(vec![
        Unit::Count,
        Unit::Number,
        Unit::Percent,
        Unit::Percent,
        Unit::Currency(None),
        Unit::Currency(None),
        Unit::Currency(Some("USD".to_owned())),
        Unit::Currency(Some("JPY".to_owned())),
        Unit::Ratio,
        Unit::Minutes,
        Unit::Hours,
        Unit::Days,
    ]);
    let good = prop::sample::select(vec![Some(Good::Up), Some(Good::Up), Some(Good::Down), Some(Good::Neutral), None]);
    let decimals = prop_oneof![3 => Just(None), 1 => (0u8..5).prop_map(Some)];
    let decoration = prop::sample::select(DECORATIONS.to_vec());
    let at_least = prop::option::of(prop::sample::select(vec![1.0, 100.0, 1500.0]));
    (formulas, units, good, decimals, decoration, prop::option::of(goal()), any::<bool>(), at_least).prop_map(
        move |(text, unit, good, decimals, decoration, goal, broken_down, at_least)| {
            let needs_base = text.contains("base");
            let by = [(Name::from("organic"), Level::Value(2.0)), ("tv".into(), Level::Between(1.0, 3.0))];
            let by = [("channel".into(), by.into_iter().collect())].into_iter().collect();
            Kpi {
                id: format!("k{index}").into(),
                name: Text::from(&*format!("K{index}\u{b7} {decoration}")),
                description: index.is_multiple_of(3).then(|| Text::from("What it means <i>.")),
                formula: formula(text),
                unit,
                decimals,
                good,
                target: goal.map(|goal| Target { goal, near: 0.1, per: None, by }),
                filter: Default::default(),
                breakdown: (broken_down && !needs_base).then(|| "channel".into()),
                over: None,
                at_least: at_least.map(|n| AtLeast { of: formula("sales.visits"), n }),
                owner: index.is_multiple_of(4).then(|| "ana@example.com".to_owned()),
                tags: Vec::new(),
            }
        },
    )
}

/// `kpis` about 2026-W46 on `readings`, in two sections; the first KPI stands in both.
pub fn report(kpis: Vec<Kpi>, readings: &Readings, compare: &[Comparison], trend: u16, told: f64) -> Report {
    let kpis: Vec<Arc<Kpi>> = kpis.into_iter().map(Arc::new).collect();
    let model = Model::new(kpis.clone(), sources());
    let period = week("2026-W46");
    let request = Request { kpis: kpis.clone(), period, compare: compare.to_vec(), trend, top: 4 };
    let measured = request.measure(&model, &calendar(), readings);
    let ids: Vec<Name> = kpis.iter().map(|kpi| kpi.id.clone()).collect();
    let half = ids.len().div_ceil(2);
    let section = |title: &str, kpis: Vec<Name>, show| Section { title: Text::from(title), text: None, kpis, show };
    let spec = ReportSpec {
        id: "weekly".into(),
        title: Text::from("Informe <&> \"B2B\""),
        compare: compare.to_vec(),
        attach: vec![Attachment::Xlsx],
        sections: vec![
            section("§1", ids[..half].to_vec(), Show::Cards),
            section("§2", [&ids[half..], &ids[..1]].concat(), Show::Table),
        ],
        ..ReportSpec::of_kpis(ids.clone(), calendar(), Cadence::Week)
    };
    let edition =
        |label: &str| Edition { period: week(label), values: ids.iter().map(|id| (id.clone(), told)).collect() };
    let input = |measure: &str| kpid::formula::Reference::Measure { source: "sales".into(), measure: measure.into() };
    let facts = Facts {
        stale: vec![Stale { source: "base".into(), newest: Some("2026-11-13".parse().unwrap()), kpis: Vec::new() }],
        failed: vec![Failed { source: "other".into(), why: "no <answer>".to_owned(), kpis: Vec::new() }],
        history: History(vec![edition("2026-W45")]),
        words: Words {
            inputs: [(input("spend"), Text::from("gasto <i>")), (input("leads"), Text::from("leads \"x\""))].into(),
            dimensions: [("channel".into(), Text::from("canal"))].into(),
            ..Words::default()
        },
        made: Made {
            contact: Some("ops@example.com".to_owned()),
            ..Made::new(period, "2026-11-16T07:00:00Z".parse().unwrap())
        },
    };
    Report::build(&spec, measured, facts)
}

/// Of a few segments, or of more than are named when `crowded`.
pub fn reports(crowded: bool) -> impl Strategy<Value = Report> {
    let compare = prop::sample::select(vec![
        vec![],
        vec![Comparison::Previous],
        vec![Comparison::Previous, Comparison::YearAgo],
        vec![Comparison::YearAgo, Comparison::Previous],
    ]);
    let kpis = (1usize..13).prop_flat_map(|count| (0..count).map(kpi).collect::<Vec<_>>());
    let customers = prop::collection::vec(prop::option::of(0f64..40.0), WEEKS.len());
    let rows = rows(crowded.then_some(CROWD * 30));
    (rows, customers, kpis, compare, prop::sample::select(vec![0u16, 1, 5]), 0f64..100.0).prop_map(
        |(rows, customers, kpis, compare, trend, told)| {
            report(kpis, &readings(&rows, &customers), &compare, trend, told)
        },
    )
}
