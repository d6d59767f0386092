//! Plurals by CLDR as it is now. Fluent's own rules are those of CLDR 37, which don't know that Spanish, French, Italian and Portuguese
//! have a form for millions.
//!
//! `{ $count -> [one] … *[other] … }` is what people write; before Fluent sees it, it becomes `{ PLURAL($count) -> … }` with our own
//! function, and the cases `[0]` of a single number `{ EXACTLY($count) -> … }` around it. `{ ORDINAL($count) -> … }` chooses between
//! 1st, 2nd, 3rd, 4th.

use fixed_decimal::{Decimal, FloatPrecision};
use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_syntax::ast::{
    CallArguments, Entry, Expression, Identifier, InlineExpression, Pattern, PatternElement, Resource, Variant,
    VariantKey,
};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRuleType, PluralRules};

const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The functions that the messages may call.
pub(super) const FUNCTIONS: [&str; 3] = ["PLURAL", "ORDINAL", "EXACTLY"];

pub(super) fn add_functions<R>(bundle: &mut FluentBundle<R>, language: &str) {
    let locale: Locale = language.parse().unwrap_or(Locale::UNKNOWN);
    for (name, kind) in [("PLURAL", PluralRuleType::Cardinal), ("ORDINAL", PluralRuleType::Ordinal)] {
        let locale = locale.clone();
        add(bundle, name, move |number| {
            // Rules are no more than a look at compiled data, and can't be shared between threads.
            let rules = PluralRules::try_new((&locale).into(), kind.into());
            rules.map_or(FluentValue::Error, |rules| category(&rules, number).into())
        });
    }
    // Without the options that carry its text a number equals that of a key.
    add(bundle, "EXACTLY", |number| number.value.into());
}

fn add<R>(
    bundle: &mut FluentBundle<R>,
    name: &str,
    choose: impl Fn(&FluentNumber) -> FluentValue<'static> + Send + Sync + 'static,
) {
    let added = bundle.add_function(name, move |args, _| match args.first() {
        Some(FluentValue::Number(number)) => choose(number),
        // A text chooses by itself.
        Some(FluentValue::String(text)) => text.to_string().into(),
        _ => FluentValue::Error,
    });
    added.expect("each name is added once");
}

fn category(rules: &PluralRules, number: &FluentNumber) -> &'static str {
    let Ok(mut decimal) = Decimal::try_from_f64(number.value, FloatPrecision::RoundTrip) else { return "other" };
    // 1.0 is no "one" in English: the digits that are printed count.
    decimal.absolute.pad_end(-(number.options.minimum_fraction_digits.unwrap_or(0) as i16));
    match rules.category_for(&decimal) {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// `resource` with every plural chosen by our functions.
pub(super) fn chosen(mut resource: Resource<&str>) -> Resource<&str> {
    for entry in &mut resource.body {
        match entry {
            Entry::Message(message) => message.value.iter_mut().for_each(pattern),
            Entry::Term(term) => pattern(&mut term.value),
            _ => {}
        }
    }
    resource
}

fn pattern(pattern: &mut Pattern<&str>) {
    for element in &mut pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            self::expression(expression);
        }
    }
}

fn expression(expression: &mut Expression<&str>) {
    match expression {
        Expression::Inline(InlineExpression::Placeable { expression }) => self::expression(expression),
        Expression::Inline(_) => {}
        Expression::Select { selector, variants } => {
            variants.iter_mut().for_each(|variant| pattern(&mut variant.value));
            if matches!(selector, InlineExpression::VariableReference { .. }) && variants.iter().all(is_plural) {
                choose(selector, variants);
            } else if matches!(selector, InlineExpression::FunctionReference { id, .. } if id.name == "ORDINAL") {
                exact_first(selector, variants);
            }
        }
    }
}

fn is_plural(variant: &Variant<&str>) -> bool {
    match variant.key {
        VariantKey::Identifier { name } => CATEGORIES.contains(&name),
        VariantKey::NumberLiteral { .. } => true,
    }
}

fn choose<'s>(selector: &mut InlineExpression<&'s str>, variants: &mut Vec<Variant<&'s str>>) {
    *selector = call("PLURAL", selector.clone());
    exact_first(selector, variants);
}

/// Single numbers come before categories: `{ EXACTLY($n) -> [0] … *[other] { PLURAL($n) -> … } }`.
fn exact_first<'s>(selector: &mut InlineExpression<&'s str>, variants: &mut Vec<Variant<&'s str>>) {
    let InlineExpression::FunctionReference { arguments, .. } = &*selector else { return };
    let Some(argument) = arguments.positional.first().cloned() else { return };
    let is_number = |variant: &Variant<&str>| matches!(variant.key, VariantKey::NumberLiteral { .. });
    let (mut exact, rest): (Vec<_>, Vec<_>) = variants.drain(..).partition(is_number);
    if exact.is_empty() || rest.is_empty() {
        *variants = if rest.is_empty() { exact } else { rest };
        if variants.iter().all(is_number) {
            *selector = call("EXACTLY", argument);
        }
        return;
    }
    let inner = Expression::Select { selector: selector.clone(), variants: rest };
    exact.push(Variant {
        key: VariantKey::Identifier { name: "other" },
        value: Pattern { elements: vec![PatternElement::Placeable { expression: inner }] },
        default: true,
    });
    *selector = call("EXACTLY", argument);
    *variants = exact;
}

fn call<'s>(function: &'s str, argument: InlineExpression<&'s str>) -> InlineExpression<&'s str> {
    let arguments = CallArguments { positional: vec![argument], named: Vec::new() };
    InlineExpression::FunctionReference { id: Identifier { name: function }, arguments }
}
