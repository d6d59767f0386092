//! Templates and texts of an installation: what the page about them says is so, and what is wrong with one is found before Monday.

use crate::installation::Folder;
use kpid::catalog::Catalog;
use kpid::demo::catalogue;
use kpid::mail::Body;
use kpid::pipeline;
use kpid::render::{Audience, BUILT_IN, LIMIT, Renderer, encoded_size};
use kpid::report::Report;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/templates.md");

const YAML: &str = r#"
settings: { language: en, locale: en-GB, timezone: Europe/Madrid, currency: EUR }
databases:
  crm: { url: "sqlite://crm.db" }
  erp: { url: "sqlite://gone.db" }
sources:
  leads:
    database: crm
    sql: SELECT day, channel, created FROM leads WHERE day >= :start AND day < :end
    time: day
    dimensions: [channel]
    measures: [created]
  spend:
    database: erp
    sql: SELECT sum(cost) AS cost FROM spend WHERE day >= :start AND day < :end
    measures: [cost]
kpis:
  leads: { name: Leads, formula: leads.created, breakdown: channel, unit: count, good: up, target: 100 }
  cost: { name: Cost, formula: spend.cost, unit: currency, good: down }
reports:
  weekly: { period: week, to: [ana@example.com], sections: [{ title: All, kpis: [leads, cost] }] }
  daily: { period: day, template: mine.html, sections: [{ title: All, kpis: [leads] }] }
"#;

/// Exit code, stdout, stderr of kpid in the folder `kpis` of `folder`.
fn kpid(folder: &Folder, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpid"));
    let ran = command.args(args).current_dir(folder.path()).env_remove("KPID_DIR").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

async fn installation() -> Folder {
    let folder = Folder::new();
    folder.write("kpis/all.yaml", YAML);
    folder.write("kpis/templates/mine.html", "<h1>{{ title }}</h1>");
    let rows = "CREATE TABLE leads (day text, channel text, created int);
        INSERT INTO leads VALUES ('2026-11-02', 'paid', 4), ('2026-11-09', 'paid', 5), ('2026-11-15', 'organic', 7);";
    folder.sqlite("crm", rows).await;
    folder
}

/// The weekly report of the demo's catalogue, with everything and with nothing, and what the folder's templates render it with.
fn demo(folder: &Folder) -> (Renderer, [Report; 2]) {
    catalogue::write(folder.path()).unwrap();
    let catalog = catalog(folder);
    let now = "2026-11-16T07:00:00Z".parse().unwrap();
    let samples = pipeline::samples(&catalog, &catalog.reports["weekly_b2b"], now);
    let renderer = Renderer::new(Some(&folder.path().join("templates")), "en".into(), "EUR").unwrap();
    (renderer, samples)
}

fn catalog(folder: &Folder) -> Catalog {
    let env = |name: &str| (name != "KPID_MAIL").then(|| "sqlite://x.db".to_owned());
    Catalog::load(folder.path(), &env).unwrap_or_else(|problems| panic!("{problems}")).catalog
}

fn audience(language: &str, locale: &str) -> Audience {
    Audience { language: language.into(), locale: locale.to_owned() }
}

/// The page's blocks fenced as ` ```KIND NAME `: kind, name, text.
fn blocks() -> Vec<(String, String, String)> {
    let mut blocks: Vec<(String, String, String)> = Vec::new();
    let mut inside = false;
    for line in PAGE.lines() {
        match line.strip_prefix("```") {
            Some("") => inside = false,
            Some(fence) => {
                inside = true;
                let (kind, name) = fence.split_once(' ').unwrap_or((fence, ""));
                blocks.push((kind.to_owned(), name.to_owned(), String::new()));
            }
            None if inside => {
                let text = &mut blocks.last_mut().unwrap().2;
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

#[test]
fn every_block_of_the_page_works() {
    let folder = Folder::new();
    let all = blocks();
    let files: Vec<_> = all.iter().filter(|(kind, ..)| ["html", "txt", "ftl"].contains(&kind.as_str())).collect();
    assert_eq!(files.len(), 5);
    for (_, name, text) in &files {
        folder.write(&format!("templates/{name}"), text);
    }
    let (renderer, [mut full, nothing]) = demo(&folder);
    let spanish = renderer.letter(&full, &audience("es", "es-ES")).unwrap();
    assert!(spanish.html.contains("Tejidos del Norte") && spanish.html.contains("Lo que hay que mirar hoy"));
    assert!(spanish.subject.starts_with('■'), "{}", spanish.subject);
    let french = renderer.letter(&full, &audience("fr", "fr-FR")).unwrap();
    assert!(french.html.contains("À surveiller") && french.html.contains("par rapport à la semaine précédente"));
    assert!(french.html.contains("Definitions"), "what French lacks is English");
    renderer.letter(&nothing, &audience("fr", "fr-FR")).unwrap();
    full.template = Some("board.html".to_owned());
    let board = renderer.letter(&full, &audience("en", "en-GB")).unwrap();
    assert!(board.html.contains("<table role=\"presentation\">") && !board.images.is_empty());
    folder.write("board.yaml", &all.iter().find(|(kind, ..)| kind == "yaml").unwrap().2);
    assert_eq!(catalog(&folder).reports["board"].template.as_deref(), Some("board.html"));
}

#[test]
fn the_page_names_every_built_in_template() {
    for (name, _) in BUILT_IN {
        assert!(PAGE.contains(&format!("    {name}")) || PAGE.contains(&format!(", {name}")), "{name}");
    }
}

/// The fields that the page documents, by the last names of the paths that lead to them; empty for the report itself.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let chapter = PAGE.split("\n## ").find(|chapter| chapter.starts_with("What a template is given")).unwrap();
    let mut things = BTreeMap::new();
    for section in chapter.split("\n### ").skip(1) {
        let heading = section.lines().next().unwrap();
        let mut places: Vec<String> =
            heading.split('`').skip(1).step_by(2).map(|place| place.replace("[]", "")).collect();
        if places.is_empty() {
            places.push(String::new());
        }
        let field = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
        let fields: BTreeSet<String> = section.lines().filter_map(field).collect();
        things.extend(places.into_iter().map(|place| (place, fields.clone())));
    }
    things
}

/// Calls `see` with the path and fields of every map in `json`.
fn walk(json: &Json, path: &str, see: &mut impl FnMut(&str, BTreeSet<String>)) {
    match json {
        Json::Object(fields) if path != ".words" => {
            see(path.trim_start_matches('.'), fields.keys().cloned().collect());
            fields.iter().for_each(|(name, value)| walk(value, &format!("{path}.{name}"), see));
        }
        Json::Array(items) => items.iter().for_each(|item| walk(item, path, see)),
        _ => {}
    }
}

fn thing<'t>(things: &'t BTreeMap<String, BTreeSet<String>>, path: &str) -> (&'t str, &'t BTreeSet<String>) {
    let ends = |place: &&String| path == **place || path.ends_with(&format!(".{place}"));
    let place =
        things.keys().filter(|place| !place.is_empty() || path.is_empty()).filter(ends).max_by_key(|place| place.len());
    let place = place.unwrap_or_else(|| panic!("`{path}` is not documented"));
    (place, &things[place])
}

#[tokio::test]
async fn the_page_documents_exactly_what_templates_are_given() {
    let folder = installation().await;
    let args = ["render", "weekly", "--period", "2026-W46", "--format", "context"];
    let (code, out, err) = kpid(&folder, &args);
    assert_eq!(code, 3, "{err}");
    let things = documented();
    let mut seen = BTreeSet::new();
    walk(&serde_json::from_str(&out).unwrap(), "", &mut |path, fields| {
        let (place, known) = thing(&things, path);
        assert_eq!(fields, *known, "{path}");
        seen.insert(place.to_owned());
    });
    let unseen: Vec<&String> = things.keys().filter(|place| !seen.contains(*place)).collect();
    assert!(unseen.is_empty(), "nothing was seen of {unseen:?}");
    let example: Json =
        serde_json::from_str(&blocks().into_iter().find(|(kind, ..)| kind == "json").unwrap().2).unwrap();
    walk(&example, "", &mut |path, fields| {
        let known = thing(&things, path).1;
        // The example leaves some out at the top only.
        assert!(if path.is_empty() { fields.is_subset(known) } else { fields == *known }, "{path}: {fields:?}");
    });
}

#[tokio::test]
async fn check_finds_what_is_wrong_with_templates_and_texts() {
    let folder = installation().await;
    let check = |path: &str, text: &str, expected: &str| {
        folder.write(&format!("kpis/templates/{path}"), text);
        let (code, out, err) = kpid(&folder, &["check"]);
        std::fs::remove_file(folder.path().join("kpis/templates").join(path)).unwrap();
        assert_eq!((code, err.as_str()), (2, expected), "{out}");
        assert!(out.contains("2 reports, 0 people: the YAML is right, the templates are not\n"), "{out}");
    };
    check(
        "partials/head.html",
        "<h1>\n{% if baner %}{% endif %}",
        "kpis/templates/partials/head.html:2:7: error: there is no variable `baner` [template]
   2 | {% if baner %}{% endif %}
     |       ^^^^^
     = help: did you mean `banner`?\n\n",
    );
    check(
        "texts/es.ftl",
        "attention = Mira\natención = no",
        "kpis/templates/texts/es.ftl:2:1: error: Expected a token starting with \"=\" [template]\n\n",
    );
}

#[tokio::test]
async fn check_renders_every_report_with_values_and_without() {
    let folder = installation().await;
    // Only who has no breakdown, and only an edition with numbers, comes by here.
    folder.write(
        "kpis/templates/partials/card.html",
        "{% if row.why %}{{ row.chart.alt }}{{ row.parts.title }}{% endif %}",
    );
    let (code, _, err) = kpid(&folder, &["check"]);
    assert_eq!(code, 2, "{err}");
    let begin = "kpis/templates/partials/card.html:1:49: error: report `weekly`: there is no `title` here [template]\n";
    assert!(err.starts_with(begin) && err.contains("\n     = included at report.html:"), "{err}");
    assert!(
        err.ends_with("\n     = help: what stands before it may be absent: ask for it with `if` first\n\n"),
        "{err}"
    );
}

#[test]
fn pictures_are_found_in_either_quotes() {
    let folder = Folder::new();
    folder.write("templates/mine.html", "<img src='cid:{{ bar }}'><img src='cid:trend-1'>");
    let (renderer, [mut full, _]) = demo(&folder);
    full.template = Some("mine.html".to_owned());
    let letter = renderer.letter(&full, &audience("en", "en-GB")).unwrap();
    assert_eq!(letter.images.iter().map(|image| &*image.name).collect::<Vec<_>>(), ["trend-1", "bar"]);
    let page = kpid::render::standalone(&letter);
    assert!(page.starts_with("<img src='data:image/png;base64,") && !page.contains("cid:"), "{page}");
}

#[tokio::test]
async fn a_template_that_fails_is_named_and_other_reports_go_on() {
    let folder = installation().await;
    assert_eq!(kpid(&folder, &["check"]).0, 0);
    let endless = "{% for a in words %}{% for b in words %}{% for c in words %}{{ a }}{{ words }}{% endfor %}{% endfor %}{% endfor %}";
    folder.write("kpis/templates/mine.html", endless);
    let (code, _, err) = kpid(&folder, &["check"]);
    let expected = "kpis/templates/mine.html:1:1: error: report `daily`: template `mine.html` writes more than 5 MiB [template]\n\n";
    assert_eq!((code, err.as_str()), (2, expected));
    let (code, _, err) = kpid(&folder, &["render", "daily", "--period", "2026-11-15"]);
    assert_eq!((code, err.as_str()), (2, "error: template `mine.html` writes more than 5 MiB\n"));
    assert!(kpid(&folder, &["render", "weekly", "--period", "2026-W46"]).1.contains("Leads: 12"));

    std::fs::rename(folder.path().join("kpis/templates/mine.html"), folder.path().join("kpis/templates/mien.html"))
        .unwrap();
    folder.write("kpis/templates/mien.html", "<h1>{{ title }}</h1>");
    let (code, out, err) = kpid(&folder, &["check"]);
    let expected = "kpis/templates/mine.html:1:1: error: report `daily`: there is no such template [template]
     = help: did you mean `mien.html`?\n\n";
    assert_eq!((code, err.as_str()), (2, expected), "{out}");
    let (_, json, _) = kpid(&folder, &["check", "--json"]);
    let json: Json = serde_json::from_str(&json).unwrap();
    let problem = &json["problems"][0];
    assert_eq!(problem["file"], "kpis/templates/mine.html");
    assert_eq!((&problem["code"], &problem["help"]), (&"template".into(), &"did you mean `mien.html`?".into()));
}

#[test]
fn help_prints_the_page() {
    let (code, out, _) = kpid(&Folder::new(), &["help", "templates"]);
    assert_eq!((code, out.as_str()), (0, PAGE));
}

#[test]
fn the_size_of_a_mail_is_known_before_it_is_encoded() {
    let (renderer, samples) = demo(&Folder::new());
    for report in &samples {
        for reader in [audience("es", "es-ES"), audience("en", "en-GB")] {
            let letter = renderer.letter(report, &reader).unwrap();
            let (guess, size) =
                (encoded_size(&letter.html) as f64, Body::new(&letter).unwrap().html_size().unwrap() as f64);
            assert!((guess / size - 1.0).abs() < 0.02, "{guess} for {size}");
            assert!(guess <= LIMIT as f64, "{guess}");
        }
    }
}

#[test]
fn hostile_names_stay_text_in_every_template() {
    let folder = Folder::new();
    folder.write("templates/partials/head.html", "<h1 title='{{ title }}'>{{ title }}</h1>");
    let (renderer, [mut full, _]) = demo(&folder);
    full.title = kpid::text::Text::from("'\"><script>x()</script><img src=x onerror=y>");
    let reader = audience("en", "en-GB");
    for html in [renderer.letter(&full, &reader).unwrap().html, renderer.page(&full, &reader).unwrap()] {
        assert!(!html.contains("<script") && !html.contains("<img src=x") && html.contains("&lt;script&gt;"));
        // A segment of the samples is called so.
        assert!(html.contains("A &amp; &lt;B&gt;") && !html.contains("<B>"));
        assert!(html.contains("<h1 title='&#39;&quot;&gt;"), "{}", &html[..3000]);
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_refused() {
    let folder = Folder::new();
    folder.write("templates/a.html", "x");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("templates/b.txt")).unwrap();
    let error = Renderer::new(Some(&folder.path().join("templates")), "en".into(), "EUR").unwrap_err().to_string();
    assert!(
        error.ends_with("b.txt leads out of the folder of templates; copy the file instead of linking it"),
        "{error}"
    );
}
