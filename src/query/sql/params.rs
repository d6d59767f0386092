//! Tokens → the parameters among them, and the column each is compared with.

use super::tables::{self, Aliases};
use super::token::{Kind, Token, Tokens};
use super::{Engine, SqlProblem};
use std::ops::Range;

/// What a statement may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Param {
    /// The instant the period begins.
    Start,
    /// The instant it ends, itself no longer in it.
    End,
    /// The first day, of the report's calendar.
    StartDate,
    /// The day after the last.
    EndDate,
    /// The report's zone, as IANA names it.
    Timezone,
}

impl Param {
    pub const ALL: [Param; 5] = [Param::Start, Param::End, Param::StartDate, Param::EndDate, Param::Timezone];

    /// Its name in SQL, without the colon.
    pub fn name(self) -> &'static str {
        match self {
            Param::Start => "start",
            Param::End => "end",
            Param::StartDate => "start_date",
            Param::EndDate => "end_date",
            Param::Timezone => "timezone",
        }
    }
}

/// A parameter in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    pub param: Param,
    /// Bytes of the text, including the colon.
    pub span: Range<usize>,
    /// The column it is compared with, if that and the parameter stand alone (`t.created_at >= :start`, `:end > day`,
    /// `day BETWEEN :start AND :end`): it is then bound by the column's type.
    pub compared: Option<ColumnRef>,
}

/// A column as a statement names it, unquoted; in PostgreSQL unquoted names are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// The table, without schema; its own name even where the statement uses an alias, unless several tables share that alias.
    pub table: Option<String>,
    pub column: String,
}

/// The parameters, and what stands where one could but is none.
pub(super) fn find(tokens: &Tokens, engine: Engine) -> (Vec<Occurrence>, Vec<SqlProblem>) {
    let aliases = tables::aliases(tokens, engine);
    let (mut params, mut problems) = (Vec::new(), Vec::new());
    for (i, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Parameter {
            problems.extend(glued(tokens, i));
            match Param::ALL.into_iter().find(|param| param.name() == &token.text[1..]) {
                Some(param) => {
                    let compared = compared(tokens, i).map(|at| column_ref(tokens, at, &aliases, engine));
                    params.push(Occurrence { param, span: token.span(), compared });
                }
                None => problems.push(unknown(token)),
            }
        } else if token.kind == Kind::Placeholder || question_mark(tokens, i, engine) {
            let problem = SqlProblem::new(token.span(), format!("`{}` has no value", token.text));
            problems.push(problem.help(format!("name what is meant: {}", all_names())));
        }
    }
    (params, problems)
}

fn all_names() -> String {
    Param::ALL.map(|param| format!(":{}", param.name())).join(", ")
}

fn unknown(token: &Token) -> SqlProblem {
    let name = token.text[1..].to_lowercase();
    let distance = |param: &Param| strsim::damerau_levenshtein(param.name(), &name);
    let nearest = Param::ALL.into_iter().min_by_key(distance).filter(|param| distance(param) <= 2);
    let problem = SqlProblem::new(token.span(), format!("there is no parameter `{}`", token.text));
    problem.help(match nearest {
        Some(param) => format!("did you mean :{}? there are {}", param.name(), all_names()),
        None => format!("there are {}", all_names()),
    })
}

/// `AND:start` would become PostgreSQL's name `AND$1`.
fn glued(tokens: &Tokens, i: usize) -> Option<SqlProblem> {
    let (before, token) = (tokens.get(i, -1), tokens.get(i, 0));
    let glued = before.span().end == token.span().start && before.kind != Kind::Nothing && before.kind != Kind::Symbol;
    glued.then(|| SqlProblem::new(token.span(), format!("`{}` needs a space before it", token.text)))
}

/// Whether symbol `i` is a `?` that was meant as a placeholder. In PostgreSQL it is jsonb's "has the key" between two operands.
fn question_mark(tokens: &Tokens, i: usize, engine: Engine) -> bool {
    const JSONB: [&str; 4] = ["?", "@?", "?|", "?&"];
    let (before, token, next) = (tokens.get(i, -1), tokens.get(i, 0), tokens.get(i, 1));
    if engine != Engine::Postgres || token.kind != Kind::Symbol || !token.text.ends_with('?') {
        return false;
    }
    let operand_follows = match next.kind {
        Kind::Word => !next.expects_operand() && !ends_comparison(next),
        Kind::Symbol => next.is("("),
        Kind::Nothing => false,
        _ => true,
    };
    !token.is_any(&JSONB) || !before.ends_operand() || !operand_follows
}

/// The position of the last part of the column that parameter `i` is compared with.
fn compared(tokens: &Tokens, i: usize) -> Option<usize> {
    let (before, next) = (tokens.get(i, -1), tokens.get(i, 1));
    if is_comparison(before) && ends_comparison(next) {
        return column_before(tokens, i - 1);
    }
    if before.is("between") && next.is("and") {
        return column_before(tokens, i - 1);
    }
    if before.is("and")
        && ends_comparison(next)
        && let Some(between) = between(tokens, i - 1)
    {
        return column_before(tokens, between);
    }
    if begins_comparison(before) && (is_comparison(next) || next.is("between")) {
        return column_after(tokens, i + 2, next.is("between"));
    }
    None
}

fn is_comparison(token: Token) -> bool {
    token.kind == Kind::Symbol && token.is_any(&["=", "==", "<", ">", "<=", ">=", "<>", "!=", "<=>"])
}

/// The `BETWEEN` that the `AND` at `and` belongs to.
fn between(tokens: &Tokens, and: usize) -> Option<usize> {
    let mut depth = 0;
    for i in (0..and).rev() {
        let token = tokens.get(i, 0);
        match () {
            () if token.is(")") => depth += 1,
            () if token.is("(") && depth == 0 => return None,
            () if token.is("(") => depth -= 1,
            () if depth > 0 => {}
            () if token.is("between") => return Some(i),
            () if begins_comparison(token) => return None,
            () => {}
        }
    }
    None
}

/// The column that is the whole operand before position `operator`.
fn column_before(tokens: &Tokens, operator: usize) -> Option<usize> {
    let skip = usize::from(tokens.get(operator, -1).is("not"));
    let last = operator.checked_sub(1 + skip)?;
    let mut first = last;
    while tokens.get(first, -1).is(".") && first >= 2 && tokens.get(first, -2).is_name() {
        first -= 2;
    }
    let plain = tokens.get(last, 0).is_name() && !tokens.get(last, 0).expects_operand();
    (plain && begins_comparison(tokens.get(first, -1))).then_some(last)
}

/// The column that is the whole operand from position `first`.
fn column_after(tokens: &Tokens, first: usize, between: bool) -> Option<usize> {
    let mut last = first;
    while tokens.get(last, 1).is(".") {
        last += 2;
    }
    let next = tokens.get(last, 1);
    let ends = if between { next.is("and") } else { ends_comparison(next) };
    (tokens.get(last, 0).is_name() && ends).then_some(last)
}

/// Whether a comparison can begin after this token: no operator that would make its left side an expression.
fn begins_comparison(token: Token) -> bool {
    token.kind == Kind::Nothing
        || token
            .is_any(&["(", ",", "where", "and", "or", "not", "on", "having", "select", "when", "then", "else", "case"])
}

/// Whether a comparison is over before this token: no cast, no `- interval '1 day'`, no `AT TIME ZONE`.
fn ends_comparison(token: Token) -> bool {
    const WORDS: [&str; 30] = [
        "and",
        "or",
        "group",
        "order",
        "having",
        "limit",
        "offset",
        "fetch",
        "for",
        "union",
        "intersect",
        "except",
        "window",
        "then",
        "else",
        "end",
        "when",
        "where",
        "from",
        "as",
        "join",
        "left",
        "right",
        "inner",
        "full",
        "cross",
        "natural",
        "asc",
        "desc",
        "is",
    ];
    token.kind == Kind::Nothing || token.is_any(&[")", ",", ";"]) || token.is_any(&WORDS)
}

fn column_ref(tokens: &Tokens, last: usize, aliases: &Aliases, engine: Engine) -> ColumnRef {
    let table = tokens.qualified(last).then(|| tokens.get(last, -2).name(engine));
    let resolve = |name: String| aliases.get(&name.to_ascii_lowercase()).cloned().flatten().unwrap_or(name);
    ColumnRef { table: table.map(resolve), column: tokens.get(last, 0).name(engine) }
}
