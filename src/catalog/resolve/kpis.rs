//! `kpis:` → [`Kpi`].

use super::address::{ADDRESS, email};
use super::names::{self, Scope, Written};
use super::sections::{Declared, Section};
use super::sources::Shapes;
use super::texts::Texts;
use super::{graph, targets, tests};
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::fields::{Fields, Table, list_of, map, wrong_type};
use crate::catalog::form::{Choice, Form, Named, Pattern, Snippet, key, required, words};
use crate::catalog::node::{Node, Value};
use crate::catalog::scalar::{choice, integer, line, name, number, parsed};
use crate::catalog::{currency, fields, warnings};
use crate::measure::{AtLeast, Filter, Goal, Good, Kpi, KpiTest, Level, Target, Unit};
use crate::text::{Name, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

pub(super) static KPI: Table = Table {
    what: "a KPI",
    keys: &[
        key("name", "what readers see; by default made from the KPI's own name", Form::Texts)
            .examples(&["Cost per lead", "{ es: Coste por lead, en: Cost per lead }"]),
        key("description", "what it means, for readers", Form::Texts),
        required("formula", "from `source.measure` and other KPIs: `spend.cost / leads.created`", Form::Formula)
            .examples(&["spend.cost / leads.created"]),
        key("over", "a wider window: `trailing 12 months`, `month_to_date`, …", Form::Pattern(&OVER)).examples(&[
            "trailing 12 months",
            "trailing 4 weeks",
            "trailing 90 days",
            "month_to_date",
            "quarter_to_date",
            "year_to_date",
        ]),
        key(
            "where",
            "dimension → value, or list of values, that it keeps",
            Form::Map(&Form::Name(Named::Dimension), &Form::OneOf(&[Form::Segment, Form::List(&Form::Segment)])),
        )
        .examples(&["{ device: [mobile, tablet] }"]),
        key("breakdown", "dimension it is also measured by", Form::Name(Named::Dimension)),
        key(
            "at_least",
            "sample below which it is not judged: `{ of: source.measure, n: 100 }`",
            Form::Table(&AT_LEAST),
        )
        .examples(&["{ of: leads.created, n: 100 }"]),
        key(
            "unit",
            "what it counts in: `count`, `number`, `percent`, `currency`, `currency:USD`, `ratio`, `minutes`, `hours` or `days`",
            UNIT,
        ),
        key("decimals", "digits after the decimal point, 0 to 9; by the unit when absent", Form::Whole(DECIMALS)),
        key("good", "which way is better: `up`, `down` or `neutral`", Form::Words(&words(&GOODS))),
        key("target", "what it should be", targets::FORM).examples(&[
            "250",
            "{ value: 250, near: 10% }",
            "{ between: [20, 30] }",
            "{ value: 900, per: quarter }",
            "[{ from: 2026-01-01, value: 240, why: Budget 2026 }]",
        ]),
        key("owner", "address of who answers for it", Form::Pattern(&ADDRESS)).examples(&["marketing@example.com"]),
        key("tags", "list of words to find it by", Form::List(&Form::Text)),
        key("tests", "list of `{ given: { input: value }, expect: value }`", Form::List(&Form::Table(&tests::TEST)))
            .examples(&["[{ given: { spend.cost: 900, leads.created: 4 }, expect: 225 }]"]),
    ],
};

pub(super) static NEW: Snippet = Snippet {
    what: "a new KPI",
    body: r#"
"${1:new_leads}":
  name: "${2:New leads}"
  description: "${3:Contacts made in the period}"
  formula: "${4:leads.created}"
  unit: "${5|count,number,percent,currency,ratio,minutes,hours,days|}"
  good: "${6|up,down,neutral|}"
  target: "${7:100}"
"#,
};

static AT_LEAST: Table = Table {
    what: "`at_least`",
    keys: &[
        required("of", "the sample: `sessions.visits`", Form::Formula),
        required("n", "how large it must be", Form::Number).examples(&["100"]),
    ],
};

const DECIMALS: RangeInclusive<u32> = 0..=9;

static OVER: Pattern = Pattern {
    doc: "`trailing 90 days`, `trailing 12 weeks`, `trailing 3 months`, `month_to_date`, `quarter_to_date` or `year_to_date`, up to the end of the report's period",
    regex: r"^\s*(trailing\s+[0-9]+\s+(day|week|month)s?|(month|quarter|year)_to_date)\s*$",
};

/// A KPI being read: what is known about it however much of it is wrong, with places.
pub(super) struct Draft<'a> {
    pub name: Name,
    pub at: Place,
    pub formula: Option<Written<'a>>,
    /// The `of` of its `at_least`.
    pub sample: Option<Written<'a>>,
    pub target_formula: Option<Written<'a>>,
    pub filters: Vec<(Name, Place)>,
    pub breakdown: Option<(Name, Place)>,
    /// None: it is wrong.
    unit: Option<Unit>,
    kpi: Option<Kpi>,
}

pub(super) fn read(cx: &Context, section: &Section, shapes: &Shapes, texts: &Texts) -> (Vec<Arc<Kpi>>, Vec<KpiTest>) {
    let scope = Scope { shapes, kpis: section };
    let mut all_tests = Vec::new();
    let drafts: Vec<Draft> = section
        .list
        .iter()
        .map(|declared| match Fields::read(cx, &declared.node, declared.at, &KPI) {
            Some(fields) => {
                let reader = Reader { cx, fields, declared, scope, texts };
                let draft = reader.draft();
                let tested = tests::Tested { name: &declared.name, unit: draft.unit.as_ref(), scope };
                all_tests.extend(tests::read(cx, &reader.fields, &tested));
                draft
            }
            None => Draft::unreadable(declared),
        })
        .collect();
    graph::check(cx, section, shapes, &drafts);
    (drafts.into_iter().filter_map(|draft| draft.kpi.map(Arc::new)).collect(), all_tests)
}

impl Draft<'_> {
    fn unreadable(declared: &Declared) -> Self {
        let (name, at) = (declared.name.clone(), declared.at);
        let (formula, sample, target_formula) = (None, None, None);
        Draft { name, at, formula, sample, target_formula, filters: Vec::new(), breakdown: None, unit: None, kpi: None }
    }
}

/// What of a KPI depends on one another.
struct Judgement {
    unit: Unit,
    filter: Filter,
    breakdown: Option<Name>,
    at_least: Option<AtLeast>,
    target: Option<Target>,
    good: Option<Good>,
}

struct Reader<'a> {
    cx: &'a Context<'a>,
    fields: Fields<'a>,
    declared: &'a Declared,
    scope: Scope<'a>,
    texts: &'a Texts,
}

impl<'a> Reader<'a> {
    fn draft(&self) -> Draft<'a> {
        let fields = &self.fields;
        let formula = fields.required("formula", |cx, node| names::formula(cx, node, self.scope));
        let read_unit = fields.optional("unit", unit);
        let wrong_unit = fields.has("unit") && read_unit.is_none();
        let unit = read_unit.unwrap_or(Unit::Number);
        let (filter, filters) = fields.optional("where", filter).unwrap_or_default();
        let breakdown = fields.optional("breakdown", name);
        let (at_least, sample) = fields.optional("at_least", |_, node| self.at_least(node)).unzip();
        let judged =
            targets::Judged { unit: (!wrong_unit).then_some(&unit), breakdown: breakdown.as_ref(), scope: self.scope };
        let target = fields.optional("target", |cx, node| targets::read(cx, node, fields.key_place("target"), &judged));
        let (target, target_formula) = target.map_or((None, None), |read| (Some(read.target), read.written));
        let good = fields.optional("good", |cx, node| choice(cx, node, &GOODS));
        self.check_good(good, target.as_ref());
        self.check_breakdown(&filter, breakdown.as_ref());
        let known_unit = (!wrong_unit).then(|| unit.clone());
        let kpi = self
            .kpi(Judgement { unit, filter, breakdown: breakdown.clone(), at_least, target, good }, formula.as_ref());
        let breakdown = breakdown.zip(fields.entry("breakdown").map(|entry| entry.node.place));
        let (name, at) = (self.declared.name.clone(), self.declared.at);
        Draft { name, at, formula, sample, target_formula, filters, breakdown, unit: known_unit, kpi }
    }

    /// The KPI itself; `None` without a formula. Reads what nothing else depends on.
    fn kpi(&self, judgement: Judgement, formula: Option<&Written>) -> Option<Kpi> {
        let (fields, texts, id) = (&self.fields, self.texts, &self.declared.name);
        let Judgement { unit, filter, breakdown, at_least, target, good } = judgement;
        let name = fields.optional("name", |cx, node| texts.line(cx, node)).unwrap_or_else(|| title(id));
        let description = fields.optional("description", |cx, node| texts.block(cx, node));
        let decimals =
            fields.optional("decimals", |cx, node| integer(cx, node, DECIMALS)).map(|decimals| decimals as u8);
        let over = fields.optional("over", parsed);
        let owner = fields.optional("owner", email);
        let tags = fields.optional("tags", |cx, node| list_of(cx, node, "words", line)).unwrap_or_default();
        let (id, formula) = (id.clone(), formula?.formula.clone());
        Some(Kpi {
            id,
            name,
            description,
            formula,
            unit,
            decimals,
            good,
            target,
            filter,
            breakdown,
            over,
            at_least,
            owner,
            tags,
        })
    }

    fn at_least(&self, node: &'a Node) -> Option<(AtLeast, Written<'a>)> {
        let fields = Fields::read(self.cx, node, self.fields.key_place("at_least"), &AT_LEAST)?;
        let n = fields.required("n", |cx, node| {
            let n = number(cx, node)?;
            if n > 0.0 {
                Some(n)
            } else {
                cx.refuse(Problem::error("out-of-range", node.place, "the sample must be above 0"))
            }
        });
        let of = fields.required("of", |cx, node| names::formula(cx, node, self.scope))?;
        Some((AtLeast { of: of.formula.clone(), n: n? }, of))
    }

    /// Which way is good must be known, unless a band says it all.
    fn check_good(&self, good: Option<Good>, target: Option<&Target>) {
        let fields = &self.fields;
        let broken_target = fields.has("target") && target.is_none();
        let one_number = target.is_some_and(has_number);
        if !fields.has("good") && !broken_target && (target.is_none() || one_number) {
            fields.missing("good");
        }
        if good == Some(Good::Neutral) && one_number {
            let problem =
                Problem::error("bad-target", fields.key_place("target"), "a neutral KPI can't reach a number");
            let help = "write a band: `target: { between: [20, 30] }`, or `good: up` or `down`";
            self.cx.report(problem.also(fields.key_place("good"), "neutral by this").help(help));
        }
    }

    fn check_breakdown(&self, filter: &Filter, breakdown: Option<&Name>) {
        let Some(breakdown) = breakdown else { return };
        if filter.get(breakdown).is_some_and(|kept| kept.len() == 1) {
            let message = format!("a breakdown by `{breakdown}` has one segment only: `where` keeps no other");
            let problem = Problem::warning(&warnings::ONE_SEGMENT, self.fields.key_place("breakdown"), message);
            self.cx.report(problem.also(self.fields.key_place("where"), "`where`"));
        }
    }
}

/// Whether some level of the target is a number to reach rather than a band.
fn has_number(target: &Target) -> bool {
    let number = |level: &Level| matches!(level, Level::Value(_));
    let goal = match &target.goal {
        Goal::Level(level) => number(level),
        Goal::Dated(list) => list.iter().any(|dated| number(&dated.level)),
        Goal::Formula(_) => true,
    };
    goal || target.by.values().flat_map(BTreeMap::values).any(number)
}

const GOODS: [Choice<Good>; 3] = [
    ("up", Good::Up, "more is better: the target is the least it should be"),
    ("down", Good::Down, "less is better: the target is the most it should be"),
    ("neutral", Good::Neutral, "neither: its target can only be a band, `{ between: [20, 30] }`"),
];

static UNITS: [Choice<Unit>; 8] = [
    ("count", Unit::Count, "how many: 1,234"),
    ("number", Unit::Number, "the default: 12.34"),
    ("percent", Unit::Percent, "a share: the formula gives 0.25, readers see 25 %"),
    ("currency", Unit::Currency(None), "money in the installation's currency"),
    ("ratio", Unit::Ratio, "one thing for each of another: 2.50"),
    ("minutes", Unit::Minutes, "a duration"),
    ("hours", Unit::Hours, "a duration"),
    ("days", Unit::Days, "a duration"),
];

pub(super) const UNIT: Form = Form::OneOf(&[Form::Words(&words(&UNITS)), Form::Pattern(&MONEY)]);

static MONEY: Pattern =
    Pattern { doc: "`currency:USD`: money in a currency of its own.", regex: r"^\s*currency:[A-Z]{3}\s*$" };

/// `mobile_conversion` → "Mobile conversion".
pub(super) fn title(name: &str) -> Text {
    let spaced = name.replace('_', " ");
    let mut chars = spaced.trim().chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    Text::Same(first + chars.as_str())
}

pub(super) fn unit(cx: &Context, node: &Node) -> Option<Unit> {
    let text = line(cx, node)?;
    if let Some(code) = text.strip_prefix("currency:") {
        if currency::is_code(code) {
            return Some(Unit::Currency(Some(code.to_owned())));
        }
        let problem = Problem::error("unknown-name", node.place, format!("unknown currency `{code}`"));
        return cx.refuse(problem.did_you_mean(cx.near(code, currency::CODES.into_iter())));
    }
    let names = || UNITS.iter().map(|(name, ..)| *name);
    UNITS.iter().find(|(name, ..)| *name == text).map(|(_, unit, _)| unit.clone()).or_else(|| {
        let problem = Problem::error("unknown-name", node.place, format!("unknown unit `{text}`"));
        let help = format!("units are {} and `currency:USD`", fields::list(names()));
        let near = meant(&text).or_else(|| cx.near(&text, names()));
        cx.refuse(problem.did_you_mean(near).help(help))
    })
}

/// What the units of other places are called here.
fn meant(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "€" | "$" | "£" | "eur" | "euro" | "euros" | "usd" | "dollar" | "dollars" | "money" => Some("currency"),
        "%" | "percentage" | "porcentaje" | "por ciento" => Some("percent"),
        _ => None,
    }
}

/// The filter, and where each of its dimensions stands.
fn filter(cx: &Context, node: &Node) -> Option<(Filter, Vec<(Name, Place)>)> {
    let mut filter = Filter::new();
    let mut places = Vec::new();
    for entry in map(cx, node, "`where`: dimension → value")? {
        let dimension = Name::from(&*entry.key);
        let values: Option<BTreeSet<Option<Name>>> = match &entry.node.value {
            Value::List(values) if values.is_empty() => {
                let problem = Problem::error("empty-list", entry.node.place, "an empty list keeps nothing");
                cx.refuse(problem.help("list the values to keep, or remove the key"))
            }
            Value::List(values) => Some(values.iter().filter_map(|value| segment(cx, value)).flatten().collect()),
            _ => segment(cx, &entry.node).map(|values| values.into_iter().collect()),
        };
        places.push((dimension.clone(), entry.at));
        filter.insert(dimension, values.unwrap_or_default());
    }
    Some((filter, places))
}

/// A value of a dimension as its text, whatever it looks like; `null` is NULL. A plain `true` or `false` is also the 1 or 0 that a
/// boolean is in SQLite and MySQL.
fn segment(cx: &Context, node: &Node) -> Option<Vec<Option<Name>>> {
    let number = match node.plain() {
        Some("true") => Some("1"),
        Some("false") => Some("0"),
        _ => None,
    };
    match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => {
            Some([text.as_str()].into_iter().chain(number).map(|text| Some(text.into())).collect())
        }
        Value::Scalar { .. } => Some(vec![None]),
        _ => wrong_type(cx, node, "a value, or a list of values"),
    }
}
