//! The tables of the language → a JSON Schema (draft 2020-12), from which editors complete, explain and underline.
//!
//! With the [`Names`] of a folder it also completes those. A name that the folder doesn't have is let through all the same: it may be
//! one that is just being written, and `kpid check` knows better. Everything is in the order of its declaration or of the alphabet, so
//! that the same language and names give the same bytes.
//!
//! Beyond the standard it uses what editors know: `markdownDescription`, `markdownEnumDescriptions`, `errorMessage`,
//! `defaultSnippets` and `doNotSuggest`.

use super::form::{Form, Key, Named, Pattern, Table, Word};
use super::names::Names;
use super::resolve::FILE;
use super::scalar::PERCENT;
use super::yaml;
use crate::formula::FUNCTIONS;
use serde_json::{Map, Value, json};

/// The file beside the YAML that editors find it in: the first line of a file names it,
/// `# yaml-language-server: $schema=.kpid.schema.json`.
pub const SCHEMA_FILE: &str = ".kpid.schema.json";

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

impl<'a> Writer<'a> {
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
        let doc = sentence(key.doc);
        let markdown = if explained.is_empty() { doc.clone() } else { format!("{doc}\n\n{explained}") };
        let mut schema = json!({ "description": doc, "markdownDescription": markdown });
        let object = schema.as_object_mut().expect("an object was written");
        match self.value_of(&key.form, placeholders || key.placeholders) {
            Value::Object(form) => object.extend(form),
            other => unreachable!("a form is written as an object, not as {other}"),
        }
        if !key.examples.is_empty() {
            object.insert("examples".to_owned(), key.examples.iter().map(|example| yaml::json(example)).collect());
        }
        schema
    }

    fn value_of(&mut self, form: &Form, placeholders: bool) -> Value {
        match form {
            Form::Formula => self.value(Named::Input, formula()),
            Form::Name(named) if placeholders => any_of([self.value(*named, any_name(*named)), placeholder()]),
            Form::Name(named) => self.value(*named, any_name(*named)),
            form => self.form(form, placeholders),
        }
    }

    /// `placeholders`: whether `${…}` may stand in its place.
    fn form(&mut self, form: &Form, placeholders: bool) -> Value {
        let text = |types: Value, pattern: &str, doc: &str| {
            let pattern = if placeholders { format!(r"{pattern}|\$\{{") } else { pattern.to_owned() };
            json!({ "type": types, "pattern": pattern, "errorMessage": format!("expected {doc}") })
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
            Form::Name(named) => self.name(*named),
            Form::Formula => formula(),
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

    /// A name as an item or a key: an editor shows what it is the name of.
    fn name(&mut self, named: Named) -> Value {
        let known = self.known(named);
        let constant = |(name, about): (&str, &str)| match about {
            "" => json!({ "type": "string", "const": name }),
            about => json!({ "type": "string", "const": name, "description": about }),
        };
        self.shared(id(named), |_| any_of(known.into_iter().map(constant).chain([any_name(named)])))
    }

    /// A name or a formula as the value of a key: an editor shows what the key is for, and proposes names.
    fn value(&mut self, named: Named, mut any: Value) -> Value {
        let propose = |(name, about): (&str, &str)| match about {
            "" => json!({ "label": name, "body": name }),
            about => json!({ "label": name, "description": about, "body": name }),
        };
        let known: Vec<Value> = self.known(named).into_iter().map(propose).collect();
        if known.is_empty() {
            return any;
        }
        any["defaultSnippets"] = json!(known);
        self.shared(&format!("{}_value", id(named)), |_| any)
    }

    /// The names that there are, and what each of them is.
    fn known(&self, named: Named) -> Vec<(&'a str, &'a str)> {
        self.names.map(|names| names.of(named)).unwrap_or_default()
    }
}

fn id(named: Named) -> &'static str {
    match named {
        Named::Database => "database_name",
        Named::Kpi => "kpi_name",
        Named::Person => "person_name",
        Named::Recipient => "recipient",
        Named::Dimension => "dimension_name",
        Named::Column => "column_name",
        Named::Input => "input",
        Named::Language => "language_code",
    }
}

/// Also one that nobody has heard of yet.
fn any_name(named: Named) -> Value {
    match named {
        Named::Database | Named::Kpi | Named::Dimension | Named::Column => name_pattern(),
        Named::Language => json!({
            "title": "language",
            "type": "string",
            "pattern": "^[a-z]{2,3}$",
            "errorMessage": "expected a language, `es` or `en`; a text with a comma goes in quotes",
        }),
        Named::Person | Named::Recipient => json!({ "title": "person or address", "type": "string" }),
        Named::Input => json!({ "title": "input", "type": "string" }),
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
        "errorMessage": "expected a name: letters, digits and `_`, not beginning with a digit",
        "doNotSuggest": true,
    })
}

fn words(words: &[Word]) -> Value {
    let (names, docs): (Vec<&str>, Vec<&str>) = words.iter().copied().unzip();
    json!({ "enum": names, "markdownEnumDescriptions": docs })
}

fn formula() -> Value {
    json!({ "title": "formula", "type": ["string", "number"] })
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
