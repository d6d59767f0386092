//! `target:` in all its forms → [`Target`].

use super::names::{self, Scope, Written};
use crate::calendar::Cadence;
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::fields::{COMMA, Fields, Table, is_cut_off, items, map, wrong_type};
use crate::catalog::form::{Choice, Form, Named, Pattern, key, required, words};
use crate::catalog::node::{Node, Value};
use crate::catalog::scalar::{PERCENT, choice, line, number, parse_number, percent};
use crate::catalog::warnings;
use crate::measure::{Dated, Goal, Level, Target, Unit};
use crate::text::Name;
use jiff::civil::Date;
use std::collections::BTreeMap;

pub(super) const FORM: Form = Form::OneOf(&[Form::Amount, Form::Table(&TARGET), Form::List(&Form::Table(&DATED))]);

static TARGET: Table = Table {
    what: "a target",
    keys: &[
        key("value", "the number to reach", Form::Amount).examples(&["250", "25%"]),
        key("between", "the band to stay in: `[20, 30]`", Form::Band(&Form::Amount)).examples(&["[20, 30]"]),
        key("formula", "a number computed like a KPI", Form::Formula).examples(&["previous(leads.created) * 1.05"]),
        key(
            "near",
            "missed by no more than this share of the target is near: `10%`; `5%` by default",
            Form::Pattern(&PERCENT),
        )
        .examples(&["10%"]),
        key(
            "per",
            "the amount is for a `day`, `week`, `month`, `quarter` or `year`, and prorated by days",
            Form::Words(&words(&CADENCES)),
        ),
        key(
            "by",
            "other numbers for segments of the breakdown: dimension → segment → number",
            Form::Map(
                &Form::Name(Named::Dimension),
                &Form::Map(&Form::Text, &Form::OneOf(&[Form::Amount, Form::Band(&Form::Amount)])),
            ),
        )
        .examples(&["{ channel: { organic: 0.05, paid: 0.02 } }"]),
    ],
};

static DATED: Table = Table {
    what: "a dated target",
    keys: &[
        required("from", "the first day it holds: `2026-01-01`", Form::Pattern(&DAY)).examples(&["2026-01-01"]),
        key("value", "the number to reach", Form::Amount).examples(&["250", "25%"]),
        key("between", "the band to stay in: `[20, 30]`", Form::Band(&Form::Amount)).examples(&["[20, 30]"]),
        key("why", "what the report says about the change", Form::Text).examples(&["Budget 2026"]),
    ],
};

static DAY: Pattern = Pattern { doc: "a day: `2026-01-31`", regex: r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$" };

/// What a KPI says about itself that its target depends on.
pub(super) struct Judged<'a> {
    /// None: it is wrong, and numbers of any unit are taken.
    pub unit: Option<&'a Unit>,
    pub breakdown: Option<&'a Name>,
    pub scope: Scope<'a>,
}

/// A target, and the formula in it with its place.
pub(super) struct Read<'a> {
    pub target: Target,
    pub written: Option<Written<'a>>,
}

pub(super) fn read<'a>(cx: &'a Context<'a>, node: &'a Node, at: Place, judged: &Judged) -> Option<Read<'a>> {
    let plain = |goal| Target { goal, near: 0.05, per: None, by: BTreeMap::new() };
    match &node.value {
        Value::Map(_) => full(cx, node, at, judged),
        Value::List(_) => Some(Read { target: plain(Goal::Dated(dated(cx, node, judged)?)), written: None }),
        Value::Scalar { .. } | Value::Unknown => {
            let value = amount(cx, node, judged.unit)?;
            Some(Read { target: plain(Goal::Level(Level::Value(value))), written: None })
        }
    }
}

fn full<'a>(cx: &'a Context<'a>, node: &'a Node, at: Place, judged: &Judged) -> Option<Read<'a>> {
    let fields = Fields::read(cx, node, at, &TARGET)?;
    let near = fields.optional("near", near).unwrap_or(0.05);
    let per = fields.optional("per", cadence);
    let by = fields.optional("by", |cx, node| by(cx, node, judged)).unwrap_or_default();
    let written = fields.optional("formula", |cx, node| names::formula(cx, node, judged.scope));
    let chosen = ["value", "between", "formula"].iter().filter(|key| fields.has(key)).count();
    if chosen != 1 {
        let problem = Problem::error("bad-target", at, "a target has one of `value`, `between` and `formula`");
        return cx.refuse(
            problem.help("for other values in other times write a list: `- { from: 2026-01-01, value: 240 }`"),
        );
    }
    let goal = match fields.has("formula") {
        true => Goal::Formula(written.as_ref()?.formula.clone()),
        false => Goal::Level(level(&fields, judged.unit)?),
    };
    Some(Read { target: Target { goal, near, per, by }, written })
}

fn near(cx: &Context, node: &Node) -> Option<f64> {
    let share = percent(cx, node)?;
    if (0.0..=1.0).contains(&share) {
        return Some(share);
    }
    cx.refuse(Problem::error("out-of-range", node.place, "`near` lies between `0%` and `100%`"))
}

pub(super) fn cadence(cx: &Context, node: &Node) -> Option<Cadence> {
    choice(cx, node, &CADENCES)
}

pub(super) const CADENCES: [Choice<Cadence>; 5] = [
    ("day", Cadence::Day, ""),
    ("week", Cadence::Week, "beginning with `settings.week_starts`"),
    ("month", Cadence::Month, ""),
    ("quarter", Cadence::Quarter, "of the fiscal year"),
    ("year", Cadence::Year, "beginning with `settings.fiscal_year_starts`"),
];

/// `value` or `between` of a mapping that has one of them.
fn level(fields: &Fields, unit: Option<&Unit>) -> Option<Level> {
    match fields.has("between") {
        true => fields.optional("between", |cx, node| band(cx, node, unit)),
        false => {
            if !fields.has("value") {
                fields.missing("value");
            }
            fields.optional("value", |cx, node| amount(cx, node, unit)).map(Level::Value)
        }
    }
}

fn band(cx: &Context, node: &Node, unit: Option<&Unit>) -> Option<Level> {
    let ends = items(cx, node, "two numbers")?;
    let [low, high] = ends else {
        let problem = Problem::error("bad-target", node.place, "a band has two ends: `[20, 30]`");
        let help = (ends.len() > 2).then(|| "the comma stands between the two; the decimal point is `.`".to_owned());
        return cx.refuse(problem.maybe_help(help));
    };
    let (low, high) = (amount(cx, low, unit), amount(cx, high, unit));
    let (low, high) = (low?, high?);
    if low <= high {
        return Some(Level::Between(low, high));
    }
    let problem = Problem::error("bad-target", node.place, "the band is upside down");
    cx.refuse(problem.help(format!("write the lower end first: `[{high}, {low}]`")))
}

/// A number in the KPI's unit; a share may be written as a percentage.
pub(super) fn quantity(cx: &Context, node: &Node, unit: Option<&Unit>) -> Option<f64> {
    match percentage(node) {
        None => number(cx, node),
        Some(share) if unit.is_none_or(|unit| *unit == Unit::Percent) => Some(share / 100.0),
        Some(_) => {
            let problem = Problem::error("wrong-type", node.place, "only a KPI in percent takes a percentage");
            cx.refuse(problem.help("add `unit: percent` to the KPI, or write the number itself: `0.1` for 10 %"))
        }
    }
}

/// The number of `10%`.
fn percentage(node: &Node) -> Option<f64> {
    parse_number(node.plain()?.strip_suffix('%')?.trim_end()).ok()
}

/// The same, for a target: there a share above 1 is likely to be a mistake.
fn amount(cx: &Context, node: &Node, unit: Option<&Unit>) -> Option<f64> {
    let number = quantity(cx, node, unit)?;
    if unit == Some(&Unit::Percent) && !is_cut(cx, node) && percentage(node).is_none() && number.abs() > 1.0 {
        let message = format!("{number} is {} % of the whole", number * 100.0);
        let help = format!(
            "write `{number}%` or `{}` for {number} %, or `{}%` if it is meant",
            number / 100.0,
            number * 100.0
        );
        cx.report(Problem::warning(&warnings::SHARE_ABOVE_ONE, node.place, message).help(help));
    }
    Some(number)
}

/// Whether a decimal comma ends the number here, as in `{ value: 3,5% }`: that has been said.
fn is_cut(cx: &Context, node: &Node) -> bool {
    let rest = cx.behind(node.place).strip_prefix(',');
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn dated(cx: &Context, node: &Node, judged: &Judged) -> Option<Vec<Dated>> {
    let list = items(cx, node, "dated targets")?;
    if list.is_empty() {
        return cx.refuse(Problem::error("empty-list", node.place, "no target is listed here"));
    }
    let mut targets: Vec<(Dated, Place)> = Vec::new();
    for item in list {
        let Some(fields) = Fields::read(cx, item, item.place, &DATED) else { continue };
        let from = fields.required("from", date);
        let why = fields.optional("why", line);
        let level = match fields.has("value") && fields.has("between") {
            true => {
                cx.refuse(Problem::error("bad-target", item.place, "a dated target has one of `value` and `between`"))
            }
            false => level(&fields, judged.unit),
        };
        let place = fields.entry("from").map_or(item.place, |entry| entry.node.place);
        if let (Some(from), Some(level)) = (from, level) {
            targets.push((Dated { from, level, why }, place));
        }
    }
    for pair in targets.windows(2) {
        let [(before, first), (after, place)] = pair else { continue };
        if after.from <= before.from {
            let message = match after.from == before.from {
                true => format!("two targets begin on {}", after.from),
                false => format!("{} stands after {}", after.from, before.from),
            };
            let problem = Problem::error("bad-target", *place, message).also(*first, "the one before");
            cx.report(problem.help("list dated targets from the oldest to the newest, one a day"));
        }
    }
    Some(targets.into_iter().map(|(dated, _)| dated).collect())
}

fn date(cx: &Context, node: &Node) -> Option<Date> {
    let text = line(cx, node)?;
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let date = text.parse().ok().filter(|_| shaped);
    date.or_else(|| {
        let why = if shaped { "no such day" } else { "not a day such as `2026-01-31`" };
        cx.refuse(Problem::error("bad-date", node.place, format!("`{text}` is {why}")))
    })
}

/// `{ channel: { organic: 0.05 } }`
fn by(cx: &Context, node: &Node, judged: &Judged) -> Option<BTreeMap<Name, BTreeMap<Name, Level>>> {
    let mut read = BTreeMap::new();
    for entry in map(cx, node, "`by`: dimension → segment → number")? {
        if judged.breakdown.is_none_or(|breakdown| **breakdown != *entry.key) {
            let message = format!("the KPI is not broken down by `{}`", entry.key);
            let help = match judged.breakdown {
                Some(breakdown) => format!("its breakdown is `{breakdown}`"),
                None => format!("add `breakdown: {}` to the KPI", entry.key),
            };
            cx.report(Problem::error("bad-target", entry.at, message).help(help));
        }
        let levels = map(cx, &entry.node, "segment → number").unwrap_or_default().iter();
        let levels = levels.filter_map(|level| {
            if level.node.is_null() && is_cut_off(&level.key) {
                return cx.refuse(Problem::error("wrong-type", level.at, "a segment without a number").help(COMMA));
            }
            Some((Name::from(&*level.key), segment(cx, &level.node, judged.unit)?))
        });
        read.insert(Name::from(&*entry.key), levels.collect());
    }
    Some(read)
}

/// A number, or a band as a list of two.
fn segment(cx: &Context, node: &Node, unit: Option<&Unit>) -> Option<Level> {
    match &node.value {
        Value::List(_) => band(cx, node, unit),
        Value::Map(_) => wrong_type(cx, node, "a number, or a band `[20, 30]`"),
        Value::Scalar { .. } | Value::Unknown => amount(cx, node, unit).map(Level::Value),
    }
}
