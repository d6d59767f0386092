//! Why a KPI moved: its change between two periods as exact contributions.
//!
//! *By input*: the Shapley value (Shapley 1953) of each input of the formula, in the game whose players switch from the earlier
//! value to the later one. It is the only split that adds up, treats inputs alike and gives an input that did not move nothing.
//! Exact up to [`EXACT`] inputs that moved; beyond, the mean over up to [`SAMPLES`] pseudo-random orders and their reverses
//! (Castro et al. 2009), each of which adds up by itself; fewer the more inputs there are, within [`EVALUATIONS`].
//!
//! *By segment*: of an additive KPI each segment's own change; of a ratio, what its rate did and what its weight did (mix).

use super::evaluate::sum;
use crate::formula::{Formula, Input, Reason, Value};

/// Inputs up to which every coalition is computed: 2¹² = 4096 evaluations.
pub const EXACT: usize = 12;
/// Pairs of orders drawn when there are more.
pub const SAMPLES: usize = 500;
/// How often the formula is computed for them at the most, so that a sum of hundreds of inputs takes no minutes.
pub const EVALUATIONS: usize = 32_768;

/// A change and what each input contributed to it; the amounts add up to the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Drivers {
    pub change: f64,
    /// Largest first; inputs that did not move are left out.
    pub contributions: Vec<Contribution>,
    /// False when contributions were sampled; they add up all the same.
    pub exact: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    pub input: Input,
    pub from: Value,
    pub to: Value,
    pub amount: f64,
}

/// Splits the change of `formula` from inputs `from` to inputs `to` (both by position in [`Formula::inputs`]).
///
/// # Errors
/// Why there is no change to split: a value is missing at either end, or at a mixture of both.
pub fn decompose(formula: &Formula, from: &[Value], to: &[Value]) -> Result<Drivers, Reason> {
    let moved: Vec<usize> = (0..from.len()).filter(|&i| from[i] != to[i]).collect();
    // The player that an input is, if it moved.
    let mut player = vec![None; from.len()];
    moved.iter().enumerate().for_each(|(place, &i)| player[i] = Some(place));
    let value = |switched: &dyn Fn(usize) -> bool| {
        let value = formula.eval(|i| if player[i].is_some_and(switched) { to[i].clone() } else { from[i].clone() });
        match value {
            Value::Number(number) => Ok(number),
            Value::Missing(reason) => Err(reason),
        }
    };
    let change = value(&|_| true)? - value(&|_| false)?;
    let exact = moved.len() <= EXACT;
    let mut amounts = if exact {
        shapley(moved.len(), |mask| value(&|player| mask >> player & 1 == 1))?
    } else {
        sampled(moved.len(), |switched| value(&|player| switched[player]))?
    };
    settle(&mut amounts, change);
    let mut contributions: Vec<Contribution> = moved
        .iter()
        .zip(amounts)
        .map(|(&i, amount)| Contribution {
            input: formula.inputs()[i].clone(),
            from: from[i].clone(),
            to: to[i].clone(),
            amount,
        })
        .collect();
    contributions.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
    Ok(Drivers { change, contributions, exact })
}

/// Shapley values of `n` players by enumeration; `worth` takes the coalition as a bit mask.
fn shapley(n: usize, worth: impl Fn(usize) -> Result<f64, Reason>) -> Result<Vec<f64>, Reason> {
    let worths: Vec<f64> = (0..1 << n).map(worth).collect::<Result<_, _>>()?;
    // |S|! (n - |S| - 1)! / n!, built up without factorials.
    let mut weights = vec![1.0 / n.max(1) as f64];
    for size in 1..n {
        weights.push(weights[size - 1] * size as f64 / (n - size) as f64);
    }
    let amount = |player: usize| {
        let without = (0..1usize << n).filter(|mask| mask >> player & 1 == 0);
        sum(without.map(|mask| weights[mask.count_ones() as usize] * (worths[mask | 1 << player] - worths[mask])))
    };
    Ok((0..n).map(amount).collect())
}

/// Shapley values of `n` players estimated from random orders and their reverses. The seed is fixed: a report made twice is the same.
fn sampled(n: usize, worth: impl Fn(&[bool]) -> Result<f64, Reason>) -> Result<Vec<f64>, Reason> {
    let samples = (EVALUATIONS / (2 * n)).clamp(1, SAMPLES);
    let mut marginals = vec![Vec::with_capacity(2 * samples); n];
    let mut order: Vec<usize> = (0..n).collect();
    let mut random = SplitMix(n as u64);
    for _ in 0..samples {
        for last in (1..n).rev() {
            order.swap(last, random.below(last + 1));
        }
        for _ in 0..2 {
            let mut switched = vec![false; n];
            let mut before = worth(&switched)?;
            for &player in &order {
                switched[player] = true;
                let after = worth(&switched)?;
                marginals[player].push(after - before);
                before = after;
            }
            order.reverse();
        }
    }
    Ok(marginals.into_iter().map(|list| sum(list) / (2 * samples) as f64).collect())
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, and the same on every machine.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Gives what rounding left over to the largest amount, so that the amounts add up to `change`.
fn settle(amounts: &mut [f64], change: f64) {
    let rest = change - sum(amounts.iter().copied());
    if let Some(largest) = amounts.iter_mut().max_by(|a, b| a.abs().total_cmp(&b.abs())) {
        *largest += rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture::formula;
    use proptest::prelude::*;

    fn numbers(list: &[f64]) -> Vec<Value> {
        list.iter().map(|number| Value::Number(*number)).collect()
    }

    fn amounts(text: &str, from: &[f64], to: &[f64]) -> Vec<(String, f64)> {
        let drivers = decompose(&formula(text), &numbers(from), &numbers(to)).expect("a change");
        drivers.contributions.into_iter().map(|c| (c.input.to_string(), c.amount)).collect()
    }

    #[test]
    fn contributions_are_the_shapley_values() {
        // By hand: spend switches before or after customers, each order counts half.
        let found = amounts("s.spend / c.new", &[800.0, 4.0], &[1000.0, 5.0]);
        assert_eq!(found, [("s.spend".to_owned(), 45.0), ("c.new".to_owned(), -45.0)]);
        let found = amounts("a.x * b.y", &[2.0, 3.0], &[4.0, 5.0]);
        assert_eq!(found, [("a.x".to_owned(), 8.0), ("b.y".to_owned(), 6.0)]);
    }

    #[test]
    fn an_input_that_stood_still_contributed_nothing_and_is_left_out() {
        assert_eq!(amounts("a.x + b.y", &[1.0, 5.0], &[3.0, 5.0]), [("a.x".to_owned(), 2.0)]);
        assert_eq!(amounts("a.x + b.y", &[1.0, 5.0], &[1.0, 5.0]), []);
    }

    #[test]
    fn a_missing_end_or_mixture_has_no_drivers() {
        let why = |from: &[f64], to: &[f64]| {
            let drivers = decompose(&formula("a.x / (b.y - c.z)"), &numbers(from), &numbers(to));
            drivers.expect_err("no change").to_string()
        };
        assert_eq!(why(&[1.0, 2.0, 2.0], &[1.0, 3.0, 2.0]), "b.y - c.z = 0");
        assert_eq!(why(&[1.0, 2.0, 1.0], &[1.0, 4.0, 2.0]), "b.y - c.z = 0");
    }

    #[test]
    fn many_inputs_are_sampled_and_still_add_up() {
        let names: Vec<String> = (0..20).map(|i| format!("s.m{i}")).collect();
        let product = names.chunks(2).map(|pair| pair.join(" * ")).collect::<Vec<_>>().join(" + ");
        let from: Vec<f64> = (0..20).map(f64::from).collect();
        let to: Vec<f64> = (0..20).map(|i| f64::from(i * i % 17)).collect();
        let drivers = decompose(&formula(&product), &numbers(&from), &numbers(&to)).expect("a change");
        assert!(!drivers.exact);
        let total = sum(drivers.contributions.iter().map(|c| c.amount));
        assert!((total - drivers.change).abs() <= 1e-12 * drivers.change.abs());
        // Of a sum of products of two, each input's exact value is known: the mean over both orders of its pair.
        for contribution in &drivers.contributions {
            let i: usize = contribution.input.to_string()[3..].parse().expect("an index");
            let mate = i ^ 1;
            let exact = (to[i] - from[i]) * (from[mate] + to[mate]) / 2.0;
            assert!(
                (contribution.amount - exact).abs() < 0.1 * exact.abs().max(10.0),
                "m{i}: {} ≠ {exact}",
                contribution.amount
            );
        }
    }

    proptest! {
        #[test]
        fn contributions_add_up_to_the_change(
            from in prop::collection::vec(0.1f64..1e6, 5),
            to in prop::collection::vec(0.1f64..1e6, 5),
            shape in prop::sample::select(vec![
                "(a.a + b.b) / c.c", "a.a * b.b / (c.c + d.d) - e.e", "if(a.a > b.b, c.c, d.d) * e.e",
                "a.a / (a.a + b.b + c.c + d.d + e.e)", "sqrt(a.a * b.b) + ln(c.c) - max(d.d, e.e)",
            ]),
        ) {
            let formula = formula(shape);
            let inputs = formula.inputs().len();
            let (from, to) = (numbers(&from[..inputs]), numbers(&to[..inputs]));
            let drivers = decompose(&formula, &from, &to).expect("defined everywhere");
            let total = sum(drivers.contributions.iter().map(|c| c.amount));
            let scale = drivers.contributions.iter().fold(drivers.change.abs(), |m, c| m.max(c.amount.abs()));
            prop_assert!((total - drivers.change).abs() <= 1e-13 * scale, "{} ≠ {}", total, drivers.change);
            // The same change read backwards has the same drivers with the other sign.
            let back = decompose(&formula, &to, &from).expect("defined everywhere");
            for there in &drivers.contributions {
                let again = back.contributions.iter().find(|c| c.input == there.input).expect("moved both ways");
                prop_assert!((there.amount + again.amount).abs() <= 1e-9 * scale);
            }
        }
    }
}
