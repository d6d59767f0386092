//! The tree of a YAML file: nodes that know where they stand.
//!
//! A scalar keeps its text and whether it was written plain: what it means (a number, a switch, a duration) is decided by whoever
//! reads the key, by the language's own grammar and never by YAML's, so that `no` and `08:30` stay text and `017` is no number.

use super::context::Place;
use std::rc::Rc;

#[derive(Debug)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
    /// Nodes below and including this one, aliases expanded.
    pub size: usize,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar {
        text: String,
        style: Style,
    },
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
    /// What stands here could not be found out, which has been reported: readers say nothing more about it.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    Block,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: Rc<str>,
    pub at: Place,
    pub node: Rc<Node>,
}

impl Entry {
    /// The key as a scalar of its own, for keys that are more than names.
    pub fn key_node(&self) -> Node {
        let value = Value::Scalar { text: (*self.key).to_owned(), style: Style::Plain };
        Node { place: self.at, value, size: 1 }
    }
}

impl Node {
    pub fn with_value(&self, value: Value) -> Node {
        Node { place: self.place, value, size: self.size }
    }

    /// Nothing, `~` or `null`, written plain.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, style: Style::Plain } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The text of a scalar written plain, where a number or a switch may stand.
    pub fn plain(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, style: Style::Plain } => Some(text),
            _ => None,
        }
    }
}
