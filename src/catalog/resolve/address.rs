//! E-mail addresses: strict enough that none can break a header or an SMTP command, lax about everything else.

use crate::catalog::context::{Context, Problem};
use crate::catalog::form::Pattern;
use crate::catalog::node::Node;
use crate::catalog::scalar::line;

/// Why a text is no address.
fn flaw(text: &str) -> Option<&'static str> {
    let Some((local, domain)) = text.split_once('@') else {
        return Some("it has no `@`");
    };
    if domain.contains('@') {
        return Some("it has two `@`");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c)) {
        return Some("it holds a character that no address has");
    }
    // RFC 5321 §4.5.3.1.
    if local.is_empty() || local.len() > 64 || domain.len() > 255 {
        return Some("a part of it is empty or too long");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some("a `.` stands where none may");
    }
    let label = |label: &str| {
        let good = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(good)
    };
    if !domain.split('.').all(label) {
        return Some("its domain is not one");
    }
    (!domain.contains('.') && domain != "localhost").then_some("its domain has no `.`")
}

/// Whether `text` is an address as the YAML takes it.
pub fn is_address(text: &str) -> bool {
    flaw(text).is_none()
}

pub(super) static ADDRESS: Pattern =
    Pattern { doc: "an e-mail address: `ana@example.com`", regex: r"^\s*[^@\s]+@[^@\s]+\s*$" };

pub(super) fn email(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    match flaw(&text) {
        None => Some(text),
        Some(flaw) => refuse(cx, node, &text, flaw),
    }
}

pub(super) static MAILBOX: Pattern = Pattern {
    doc: "an e-mail address, alone or with a name: `Scorecard <kpis@example.com>`",
    regex: r"[^@\s]+@[^@\s]+\s*$",
};

/// `ana@example.com` or `Ana Ruiz <ana@example.com>`.
pub(super) fn mailbox(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    let address = match text.split_once('<') {
        Some((_, address)) => address.strip_suffix('>').unwrap_or(""),
        None => &text,
    };
    match flaw(address) {
        None => Some(text),
        Some(flaw) => refuse(cx, node, &text, flaw),
    }
}

fn refuse<T>(cx: &Context, node: &Node, text: &str, flaw: &str) -> Option<T> {
    cx.refuse(Problem::error(
        "bad-address",
        node.place,
        format!("`{}` is not an e-mail address: {flaw}", cx.shown(node.place, text)),
    ))
}

/// Lower case, since domains don't tell cases apart.
pub(super) fn domain(address: &str) -> String {
    address.rsplit('@').next().unwrap_or_default().trim_end_matches('>').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_has_one_at_and_a_domain() {
        let check = |text: &str, good: bool| assert_eq!(flaw(text).is_none(), good, "{text:?}");
        for good in ["ana@example.com", "a.b+c@x.co", "ops@localhost", "ana@españa.es", "o'neil@x-y.org"] {
            check(good, true);
        }
        for bad in [
            "ana",
            "ana@",
            "@x.com",
            "a@b@c.com",
            "a b@x.com",
            "a@x",
            "a@x..com",
            "a@-x.com",
            ".a@x.com",
            "a..b@x.com",
            "a@x.com\r\nBcc: e@x.com",
            "a@x.com>",
            "\"a\"@x.com",
        ] {
            check(bad, false);
        }
    }
}
