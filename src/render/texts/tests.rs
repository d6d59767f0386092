use super::contract::{Contract, Kind, Used};
use super::*;
use fluent_syntax::ast::{Entry, Resource};
use std::collections::BTreeSet;

fn all() -> AllTexts {
    AllTexts::load(None).unwrap()
}

fn parsed(text: &str) -> Resource<&str> {
    fluent_syntax::parser::parse(text).unwrap()
}

/// Message → the variables it uses.
fn uses(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = parsed(text);
    let messages = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => {
            let used = Used::by(message.value.as_ref().unwrap());
            Some((message.id.name.to_owned(), used.variables.into_iter().map(str::to_owned).collect()))
        }
        _ => None,
    });
    messages.collect()
}

/// Every message of `texts` with every combination of choices, and with plurals on both sides of each rule.
fn render_all(texts: &Texts, mut each: impl FnMut(&str, &str)) {
    for (id, arguments) in &Contract::of(EN).messages {
        let mut sets: Vec<Vec<(&str, Arg)>> = vec![Vec::new()];
        for (name, kind) in arguments {
            let values: Vec<Arg> = match kind {
                Kind::Text => vec![format!("<{name}>").into()],
                Kind::Number => [0, 1, 2, 3, 4, 11, 1_000_000].map(|n| Arg::count(n, format!("<{name}>"))).into(),
                Kind::Choice(words) => words.iter().map(Arg::from).collect(),
            };
            let with = |value: &Arg<'static>| {
                let value = value.clone();
                sets.iter().map(move |set| [set.as_slice(), &[(name.as_str(), value.clone())]].concat())
            };
            let values: Vec<Arg<'static>> = values.into_iter().map(owned).collect();
            sets = values.iter().flat_map(with).collect();
        }
        for set in sets {
            each(id, &texts.say(id, &set));
        }
    }
}

fn owned(arg: Arg<'_>) -> Arg<'static> {
    match arg {
        Arg::Text(text) => text.into_owned().into(),
        Arg::Number { number, decimals, text } => Arg::Number { number, decimals, text: text.into_owned().into() },
    }
}

#[test]
fn every_message_can_be_said_in_every_language() {
    for language in ["en", "es"] {
        let texts = all().for_language(&[language]);
        render_all(&texts, |id, said| {
            assert!(!said.is_empty() && said.trim() == said, "{id} in {language}: {said:?}");
            assert!(!said.contains(['{', '}', '$']) && !said.contains("  "), "{id} in {language}: {said:?}");
        });
    }
}

#[test]
fn languages_have_the_same_messages_and_say_the_same_arguments() {
    let (en, es) = (uses(EN), uses(ES));
    assert_eq!(en.keys().collect::<Vec<_>>(), es.keys().collect::<Vec<_>>());
    for (id, arguments) in &Contract::of(EN).messages {
        // What only chooses may be of use in one language alone; what is said may not be left out.
        let said = |uses: &BTreeMap<String, BTreeSet<String>>| -> BTreeSet<String> {
            uses[id].iter().filter(|name| matches!(arguments[*name], Kind::Text)).cloned().collect()
        };
        assert_eq!(said(&en), said(&es), "{id}");
        let texts: BTreeSet<String> =
            arguments.iter().filter(|(_, kind)| **kind == Kind::Text).map(|(name, _)| name.clone()).collect();
        let day_names = ["week-days", "period-day", "weekday-day"].contains(&id.as_str());
        assert!(day_names || said(&en) == texts, "{id} has arguments that are never said: {texts:?}");
    }
}

/// A typing error in a name is a message that nobody can say.
#[test]
fn every_message_that_the_code_says_exists() {
    let contract = Contract::of(EN);
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/render"))];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let code: String = std::fs::read_to_string(&path).unwrap().split_whitespace().collect();
            if path.ends_with("labels.rs") {
                continue;
            }
            for call in [".say(\"", ".word(\""] {
                for rest in code.split(call).skip(1) {
                    let id = rest.split('"').next().unwrap();
                    assert!(contract.messages.contains_key(id), "{}: there is no message `{id}`", path.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 30);
}

#[test]
fn spanish_knows_genders_ordinals_and_millions() {
    let es = all().for_language(&["es"]);
    let nth = |count, cadence: &'static str| {
        let nth = es.say("nth-period", &[("count", Arg::count(count, count.to_string())), ("cadence", cadence.into())]);
        es.say("streak-missed", &[("nth", nth.into()), ("cadence", cadence.into())])
    };
    assert_eq!(nth(3, "week"), "3.ª semana seguida fuera de objetivo");
    assert_eq!(nth(3, "month"), "3.er mes seguido fuera de objetivo");
    assert_eq!(nth(4, "quarter"), "4.º trimestre seguido fuera de objetivo");
    assert_eq!(nth(2, "day"), "2.º día seguido fuera de objetivo");
    let change =
        |cadence: &'static str| es.say("change-previous", &[("change", "+18 %".into()), ("cadence", cadence.into())]);
    assert_eq!(change("week"), "+18 % frente a la semana anterior");
    assert_eq!(change("month"), "+18 % frente al mes anterior");
    let days = |count| es.say("over-days", &[("count", Arg::count(count, count.to_string()))]);
    assert_eq!([days(1), days(28)], ["último día", "últimos 28 días"]);
    assert_eq!(days(2_000_000), "últimos 2000000 de días");
}

#[test]
fn english_knows_ordinals() {
    let en = all().for_language(&["en"]);
    let nth = |count: usize| {
        let arguments = [("count", Arg::count(count, count.to_string())), ("cadence", "week".into())];
        en.say("nth-period", &arguments)
    };
    assert_eq!(
        [1, 2, 3, 4, 11, 22].map(nth),
        ["1st week", "2nd week", "3rd week", "4th week", "11th week", "22nd week"]
    );
}

#[test]
fn numbers_print_as_they_come_and_choose_by_what_is_printed() {
    let folder = Folder::new(
        "numbers",
        &[(
            "en.ftl",
            "others = { $count ->\n    [0] none\n    [one] one: { $count }\n   *[other] more: { $count }\n}\n",
        )],
    );
    let en = AllTexts::load(Some(&folder.0)).unwrap().for_language(&["en"]);
    let say = |number, decimals, text: &'static str| {
        en.say("others", &[("count", Arg::Number { number, decimals, text: text.into() })])
    };
    assert_eq!(say(0.0, 0, "0"), "none");
    assert_eq!(say(1.0, 0, "1"), "one: 1");
    assert_eq!(say(1.0, 1, "1.0"), "more: 1.0");
    assert_eq!(say(1234.0, 0, "1 234"), "more: 1 234");
}

#[test]
fn arguments_from_right_to_left_are_isolated() {
    let en = all().for_language(&["en"]);
    assert_eq!(
        en.say("why-driver", &[("name", "مبيعات".into()), ("amount", "+3".into())]),
        "\u{2068}مبيعات\u{2069} +3"
    );
}

#[test]
fn lists_are_joined_as_the_language_does() {
    let (es, en) = (all().for_language(&["es"]), all().for_language(&["en"]));
    assert_eq!([es.list(&["A"]), es.list(&["A", "B"])], ["A", "A y B"]);
    assert_eq!(es.list(&["Ventas", "CAC", "Ingresos"]), "Ventas, CAC e Ingresos");
    assert_eq!(en.list(&["A", "B", "C"]), "A, B and C");
    assert_eq!(en.commas(&["A +1", "B −2"]), "A +1, B −2");
    assert_eq!(en.list::<&str>(&[]), "");
}

#[test]
fn own_file_overrides_single_messages_and_adds_languages() {
    let files = [
        ("es.ftl", "column-kpi = KPI\n"),
        ("fr.ftl", "-objectif = objectif\nattention = À surveiller\ntarget-is = { -objectif } { $target }\n"),
        ("notes.txt", "not a text"),
    ];
    let folder = Folder::new("override", &files);
    let all = AllTexts::load(Some(&folder.0)).unwrap();
    assert_eq!(all.languages().collect::<Vec<_>>(), ["en", "es", "fr"]);
    let es = all.for_language(&["es"]);
    assert_eq!([es.word("column-kpi"), es.word("column-value")], ["KPI", "Valor"]);
    let fr = all.for_language(&["fr", "es"]);
    assert_eq!(fr.language(), "fr");
    assert_eq!(fr.say("target-is", &[("target", "≥ 3".into())]), "objectif ≥ 3");
    assert_eq!([fr.word("attention"), fr.word("notes")], ["À surveiller", "Notas"]);
    assert_eq!(all.for_language(&["de", "fr"]).language(), "fr");
    assert_eq!(all.for_language(&["de"]).language(), "en");
}

#[test]
fn mistakes_in_own_files_are_told_with_their_line() {
    let check = |name: &str, text: &str, expected: &str| {
        let folder = Folder::new("mistake", &[(name, text)]);
        let error = AllTexts::load(Some(&folder.0)).unwrap_err().to_string();
        let texts = folder.0.join("texts");
        assert_eq!(error, format!("{}/{expected}", texts.display()));
    };
    check("fr.ftl", "notes = Notes\nattention { x\n", "fr.ftl:2: Expected a token starting with \"=\"");
    check(
        "fr.ftl",
        "notes = Notes\n\natention = Oui\n",
        "fr.ftl:3: there is no message `atention`; did you mean `attention`?",
    );
    check("fr.ftl", "banana = Oui\n", "fr.ftl:1: there is no message `banana`");
    check("fr.ftl", "target-is = { $goal }\n", "fr.ftl:1: `target-is` is not given `$goal`; it has $target");
    check("fr.ftl", "total = { $count }\n", "fr.ftl:1: `total` is not given `$count`; it has none");
    check("fr.ftl", "total = { NUMBER(3) }\n", "fr.ftl:1: there is no function `NUMBER`; there are PLURAL and ORDINAL");
    check(
        "fr.ftl",
        "total = { notes }\n",
        "fr.ftl:1: `notes` is another message; only terms (`-notes`) may stand in a message",
    );
    check("fr.ftl", "total = { -sum }\n", "fr.ftl:1: there is no term `-sum` in this file");
    check("French.ftl", "", "French.ftl: `French` is no language; name the file after one, as in `fr.ftl`");
}

#[test]
fn pseudo_language_has_every_message_longer_and_in_brackets() {
    let folder = Folder::new("pseudo", &[("qps.ftl", &pseudo::pseudo())]);
    let all = AllTexts::load(Some(&folder.0)).unwrap();
    assert_eq!(uses(&pseudo::pseudo()), uses(EN));
    let mut lengths = Vec::new();
    render_all(&all.for_language(&["en"]), |_, said| lengths.push(letters(said)));
    let mut lengths = lengths.into_iter();
    render_all(&all.for_language(&["qps"]), |id, said| {
        assert!(said.starts_with('⟦') && said.ends_with('⟧'), "{id}: {said}");
        let before = lengths.next().unwrap();
        assert!(before == 0 || letters(said) as f64 >= 1.4 * before as f64, "{id}: {said}");
    });
}

/// Letters of the text itself, not of its arguments.
fn letters(said: &str) -> usize {
    let mut depth = 0;
    let outside = |c: &char| {
        depth += i32::from(*c == '<') - i32::from(*c == '>');
        depth == 0 && c.is_alphabetic()
    };
    said.chars().filter(outside).count()
}

/// A folder with `texts/`, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("kpid-texts-{name}-{}", std::process::id())));
        std::fs::create_dir_all(folder.0.join("texts")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.0.join("texts").join(name), text).unwrap();
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
