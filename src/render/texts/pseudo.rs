//! A language that nobody speaks: English with accents, 40 % longer, in ⟦brackets⟧. What a report shows without brackets was never
//! translated; what breaks with it would break in German.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};

/// `en.ftl` in that language; placeables, selectors and terms are kept.
pub fn pseudo() -> String {
    let resource = fluent_syntax::parser::parse(super::EN.to_owned()).expect("en.ftl is well formed");
    fluent_syntax::serializer::serialize(&translated(resource))
}

fn translated(mut resource: Resource<String>) -> Resource<String> {
    for entry in &mut resource.body {
        let Entry::Message(message) = entry else { continue };
        let Some(value) = &mut message.value else { continue };
        pattern(value);
        let bracket = |text: &str| PatternElement::TextElement { value: text.to_owned() };
        value.elements.insert(0, bracket("⟦"));
        value.elements.push(bracket("⟧"));
    }
    resource
}

fn pattern(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = longer(value),
            PatternElement::Placeable { expression } => self::expression(expression),
        }
    }
}

fn expression(expression: &mut Expression<String>) {
    match expression {
        Expression::Select { variants, .. } => variants.iter_mut().for_each(|variant| pattern(&mut variant.value)),
        Expression::Inline(InlineExpression::Placeable { expression }) => self::expression(expression),
        Expression::Inline(_) => {}
    }
}

/// Accents on vowels; every second letter of a word doubled, so that it grows by half and breaks where it did.
fn longer(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut letters = 0;
    for c in text.chars() {
        let accented = accented(c);
        out.push(accented);
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        if letters % 2 == 1 {
            out.push(accented);
        }
    }
    out
}

fn accented(c: char) -> char {
    match c {
        'a' => 'á',
        'e' => 'ë',
        'i' => 'î',
        'o' => 'ö',
        'u' => 'ü',
        'y' => 'ý',
        'n' => 'ñ',
        'c' => 'ç',
        's' => 'š',
        'A' => 'Å',
        'E' => 'Ë',
        'I' => 'Ï',
        'O' => 'Ø',
        'U' => 'Û',
        'N' => 'Ñ',
        'S' => 'Š',
        other => other,
    }
}
