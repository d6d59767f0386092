//! What a schema says to people: titles, and what there is to know about a form beyond what a key says. In: declarations. Out: Markdown.

use crate::catalog::form::{Form, Table};
use crate::formula::FUNCTIONS;

/// "a KPI" → "KPI".
pub(super) fn title(table: &Table) -> String {
    let bare = table.what.strip_prefix("a ").or(table.what.strip_prefix("an ")).unwrap_or(table.what);
    bare.replace('`', "")
}

pub(super) fn identifier(table: &Table) -> String {
    title(table).to_lowercase().replace(' ', "_")
}

/// What there is to know about a form beyond what a key says.
pub(super) fn explain(form: &Form) -> String {
    match form {
        Form::Texts => "One text for all readers, or one for each language: `{ es: Coste, en: Cost }`.".to_owned(),
        Form::Formula => formulas(),
        Form::Pattern(pattern) => sentence(pattern.doc),
        Form::OneOf(forms) => {
            let parts = forms.iter().map(explain).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join("\n\n")
        }
        _ => String::new(),
    }
}

fn formulas() -> String {
    let functions = FUNCTIONS.iter().map(|(usage, doc)| format!("- `{usage}` {doc}\n"));
    let operators = "`source.measure` is data, a bare name another KPI.\n\n\
        - `+ - * / % ^` on numbers\n- `< <= > >= == !=`, `&& || !` for conditions\n";
    operators.to_owned() + &functions.collect::<String>()
}

/// With a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.is_empty() || text.ends_with('.') { "" } else { "." };
    first + chars.as_str() + end
}
