//! The cases as JUnit XML, the form that CI servers read: a suite a file, a case's class being its KPI.
//!
//! It has what GitLab, Jenkins and the readers of GitHub need and nothing that differs from run to run: tests take no time worth
//! telling.

use super::cases::Case;
use super::told;
use crate::calendar::Calendar;
use crate::catalog::Diagnostic;
use crate::text::escaped;
use std::fmt::Write;

/// A `testcase` element.
struct Element<'a> {
    file: &'a str,
    line: usize,
    class: &'a str,
    name: String,
    flaw: Option<Flaw<'a>>,
}

/// Why it is no success.
struct Flaw<'a> {
    /// `failure` of a test; `error` where there is none that could run.
    tag: &'static str,
    kind: &'a str,
    message: String,
    text: String,
}

pub fn report(cases: &[Case], calendar: &Calendar) -> String {
    document(&cases.iter().map(|case| of_case(case, calendar)).collect::<Vec<_>>())
}

/// The report of a folder that can't be read: a case an error.
pub fn unread(errors: &[&Diagnostic]) -> String {
    document(&errors.iter().map(|problem| of_problem(problem)).collect::<Vec<_>>())
}

fn of_case<'a>(case: &'a Case, calendar: &Calendar) -> Element<'a> {
    let lines = told::lines(case, calendar);
    let text = format!("{}\n{}", case.place, lines.join("\n"));
    let flaw = lines.into_iter().next().map(|message| Flaw { tag: "failure", kind: "failure", message, text });
    Element { file: &case.place.file, line: case.place.line, class: case.kpi, name: case.name.clone(), flaw }
}

fn of_problem(problem: &Diagnostic) -> Element<'_> {
    let help = problem.help.as_ref().map_or(String::new(), |help| format!("\nhelp: {help}"));
    let text = format!("{}{help}", problem.in_a_line());
    let flaw = Some(Flaw { tag: "error", kind: problem.code, message: problem.message.clone(), text });
    let (line, column) = (problem.line(), problem.column());
    Element { file: problem.file(), line, class: problem.code, name: format!("{line}:{column}"), flaw }
}

fn document(all: &[Element]) -> String {
    let mut files: Vec<&str> = Vec::new();
    for element in all {
        if !files.contains(&element.file) {
            files.push(element.file);
        }
    }
    let suites: String = files.into_iter().map(|file| suite(file, all)).collect();
    let all: Vec<&Element> = all.iter().collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kpid\" {}>\n{suites}</testsuites>\n",
        counts(&all)
    )
}

fn suite(file: &str, all: &[Element]) -> String {
    let own: Vec<&Element> = all.iter().filter(|element| element.file == file).collect();
    let mut out = format!("  <testsuite name=\"{}\" {}>\n", escaped(file), counts(&own));
    for Element { file, line, class, name, flaw } in own {
        let (class, name, file) = (escaped(class), escaped(name), escaped(file));
        let attributes = format!("classname=\"{class}\" name=\"{name}\" file=\"{file}\" line=\"{line}\" time=\"0\"");
        let written = match flaw {
            None => writeln!(out, "    <testcase {attributes}/>"),
            Some(Flaw { tag, kind, message, text }) => {
                let (message, text) = (escaped(message), escaped(text));
                writeln!(out, "    <testcase {attributes}>")
                    .and_then(|()| writeln!(out, "      <{tag} message=\"{message}\" type=\"{kind}\">{text}</{tag}>"))
                    .and_then(|()| writeln!(out, "    </testcase>"))
            }
        };
        written.expect("writing to a string does not fail");
    }
    out + "  </testsuite>\n"
}

fn counts(elements: &[&Element]) -> String {
    let flaws = |tag: &str| {
        let of = |element: &&&Element| element.flaw.as_ref().is_some_and(|flaw| flaw.tag == tag);
        elements.iter().filter(of).count()
    };
    let (failures, errors) = (flaws("failure"), flaws("error"));
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\" time=\"0\"", elements.len())
}
