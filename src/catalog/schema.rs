//! The tables of the language → a JSON Schema (draft 2020-12), from which editors complete, explain and underline.
//!
//! With the [`Names`] of a folder it also completes those. A name that the folder doesn't have is let through all the same: it may be
//! one that is just being written, and `kpid check` knows better. Everything is in the order of its declaration or of the alphabet, so
//! that the same language and names give the same bytes.
//!
//! Beyond the standard it uses what editors know: `markdownDescription` and `defaultSnippets`.

use super::form::{Form, Key, Named, Pattern, Table, Word};
use super::names::{Known, Names};
use super::resolve::FILE;
use super::scalar::PERCENT;
use super::yaml;
use crate::formula::FUNCTIONS;
use serde_json::{Map, Value, json};

/// The schema as text, with a line end at its end.
pub fn schema(names: Option<&Names>) -> String {
    let mut writer = Writer { names, definitions: Map::new() };
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "written by `kpid schema`",
        "title": "kpid",
        "description": "KPIs, where their numbers come from, and who gets reports: `kpid help language`",
    });
    let file = writer.table(&FILE, false);
    let root = schema.as_object_mut().expect("an object was written");
    root.extend(file.as_object().expect("a table is an object").clone().into_iter().filter(|(key, _)| key != "title"));
    root.insert("$defs".to_owned(), Value::Object(writer.definitions));
    format!("{schema:#}\n")
}

/// Letters of any alphabet, digits and `_`, not beginning with a digit.
const NAME: &str = r"^\s*[\p{Alphabetic}_][\p{Alphabetic}\p{N}_]*\s*$";

struct Writer<'a> {
    names: Option<&'a Names>,
    /// What is referred to from several places.
    definitions: Map<String, Value>,
}

impl Writer<'_> {
    fn table(&mut self, table: &Table, placeholders: bool) -> Value {
        let keys = table.keys.iter().map(|key| (key.name.to_owned(), self.key(key, placeholders)));
        let keys: Map<_, _> = keys.collect();
        let required: Vec<&str> = table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut schema = json!({ "title": title(table), "type": "object", "properties": keys });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["additionalProperties"] = json!(false);
        schema
    }

    fn key(&mut self, key: &Key, placeholders: bool) -> Value {
        let explained = explain(&key.form);
        let markdown = if explained.is_empty() { key.doc.to_owned() } else { format!("{}\n\n{explained}", key.doc) };
        let mut schema = json!({ "description": key.doc, "markdownDescription": markdown });
        let object = schema.as_object_mut().expect("an object was written");
        match self.form(&key.form, placeholders || key.placeholders) {
            Value::Object(form) => object.extend(form),
            other => unreachable!("a form is written as an object, not as {other}"),
        }
        if !key.examples.is_empty() {
            object.insert("examples".to_owned(), key.examples.iter().map(|example| yaml::json(example)).collect());
        }
        schema
    }

    /// `placeholders`: whether `${…}` may stand in its place.
    fn form(&mut self, form: &Form, placeholders: bool) -> Value {
        let text = |types: Value, pattern: &str, doc: &str| {
            let pattern = if placeholders { format!(r"{pattern}|\$\{{") } else { pattern.to_owned() };
            json!({ "type": types, "pattern": pattern, "patternErrorMessage": doc })
        };
        match form {
            Form::Text => json!({ "type": ["string", "number", "boolean"] }),
            Form::Segment => json!({ "type": ["string", "number", "boolean", "null"] }),
            Form::NewName => name_pattern(),
            Form::Number => {
                text(json!(["number", "string"]), GROUPED, "a number, without quotes: `12`, `0.5`, `1_200`")
            }
            Form::Amount => {
                let pattern = format!("{GROUPED}|{}", PERCENT.regex);
                text(
                    json!(["number", "string"]),
                    &pattern,
                    "a number, without quotes, or a percentage: `12`, `1_200`, `5%`",
                )
            }
            Form::Whole(range) => {
                let doc = format!("a whole number from {} to {}, without quotes", range.start(), range.end());
                let mut schema = text(json!(["integer", "string"]), GROUPED, &doc);
                schema["minimum"] = json!(range.start());
                schema["maximum"] = json!(range.end());
                schema
            }
            Form::Pattern(Pattern { doc, regex }) => text(json!("string"), regex, doc),
            Form::Switch if placeholders => any_of([json!({ "type": "boolean" }), placeholder()]),
            Form::Switch => json!({ "type": "boolean" }),
            Form::Words(list) if placeholders => any_of([words(list), placeholder()]),
            Form::Words(list) => words(list),
            Form::Name(named) if placeholders => any_of([self.name(*named), placeholder()]),
            Form::Name(named) => self.name(*named),
            Form::Formula => self.formula(),
            Form::Texts => self.shared("texts", |writer| {
                any_of([writer.form(&Form::Text, false), writer.map(&Form::Name(Named::Language), &Form::Text, false)])
            }),
            Form::List(item) => json!({ "type": "array", "items": self.form(item, placeholders) }),
            Form::Band(end) => {
                json!({ "type": "array", "items": self.form(end, placeholders), "minItems": 2, "maxItems": 2 })
            }
            Form::Map(keys, values) => self.map(keys, values, placeholders),
            Form::Section(thing, snippet) => {
                let mut section = self.map(&Form::NewName, thing, placeholders);
                section["defaultSnippets"] = json!([{ "label": snippet.what, "body": yaml::json(snippet.body) }]);
                any_of([section, json!({ "type": "null" })])
            }
            Form::OneOf(forms) => any_of(forms.iter().map(|form| self.form(form, placeholders)).collect::<Vec<_>>()),
            Form::Table(table) => self.shared(&identifier(table), |writer| writer.table(table, placeholders)),
        }
    }

    fn map(&mut self, keys: &Form, values: &Form, placeholders: bool) -> Value {
        json!({
            "type": "object",
            "propertyNames": self.form(keys, false),
            "additionalProperties": self.form(values, placeholders),
        })
    }

    /// A reference to what `write` gives; it is written once.
    fn shared(&mut self, name: &str, write: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.definitions.contains_key(name) {
            // Kept free, so that definitions stand in the order in which they are first needed.
            self.definitions.insert(name.to_owned(), Value::Null);
            let schema = write(self);
            self.definitions.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn name(&mut self, named: Named) -> Value {
        let known = |kinds: fn(&Names) -> Vec<&Known>, other: Value| {
            any_of(self.names.map(kinds).into_iter().flatten().flat_map(constants).chain([other]))
        };
        let any = || json!({ "type": "string" });
        let (name, schema) = match named {
            Named::Database => ("database_name", known(|names| vec![&names.databases], name_pattern())),
            Named::Kpi => ("kpi_name", known(|names| vec![&names.kpis], name_pattern())),
            Named::Person => ("person_name", known(|names| vec![&names.people], any())),
            Named::Recipient => ("recipient", known(|names| vec![&names.people, &names.groups], any())),
            Named::Dimension => ("dimension_name", known(|names| vec![&names.dimensions], name_pattern())),
            Named::Column => ("column_name", known(|names| vec![&names.columns], name_pattern())),
            Named::Language => (
                "language",
                known(|names| vec![&names.languages], json!({ "type": "string", "pattern": "^[a-z]{2,3}$" })),
            ),
        };
        self.shared(name, |_| schema)
    }

    fn formula(&mut self) -> Value {
        let names = self.names.map(|names| [&names.measures, &names.kpis]);
        let known =
            any_of(names.into_iter().flatten().flat_map(constants).chain([json!({ "type": ["string", "number"] })]));
        self.shared("formula", |_| known)
    }
}

/// A number with `_` between its digits, which is text to YAML.
const GROUPED: &str = "^-?[0-9][0-9_]*_[0-9][0-9_]*([.][0-9_]+)?([eE][+-]?[0-9]+)?$";

fn placeholder() -> Value {
    json!({ "type": "string", "pattern": r"\$\{" })
}

fn name_pattern() -> Value {
    json!({
        "title": "name",
        "type": "string",
        "pattern": NAME,
        "patternErrorMessage": "a name has letters, digits and `_`, and doesn't begin with a digit",
    })
}

fn words(words: &[Word]) -> Value {
    let (names, docs): (Vec<&str>, Vec<&str>) = words.iter().copied().unzip();
    json!({ "enum": names, "markdownEnumDescriptions": docs })
}

fn constants(known: &Known) -> impl Iterator<Item = Value> {
    known.iter().map(|(name, about)| match about.is_empty() {
        true => json!({ "const": name }),
        false => json!({ "const": name, "description": about }),
    })
}

/// One of `schemas`, those that are alternatives themselves opened up.
fn any_of(schemas: impl IntoIterator<Item = Value>) -> Value {
    let mut list = Vec::new();
    for schema in schemas {
        match schema {
            Value::Object(mut object) if object.len() == 1 && object.contains_key("anyOf") => {
                list.extend(object.remove("anyOf").and_then(|inner| inner.as_array().cloned()).unwrap_or_default());
            }
            other => list.push(other),
        }
    }
    if let [_] = list.as_slice() { list.remove(0) } else { json!({ "anyOf": list }) }
}

/// "a KPI" → "KPI".
fn title(table: &Table) -> String {
    let bare = table.what.strip_prefix("a ").or(table.what.strip_prefix("an ")).unwrap_or(table.what);
    bare.replace('`', "")
}

fn identifier(table: &Table) -> String {
    title(table).to_lowercase().replace(' ', "_")
}

/// What there is to know about a form beyond what a key says.
fn explain(form: &Form) -> String {
    match form {
        Form::Texts => "One text for all readers, or one for each language: `{ es: Coste, en: Cost }`.".to_owned(),
        Form::Formula => formulas(),
        Form::Pattern(pattern) => sentence(pattern.doc),
        Form::OneOf(forms) => {
            let parts = forms.iter().map(explain).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join("\n\n")
        }
        _ => String::new(),
    }
}

fn formulas() -> String {
    let functions = FUNCTIONS.iter().map(|(usage, doc)| format!("- `{usage}` {doc}\n"));
    let operators = "`source.measure` is data, a bare name another KPI.\n\n\
        - `+ - * / % ^` on numbers\n- `< <= > >= == !=`, `&& || !` for conditions\n";
    operators.to_owned() + &functions.collect::<String>()
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.is_empty() || text.ends_with('.') { "" } else { "." };
    first + chars.as_str() + end
}
