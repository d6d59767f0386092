//! SQL text → [`Statement`]: checked to be one read-only statement, its parameters found.
//!
//! Works on tokens, not on a syntax tree: the server is the judge of grammar; this module only has to see the text cut into
//! the same words, strings and comments as the server sees. `scan` cuts, `readonly` and `functions` refuse what could write,
//! lock, wait or reach files, `params` finds `:start` and its kin, `tables` the tables, `made` what columns are made of, `advice` what
//! is legal but unwise.
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
mod made;
mod params;
mod readonly;
mod scan;
mod tables;
#[cfg(test)]
mod tests;
mod token;

pub use made::{Item, Made};
pub use params::{ColumnRef, Occurrence, Param};
pub use tables::TableName;

use super::Engine;
use scan::tokenise;
use std::ops::Range;
use token::{Token, Tokens};

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
    items: Vec<Item>,
    grouped: Option<Vec<usize>>,
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
            items: made::items(&tokens, engine),
            grouped: made::grouped(&tokens),
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

    /// The columns of the answer, in their order; none where not all of them are known by name.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The same statement with every row of the answer on one `day`, given as text, so that the rest is grouped over the whole
    /// window. `None` where that isn't sure to be what comes of it: the rows must be grouped by the position of `column`.
    pub fn on_one_day(&self, column: &str, day: &str) -> Option<Statement> {
        let place = self.items.iter().position(|item| item.name == column)?;
        self.grouped.as_ref().filter(|positions| positions.contains(&(place + 1)))?;
        let Item { span, is_named, .. } = &self.items[place];
        let tokens = tokenise(&self.text, self.engine).ok()?;
        let inside = |token: &Token| span.contains(&token.start);
        let named =
            tokens.iter().filter(|token| token.is_name() && token.name(self.engine) == column && !inside(token));
        // A name given here may be what another part means by it.
        if *is_named && named.count() != 1 {
            return None;
        }
        let own = tokens.iter().rfind(|token| inside(token)).map(|token| token.text).filter(|_| !is_named);
        let own = own.map_or(String::new(), |own| format!(" AS {own}"));
        let text = format!("{}'{day}'{own}{}", &self.text[..span.start], &self.text[span.end..]);
        Statement::parse(&text, self.engine).ok()
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
