//! The tables of the language → a JSON Schema (draft 2020-12), from which editors complete, explain and underline.
//!
//! With the [`Names`] of a folder it also completes those. A name that the folder doesn't have is let through all the same: it may be
//! one that is just being written, and `kpid check` knows better. Everything is in the order of its declaration or of the alphabet, so
//! that the same language and names give the same bytes.
//!
//! Beyond the standard it uses what editors know: `markdownDescription`, `markdownEnumDescriptions`, `errorMessage`,
//! `defaultSnippets` and `doNotSuggest`.

mod scalar;
mod words;

use super::form::{Form, Key, Named, Table};
use super::names::Names;
use super::resolve::FILE;
use super::yaml;
use serde_json::{Map, Value, json};

/// The file beside the YAML that editors find it in: the first line of a file names it,
/// `# yaml-language-server: $schema=.kpid.schema.json`.
pub const SCHEMA_FILE: &str = ".kpid.schema.json";

/// The schema as text, with a line end at its end.
pub fn schema(names: Option<&Names>) -> String {
    let mut writer = Writer { names, definitions: Map::new(), tables: Vec::new() };
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

struct Writer<'a> {
    names: Option<&'a Names>,
    /// What is referred to from several places.
    definitions: Map<String, Value>,
    /// The tables among them, and what each is called there.
    tables: Vec<(&'static Table, String)>,
}

impl<'a> Writer<'a> {
    fn table(&mut self, table: &Table, placeholders: bool) -> Value {
        let keys = table.keys.iter().map(|key| (key.name.to_owned(), self.key(key, placeholders)));
        let keys: Map<_, _> = keys.collect();
        let required: Vec<&str> = table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut schema = json!({ "title": words::title(table), "type": "object", "properties": keys });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["additionalProperties"] = json!(false);
        schema
    }

    fn key(&mut self, key: &Key, placeholders: bool) -> Value {
        let explained = words::explain(&key.form);
        let doc = words::sentence(key.doc);
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
            Form::Formula => self.value(Named::Input, scalar::schema(form, placeholders)),
            Form::Name(named) if placeholders => {
                any_of([self.value(*named, scalar::any_name(*named)), scalar::placeholder()])
            }
            Form::Name(named) => self.value(*named, scalar::any_name(*named)),
            form => self.form(form, placeholders),
        }
    }

    /// `placeholders`: whether `${…}` may stand in its place.
    fn form(&mut self, form: &Form, placeholders: bool) -> Value {
        match form {
            Form::Name(named) => self.name(*named),
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
            Form::Table(table) => {
                let id = self.id_of(table);
                self.shared(&id, |writer| writer.table(table, placeholders))
            }
            single => scalar::schema(single, placeholders),
        }
    }

    fn map(&mut self, keys: &Form, values: &Form, placeholders: bool) -> Value {
        json!({
            "type": "object",
            "propertyNames": self.form(keys, false),
            "additionalProperties": self.form(values, placeholders),
        })
    }

    /// What the table is called among the definitions: by what it is of, with a number if that is said of another, too.
    fn id_of(&mut self, table: &'static Table) -> String {
        if let Some((_, id)) = self.tables.iter().find(|(known, _)| std::ptr::eq(*known, table)) {
            return id.clone();
        }
        let alike = self.tables.iter().filter(|(known, _)| known.what == table.what).count();
        let id = words::identifier(table) + &(if alike == 0 { String::new() } else { format!("_{}", alike + 1) });
        self.tables.push((table, id.clone()));
        id
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
        self.shared(id(named), |_| any_of(known.into_iter().map(constant).chain([scalar::any_name(named)])))
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
        Named::Source => "source_name",
        Named::Kpi => "kpi_name",
        Named::Person => "person_name",
        Named::Recipient => "recipient",
        Named::Dimension => "dimension_name",
        Named::Column => "column_name",
        Named::Input => "input",
        Named::Language => "language_code",
    }
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
