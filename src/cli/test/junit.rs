//! The cases as JUnit XML, the form that CI servers read: a suite a file, a case's class being its KPI.
//!
//! It has what GitLab, Jenkins and the readers of GitHub need and nothing that differs from run to run: tests take no time worth
//! telling.

use super::cases::Case;
use super::told;
use crate::calendar::Calendar;
use crate::text::escaped;
use std::fmt::Write;

pub fn report(cases: &[Case], calendar: &Calendar) -> String {
    let mut files: Vec<&str> = Vec::new();
    for case in cases {
        if !files.contains(&case.place.file.as_str()) {
            files.push(&case.place.file);
        }
    }
    let suites: String = files.into_iter().map(|file| suite(file, cases, calendar)).collect();
    let all: Vec<&Case> = cases.iter().collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kpid\" {}>\n{suites}</testsuites>\n",
        counts(&all)
    )
}

fn suite(file: &str, cases: &[Case], calendar: &Calendar) -> String {
    let own: Vec<&Case> = cases.iter().filter(|case| case.place.file == file).collect();
    let mut out = format!("  <testsuite name=\"{}\" {}>\n", escaped(file), counts(&own));
    for case in own {
        let name = escaped(&case.name);
        let (kpi, line) = (escaped(case.kpi), case.place.line);
        let attributes =
            format!("classname=\"{kpi}\" name=\"{name}\" file=\"{}\" line=\"{line}\" time=\"0\"", escaped(file));
        let lines = told::lines(case, calendar);
        let written = match lines.first() {
            None => writeln!(out, "    <testcase {attributes}/>"),
            Some(message) => {
                let text = format!("{}\n{}", case.place, lines.join("\n"));
                let (message, text) = (escaped(message), escaped(&text));
                writeln!(out, "    <testcase {attributes}>")
                    .and_then(|()| {
                        writeln!(out, "      <failure message=\"{message}\" type=\"failure\">{text}</failure>")
                    })
                    .and_then(|()| writeln!(out, "    </testcase>"))
            }
        };
        written.expect("writing to a string does not fail");
    }
    out + "  </testsuite>\n"
}

fn counts(cases: &[&Case]) -> String {
    let failed = cases.iter().filter(|case| case.failure.is_some()).count();
    format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"0\"", cases.len())
}
