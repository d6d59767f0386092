//! What keeps a template from running without end: every pass through a loop, a component, a block or a file is paid for.
//!
//! Tera has no limit of its own, and a loop that writes nothing never meets the limit on output. So a call that pays is put where such
//! a part begins; its price is the length of the part, so that what a template writes into a variable is paid for as well. Each
//! `set` is followed by a call that looks at the size of what was set, since a value that doubles is small for twenty rounds only.

use super::scan::{Tag, tags};
use std::cell::Cell;
use tera::{Kwargs, State, StringInput, Tera, TeraResult, Value};

/// Bytes of its own text that a template may pass: ten times what a report of 100 KPIs with 50 segments each takes.
const BUDGET: usize = 64 << 20;
/// What a pass costs at the least, in the same measure.
const LEAST: usize = 256;
/// Of a text that a template keeps in a variable, in bytes; of a list, in items.
const LONGEST_TEXT: usize = 1 << 20;
const LONGEST_LIST: usize = 10_000;

thread_local! {
    /// What is left for the rendering that runs on this thread.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// A template's text with calls that pay put into it, and where they stand.
#[derive(Debug, Default)]
pub(super) struct Metered {
    pub text: String,
    /// The byte of the original that each call stands before, and the length of the call, in order.
    calls: Vec<(usize, usize)>,
}

impl Metered {
    pub fn of(text: &str) -> Metered {
        let mut metered = Metered::default();
        let mut from = 0;
        for (at, call) in calls(text) {
            metered.text.push_str(&text[from..at]);
            metered.text.push_str(&call);
            metered.calls.push((at, call.len()));
            from = at;
        }
        metered.text.push_str(&text[from..]);
        metered
    }

    /// Where byte `at` of the metered text stood in the original; a call's own bytes stand where it was put.
    pub fn original(&self, at: usize) -> usize {
        let mut before = 0;
        for (place, length) in &self.calls {
            if place + before >= at {
                break;
            }
            if place + before + length > at {
                return *place;
            }
            before += length;
        }
        at - before
    }
}

/// What is put where, in the order of places.
fn calls(text: &str) -> Vec<(usize, String)> {
    let tags = tags(text);
    let mut calls = Vec::new();
    if tags.first().is_none_or(|tag| tag.keyword() != "extends") {
        calls.push((0, pay(text.len(), "%}")));
    }
    // What is open: the tag that began it, and the place of its call among the others.
    let mut open: Vec<(&Tag, usize)> = Vec::new();
    for tag in &tags {
        let close = if tag.trims { "-%}" } else { "%}" };
        match tag.keyword() {
            "for" | "component" | "block" => {
                open.push((tag, calls.len()));
                calls.push((tag.end, String::new()));
            }
            "endfor" | "endcomponent" | "endblock" => {
                if let Some((begun, at)) = open.pop() {
                    let close = if begun.trims { "-%}" } else { "%}" };
                    calls[at].1 = pay(tag.start - begun.end, close);
                }
            }
            "set" | "set_global" if tag.tokens.get(2).is_some_and(|token| token.text == "=") => {
                calls.push((tag.end, held(tag, close)));
            }
            "set" | "set_global" => open.push((tag, usize::MAX)),
            "endset" => {
                if let Some((begun, _)) = open.pop() {
                    calls.push((tag.end, held(begun, close)));
                }
            }
            _ => {}
        }
    }
    calls
}

fn pay(price: usize, close: &str) -> String {
    format!("{{% set __paid = __pay(price={}) {close}", price.max(LEAST))
}

fn held(set: &Tag, close: &str) -> String {
    format!("{{% set __held = __hold(value={}) {close}", set.tokens[1].text)
}

/// Makes known to `tera` what metered templates call, and takes away what could not be paid for.
pub(super) fn register(tera: &mut Tera) {
    tera.register_function("__pay", |given: Kwargs, _: &State| -> TeraResult<bool> {
        let price: usize = given.must_get("price")?;
        let left = LEFT.get().checked_sub(price);
        LEFT.set(left.unwrap_or(0));
        left.map(|_| true)
            .ok_or_else(|| tera::Error::message("this goes on without end: the template was stopped here"))
    });
    tera.register_function("__hold", |given: Kwargs, _: &State| -> TeraResult<bool> {
        let value = given.get::<Value>("value")?.unwrap_or_else(Value::none);
        let fits = match (value.as_str(), value.as_array()) {
            (Some(text), _) => text.len() <= LONGEST_TEXT,
            (_, Some(list)) => list.len() <= LONGEST_LIST,
            _ => true,
        };
        let message = "what is kept in a variable is too long: at most 1 MiB of text, or 10 000 items of a list";
        if fits { Ok(true) } else { Err(tera::Error::message(message)) }
    });
    tera.register_function("range", |_: Kwargs, _: &State| -> TeraResult<bool> {
        Err(tera::Error::message("`range` is not to be had in templates; loop over what the report holds"))
    });
    tera.register_filter("replace", replace);
}

/// Tera's own, with a limit: replacing a letter by the text itself again and again fills any memory.
fn replace(text: StringInput, given: Kwargs, state: &State) -> TeraResult<Value> {
    let from: &str = given.must_get("from")?;
    let to = given.must_get::<StringInput>("to")?;
    let is_safe = state.autoescaping_enabled() && (text.is_safe() || to.is_safe());
    let (text, to) = match is_safe {
        true => (text.rendered(state)?.into_owned(), to.rendered(state)?.into_owned()),
        false => (text.as_str().to_owned(), to.as_str().to_owned()),
    };
    let longest = text.matches(from).count().saturating_mul(to.len()).saturating_add(text.len());
    if longest > LONGEST_TEXT {
        return Err(tera::Error::message("what `replace` makes is too long: at most 1 MiB"));
    }
    let replaced = text.replace(from, &to);
    Ok(if is_safe { Value::safe_string(&replaced) } else { Value::from(replaced) })
}

/// Runs `render` with a full tank.
pub(super) fn limited<T>(render: impl FnOnce() -> T) -> T {
    LEFT.set(BUDGET);
    render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_change_no_whitespace_and_places_are_found_again() {
        let text = "a\n{% for x in y -%}\n  é {{ x }}\n{%- endfor %}\n{% set z = 1 -%}\n b";
        let metered = Metered::of(text);
        let expected = "{% set __paid = __pay(price=256) %}a\n{% for x in y -%}{% set __paid = __pay(price=256) -%}\n  é {{ x }}\n\
            {%- endfor %}\n{% set z = 1 -%}{% set __held = __hold(value=z) -%}\n b";
        assert_eq!(metered.text, expected);
        for word in ["a\n", "for", "é", "{{ x", "endfor", "z =", "b"] {
            let (original, place) = (text.find(word).unwrap(), metered.text.find(word).unwrap());
            assert_eq!(metered.original(place), original, "{word}");
        }
        assert_eq!(metered.original(5), 0);
    }

    #[test]
    fn child_templates_begin_with_their_extends() {
        let text = "{% extends \"report.html\" %}{% block a %}x{% endblock %}";
        assert_eq!(
            Metered::of(text).text,
            "{% extends \"report.html\" %}{% block a %}{% set __paid = __pay(price=256) %}x{% endblock %}"
        );
    }
}
