//! `${NAME}`, `${NAME:-default}`, `${file:/path}` and `${credential:NAME}` inside values of `settings` and `databases`.
//!
//! Done on the tree, after parsing, so that a secret can't change the YAML's structure, and once: what is put in is not looked
//! through again. Anywhere else a `${…}` is an error, for it would silently stay as it is.

use super::context::{Context, Problem};
use super::node::{Entry, Node, Style, Value};
use super::warnings;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

const FORMS: &str = "write `${NAME}`, `${NAME:-default}`, `${file:/path}` or `${credential:NAME}`";

/// What a file with a secret may hold at the most, in bytes.
const LARGEST: u64 = 64 << 10;

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

/// The inside of the first placeholder that has one of the forms.
fn placeholder(text: &str) -> Option<&str> {
    insides(text).find(|inside| {
        let name = inside.split_once(":-").map_or(*inside, |(name, _)| name);
        inside.starts_with("file:") || inside.starts_with("credential:") || is_variable(name)
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
        let replaced = value(cx.env, &rest[start + 2..start + length]).map_err(report).ok();
        if let Some((path, mode)) = replaced.as_ref().and_then(|replaced| replaced.open.as_ref()) {
            let message = format!("everybody on this machine may read `{}` (mode {mode:04o})", path.display());
            let help =
                format!("run `chmod 0640 {0}`, with the group of kpid's user, or `chmod 0600 {0}`", path.display());
            cx.report(Problem::warning(&warnings::SECRET_MODE, node.place, message).help(help));
        }
        out = out.zip(replaced).map(|(out, replaced)| out + &rest[..start] + &replaced.text);
        rest = &rest[start + length + 1..];
    }
    out.map(|out| out + rest)
}

/// What every `${…}` of a file holds, be it replaced there or not.
pub(super) fn insides(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter_map(|(start, _)| Some(&text[start + 2..start + text[start..].find('}')?]))
}

/// What stands for a placeholder.
pub(super) struct Replacement {
    pub text: String,
    /// The file it is from, when everybody on this machine may read that: its mode.
    open: Option<(PathBuf, u32)>,
}

/// # Errors
/// What is wrong, and what to do.
pub(super) fn value(env: &dyn Fn(&str) -> Option<String>, inside: &str) -> Result<Replacement, (String, String)> {
    let told = |(why, help): (String, &str)| (format!("`${{{inside}}}`: {why}"), help.to_owned());
    if let Some(path) = inside.strip_prefix("file:") {
        return secret(Path::new(path)).map_err(told);
    }
    if let Some(name) = inside.strip_prefix("credential:") {
        return secret(&credential(env, name).map_err(told)?).map_err(told);
    }
    let (name, default) = inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default)));
    if !is_variable(name) {
        return Err((format!("`${{{inside}}}` is not understood"), FORMS.to_owned()));
    }
    // As in a shell: the default also stands in for an empty value.
    let set = env(name).filter(|value| default.is_none() || !value.is_empty());
    let text = set.or_else(|| default.map(str::to_owned)).ok_or_else(|| {
        let help = format!("set it, or give a default: `${{{name}:-…}}`");
        (format!("environment variable `{name}` is not set"), help)
    })?;
    Ok(Replacement { text, open: None })
}

/// Where systemd puts the credential of that name (`LoadCredential=`).
fn credential(env: &dyn Fn(&str) -> Option<String>, name: &str) -> Result<PathBuf, (String, &'static str)> {
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return Err(("is not the name of a credential".to_owned(), FORMS));
    }
    let folder = env("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty()).ok_or((
        "`CREDENTIALS_DIRECTORY` is not set".to_owned(),
        "systemd sets it for a service that has `LoadCredential=`; elsewhere set it to the folder that holds the file",
    ))?;
    Ok(Path::new(&folder).join(name))
}

/// The text of a file that holds a secret, without the line end at its end.
fn secret(path: &Path) -> Result<Replacement, (String, &'static str)> {
    const READABLE: &str = "the file must exist and be readable by kpid, as UTF-8";
    let unread = |error: io::Error| (error.to_string(), READABLE);
    let about = fs::metadata(path).map_err(unread)?;
    // A pipe would be waited for.
    if !about.is_file() {
        return Err(("is not a file".to_owned(), READABLE));
    }
    let mut text = String::new();
    fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text)).map_err(unread)?;
    if text.len() as u64 > LARGEST {
        return Err(("is larger than 64 KiB".to_owned(), "a secret is a password, a key or a URL"));
    }
    if text.contains('\0') {
        return Err((
            "holds a NUL, so it is no text".to_owned(),
            "write the secret into it as text, encoded if need be",
        ));
    }
    let end = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text).len());
    text.truncate(end.unwrap_or(text.len()));
    Ok(Replacement { text, open: open_to_all(&about).map(|mode| (path.to_owned(), mode)) })
}

/// The permissions of a file that others than its owner and group may use.
#[cfg(unix)]
fn open_to_all(about: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = about.permissions().mode() & 0o7777;
    (mode & 0o007 != 0).then_some(mode)
}

/// Elsewhere permissions are no such bits.
#[cfg(not(unix))]
fn open_to_all(_: &fs::Metadata) -> Option<u32> {
    None
}
