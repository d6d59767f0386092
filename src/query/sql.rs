//! SQL text → [`Statement`]: stub, replaced at the merge.
use super::Engine;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    Start,
    End,
    StartDate,
    EndDate,
    Timezone,
}
#[derive(Debug, Clone)]
pub struct Occurrence {
    pub param: Param,
    pub span: Range<usize>,
    pub compared: Option<ColumnRef>,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    pub table: Option<String>,
    pub column: String,
}
#[derive(Debug, Clone)]
pub struct SqlProblem {
    pub message: String,
    pub span: Range<usize>,
    pub help: Option<String>,
}
#[derive(Debug, Clone)]
pub struct Statement {
    text: String,
    params: Vec<Occurrence>,
    tables: Vec<String>,
}

impl Statement {
    pub fn parse(text: &str, _: Engine) -> Result<Statement, Vec<SqlProblem>> {
        let names = [
            (":start_date", Param::StartDate),
            (":end_date", Param::EndDate),
            (":start", Param::Start),
            (":end", Param::End),
            (":timezone", Param::Timezone),
        ];
        let mut params = Vec::new();
        let mut at = 0;
        while at < text.len() {
            if let Some((name, param)) = names.iter().find(|(name, _)| text[at..].starts_with(name)) {
                let before: Vec<&str> = text[..at].split_whitespace().collect();
                let after = text[at + name.len()..].trim_start();
                let compared = match before.as_slice() {
                    [.., column, "<" | ">" | "<=" | ">=" | "="]
                        if column.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
                            && !after.starts_with(['-', '+']) =>
                    {
                        let mut parts = column.rsplit('.');
                        Some(ColumnRef { column: parts.next().unwrap().into(), table: parts.next().map(Into::into) })
                    }
                    _ => None,
                };
                params.push(Occurrence { param: *param, span: at..at + name.len(), compared });
                at += name.len();
            } else {
                at += 1;
                while !text.is_char_boundary(at) {
                    at += 1;
                }
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let tables = words
            .windows(2)
            .filter(|w| w[0].eq_ignore_ascii_case("from") || w[0].eq_ignore_ascii_case("join"))
            .map(|w| w[1].trim_end_matches(')').to_owned())
            .collect();
        Ok(Statement { text: text.into(), params, tables })
    }
    pub fn params(&self) -> &[Occurrence] {
        &self.params
    }
    pub fn tables(&self) -> &[String] {
        &self.tables
    }
    pub fn rewrite(&self, mut placeholder: impl FnMut(usize, &Occurrence) -> String) -> String {
        let mut out = String::new();
        let mut last = 0;
        for (at, occurrence) in self.params.iter().enumerate() {
            out.push_str(&self.text[last..occurrence.span.start]);
            out.push_str(&placeholder(at, occurrence));
            last = occurrence.span.end;
        }
        out.push_str(&self.text[last..]);
        out
    }
}
