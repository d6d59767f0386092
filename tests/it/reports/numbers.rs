//! The same values in every format: random reports, read back by programs that share no code with us.

use super::edition::audience;
use super::{python, random};
use kpid::render::Renderer;
use kpid::report::Attachment;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::path::Path;

/// Decimal points and commas, groups of three, of two and of none, signs and percent signs on either side, other digits.
const LOCALES: [&str; 8] = ["es-ES", "es-MX", "en-GB", "en-US", "de-DE", "fr-FR", "ar-EG", "sv-SE"];
/// As many random reports.
const REPORTS: u8 = 58;
/// The last of them have more segments than the page names.
const CROWDED: u8 = 2;

/// The report that `number` stands for, always the same.
fn report(number: u8) -> kpid::report::Report {
    let seed = [number; 32];
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    random::reports(number >= REPORTS - CROWDED).new_tree(&mut runner).unwrap().current()
}

/// The files stay below `target/tmp/numbers`; for one report: `python3 -P tests/it/reports/numbers.py target/tmp/numbers NUMBER`.
#[test]
fn html_text_page_workbook_csv_and_json_carry_the_same_values() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("numbers");
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let renderer = Renderer::new(None, "es".into(), "EUR").unwrap();
    for number in 0..REPORTS {
        let audience = audience(LOCALES[usize::from(number) % LOCALES.len()]);
        let report = report(number);
        let letter = renderer.letter(&report, &audience).unwrap();
        let write = |ending: &str, bytes: &[u8]| {
            std::fs::write(folder.join(format!("{number}.{}.{ending}", audience.locale)), bytes).unwrap();
        };
        write("html", letter.html.as_bytes());
        write("txt", letter.text.as_bytes());
        write("page", renderer.page(&report, &audience).unwrap().as_bytes());
        write("xlsx", &renderer.file(&report, &audience, Attachment::Xlsx).unwrap().bytes);
        write("csv", &renderer.file(&report, &audience, Attachment::Csv).unwrap().bytes);
        write("json", renderer.json(&report, &audience).unwrap().to_string().as_bytes());
    }
    let Some(said) = python::run(include_str!("numbers.py"), &[&folder]) else { return };
    // How much was compared: a reader that finds nothing would be content with everything.
    let counted: Vec<(&str, usize)> =
        said.lines().map(|line| line.split_once(' ').unwrap()).map(|(what, n)| (what, n.parse().unwrap())).collect();
    for (what, least) in [
        ("reports", 58),
        ("shown", 3500),
        ("parts", 500),
        ("segments", 400),
        ("html", 4000),
        ("text", 4000),
        ("page", 4000),
        ("xlsx", 2000),
        ("csv", 600),
    ] {
        let found = counted.iter().find(|(name, _)| *name == what).map_or(0, |(_, count)| *count);
        assert!(found >= least, "only {found} of {what} in\n{said}");
    }
}
