//! The schema of single values: texts, numbers, switches, words, names.
//!
//! YAML 1.2 reads `1_200` and `5%` as text, which they are not to kpid: such numbers are let through by a pattern. Where `${…}` is
//! replaced it may stand for any of them. What is said about a value that doesn't fit is what fits.

use crate::catalog::form::{Form, Named, Pattern, Word};
use crate::catalog::scalar::PERCENT;
use serde_json::{Value, json};

/// Letters of any alphabet, digits and `_`, not beginning with a digit.
const NAME: &str = r"^\s*[\p{Alphabetic}_][\p{Alphabetic}\p{N}_]*\s*$";

/// A number with `_` between its digits.
const GROUPED: &str = "^-?[0-9][0-9_]*_[0-9][0-9_]*([.][0-9_]+)?([eE][+-]?[0-9]+)?$";

/// `placeholders`: whether `${…}` may stand in its place.
///
/// # Panics
/// The form is not that of a single value.
pub(super) fn schema(form: &Form, placeholders: bool) -> Value {
    let text = |types: Value, regex: &str, expected: &str| {
        let regex = if placeholders { format!(r"{regex}|\$\{{") } else { regex.to_owned() };
        json!({ "type": types, "pattern": regex, "errorMessage": format!("expected {expected}") })
    };
    let or_placeholder = |schema: Value| if placeholders { super::any_of([schema, placeholder()]) } else { schema };
    match form {
        Form::Text => json!({ "type": ["string", "number", "boolean"] }),
        Form::Segment => json!({ "type": ["string", "number", "boolean", "null"] }),
        Form::Formula => json!({ "title": "formula", "type": ["string", "number"] }),
        Form::NewName => any_text_of_a_name(),
        Form::Number => text(json!(["number", "string"]), GROUPED, "a number, without quotes: `12`, `0.5`, `1_200`"),
        Form::Amount => {
            let regex = format!("{GROUPED}|{}", PERCENT.regex);
            let expected = "a number, without quotes, or a percentage: `12`, `1_200`, `5%`";
            text(json!(["number", "string"]), &regex, expected)
        }
        Form::Whole(range) => {
            let (low, high) = (range.start(), range.end());
            let expected = format!("a whole number from {low} to {high}, without quotes");
            let mut schema = text(json!(["integer", "string"]), GROUPED, &expected);
            schema["minimum"] = json!(low);
            schema["maximum"] = json!(high);
            schema
        }
        Form::Pattern(Pattern { doc, regex }) => text(json!("string"), regex, doc),
        Form::Switch => or_placeholder(json!({ "type": "boolean" })),
        Form::Words(list) => or_placeholder(words(list)),
        _ => unreachable!("lists, mappings and names are written elsewhere"),
    }
}

pub(super) fn placeholder() -> Value {
    json!({ "type": "string", "pattern": r"\$\{" })
}

/// A name of that kind, also one that nobody has heard of yet.
pub(super) fn any_name(named: Named) -> Value {
    match named {
        Named::Database | Named::Source | Named::Kpi | Named::Dimension | Named::Column => any_text_of_a_name(),
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

fn any_text_of_a_name() -> Value {
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
