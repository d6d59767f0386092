//! Which messages there are and what they are given, read from the comments of `en.ftl`; and what a file says against it.
//!
//! A line `# $count (number): …` declares a number, `# $cadence (day, week): …` a choice, `# $name: …` a text.

use super::plural::FUNCTIONS;
use fluent_syntax::ast::{Comment, Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// Message → its arguments.
#[derive(Debug, Clone)]
pub struct Contract {
    pub(super) messages: BTreeMap<String, BTreeMap<String, Kind>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// A word out of these.
    Choice(Vec<String>),
}

/// What a message refers to.
#[derive(Debug, Default)]
pub(super) struct Used<'s> {
    pub variables: BTreeSet<&'s str>,
    /// Messages, and terms with their dash.
    references: BTreeSet<String>,
    functions: BTreeSet<&'s str>,
}

impl Contract {
    pub fn of(text: &str) -> Contract {
        let resource = match fluent_syntax::parser::parse(text) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let messages = resource.body.iter().filter_map(|entry| match entry {
            Entry::Message(message) => {
                Some((message.id.name.to_owned(), message.comment.iter().flat_map(arguments).collect()))
            }
            _ => None,
        });
        Contract { messages: messages.collect() }
    }

    /// # Errors
    /// The first message that is wrong, and why.
    pub fn check(&self, resource: &Resource<&str>) -> Result<(), (String, String)> {
        let terms: BTreeSet<&str> = resource
            .body
            .iter()
            .filter_map(|entry| if let Entry::Term(term) = entry { Some(term.id.name) } else { None })
            .collect();
        for entry in &resource.body {
            let Entry::Message(message) = entry else { continue };
            let wrong = |why: String| Err((message.id.name.to_owned(), why));
            let Some(arguments) = self.messages.get(message.id.name) else {
                return wrong(format!("there is no message `{}`{}", message.id.name, self.near(message.id.name)));
            };
            let Some(value) = &message.value else { return wrong(format!("`{}` says nothing", message.id.name)) };
            let used = Used::by(value);
            if let Some(unknown) = used.variables.iter().find(|name| !arguments.contains_key(**name)) {
                let known: Vec<String> = arguments.keys().map(|name| format!("${name}")).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return wrong(format!("`{}` is not given `${unknown}`; it has {known}", message.id.name));
            }
            if let Some(unknown) = used.functions.iter().find(|name| !FUNCTIONS.contains(name)) {
                return wrong(format!("there is no function `{unknown}`; there are PLURAL and ORDINAL"));
            }
            if let Some(message) = used.references.iter().find(|name| !name.starts_with('-')) {
                return wrong(format!(
                    "`{message}` is another message; only terms (`-{message}`) may stand in a message"
                ));
            }
            if let Some(unknown) = used.references.iter().find(|name| !terms.contains(&name[1..])) {
                return wrong(format!("there is no term `{unknown}` in this file"));
            }
        }
        Ok(())
    }

    fn near(&self, unknown: &str) -> String {
        let distance = |known: &&String| strsim::damerau_levenshtein(unknown, known);
        let near = self.messages.keys().min_by_key(distance).filter(|known| distance(known) <= 3);
        near.map_or(String::new(), |near| format!("; did you mean `{near}`?"))
    }
}

/// `$count (number): how many` → its name and kind.
fn arguments<'s>(comment: &'s Comment<&'s str>) -> impl Iterator<Item = (String, Kind)> + 's {
    comment.content.iter().filter_map(|line| {
        let (head, _) = line.trim().strip_prefix('$')?.split_once(':')?;
        let (name, kind) = match head.split_once('(') {
            None => (head, Kind::Text),
            Some((name, "number)")) => (name, Kind::Number),
            Some((name, choices)) => {
                let choices = choices.trim_end_matches(')').split(',').map(|choice| choice.trim().to_owned());
                (name, Kind::Choice(choices.collect()))
            }
        };
        Some((name.trim().to_owned(), kind))
    })
}

impl<'s> Used<'s> {
    pub fn by(pattern: &Pattern<&'s str>) -> Used<'s> {
        let mut used = Used::default();
        used.pattern(pattern);
        used
    }

    fn pattern(&mut self, pattern: &Pattern<&'s str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&'s str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                variants.iter().for_each(|variant| self.pattern(&variant.value));
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&'s str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
            }
            InlineExpression::MessageReference { id, .. } => {
                self.references.insert(id.name.to_owned());
            }
            InlineExpression::TermReference { id, .. } => {
                self.references.insert(format!("-{}", id.name));
            }
            InlineExpression::FunctionReference { id, arguments } => {
                self.functions.insert(id.name);
                arguments.positional.iter().for_each(|argument| self.inline(argument));
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }
}
