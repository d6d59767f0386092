//! What an editor shows: the real yaml-language-server, asked over its protocol about files with our schema.
//!
//! Without its package, which `tests/servers/install` installs, a test leaves itself out, loudly; under `KPID_TEST_ALL` that is a failure.

use crate::docs;
use crate::installation::Folder;
use crate::servers::say;
use kpid::catalog::{self, Catalog};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The first line of a file, by which editors find its schema.
const MODELINE: &str = "# yaml-language-server: $schema=.kpid.schema.json\n";

struct Question {
    path: PathBuf,
    /// `▮` is the cursor.
    text: String,
}

struct Answer {
    path: PathBuf,
    /// Lines from 1, with what is wrong there.
    problems: Vec<(u64, String)>,
    /// Label, what is inserted, what is said about it.
    completions: Vec<[String; 3]>,
    hover: String,
}

impl Answer {
    fn offers(&self, label: &str) -> bool {
        self.completions.iter().any(|[offered, ..]| offered == label)
    }

    fn of(path: PathBuf, answer: &Json) -> Answer {
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let list = |key: &str| answer[key].as_array().unwrap().clone();
        let problem = |problem: &Json| (problem["line"].as_u64().unwrap() + 1, text(&problem["message"]));
        let completion = |item: &Json| ["label", "insert", "about"].map(|key| text(&item[key]));
        Answer {
            path,
            problems: list("problems").iter().map(problem).collect(),
            completions: list("completions").iter().map(completion).collect(),
            hover: text(&answer["hover"]),
        }
    }
}

/// `None` where the language server is not installed.
fn ask(questions: Vec<Question>) -> Option<Vec<Answer>> {
    let package = root().join("tests/editor");
    let installed = std::fs::read(package.join("node_modules/.installed")).unwrap_or_default();
    if installed != std::fs::read(package.join("package-lock.json")).unwrap() {
        assert!(
            std::env::var_os("KPID_TEST_ALL").is_none(),
            "the language server is missing: run tests/servers/install"
        );
        say("left out: a test of what editors show (run tests/servers/install)");
        return None;
    }
    let asked: Vec<Json> = questions.iter().map(Question::json).collect();
    let command =
        Command::new("node").arg(package.join("ask.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut node = command.unwrap();
    node.stdin.take().unwrap().write_all(json!(asked).to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    let answers: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), questions.len());
    Some(questions.into_iter().zip(&answers).map(|(question, answer)| Answer::of(question.path, answer)).collect())
}

impl Question {
    fn json(&self) -> Json {
        let clean = self.text.replace('▮', "");
        let Some((before, _)) = self.text.split_once('▮') else {
            return json!({ "path": self.path, "text": clean });
        };
        let line = before.rsplit('\n').next().unwrap();
        let at = json!({ "line": before.matches('\n').count(), "character": line.encode_utf16().count() });
        json!({ "path": self.path, "text": clean, "at": at })
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every YAML file below `folder`.
fn yaml_below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_below(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "yaml") {
            found.insert(path);
        }
    }
}

/// A folder with the schema of the language alone.
fn with_schema() -> Folder {
    let folder = Folder::new();
    folder.write(catalog::SCHEMA_FILE, &catalog::schema(None));
    folder
}

/// What is wrong with each of `texts`, opened in `folder`.
fn judge(folder: &Folder, texts: Vec<String>) -> Option<Vec<Answer>> {
    let question = |(number, text)| Question {
        path: folder.path().join(format!("{number}.yaml")),
        text: format!("{MODELINE}{text}"),
    };
    ask(texts.into_iter().enumerate().map(question).collect())
}

/// `KPID_BLESS=1` writes it anew.
#[test]
fn schema_beside_the_sample_catalogue_is_fresh() {
    let path = root().join("kpis").join(catalog::SCHEMA_FILE);
    let fresh = catalog::schema(Some(&catalog::names(&root().join("kpis")).unwrap()));
    if std::env::var_os("KPID_BLESS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == fresh, "run: kpid schema --here -o kpis/.kpid.schema.json");
}

#[test]
fn nothing_is_wrong_with_the_files_that_ship() {
    let mut files = BTreeSet::new();
    yaml_below(&root().join("kpis"), &mut files);
    assert!(files.len() >= 12);
    let read = |path: PathBuf| Question { text: std::fs::read_to_string(&path).unwrap(), path };
    let questions: Vec<Question> = files.into_iter().map(read).collect();
    for Question { path, text } in &questions {
        let schema = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap();
        let schema = path.parent().unwrap().join(schema).canonicalize().unwrap();
        assert_eq!(schema, root().join("kpis/.kpid.schema.json").canonicalize().unwrap(), "{}", path.display());
    }
    for answer in ask(questions).unwrap_or_default() {
        assert!(answer.problems.is_empty(), "{}: {:?}", answer.path.display(), answer.problems);
    }
}

#[test]
fn nothing_is_wrong_with_what_the_reference_shows_and_benches_and_tests_load() {
    let mut files = BTreeSet::from([root().join("packaging/kpid.yaml"), root().join("tests/it/reports/words.yaml")]);
    yaml_below(&root().join("benches"), &mut files);
    let page = std::fs::read_to_string(root().join("src/cli/language.md")).unwrap();
    let mut texts: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    texts.extend(docs::blocks(&page).into_iter().map(|block| block.text));
    assert!(texts.len() >= 12);
    let shown = texts.clone();
    for (answer, text) in judge(&with_schema(), texts).unwrap_or_default().iter().zip(shown) {
        assert!(answer.problems.is_empty(), "{:?}\n{text}", answer.problems);
    }
}

/// What only the folder, another key or the text of a number tells, and so no schema: folders of `tests/bad`.
const UNSEEN: [&str; 9] = [
    "good_missing",
    "number_not_finite",
    "number_with_comma_in_braces",
    "number_with_leading_zero",
    "settings_language",
    "target_percent",
    "test_in_percent",
    "variable_in_quotes_and_empty",
    "yaml_merge_of_no_mapping",
];

/// Every folder of `tests/bad`: where the editor underlines `kpid check` finds an error as well, and all that can be told from the form
/// of a file is underlined.
#[test]
fn editor_and_check_find_the_same_lines_wrong() {
    let mut files = BTreeSet::new();
    yaml_below(&root().join("tests/bad"), &mut files);
    // What isn't UTF-8 no editor can show.
    let texts: Vec<(PathBuf, String)> =
        files.into_iter().filter_map(|path| Some((path.clone(), std::fs::read_to_string(&path).ok()?))).collect();
    let Some(answers) = judge(&with_schema(), texts.iter().map(|(_, text)| text.clone()).collect()) else { return };
    let (mut wrong, mut unseen) = (Vec::new(), BTreeSet::new());
    for ((path, _), answer) in texts.iter().zip(answers) {
        let folder = path.parent().unwrap();
        let errors = errors(&std::fs::read_to_string(folder.join("expected.txt")).unwrap(), path);
        // The two parsers of YAML need not break off at the same place.
        let is_yaml = errors.iter().all(|(_, code)| !code.starts_with("yaml-"));
        // The line of the schema stands before the others.
        let alone = answer.problems.iter().find(|(line, _)| !errors.iter().any(|(at, _)| at + 1 == *line));
        if let Some(alone) = alone.filter(|_| is_yaml) {
            wrong.push(format!("{}: the editor alone says {alone:?}", path.display()));
        }
        let of_form = ["unknown-key", "missing-key", "wrong-type", "wrong-value", "bad-address", "bad-language"];
        if answer.problems.is_empty() && errors.iter().any(|(_, code)| of_form.contains(&&**code)) {
            unseen.insert(folder.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(unseen, UNSEEN.map(str::to_owned).into());
}

/// Line and code of each error that `said` finds in the file.
fn errors(said: &str, path: &Path) -> Vec<(u64, String)> {
    let name = format!("{}:", path.strip_prefix(root()).unwrap().display());
    let error = |line: &str| {
        let (at, rest) = line.strip_prefix(&name)?.split_once(':')?;
        let code = rest.contains(": error: ").then(|| rest.rsplit_once('['))??.1;
        Some((at.parse().unwrap(), code.trim_end_matches(']').to_owned()))
    };
    said.lines().filter_map(error).collect()
}

#[test]
fn mistakes_are_underlined_in_words_that_help() {
    let text = "\
kpis:
  a:
    formla: spend.cost
    unit: eurs
    good: up
    target: { value: ten }
    decimals: 12
sources:
  b: { database: crm, sql: SELECT 1, measures: 5 }
databases:
  crm: { url: 'sqlserver://x', connections: \"${FOUR}\" }
reports:
  r:
    period: weekly
    within: 36
    sections: [{ title: A, kpis: cac }]
";
    let Some(answers) = judge(&with_schema(), vec![text.to_owned()]) else { return };
    // The line of the schema stands before the others.
    let mut problems = answers[0].problems.clone();
    problems.sort();
    let problems: Vec<String> = problems.iter().map(|(line, what)| format!("{} {what}", line - 1)).collect();
    assert_eq!(
        problems,
        [
            r#"2 Missing property "formula"."#,
            "3 Property formla is not allowed.",
            r#"4 Value is not accepted. Valid values: "count", "number", "percent", "currency", "ratio", "minutes", "hours", "days"."#,
            "6 expected a number, without quotes, or a percentage: `12`, `1_200`, `5%`",
            "7 Value is above the maximum of 9.",
            r#"9 Incorrect type. Expected "array | object(source)"."#,
            "11 expected a database: `sqlite://path`, `postgres://user@host/database` or `mysql://user@host/database`",
            r#"14 Value is not accepted. Valid values: "day", "week", "month", "quarter", "year"."#,
            "15 expected a duration: `30s`, `90m`, `36h`, `3d`, `1w`, `1h 30m`; a day is 24 hours",
            r#"16 Incorrect type. Expected "array"."#,
        ]
    );
}

/// A folder with names, one of its files broken, and the schema that knows them.
fn here() -> Folder {
    let folder = Folder::new();
    folder.write(
        "people.yaml",
        "people: { ana: { name: Ana Ruiz, email: ana@example.com } }\ngroups: { board: [ana] }\n",
    );
    folder.write(
        "sources.yaml",
        "databases: { crm: { url: nonsense } }\nsources:\n  leads:\n    database: crm\n    measures: { created: sum }\n    \
         dimensions: [channel]\n    labels: { created: { es: contactos, en: contacts made } }\n",
    );
    folder.write(
        "kpis.yaml",
        "kpis:\n  cac: { name: Cost of a customer, description: Spend on each, formula: a / }\n  broken:\n    formula: [\n    unit: count\n  new_leads:\n    formula: leads.created\n",
    );
    let written = Command::new(env!("CARGO_BIN_EXE_kpid"))
        .args(["schema", "--here", "-o"])
        .arg(folder.path().join(catalog::SCHEMA_FILE))
        .arg("--dir")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    folder
}

/// What is shown at the cursor of each text, in a folder that knows names.
fn look(texts: &[&str]) -> Option<Vec<Answer>> {
    let folder = here();
    judge(&folder, texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn keys_and_words_are_completed_and_explained() {
    let Some(answers) = look(&[
        "kpis:\n  a:\n    formula: x\n    ▮\n",
        "kpis:\n  a:\n    formula: x\n    go▮od: up\n",
        "kpis:\n  a:\n    form▮ula: x\n",
        "kpis:\n  a:\n    formula: x\n    good: ▮\n",
        "kpis:\n  ▮\n",
    ]) else {
        return;
    };
    let [keys, good, formula, words, kpi] = answers.as_slice() else { unreachable!() };
    assert!(keys.offers("target") && keys.offers("at_least") && !keys.offers("formula"), "no key twice");
    let about = keys.completions.iter().find(|[label, ..]| label == "unit").map(|[.., about]| &**about).unwrap();
    assert!(about.starts_with("What it counts in: `count`, `number`"), "{about}");
    assert!(
        good.hover.contains("Which way is better") && good.hover.contains("`down`: less is better"),
        "{}",
        good.hover
    );
    assert!(formula.hover.contains("- `previous(x)` x one period before"), "{}", formula.hover);
    let words: Vec<&str> = words.completions.iter().map(|[label, ..]| &**label).collect();
    assert_eq!(words, ["up", "down", "neutral"]);
    let [label, insert, _] = &kpi.completions[0];
    assert_eq!(label, "a new KPI");
    assert!(insert.contains("\n  good: ${6|up,down,neutral|}"), "{insert}");
}

#[test]
fn names_of_the_folder_are_completed_while_it_is_broken() {
    let Some(answers) = look(&[
        "reports:\n  w:\n    period: week\n    sections: [{ title: A, kpis: [▮] }]\n",
        "reports:\n  w:\n    period: week\n    sections:\n      - title: A\n        kpis:\n          - ca▮c\n          - newer\n",
        "kpis:\n  a:\n    formula: ▮\n",
        "kpis:\n  a:\n    formula: x\n    breakdown: ▮\n",
        "kpis:\n  a:\n    formula: x\n    where:\n      ▮\n",
        "sources:\n  a:\n    database: ▮\n",
        "reports:\n  w:\n    period: week\n    to: [▮]\n    sections: []\n",
    ]) else {
        return;
    };
    let [kpis, kpi, formula, breakdown, filter, database, to] = answers.as_slice() else { unreachable!() };
    assert!(["cac", "broken", "new_leads"].iter().all(|name| kpis.offers(name)), "{:?}", kpis.completions);
    assert!(kpi.hover.contains("Cost of a customer: Spend on each"), "{}", kpi.hover);
    assert!(kpi.problems.is_empty(), "a name may be new: {:?}", kpi.problems);
    assert!(formula.offers("leads.created") && formula.offers("cac"), "{:?}", formula.completions);
    assert!(formula.completions.iter().any(|[.., about]| about == "contacts made"), "{:?}", formula.completions);
    assert!(breakdown.offers("channel") && filter.offers("channel") && database.offers("crm"));
    assert!(to.offers("ana") && to.offers("board"), "{:?}", to.completions);
}

/// What an editor leaves of a snippet when nothing is filled in: `${1:leads}` is `leads`, `${2|up,down|}` is `up`.
fn left_as_it_is(snippet: &str) -> String {
    let mut parts = snippet.split("${");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap();
        let default = place.trim_start_matches(|c: char| c.is_ascii_digit());
        text += default[1..].split(&[',', '|'][..]).next().unwrap();
        text += rest;
    }
    text
}

#[test]
fn things_that_an_editor_inserts_make_an_installation() {
    let sections = ["databases", "sources", "kpis", "people", "groups", "reports", "tests"];
    let asked: Vec<String> = sections.iter().map(|section| format!("{section}:\n  ▮\n")).collect();
    let Some(answers) = look(&asked.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    let mut yaml = "settings: { mail: { from: a@example.com, server: \"file://mail\" } }\n".to_owned();
    for (section, answer) in sections.iter().zip(answers) {
        let [label, insert, _] = &answer.completions[0];
        assert!(label.starts_with("a new "), "{section}: {label}");
        // As an editor does, in the column of the cursor.
        yaml += &format!("{section}:\n  {}\n", left_as_it_is(insert).replace('\n', "\n  "));
    }
    let folder = Folder::new();
    folder.write("all.yaml", &yaml);
    let loaded = Catalog::load(folder.path(), &|_| None).unwrap_or_else(|problems| panic!("{problems}\n{yaml}"));
    assert_eq!(loaded.warnings.to_string().matches("warning:").count(), 0, "{}", loaded.warnings);
}

/// All examples of all keys, below `schema`, as keys of one mapping with the schemas that they are examples of.
fn examples(schema: &Json, found: &mut Vec<(Json, Json)>) {
    if let Some(list) = schema["examples"].as_array() {
        found.extend(list.iter().map(|example| (schema.clone(), example.clone())));
    }
    let children = schema.as_object().into_iter().flat_map(|object| object.values());
    children.chain(schema.as_array().into_iter().flatten()).for_each(|child| examples(child, found));
}

#[test]
fn every_example_is_one() {
    let schema: Json = serde_json::from_str(&catalog::schema(None)).unwrap();
    let mut found = Vec::new();
    examples(&schema, &mut found);
    assert!(found.len() > 80, "{}", found.len());
    let keys = || found.iter().enumerate().map(|(number, (schema, example))| (format!("x{number}"), schema, example));
    let properties: Json =
        keys().map(|(key, schema, _)| (key, schema.clone())).collect::<serde_json::Map<_, _>>().into();
    let text: String = keys().map(|(key, _, example)| format!("{key}: {example}\n")).collect();
    let folder = Folder::new();
    let schema = json!({ "$schema": schema["$schema"], "properties": properties, "$defs": schema["$defs"] });
    folder.write(catalog::SCHEMA_FILE, &schema.to_string());
    let Some(answers) = judge(&folder, vec![text.clone()]) else { return };
    assert!(answers[0].problems.is_empty(), "{:?}\n{text}", answers[0].problems);
}

#[test]
fn schema_is_written_only_when_it_changes() {
    let folder = here();
    let path = folder.path().join(catalog::SCHEMA_FILE);
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    let again = || {
        let args = ["schema", "--here", "-o", path.to_str().unwrap(), "--dir", folder.path().to_str().unwrap()];
        assert!(Command::new(env!("CARGO_BIN_EXE_kpid")).args(args).status().unwrap().success());
    };
    again();
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
    folder.write("more.yaml", "people: { tom: { email: tom@example.com } }\n");
    again();
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"tom\""));
}

#[test]
fn schema_of_a_folder_without_yaml_is_refused() {
    let folder = Folder::new();
    let args = ["schema", "--here", "--dir", folder.path().to_str().unwrap()];
    let output = Command::new(env!("CARGO_BIN_EXE_kpid")).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("holds no `*.yaml` file"), "{said}");
}
