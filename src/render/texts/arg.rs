//! What a message is given: texts, and numbers that choose a plural and are printed as their locale writes them.

use super::direction::isolated;
use fluent_bundle::FluentValue;
use fluent_bundle::types::{FluentNumber, FluentNumberOptions};
use std::borrow::Cow;

/// An argument of a message.
#[derive(Debug, Clone)]
pub enum Arg<'a> {
    Text(Cow<'a, str>),
    /// Chooses a plural by `number` and its `decimals`; `{ $count }` prints `text`.
    Number {
        number: f64,
        decimals: u8,
        text: Cow<'a, str>,
    },
}

impl<'a> Arg<'a> {
    /// A whole number and how the reader's locale writes it.
    pub fn count(count: usize, text: impl Into<Cow<'a, str>>) -> Arg<'a> {
        Arg::Number { number: count as f64, decimals: 0, text: text.into() }
    }

    pub(super) fn fluent(&self) -> FluentValue<'_> {
        match self {
            Arg::Text(text) => FluentValue::String(isolated(text)),
            Arg::Number { number, decimals, text } => {
                // Fluent's numbers have no place for a text of their own; that of a currency is free, since we print it ourselves.
                let options = FluentNumberOptions {
                    currency: Some(text.to_string()),
                    minimum_fraction_digits: (*decimals > 0).then_some(usize::from(*decimals)),
                    ..FluentNumberOptions::default()
                };
                FluentValue::Number(FluentNumber::new(*number, options))
            }
        }
    }
}

/// Fluent's formatter: a number reads as the text it came with.
pub(super) fn print<M>(value: &FluentValue, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => number.options.currency.clone(),
        _ => None,
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Arg<'a> {
        Arg::Text(text.into())
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Arg::Text(text.into())
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Arg<'a> {
        Arg::Text(text.as_str().into())
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Arg<'a> {
        Arg::Text(text)
    }
}
