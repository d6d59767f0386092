//! `${NAME}`, `${NAME:-default}` and `${file:/path}` inside values of `settings` and `databases`.
//!
//! Done on the tree, after parsing, so that a secret can't change the YAML's structure, and once: what is put in is not looked
//! through again. Anywhere else a `${…}` is an error, for it would silently stay as it is.

use super::context::{Context, Problem};
use super::node::{Entry, Node, Style, Value};
use std::fs;
use std::rc::Rc;

const FORMS: &str = "write `${NAME}`, `${NAME:-default}` or `${file:/path}`";

/// `node` with every placeholder in its scalars replaced. A scalar with one that can't be is reported and becomes unknown.
pub(super) fn expand(cx: &Context, node: &Rc<Node>) -> Rc<Node> {
    rebuild(node, &|node, text, style| {
        // A value that is a placeholder and nothing else may be a number, quotes or not: `"${CONNECTIONS}"`.
        let whole = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
        let style = if whole { Style::Plain } else { style };
        replace(cx, node, text).map_or(Value::Unknown, |text| Value::Scalar { text, style })
    })
}

/// Reports every placeholder in a section that has none; what stands there becomes unknown.
pub(super) fn forbid(cx: &Context, node: &Rc<Node>) -> Rc<Node> {
    rebuild(node, &|node, text, style| {
        let Some(inside) = placeholder(text) else {
            return Value::Scalar { text: text.to_owned(), style };
        };
        let problem = Problem::error("interpolation", node.place, format!("`${{{inside}}}` is not replaced here"));
        cx.report(problem.help("`${…}` works only in values of `settings` and `databases`"));
        Value::Unknown
    })
}

/// The tree with every scalar that holds `${` put through `change`.
fn rebuild(node: &Rc<Node>, change: &impl Fn(&Node, &str, Style) -> Value) -> Rc<Node> {
    if !mentions(node) {
        return Rc::clone(node);
    }
    let value = match &node.value {
        Value::Scalar { text, style } => change(node, text, *style),
        Value::List(items) => Value::List(items.iter().map(|item| rebuild(item, change)).collect()),
        Value::Map(entries) => {
            let entries = entries.iter();
            Value::Map(entries.map(|entry| Entry { node: rebuild(&entry.node, change), ..entry.clone() }).collect())
        }
        Value::Unknown => Value::Unknown,
    };
    Rc::new(node.with_value(value))
}

fn mentions(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { text, .. } => text.contains("${"),
        Value::List(items) => items.iter().any(|item| mentions(item)),
        Value::Map(entries) => entries.iter().any(|entry| mentions(&entry.node)),
        Value::Unknown => false,
    }
}

/// The inside of the first placeholder that has one of the three forms.
fn placeholder(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(start, _)| {
        let inside = &text[start + 2..start + text[start..].find('}')?];
        let name = inside.split_once(":-").map_or(inside, |(name, _)| name);
        (inside.starts_with("file:") || is_variable(name)).then_some(inside)
    })
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `None` when a placeholder can't be replaced; each of them is reported.
fn replace(cx: &Context, node: &Node, text: &str) -> Option<String> {
    let report = |(message, help): (String, String)| {
        cx.report(Problem::error("interpolation", node.place, message).help(help));
    };
    let mut out = Some(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            report(("`${` without `}`".to_owned(), FORMS.to_owned()));
            return None;
        };
        let replaced = value(cx, &rest[start + 2..start + length]).map_err(report).ok();
        out = out.zip(replaced).map(|(out, value)| out + &rest[..start] + &value);
        rest = &rest[start + length + 1..];
    }
    out.map(|out| out + rest)
}

/// # Errors
/// What is wrong, and what to do.
fn value(cx: &Context, inside: &str) -> Result<String, (String, String)> {
    if let Some(path) = inside.strip_prefix("file:") {
        let read = fs::read_to_string(path);
        return read.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()).map_err(|error| {
            (format!("`${{{inside}}}`: {error}"), "the file must exist and be readable by kpid, as UTF-8".to_owned())
        });
    }
    let (name, default) = inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default)));
    if !is_variable(name) {
        return Err((format!("`${{{inside}}}` is not understood"), FORMS.to_owned()));
    }
    // As in a shell: the default also stands in for an empty value.
    let set = cx.env(name).filter(|value| default.is_none() || !value.is_empty());
    set.or_else(|| default.map(str::to_owned)).ok_or_else(|| {
        let help = format!("set it, or give a default: `${{{name}:-…}}`");
        (format!("environment variable `{name}` is not set"), help)
    })
}
