//! A third language needs a file of messages and nothing else: a report in a language that nobody speaks has no word of another.
//!
//! All names of the report are Greek and its words stand in brackets, half as long again as in English.

use super::{edition, notices, python};
use crate::installation::Folder;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use kpid::catalog::Catalog;
use kpid::render::{Renderer, standalone};
use kpid::report::{Attachment, History};
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../../../src/render/texts/pseudo.rs"]
mod pseudo;

const EN: &str = include_str!("../../../templates/texts/en.ftl");
/// Reports, the month in which their years begin, and whether they can be seen in a browser.
const EDITIONS: [(&str, i8, bool); 12] = [
    ("α", 1, false),
    ("α", 1, true),
    ("τώρα", 1, true),
    ("σήμερα", 1, false),
    ("τρίμηνο", 1, false),
    ("τρίμηνο", 4, false),
    ("έτος", 1, false),
    ("έτος", 4, false),
    ("καλά", 1, false),
    ("σχεδόν", 1, false),
    (LONG, 1, false),
    (LONG, 1, true),
];
/// So long that its mail is shortened as far as it goes: its section stands in it so many times.
const LONG: &str = "μακρύ";
const TIMES: usize = 9;
/// What the installation of the admin's letters calls its things.
const NAMES: notices::World =
    notices::World {
        report: "άλφα", source: "πηγή", words: |_| "κανείς δεν απαντά".to_owned(), node: "νησί"
    };
const NOW: &str = "2026-11-23T08:00";

/// Messages that only a template of one's own has a place for: streaks are told of what needs attention, and who meets a target
/// doesn't.
const UNSAID: [&str; 2] = ["streak-met-long", "back-met"];

/// An installation whose only file of messages is that of the third language.
async fn installation() -> (Folder, String) {
    let folder = Folder::new();
    folder.write("kpis/all.yaml", include_str!("words.yaml"));
    folder.write("kpis/templates/texts/el.ftl", &pseudo::pseudo());
    let url = folder.sqlite("rows", include_str!("words.sql")).await;
    (folder, url)
}

/// Every report in every format, below a new folder.
async fn rendered(folder: &Folder, url: &str) -> PathBuf {
    let kpis = folder.path().join("kpis");
    let mut catalog = match Catalog::load(&kpis, &|_| Some(url.to_owned())) {
        Ok(loaded) => loaded.catalog,
        Err(problems) => panic!("{problems}"),
    };
    let out = folder.path().join("out");
    std::fs::create_dir_all(&out).unwrap();
    for (number, (name, begins, linked)) in EDITIONS.into_iter().enumerate() {
        let spec = catalog.reports.get_mut(name).unwrap();
        spec.calendar.fiscal_year_starts = begins;
        if name == LONG {
            spec.sections = vec![spec.sections[0].clone(); TIMES];
        }
        let told = edition::told(&catalog.settings.calendar, "2026-W46", &[("κ01", 5.0), ("κ03", 5.0)]);
        let mut edition = edition::made(&catalog, name, NOW, History(vec![told])).await;
        edition.renderer = Renderer::new(Some(&kpis.join("templates")), "el".into(), "EUR").unwrap();
        // What a database says is in its own language.
        for failed in &mut edition.report.notes.failed {
            assert!(failed.why.contains("no such table"));
            failed.why = "κανένας πίνακας".to_owned();
        }
        if name == "καλά" {
            edition.report.made.late = Some(jiff::SignedDuration::from_mins(125));
            edition.report.made.skipped = 2;
        }
        if linked && name == LONG {
            edition.report.attach = vec![Attachment::Xlsx];
        }
        edition.report.made.link = linked.then(|| "https://example.com/12".to_owned());
        let audience = edition::audience("el-GR");
        let letter = edition.letter(&audience);
        let file = |kind| edition.renderer.file(&edition.report, &audience, kind).unwrap().bytes;
        let write = |ending: &str, bytes: &[u8]| std::fs::write(out.join(format!("{number}.{ending}")), bytes).unwrap();
        write("html", standalone(&letter).as_bytes());
        write("txt", letter.text.as_bytes());
        write("subject", letter.subject.as_bytes());
        write("page", &file(Attachment::Html));
        write("xlsx", &file(Attachment::Xlsx));
        write("csv", &file(Attachment::Csv));
    }
    for (number, (_, notice)) in notices::all(&NAMES).into_iter().enumerate() {
        let renderer = Renderer::new(Some(&kpis.join("templates")), "el".into(), "EUR").unwrap();
        let letter = renderer.notice(&notice, &edition::audience("el-GR")).unwrap();
        let write =
            |ending: &str, text: &str| std::fs::write(out.join(format!("notice{number}.{ending}")), text).unwrap();
        write("html", &letter.html);
        write("txt", &letter.text);
        write("subject", &letter.subject);
    }
    out
}

#[tokio::test]
async fn third_language_needs_only_a_file_of_messages() {
    let (folder, url) = installation().await;
    let out = rendered(&folder, &url).await;
    let Some(seen) = python::run(include_str!("words.py"), &[&out]) else { return };
    // The proof reaches as far as the report goes: it has everything that there are words for.
    let seen = seen.to_lowercase();
    let unsaid: Vec<String> = literals(&pseudo::pseudo())
        // Those of the site stand in no report.
        .filter(|(id, _)| !id.starts_with("site-"))
        .filter(|(_, texts)| !texts.iter().any(|text| seen.contains(text)))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(unsaid, UNSAID);
}

/// Each message with the texts that stand in it, if they are more than a word's beginning.
fn literals(ftl: &str) -> impl Iterator<Item = (String, Vec<String>)> {
    let resource = fluent_syntax::parser::parse(ftl.to_owned()).unwrap();
    resource.body.into_iter().filter_map(|entry| {
        let Entry::Message(message) = entry else { return None };
        let mut texts = Vec::new();
        texts_of(message.value.as_ref()?, &mut texts);
        let telling = |text: &String| text.chars().filter(|c| c.is_alphabetic()).count() > 2;
        let texts: Vec<String> = texts
            .iter()
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
            .filter(telling)
            .collect();
        (!texts.is_empty()).then_some((message.id.name, texts))
    })
}

fn texts_of(pattern: &Pattern<String>, texts: &mut Vec<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => texts.push(value.clone()),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter().for_each(|variant| texts_of(&variant.value, texts));
            }
            PatternElement::Placeable { expression: Expression::Inline(InlineExpression::Placeable { .. }) } => {}
            PatternElement::Placeable { .. } => {}
        }
    }
}

#[tokio::test]
async fn third_language_is_had_from_the_command_line() {
    let (folder, url) = installation().await;
    let out = folder.path().join("out");
    std::fs::create_dir_all(&out).unwrap();
    for (format, ending) in [("html", "html"), ("text", "txt"), ("page", "page"), ("xlsx", "xlsx"), ("csv", "csv")] {
        let file = out.join(format!("α.{ending}"));
        let mut kpid = Command::new(env!("CARGO_BIN_EXE_kpid"));
        kpid.args(["render", "καλά", "--to", "νίκος", "--as-of", NOW, "--format", format, "-o"]).arg(&file);
        let ran = kpid.current_dir(folder.path()).env("DB", &url).env_remove("KPID_DIR").output().unwrap();
        assert!(ran.status.success(), "{format}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let Some(seen) = python::run(include_str!("words.py"), &[&out]) else { return };
    assert!(seen.contains("⟦"), "{seen}");
}

/// In frames as wide as a small phone: what is wider than its frame would have to be scrolled.
#[tokio::test]
async fn longer_words_fit_a_phone() {
    let chromium = Path::new("/usr/bin/chromium");
    if !chromium.exists() {
        assert!(std::env::var_os("KPID_TEST_ALL").is_none(), "there is no chromium");
        eprintln!("LEFT OUT: nothing is measured at the width of a phone: there is no chromium");
        return;
    }
    let (folder, url) = installation().await;
    let out = rendered(&folder, &url).await;
    let mut frames = String::from("<!doctype html><meta charset=utf-8>");
    let pages = (0..EDITIONS.len()).flat_map(|number| [format!("{number}.html"), format!("{number}.page")]);
    let notices = (0..notices::all(&NAMES).len()).map(|number| format!("notice{number}.html"));
    let pages: Vec<String> = pages.chain(notices).collect();
    for page in &pages {
        let html = std::fs::read_to_string(out.join(page)).unwrap();
        let html = html.replace('&', "&amp;").replace('"', "&quot;");
        frames += &format!(
            "<iframe title=\"{page}\" style=\"width:360px;height:800px;border:0\" srcdoc=\"{html}\"></iframe>"
        );
    }
    frames += "<pre id=widths></pre><script>onload = () => { for (const frame of document.querySelectorAll('iframe')) { \
        const page = frame.contentDocument.documentElement; \
        widths.textContent += `WIDTH ${frame.title} ${page.scrollWidth}\\n`; } }</script>";
    let file = folder.write("frames.html", &frames);
    let mut command = Command::new(chromium);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--window-size=1200,900",
        "--virtual-time-budget=20000",
        "--dump-dom",
    ]);
    command.arg(format!("--user-data-dir={}", folder.path().join("chromium").display()));
    let ran = command.arg(format!("file://{}", file.display())).output().unwrap();
    let dom = String::from_utf8_lossy(&ran.stdout).into_owned();
    let widths: Vec<&str> =
        dom.lines().filter_map(|line| Some(line.split_once("WIDTH ")?.1)).filter(|line| !line.contains('$')).collect();
    assert_eq!(widths.len(), pages.len(), "{widths:?} {}", String::from_utf8_lossy(&ran.stderr));
    let wide: Vec<&&str> = widths.iter().filter(|line| !line.ends_with(" 360")).collect();
    assert!(wide.is_empty(), "wider than 360: {wide:?}");
}
