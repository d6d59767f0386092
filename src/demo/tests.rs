use super::*;
use jiff::civil::date;
use std::collections::BTreeSet;

const TODAY: Date = date(2026, 11, 22);

fn company(seed: u64) -> Company {
    Company::new(seed, TODAY, Scale { sessions: 20_000 })
}

/// Every row of every table, as SQL.
fn rows(company: &Company) -> Vec<String> {
    DATABASES.iter().flat_map(|database| company.statements(database, Engine::Sqlite)).collect()
}

/// The text of `column` in every row of `table` where it is not NULL, as SQL literals.
fn column(company: &Company, table: &str, column: &str) -> Vec<String> {
    let table = company.tables().into_iter().find(|t| t.name == table).expect("a table of that name");
    let position = table.columns.iter().position(|(name, _)| *name == column).expect("a column of that name");
    table.rows.filter(|row| row[position] != Cell::Null).map(|row| row[position].to_string()).collect()
}

#[test]
fn same_seed_and_day_give_the_same_rows() {
    assert_eq!(rows(&company(7)), rows(&company(7)));
    assert_ne!(rows(&company(7)), rows(&company(8)));
}

#[test]
fn two_days_of_one_week_give_the_same_rows() {
    let on = |day| rows(&Company::new(7, day, Scale { sessions: 2_000 }));
    assert_eq!(on(date(2026, 11, 16)), on(date(2026, 11, 22)));
    assert_ne!(on(date(2026, 11, 22)), on(date(2026, 11, 23)));
}

#[test]
fn nothing_happens_after_the_last_closed_week() {
    let company = company(7);
    let moments = [
        ("sessions", "started_at"),
        ("leads", "created_at"),
        ("leads", "sal_at"),
        ("leads", "first_contact_at"),
        ("opportunities", "decided_at"),
        ("opportunity_stages", "entered_at"),
        ("opportunity_stages", "lost_at"),
        ("customers", "since"),
        ("customers", "until"),
        ("orders", "recorded_at"),
    ];
    for (table, name) in moments {
        let newest = column(&company, table, name).into_iter().max().expect("rows");
        assert!(newest.as_str() < "'2026-11-16", "{table}.{name}: {newest}");
        assert!(newest.as_str() > "'2026-11-0", "{table}.{name}: {newest}");
    }
    assert_eq!(column(&company, "budget", "day").last().map(String::as_str), Some("'2026-12-31'"));
}

#[test]
fn rows_are_as_wide_as_their_table() {
    for table in company(7).tables() {
        let (name, width) = (table.name, table.columns.len());
        assert!(table.rows.into_iter().all(|row| row.len() == width), "{name}");
    }
}

#[test]
fn social_feed_has_stopped() {
    let company = company(7);
    let (sessions, start) = (&company.sessions, company.span.end * table::SECONDS_A_DAY);
    let newest = |social: bool| sessions.iter().filter(|s| (s.channel == names::SOCIAL) == social).map(|s| s.at).max();
    let hours_old = |social| newest(social).map(|at| (start - at) / 3600);
    assert!(hours_old(true) >= Some(96), "{:?}", hours_old(true));
    assert!(hours_old(false) <= Some(4), "{:?}", hours_old(false));
}

#[test]
fn names_carry_quotes_accents_and_emoji() {
    let campaigns: BTreeSet<String> = column(&company(7), "sessions", "campaign").into_iter().collect();
    assert_eq!(campaigns.len(), names::CAMPAIGNS.len());
    let check = |name: &str| assert!(campaigns.contains(name), "{name} in {campaigns:?}");
    check("'Válvulas \"alta presión\"'");
    check("'L''Hospitalet: jornada técnica'");
    check("'Oferta 🔩 otoño'");
}

#[test]
fn one_campaign_costs_and_brings_nothing() {
    let company = company(7);
    let failing = names::CAMPAIGNS.iter().position(|c| c.name.starts_with("Lanzamiento")).expect("the campaign");
    let visits = company.sessions.iter().filter(|s| s.campaign == Some(failing));
    let (visits, leads) = visits.fold((0, 0), |(visits, leads), s| (visits + 1, leads + i32::from(s.lead)));
    assert!(visits > 100 && leads * 50 < visits, "{leads} leads of {visits} visits");
}

#[test]
fn visits_grow_and_keep_to_seasons_and_weeks() {
    let company = Company::new(7, TODAY, Scale::default());
    let visits = |days: &dyn Fn(i64) -> bool| {
        let (mut visits, mut all) = (0, BTreeSet::new());
        for day in company.sessions.iter().map(|s| s.at / table::SECONDS_A_DAY).filter(|day| days(*day)) {
            visits += 1;
            all.insert(day);
        }
        f64::from(visits) / all.len() as f64
    };
    let month = |year, month| visits(&move |day| (table::date(day).year(), table::date(day).month()) == (year, month));
    assert!(visits(&season::is_weekend) < 0.5 * visits(&season::is_business));
    assert!(month(2026, 8) < 0.6 * month(2026, 10));
    assert!(month(2026, 10) > 1.1 * month(2025, 10));
}

#[test]
fn some_sales_are_entered_late() {
    let company = company(7);
    let days = |name| column(&company, "orders", name).into_iter().map(|text| text[1..11].to_owned());
    let late: Vec<_> =
        days("ordered_at").zip(days("recorded_at")).filter(|(ordered, recorded)| ordered < recorded).collect();
    assert!(late.len() > 20, "{}", late.len());
    // Those of the last days that will be late are not there yet.
    assert!(late.iter().all(|(ordered, _)| ordered.as_str() < "2026-11-13"));
}

#[test]
fn split_test_has_too_few_visits() {
    let variants = column(&Company::new(7, TODAY, Scale::default()), "sessions", "variant");
    let visits = |name: &str| variants.iter().filter(|v| *v == name).count();
    let (a, b) = (visits("'A'"), visits("'B'"));
    assert!((20..200).contains(&a) && (20..200).contains(&b) && a + b == variants.len(), "{a} {b}");
}

#[test]
fn deals_are_lost_at_every_stage_for_every_reason() {
    let company = company(7);
    let lost = |stage: &str| {
        company
            .opportunities
            .iter()
            .flat_map(|deal| &deal.stages)
            .filter(|s| s.stage == stage && s.lost.is_some())
            .count()
    };
    assert!(names::STAGES.iter().all(|stage| lost(stage.name) > 5));
    let reasons: BTreeSet<String> = column(&company, "opportunity_stages", "loss_reason").into_iter().collect();
    assert_eq!(reasons.len(), names::REASONS.len());
    let open = company.opportunities.iter().filter(|deal| deal.decided.is_none()).count();
    assert!(open > 5, "{open} deals are open");
}

#[test]
fn size_is_as_asked() {
    let company = Company::new(7, TODAY, Scale::default());
    let summary = company.summary();
    let check = |what: &str, count: usize, low: usize, high: usize| {
        assert!((low..=high).contains(&count), "{what}: {count}");
    };
    check("sessions", summary.sessions, 97_000, 102_000);
    check("leads", summary.leads, 4_000, 8_000);
    check("customers", summary.customers, 1_500, 3_500);
    check("orders", summary.orders, 6_000, 14_000);
    assert_eq!((summary.first, summary.end), (date(2024, 11, 1), date(2026, 11, 16)));
}

#[tokio::test]
async fn databases_are_built_in_place_of_older_ones() {
    let dir = std::env::temp_dir().join(format!("kpid-demo-{}", std::process::id()));
    let scale = Scale { sessions: 1_000 };
    for today in [date(2026, 1, 1), TODAY] {
        let summary = build(&dir, 7, today, scale).await.expect("built");
        assert_eq!(summary, Company::new(7, today, scale).summary());
    }
    let mut files: Vec<_> =
        std::fs::read_dir(&dir).expect("the folder").map(|f| f.expect("a file").file_name()).collect();
    files.sort();
    assert_eq!(files, ["crm.db", "erp.db", "web.db"]);
    std::fs::remove_dir_all(&dir).expect("removed");
}

#[tokio::test]
async fn folder_that_cannot_be_made_is_named() {
    let error = build(Path::new("/dev/null/demo"), 7, TODAY, Scale { sessions: 10 }).await.expect_err("no folder");
    assert_eq!(error.to_string(), "write the sample database `/dev/null/demo`: Not a directory (os error 20)");
}
