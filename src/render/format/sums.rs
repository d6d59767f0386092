//! Parts that add up as they are shown.

use super::Format;
use crate::measure::Unit;

impl Format {
    /// The decimals in which `total` and its `parts` are told beside each other.
    pub fn common_decimals(&self, total: f64, parts: &[f64], unit: &Unit, decimals: Option<u8>) -> u8 {
        let largest = parts.iter().fold(total.abs(), |largest, part| largest.max(part.abs()));
        decimals.unwrap_or_else(|| self.decimals(largest, unit))
    }

    /// `parts` of `total` with their signs, rounded so that what is shown adds up to `total` as it is shown: those that rounding moved
    /// furthest give way by one in the last digit (the largest remainder method). All have as many decimals as the largest.
    /// Parts that don't add up to `total` are rounded each by itself.
    pub fn amounts(&self, total: f64, parts: &[f64], unit: &Unit, decimals: Option<u8>) -> Vec<String> {
        let decimals = self.common_decimals(total, parts, unit, decimals);
        let shift = i32::from(decimals) + if *unit == Unit::Percent { 2 } else { 0 };
        let rounded = settled(shifted(total, shift), parts.iter().map(|part| shifted(*part, shift)).collect());
        rounded.into_iter().map(|part| self.amount(shifted(part, -shift), unit, Some(decimals))).collect()
    }
}

/// `number` with its point moved, as its digits say: 0.575 times 100 is 57.49999999999999, and would be rounded the other way than
/// where it is shown by itself.
fn shifted(number: f64, shift: i32) -> f64 {
    format!("{number}e{shift}").parse().unwrap_or(number * 10_f64.powi(shift))
}

/// `parts` as whole numbers that add up to `total` as a whole number.
fn settled(total: f64, parts: Vec<f64>) -> Vec<f64> {
    let mut rounded: Vec<f64> = parts.iter().map(|part| part.round_ties_even()).collect();
    let missing = total.round_ties_even() - rounded.iter().sum::<f64>();
    // More than rounding can explain, or beyond what a float counts by ones.
    if missing.abs() > parts.len() as f64 || total.abs() > 1e15 {
        return rounded;
    }
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let given = |at: &usize| (parts[*at] - parts[*at].round_ties_even()) * missing.signum();
    order.sort_by(|a, b| given(b).total_cmp(&given(a)));
    for at in order.into_iter().take(missing.abs() as usize) {
        rounded[at] += missing.signum();
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn es() -> Format {
        Format::new("es-ES", "EUR").unwrap()
    }

    #[test]
    fn parts_add_up_as_shown() {
        let points = es().amounts(0.029, &[0.0172, 0.0114, 0.0004], &Unit::Percent, Some(1));
        assert_eq!(points, ["+1,7\u{a0}pp", "+1,2\u{a0}pp", "0,0\u{a0}pp"]);
        let euros = es().amounts(-147.0, &[-146.15, -0.85], &Unit::Currency(None), None);
        assert_eq!(euros, ["-146,15\u{a0}€", "-0,85\u{a0}€"]);
        let large = es().amounts(-1200.0, &[-1199.6, -0.4], &Unit::Currency(None), None);
        assert_eq!(large, ["-1200\u{a0}€", "0\u{a0}€"]);
    }

    #[test]
    fn part_is_rounded_as_where_it_stands_alone() {
        let whole = |amount| es().amount(amount, &Unit::Percent, Some(0));
        for amount in [0.575, 0.285, 0.145, -0.555] {
            assert_eq!(es().amounts(amount, &[amount], &Unit::Percent, Some(0)), [whole(amount)]);
        }
    }

    #[test]
    fn parts_of_something_else_are_rounded_by_themselves() {
        assert_eq!(es().amounts(10.0, &[1.4, 2.4], &Unit::Count, None), ["+1", "+2"]);
        assert_eq!(es().amounts(1e300, &[1e300], &Unit::Count, Some(0)).len(), 1);
    }

    proptest! {
        #[test]
        fn whole_parts_add_up(parts in prop::collection::vec(-1e6_f64..1e6, 1..9)) {
            let total: f64 = parts.iter().sum();
            let rounded = settled(total, parts.clone());
            prop_assert_eq!(rounded.iter().sum::<f64>(), total.round_ties_even());
            for (rounded, part) in rounded.iter().zip(&parts) {
                prop_assert!((rounded - part).abs() <= 1.5, "{} became {}", part, rounded);
            }
        }
    }
}
