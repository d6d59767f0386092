//! Tokens → how the columns of the answer are made, as far as that decides whether their numbers add up.
//!
//! Sees the items of the outermost SELECT by their names; an answer that is put together (`UNION`) or passed on from within
//! (`SELECT *`) has none. Calls are known by name: what a function of the database's own does is not.

use super::Engine;
use super::token::{Token, Tokens};
use std::ops::Range;

/// How a column is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Different things counted, each once: one that is there on two days counts once in the two.
    Distinct,
    /// A mean, a median, a percentile, or one aggregate divided by another.
    Average,
    /// In any other way.
    Otherwise,
}

/// One column of the answer.
#[derive(Debug, Clone)]
pub struct Item {
    pub name: String,
    pub made: Made,
    /// Bytes of the expression, without the name.
    pub span: Range<usize>,
    /// Whether the name stands behind the expression; otherwise it is the column's own.
    pub is_named: bool,
}

/// The items of the outermost SELECT, in their order.
pub(super) fn items(tokens: &Tokens, engine: Engine) -> Vec<Item> {
    let depths = depths(tokens);
    let all = 0..tokens.iter().len();
    let is = |i: usize, words: &[&str]| depths[i] == 0 && tokens.get(i, 0).is_any(words) && !tokens.qualified(i);
    let mut selects = all.clone().filter(|i| is(*i, &["select"]));
    let (Some(select), None) = (selects.next(), selects.next()) else { return Vec::new() };
    if all.clone().any(|i| is(i, &["union", "except", "intersect"])) {
        return Vec::new();
    }
    let end = (select..all.end).find(|i| is(*i, &["from"])).unwrap_or(all.end);
    let commas = (select + 1..end).filter(|i| is(*i, &[","]));
    let mut start = select + 1;
    let mut items = Vec::new();
    for comma in commas.chain([end]) {
        items.push(item(tokens, start..comma, engine));
        start = comma + 1;
    }
    // A place in the list means something only when all are known.
    items.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The positions, from 1, that the outermost GROUP BY lists; `None` when it names anything else.
pub(super) fn grouped(tokens: &Tokens) -> Option<Vec<usize>> {
    let depths = depths(tokens);
    let by = (0..tokens.iter().len())
        .find(|i| depths[*i] == 0 && tokens.get(*i, 0).is("group") && tokens.get(*i, 1).is("by"))?;
    const ENDS: [&str; 6] = ["order", "having", "limit", "window", ";", "offset"];
    let list: Vec<Token> = tokens.iter().skip(by + 2).take_while(|token| !token.is_any(&ENDS)).copied().collect();
    list.split(|token| token.is(",")).map(|part| if let [one] = part { one.text.parse().ok() } else { None }).collect()
}

/// How deep each token stands in parentheses; one that opens or closes counts as outside.
fn depths(tokens: &Tokens) -> Vec<usize> {
    let mut depth = 0_usize;
    let of = |token: &Token| {
        if token.is(")") {
            depth = depth.saturating_sub(1);
        }
        let own = depth;
        depth += usize::from(token.is("("));
        own
    };
    tokens.iter().map(of).collect()
}

/// `None` where it has no name, as in `*`.
fn item(tokens: &Tokens, places: Range<usize>, engine: Engine) -> Option<Item> {
    let last = places.end.checked_sub(1).filter(|last| *last >= places.start)?;
    let name = tokens.get(last, 0);
    if !name.is_name() || name.is("end") {
        return None;
    }
    let before = tokens.get(last, -1);
    let body = match () {
        () if before.is("as") => places.start..last - 1,
        // `orders.day`, `day`: a column under its own name.
        () if before.is(".") || places.len() == 1 => places.clone(),
        () => places.start..last,
    };
    let span = tokens.get(body.start, 0).start..tokens.get(body.end.checked_sub(1)?, 0).span().end;
    let is_named = body != places;
    Some(Item { name: name.name(engine), made: made(tokens, body), span, is_named })
}

fn made(tokens: &Tokens, body: Range<usize>) -> Made {
    const AGGREGATES: [&str; 5] = ["sum", "count", "avg", "min", "max"];
    const AVERAGES: [&str; 9] = [
        "avg",
        "median",
        "percentile_cont",
        "percentile_disc",
        "quantile",
        "stddev",
        "stddev_samp",
        "variance",
        "mode",
    ];
    const DISTINCT: [&str; 3] = ["approx_count_distinct", "approx_distinct", "hll_count"];
    let called = |i: usize, names: &[&str]| tokens.get(i, 0).is_any(names) && tokens.get(i, 1).is("(");
    let any = |mut places: Range<usize>, names: &[&str]| places.any(|i| called(i, names));
    if body.clone().any(|i| called(i, &["count"]) && tokens.get(i, 2).is("distinct")) || any(body.clone(), &DISTINCT) {
        return Made::Distinct;
    }
    let aggregates = |mut places: Box<dyn Iterator<Item = usize> + '_>| places.any(|i| called(i, &AGGREGATES));
    let within = |i: usize| openings(tokens, (body.start..i).rev()).any(|at| tokens.get(at, -1).is_any(&AGGREGATES));
    let divided = |i: usize| {
        tokens.get(i, 0).is("/")
            && !within(i)
            && aggregates(Box::new(operand(tokens, (body.start..i).rev(), &CLOSE, &OPEN)))
            && aggregates(Box::new(operand(tokens, i + 1..body.end, &OPEN, &CLOSE)))
    };
    match any(body.clone(), &AVERAGES) || body.clone().any(divided) {
        true => Made::Average,
        false => Made::Otherwise,
    }
}

const OPEN: [&str; 2] = ["(", "case"];
const CLOSE: [&str; 2] = [")", "end"];

/// What stands on one side of a `/`, from there outwards: as far as the next sum, choice or comparison of its own depth.
fn operand(
    tokens: &Tokens,
    places: impl Iterator<Item = usize>,
    inward: &[&str],
    outward: &[&str],
) -> impl Iterator<Item = usize> {
    const ENDS: [&str; 13] = ["+", "-", ",", "<", ">", "=", "when", "then", "else", "and", "or", "select", "from"];
    let mut depth = 0_usize;
    places.take_while(move |i| {
        let token = tokens.get(*i, 0);
        if token.is_any(inward) {
            depth += 1;
        } else if token.is_any(outward) {
            let Some(outer) = depth.checked_sub(1) else { return false };
            depth = outer;
        }
        depth > 0 || !token.is_any(&ENDS)
    })
}

/// The parentheses around a place, given the places before it, the last first.
fn openings(tokens: &Tokens, before: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
    let mut closed = 0_usize;
    before.filter(move |i| {
        let token = tokens.get(*i, 0);
        closed += usize::from(token.is(")"));
        let opens = token.is("(");
        let around = opens && closed == 0;
        closed -= usize::from(opens && !around);
        around
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::sql::Statement;

    fn made(sql: &str) -> Vec<(String, Made)> {
        let statement =
            Statement::parse(sql, Engine::Postgres).unwrap_or_else(|problems| panic!("{sql}: {problems:?}"));
        statement.items().iter().map(|item| (item.name.clone(), item.made)).collect()
    }

    #[test]
    fn columns_are_known_by_what_makes_them() {
        let check = |sql: &str, expected: &[(&str, Made)]| {
            let expected: Vec<_> = expected.iter().map(|(name, made)| ((*name).to_owned(), *made)).collect();
            assert_eq!(made(sql), expected, "{sql}");
        };
        use Made::{Average, Distinct, Otherwise};
        check("SELECT date(at) AS day, count(*) n FROM t", &[("day", Otherwise), ("n", Otherwise)]);
        check("SELECT t.day, count(DISTINCT a, b) AS people FROM t", &[("day", Otherwise), ("people", Distinct)]);
        check("SELECT coalesce(COUNT( distinct x), 0) \"P\" FROM t", &[("P", Distinct)]);
        check(
            "SELECT avg(x) a, sum(x) / count(*) b, sum(x / 100) c FROM t",
            &[("a", Average), ("b", Average), ("c", Otherwise)],
        );
        check("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median FROM t", &[("median", Average)]);
        check(
            "WITH a AS (SELECT avg(x) AS n FROM t) SELECT n, (SELECT avg(y) FROM u) AS m FROM a",
            &[("n", Otherwise), ("m", Average)],
        );
        check(
            "SELECT sum(x / 100.0) + sum(y) AS a, sum(x) / 100.0 + sum(y) AS b, sum(y) - 2 / sum(x) AS c FROM t",
            &[("a", Otherwise), ("b", Otherwise), ("c", Otherwise)],
        );
        check(
            "SELECT round(sum(x) * 1.0 / nullif(count(*), 0), 2) AS a, 1 + 100 * sum(x) / (1 + count(*)) AS b FROM t",
            &[("a", Average), ("b", Average)],
        );
        check(
            "SELECT CASE WHEN count(*) > 0 THEN sum(x) / 100 ELSE sum(y) END AS a, \
             sum(x) / CASE WHEN count(*) = 0 THEN 1 ELSE count(*) END AS b FROM t",
            &[("a", Otherwise), ("b", Average)],
        );
        check("SELECT 'avg(' AS a, sum(avg) AS b FROM t", &[("a", Otherwise), ("b", Otherwise)]);
    }

    #[test]
    fn nothing_is_known_of_what_has_no_name_or_is_put_together() {
        for sql in ["SELECT * FROM t", "SELECT count(*) FROM t", "SELECT avg(x) AS a FROM t UNION ALL SELECT 1 AS a"] {
            assert_eq!(made(sql), [], "{sql}");
        }
    }

    #[test]
    fn days_become_one_only_where_that_is_sure() {
        let check = |sql: &str, expected: Option<&str>| {
            let statement = Statement::parse(sql, Engine::Postgres).unwrap();
            let whole = statement.on_one_day("day", "2026-11-16").map(|statement| statement.text);
            assert_eq!(whole.as_deref(), expected, "{sql}");
        };
        check(
            "SELECT date(at) AS day, c, count(DISTINCT x) AS n FROM t WHERE at >= :start GROUP BY 1, 2",
            Some("SELECT '2026-11-16' AS day, c, count(DISTINCT x) AS n FROM t WHERE at >= :start GROUP BY 1, 2"),
        );
        check(
            "SELECT t.day, count(DISTINCT x) AS n FROM t WHERE day >= :start_date GROUP BY 1 ORDER BY 1;",
            Some(
                "SELECT '2026-11-16' AS day, count(DISTINCT x) AS n FROM t WHERE day >= :start_date GROUP BY 1 ORDER BY 1;",
            ),
        );
        check("SELECT date(at) AS day, count(*) AS n FROM t GROUP BY day", None);
        check("SELECT date(at) AS day, count(*) AS n FROM t GROUP BY date(at)", None);
        check("SELECT date(at) AS day, count(*) AS n FROM t WHERE day > 1 GROUP BY 1", None);
        check("SELECT c, date(at) AS day, count(*) AS n FROM t GROUP BY 1", None);
        check("SELECT day, n FROM t", None);
    }
}
