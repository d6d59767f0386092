//! Tokens → what makes them other than one statement that only reads.
//!
//! Keywords count only where they can be keywords: quoted names, `t.update` and `AS delete` are left alone. Where tokens can't
//! decide, the text is refused and the help says to quote the name.

use super::token::{Kind, Token, Tokens};
use super::{Engine, SqlProblem};

const READS_ONLY: &str = "a source only reads: write one SELECT, WITH … SELECT or VALUES";

/// The words that begin a statement which changes data and may follow a CTE or stand in one.
const STATEMENTS: [&str; 5] = ["insert", "update", "delete", "merge", "replace"];

pub(super) fn check(tokens: &Tokens, engine: Engine) -> Vec<SqlProblem> {
    let mut problems: Vec<_> = not_one(tokens).into_iter().chain(unbalanced(tokens)).collect();
    // What the first word is about is said once, by `beginning`.
    let first = tokens.iter().take_while(|token| token.is_any(&["(", ";"])).count();
    problems.extend(beginning(tokens.get(first, 0)));
    let mut writes_at = first;
    for i in first + 1..tokens.iter().len() {
        let token = tokens.get(i, 0);
        if engine == Engine::Mysql && token.is(":=") {
            problems.push(SqlProblem::new(token.span(), "`:=` assigns a variable").help(READS_ONLY));
        }
        if token.kind != Kind::Word || tokens.qualified(i) || tokens.get(i, -1).is("as") {
            continue;
        }
        if writes(tokens, i, engine) {
            writes_at = i;
            let message = format!("`{}` changes data", token.text);
            problems.push(SqlProblem::new(token.span(), message).help(help_for_name(token)));
        } else if token.is("into") && !(writes_at + 1 == i && tokens.get(i, -1).is_any(&STATEMENTS)) {
            let problem = SqlProblem::new(token.span(), "`INTO` writes the rows somewhere");
            problems.push(problem.help("delete the INTO clause; kpid reads the rows itself"));
        } else if let Some(problem) = locks(tokens, i, engine) {
            problems.push(problem);
        }
    }
    problems
}

fn help_for_name(token: Token) -> String {
    format!("{READS_ONLY}; if `{}` is a column or an alias, quote it", token.text)
}

/// A problem if there is no statement, or more than one.
fn not_one(tokens: &Tokens) -> Option<SqlProblem> {
    if tokens.iter().all(|token| token.is(";")) {
        return Some(SqlProblem::new(0..0, "there is no SQL").help(READS_ONLY));
    }
    let first = tokens.iter().skip_while(|token| !token.is(";")).find(|token| !token.is(";"))?;
    let end = tokens.iter().last().map_or(first.span().end, |last| last.span().end);
    let problem = SqlProblem::new(first.span().start..end, "there is a second statement");
    Some(problem.help("one statement a source: make it a source of its own, or join both with WITH"))
}

/// A closing parenthesis too many would end whatever the statement is wrapped in.
fn unbalanced(tokens: &Tokens) -> Option<SqlProblem> {
    let mut open = Vec::new();
    for token in tokens.iter() {
        if token.is("(") {
            open.push(token);
        } else if token.is(")") && open.pop().is_none() {
            return Some(SqlProblem::new(token.span(), "this parenthesis closes none"));
        }
    }
    open.first().map(|token| SqlProblem::new(token.span(), "this parenthesis is not closed"))
}

fn beginning(first: Token) -> Option<SqlProblem> {
    if first.kind == Kind::Nothing || first.is_any(&["select", "with", "values"]) {
        return None;
    }
    let problem = SqlProblem::new(first.span(), format!("the SQL begins with `{}`", first.text));
    Some(if first.is("table") {
        problem.help("write SELECT * FROM … in place of TABLE …")
    } else {
        problem.help(READS_ONLY)
    })
}

/// Whether word `i` begins a statement that changes data: after a parenthesis, a CTE or its SEARCH and CYCLE clauses.
fn writes(tokens: &Tokens, i: usize, engine: Engine) -> bool {
    let (before, token, next) = (tokens.get(i, -1), tokens.get(i, 0), tokens.get(i, 1));
    if before.is_any(&["for", ";"]) || !token.is_any(&STATEMENTS) {
        return false;
    }
    let called = next.is("(") && token.is_any(&["insert", "replace"]);
    match engine {
        // Reserved there, MERGE being no statement, so the only honest use is as a string function.
        Engine::Mysql => !called && !token.is("merge"),
        // Reserved too, but REPLACE.
        Engine::Sqlite if token.is("replace") => next.is("into"),
        Engine::Sqlite => !token.is("merge"),
        Engine::Postgres => !called && !operand_expected(tokens, i) && !goes_on(next),
    }
}

/// PostgreSQL: whether an expression is due at `i`, so that a word there is a column: after `SELECT`, a comma, an
/// operator, `ORDER BY`, … A parenthesis is not among them: it may open a statement.
fn operand_expected(tokens: &Tokens, i: usize) -> bool {
    let before = tokens.get(i, -1);
    let separator = before.kind == Kind::Symbol && !before.is_any(&["(", ")", "]", ";"]);
    // PostgreSQL takes BY and BETWEEN as names (`SEARCH … SET by DELETE …`), so alone they prove nothing.
    let by = before.is("by") && tokens.get(i, -2).is_any(&["group", "order", "partition"]);
    separator || by || (before.expects_operand() && !before.is("between"))
}

/// PostgreSQL: whether an expression goes on, or ends, with this token, so that the word before it was a column.
fn goes_on(next: Token) -> bool {
    const WORDS: [&str; 9] = ["is", "and", "or", "in", "not", "like", "ilike", "asc", "desc"];
    next.kind == Kind::Nothing || (next.kind == Kind::Symbol && !next.is("(")) || next.is_any(&WORDS)
}

/// Locks, sequences and MySQL's oddities.
fn locks(tokens: &Tokens, i: usize, engine: Engine) -> Option<SqlProblem> {
    let (before, token, next) = (tokens.get(i, -1), tokens.get(i, 0), tokens.get(i, 1));
    let mysql = engine == Engine::Mysql;
    let problem = |message: &str, help: &str| Some(SqlProblem::new(token.span(), message).help(help));
    if token.is("for") && before.is("value") && tokens.get(i, -2).is_any(&["next", "previous"]) {
        return problem("`NEXT VALUE FOR` advances a sequence", READS_ONLY);
    }
    let no_key = next.is("no") && tokens.get(i, 2).is("key");
    let key = next.is("key") && tokens.get(i, 2).is("share");
    if token.is("for") && (next.is_any(&["update", "share"]) || no_key || key) {
        return problem("this clause locks rows", "delete the FOR clause");
    }
    if token.is("lock") && next.is("in") && tokens.get(i, 2).is("share") {
        return problem("this clause locks rows", "delete LOCK IN SHARE MODE");
    }
    if mysql && token.is("procedure") {
        return problem("`PROCEDURE` runs a procedure over the rows", "delete the PROCEDURE clause");
    }
    None
}
