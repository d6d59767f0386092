//! `kpid new`

use super::{done, kpid};
use crate::installation::Folder;
use std::fs;

fn starter() -> Folder {
    let folder = Folder::new();
    done(folder.path(), &[], &["init", "--yes", "--language", "en"]);
    folder
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).expect("a file")
}

#[test]
fn a_kpi_goes_to_the_end_of_its_section_and_all_else_stays() {
    let folder = starter();
    let before = read(&folder, "kpis/kpis.yaml") + "\n# mine\ngroups: {}  # none\n";
    folder.write("kpis/kpis.yaml", &before);
    let add = [
        "new",
        "kpi",
        "revenue_per_visit",
        "--formula",
        "shop.revenue / shop.visits",
        "--unit",
        "currency",
        "--good",
        "up",
    ];
    let ran = done(folder.path(), &[], &add);
    let after = read(&folder, "kpis/kpis.yaml");
    let (head, tail) = before.split_once("\n# mine").expect("mine");
    let block =
        after.strip_prefix(head).and_then(|rest| rest.strip_suffix(&format!("\n# mine{tail}"))).expect("all else");
    let expected = "
  revenue_per_visit:
    name: Revenue per visit
    # What it means, for whoever reads the mail:
    # description: …
    # source.measure is data, a bare name is another KPI; more in `kpid help language`, 8
    formula: shop.revenue / shop.visits
    unit: currency  # count, number, percent, currency, ratio, minutes, hours, days
    good: up  # up: more is better; down: less is better; neutral
    # What it should be: a number, { between: [20, 30] } or { value: 900, per: quarter }:
    # target: 100
    # owner: ana@example.com
";
    assert_eq!(block, expected);
    let line = 1 + after.lines().position(|line| line == "  revenue_per_visit:").expect("the name");
    assert!(
        ran.out.starts_with(&format!("kpis/kpis.yaml:{line}: KPI revenue_per_visit\nnext: kpid preview ")),
        "{}",
        ran.out
    );
    done(folder.path(), &[], &["measure", "revenue_per_visit"]);
    let schema = read(&folder, "kpis/.kpid.schema.json");
    assert!(schema.contains("revenue_per_visit"), "editors complete it");
}

#[test]
fn a_kpi_without_a_formula_gets_that_of_the_nearest_measure() {
    let folder = starter();
    let ran = done(folder.path(), &[], &["new", "kpi", "web_orders"]);
    assert_eq!(ran.err, "no --formula: taking shop.orders, the measure whose name is nearest\n");
    assert!(read(&folder, "kpis/kpis.yaml").contains("  web_orders:\n    name: Web orders\n"));
}

#[test]
fn what_would_break_the_folder_is_explained_and_taken_back() {
    let folder = starter();
    let before = read(&folder, "kpis/kpis.yaml");
    let ran = kpid(folder.path(), &[], &["new", "kpi", "bad", "--formula", "shop.revenu / shop.orders"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("error: unknown measure `revenu` of `shop`") && ran.err.contains("did you mean `revenue`?"),
        "{}",
        ran.err
    );
    assert!(ran.err.ends_with("error: with this KPI the folder would not load: nothing was changed\n"), "{}", ran.err);
    assert_eq!(read(&folder, "kpis/kpis.yaml"), before);
    let ran = kpid(folder.path(), &[], &["new", "kpi", "bad", "--formula", "nothing", "--file", "more/bad.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(!folder.path().join("kpis/more/bad.yaml").exists(), "{}", ran.err);
}

#[test]
fn what_a_report_names_already_is_added_and_mends_the_folder() {
    let folder = starter();
    let reports = read(&folder, "kpis/reports.yaml");
    folder.write("kpis/reports.yaml", &reports.replacen("kpis: [", "kpis: [per_visit, ", 1));
    let ran = kpid(folder.path(), &[], &["check"]);
    assert!(ran.code == 2 && ran.err.contains("`per_visit`"), "{}", ran.err);
    let ran = done(
        folder.path(),
        &[],
        &["new", "kpi", "per_visit", "--formula", "shop.revenue / shop.visits", "--good", "up"],
    );
    assert_eq!(ran.err, "");
    done(folder.path(), &[], &["check"]);
}

#[test]
fn errors_that_were_there_stay_and_new_ones_are_refused() {
    let folder = starter();
    folder.write("kpis/wrong.yaml", "kpis: { a: { formla: 1 } }\n");
    let before = read(&folder, "kpis/kpis.yaml");
    let ran = kpid(folder.path(), &[], &["new", "kpi", "b", "--formula", "shop.visit"]);
    assert!(ran.code == 2 && ran.err.contains("unknown measure `visit` of `shop`"), "{}", ran.err);
    assert!(ran.err.ends_with("nothing was changed\n"), "{}", ran.err);
    assert_eq!(read(&folder, "kpis/kpis.yaml"), before);
    let ran = kpid(folder.path(), &[], &["new", "kpi", "a", "--formula", "shop.visits"]);
    assert!(ran.code == 2 && ran.err.contains("there is a KPI `a` already: kpis/wrong.yaml:1"), "{}", ran.err);
    let ran = done(folder.path(), &[], &["new", "kpi", "b", "--formula", "shop.visits"]);
    assert!(ran.err.starts_with("warning: the folder still has ") && ran.err.contains("`kpid check`"), "{}", ran.err);
    assert!(read(&folder, "kpis/kpis.yaml").contains("\n  b:\n"));
    folder.write("kpis/kpis.yaml", &format!("{before}  broken: [\n"));
    let ran = kpid(folder.path(), &[], &["new", "kpi", "c", "--formula", "shop.visits", "--file", "kpis.yaml"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert_eq!(read(&folder, "kpis/kpis.yaml"), format!("{before}  broken: [\n"));
}

#[test]
fn names_and_files_are_checked_first() {
    let folder = starter();
    let check = |args: &[&str], expected: &str| {
        let ran = kpid(folder.path(), &[], &[&["new"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    };
    check(
        &["kpi", "cost-per-lead"],
        "the KPI name `cost-per-lead` may hold only letters, digits and `_`\nhelp: write it like `cost_per_lead`",
    );
    check(&["kpi", "revenue"], "there is a KPI `revenue` already: kpis/kpis.yaml:");
    check(&["report", "weekly"], "there is a report `weekly` already: kpis/reports.yaml:");
    check(&["source", "x", "--database", "shopp"], "there is no database `shopp`\nhelp: did you mean `shop`?");
    check(&["source", "x", "--file", "../x.yaml"], "`../x.yaml` would not be read\nhelp: name a file of kpis");
    check(&["kpi", "x", "--formula", "shop.visits", "--file", "x.txt"], "`x.txt` would not be read");
    check(&["report", "x", "--kpi", "visit"], "there is no KPI `visit`\nhelp: did you mean `visits`?");
    folder.write("kpis/flow.yaml", "{ kpis: {} }\n");
    check(
        &["kpi", "x", "--formula", "shop.visits", "--file", "flow.yaml"],
        "kpis/flow.yaml: the file is one mapping in braces",
    );
}

#[test]
fn a_source_over_a_table_and_a_report_of_the_new_work_at_once() {
    let folder = starter();
    let ran =
        done(folder.path(), &[], &["new", "source", "prospects", "--table", "leads", "--file", "sales/leads.yaml"]);
    assert!(ran.out.starts_with("kpis/sales/leads.yaml:4: source prospects\n"), "{}", ran.out);
    assert!(
        read(&folder, "kpis/sales/leads.yaml").starts_with("# yaml-language-server: $schema=../.kpid.schema.json\n")
    );
    done(folder.path(), &[], &["check", "--connect"]);
    done(folder.path(), &[], &["new", "kpi", "prospects_new", "--formula", "prospects.count"]);
    let ran = done(folder.path(), &[], &["new", "report", "monthly", "--period", "month", "--to", "tom@example.com"]);
    assert!(ran.out.starts_with("kpis/reports.yaml:"), "{}", ran.out);
    let reports = read(&folder, "kpis/reports.yaml");
    for line in ["    schedule: day 1 at 08:00\n    to: [tom@example.com]\n", "      kpis: [prospects_new]\n"] {
        assert!(reports.contains(line), "{line} in\n{reports}");
    }
    done(folder.path(), &[], &["render", "monthly"]);
}

#[test]
fn a_source_without_a_table_is_a_form_to_fill_in() {
    let folder = starter();
    let ran = done(folder.path(), &[], &["new", "source", "calls"]);
    assert!(ran.out.contains(": source calls\nnext: kpid source calls "), "{}", ran.out);
    done(folder.path(), &[], &["check"]);
    // Its table is still to be named.
    assert_eq!(kpid(folder.path(), &[], &["check", "--connect"]).code, 3);
}

#[test]
fn a_dry_run_prints_the_block_in_the_folders_language_and_changes_nothing() {
    let folder = Folder::new();
    done(folder.path(), &[], &["init", "--yes", "--language", "es"]);
    let before = read(&folder, "kpis/kpis.yaml");
    let ran = done(folder.path(), &[], &["new", "kpi", "x", "--formula", "shop.visits", "--dry-run"]);
    assert!(ran.out.starts_with("x:\n  name: X\n  # Qué significa, para quien lee el correo:\n"), "{}", ran.out);
    assert_eq!(read(&folder, "kpis/kpis.yaml"), before);
}
