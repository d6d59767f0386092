//! SQL text → [`Statement`]: checked to be one read-only statement, its parameters found.
//!
//! Works on tokens, not on a syntax tree: the server is the judge of grammar; this module only has to see the text cut into
//! the same words, strings and comments as the server sees. `scan` cuts, `readonly` and `functions` refuse what could write,
//! lock, wait or reach files, `params` finds `:start` and its kin, `tables` the tables, `advice` what is legal but unwise.
//!
//! The tokeniser is our own, because sqlparser 0.63's differs from the servers where it matters: PostgreSQL's
//! `1 </* ' */; DROP …` is read as an operator and a string, `x'\'; DROP …'` and `$1$; DROP …$1$` as one literal; MariaDB's
//! `/*M! … */` is skipped as a comment and tokens of `/*! … */` have wrong places; honest `E'\xff'` and `(t)._x` are errors.
//!
//! This is the first lock, not the only one: read-only sessions and a role that may only read are the others. Strings are
//! read as with the servers' defaults (`standard_conforming_strings` on; neither `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES`).

mod advice;
mod functions;
#[cfg(test)]
mod hostile;
mod lexeme;
mod params;
mod readonly;
mod scan;
mod tables;
#[cfg(test)]
mod tests;
mod token;

pub use params::{ColumnRef, Occurrence, Param};
pub use tables::TableName;

use super::Engine;
use scan::tokenise;
use std::ops::Range;
use token::Tokens;

/// The longest text accepted, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// One read-only statement of one engine, its parameters found.
#[derive(Debug, Clone)]
pub struct Statement {
    pub text: String,
    pub engine: Engine,
    params: Vec<Occurrence>,
    tables: Vec<TableName>,
    advice: Vec<SqlProblem>,
    day_cut: Option<Range<usize>>,
    /// Where the last token that isn't `;` ends.
    end: usize,
}

/// What is wrong with a statement, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlProblem {
    pub message: String,
    /// Bytes of the text, on character boundaries.
    pub span: Range<usize>,
    pub help: Option<String>,
}

impl SqlProblem {
    fn new(span: Range<usize>, message: impl Into<String>) -> SqlProblem {
        SqlProblem { message: message.into(), span, help: None }
    }

    fn help(self, help: impl Into<String>) -> SqlProblem {
        SqlProblem { help: Some(help.into()), ..self }
    }
}

impl Statement {
    /// # Errors
    /// All that is wrong with the text, in its order; never empty.
    pub fn parse(text: &str, engine: Engine) -> Result<Statement, Vec<SqlProblem>> {
        if text.len() > MAX_BYTES {
            return Err(vec![SqlProblem::new(0..0, format!("the SQL is longer than {} KiB", MAX_BYTES / 1024))]);
        }
        // A string or comment read to its wrong end makes everything after it noise, so what the words mean is not asked then.
        let tokens = tokenise(text, engine)?;
        let (params, unknown) = params::find(&tokens, engine);
        let mut problems = readonly::check(&tokens, engine);
        problems.extend(functions::check(&tokens, engine));
        problems.extend(unknown);
        problems.sort_by_key(|problem| problem.span.start);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Statement {
            text: text.to_owned(),
            engine,
            params,
            tables: tables::names(&tokens, engine),
            advice: advice::clocks(&tokens, engine),
            day_cut: advice::day_cut(&tokens),
            end: end_of_statement(&tokens),
        })
    }

    /// In the order of the text.
    pub fn params(&self) -> &[Occurrence] {
        &self.params
    }

    /// The names that stand where a table stands, each once. Names of CTEs are among them.
    pub fn tables(&self) -> &[TableName] {
        &self.tables
    }

    /// The text with each occurrence replaced by what `placeholder` says of it and its position among [`Self::params`].
    /// A trailing `;`, and the comments after the last token, are left out, so that the answer may be wrapped in parentheses.
    pub fn rewrite(&self, mut placeholder: impl FnMut(usize, &Occurrence) -> String) -> String {
        let mut sql = String::with_capacity(self.end);
        let mut done = 0;
        for (i, occurrence) in self.params.iter().enumerate() {
            sql.push_str(&self.text[done..occurrence.span.start]);
            sql.push_str(&placeholder(i, occurrence));
            done = occurrence.span.end;
        }
        sql.push_str(&self.text[done..self.end]);
        sql
    }

    /// The tokens alone, a space between two: the same for texts that differ in comments and line breaks only.
    pub fn normal(&self) -> String {
        let tokens = tokenise(&self.text, self.engine).expect("the text was read before");
        tokens.iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    /// What makes the answer depend on the moment the query runs instead of on its parameters: `now()`, `current_date` and
    /// their like. Not wrong, but a report of last month that runs late, or again, would show other numbers.
    pub fn advice(&self) -> &[SqlProblem] {
        &self.advice
    }

    /// Where a timestamp is first made a day by the session's zone, which is the database's: `date(t)`, `t::date` and their like.
    /// `None` where the statement minds the report's zone by `:timezone`.
    pub fn day_of_session(&self) -> Option<Range<usize>> {
        let minds = self.params.iter().any(|occurrence| occurrence.param == Param::Timezone);
        self.day_cut.clone().filter(|_| !minds)
    }

    /// Whether the statement asks for a bound of the period. One that doesn't answers the same for every period, which
    /// is a mistake in a source without `time`.
    pub fn asks_for_period(&self) -> bool {
        self.params.iter().any(|occurrence| occurrence.param != Param::Timezone)
    }
}

fn end_of_statement(tokens: &Tokens) -> usize {
    tokens.iter().rev().find(|token| !token.is(";")).map_or(0, |token| token.span().end)
}
