//! Every shipped KPI against a computation that shares no code with kpid: plain Python over the raw rows.

use crate::installation::{Folder, Installation};
use jiff::civil::date;
use kpid::demo::{self, DATABASES, Scale};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const PERIODS: [(&str, &str, &str); 3] = [
    ("2026-W46", "2026-11-09", "2026-11-16"),
    ("2026-10", "2026-10-01", "2026-11-01"),
    ("2026-Q3", "2026-07-01", "2026-10-01"),
];

/// KPI and period → value as the script computes it; `None` is missing.
fn independent(databases: &Path) -> BTreeMap<(String, String), Option<f64>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/kpis.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(databases);
    for (label, start, end) in PERIODS {
        command.arg(format!("{label},{start},{end}"));
    }
    let output = command.output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let row = |line: &str| {
        let [kpi, period, value] = line.split(',').collect::<Vec<_>>().try_into().expect("three columns");
        let value = (!value.is_empty()).then(|| value.parse().expect("a number"));
        ((kpi.to_owned(), period.to_owned()), value)
    };
    text.lines().skip(1).map(row).collect()
}

#[tokio::test]
async fn every_shipped_kpi_gives_what_plain_python_computes() {
    let folder = Folder::new();
    demo::build(folder.path(), 1, date(2026, 11, 22), Scale::default()).await.expect("the sample company");
    let url = |name: &str| format!("sqlite://{}", folder.path().join(format!("{name}.db")).display());
    let env = DATABASES.iter().map(|name| (format!("{}_URL", name.to_uppercase()), url(name))).collect();
    let installation = Installation::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("kpis"), &env);
    let expected = independent(folder.path());
    for (period, ..) in PERIODS {
        let outcome = installation.measure_all(period).await;
        assert_eq!(outcome.failures, []);
        for measured in outcome.measured {
            let id = measured.kpi.id.to_string();
            let expected = expected.get(&(id.clone(), period.to_owned()));
            let expected = *expected.unwrap_or_else(|| panic!("the script leaves out {id} in {period}"));
            let same = match (measured.whole.value.number(), expected) {
                (Some(got), Some(expected)) => (got - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                (None, None) => true,
                _ => false,
            };
            assert!(same, "{id} in {period}: {:?} ≠ {expected:?}", measured.whole.value);
        }
    }
}
