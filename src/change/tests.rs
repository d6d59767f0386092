//! What an edit of a small installation is said to change.

use super::*;
use std::hash::{BuildHasher, RandomState};

const YAML: &str = r#"
settings: { language: es, locale: es-ES, timezone: Europe/Madrid, currency: EUR }
databases:
  crm: { url: "${DB:-sqlite://crm.db}" }
sources:
  leads:
    database: crm
    sql: |
      SELECT day, channel, created, won FROM leads
      WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel]
    measures: [created, won]
kpis:
  total: { name: Leads, formula: leads.created, unit: count, good: up, target: 10 }
  rate:
    name: { es: Cierre, en: Close ratio }
    formula: leads.won / total
    unit: percent
    good: up
    target:
      - { from: 2026-01-01, value: 20% }
      - { from: 2026-07-01, value: 25%, why: Plan }
  lonely: { name: Won, formula: leads.won, unit: count, good: up }
people:
  ana: { name: Ana, email: ana@example.com }
  tom: { name: Tom, email: tom@example.com, language: en, locale: en-GB }
groups:
  board: [ana, tom]
reports:
  weekly:
    title: Weekly
    schedule: mondays at 08:00
    period: week
    to: [board]
    sections:
      - { title: One, kpis: [total, rate] }
      - { title: Two, kpis: [lonely] }
"#;

fn side(yaml: &str) -> Side {
    let folder = std::env::temp_dir().join(format!("kpid-change-{:016x}", RandomState::new().hash_one(())));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("all.yaml"), yaml).unwrap();
    let loaded = Catalog::load(&folder, &|_| None);
    std::fs::remove_dir_all(&folder).unwrap();
    let catalog = loaded.unwrap_or_else(|problems| panic!("{problems}")).catalog;
    let format = Format::new(&catalog.settings.locale, &catalog.settings.currency).unwrap();
    Side { catalog, templates: BTreeMap::new(), format }
}

fn between(old: &str, new: &str) -> Changes {
    Changes::between(&side(old), &side(new), "2026-11-18T08:00:00Z".parse().unwrap())
}

/// One line a change and field: `~ KPI total`, `  target: ≥ 10 → ≥ 12`; `? KPI rate: KPI total` for what is affected.
fn said(changes: &Changes) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &changes.list {
        let was = change.was.as_ref().map(|was| format!(" was {was}")).unwrap_or_default();
        lines.push(format!("{} {} {}{was}", change.how.as_str(), change.thing.what(), change.name));
        let side = |text: &Option<String>| text.clone().unwrap_or("·".to_owned()).replace('\u{a0}', " ");
        let fields = change.fields.iter().filter(|_| change.how != How::Added);
        lines.extend(fields.map(|f| format!("  {}: {} → {}", f.label(), side(&f.old), side(&f.new))));
    }
    let through = |a: &Affected| a.through.iter().cloned().collect::<Vec<_>>().join(", ");
    lines.extend(changes.affected.iter().map(|a| format!("affected {}: {}", a.kpi, through(a))));
    lines
}

/// What is said when each of `edits` replaces its first text by its second.
#[track_caller]
fn check(edits: &[(&str, &str)], expected: &[&str]) {
    let edited = edits.iter().fold(YAML.to_owned(), |yaml, (from, to)| {
        assert!(yaml.contains(from), "{from}");
        yaml.replace(from, to)
    });
    assert_eq!(said(&between(YAML, &edited)), expected);
}

#[test]
fn comments_and_formatting_change_nothing() {
    check(&[], &[]);
    check(
        &[
            ("kpis:\n", "# what we look at\nkpis:\n"),
            ("formula: leads.won / total", "formula: \"( leads.won/total )\""),
            (
                "SELECT day, channel, created, won FROM leads\n",
                "SELECT day,channel, -- how they came\n         created, won\n        FROM leads\n",
            ),
            ("mondays at 08:00", "\"0 8 * * MON\""),
            ("target: 10", "target: 1e1"),
        ],
        &[],
    );
    let mut halves = YAML.split("people:\n");
    let (first, second) = (halves.next().unwrap(), halves.next().unwrap());
    assert!(between(YAML, &format!("people:\n{second}{first}")).is_empty());
}

#[test]
fn a_formula_is_shown_before_and_after_with_whatever_stands_on_it() {
    check(
        &[("formula: leads.created", "formula: leads.created + leads.won")],
        &["changed KPI total", "  formula: leads.created → leads.created + leads.won", "affected rate: KPI total"],
    );
}

#[test]
fn a_target_is_shown_as_readers_see_it_and_dated_ones_by_their_day() {
    check(
        &[("target: 10", "target: { value: 12, near: 10% }"), ("value: 25%", "value: 30%")],
        &[
            "changed KPI total",
            "  target: ≥ 10 → ≥ 12",
            "  near: 5,0 % → 10,0 %",
            "changed KPI rate",
            "  target (from 2026-07-01): ≥ 25 %, Plan → ≥ 30 %, Plan",
        ],
    );
    // Too little to be seen in its rounded form.
    check(
        &[("value: 25%", "value: 25.00001%")],
        &["changed KPI rate", "  target (from 2026-07-01): 0.25, Plan → 0.2500001, Plan"],
    );
}

#[test]
fn sql_bears_on_every_kpi_of_the_source_and_a_measure_on_those_that_name_it() {
    let sql = [("WHERE day >= :start", "WHERE won >= 0 AND day >= :start")];
    let changes = between(YAML, &YAML.replace(sql[0].0, sql[0].1));
    let lines = said(&changes);
    assert_eq!(lines[0], "changed source leads");
    let through: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("affected ")).collect();
    assert_eq!(through, ["total: source leads", "rate: source leads", "lonely: source leads"]);
    assert_eq!(changes.measurable().len(), 3);
    check(
        &[("measures: [created, won]", "measures: { created: sum, won: last }")],
        &[
            "changed source leads",
            "  measure (won): sum → last",
            "affected rate: source leads",
            "affected lonely: source leads",
        ],
    );
}

#[test]
fn what_is_only_renamed_is_said_to_be_and_formulas_that_name_it_are_the_same() {
    check(
        &[
            ("  total:", "  leads_total:"),
            ("won / total", "won / leads_total"),
            ("[total, rate]", "[leads_total, rate]"),
        ],
        &["renamed KPI leads_total was total"],
    );
    check(
        &[
            ("  leads:\n", "  crm_leads:\n"),
            ("leads.", "crm_leads."),
            ("crm:", "sales:"),
            ("database: crm", "database: sales"),
        ],
        &["renamed source crm_leads was leads", "renamed database sales was crm"],
    );
    check(&[("  weekly:\n", "  monday:\n    was: weekly\n")], &["renamed report monday was weekly"]);
    check(&[("  weekly:\n", "  monday:\n")], &["added report monday", "removed report weekly"]);
}

#[test]
fn who_newly_gets_a_report_and_who_no_longer_is_told_by_address() {
    check(
        &[
            ("board: [ana, tom]", "board: [ana, Eva@example.com]"),
            ("email: ana@example.com", "email: ana@example.com, language: en"),
        ],
        &[
            "changed report weekly",
            "  reader (ana@example.com): Ana, reads es (es-ES) → Ana, reads en (en-GB)",
            "  reader (eva@example.com): · → reads es (es-ES)",
            "  reader (tom@example.com): Tom, reads en (en-GB) → ·",
            "changed person ana",
            "  language: es → en",
            "  locale: es-ES → en-GB",
            "changed group board",
            "  member (eva@example.com): · → by address",
            "  member (tom@example.com): Tom → ·",
        ],
    );
}

#[test]
fn a_schedule_comes_with_its_next_fire_times() {
    check(
        &[("mondays at 08:00", "last day of month at 18:00")],
        &[
            "changed report weekly",
            "  schedule: mondays at 08:00 → last day of month at 18:00",
            "  next: Mon 2026-11-23 08:00 CET, Mon 2026-11-30 08:00 CET, Mon 2026-12-07 08:00 CET → \
             Mon 2026-11-30 18:00 CET, Thu 2026-12-31 18:00 CET, Sun 2027-01-31 18:00 CET",
        ],
    );
    check(
        &[("    schedule: mondays at 08:00\n", "")],
        &[
            "changed report weekly",
            "  schedule: mondays at 08:00 → by hand only",
            "  next: Mon 2026-11-23 08:00 CET, Mon 2026-11-30 08:00 CET, Mon 2026-12-07 08:00 CET → ·",
        ],
    );
}

#[test]
fn kpis_move_between_sections_and_within_them() {
    check(
        &[("[total, rate]", "[rate]"), ("[lonely]", "[lonely, total]")],
        &["changed report weekly", "  KPI (total): in One → in Two"],
    );
    check(
        &[("[total, rate]", "[rate, total]")],
        &["changed report weekly", "  order (One): total, rate → rate, total"],
    );
    check(&[("title: One", "title: First")], &["changed report weekly", "  section title (First): One → First"]);
    check(&[("[total, rate]", "[total]")], &["changed report weekly", "  KPI (rate): in One → ·"]);
}

#[test]
fn every_field_of_a_kpi_is_told_by_its_name_in_the_yaml() {
    let more = "formula: leads.won, where: { channel: [paid, null] }, over: trailing 4 weeks, breakdown: channel, \
                decimals: 1, at_least: { of: total, n: 30 }, owner: ana@example.com, tags: [sales], \
                target: { formula: total / 4, near: 10%, per: month, by: { channel: { paid: 5 } } }";
    check(
        &[(
            "lonely: { name: Won, formula: leads.won, unit: count, good: up }",
            &format!("lonely: {{ name: Won, {more}, unit: number, good: down }}"),
        )],
        &[
            "changed KPI lonely",
            "  where (channel): · → null or paid",
            "  over: · → trailing 4 weeks",
            "  breakdown: · → channel",
            "  unit: count → number",
            "  decimals: · → 1",
            "  good: up → down",
            "  target: · → the formula total / 4",
            "  target (channel = paid): · → ≤ 5",
            "  target per: · → month",
            "  near: · → 10,0 %",
            "  at_least: · → 30 of total",
            "  owner: · → ana@example.com",
            "  tags: · → sales",
        ],
    );
}

#[test]
fn target_and_sample_bear_on_the_verdict_of_whoever_has_them() {
    let yaml = YAML.replace("lonely: { name: Won,", "lonely: { name: Won, at_least: { of: rate, n: 0.1 },");
    let lines = said(&between(&yaml, &yaml.replace("formula: leads.won / total", "formula: leads.won / total / 2")));
    assert_eq!(lines[2..], ["affected lonely: KPI rate"]);
    // The verdict of one KPI is none of another's number.
    let lines = said(&between(YAML, &YAML.replace("target: 10", "target: 11")));
    assert_eq!(lines, ["changed KPI total", "  target: ≥ 10 → ≥ 11"]);
}

#[test]
fn sections_of_one_title_are_told_apart_by_their_order() {
    let twice = YAML.replace("title: Two", "title: One");
    assert!(between(&twice, &twice).is_empty());
    let lines = said(&between(&twice, &twice.replace("[total, rate]", "[rate, total]")));
    assert_eq!(lines, ["changed report weekly", "  order (One): total, rate → rate, total"]);
}

#[test]
fn a_zone_bears_on_everything_that_is_cut_by_it() {
    let lines = said(&between(YAML, &YAML.replace("Europe/Madrid", "Atlantic/Canary")));
    assert!(lines.contains(&"  timezone: Europe/Madrid → Atlantic/Canary".to_owned()), "{lines:?}");
    assert!(lines.contains(&"affected lonely: settings timezone".to_owned()), "{lines:?}");
    let own = YAML.replace("    period: week", "    timezone: UTC\n    period: week");
    let lines = said(&between(YAML, &own));
    assert!(lines.contains(&"affected rate: timezone of report weekly".to_owned()), "{lines:?}");
}

#[test]
fn a_secret_is_compared_and_never_shown() {
    let url = |url: &str| YAML.replace("${DB:-sqlite://crm.db}", url);
    let lines = said(&between(&url("postgres://ana:canary1@db/crm"), &url("postgres://ana:canary2@db/crm")));
    assert_eq!(
        lines,
        ["changed database crm", "  url: postgres://***@db/crm → postgres://***@db/crm, with another password"]
    );
    let lines = said(&between(&url("postgres://ana:canary1@db/crm"), &url("postgres://ana:canary2@db2/crm")));
    assert_eq!(lines[1], "  url: postgres://***@db/crm → postgres://***@db2/crm");
    assert_eq!(lines[2], "affected total: database crm");
}

#[test]
fn another_user_or_hidden_parameter_bears_on_numbers_and_is_never_shown() {
    let url = |url: &str| YAML.replace("${DB:-sqlite://crm.db}", url);
    let check = |old: &str, new: &str, shown: &str| {
        let lines = said(&between(&url(old), &url(new)));
        assert_eq!(lines[1], format!("  url: {shown} → {shown}, with another login or parameter"));
        assert_eq!(lines[2], "affected total: database crm");
        assert!(!lines.join("\n").contains("canary"), "{lines:?}");
    };
    check("postgres://canary1:canary@db/crm", "postgres://canary2:canary@db/crm", "postgres://***@db/crm");
    let options = "postgres://db/crm?options=";
    check(&format!("{options}canary1"), &format!("{options}canary2"), &format!("{options}***"));
}

#[test]
fn dimensions_bear_on_numbers_since_first_and_last_keep_one_row_of_each() {
    check(
        &[("dimensions: [channel]", "dimensions: [channel, region]")],
        &[
            "changed source leads",
            "  dimensions: channel → channel, region",
            "affected total: source leads",
            "affected rate: source leads",
            "affected lonely: source leads",
        ],
    );
}

#[test]
fn freshness_bears_on_numbers_where_stale_data_fails() {
    let fresh = |sql: &str, within: &str, otherwise: &str| {
        let fresh = format!("fresh: {{ sql: \"{sql}\", within: {within}, otherwise: {otherwise} }}");
        YAML.replace("    measures: [created, won]", &format!("    measures: [created, won]\n    {fresh}"))
    };
    let check = |old: (&str, &str, &str), new: (&str, &str, &str), field: &str, affected: usize| {
        let changes = between(&fresh(old.0, old.1, old.2), &fresh(new.0, new.1, new.2));
        assert_eq!(said(&changes)[1], format!("  fresh ({field}"));
        assert_eq!(changes.measurable().len(), affected, "{field}");
    };
    let (one, other) = ("SELECT 1", "SELECT 2");
    check((one, "1d", "warn"), (one, "2d", "warn"), "within): 24h → 48h", 0);
    check((one, "1d", "warn"), (other, "1d", "warn"), "sql): SELECT 1 → SELECT 2", 0);
    check((one, "1d", "fail"), (one, "2d", "fail"), "within): 24h → 48h", 3);
    check((one, "1d", "fail"), (other, "1d", "fail"), "sql): SELECT 1 → SELECT 2", 3);
    check((one, "1d", "warn"), (one, "1d", "fail"), "otherwise): warn → fail", 3);
    check((one, "1d", "fail"), (one, "1d", "warn"), "otherwise): fail → warn", 3);
}

#[test]
fn files_of_templates_are_named() {
    let with = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Side { templates: files.collect(), ..side(YAML) }
    };
    let (old, new) = (with(&[("a.html", "1"), ("b.txt", "1")]), with(&[("a.html", "2"), ("texts/es.ftl", "1")]));
    let changes = Changes::between(&old, &new, Timestamp::UNIX_EPOCH);
    assert_eq!(said(&changes), ["changed template a.html", "removed template b.txt", "added template texts/es.ftl"]);
}

#[test]
fn text_that_would_turn_a_line_is_made_harmless() {
    let lines = said(&between(YAML, &YAML.replace("name: Leads", r#"name: "gpj\u202Eexe""#)));
    assert_eq!(lines, ["changed KPI total", "  name: Leads → gpj\u{fffd}exe"]);
}
