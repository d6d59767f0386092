//! What a formula's number counts in, inferred from what its inputs count in (pure).
//!
//! In: a formula, and the [`Quantity`] of each of its names. Out: that of the whole, and every [`Clash`]: things added, compared or
//! chosen between that can't be. Counts and shares have no dimension: leads ÷ visits is a share, euros ÷ leads are euros. Where anything
//! is unknown the outcome is, so that nothing false is said; a factor written as a number may convert (`/ 24`, `* 0.92`), so that
//! what it touches fits any currency or any span of time. Deliberately absent: conversions, for kpid never converts.

use super::kpi::Unit;
use crate::formula::{Binary, Expr, Formula, Function, Input, Leaf, Reference};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What a number counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    Unknown,
    /// A number written in the formula: fits everything.
    Literal,
    /// Things counted.
    Count,
    /// A KPI or measure that is a rate by its unit: percent or ratio.
    Rate,
    /// One quantity divided by its like.
    Share,
    /// Money by money, time by time: a share, or how often the one goes into the other, which counts.
    Cancelled,
    /// Money and time, multiplied and divided.
    Of(Dimensions),
}

/// Powers of money and time; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dimensions {
    powers: BTreeMap<Base, i8>,
    /// A number in the formula may have converted it.
    scaled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Base {
    /// ISO 4217.
    Currency(String),
    Minutes,
    Hours,
    Days,
}

/// Two sides that don't go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    pub kind: ClashKind,
    /// What is done with the two: "added".
    pub done: &'static str,
    pub left: Side,
    pub right: Side,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    pub quantity: Quantity,
    /// Positions among [`Formula::leaves`].
    pub leaves: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClashKind {
    /// Euros and dollars.
    Currencies,
    /// Hours and days.
    Times,
    /// Money and time, counts and shares.
    Kinds,
    /// Rates of different things summed up.
    Rates,
}

/// What was found out about a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    pub quantity: Quantity,
    pub clashes: Vec<Clash>,
}

impl Quantity {
    /// `currency` is the installation's.
    pub fn of_unit(unit: &Unit, currency: &str) -> Quantity {
        let base = match unit {
            Unit::Number => return Quantity::Unknown,
            Unit::Count => return Quantity::Count,
            Unit::Percent | Unit::Ratio => return Quantity::Rate,
            Unit::Currency(code) => Base::Currency(code.clone().unwrap_or_else(|| currency.to_owned())),
            Unit::Minutes => Base::Minutes,
            Unit::Hours => Base::Hours,
            Unit::Days => Base::Days,
        };
        Quantity::Of(Dimensions { powers: BTreeMap::from([(base, 1)]), scaled: false })
    }

    /// Why a sum or a choice of the two makes no sense; `None` when it may make some.
    pub fn clash(&self, other: &Quantity) -> Option<ClashKind> {
        use Quantity::{Cancelled, Count, Literal, Of, Rate, Share, Unknown};
        match (self, other) {
            (Unknown | Literal, _) | (_, Unknown | Literal) => None,
            (Count | Cancelled, Count | Cancelled) => None,
            (Rate | Share | Cancelled, Rate | Share | Cancelled) => None,
            (Of(a), Of(b)) => a.clash(b),
            _ => Some(ClashKind::Kinds),
        }
    }

    /// Money or time to the first power, a count or a share: what a KPI can have for a unit. Euros per hour can't.
    pub fn is_simple(&self) -> bool {
        match self {
            Quantity::Unknown | Quantity::Literal => false,
            Quantity::Count | Quantity::Rate | Quantity::Share | Quantity::Cancelled => true,
            Quantity::Of(dimensions) => dimensions.powers.values().eq([&1]),
        }
    }

    /// Whether money of several currencies, or money by money, is left over: "USD / EUR", "EUR²".
    pub fn has_uncancelled_money(&self) -> bool {
        let Quantity::Of(Dimensions { powers, scaled: false }) = self else { return false };
        let money: Vec<i8> =
            powers.iter().filter(|(base, _)| matches!(base, Base::Currency(_))).map(|(_, power)| *power).collect();
        money.len() > 1 || money.iter().any(|power| *power > 1)
    }

    fn is_rate(&self) -> bool {
        *self == Quantity::Rate
    }

    fn scaled(self) -> Quantity {
        match self {
            Quantity::Of(dimensions) => Quantity::Of(Dimensions { scaled: true, ..dimensions }),
            Quantity::Literal => Quantity::Literal,
            // 40 euros a lead, 365 days by a ratio: what comes of it is anybody's guess.
            _ => Quantity::Unknown,
        }
    }

    fn times(self, other: Quantity, sign: i8) -> Quantity {
        use Quantity::{Cancelled, Count, Literal, Of, Rate, Share, Unknown};
        match (self, other) {
            (Unknown, _) | (_, Unknown) => Unknown,
            // It may be a rate of exchange.
            (Of(a), Rate) if a.has_money() => Of(a).scaled(),
            (Rate, Of(b)) if b.has_money() => Dimensions::default().times(b, sign).scaled(),
            (quantity, Literal) => quantity.scaled(),
            (Literal, quantity) if sign > 0 => quantity.scaled(),
            (Literal, _) => Unknown,
            (Of(a), Of(b)) => a.times(b, sign),
            (Of(a), _) => Of(a),
            (_, Of(b)) => Dimensions::default().times(b, sign),
            (Count, Count) if sign < 0 => Share,
            (Cancelled, Count) | (Count, Cancelled) => Unknown,
            (Cancelled, _) | (_, Cancelled) => Cancelled,
            (Count, Rate | Share) | (Rate | Share, Count) if sign > 0 => Count,
            (Count, _) | (_, Count) => Unknown,
            (Rate | Share, Rate | Share) => Share,
        }
    }
}

impl Dimensions {
    fn times(mut self, other: Dimensions, sign: i8) -> Quantity {
        for (base, power) in other.powers {
            let sum = self.powers.entry(base).or_default();
            *sum = sum.saturating_add(sign * power);
        }
        self.powers.retain(|_, power| *power != 0);
        self.scaled |= other.scaled;
        let plain = if self.scaled { self.collapsed() } else { self.powers.clone() };
        if plain.is_empty() { Quantity::Cancelled } else { Quantity::Of(self) }
    }

    fn has_money(&self) -> bool {
        self.powers.keys().any(|base| matches!(base, Base::Currency(_)))
    }

    /// With one currency and one span of time for all.
    fn collapsed(&self) -> BTreeMap<Base, i8> {
        let mut powers = BTreeMap::new();
        for (base, power) in &self.powers {
            let one = if let Base::Currency(_) = base { Base::Currency(String::new()) } else { Base::Hours };
            *powers.entry(one).or_insert(0) += power;
        }
        powers.retain(|_, power| *power != 0);
        powers
    }

    fn clash(&self, other: &Dimensions) -> Option<ClashKind> {
        if self.collapsed() != other.collapsed() {
            return Some(ClashKind::Kinds);
        }
        if self.powers == other.powers || self.scaled || other.scaled {
            return None;
        }
        let money = |dimensions: &Dimensions| -> Vec<(Base, i8)> {
            let all = dimensions.powers.iter().filter(|(base, _)| matches!(base, Base::Currency(_)));
            all.map(|(base, power)| (base.clone(), *power)).collect()
        };
        Some(if money(self) == money(other) { ClashKind::Times } else { ClashKind::Currencies })
    }
}

/// `formula`'s quantity, given those of the names in it.
pub fn infer(formula: &Formula, of: impl Fn(&Reference) -> Quantity) -> Inferred {
    let mut walk = Walk { inputs: formula.inputs(), leaves: formula.leaves(), of: &of, next: 0, clashes: Vec::new() };
    let side = walk.side(formula.root());
    Inferred { quantity: side.quantity, clashes: walk.clashes }
}

struct Walk<'a> {
    inputs: &'a [Input],
    leaves: &'a [Leaf],
    of: &'a dyn Fn(&Reference) -> Quantity,
    /// The tree is walked in the order of the text, and the leaves are in it.
    next: usize,
    clashes: Vec<Clash>,
}

impl Walk<'_> {
    fn side(&mut self, expr: &Expr) -> Side {
        let first = self.next;
        let quantity = self.quantity(expr);
        Side { quantity, leaves: first..self.next }
    }

    fn quantity(&mut self, expr: &Expr) -> Quantity {
        match expr {
            Expr::Number(_) => Quantity::Literal,
            Expr::Input(index) => {
                self.next += 1;
                (self.of)(&self.inputs[*index].reference)
            }
            Expr::Neg(inner) => self.quantity(inner),
            Expr::Not(inner) => {
                self.quantity(inner);
                Quantity::Literal
            }
            Expr::Binary(op, left, right) => {
                let is_product = matches!(**right, Expr::Binary(Binary::Mul, ..));
                let (left, right) = (self.side(left), self.side(right));
                if *op == Binary::Sub && is_product {
                    self.allow_union(&left, &right);
                }
                self.binary(op, left, right)
            }
            Expr::If(parts) => {
                self.quantity(&parts[0]);
                self.alike(&parts[1..], "alternatives")
            }
            Expr::Coalesce(choices) => self.alike(choices, "alternatives"),
            Expr::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn binary(&mut self, op: &Binary, left: Side, right: Side) -> Quantity {
        match op {
            Binary::Mul => left.quantity.times(right.quantity, 1),
            Binary::Div { .. } => left.quantity.times(right.quantity, -1),
            Binary::Add => {
                if left.quantity.is_rate() && right.quantity.is_rate() && self.differ(&left, &right) {
                    let (kind, done) = (ClashKind::Rates, "added");
                    self.clashes.push(Clash { kind, done, left, right });
                    // No rate to add to a third: said once.
                    return Quantity::Share;
                }
                self.joined(left, right, "added").quantity
            }
            // What two rates differ by is no rate to add to a third; it is a share of the same whole.
            Binary::Sub if left.quantity.is_rate() && right.quantity.is_rate() => Quantity::Share,
            Binary::Sub => self.joined(left, right, "subtracted").quantity,
            Binary::Rem { .. } => left.quantity,
            Binary::Pow => Quantity::Unknown,
            Binary::Eq | Binary::Ne | Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => {
                self.joined(left, right, "compared");
                Quantity::Literal
            }
            Binary::And | Binary::Or => Quantity::Literal,
        }
    }

    /// `a + b - a * b`, the chance that either happens, adds rates as it should.
    fn allow_union(&mut self, sum: &Side, product: &Side) {
        let name = |leaf: &Leaf| (leaf.reference.clone(), leaf.shift);
        let names = |side: &Side| self.leaves[side.leaves.clone()].iter().map(name).collect::<Vec<_>>();
        let (sum_names, product_names) = (names(sum), names(product));
        if sum_names.len() == product_names.len() && product_names.iter().all(|name| sum_names.contains(name)) {
            self.clashes.retain(|clash| clash.kind != ClashKind::Rates || clash.left.leaves.start < sum.leaves.start);
        }
    }

    /// Whether the sides are about different things; a rate and the same of the week before are judged as well.
    fn differ(&self, left: &Side, right: &Side) -> bool {
        let names = |side: &Side| -> Vec<&Leaf> { self.leaves[side.leaves.clone()].iter().collect() };
        names(left) != names(right)
    }

    fn call(&mut self, function: Function, arguments: &[Expr]) -> Quantity {
        match function {
            Function::Min | Function::Max => self.alike(arguments, "compared"),
            Function::Abs | Function::Round | Function::Floor | Function::Ceil => self.alike(arguments, ""),
            Function::Sqrt | Function::Ln | Function::Exp => {
                arguments.iter().for_each(|argument| drop(self.side(argument)));
                Quantity::Unknown
            }
        }
    }

    fn alike(&mut self, choices: &[Expr], done: &'static str) -> Quantity {
        let sides: Vec<Side> = choices.iter().map(|choice| self.side(choice)).collect();
        let joined = sides.into_iter().reduce(|left, right| self.joined(left, right, done));
        joined.map_or(Quantity::Unknown, |side| side.quantity)
    }

    /// Both as one side, which must count in the same.
    fn joined(&mut self, left: Side, right: Side, done: &'static str) -> Side {
        let leaves = left.leaves.start..right.leaves.end;
        if let Some(kind) = left.quantity.clash(&right.quantity) {
            self.clashes.push(Clash { kind, done, left, right });
            // Said once: what is made of it isn't judged.
            return Side { quantity: Quantity::Unknown, leaves };
        }
        let quantity = match (left.quantity, right.quantity) {
            (Quantity::Unknown, _) | (_, Quantity::Unknown) => Quantity::Unknown,
            (Quantity::Literal, other) | (other, Quantity::Literal) => other,
            (Quantity::Of(a), Quantity::Of(b)) => Quantity::Of(if a.scaled { b } else { a }),
            (Quantity::Rate, Quantity::Share) => Quantity::Share,
            // Who knows which of the two it was.
            (Quantity::Cancelled, Quantity::Count) | (Quantity::Count, Quantity::Cancelled) => Quantity::Unknown,
            (Quantity::Cancelled, share) | (share, Quantity::Cancelled) => share,
            (left, _) => left,
        };
        Side { quantity, leaves }
    }
}

/// For a message: "EUR", "hours", "a count", "USD / EUR".
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Unknown => f.write_str("something unknown"),
            Quantity::Literal => f.write_str("a number"),
            Quantity::Count => f.write_str("a count"),
            Quantity::Rate => f.write_str("a rate"),
            Quantity::Share | Quantity::Cancelled => f.write_str("a share"),
            Quantity::Of(dimensions) => dimensions.fmt(f),
        }
    }
}

impl fmt::Display for Dimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |(base, power): (&Base, &i8)| match power.abs() {
            1 => base.to_string(),
            power => format!("{base}^{power}"),
        };
        let of_sign = |sign: i8| -> Vec<String> {
            self.powers.iter().filter(|(_, power)| power.signum() == sign).map(part).collect()
        };
        let (over, under) = (of_sign(1), of_sign(-1));
        match (over.is_empty(), under.is_empty()) {
            (_, true) => f.write_str(&over.join(" × ")),
            (true, false) => write!(f, "1 / {}", under.join(" / ")),
            (false, false) => write!(f, "{} / {}", over.join(" × "), under.join(" / ")),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Base::Currency(code) => code,
            Base::Minutes => "minutes",
            Base::Hours => "hours",
            Base::Days => "days",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names say what they count in: `s.eur`, `s.hours`; any other is unknown.
    fn inferred(text: &str) -> Inferred {
        let of = |reference: &Reference| {
            let name = reference.to_string();
            let unit = match name.split(['.', '_']).next_back().unwrap() {
                "eur" => Unit::Currency(None),
                "usd" => Unit::Currency(Some("USD".to_owned())),
                "minutes" => Unit::Minutes,
                "hours" => Unit::Hours,
                "days" => Unit::Days,
                "count" => Unit::Count,
                "rate" => Unit::Percent,
                _ => Unit::Number,
            };
            Quantity::of_unit(&unit, "EUR")
        };
        infer(&Formula::parse(text).unwrap(), of)
    }

    #[test]
    fn formula_counts_in_what_its_parts_give() {
        let check = |text: &str, expected: &str| {
            let found = inferred(text);
            assert_eq!((found.quantity.to_string().as_str(), found.clashes), (expected, vec![]), "{text}");
        };
        check("s.eur", "EUR");
        check("(s.eur + b.eur) / s.count", "EUR");
        check("s.eur / b.eur", "a share");
        check("(s.eur - b.eur) / b.eur", "a share");
        check("x_eur / previous(x_eur) - 1", "a share");
        check("s.count / b.count", "a share");
        check("1 - s.count / b.count", "a share");
        check("s.count * x_rate", "a count");
        check("s.count * x_rate * s.eur", "EUR");
        check("max(s.eur, 0) + 100", "EUR");
        check("if(s.count > 10, s.eur / s.count, 0)", "EUR");
        check("coalesce(s.eur, b.eur)", "EUR");
        check("s.usd / s.eur", "USD / EUR");
        check("s.eur * s.eur", "EUR^2");
        check("s.eur / s.hours", "EUR / hours");
        check("s.count / s.eur", "1 / EUR");
        check("abs(a_rate - b_rate)", "a share");
        check("1 - a_rate", "a rate");
        check("-round(s.hours)", "hours");
    }

    #[test]
    fn nothing_is_known_where_something_is_unknown() {
        for text in [
            "s.x",
            "s.eur + s.x",
            "s.x * s.eur",
            "s.usd / s.eur * fx.rate_of_day",
            "s.count * 40",
            "sqrt(s.eur)",
            "s.eur ^ 2",
            "s.count / s.count * 365",
            "(s.count + b.count) / 2",
            "0.4 * a_rate + 0.6 * b_rate",
            "24 / s.hours",
        ] {
            assert_eq!(inferred(text), Inferred { quantity: Quantity::Unknown, clashes: vec![] }, "{text}");
        }
    }

    #[test]
    fn number_in_the_formula_may_convert() {
        for text in [
            "s.hours / 24 + s.days",
            "s.usd * 0.92 + s.eur",
            "min(s.minutes / 60, s.hours)",
            "if(s.usd * 0.9 > s.eur, 1, 0)",
        ] {
            assert_eq!(inferred(text).clashes, vec![], "{text}");
        }
        assert_eq!(inferred("s.usd * 0.92 / s.eur").quantity, Quantity::Cancelled);
        assert!(!inferred("s.usd * 0.92").quantity.has_uncancelled_money());
    }

    #[test]
    fn like_by_like_may_be_a_share_or_a_count() {
        for text in ["s.count - s.eur / b.eur", "s.eur / b.eur + s.count / b.count", "max(s.hours / b.hours, s.count)"]
        {
            assert_eq!(inferred(text).clashes, vec![], "{text}");
        }
        for unit in [Unit::Count, Unit::Percent] {
            let unit = Quantity::of_unit(&unit, "EUR");
            assert_eq!(unit.clash(&inferred("s.eur / b.eur").quantity), None, "{unit}");
        }
        let hours = Quantity::of_unit(&Unit::Hours, "EUR");
        assert_eq!(hours.clash(&inferred("s.eur / b.eur").quantity), Some(ClashKind::Kinds));
        assert_eq!(inferred("s.eur / b.eur + s.eur").clashes.len(), 1);
        assert_eq!(inferred("s.count - s.count / b.count").clashes.len(), 1);
    }

    #[test]
    fn rate_may_convert_money_and_nothing_else() {
        for text in ["s.usd * x_rate + s.eur", "x_rate * s.usd + s.eur", "s.eur + s.usd / x_rate"] {
            let found = inferred(text);
            assert_eq!((found.quantity.to_string().as_str(), found.clashes), ("EUR", vec![]), "{text}");
        }
        assert_eq!(inferred("s.hours * x_rate + s.days").clashes[0].kind, ClashKind::Times);
        assert_eq!(inferred("s.usd * x_rate + s.hours").clashes[0].kind, ClashKind::Kinds);
        assert_eq!(inferred("s.usd * s.count / b.count + s.eur").clashes[0].kind, ClashKind::Currencies);
    }

    #[test]
    fn rates_add_up_less_their_product() {
        for text in ["a_rate + b_rate - a_rate * b_rate", "1 - (a_rate + b_rate - b_rate * a_rate)"] {
            assert_eq!(inferred(text).clashes, vec![], "{text}");
        }
        for text in
            ["a_rate + b_rate - a_rate * c_rate", "a_rate + b_rate - a_rate / b_rate", "a_rate + b_rate - a_rate"]
        {
            assert_eq!(inferred(text).clashes[0].kind, ClashKind::Rates, "{text}");
        }
    }

    #[test]
    fn what_can_not_be_added_is_found_with_both_sides() {
        let check = |text: &str, kind: ClashKind, done: &str, sides: [&str; 2]| {
            let found = inferred(text);
            let [clash] = found.clashes.as_slice() else { panic!("{text}: {found:?}") };
            let names = [&clash.left, &clash.right].map(|side| {
                let formula = Formula::parse(text).unwrap();
                let leaves = formula.leaves()[side.leaves.clone()].iter();
                let names: Vec<String> = leaves.map(|leaf| leaf.reference.to_string()).collect();
                format!("{}: {}", names.join(" "), side.quantity)
            });
            assert_eq!((clash.kind, clash.done, names), (kind, done, sides.map(str::to_owned)), "{text}");
        };
        check("s.eur + s.usd", ClashKind::Currencies, "added", ["s.eur: EUR", "s.usd: USD"]);
        check("s.hours - s.days", ClashKind::Times, "subtracted", ["s.hours: hours", "s.days: days"]);
        check("if(s.hours < s.days, 1, 0)", ClashKind::Times, "compared", ["s.hours: hours", "s.days: days"]);
        check("s.x / s.eur + (s.eur + s.hours)", ClashKind::Kinds, "added", ["s.eur: EUR", "s.hours: hours"]);
        check(
            "s.count - a.count / b.count",
            ClashKind::Kinds,
            "subtracted",
            ["s.count: a count", "a.count b.count: a share"],
        );
        check("a_rate + b_rate", ClashKind::Rates, "added", ["a_rate: a rate", "b_rate: a rate"]);
        check("(a_rate + previous(a_rate)) / 2", ClashKind::Rates, "added", ["a_rate: a rate", "a_rate: a rate"]);
        check("max(s.eur, s.count)", ClashKind::Kinds, "compared", ["s.eur: EUR", "s.count: a count"]);
    }
}
